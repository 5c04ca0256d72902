"""The sample runs, and real ones where they lie beside the checkout: time, memory, bytes, pages."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.commands import REPOSITORY, Job, remove, seconds_of, sitegen_build
from benchmarks.figures.noop import settle
from benchmarks.loading import LoadedPage, load_times
from benchmarks.peak import Peak, peak_of
from benchmarks.report import Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured

SETS = {
    "sample_runs": REPOSITORY / "sample_runs",
    "real runs": REPOSITORY.parent / "shared" / "data" / "bundles",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """One set of bundles, built."""

    first: Measured
    """Seconds of first builds."""
    idle: Measured
    """Seconds of builds without changes."""
    peaks: tuple[Peak, ...]
    """What each first build took."""
    sizes: tuple[int, ...]
    """Bytes of each file of the site."""
    pages: tuple[LoadedPage, ...]
    """How its pages loaded."""
    load: float
    """Load average before."""


def measure(job: Job) -> Result:
    """A row a set and a row a page."""
    built = {name: _build(job, name, runs) for name, runs in SETS.items() if runs.is_dir()}
    notes = [_build_text(name, one) for name, one in built.items()]
    notes += [f"{name}: not here." for name in SETS if name not in built]
    return Result(
        what="The sample runs and, where they lie beside the checkout, real ones: first builds by"
        " the default number of workers, then pages from the folder in headless Chromium with an"
        " empty profile.",
        head=("page", "bytes", "first paint", "load event", "longest", "nodes", "load"),
        rows=tuple(
            (
                f"{name}: {page.name}",
                megabytes_text(page.size_bytes),
                seconds_text(page.painted.median),
                seconds_text(page.loaded.median),
                seconds_text(page.loaded.max),
                f"{page.nodes:,}",
                f"{one.load:.1f}",
            )
            for name, one in built.items()
            for page in one.pages
        ),
        goals=(),
        notes=tuple(notes),
    )


def _build(job: Job, name: str, runs: Path) -> _Built:
    site, load = job.scratch / name.replace(" ", "-"), os.getloadavg()[0]
    build, peaks = sitegen_build(runs, site), []
    for _ in range(job.rounds_or(5)):
        remove(site, job.scratch / ".sitegen-cache")
        peaks.append(peak_of(build, job.scratch))
    settle(build, job.scratch)
    idle = tuple(map(partial(seconds_of, build), [job.scratch] * job.rounds_or(5)))
    return _Built(
        first=Measured(values=tuple(peak.seconds for peak in peaks)),
        idle=Measured(values=idle),
        peaks=tuple(peaks),
        load=load,
        sizes=tuple(path.stat().st_size for path in site.rglob("*") if path.is_file()),
        pages=load_times(site, job.rounds_or(5)),
    )


def _build_text(name: str, built: _Built) -> str:
    first, peak_bytes = built.first, max(peak.largest_bytes for peak in built.peaks)
    return (
        f"{name}: first build {seconds_text(first.median)} ({seconds_text(first.min)}–"
        f"{seconds_text(first.max)}), nothing changed {seconds_text(built.idle.median)}, peak of a"
        f" process {megabytes_text(peak_bytes)}; {len(built.sizes):,} files,"
        f" {megabytes_text(sum(built.sizes))}. Load {built.load:.1f}, {len(first.values)} rounds."
    )
