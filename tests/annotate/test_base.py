"""What is new against a base: a directory or a git revision."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.annotate.base import base_annotations
from sitegen.build.reviewing import read_reviewing
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.errors import SitegenError
from sitegen.model import Annotation
from sitegen.read.annotations import read_annotations
from sitegen.read.bundle import find_places
from tests.annotate.test_git import git
from tests.conftest import Outcome
from tests.factories import ulid, write_run, write_sidecar

SETTINGS = Settings(prices={})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A commit with three annotations; then one is changed, one removed, one added."""
    root = tmp_path / "repository"
    bundle = write_run(root / "runs" / "a")
    write_run(root / "others" / "b")
    paths = [write_sidecar(bundle, number) for number in (1, 2, 3)]
    write_sidecar(root / "others" / "b", 9)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    assert git(root, "commit", "-qm", "first") == 0
    shutil.copytree(root / "runs", tmp_path / "before")
    paths[0].write_text(paths[0].read_text() + "\n")
    paths[1].unlink()
    write_sidecar(bundle, 4)
    return root


def annotations(bundle: Path) -> tuple[Annotation, ...]:
    files = sorted(f"annotations/{path.name}" for path in (bundle / "annotations").iterdir())
    return read_annotations(bundle, files, SETTINGS.limits, lambda _: None)


@pytest.mark.parametrize("named", ["HEAD", "before"])
def test_new_changed_and_removed_ones_are_known(
    repository: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository.parent)
    runs = repository / "runs"
    said = annotations(runs / "a")

    base = base_annotations(named, [runs], SETTINGS)
    reviewing = read_reviewing([runs], SETTINGS, base)
    (place,) = find_places([runs], ()).places

    assert reviewing.changes(place, "a", said) == {ulid(1): "changed", ulid(4): "new"}


def test_the_page_says_what_changed_since_the_base(
    repository: Path, sitegen: Callable[..., Outcome], tmp_path: Path
) -> None:
    done = sitegen("build", repository / "runs", "-o", tmp_path / "site", "--base", "HEAD")
    again = sitegen("build", repository / "runs", "-o", tmp_path / "site")

    assert done.code == again.code == 0
    assert "(nothing changed)" not in again.out
    page = (tmp_path / "site" / "annotations.html").read_text()
    assert "since HEAD" not in page
    sitegen("build", repository / "runs", "-o", tmp_path / "site", "--base", "HEAD")
    page = (tmp_path / "site" / "annotations.html").read_text()
    assert "1 new, 1 changed, 1 removed since HEAD" in page
    assert "New 1" in page
    assert '<span class="sg-fold__note">1 since HEAD</span>' in page
    assert f'id="annotation-{ulid(2)}"' in page


def test_the_page_names_what_was_removed_from_runs_of_which_nothing_is_said_now(
    repository: Path, sitegen: Callable[..., Outcome], tmp_path: Path
) -> None:
    build = ("build", repository / "runs", "-o", tmp_path / "site", "--base", "HEAD")
    sitegen(*build)
    shutil.rmtree(repository / "runs" / "a" / "annotations")
    sitegen(*build)

    page = (tmp_path / "site" / "annotations.html").read_text()
    run = (tmp_path / "site" / "runs" / f"{slug('a')}.html").read_text()

    assert "none yet · 0 new, 0 changed, 3 removed since HEAD" in page
    for number in (1, 2, 3):
        assert f'id="annotation-{ulid(number)}"' in page
        assert f'id="annotation-{ulid(number)}"' in run


