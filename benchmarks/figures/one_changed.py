"""A build after one run of many was edited, beside the no-op and beside Hugo."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from benchmarks import hugo
from benchmarks.bundles import run_directory, write_manifest, write_metrics
from benchmarks.commands import Job, seconds_of, sitegen_build
from benchmarks.figures.noop import POINTS, RUNS, YOUNG_S, settle, write_tree
from benchmarks.profiles import profile_of
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.rounds import Action, interleaved, ratio

MOST_BEYOND_S = 0.4
MOST_S = 1.2


def measure(job: Job) -> Result:
    """Seconds of the build after an edit of run.json, and of one after new metrics."""
    runs_count = job.count(RUNS)
    _, runs = write_tree(job, runs_count)
    build = sitegen_build(runs, job.scratch / "site")
    first_s = settle(build, job.scratch)
    edits = count(1)
    edit_run, edit_metrics = _editors(runs, runs_count)
    actions: dict[str, Action] = {
        "run.json edited": _edited(edits, edit_run, build, job.scratch),
        "metrics.parquet replaced": _edited(edits, edit_metrics, build, job.scratch),
        "nothing changed": lambda: _seconds_idle(build, job.scratch),
    }
    if hugo.is_installed():
        site = job.directory("hugo")
        hugo.write_hugo(site, runs_count)
        actions["Hugo, one page edited"] = _edited(
            edits,
            lambda edit: hugo.write_page(site, edit * 37 % runs_count, edit=edit),
            hugo.hugo_build(site),
            job.scratch,
        )
    found = interleaved(job.rounds_or(7), actions)
    idle = found["nothing changed"]
    edited = found["run.json edited"]
    beyond_s = edited.median - idle.median
    goals = (
        Goal(
            text=f"beyond the no-op ≤ {seconds_text(MOST_BEYOND_S)}",
            measured=seconds_text(beyond_s),
            is_met=beyond_s <= MOST_BEYOND_S,
        ),
        Goal(
            text=f"in all ≤ {seconds_text(MOST_S)}",
            measured=seconds_text(edited.median),
            is_met=edited.median <= MOST_S,
        ),
    )
    profile = None
    if not all(goal.is_met for goal in goals):
        edit_run(next(edits))
        profile = profile_of(build[1:], job.scratch)
    return Result(
        what=f"One of {runs_count:,} bundles of three files is edited, another one each round; two"
        " seconds later the site is built.",
        head=("what changed", "median", "min", "max", "beyond the no-op", "÷ no-op", "load"),
        rows=tuple(
            (
                name,
                *(seconds_text(getattr(one, what)) for what in ("median", "min", "max")),
                seconds_text(one.median - idle.median),
                ratio(one, idle).text,
                found.load_text,
            )
            for name, one in found.by_name.items()
        ),
        goals=goals,
        notes=(
            f"Medians of {len(found.loads)} rounds. The first build took {seconds_text(first_s)}.",
            *(() if hugo.is_installed() else (hugo.MISSING,)),
        ),
        profile=profile,
    )


Edit = Callable[[int], None]


def _editors(runs: Path, runs_count: int) -> tuple[Edit, Edit]:
    """What edits a run.json, and what replaces a metrics.parquet; numbers choose the run."""

    def edit_run(edit: int) -> None:
        number = edit * 37 % runs_count
        write_manifest(run_directory(runs, number), number, edit=edit)

    def edit_metrics(edit: int) -> None:
        directory = run_directory(runs, edit * 53 % runs_count)
        write_metrics(directory / "metrics.parquet", POINTS, seed=runs_count + edit)

    return edit_run, edit_metrics


def _edited(numbers: count[int], edit: Edit, build: list[str], scratch: Path) -> Action:
    """An action that edits, which is not timed, and builds once the files are no longer young."""

    def act() -> float:
        edit(next(numbers))
        time.sleep(YOUNG_S)
        return seconds_of(build, scratch)

    return act


def _seconds_idle(build: list[str], scratch: Path) -> float:
    """Seconds of a build after one that left nothing to do."""
    seconds_of(build, scratch)
    return seconds_of(build, scratch)
