"""Peak memory of every process that a command starts, workers included. Linux only.

`VmHWM` of /proc is the peak of a process since it began, so looking a few times a second misses only
what a process gains in its last moment. `ru_maxrss` is not used: a child inherits its parent's, and
workers of a fork server are not waited for by the command.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.commands import check, environment

_PROC = Path("/proc")
_INTERVAL_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """What a command took."""

    seconds: float
    """Wall time; looking at /proc costs a few hundredths of it."""
    largest_bytes: int
    """Peak resident memory of the process that had most."""
    processes: int
    """Processes seen."""


def peak_of(command: Sequence[str], scratch: Path) -> Peak:
    """Run *command* to its end and watch all processes of its session."""
    with (scratch / "log.txt").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=scratch, env=environment(scratch), stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )
        peaks: dict[int, int] = {}
        while process.poll() is None:
            for pid in _session(process.pid):
                peaks[pid] = max(peaks.get(pid, 0), _peak_bytes(pid))
            time.sleep(_INTERVAL_S)
        seconds = time.perf_counter() - started
    check(command, process.returncode, scratch)
    return Peak(seconds=seconds, largest_bytes=max(peaks.values()), processes=len(peaks))


def _session(session: int) -> list[int]:
    """Ids of all processes of the session."""
    found = []
    for directory in _PROC.iterdir():
        if not directory.name.isdigit():
            continue
        try:
            stat = (directory / "stat").read_text(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        # pid (name) state parent group session …; a name may hold anything, a parenthesis too
        if int(stat.rpartition(")")[2].split()[3]) == session:
            found.append(int(directory.name))
    return found


def _peak_bytes(pid: int) -> int:
    try:
        status = (_PROC / str(pid) / "status").read_text(errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0  # a process that has ended and waits to be collected
