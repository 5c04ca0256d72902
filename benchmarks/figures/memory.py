"""Peak memory of each process while large Parquet files are built."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bundles import Shape
from benchmarks.commands import Job, remove
from benchmarks.figures.metrics import build_points, write_points
from benchmarks.peak import peak_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured

LARGE = 100_000_000
POINTS = 10_000_000
MOST_BYTES = 300_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An input and what its builds took."""

    name: str
    """What it is."""
    file_bytes: int
    """Size of its metrics.parquet."""
    peak_bytes: Measured
    """Peak of the largest process, a value a build."""
    seconds: Measured
    """Wall time of the builds."""
    load: float
    """Load average before."""


def measure(job: Job) -> Result:
    """The largest process of each build."""
    cases = [
        _measure(job, f"memory-{number}", name, shape)
        for number, (name, shape) in enumerate(_shapes(job).items())
    ]
    return Result(
        what="First builds of one run whose points lie in one metrics.parquet, raw points not"
        " published: the peak resident memory of the process that takes most.",
        head=("input", "file", "peak, median", "peak, max", "seconds, median", "rounds", "load"),
        rows=tuple(
            (
                case.name,
                megabytes_text(case.file_bytes),
                megabytes_text(case.peak_bytes.median),
                megabytes_text(case.peak_bytes.max),
                seconds_text(case.seconds.median),
                str(len(case.seconds.values)),
                f"{case.load:.1f}",
            )
            for case in cases
        ),
        goals=tuple(
            Goal(
                text=f"{case.name} ≤ {megabytes_text(MOST_BYTES)}",
                measured=megabytes_text(case.peak_bytes.max),
                is_met=case.peak_bytes.max <= MOST_BYTES,
            )
            for case in cases
        ),
    )


def _shapes(job: Job) -> dict[str, Shape]:
    large, points = job.count(LARGE), job.count(POINTS)
    return {
        f"{large:,} points, regularly interleaved": Shape(
            points=large, metrics=100, order="regular"
        ),
        f"{large:,} points, irregularly interleaved": Shape(
            points=large, metrics=100, order="irregular"
        ),
        f"one row group of {points:,} points": Shape(
            points=points, metrics=100, order="irregular", row_group_rows=points
        ),
        f"1,000 metrics of {points // 1_000:,} points": Shape(
            points=points, metrics=1_000, order="irregular"
        ),
        f"{points:,} doubles of noise at odd distances": Shape(
            points=points, metrics=100, order="uneven", is_noise=True
        ),
        f"{points:,} points of descending steps": Shape(
            points=points, metrics=100, order="descending"
        ),
    }


def _measure(job: Job, folder: str, name: str, shape: Shape) -> _Case:
    run, site = write_points(job, folder, shape), job.scratch / "site"
    peaks, load = [], os.getloadavg()[0]
    for _ in range(job.rounds_or(3 if shape.points > job.count(POINTS) else 5)):
        remove(site, job.scratch / ".sitegen-cache")
        peaks.append(peak_of(build_points(run, site), job.scratch))
    case = _Case(
        name=name,
        file_bytes=_size(run),
        peak_bytes=Measured(values=tuple(float(peak.largest_bytes) for peak in peaks)),
        seconds=Measured(values=tuple(peak.seconds for peak in peaks)),
        load=load,
    )
    remove(run)  # a large file of tmpfs takes the memory of what comes next
    return case


def _size(run: Path) -> int:
    return (run / "metrics.parquet").stat().st_size
