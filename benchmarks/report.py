"""Results as Markdown: a table, what became of each goal, and the profile of what missed one."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sitegen import __version__

_LIBRARIES = ("numpy", "pyarrow", "msgspec", "jinja2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A figure that was to be reached."""

    text: str
    """What was to be reached, as `no-op ÷ git status ≤ 1.6`."""
    measured: str
    """What was measured."""
    is_met: bool
    """Whether it was reached."""

    @property
    def line(self) -> str:
        """As a line of a list."""
        return f"- {self.text}: **{'met' if self.is_met else 'missed'}**, {self.measured}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a figure's module found."""

    what: str
    """One sentence on what was measured."""
    head: tuple[str, ...]
    """Names of the columns."""
    rows: tuple[tuple[str, ...], ...]
    """Cells of the table."""
    goals: tuple[Goal, ...]
    """What became of each goal."""
    notes: tuple[str, ...] = ()
    """Sentences below the table."""
    profile: str | None = None
    """Where the time went, if a goal was missed."""


def section(result: Result, date: str | None, place: Path) -> str:
    """The result as Markdown, its last line ended."""
    lines = [result.what, "", *_table(result.head, result.rows), ""]
    lines += [goal.line for goal in result.goals]
    lines += [f"- {note}" for note in result.notes]
    if result.profile:
        lines += ["", "```", *result.profile.rstrip().splitlines(), "```"]
    told = " · ".join(filter(None, (date, machine(), _place(place), versions())))
    lines += ["", f"<sub>{told}</sub>"]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def replaced(text: str, name: str, content: str) -> str:
    """*text* with the section *name*, which stands between two comments, replaced."""
    pattern = rf"(<!-- {name}: begin -->\n).*?(<!-- {name}: end -->)"
    found = re.sub(pattern, lambda match: f"{match[1]}{content}{match[2]}", text, flags=re.DOTALL)
    if found == text and content not in text:
        raise ValueError(f"no section {name} between comments")
    return found


def machine(cpuinfo: Path = Path("/proc/cpuinfo"), meminfo: Path = Path("/proc/meminfo")) -> str:
    """Cores, processor, memory and kernel; no name of the host."""
    cores = len(os.sched_getaffinity(0))
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text())
    memory = re.search(r"MemTotal:\s*(\d+) kB", meminfo.read_text())
    return ", ".join([
        f"{cores} cores of {model[1] if model else platform.machine()}",
        f"{int(memory[1]) / 1e6:.0f} GB" if memory else "memory unknown",
        f"{platform.system()} {platform.release().split('-')[0]}",
    ])  # fmt: skip


def _place(scratch: Path) -> str:
    """File system of the scratch directory."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    inside = [(point, kind) for point, kind in mounts if scratch.is_relative_to(point)]
    return max(inside, key=lambda mount: len(mount[0]), default=("", "unknown file system"))[1]


def versions() -> str:
    """Versions of all that was measured."""
    found = [f"sitegen {__version__}", f"Python {platform.python_version()}"]
    found += [f"{name} {version(name)}" for name in _LIBRARIES]
    for program, arguments in (("git", "--version"), ("hugo", "version")):
        if shutil.which(program):
            said = subprocess.run([program, arguments], capture_output=True, text=True, check=True)
            number = re.search(r"\d+(\.\d+)+", said.stdout)
            found.append(f"{program} {number[0] if number else 'of unknown version'}")
    return ", ".join(found)


def seconds_text(seconds: float) -> str:
    """Milliseconds below ten seconds, else seconds."""
    return f"{seconds * 1_000:,.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def megabytes_text(size_bytes: float) -> str:
    """Megabytes of a million bytes."""
    return f"{size_bytes / 1e6:,.1f} MB"
