"""Peak memory of each process while large Parquet files are built."""

from __future__ import annotations

import os

from benchmarks.bundles import Shape
from benchmarks.commands import Job, remove
from benchmarks.figures.metrics import build_points, write_points
from benchmarks.peak import peak_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured

MOST_BYTES = 300_000_000


def measure(job: Job) -> Result:
    """The largest process of each build."""
    large, small = job.count(100_000_000), job.count(10_000_000)
    shapes = {
        f"{large:,} points in one file, row groups of a million": Shape(
            points=large, metrics=100, order="regular"
        ),
        f"{large:,} points in one file, irregularly interleaved": Shape(
            points=large, metrics=100, order="irregular"
        ),
        f"{small:,} points in one row group": Shape(
            points=small, metrics=100, order="regular", row_group_rows=small
        ),
        f"1,000 metrics of {small // 1_000:,} points": Shape(
            points=small, metrics=1_000, order="regular"
        ),
        f"{small:,} points of descending steps": Shape(
            points=small, metrics=100, order="descending"
        ),
    }
    rows, goals = [], []
    for number, (name, shape) in enumerate(shapes.items()):
        run = write_points(job, f"memory-{number}", shape)
        site = job.scratch / "site"
        peaks, seconds, load = [], [], os.getloadavg()[0]
        for _ in range(job.rounds_or(3 if shape.points > small else 5)):
            remove(site, job.scratch / ".sitegen-cache")
            peak = peak_of(build_points(run, site), job.scratch)
            peaks.append(float(peak.largest_bytes))
            seconds.append(peak.seconds)
        measured, size_bytes = Measured(values=tuple(peaks)), (run / "metrics.parquet").stat().st_size
        remove(run)
        rows.append(
            (
                name, megabytes_text(size_bytes), megabytes_text(measured.median),
                megabytes_text(measured.max), seconds_text(Measured(values=tuple(seconds)).median),
                str(len(peaks)), f"{load:.1f}",
            )
        )
        goals.append(
            Goal(
                text=f"{name} ≤ {megabytes_text(MOST_BYTES)}", measured=megabytes_text(measured.max),
                is_met=measured.max <= MOST_BYTES,
            )
        )
    return Result(
        what="First builds of one run whose points lie in one metrics.parquet: the peak resident"
        " memory of the process that takes most.",
        head=("input", "file", "peak, median", "peak, max", "seconds, median", "rounds", "load"),
        rows=tuple(rows),
        goals=tuple(goals),
    )
