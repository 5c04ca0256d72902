"""A file of lines that one process appends to: whole lines or nothing, whatever happens.

Floor 2. Each append is one `write`, so that a killed process leaves whole lines; a short write (a
disk that is full) is cut off again. A forked child gets a file of its own. Nothing here raises
into the program that logs.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from sitegen.sdk.journal import writer_name


class LineFile:
    """Appends lines to `<directory>/<prefix><writer>.jsonl`; each process has a file of its own."""

    def __init__(
        self, directory: Path, *, prefix: str = "", on_fault: Callable[[OSError], None]
    ) -> None:
        """Nothing is opened before the first line; *on_fault* is told of every loss."""
        self._directory = directory
        self._prefix = prefix
        self._on_fault = on_fault
        self._descriptor: int | None = None
        self._is_closed = False
        self._lock = threading.RLock()  # a signal may end the run within an append
        lines = weakref.ref(self)

        def after_fork() -> None:
            inherited = lines()
            if inherited is not None:
                inherited._after_fork()  # noqa: SLF001  # the hook of this very class

        os.register_at_fork(after_in_child=after_fork)

    def _after_fork(self) -> None:
        """Leave the parent's file to the parent; its lock may have been held by a thread."""
        self._lock = threading.RLock()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def append(self, lines: bytes) -> bool:
        """Write *lines*, which end with a line break, in one piece; False if they are lost."""
        with self._lock:
            try:
                self._write(lines)
            except OSError as error:
                self._on_fault(error)
                return False
        return True

    def _write(self, lines: bytes) -> None:
        if self._is_closed:
            raise OSError("the run has ended")
        if self._descriptor is None:
            self._descriptor = self._opened()
        before = os.fstat(self._descriptor).st_size
        written = os.write(self._descriptor, lines)
        if written == len(lines):
            return
        try:  # a signal or a full disk cut it short; the rest, or none of it
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
        except OSError:
            os.ftruncate(self._descriptor, before)
            raise

    def _opened(self) -> int:
        self._directory.mkdir(parents=True, exist_ok=True)
        return os.open(
            self._directory / f"{self._prefix}{writer_name()}.jsonl",
            os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC,
            0o644,
        )

    def sync(self) -> bool:
        """Bring what was appended to the disk itself; False if that failed."""
        with self._lock:
            if self._descriptor is None:
                return True
            try:
                os.fsync(self._descriptor)
            except OSError as error:
                self._on_fault(error)
                return False
        return True

    def close(self) -> None:
        """End the file; what is appended after that is lost and counted."""
        self.sync()
        with self._lock:
            self._is_closed = True
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
