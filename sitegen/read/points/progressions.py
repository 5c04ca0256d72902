"""Which columns are one arithmetic progression over all batches, metric by metric.

Floor 2. Pure. Steps and wall times of a training loop nearly always are; then two numbers stand for
them however many batches there are, and no batch need be looked at to put the column together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sitegen.read.points.groups import Column, Ramps, Stretch

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Progressions:
    """Follows one column of all metrics, batch by batch."""

    def __init__(self) -> None:
        self._starts = np.zeros(0, dtype=np.int64)
        self._strides = np.zeros(0, dtype=np.int64)
        self._counts = np.zeros(0, dtype=np.int64)
        self._is_broken = np.zeros(0, dtype=np.bool_)

    def add(
        self, ids: NDArray[np.int32], lengths: NDArray[np.int64], column: Column | None
    ) -> None:
        """The next batch: its groups are of the metrics *ids* and have *lengths*."""
        self._grow(int(ids.max()) + 1)
        counts = self._counts[ids]
        if isinstance(column, Ramps):
            self._follow(ids, lengths, counts, column)
        else:
            self._is_broken[ids] = True
        self._counts[ids] = counts + lengths

    def _follow(
        self,
        ids: NDArray[np.int32],
        lengths: NDArray[np.int64],
        counts: NDArray[np.int64],
        column: Ramps,
    ) -> None:
        is_new, is_second = counts == 0, counts == 1
        self._starts[ids] = np.where(is_new, column.starts, self._starts[ids])
        starts, strides = self._starts[ids], self._strides[ids]
        with np.errstate(over="ignore"):  # modulo 2^64, as the values are made
            strides = np.where(is_second, column.starts - starts, strides)
            strides = np.where(is_new, column.strides, strides)
            goes_on = starts + strides * counts == column.starts
        goes_on &= (lengths == 1) | (column.strides == strides)
        self._strides[ids] = strides
        self._is_broken[ids] |= ~goes_on

    def _grow(self, size: int) -> None:
        if len(self._counts) >= size:
            return
        for name in ("_starts", "_strides", "_counts", "_is_broken"):
            column = getattr(self, name)
            wider = np.zeros(max(64, 2 * size), dtype=column.dtype)
            wider[: len(column)] = column
            setattr(self, name, wider)

    def part(self, number: int, start: int, stop: int) -> Stretch | None:
        """The values *start* to *stop* of the metric *number*; None if it is no progression."""
        if self._is_broken[number]:
            return None
        first, stride = int(self._starts[number]), int(self._strides[number])
        return Stretch(first + stride * start, stride, stop - start)
