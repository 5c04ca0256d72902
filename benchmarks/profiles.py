"""Where the time of a build went, for the goals that were missed."""

from __future__ import annotations

import pstats
import sys
from io import StringIO
from pathlib import Path

from benchmarks.commands import REPOSITORY, output_of

_LINES = 18


def profile_of(arguments: list[str], scratch: Path) -> str:
    """The functions that took most by their own time, and ours that took most with all they called.

    *arguments* are those of Python. Times are two to three times as long as without a profile, and
    calls of small functions weigh more than they do. Only one process is seen.
    """
    target = scratch / "profile"
    output_of([sys.executable, "-m", "cProfile", "-o", str(target), *arguments], scratch)
    return "\n".join([_top(target, "tottime", ""), "", _top(target, "cumulative", "/sitegen/")])


def _top(profile: Path, order: str, within: str) -> str:
    text = StringIO()
    pstats.Stats(str(profile), stream=text).sort_stats(order).print_stats(within, _LINES)
    lines = text.getvalue().splitlines()
    head = next(at for at, line in enumerate(lines) if "ncalls" in line)
    found = [f"by {order}, {lines[2].strip()}", *(_short(line) for line in lines[head:] if line)]
    return "\n".join(found)


def _short(line: str) -> str:
    """Without directories of this machine."""
    for root in (f"{REPOSITORY}/", *(f"{path}/" for path in sys.path if path)):
        line = line.replace(root, "")
    before, _, name = line.partition("  /")
    return line if not name else f"{before}  {'/'.join(name.split('/')[-2:])}"
