"""A build does only what changed, and ends with the same bytes as a build from nothing."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.build.cache.entries import CacheError, locked
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents
from tests.factories import (
    write_experiment_file,
    write_file,
    write_full_run,
    write_journal,
    write_run,
    write_sidecar,
)

DATA_FOLDERS = ("metrics", "traces", "evals", "attachments")
opened: list[str] = []
_hook: dict[str, bool] = {"on": False, "added": False}


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _hook["on"] and event == "open" and isinstance(arguments[0], str):
        opened.append(arguments[0])


@contextmanager
def recorded_opens(below: Path) -> Iterator[list[str]]:
    """Files of bundles opened meanwhile, as experiment/bundle/file below *below*."""
    if not _hook["added"]:
        sys.addaudithook(_audit)  # cannot be removed again, so it is switched
        _hook["added"] = True
    opened.clear()
    found: list[str] = []
    _hook["on"] = True
    try:
        yield found
    finally:
        _hook["on"] = False
        inside = {
            str(Path(path).relative_to(below)) for path in opened if path.startswith(f"{below}/")
        }
        found += sorted(path for path in inside if path.count("/") > 1)


def build(root: Path, site: str = "site", **given: Any) -> BuildResult:
    return build_site(
        [root / "runs"],
        root / site,
        Settings(**({"prices": {}} | given)),
        workers=1,
        progress=QuietProgress(),
        cache_directory=root / f"{site}-cache",
    )


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two full runs of one experiment and one small one of another, built.

    Files count as old enough for their stats to tell, for which a user would have to wait 2 s.
    """
    monkeypatch.setattr("sitegen.build.last_build.inputs.RACY_NS", -(10**18))
    for name in ("a", "b"):
        write_full_run(tmp_path / "runs" / "sweep" / name, id=f"sweep/{name}", experiment="sweep")
    write_run(tmp_path / "runs" / "other" / "c", id="other/c", experiment="other")
    build(tmp_path)
    return tmp_path


def test_a_second_build_opens_no_file_of_a_bundle_and_writes_nothing(root: Path) -> None:
    build(root)
    before = {path: path.stat().st_mtime_ns for path in (root / "site").rglob("*")}

    with recorded_opens(root / "runs") as found:
        result = build(root)

    assert found == []
    assert (result.reasons, result.rendered, result.written.changed) == ({}, (), 0)
    assert {path: path.stat().st_mtime_ns for path in (root / "site").rglob("*")} == before


def test_an_annotation_opens_no_data_file(root: Path) -> None:
    build(root)
    write_sidecar(root / "runs" / "sweep" / "a", 77, target={"type": "run"})

    with recorded_opens(root / "runs") as found:
        result = build(root)

    assert not [path for path in found if path.split("/")[2].startswith(DATA_FOLDERS)]
    assert [path for path in found if path.startswith("sweep/b")] == []
    assert list(result.reasons) == ["sweep/a"]
    assert result.reasons["sweep/a"].endswith(".json added")
    assert "annotations.html" in result.rendered


def test_the_page_of_annotations_is_kept_while_nobody_says_anything_new(root: Path) -> None:
    build(root)
    (root / "runs" / "other" / "c" / "notes.md").write_text("Changed.")

    result = build(root)

    assert result.rendered
    assert "annotations.html" not in result.rendered


@pytest.mark.parametrize("name", ["experiment.toml", "notes.md"])
def test_a_file_of_the_experiment_opens_no_data_file(root: Path, name: str) -> None:
    write_experiment_file(root / "runs" / "sweep", 'name = "sweep"\ntitle = "A"\n')
    build(root)
    build(root)
    text = 'name = "sweep"\ntitle = "Another title"\n' if name.endswith("toml") else "# Seen"
    write_file(root / "runs" / "sweep", name, text)

    with recorded_opens(root / "runs") as found:
        result = build(root)

    assert found == []
    assert result.reasons == {}
    assert not any(path.startswith("runs/") for path in result.rendered)
    assert any(path.startswith("experiments/sweep") for path in result.rendered)


def test_a_change_of_title_renders_all_pages_and_opens_no_data_file(root: Path) -> None:
    build(root)

    with recorded_opens(root / "runs") as found:
        result = build(root, title="Another title")

    assert not [path for path in found if path.split("/")[2].startswith(DATA_FOLDERS)]
    assert sum(path.startswith("runs/") and path.endswith(".html") for path in result.rendered) == 3


def test_another_price_derives_the_runs_with_traces_again(root: Path) -> None:
    prices = {"m-1": {"input": 2.0, "output": 10.0}}
    build(root, prices=prices)
    prices["m-1"] = {"input": 4.0, "output": 20.0}

    result = build(root, prices=prices)

    assert set(result.reasons) == {"sweep/a", "sweep/b"}
    build(root, "clean", prices=prices)
    assert contents(root / "site") == contents(root / "clean")


def test_one_changed_part_leaves_the_other_parts_closed(root: Path) -> None:
    build(root)
    write_journal(
        root / "runs" / "sweep" / "a", [{"seq": 1, "step": 1, "values": {"x": 1}}], writer="late"
    )

    with recorded_opens(root / "runs") as found:
        build(root)

    parts = {path.split("/")[2] for path in found if path.startswith("sweep/a/")}
    assert parts <= {"run.json", "notes.md", "metrics", "metrics.parquet", "annotations"}
    assert any(path.startswith("sweep/a/metrics") for path in found)


