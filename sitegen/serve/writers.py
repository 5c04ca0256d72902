"""Whether anybody still writes a run that has no end: what a build, without a clock, cannot say.

Floor 7. A writer holds a lock on its journal as long as its process lives; where a disk has no
locks, nothing is said.
"""

from __future__ import annotations

import os
from pathlib import Path

from sitegen.records import dataclass
from sitegen.sdk.journal import is_alive

_FOLDERS = ("metrics", "traces", "evals")
_MOST_JOURNALS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Writers:
    """Who writes a run."""

    last_ms: int | None
    """When the last record came, in ms since the epoch; None if there is none."""
    are_alive: bool | None
    """Whether one of its processes lives; None if that cannot be told."""


def writers_of(bundle: Path) -> Writers:
    """Who writes the run in *bundle*."""
    times, journals = [], []
    for folder in _FOLDERS:
        for entry in _files(bundle / folder):
            times.append(entry.stat(follow_symlinks=False).st_mtime_ns // 1_000_000)
            if folder == "metrics" and entry.name.endswith(".jsonl"):
                journals.append(Path(entry.path))
    return Writers(last_ms=max(times, default=None), are_alive=_one_lives(journals))


def _one_lives(journals: list[Path]) -> bool | None:
    said = []
    for path in sorted(journals)[:_MOST_JOURNALS]:
        try:
            said.append(is_alive(path))
        except OSError:  # compacted meanwhile, or not readable
            said.append(None)
        if said[-1]:
            return True
    return False if said and None not in said else None


def _files(folder: Path) -> list[os.DirEntry[str]]:
    if folder.is_symlink():
        return []
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
