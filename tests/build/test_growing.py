"""Files that change and sites that are written while a build reads: nothing wrong is kept."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.build.cache.entries import Cache, CacheError
from sitegen.build.cache.parts import PartCache, files_by_path
from sitegen.build.output.sink import StagedSink
from sitegen.build.parts import PartInput
from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.bundle.settings import Settings
from sitegen.derive.metrics.part import MetricsFacts
from sitegen.derive.traces import store
from sitegen.derive.traces.part import TracesFacts
from sitegen.read.bundle import Bundle, find_places, list_bundle
from tests.conftest import contents
from tests.factories import record, write_full_run, write_journal, write_run

JOURNAL = "metrics/rank-0.jsonl"


@dataclasses.dataclass
class Meanwhile:
    """Does something when a stage of a build begins, once."""

    acts: dict[str, Callable[[], object]]
    """What to do by stage."""

    def stage(self, name: str, total: int) -> None:
        """See `Progress`."""
        del total
        self.acts.pop(name, int)()

    def step(self, name: str) -> None:
        """See `Progress`."""
        self.acts.pop(name, int)()


def build(root: Path, output: str = "site", **acts: Callable[[], object]) -> BuildResult:
    named = {name.replace("_", " "): act for name, act in acts.items()}
    return build_site(
        [root / "runs"], root / output, Settings(prices={}), workers=1,
        progress=Meanwhile(named), cache_directory=root / f"{output}-cache",
    )  # fmt: skip


def listed_bundle(root: Path) -> Bundle:
    return list_bundle(find_places([root / "runs"], ()).places[0])


def counts(root: Path, staging: str, digest: str, *, listed_now: bool = True) -> tuple[int, bool]:
    """Points that a part has which is taken under *digest*, and whether its file stood still."""
    bundle = listed_bundle(root)
    listed = files_by_path(bundle)
    if not listed_now:
        listed = {path: one._replace(mtime_ns=1) for path, one in listed.items()}
    parts = PartCache(
        Cache(root / "cache"), "base", {JOURNAL: digest}, places=(root / staging,), present={},
        listed=listed,
    )  # fmt: skip
    given = PartInput(
        root=bundle.root, files=(JOURNAL,), limits=DEFAULT_LIMITS, run_id="a", experiment="e",
        summary={}, annotated_steps={},
    )  # fmt: skip
    sink = StagedSink(root / staging, "a", bundle.root)
    facts: MetricsFacts = parts.take("metrics", given, sink, pytest.fail)
    return facts.points, parts.is_settled


def test_what_was_read_from_a_changing_file_is_for_this_build_alone(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    journal = write_journal(bundle, [record(1, 1, loss=0.5)])
    before = journal.read_bytes()
    digest = hashlib.sha256(before).hexdigest()
    write_journal(bundle, [record(seq, seq, loss=0.5) for seq in (1, 2, 3)])  # after it was hashed

    assert counts(tmp_path, "first", digest, listed_now=False) == (3, False)
    assert counts(tmp_path, "first", digest) == (3, False)  # its page says what its card says
    journal.write_bytes(before)
    assert counts(tmp_path, "second", digest) == (1, True)
    shutil.rmtree(bundle / "metrics")
    assert counts(tmp_path, "second", digest) == (1, True)


def test_shares_of_traces_are_joined_without_reading_the_files_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LARGE_BYTES", 1)
    bundle = write_full_run(tmp_path / "runs" / "a")
    (path,) = (file for file in files_by_path(listed_bundle(tmp_path)) if "traces/" in file)

    def parts() -> tuple[PartCache, PartInput, StagedSink]:
        cache = PartCache(
            Cache(tmp_path / "cache"), "base", {path: "digest"}, places=(tmp_path / "site",),
            present={}, listed=files_by_path(listed_bundle(tmp_path)),
        )  # fmt: skip
        given = PartInput(
            root=bundle, files=(path,), size_bytes=9, limits=DEFAULT_LIMITS, run_id="a",
            experiment="e", summary={}, annotated_steps={},
        )  # fmt: skip
        return cache, given, StagedSink(tmp_path / "site", "a", bundle)

    for first in (0, 1):
        cache, given, sink = parts()
        cache.keep_shares(given, tuple(range(first, 16, 2)), sink)
    (bundle / path).write_text("")
    cache, given, sink = parts()
    facts: TracesFacts = cache.take("traces", given, sink, pytest.fail)

    assert facts.count > 0
    assert {file.file for file in facts.files} <= cache.outputs.keys()


def test_a_journal_that_grows_during_a_build_is_right_after_the_next(tmp_path: Path) -> None:
    bundle = write_full_run(tmp_path / "runs" / "sweep" / "a")
    write_full_run(tmp_path / "runs" / "sweep" / "b", id="b")

    seqs: list[int] = []

    def grow() -> None:
        seqs.append(len(seqs) + 100)
        with (bundle / JOURNAL).open("a") as stream:
            stream.write(f'{{"seq":{seqs[-1]},"step":{seqs[-1]},"values":{{"late":1}}}}\n')

    (bundle / "metrics").mkdir(exist_ok=True)
    for _ in range(3):
        build(tmp_path, Reading_runs=grow, Rendering_pages=grow)
    assert len(seqs) == 6

    build(tmp_path)

    build(tmp_path, "clean")
    assert contents(tmp_path / "site") == contents(tmp_path / "clean")


def test_a_build_that_another_has_overtaken_says_so_and_writes_nothing(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")
    build(tmp_path)
    write_full_run(tmp_path / "runs" / "b", id="b")

    with pytest.raises(CacheError, match="another build has just written"):
        build(tmp_path, **{"": lambda: build(tmp_path)})

    build(tmp_path, "clean")
    assert contents(tmp_path / "site") == contents(tmp_path / "clean")


def test_a_directory_in_place_of_the_state_is_no_state(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")
    build(tmp_path)
    (state,) = (tmp_path / "site-cache" / "state").rglob("*/*")
    state.unlink()
    (state / "inside").mkdir(parents=True)
    write_full_run(tmp_path / "runs" / "b", id="b")

    build(tmp_path)

    build(tmp_path, "clean")
    assert contents(tmp_path / "site") == contents(tmp_path / "clean")
