"""The table of runs: an experiment of 1,000 runs × 20 params × 20 metrics, and how sites grow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.commands import Job, remove, seconds_of, sitegen_build
from benchmarks.loading import chromium
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.sweeps import write_sweep
from benchmarks.visits import TABLE_READY, Visit, Wait, wait_rows
from benchmarks.visits import seconds_of as seconds_of_visits

SIZES = (100, 1_000, 10_000)
_MIDDLE = 1
GOAL_BUILD_S, GOAL_USABLE_S, GOAL_FILTER_S = 5.0, 1.5, 0.1
GOAL_GROWTH = 1.1
"""Most bytes a run at ten times the runs, ÷ those before."""
_FILTER = 'params.param_0 < 0.001 and status = "completed"'
_SEARCH = "run 12"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    """A site of so many runs."""

    path: Path
    """Where it lies."""
    runs: int
    """Its runs."""
    built_s: float
    """How long its first build took."""
    pages: int
    """Its HTML files."""
    files: int
    """All its files."""
    size_bytes: int
    """Their bytes."""


def measure(job: Job) -> Result:
    """A row for each size, and one for each thing done in the page."""
    sites = [_built(job, job.count(runs)) for runs in SIZES]
    load, rounds = os.getloadavg()[0], job.rounds_or(5)
    with chromium() as browser:
        found = [
            {} if browser is None else _visit(browser, sites[_MIDDLE], sites[-1])
            for _ in range(rounds + 1)
        ][1:]
    built = [
        (f"site of {one.runs:,} runs: first build", seconds_text(one.built_s), "", "",
         f"{one.pages:,} pages, {one.files:,} files, {megabytes_text(one.size_bytes)}")
        for one in sites
    ]  # fmt: skip
    return Result(
        what="One experiment of 100, 1,000 and 10,000 runs × 20 params × 20 metrics, of summaries,"
        " built once with two workers, and its page from the folder in headless Chromium with an"
        " empty profile; CPU is that of the page's main thread.",
        head=("what", "median", "max", "CPU, median", "load, or what it holds"),
        rows=(*built, *wait_rows(found, load)),
        goals=(*_build_goals(sites), *(_page_goals(found) if found and found[0] else ())),
    )


def _build_goals(sites: list[_Site]) -> tuple[Goal, ...]:
    middle = sites[_MIDDLE]
    growth = [
        (later.size_bytes / later.runs) / (earlier.size_bytes / earlier.runs)
        for earlier, later in pairwise(sites)
    ]
    pages = {one.pages - one.runs for one in sites}
    return (
        Goal(
            text=f"built at 1,000 runs ≤ {seconds_text(GOAL_BUILD_S)}",
            measured=seconds_text(middle.built_s),
            is_met=middle.built_s <= GOAL_BUILD_S,
        ),
        Goal(
            text=f"bytes a run at ten times the runs ÷ before ≤ {GOAL_GROWTH}",
            measured=", ".join(f"{one:.2f}" for one in growth),
            is_met=max(growth) <= GOAL_GROWTH,
        ),
        Goal(
            text="as many pages as runs, and the same few besides",
            measured=", ".join(f"{one:,} besides" for one in sorted(pages)),
            is_met=len(pages) == 1,
        ),
    )


def _page_goals(found: list[dict[str, Wait]]) -> tuple[Goal, ...]:
    goals = (
        ("1,000 runs: usable", GOAL_USABLE_S),
        ("1,000 runs: filtered", GOAL_FILTER_S),
        ("1,000 runs: searched", GOAL_FILTER_S),
    )
    return tuple(
        Goal(
            text=f"{name} ≤ {seconds_text(most)}",
            measured=seconds_text(seconds_of_visits(found, name).median),
            is_met=seconds_of_visits(found, name).median <= most,
        )
        for name, most in goals
    )


def _built(job: Job, runs: int) -> _Site:
    root, site = job.scratch / f"runs-{runs}", job.scratch / f"site-{runs}"
    write_sweep(root, runs, params=20, metrics=20, steps=0)
    built_s = seconds_of(sitegen_build(root, site), job.scratch)
    remove(root)
    files = [path for path in site.rglob("*") if path.is_file()]
    return _Site(
        path=site, runs=runs, built_s=built_s, files=len(files),
        pages=sum(path.suffix == ".html" for path in files),
        size_bytes=sum(path.stat().st_size for path in files),
    )  # fmt: skip


def _visit(browser: Any, *sites: _Site) -> dict[str, Wait]:
    found = {}
    for site in sites:
        (page,) = (site.path / "experiments").glob("*.html")
        visit = Visit(browser, page.resolve().as_uri())
        name = f"{SIZES[_MIDDLE] if site is sites[0] else SIZES[-1]:,} runs"
        found[f"{name}: usable"] = visit.until(TABLE_READY)
        for what, changes in {
            "filtered": {"filter": _FILTER},
            "searched": {"filter": _SEARCH},
            "all again": {"filter": ""},
            "sorted by two": {"sort": "metrics.metric/0:asc,params.param_1:desc"},
            "grouped, mean ± SE": {"group": "params.param_2"},
        }.items():
            found[f"{name}: {what}"] = visit.change(**changes)
        visit.close()
    return found
