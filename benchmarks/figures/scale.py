"""Time and bytes for a thousand runs and for ten times as many."""

from __future__ import annotations

import os

from benchmarks.bundles import Shape, write_runs
from benchmarks.commands import Job, remove
from benchmarks.figures.noop import settle
from benchmarks.commands import seconds_of, sitegen_build
from benchmarks.peak import peak_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured

RUNS = (1_000, 10_000)
SHAPE = Shape(points=20_000, metrics=20, order="regular")
_MOST_GROWTH = 1.25
"""Time a run may take at the larger number, of its time at the smaller one, to be called linear."""


def measure(job: Job) -> Result:
    """First builds by two workers, no-ops, bytes and memory at both sizes."""
    rows = []
    seconds_per_run, bytes_per_run = [], []
    for full in RUNS:
        count = job.count(full)
        runs, site = job.directory(f"runs-{full}"), job.scratch / "site"
        write_runs(runs, count, metrics=SHAPE)
        build = sitegen_build(runs, site, "--workers", "2")
        peaks, load = [], os.getloadavg()[0]
        for _ in range(job.rounds_or(5 if full == RUNS[0] else 3)):
            remove(site, job.scratch / ".sitegen-cache")
            peaks.append(peak_of(build, job.scratch))
        first = Measured(values=tuple(peak.seconds for peak in peaks))
        settle(build, job.scratch)
        idle = Measured(values=tuple(seconds_of(build, job.scratch) for _ in range(5)))
        sizes = [path.stat().st_size for path in site.rglob("*") if path.is_file()]
        input_bytes = sum(path.stat().st_size for path in runs.rglob("*") if path.is_file())
        seconds_per_run.append(first.median / count)
        bytes_per_run.append(sum(sizes) / count)
        rows.append(
            (
                f"{count:,}", megabytes_text(input_bytes), seconds_text(first.median),
                f"{seconds_text(first.min)}–{seconds_text(first.max)}",
                f"{first.median / count * 1_000:.1f} ms", seconds_text(idle.median),
                f"{len(sizes):,}", megabytes_text(sum(sizes)),
                f"{sum(sizes) / count / 1_000:.1f} kB",
                megabytes_text(max(peak.largest_bytes for peak in peaks)), str(len(peaks)),
                f"{load:.1f}",
            )
        )
        remove(runs, site)
    time_growth, byte_growth = (
        values[1] / values[0] for values in (seconds_per_run, bytes_per_run)
    )
    return Result(
        what="Runs of 20 metrics with 1,000 steps each and times, built by two workers.",
        head=("runs", "input", "first build", "min–max", "a run", "no-op", "files", "bytes", "a run",
              "peak of a process", "rounds", "load"),
        rows=tuple(rows),
        goals=(
            Goal(
                text=f"linear time: a run takes ≤ {_MOST_GROWTH} × as long at ten times the runs",
                measured=f"{time_growth:.2f} ×", is_met=time_growth <= _MOST_GROWTH,
            ),
            Goal(
                text=f"linear bytes: a run takes ≤ {_MOST_GROWTH} × the bytes",
                measured=f"{byte_growth:.2f} ×", is_met=byte_growth <= _MOST_GROWTH,
            ),
        ),
    )