@pytest.mark.parametrize("named", ["HEAD", "before", "copy"])
def test_what_was_removed_from_a_run_is_known(
    repository: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(repository.parent / "before", repository.parent / "copy" / "runs")
    monkeypatch.chdir(repository.parent)
    runs = repository / "runs"
    said = annotations(runs / "a")

    reviewing = read_reviewing([runs], SETTINGS, base_annotations(named, [runs], SETTINGS))
    (place,) = find_places([runs], ()).places
    since = reviewing.since(place, "a", said)

    assert since is not None
    assert [one.id for one in since.removed] == [ulid(2)]


def test_annotations_beside_the_runs_have_a_base_too(tmp_path: Path) -> None:
    runs, folder = tmp_path / "runs", tmp_path / "said" / slug("e/a")
    write_run(runs / "e" / "a")
    for number in (1, 2):
        write_sidecar(tmp_path / "scratch", number)
    shutil.copytree(tmp_path / "scratch" / "annotations", folder)
    shutil.copytree(tmp_path / "said", tmp_path / "before")
    (folder / f"{ulid(1)}.json").unlink()
    settings = replace(SETTINGS, annotations_dir=tmp_path / "said")

    base = base_annotations(str(tmp_path / "before"), [runs], settings)
    (place,) = find_places([runs], ()).places
    since = read_reviewing([runs], settings, base).since(place, "e/a", ())

    assert since is not None
    assert {one.id for one in since.removed} == {ulid(1), ulid(2)}


def test_a_run_page_says_what_changed_and_is_made_again_only_for_another_base(
    repository: Path, sitegen: Callable[..., Outcome], tmp_path: Path
) -> None:
    build = ("build", repository / "runs", "-o", tmp_path / "site")
    write_run(repository / "runs" / "b")
    sitegen(*build)
    first = pages(tmp_path / "site")
    sitegen(*build, "--base", "HEAD")
    against = pages(tmp_path / "site")
    sitegen(*build, "--base", "HEAD")
    again = pages(tmp_path / "site")
    clean = tmp_path / "clean"
    sitegen("build", repository / "runs", "-o", clean, "--base", "HEAD")
    sitegen(*build)
    after = pages(tmp_path / "site")

    assert again == against
    assert {name: text for name, (text, _) in against.items()} == {
        name: text for name, (text, _) in pages(clean).items()
    }
    (annotated,) = [name for name in first if name.startswith("a-")]
    (other,) = [name for name in first if name.startswith("b-")]
    assert against[other] == first[other]  # not even written
    text = against[annotated][0]
    assert "1 removed since HEAD" in text
    assert f'"id":"{ulid(2)}","key":"run","kind":"feedback"' in text
    assert f'"changes":{{"{ulid(1)}":"changed","{ulid(4)}":"new"}}' in text
    assert after[annotated][0] == first[annotated][0]


def pages(site: Path) -> dict[str, tuple[str, int]]:
    """Text and inode of the pages of runs."""
    found = sorted((site / "runs").glob("*.html"))
    return {path.name: (path.read_text(), path.stat().st_ino) for path in found}


def test_a_name_that_is_neither_is_refused(repository: Path) -> None:
    with pytest.raises(SitegenError, match="names no commit"):
        base_annotations("no-such-branch", [repository / "runs"], SETTINGS)


def test_the_csv_says_who_committed_and_what_changed_where_that_is_known(
    repository: Path, sitegen: Callable[..., Outcome], tmp_path: Path
) -> None:
    runs = repository / "runs"
    (repository / "sitegen.toml").write_text("[site]\ngit_authors = true\n")
    git(repository, "add", "-u")
    git(repository, "commit", "-qm", "second", "--author", "=cmd <x@example.org>")
    sitegen("build", runs, "-o", tmp_path / "plain")
    config = ("--config", repository / "sitegen.toml")
    sitegen("build", runs, "-o", tmp_path / "told", *config, "--base", "HEAD~1")

    plain = csv_rows(tmp_path / "plain" / "annotations.csv")
    told = {row["id"]: row for row in csv_rows(tmp_path / "told" / "annotations.csv")}

    assert not {"committed_by", "change"} & plain[0].keys()
    changed = told[ulid(1)]
    assert (changed["committed_by"], changed["changed_by"]) == ("mara", "'=cmd")
    assert (len(changed["commit"]), len(changed["changed_commit"])) == (40, 40)
    assert changed["commit"] != changed["changed_commit"]
    assert changed["committed_at"] <= changed["changed_at"]
    assert (told[ulid(4)]["committed_by"], told[ulid(4)]["commit"]) == ("", "")
    assert {id: row["change"] for id, row in told.items()} == {
        ulid(1): "changed", ulid(3): "", ulid(4): "new",
    }  # fmt: skip


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))
