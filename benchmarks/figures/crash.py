"""Builds killed at random moments and builds on a full disk: what is left, and what follows."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bundles import Shape, run_directory, write_manifest, write_runs
from benchmarks.commands import Job, environment, output_of, remove, seconds_of, sitegen_build
from benchmarks.report import Goal, Result
from benchmarks.whole import faults_of

RUNS = 60
MOMENTS = 50
FULL_DISKS = 6
POINTS = Shape(points=400, metrics=2, order="regular")
_SEED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one accident left."""

    what: str
    """What was killed, or how full the disk was."""
    ended: str
    """How the build ended."""
    faults: tuple[str, ...]
    """What was not whole right after it."""
    is_completed: bool
    """Whether the next build ended with 0 and its site is as its manifest says."""


def measure(job: Job) -> Result:
    """Faults after each accident, and whether the next build completed the site."""
    outcomes = [*_killed(job), *_full(job)]
    rows = []
    for what in dict.fromkeys(one.what for one in outcomes):
        group = [one for one in outcomes if one.what == what]
        ends = Counter(one.ended for one in group)
        rows.append(
            (
                what,
                str(len(group)),
                ", ".join(f"{count} × {end}" for end, count in sorted(ends.items())),
                str(sum(not one.faults for one in group)),
                str(sum(one.is_completed for one in group)),
            )
        )
    wrong = [fault for one in outcomes for fault in one.faults]
    whole, completed = (
        sum(not one.faults for one in outcomes), sum(one.is_completed for one in outcomes)
    )  # fmt: skip
    return Result(
        what=f"Builds of {_runs_count(job)} bundles by two workers, every run of which was edited,"
        " ended by kill -9 of all its processes at a random moment, or by a tmpfs that is full."
        " Then each page is read to its end and each of its links and data files looked for;"
        " then the next build runs, and `sitegen verify`.",
        head=("accident", "times", "ended", "pages and links whole", "next build complete"),
        rows=tuple(rows),
        goals=(
            Goal(
                text="every page whole and its links resolve each time",
                measured=f"{whole} of {len(outcomes)}",
                is_met=whole == len(outcomes),
            ),
            Goal(
                text="the next build completes it",
                measured=f"{completed} of {len(outcomes)}",
                is_met=completed == len(outcomes),
            ),
        ),
        notes=(*wrong[:5], *(() if can_mount(job.scratch) else (NO_MOUNT,))),
    )


NO_MOUNT = "No full disk was tried: mounting a tmpfs takes root, as in `sudo` or a container."


def _runs_count(job: Job) -> int:
    return max(3, job.count(RUNS))


def _killed(job: Job) -> Iterator[_Outcome]:
    """First builds and later ones in turn, each killed at a moment of its kind's usual time."""
    count = _runs_count(job)
    runs, site = job.directory("runs"), job.scratch / "site"
    write_runs(runs, count, metrics=POINTS)
    build = sitegen_build(runs, site, "--workers", "2")
    chance = random.Random(_SEED)
    usual_s: dict[bool, float] = {}
    seconds_of(build, job.scratch)  # from here on Python's compiled modules are there
    for number in range(-2, max(2, job.rounds_or(MOMENTS))):
        is_first = number % 2 == 0
        if is_first:
            remove(site, job.scratch / ".sitegen-cache")
        for run in range(count):
            write_manifest(run_directory(runs, run), run, edit=number + 3)
        if number < 0:
            usual_s[is_first] = seconds_of(build, job.scratch)
            continue
        ended = _kill(build, job.scratch, usual_s[is_first] * chance.uniform(0.05, 1.05))
        yield _Outcome(
            what="kill -9 of a first build" if is_first else "kill -9 of a later build",
            ended=ended,
            faults=tuple(faults_of(site)),
            is_completed=_completes(build, site, job.scratch),
        )


def _kill(command: list[str], scratch: Path, after_s: float) -> str:
    """Start *command* in a session of its own and kill all of that after a while."""
    process = subprocess.Popen(
        command,
        cwd=scratch,
        env=environment(scratch),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return f"done before, code {process.wait(after_s)}"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.05)  # until what else there was in the session is gone too
        return "killed"


def _full(job: Job) -> Iterator[_Outcome]:
    """Builds on a tmpfs that has room for the site and for a part of the next one."""
    if not can_mount(job.scratch):
        return
    count = _runs_count(job)
    runs = job.scratch / "runs"
    for number in range(FULL_DISKS):
        disk = job.directory(f"disk-{number}")
        site = disk / "site"
        build = sitegen_build(runs, site, "--workers", "2", "--cache", str(disk / "cache"))
        with _mounted(disk, 1 << 30):
            seconds_of(build, job.scratch)
            used = sum(path.stat().st_blocks * 512 for path in disk.rglob("*") if path.is_file())
            for run in range(count):
                write_manifest(run_directory(runs, run), run, edit=1_000 + number)
            size = round(used * (1.02 + 0.15 * number))
            _mount(disk, size, "remount,")
            code = subprocess.call(
                build,
                cwd=job.scratch,
                env=environment(job.scratch),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            faults = tuple(faults_of(site))
            _mount(disk, 1 << 30, "remount,")
            yield _Outcome(
                what="a full tmpfs", ended=f"code {code}", faults=faults,
                is_completed=_completes(build, site, job.scratch),
            )  # fmt: skip


def _completes(build: list[str], site: Path, scratch: Path) -> bool:
    """Whether a build ends with 0 and a site that is as its manifest says, all links whole."""
    seconds_of(build, scratch)
    output_of([sys.executable, "-m", "sitegen", "verify", str(site)], scratch)
    return not tuple(faults_of(site))


def can_mount(scratch: Path) -> bool:
    """Whether a tmpfs may be mounted here."""
    probe = scratch / "probe"
    probe.mkdir(exist_ok=True)
    if _mount(probe, 1 << 20, ""):
        subprocess.run(["umount", str(probe)], check=False, capture_output=True)
        return True
    return False


@contextmanager
def _mounted(disk: Path, size_bytes: int) -> Iterator[None]:
    _mount(disk, size_bytes, "")
    try:
        yield
    finally:
        subprocess.run(["umount", str(disk)], check=False, capture_output=True)


def _mount(disk: Path, size_bytes: int, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"{options}size={size_bytes}", "tmpfs", str(disk)]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
