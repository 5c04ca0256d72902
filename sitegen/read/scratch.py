"""Columns that wait their turn: in memory while there is room, else in a temporary file.

Floor 2. The file is opened by whoever builds, beside what it builds: a system's /tmp may be small,
or memory itself. It is removed when it is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

OpenScratch: TypeAlias = Callable[[], BinaryIO]
"""Opens an empty temporary file for reading and writing."""


class ScratchFile:
    """Keeps arrays one after another."""

    def __init__(self, open_scratch: OpenScratch) -> None:
        self._open = open_scratch
        self._file: BinaryIO | None = None
        self._end = 0

    def keep(self, column: NDArray[Any]) -> StoredColumn:
        """*column*, written out."""
        if self._file is None:
            self._file = self._open()
        self._file.seek(self._end)
        self._file.write(np.ascontiguousarray(column).view(np.uint8).data)
        stored = StoredColumn(self, self._end, column.dtype, len(column))
        self._end += column.nbytes
        return stored

    def read(self, start: int, count: int, kind: np.dtype[Any]) -> NDArray[Any]:
        """*count* values of *kind* from the byte *start*."""
        assert self._file is not None
        values = np.empty(count, dtype=kind)
        if count:
            self._file.seek(start)
            size_bytes = self._file.readinto(values.view(np.uint8).data)  # type: ignore[attr-defined]  # typeshed has it on raw files only
            assert size_bytes == values.nbytes
        return values

    def close(self) -> None:
        """Remove it."""
        if self._file is not None:
            self._file.close()
            self._file = None


class StoredColumn:
    """A column that lies in a scratch file."""

    def __init__(self, file: ScratchFile, start: int, kind: np.dtype[Any], count: int) -> None:
        self._file = file
        self._start = start
        self._kind = kind
        self.count = count
        """Values."""

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """The values from *start* to *stop*."""
        return self._file.read(self._start + start * self._kind.itemsize, stop - start, self._kind)
