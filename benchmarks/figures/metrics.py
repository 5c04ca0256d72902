"""A first build of 1e7 points beside reading the same columns and writing the same bytes."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.bundles import Shape, write_manifest, write_metrics
from benchmarks.commands import Job, output_of, remove, seconds_of, sitegen_build
from benchmarks.profiles import profile_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Ratio, Rounds, interleaved, ratio

POINTS = 10_000_000
METRICS = 100
MOST_RATIO = {"regular": 1.5, "irregular": 2.2, "sorted": 2.2}
SETTINGS = "[limits]\npublish_bytes = 0\n"
"""Settings that keep raw points out of the site."""
_NAMES = {"regular": "steps interleave regularly", "irregular": "steps interleave irregularly",
          "sorted": "sorted by metric"}  # fmt: skip


def measure(job: Job) -> Result:
    """Build ÷ floor for each order of the points."""
    points = job.count(POINTS)
    rows, goals, missed = [], [], None
    for order, most in MOST_RATIO.items():
        found, inner_s, file_bytes, site_bytes = _measure_order(job, order, points)
        quotient = ratio(found["build"], found["floor"])
        rows.append(
            (
                _NAMES[order],
                megabytes_text(file_bytes),
                megabytes_text(site_bytes),
                seconds_text(found["build"].median),
                seconds_text(found["floor"].median),
                seconds_text(inner_s),
                quotient.text,
                found.load_text,
            )
        )
        goals.append(_goal(order, most, quotient))
        if quotient.value > most:
            missed = missed or order
    return Result(
        what=f"First builds of one run with {points:,} points of {METRICS} metrics (name, step,"
        " value, time) in row groups of a million, raw points not published, beside a process that"
        " reads the same four columns by one thread and writes files of the site's sizes.",
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


def _goal(order: str, most: float, quotient: Ratio) -> Goal:
    return Goal(
        text=f"{_NAMES[order]}: build ÷ (read and write) ≤ {most}",
        measured=quotient.text,
        is_met=quotient.value <= most,
    )


def _measure_order(job: Job, order: str, points: int) -> tuple[Rounds, float, int, int]:
    """The rounds, seconds of reading and writing alone, bytes of the input and of the site."""
    run = write_points(job, order, Shape(points=points, metrics=METRICS, order=order))
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


def write_points(job: Job, name: str, shape: Shape) -> Path:
    """A bundle with one metrics.parquet, and the settings beside it."""
    run = job.directory(f"{name}-runs") / "run"
    run.mkdir()
    write_manifest(run, 0)
    write_metrics(run / "metrics.parquet", shape, seed=0)
    (job.scratch / "settings.toml").write_text(SETTINGS)
    return run


def build_points(run: Path, site: Path) -> list[str]:
    """The command that builds the site of *run* without raw points, by one process."""
    settings = run.parent.parent / "settings.toml"
    return sitegen_build(run.parent, site, "--workers", "1", "--config", str(settings))


def _profile(job: Job, order: str) -> str:
    run, site = job.scratch / f"{order}-runs" / "run", job.scratch / f"{order}-site"
    remove(site, job.scratch / ".sitegen-cache")
    return f"{_NAMES[order]}\n" + profile_of(build_points(run, site)[1:], job.scratch)
