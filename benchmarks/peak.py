"""Peak memory of every process that a command starts, workers included. Linux only.

`VmHWM` of /proc is the peak of a process since it began, so looking now and then misses only what
a process gains in its last moment. `ru_maxrss` is not used: `exec` keeps what the process that
called it had before, so that a child begins with the peak of the benchmark that started it, and
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
_INTERVAL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """What a command took."""

    seconds: float
    """Wall time; looking at /proc costs about a hundredth of it."""
    largest_bytes: int
    """Peak resident memory of the process that had most."""
    processes: int
    """Processes seen."""


def peak_of(command: Sequence[str], scratch: Path) -> Peak:
    """Run *command* to its end and watch all processes of its session."""
    with (scratch / "log.txt").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=scratch,
            env=environment(scratch),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        peaks = {str(process.pid): 0}
        strangers: set[str] = set()
        while process.poll() is None:
            for pid in {path.name for path in _PROC.iterdir()} - strangers:
                if pid.isdigit() and (pid in peaks or _session_of(pid) == process.pid):
                    peaks[pid] = max(peaks.get(pid, 0), _peak_bytes(pid))
                else:
                    strangers.add(pid)
            time.sleep(_INTERVAL_S)
        seconds = time.perf_counter() - started
    check(command, process.returncode, scratch)
    return Peak(seconds=seconds, largest_bytes=max(peaks.values()), processes=len(peaks))


def own_peak_bytes() -> int:
    """Peak resident memory of this process since it runs this program."""
    return _peak_bytes("self")


def _session_of(pid: str) -> int:
    """The session that the process belongs to, 0 if it has ended meanwhile."""
    try:
        stat = (_PROC / pid / "stat").read_text(errors="replace")
    except OSError:
        return 0
    # pid (name) state parent group session …; a name may hold anything, a parenthesis too
    return int(stat.rpartition(")")[2].split()[3])


def _peak_bytes(pid: str) -> int:
    try:
        status = (_PROC / pid / "status").read_text(errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0  # a process that has ended and waits to be collected
