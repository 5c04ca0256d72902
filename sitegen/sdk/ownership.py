"""Who decides how a run ends: the process that holds the lock of `.owner` in its bundle.

The lock is free as soon as that process is dead, whatever killed it. The file also keeps some room
on the disk, which is given back when the run ends on a full disk, so that run.json can say so.
"""

from __future__ import annotations

import os
from pathlib import Path

from sitegen.sdk.document import LOCK
from sitegen.sdk.journal import FOLDER, is_alive
from sitegen.sdk.places import try_lock

OWNER = ".owner"
_SPARE_BYTES = 65_536


class Ownership:
    """The lock of one bundle, if this process has it."""

    def __init__(self, bundle: Path) -> None:
        self._path = bundle / OWNER
        self._descriptor = -1
        self._pid = os.getpid()

    def take(self) -> bool:
        """Whether this process is now the owner.

        Raises:
            OSError: if the file cannot be made.
        """
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not try_lock(self._descriptor):
            self.forget()
            return False
        try:
            os.pwrite(self._descriptor, bytes(_SPARE_BYTES), 0)
        except OSError:  # no room to keep
            self.make_room()
        return True

    @property
    def is_held(self) -> bool:
        """Whether this process, and not a child of it, is the owner."""
        return self._descriptor >= 0 and self._pid == os.getpid()

    def make_room(self) -> None:
        """Give the kept room back to the disk."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)

    def release(self) -> None:
        """The run has ended: nobody owns it."""
        self._path.unlink(missing_ok=True)
        self._path.with_name(LOCK).unlink(missing_ok=True)
        self.forget()

    def forget(self) -> None:
        """The file is closed; in a forked child this leaves the parent's lock."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def living_writer(bundle: Path) -> str | None:
    """What says that a process still logs into *bundle*; None if all have ended."""
    owner = bundle / OWNER
    if owner.exists() and is_alive(owner):
        return "the process that started it lives"
    for journal in sorted((bundle / FOLDER).glob("*.jsonl")):
        if is_alive(journal):
            return f"the writer of {FOLDER}/{journal.name} lives"
    return None