def test_an_output_file_that_went_missing_is_made_again(root: Path) -> None:
    before = contents(root / "site")
    for path in [next((root / "site" / "data").rglob("*.js")), root / "site" / "index.html"]:
        path.unlink()
    shutil.rmtree(root / "site" / "files")

    build(root)

    assert contents(root / "site") == before


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "removed"])
def test_a_damaged_cache_is_not_trusted(root: Path, damage: str) -> None:
    before = contents(root / "site")
    for path in (root / "site-cache").rglob("*"):
        if path.is_file() and not path.name.startswith((".git", "lock-")):
            content = path.read_bytes()
            spoilt = {"cut": content[:-3], "changed": content[:-1] + b"\0", "emptied": b""}
            path.unlink() if damage == "removed" else path.write_bytes(spoilt[damage])
    write_file(root / "runs" / "sweep" / "a", "notes.md", "changed")
    build(root)
    write_file(root / "runs" / "sweep" / "a", "notes.md", "# As before")
    build(root)
    _clean_build(root)

    assert contents(root / "site") == contents(root / "clean")
    assert set(contents(root / "site")) == set(before)


def test_going_back_to_earlier_files_goes_back_to_the_earlier_bytes(root: Path) -> None:
    """An attachment's name in the site is that of its path: its content must not be mistaken."""
    attachment = next((root / "runs" / "sweep" / "a" / "attachments").glob("*"))
    first = attachment.read_bytes()
    before = contents(root / "site")
    attachment.write_bytes(bytes(byte ^ 1 for byte in first))
    build(root)
    attachment.write_bytes(first)

    build(root)

    assert contents(root / "site") == before


def test_a_build_that_was_killed_while_it_put_pages_in_place_is_mended(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = root / "runs" / "sweep" / "a" / "run.json"
    text = document.read_text()
    before = contents(root / "site")
    document.write_text(text.replace('"maria"', '"marla"'))
    with monkeypatch.context() as patched:
        patched.setattr("sitegen.build.site.remember", _die)
        with pytest.raises(ZeroDivisionError):
            build(root)
    document.write_text(text)

    build(root)

    assert contents(root / "site") == before


def test_an_edit_that_sets_size_and_time_back_is_seen(root: Path) -> None:
    """As `rsync -t` or `touch -r` leave a file: only the inode's change time tells."""
    notes = root / "runs" / "sweep" / "a" / "notes.md"
    build(root)
    stat, text = notes.stat(), notes.read_text()
    notes.write_text(text[::-1])
    os.utime(notes, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    result = build(root)

    assert result.reasons == {"sweep/a": "notes.md changed"}


def test_a_sidecar_outside_of_the_bundle_is_an_input(root: Path) -> None:
    folder = root / "reviews" / slug("sweep/a")
    build(root, annotations_dir=root / "reviews")
    sidecar = write_sidecar(folder.parent / "x", 80, target={"type": "run"}, name="seen_elsewhere")
    folder.mkdir(parents=True)
    sidecar.rename(folder / sidecar.name)

    result = build(root, annotations_dir=root / "reviews")

    assert list(result.reasons) == ["sweep/a"]
    page = (root / "site" / "runs" / f"{slug('sweep/a')}.html").read_text()
    assert "seen_elsewhere" in page


def test_two_builds_at_once_are_told_apart(root: Path) -> None:
    with (
        locked(root / "site-cache", root / "site"),
        pytest.raises(CacheError, match="another build is writing"),
    ):
        build(root)


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["tag", "note", "metric", "sidecar", "remove", "copy", "rename"]),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=EDITS)
def test_any_sequence_of_edits_ends_with_the_bytes_of_a_clean_build(
    edits: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("edits")
    for name in "abc":
        write_full_run(root / "runs" / "sweep" / name, id=None, experiment="sweep")
    build(root)
    for number, (edit, which) in enumerate(edits):
        bundles = sorted(path.parent for path in (root / "runs").rglob("run.json"))
        _EDITS[edit](bundles[which % len(bundles)], number, len(bundles))

        build(root)

        _clean_build(root)
        assert contents(root / "site") == contents(root / "clean")


def _tag(bundle: Path, number: int, _count: int) -> None:
    document = json.loads((bundle / "run.json").read_text())
    (bundle / "run.json").write_text(json.dumps(document | {"tags": [f"t{number}"]}))


def _remove(bundle: Path, _number: int, count: int) -> None:
    if count > 1:
        shutil.rmtree(bundle)


_EDITS: dict[str, Callable[[Path, int, int], object]] = {
    "tag": _tag,
    "note": lambda bundle, number, _: write_file(bundle, "notes.md", f"# {number}"),
    "metric": lambda bundle, number, _: write_journal(
        bundle, [{"seq": 1, "step": number, "values": {"late": number}}], writer=f"w{number}"
    ),
    "sidecar": lambda bundle, number, _: write_sidecar(bundle, 50 + number, target={"type": "run"}),
    "remove": _remove,
    "copy": lambda bundle, number, _: shutil.copytree(
        bundle, bundle.with_name(f"{bundle.name}-{number}")
    ),
    "rename": lambda bundle, number, _: bundle.rename(bundle.with_name(f"r{number}")),
}


def _die(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def _clean_build(root: Path) -> None:
    for name in ("clean", "clean-cache"):
        shutil.rmtree(root / name, ignore_errors=True)
    build(root, "clean")
