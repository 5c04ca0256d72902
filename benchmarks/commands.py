"""Running the programs that are measured: whole processes, in an environment of their own.

Python's compiled modules are kept below the scratch directory, as an installed package has them
beside it. Git and Hugo see no settings of the user. A program that fails ends the measurement.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a figure is measured with."""

    scratch: Path
    """An empty directory for everything written; on tmpfs if there is one."""
    size: float
    """Factor on the number of runs and points; 1 for the figures in the README."""
    rounds: int | None
    """Rounds asked for, None for each figure's own number."""

    def count(self, full: int) -> int:
        """*full* at the size asked for, at least 1."""
        return max(1, round(full * self.size))

    def rounds_or(self, usual: int) -> int:
        """The rounds asked for, else the *usual* number."""
        return usual if self.rounds is None else self.rounds

    def directory(self, name: str) -> Path:
        """A new directory below the scratch directory."""
        path = self.scratch / name
        path.mkdir(parents=True)
        return path


class CommandError(RuntimeError):
    """A measured program failed; holds the end of what it printed."""


def sitegen_build(runs: Path, site: Path, *options: str) -> list[str]:
    """The command that builds *site* from *runs*."""
    arguments = ["build", str(runs), "-o", str(site), "--quiet", *options]
    return [sys.executable, "-m", "sitegen", *arguments]


def seconds_of(command: Sequence[str], scratch: Path) -> float:
    """Wall time of the whole process, its start included."""
    with (scratch / "log.txt").open("wb") as log:
        started = time.perf_counter()
        code = subprocess.call(
            command,
            cwd=scratch,
            env=environment(scratch),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        seconds = time.perf_counter() - started
    check(command, code, scratch)
    return seconds


def output_of(command: Sequence[str], scratch: Path) -> str:
    """What the command prints on stdout."""
    done = subprocess.run(
        command,
        cwd=scratch,
        env=environment(scratch),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout.decode()


def check(command: Sequence[str], code: int, scratch: Path) -> None:
    """Nothing, if the command ended with 0.

    Raises:
        CommandError: otherwise.
    """
    if code:
        text = (scratch / "log.txt").read_text(errors="replace")
        raise CommandError(f"{' '.join(command)} ended with {code}:\n{text[-2000:]}")


def environment(scratch: Path) -> Mapping[str, str]:
    """Variables of a measured process: nothing of the user's but where programs are found."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONPYCACHEPREFIX": str(scratch / "pycache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }


def remove(*paths: Path) -> None:
    """Remove what lies there, if anything does."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
