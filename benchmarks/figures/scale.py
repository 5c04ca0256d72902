"""Time and bytes for a thousand runs and for ten times as many."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bundles import Shape, write_runs
from benchmarks.commands import Job, remove, seconds_of, sitegen_build
from benchmarks.figures.noop import settle
from benchmarks.peak import Peak, peak_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured

RUNS = (1_000, 10_000)
ROUNDS = (3, 1)
"""A first build of 10,000 such runs takes some four minutes of two cores."""
SHAPE = Shape(points=20_000, metrics=20, order="regular")
MOST_GROWTH = 1.25
"""Most that a run may take at the larger number, of what it takes at the smaller, to be linear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """The site of one number of runs."""

    count: int
    """Runs."""
    input_bytes: int
    """Bytes of the bundles."""
    peaks: tuple[Peak, ...]
    """What each first build took."""
    idle: Measured
    """Seconds of builds without changes."""
    sizes: tuple[int, ...]
    """Bytes of each file of the site."""
    load: float
    """Load average before."""

    @property
    def first(self) -> Measured:
        """Seconds of first builds."""
        return Measured(values=tuple(peak.seconds for peak in self.peaks))


def measure(job: Job) -> Result:
    """First builds by two workers, no-ops, bytes and memory at both sizes."""
    built = [_build(job, *sizes) for sizes in zip(RUNS, ROUNDS, strict=True)]
    return Result(
        what="Runs of 20 metrics with 1,000 steps each and times, built by two workers.",
        head=(
            "runs",
            "input",
            "first build",
            "min–max",
            "a run",
            "no-op",
            "files",
            "bytes",
            "a run",
            "peak of a process",
            "rounds",
            "load",
        ),
        rows=tuple(_row(one) for one in built),
        goals=(
            _goal("time", [one.first.median / one.count for one in built]),
            _goal("bytes", [sum(one.sizes) / one.count for one in built]),
        ),
    )


def _build(job: Job, full: int, rounds: int) -> _Built:
    count = job.count(full)
    runs, site = job.directory(f"runs-{full}"), job.scratch / "site"
    write_runs(runs, count, metrics=SHAPE)
    build = sitegen_build(runs, site, "--workers", "2")
    peaks, load = [], os.getloadavg()[0]
    for _ in range(job.rounds_or(rounds)):
        remove(site, job.scratch / ".sitegen-cache")
        peaks.append(peak_of(build, job.scratch))
    settle(build, job.scratch)
    built = _Built(
        count=count,
        input_bytes=sum(_sizes(runs)),
        peaks=tuple(peaks),
        sizes=_sizes(site),
        idle=Measured(values=tuple(seconds_of(build, job.scratch) for _ in range(5))),
        load=load,
    )
    remove(runs, site)
    return built


def _sizes(root: Path) -> tuple[int, ...]:
    return tuple(path.stat().st_size for path in root.rglob("*") if path.is_file())


def _row(built: _Built) -> tuple[str, ...]:
    first, site_bytes = built.first, sum(built.sizes)
    return (
        f"{built.count:,}", megabytes_text(built.input_bytes), seconds_text(first.median),
        f"{seconds_text(first.min)}–{seconds_text(first.max)}",
        f"{first.median / built.count * 1_000:.1f} ms", seconds_text(built.idle.median),
        f"{len(built.sizes):,}", megabytes_text(site_bytes),
        f"{site_bytes / built.count / 1_000:.1f} kB",
        megabytes_text(max(peak.largest_bytes for peak in built.peaks)), str(len(built.peaks)),
        f"{built.load:.1f}",
    )  # fmt: skip


def _goal(what: str, per_run: list[float]) -> Goal:
    growth = per_run[1] / per_run[0]
    return Goal(
        text=f"linear {what}: a run of {RUNS[1]:,} takes ≤ {MOST_GROWTH} × that of {RUNS[0]:,}",
        measured=f"{growth:.2f} ×",
        is_met=growth <= MOST_GROWTH,
    )
