"""A journal, `metrics/<writer>.jsonl`: one record a line, each put there by one `write`.

A record that was written survives the death of the process. Lines are built by hand, because a
dictionary and an encoder cost more than the write itself:

    {"seq":7,"time":1795224679721379,"step":7,"values":{"train/loss":0.31}}

Each process has a journal of its own; a forked one begins a new one with its first record.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Mapping
from json import dumps
from pathlib import Path

from sitegen.sdk.faults import Faults
from sitegen.sdk.places import random_letters, try_lock
from sitegen.sdk.values import json_number, name_of, number

FOLDER = "metrics"
_RETRY_NS = 1_000_000_000
_MOST_NAMES = 100_000


class Journal:
    """The journal of this process in one run; opened by the first record."""

    def __init__(self, directory: Path, faults: Faults) -> None:
        self._folder = directory / FOLDER
        self._faults = faults
        self._descriptor = -1
        self._mutex = threading.RLock()
        self._retry_ns = 0
        self._seq = 0
        self._size = 0
        self._is_synced = True
        self._key_by_name: dict[str, str] = {}
        self.path: Path | None = None
        """The file, once a record was written."""
        self.on_open: Callable[[], None] = lambda: None
        """Called when a journal was begun."""

    def point(self, name: str, value: object, step: int | None, moment_us: int | None) -> bool:
        """Whether the point is in the file. *step* and *moment_us* are integers or None."""
        try:
            key = self._key_by_name.get(name) or self._key(name)
        except TypeError:  # what cannot be a key of a mapping is no name
            key = self._key(name)
        if type(value) is float and value - value == 0.0:  # finite
            shown = repr(value)
        else:
            shown = _value_text(name, value)
        return self._append(step, moment_us, key + shown, 1)

    def points(self, values: Mapping[str, object], step: int | None, moment_us: int | None) -> bool:
        """Whether the record of several points is in the file."""
        keys = self._key_by_name
        parts = []
        for name, value in values.items():
            key = keys.get(name) or self._key(name)
            if type(value) is float and value - value == 0.0:
                parts.append(f"{key}{value!r}")
            else:
                parts.append(key + _value_text(name, value))
        return self._append(step, moment_us, ",".join(parts), len(parts))

    def _append(self, step: int | None, moment_us: int | None, values: str, count: int) -> bool:
        if moment_us is None:
            moment_us = time.time_ns() // 1000
        place = "" if step is None else f',"step":{step}'
        with self._mutex:
            self._seq += 1
            line = f'{{"seq":{self._seq},"time":{moment_us}{place},"values":{{{values}}}}}\n'
            data = line.encode()
            try:
                written = os.write(self._descriptor, data)
            except OSError as error:
                return self._retried(data, count, error)
            self._size += written
            self._is_synced = False
            return written == len(data) or self._completed(data, written, count)

    def _key(self, name: object) -> str:
        """`"train/loss":`, remembered by name."""
        key = f"{dumps(name_of('a metric', name))}:"
        if len(self._key_by_name) < _MOST_NAMES:
            self._key_by_name[str(name)] = key
        return key

    def _retried(self, data: bytes, count: int, error: OSError) -> bool:
        """Open the journal if it is not yet; a failure costs the record and a second of trying."""
        now_ns = time.monotonic_ns()
        if self._descriptor < 0 and now_ns >= self._retry_ns:
            try:
                self._open()
                written = os.write(self._descriptor, data)
            except OSError as opening:
                error = opening
                self._retry_ns = now_ns + _RETRY_NS
            else:
                self._size = written
                self._is_synced = False
                return written == len(data) or self._completed(data, written, count)
        self._faults.add("metrics", error, count)
        return False

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.path = self._folder / f"{writer_name()}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags, 0o644)
        try_lock(self._descriptor)  # says to `sitegen compact` that the writer lives
        self.on_open()

    def _completed(self, data: bytes, written: int, count: int) -> bool:
        """The rest of a record of which the disk took a part; else the part is taken back."""
        try:
            while written < len(data):
                more = os.write(self._descriptor, data[written:])
                written += more
                self._size += more
        except OSError as error:
            self._size -= written
            with self._faults.guard("metrics"):
                os.ftruncate(self._descriptor, self._size)
            self._faults.add("metrics", error, count)
            return False
        return True

    def sync(self) -> None:
        """What was written is on the disk."""
        if not self._is_synced and self._descriptor >= 0:
            self._is_synced = True
            with self._faults.guard("metrics"):
                os.fsync(self._descriptor)

    def close(self) -> None:
        """The journal is on the disk and its lock is free; a later record begins a new one."""
        with self._mutex:
            self.sync()
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._forget()

    def after_fork(self) -> None:
        """In a child the file is the parent's: closed here, which leaves the parent's lock."""
        self._mutex = threading.RLock()
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._forget()

    def _forget(self) -> None:
        self._descriptor = -1
        self._seq = self._size = self._retry_ns = 0
        self._is_synced = True
        self.path = None


def writer_name() -> str:
    """`00mhx3k9f2a-4711-x7k2`: sorts by time, and no other process has it."""
    return f"{time.time_ns() // 1000:013x}-{os.getpid()}-{random_letters(4)}"


def _value_text(name: str, value: object) -> str:
    """*value* as it stands in a journal."""
    shown = json_number(number(name, value))
    return f'"{shown}"' if isinstance(shown, str) else repr(shown)


def is_alive(path: Path) -> bool | None:
    """Whether the process that writes the journal *path* lives; None where locks do not work."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False
