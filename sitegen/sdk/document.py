"""run.json: changed by several processes, always whole.

A change is made to what the file holds now, under a lock, and put in place by rename. What cannot
be written is kept and written with the next change that can.
"""

from __future__ import annotations

import copy
import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeAlias

from sitegen.sdk.faults import Faults
from sitegen.sdk.lifecycle import undisturbed
from sitegen.sdk.places import MANIFEST, locked, sync_path, write_atomically
from sitegen.sdk.values import json_number

Document: TypeAlias = dict[str, Any]
Change: TypeAlias = Callable[[Document], None]

LOCK = ".lock"
_RETRY_S = 1.0


class RunDocument:
    """The run.json of one bundle, as one process sees it."""

    def __init__(self, directory: Path, faults: Faults) -> None:
        self._path = directory / MANIFEST
        self._lock = directory / LOCK
        self._faults = faults
        self._mutex = threading.RLock()
        self._document: Document = {}
        self._stamp: tuple[int, int, int] | None = None
        self._waiting: list[Change] = []
        self._retry_s = 0.0
        self._is_synced = True
        self._is_locked = False  # True here: a signal's handler within a change of its own thread

    def change(self, change: Change, *, sync: bool = False) -> bool:
        """Whether *change* is in the file; if not, it is tried again with one a second later."""
        with self._mutex:
            if self._waiting and not sync and time.monotonic() < self._retry_s:
                self._waiting.append(change)  # a full disk: not all of them again with each
                return False
            is_within, self._is_locked = self._is_locked, True  # before the lock is taken
            try:
                with undisturbed(), nullcontext() if is_within else locked(self._lock):
                    self._apply([*self._waiting, change], sync=sync)
            except OSError as error:
                self._waiting.append(change)
                self._retry_s = time.monotonic() + _RETRY_S
                self._faults.add(MANIFEST, error, count=0)
                return False
            finally:
                self._is_locked = is_within
            self._waiting.clear()
            return True

    def _apply(self, changes: list[Change], *, sync: bool) -> None:
        document = self._read()
        for change in changes:
            change(document)
        write_atomically(self._path, encode(document), sync=sync)
        self._document, self._stamp = document, self._stamp_now()
        self._is_synced = sync

    def sync(self) -> None:
        """What was changed is on the disk; what could not be written is tried again."""
        with self._mutex:
            if self._waiting:
                self.change(lambda _: None, sync=True)
            elif not self._is_synced:
                self._is_synced = True
                with self._faults.guard(MANIFEST):
                    sync_path(self._path)

    def read(self) -> Document:
        """What the file holds, else what it would."""
        with self._mutex:
            try:
                document = self._read()
            except OSError:
                document = self._copy()
            for change in self._waiting:
                change(document)
            return document

    def _copy(self) -> Document:
        return copy.deepcopy(self._document)

    def _read(self) -> Document:
        stamp = self._stamp_now()
        if stamp is None or stamp == self._stamp:
            return self._copy()
        try:
            document = parse(self._path.read_bytes())
        except ValueError:  # a person edits it and has not finished
            return self._copy()
        return document if isinstance(document, dict) else self._copy()

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            stat = os.stat(self._path)  # noqa: PTH116
        except FileNotFoundError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def after_fork(self) -> None:
        """Locks that another thread of the parent held are free here."""
        self._mutex = threading.RLock()
        self._is_locked = False


def parse(content: bytes) -> Any:
    """The JSON of a run.json; numbers that are not finite become the texts that stand for them.

    Raises:
        ValueError: if it is no JSON.
    """
    return json.loads(
        content, parse_constant=str, parse_float=lambda digits: json_number(float(digits))
    )


def encode(document: Document) -> bytes:
    """The text of run.json: keys in the order of the format, others after them."""
    from sitegen.bundle.schema import RunFile

    order = {field: index for index, field in enumerate(RunFile.__struct_fields__)}
    ordered = sorted(document.items(), key=lambda entry: order.get(entry[0], len(order)))
    text = json.dumps(dict(ordered), indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode("utf-8", "replace")
