"""A first build of 1e7 points beside reading the same columns and writing the same bytes."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.bundles import Shape, write_manifest, write_metrics
from benchmarks.commands import Job, output_of, remove, seconds_of, sitegen_build
from benchmarks.profiles import profile_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Ratio, Rounds, interleaved, ratio

POINTS = 10_000_000
METRICS = 100
SETTINGS = "[limits]\nexact_points = 0\n"
"""Settings that keep exact points of long series out of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An order of points, and what its build may take."""

    name: str
    """Word for its directories."""
    text: str
    """What it is."""
    order: str
    """Order of the points, see `Shape`."""
    most: float
    """Most that the ratio may be."""
    settings: str = SETTINGS
    """Settings of the build."""


CASES = (
    Case(name="regular", text="steps interleave regularly", order="regular", most=1.5),
    Case(name="irregular", text="steps interleave irregularly", order="irregular", most=2.2),
    Case(name="sorted", text="sorted by metric", order="sorted", most=2.2),
    Case(
        name="published", text="irregularly, every point published", order="irregular",
        most=4.0, settings="",
    ),
)  # fmt: skip


def measure(job: Job) -> Result:
    """Build ÷ floor for each order of the points."""
    points = job.count(POINTS)
    rows, goals, missed = [], [], None
    for case in CASES:
        found, inner_s, file_bytes, site_bytes = _measure_order(job, case, points)
        quotient = ratio(found["build"], found["floor"])
        rows.append(
            (
                case.text,
                megabytes_text(file_bytes),
                megabytes_text(site_bytes),
                seconds_text(found["build"].median),
                seconds_text(found["floor"].median),
                seconds_text(inner_s),
                quotient.text,
                found.load_text,
            )
        )
        goals.append(_goal(case, quotient))
        if quotient.value > case.most:
            missed = missed or case
    return Result(
        what=f"First builds of one run with {points:,} points of {METRICS} metrics (name, step,"
        " value, time) in row groups of a million, exact points not published but in the last"
        " row, beside a process that reads the same four columns by one thread and writes files"
        " of the site's sizes.",
        head=(
            "points",
            "input",
            "site",
            "build",
            "read and write",
            "of it without start",
            "build ÷ read and write",
            "load",
        ),
        rows=tuple(rows),
        goals=tuple(goals),
        notes=(f"Medians of {len(found.loads)} rounds; whole processes, imports included.",),
        profile=_profile(job, missed) if missed else None,
    )


def _goal(case: Case, quotient: Ratio) -> Goal:
    return Goal(
        text=f"{case.text}: build ÷ (read and write) ≤ {case.most}",
        measured=quotient.text,
        is_met=quotient.value <= case.most,
    )


def _measure_order(job: Job, case: Case, points: int) -> tuple[Rounds, float, int, int]:
    """The rounds, seconds of reading and writing alone, bytes of the input and of the site."""
    order = case.name
    shape = Shape(points=points, metrics=METRICS, order=case.order)
    run = write_points(job, order, shape, settings=case.settings)
    site, cache = job.scratch / f"{order}-site", job.scratch / ".sitegen-cache"
    build = build_points(run, site)
    seconds_of(build, job.scratch)
    sizes = [path.stat().st_size for path in sorted(site.rglob("*")) if path.is_file()]
    size_list, copies = job.scratch / f"{order}-sizes.txt", job.scratch / f"{order}-copies"
    size_list.write_text("\n".join(map(str, sizes)))
    floor = [sys.executable, "-m", "benchmarks.floor", str(run / "metrics.parquet"),
             str(size_list), str(copies)]  # fmt: skip

    def anew(command: list[str], output: Path) -> float:
        remove(output, cache)
        return seconds_of(command, job.scratch)

    actions = {"build": partial(anew, build, site), "floor": partial(anew, floor, copies)}
    found = interleaved(job.rounds_or(5), actions)
    remove(copies)
    inner_s = float(output_of(floor, job.scratch))
    return found, inner_s, (run / "metrics.parquet").stat().st_size, sum(sizes)


def write_points(job: Job, name: str, shape: Shape, *, settings: str = SETTINGS) -> Path:
    """A bundle with one metrics.parquet, and the *settings* beside it."""
    run = job.directory(f"{name}-runs") / "run"
    run.mkdir()
    write_manifest(run, 0)
    write_metrics(run / "metrics.parquet", shape, seed=0)
    (run.parent / "settings.toml").write_text(settings)
    return run


def build_points(run: Path, site: Path) -> list[str]:
    """The command that builds the site of *run* with its settings, by one process."""
    settings = run.parent / "settings.toml"
    return sitegen_build(run.parent, site, "--workers", "1", "--config", str(settings))


def _profile(job: Job, case: Case) -> str:
    run, site = job.scratch / f"{case.name}-runs" / "run", job.scratch / f"{case.name}-site"
    remove(site, job.scratch / ".sitegen-cache")
    return f"{case.text}\n" + profile_of(build_points(run, site)[1:], job.scratch)
