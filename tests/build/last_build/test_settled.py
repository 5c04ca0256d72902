"""A build in which only the insides of bundles changed looks at nothing else, and ends the same."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.last_build.scan import Look
from sitegen.build.last_build.state import LastBuild
from sitegen.build.reviewing import Base, base_of
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents
from tests.factories import write_experiment_file, write_file, write_run, write_sidecar

DECODED: list[str] = []


def build(
    root: Path, site: str = "out/site", base_annotations: Base | None = None, **given: object
) -> BuildResult:
    return build_site(
        [root / "runs"],
        root / site,
        Settings(**({"prices": {}} | given)),
        workers=1,
        progress=QuietProgress(),
        cache_directory=root / f"{site}-cache",
        base_annotations=base_annotations,
    )


def run(root: Path, place: str, **fields: object) -> Path:
    experiment, _, _ = place.partition("/")
    plain = {"experiment": experiment, "datasets": [], "models": []}
    return write_run(root / "runs" / place, **(plain | fields))


def age(root: Path) -> None:
    """Let all inputs be so old that their stats tell."""
    for path in [root, *root.rglob("*")]:
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three experiments of two runs each, built; what is decoded of the last build is recorded.

    Files count as old enough for their stats to tell, for which a user would have to wait 2 s.
    """
    for module in ("inputs", "new_scan"):
        monkeypatch.setattr(f"sitegen.build.last_build.{module}.RACY_NS", -(10**18))
    for name in ("a/1", "a/2", "b/1", "b/2", "c/1", "c/2"):
        run(tmp_path, name)
    (tmp_path / "runs" / "c" / "2" / "stray.txt").write_text("belongs nowhere")
    write_experiment_file(tmp_path / "runs" / "b", 'title = "Bees"\n')
    age(tmp_path / "runs")
    build(tmp_path)
    DECODED.clear()
    original = LastBuild.runs_of

    def recorded(self: LastBuild, experiment: str) -> object:
        DECODED.append(experiment)
        return original(self, experiment)

    monkeypatch.setattr(LastBuild, "runs_of", recorded)
    return tmp_path


def rerun(root: Path, place: str, **fields: object) -> None:
    """Write run.json of the bundle again."""
    (root / "runs" / place / "run.json").unlink()
    run(root, place, **fields)


def assert_clean(root: Path, **given: Any) -> None:
    """The site is what a build from nothing makes, and so is what the next build makes of it."""
    shutil.rmtree(root / "clean", ignore_errors=True)
    build(root, "clean/site", **given)
    assert contents(root / "clean" / "site") == contents(root / "out" / "site")


def test_an_edited_run_decodes_its_own_experiment_and_those_with_problems(root: Path) -> None:
    rerun(root, "a/2", params={"lr": 0.5})

    result = build(root)

    assert set(DECODED) == {"a", "c"}
    assert list(result.reasons) == ["a/2"]
    assert result.run_counts == {"a": 2, "b": 2, "c": 2}
    assert [one for one, found in result.problems.items() if found] == ["c/2"]
    assert result.shown_paths["c/2"] == str(root / "runs" / "c" / "2")
    assert result.written.files == len(contents(root / "out" / "site"))
    assert_clean(root)


def test_edits_follow_each_other(root: Path) -> None:
    for value, name in enumerate(("a/2", "b/1", "a/1", "c/2", "a/2")):
        rerun(root, name, params={"lr": value})
        assert list(build(root).reasons) == [name]

    assert_clean(root)
    assert build(root).written.changed == 0


def _moved(root: Path) -> None:
    rerun(root, "a/1", experiment="b")


def _into_new(root: Path) -> None:
    rerun(root, "a/1", experiment="new")


def _last_of_experiment(root: Path) -> None:
    rerun(root, "a/1", experiment="c")
    rerun(root, "a/2", experiment="c")


def _other_id(root: Path) -> None:
    rerun(root, "a/1", id="another")


