"""What is new against a base: a directory or a git revision."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.annotate.base import base_annotations
from sitegen.build.reviewing import read_reviewing
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


def test_a_name_that_is_neither_is_refused(repository: Path) -> None:
    with pytest.raises(SitegenError, match="names no commit"):
        base_annotations("no-such-branch", [repository / "runs"], SETTINGS)
