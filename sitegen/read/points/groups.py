"""Points of many metrics, as files hold them in rows, grouped by metric.

Floor 2. Pure. Measured for 10^6 rows of 100 metrics: where the names come round with a fixed period
(one training loop logs them all at every step) a transposition groups them in 7 ms, else a radix
sort of codes of 8 or 16 bits in 21 to 26 ms; of codes of 32 bits it would take 63. Rows that are
grouped already (one metric after another) stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from sitegen.records import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Stretch(NamedTuple):
    """Values of an arithmetic progression."""

    first: int
    """The first value."""
    stride: int
    """Difference of neighbours."""
    length: int
    """Values."""

    def values(self) -> NDArray[np.int64]:
        """The values."""
        return self.first + self.stride * np.arange(self.length, dtype=np.int64)

    def with_next(self, after: Stretch) -> Stretch | None:
        """Both as one, if *after* goes on as this one does."""
        goes_on = after.first == self.first + self.stride * self.length
        if not goes_on or (after.length > 1 and after.stride != self.stride):
            return None
        return self._replace(length=self.length + after.length)


@dataclass(frozen=True, slots=True)
class Ramps:
    """A column that is an arithmetic progression within each group: two numbers instead of it."""

    starts: NDArray[np.int64]
    """First value, one per group."""
    strides: NDArray[np.int64]
    """Difference of neighbours, one per group."""

    def part(self, group: int, start: int, stop: int) -> Stretch:
        """The values of *group* from its row *start* to *stop*."""
        first, stride = int(self.starts[group]), int(self.strides[group])
        return Stretch(first + stride * start, stride, stop - start)


Column: TypeAlias = "NDArray[np.int64] | Ramps"
"""A column of integers over all rows of a batch."""
Values: TypeAlias = "NDArray[np.float64] | NDArray[np.float32]"
"""Values over all rows of a batch, in 32 bits if that is exact: see `narrowed`."""
_SORTED_ROWS = 1 << 17  # three columns of them fit into a core's cache
_PIECE = 1 << 14


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBatch:
    """Rows grouped by metric, in file order within each group; no group is empty."""

    ids: NDArray[np.int32]
    """Which metric each group is of; no id twice."""
    edges: NDArray[np.int64]
    """Group g has the rows edges[g] to edges[g + 1]."""
    steps: Column
    """Steps."""
    times_us: Column | None
    """Wall times; None where the file has none."""
    values: Values
    """Values."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Rows of each group."""
        return np.diff(self.edges)

    def first_steps(self) -> NDArray[np.int64]:
        """The first step of each group."""
        return self.steps.starts if isinstance(self.steps, Ramps) else self.steps[self.edges[:-1]]

    def last_steps(self) -> NDArray[np.int64]:
        """The last step of each group in file order."""
        if isinstance(self.steps, Ramps):
            return self.steps.starts + self.steps.strides * (self.lengths - 1)
        return self.steps[self.edges[1:] - 1]

    def descending(self) -> NDArray[np.bool_]:
        """Whether a step of the group is below the one before it, for each group."""
        if isinstance(self.steps, Ramps):
            return (self.steps.strides < 0) & (self.lengths > 1)
        falls = np.flatnonzero(self.steps[1:] < self.steps[:-1]) + 1
        found = np.zeros(len(self.ids), dtype=np.bool_)
        groups = np.searchsorted(self.edges, falls, side="right") - 1
        found[groups[falls != self.edges[groups]]] = True
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows in file order, columns of one length."""

    codes: NDArray[Any]
    """Which metric each row is of, as integers."""
    steps: NDArray[np.int64]
    """Steps."""
    times_us: NDArray[np.int64] | None
    """Wall times, if the file has any."""
    values: Values
    """Values."""

    def slice(self, start: int, stop: int) -> Rows:
        """The rows from *start* to *stop*."""
        times = self.times_us
        return Rows(
            codes=self.codes[start:stop],
            steps=self.steps[start:stop],
            times_us=None if times is None else times[start:stop],
            values=self.values[start:stop],
        )

    def coded(self, count: int) -> Rows:
        """The rows with small codes, which are below *count*."""
        return Rows(
            codes=small_codes(self.codes, count),
            steps=self.steps,
            times_us=self.times_us,
            values=self.values,
        )


def small_codes(codes: NDArray[Any], count: int) -> NDArray[Any]:
    """*codes* below *count* in as few bits as they need: numpy sorts 8 and 16 bits by radix."""
    kind = np.uint8 if count <= 2**8 else np.uint16 if count <= 2**16 else np.int64
    return codes.astype(kind, copy=False)


def narrowed(values: NDArray[np.float64]) -> Values:
    """*values* in 32 bits if that keeps every bit of them: most are logged from such, and they take
    half of the memory.
    """
    narrow = np.empty(len(values), dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(values), _PIECE):
            part, kept = values[start : start + _PIECE], narrow[start : start + _PIECE]
            kept[:] = part
            if not np.array_equal(kept.astype(np.float64).view(np.int64), part.view(np.int64)):
                return values
    return narrow


def grouped(rows: Rows, ids: NDArray[np.int32]) -> list[PointBatch]:
    """*rows* by metric, in the order of the file; *ids* names the metric of each code.

    Raises:
        ValueError: if a code is none of *ids*.
    """
    count = len(rows.codes)
    if not count:
        return []
    period = _period(rows.codes)
    seen = rows.codes[: period or count]
    if not 0 <= seen.min() <= seen.max() < len(ids):
        raise ValueError("names point beyond their dictionary")
    if period:
        return [_transposed(rows, period, ids)]
    rows = rows.coded(len(ids))
    most = count if _is_grouped(rows.codes) else _SORTED_ROWS
    return [_sorted(rows.slice(at, at + most), ids) for at in range(0, count, most)]


def _period(codes: NDArray[Any]) -> int:
    """After how many rows the codes come again in the same order, 0 if they do not."""
    again = np.flatnonzero(codes[1:4097] == codes[0])
    if len(codes) > 4097 and not len(again):
        again = np.flatnonzero(codes[1:] == codes[0])
    if not len(again):
        return 0
    period = int(again[0]) + 1
    if 2 * period > len(codes) or not np.array_equal(codes[period:], codes[:-period]):
        return 0
    return period if len(set(codes[:period].tolist())) == period else 0


def _transposed(rows: Rows, period: int, ids: NDArray[np.int32]) -> PointBatch:
    turns, longer = divmod(len(rows.codes), period)  # the first groups are longer by a row
    lengths = np.full(period, turns, dtype=np.int64)
    lengths[:longer] += 1

    def turned(column: NDArray[Any]) -> NDArray[Any]:
        table, rest = column[: turns * period].reshape(turns, period), column[turns * period :]
        found = np.empty_like(column)
        first = found[: longer * (turns + 1)].reshape(longer, turns + 1)
        first[:, :turns], first[:, turns] = table[:, :longer].T, rest
        found[longer * (turns + 1) :].reshape(period - longer, turns)[:] = table[:, longer:].T
        return found

    def ints(column: NDArray[np.int64]) -> Column:
        return _turned_ramps(column, period) or turned(column)

    return PointBatch(
        ids=ids[rows.codes[:period]],
        edges=np.concatenate([[0], np.cumsum(lengths)]),
        steps=ints(rows.steps),
        times_us=None if rows.times_us is None else ints(rows.times_us),
        values=turned(rows.values),
    )


def _turned_ramps(column: NDArray[np.int64], period: int) -> Ramps | None:
    """Every *period*th value of *column*, beginning with each of the first, as ramps if all of them
    are.
    """
    first, stride = column[:period], column[period : 2 * period] - column[:period]
    lengths = (len(column) - np.arange(period) - 1) // period + 1
    if not _ends_fit(first, stride, _lasts(column, period), lengths):
        return None
    whole = len(column) // period * period
    table, rest = column[:whole].reshape(-1, period), column[whole:]
    is_ramp = (np.diff(table, axis=0) == stride).all()
    goes_on = (rest - table[-1, : len(rest)] == stride[: len(rest)]).all()
    return Ramps(first.copy(), stride.copy()) if is_ramp and goes_on else None


def _lasts(column: NDArray[np.int64], period: int) -> NDArray[np.int64]:
    """The last of every *period*th value, in the order of the first ones."""
    return np.roll(column[-period:], len(column) % period)


def _is_grouped(codes: NDArray[Any]) -> bool:
    """Whether the codes ascend; most that do not show it early."""
    first = codes[:_PIECE]
    return bool((first[1:] >= first[:-1]).all() and (codes[1:] >= codes[:-1]).all())


def _sorted(rows: Rows, ids: NDArray[np.int32]) -> PointBatch:
    counts = np.bincount(rows.codes, minlength=len(ids))
    present = np.flatnonzero(counts)
    edges = np.concatenate([[0], np.cumsum(counts[present])])
    order = None if _is_grouped(rows.codes) else np.argsort(rows.codes, kind="stable")
    return PointBatch(
        ids=ids[present],
        edges=edges,
        steps=_taken_ints(rows.steps, order, edges),
        times_us=None if rows.times_us is None else _taken_ints(rows.times_us, order, edges),
        values=_taken(rows.values, order),
    )


def _taken(column: NDArray[Any], order: NDArray[np.int64] | None) -> NDArray[Any]:
    """The column in *order*, None as it is; never a view, which would keep all it is a part of."""
    if order is None:
        return column.copy()
    return column.take(order, mode="clip")  # all are within; half the time of looking whether


def _taken_ints(
    column: NDArray[np.int64], order: NDArray[np.int64] | None, edges: NDArray[np.int64]
) -> Column:
    found = ramps_or(column if order is None else _taken(column, order), edges)
    return found.copy() if found is column else found


def ramps_or(column: NDArray[np.int64], edges: NDArray[np.int64]) -> Column:
    """*column* as ramps if it is a progression within each group, else as it is."""
    starts, lengths = column[edges[:-1]], np.diff(edges)
    seconds = column[np.minimum(edges[:-1] + 1, edges[1:] - 1)]
    strides = seconds - starts
    if not _ends_fit(starts, strides, column[edges[1:] - 1], lengths):
        return column
    is_alike = bool((strides == strides[0]).all())
    is_ramp = np.diff(column) == (strides[0] if is_alike else np.repeat(strides, lengths)[1:])
    is_ramp[edges[1:-1] - 1] = True  # between groups
    return Ramps(starts, strides) if is_ramp.all() else column


def _ends_fit(
    starts: NDArray[np.int64],
    strides: NDArray[np.int64],
    ends: NDArray[np.int64],
    lengths: NDArray[np.int64] | np.int64,
) -> bool:
    """Whether the last values are where progressions would end: nearly all that are none fail.

    Differences are taken modulo 2^64, as numpy does; a column that wraps around is refused.
    """
    with np.errstate(over="ignore"):
        fits = starts + strides * (lengths - 1) == ends
    near = np.abs(starts.astype(np.float64)) + np.abs(strides.astype(np.float64)) * lengths
    return bool(fits.all() and (near < 2.0**62).all())
