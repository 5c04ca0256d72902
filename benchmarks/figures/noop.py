"""A build of what has not changed, beside `git status` of the same tree."""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from pathlib import Path

from benchmarks.bundles import Shape, write_runs
from benchmarks.commands import Job, output_of, seconds_of, sitegen_build
from benchmarks.profiles import profile_of
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.rounds import interleaved, ratio

RUNS = 10_000
MOST_RATIO = 1.6
POINTS = Shape(points=200, metrics=2, order="regular")
YOUNG_S = 2.2
"""A file that changed less than two seconds ago may change again unnoticed; it is read again."""


def measure(job: Job) -> Result:
    """No-op build ÷ `git status`, both as whole processes."""
    tree, runs = write_tree(job, job.count(RUNS))
    build = sitegen_build(runs, job.scratch / "site")
    settle(build, job.scratch)
    status = ["git", "-C", str(tree), "status", "--porcelain"]
    found = interleaved(
        job.rounds_or(15),
        {
            "build": partial(seconds_of, build, job.scratch),
            "status": partial(seconds_of, status, job.scratch),
            "start": partial(seconds_of, [sys.executable, "-c", "pass"], job.scratch),
        },
    )
    quotient = ratio(found["build"], found["status"])
    is_met = quotient.value <= MOST_RATIO
    names = {
        "build": "sitegen build, nothing changed",
        "status": "git status --porcelain",
        "start": "python -c pass",
    }
    return Result(
        what=f"{job.count(RUNS):,} bundles of run.json, metrics.parquet and notes.md in a git"
        " repository; nothing changed since the last build, the site and the commit.",
        head=("command", "median", "min", "max", "÷ git status", "load"),
        rows=tuple(
            (
                f"`{text}`",
                *(seconds_text(getattr(found[name], one)) for one in ("median", "min", "max")),
                ratio(found[name], found["status"]).text,
                found.load_text,
            )
            for name, text in names.items()
        ),
        goals=(
            Goal(
                text=f"no-op ÷ `git status` ≤ {MOST_RATIO}", measured=quotient.text, is_met=is_met
            ),
        ),
        notes=(f"Medians of {len(found.loads)} rounds.",),
        profile=None if is_met else profile_of(build[1:], job.scratch),
    )


def write_tree(job: Job, count: int) -> tuple[Path, Path]:
    """A committed git repository, and the directory of *count* runs in it."""
    tree = job.directory("tree")
    write_runs(tree / "runs", count, metrics=POINTS, has_notes=True)
    author = ["-c", "user.name=benchmarks", "-c", "user.email=benchmarks@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], [*author, "commit", "-q", "-m", "runs"]):
        output_of(["git", "-C", str(tree), *arguments], job.scratch)
    return tree, tree / "runs"


def settle(build: list[str], scratch: Path) -> float:
    """Build until nothing is left to do; seconds of the first build.

    Raises:
        RuntimeError: if a second build still derives, renders or writes something.
    """
    seconds = seconds_of(build, scratch)
    time.sleep(YOUNG_S)
    said = [argument for argument in build if argument != "--quiet"]
    result = json.loads(output_of([*said, "--json"], scratch))
    if result["derived"] or result["rendered"] or result["changed"]:
        raise RuntimeError(f"a build of what did not change did something: {result}")
    seconds_of(build, scratch)
    return seconds