def _same_id(root: Path) -> None:
    rerun(root, "a/1", id="b/1")


def _no_bundle(root: Path) -> None:
    (root / "runs" / "a" / "1" / "run.json").unlink()


def _parent(root: Path) -> None:
    rerun(root, "a/1", parent="b/1")


def _dataset(root: Path) -> None:
    for name in ("a/1", "b/2"):
        rerun(root, name, datasets=[{"name": "data", "digest": "sha256:1"}])


def _annotation(root: Path) -> None:
    write_sidecar(root / "runs" / "b" / "2", 7, target={"type": "run"})


def _later_year(root: Path) -> None:
    rerun(root, "a/1", started_at="2031-01-01T00:00:00Z", ended_at="2031-01-01T01:00:00Z")


def _added(root: Path) -> None:
    run(root, "a/0")


def _removed(root: Path) -> None:
    shutil.rmtree(root / "runs" / "a" / "1")


def _experiment_file(root: Path) -> None:
    write_experiment_file(root / "runs" / "b", 'title = "Wasps"\n')


def _file_added(root: Path) -> None:
    write_file(root / "runs" / "b" / "2", "notes.md", "# Notes\n")


CHANGES = (
    _moved, _into_new, _last_of_experiment, _other_id, _same_id, _no_bundle, _parent, _dataset,
    _annotation, _later_year, _added, _removed, _experiment_file, _file_added,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__[1:])
def test_what_concerns_other_runs_is_told_on_their_pages(
    root: Path, change: Callable[[Path], None]
) -> None:
    change(root)

    build(root)

    assert_clean(root)
    rerun(root, "b/1", params={"lr": 7})  # what the build before kept is as true
    assert [one.removesuffix("~2") for one in build(root).reasons] == ["b/1"]
    assert_clean(root)


def test_lineage_of_other_experiments_is_known_without_them(root: Path) -> None:
    _dataset(root)
    rerun(root, "c/1", parent="b/2")
    build(root)
    rerun(root, "c/2", parent="c/1", status="failed")
    rerun(root, "b/2", datasets=[{"name": "data", "digest": "sha256:1"}], name="another name")

    build(root)

    assert_clean(root)


def test_another_theme_changes_every_page(root: Path) -> None:
    rerun(root, "a/1", params={"lr": 3})

    build(root, title="Another title")

    assert_clean(root, title="Another title")


def test_a_site_against_a_base_is_not_taken_for_one_without(root: Path) -> None:
    write_sidecar(root / "runs" / "b" / "2", 7, target={"type": "run"})
    build(root)
    base = base_of("nothing", {})
    build(root, base_annotations=base)
    rerun(root, "a/1", params={"lr": 3})

    build(root)

    assert_clean(root)
    rerun(root, "a/2", params={"lr": 3})
    build(root, base_annotations=base)
    assert_clean(root, base_annotations=base)


def test_a_young_file_is_read_again_though_its_stat_is_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    build(root)
    path = root / "runs" / "a" / "2" / "run.json"
    stat = path.stat()
    path.write_text(path.read_text().replace('"format": 1', '"format":1 '))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert list(build(root).reasons) == ["a/2"]
    assert_clean(root)


def test_the_kept_scan_is_that_of_a_look_at_everything(root: Path) -> None:
    rerun(root, "b/1", params={"lr": 5})
    write_file(root / "runs" / "b" / "1", "notes.md", "# More\n")
    build(root)
    [kept] = (root / "out").glob("site-cache/scan-*")

    look = Look(kept.read_bytes(), kept.name)
    look.again()

    assert look.is_whole()
    assert look.changed_bundles() == []
    assert look.has_same_outputs()
    starts = [os.fsdecode(look.scan.paths[start]) for start in look.scan.starts]
    assert starts == [str(root / "runs" / name) for name in
                      ("a/1", "a/2", "b/1", "b/2", "c/1", "c/2")]  # fmt: skip
