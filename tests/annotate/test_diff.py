"""Differences of annotations between real git revisions, and between directories."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.annotate import add_annotation, diff_annotations, edit_annotation, remove_annotation
from sitegen.annotate.revisions import contents, sidecars_at
from sitegen.cli.annotate_diff import diff_markdown
from sitegen.errors import SitegenError
from sitegen.read.annotations import SIDECAR_BYTES
from tests.annotate.test_git import git
from tests.factories import sample_document, write_eval, write_run

TARGET = {"type": "sample", "eval": "e", "sample_id": "q-1", "epoch": 1}
HOSTILE = "```\n<script>alert(1)</script> @everyone | `x`"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: one annotation added, one edited, one removed, one as it was."""
    root = tmp_path / "repository"
    bundle = write_run(root / "runs" / "a", id="a")
    write_eval(bundle, [sample_document(id="q-1", output=HOSTILE)], name="e")
    first = [
        add_annotation(bundle, {"name": name, "value": True, "target": TARGET, "user": "mara"})
        for name in ("kept", "edited", "removed")
    ]
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    assert git(root, "commit", "-qm", "first") == 0
    shutil.copytree(root, tmp_path / "before")
    edit_annotation(first[1].stem, {"value": False}, (bundle,))
    remove_annotation(first[2].stem, (bundle,))
    said = {"name": "kept", "value": False, "target": TARGET, "user": "jo", "rationale": HOSTILE}
    add_annotation(bundle, said)
    git(root, "add", ".")
    assert git(root, "commit", "-qm", "second") == 0
    return root


def kinds(found: Any) -> dict[str, tuple[bool, bool]]:
    return {one.said.name: (one.before is not None, one.after is not None) for one in found.changes}


def test_revisions_and_directories_differ_alike(repository: Path) -> None:
    by_commit = diff_annotations("HEAD~1", "HEAD", directory=repository)
    by_folder = diff_annotations(str(repository.parent / "before"), str(repository))

    assert kinds(by_commit) == {
        "edited": (True, True), "removed": (True, False), "kept": (False, True)
    }  # fmt: skip
    assert by_folder == by_commit


def test_agreement_is_that_of_before_and_after(repository: Path) -> None:
    before, after = diff_annotations("HEAD~1", "HEAD", directory=repository).agreement["kept"]

    assert (before.n, after.n, after.agreed) == (0, 1, 0)


def test_judged_text_is_quoted_as_code(repository: Path) -> None:
    text = diff_markdown(diff_annotations("HEAD~1", "HEAD", directory=repository))

    outside = []
    fence = None
    for line in text.split("\n"):
        if fence is None and line.startswith("```"):
            fence = line.removesuffix("text")
        elif line == fence:
            fence = None
        elif fence is None:
            outside.append(line)
    assert "<script>alert(1)</script> @everyone" in text
    assert not any("@everyone" in line or "<script" in line for line in outside)


def test_a_revision_that_looks_like_an_option_is_none(repository: Path, tmp_path: Path) -> None:
    target = tmp_path / "written"

    with pytest.raises(SitegenError, match="names no commit"):
        diff_annotations(f"--output={target}", "HEAD", directory=repository)

    assert not target.exists()


def test_hooks_and_settings_of_the_repository_are_not_run(repository: Path) -> None:
    trap = repository.parent / "trap"
    for name in ("core.fsmonitor", "diff.external", "core.pager", "core.sshCommand"):
        git(repository, "config", name, f"touch {trap}")

    diff_annotations("HEAD~1", "HEAD", directory=repository)

    assert not trap.exists()


def test_a_link_in_a_commit_is_no_sidecar(repository: Path) -> None:
    folder = repository / "runs" / "a" / "annotations"
    name = "01KB3Q7ZM4V0A1B2C3D4E5F6G8.json"
    (folder / name).symlink_to("/etc/hostname")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "link")

    assert diff_annotations("HEAD~1", "HEAD", directory=repository).changes == ()


def test_the_command_prints_markdown_and_json(
    repository: Path, sitegen: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)

    text = sitegen("annotate", "diff", "HEAD~1..HEAD")
    document = sitegen("annotate", "diff", "HEAD~1..", "--json")

    assert text.out.startswith("## Annotations: 1 added, 1 changed, 1 removed\n")
    assert [one["name"] for one in json.loads(document.out)["added"]] == ["kept"]
    assert (text.code, document.code) == (0, 0)
    assert sitegen("annotate", "diff", "HEAD~1").code == 2


def test_a_sidecar_that_is_too_long_is_not_read_but_told(repository: Path) -> None:
    folder = repository / "runs" / "a" / "annotations"
    (folder / "01KB3Q7ZM4V0A1B2C3D4E5F6G8.json").write_text(" " * (SIDECAR_BYTES + 1))
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "long")
    at_head = contents(repository, sidecars_at(repository, "HEAD"))

    found = diff_annotations("HEAD~1", "HEAD", directory=repository)

    assert [name[-8:] for name, content in at_head.items() if not content] == ["6G8.json"]
    assert [problem.code for problem in found.problems] == ["annotation-invalid"]
    assert found.changes == ()


def test_a_partial_clone_that_lacks_them_is_told(repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    done = git(
        tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", repository.as_uri(),
        str(clone),
    )  # fmt: skip
    assert done == 0

    with pytest.raises(SitegenError, match="does not hold all sidecars") as raised:
        diff_annotations("HEAD~1", "HEAD", directory=clone)

    assert "partial clone" in str(raised.value.hint)
