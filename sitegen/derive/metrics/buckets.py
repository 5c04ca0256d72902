"""Buckets of a series: what stands for a stretch of points that is too long to be drawn.

Floor 3. A bucket holds the smallest and the largest finite value of its points and where they
stand, the mean, and its faults (NaN and ±Inf): nothing that a reader looks for is lost. Buckets are
counted in points, not in steps, so that each but the last has the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from sitegen.model import Series
from sitegen.records import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Buckets that hold a NaN or ±Inf; columns of one length, a row per such bucket."""

    at: NDArray[np.int64]
    """Index in the series of the first of them; tells the bucket too."""
    value: NDArray[np.int64]
    """What the first is: 0 NaN, 1 +Inf, −1 −Inf."""
    nan: NDArray[np.int64]
    """NaN in the bucket."""
    high: NDArray[np.int64]
    """+Inf in the bucket."""
    low: NDArray[np.int64]
    """−Inf in the bucket."""
    step: NDArray[np.int64]
    """Step of the first."""
    time_us: NDArray[np.int64] | None
    """Wall time of the first; None where the series has no times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets:
    """Neighbouring buckets of one size; columns of one length."""

    size: int
    """Points of a bucket; the last one of a series may have fewer."""
    first: int
    """Index of the first bucket among those of its size."""
    finite: NDArray[np.int64]
    """Finite points."""
    mean: NDArray[np.float64]
    """Mean of the finite values, NaN without any."""
    low: NDArray[np.float64]
    """Smallest finite value, NaN without any."""
    low_at: NDArray[np.int64]
    """Index in the series of the first point that has it."""
    low_step: NDArray[np.int64]
    """Its step."""
    low_time_us: NDArray[np.int64] | None
    """Its wall time."""
    high: NDArray[np.float64]
    """Largest finite value, NaN without any."""
    high_at: NDArray[np.int64]
    """Index in the series of the first point that has it."""
    high_step: NDArray[np.int64]
    """Its step."""
    high_time_us: NDArray[np.int64] | None
    """Its wall time."""
    step: NDArray[np.int64]
    """Step of the first point."""
    time_us: NDArray[np.int64] | None
    """Wall time of the first point."""
    faults: Faults
    """Those that hold a NaN or ±Inf."""

    def __len__(self) -> int:
        return len(self.low)


def buckets_of(block: Series, start: int, size: int) -> Buckets:
    """The buckets of *size* points of a block that begins at the index *start* of its series.

    *start* is a multiple of *size*.
    """
    whole = len(block.values) // size * size
    parts = []
    if whole:
        parts.append(_even(_slice(block, 0, whole), start, size))
    if whole < len(block.values):
        rest = _slice(block, whole, len(block.values))
        parts.append(_even(rest, start + whole, len(rest.values)))
    return joined(parts, size=size, first=start // size)


def _slice(block: Series, start: int, stop: int) -> Series:
    times = block.times_us
    return Series(
        name=block.name,
        steps=block.steps[start:stop],
        times_us=None if times is None else times[start:stop],
        values=block.values[start:stop],
    )


def _even(block: Series, start: int, size: int) -> Buckets:
    """The buckets of a block that is a whole number of them."""
    table = block.values.reshape(-1, size)
    finite = np.isfinite(table)
    if finite.all():
        counts = np.full(len(table), size, dtype=np.int64)
        low_in, high_in = table.argmin(axis=1), table.argmax(axis=1)
    else:
        counts = finite.sum(axis=1)
        low_in = np.where(finite, table, np.inf).argmin(axis=1)
        high_in = np.where(finite, table, -np.inf).argmax(axis=1)
        # among ±1.8e308 and faults alone, a fault may have come first: take the first finite one
        low_in = np.where(finite[np.arange(len(table)), low_in], low_in, finite.argmax(axis=1))
        high_in = np.where(finite[np.arange(len(table)), high_in], high_in, finite.argmax(axis=1))
    begins = np.arange(0, table.size, size)
    low_at, high_at = begins + low_in, begins + high_in
    low, high = block.values[low_at], block.values[high_at]
    low[counts == 0] = np.nan
    high[counts == 0] = np.nan
    steps, times = block.steps, block.times_us
    return Buckets(
        size=size, first=0, finite=counts, mean=_means(table, finite, counts, low, high),
        low=low, low_at=start + low_at, low_step=steps[low_at], low_time_us=_take(times, low_at),
        high=high, high_at=start + high_at, high_step=steps[high_at],
        high_time_us=_take(times, high_at), step=steps[begins], time_us=_take(times, begins),
        faults=_faults(block, table, finite, start),
    )  # fmt: skip


def _means(
    table: NDArray[np.float64],
    finite: NDArray[np.bool_],
    counts: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Mean of the finite values of each row, also where their sum is beyond a double."""
    values = table if finite.all() else np.where(finite, table, 0.0)
    some = np.maximum(counts, 1)
    with np.errstate(over="ignore", invalid="ignore"):
        means = values.sum(axis=1) / some
        beyond = ~np.isfinite(means)
        if beyond.any():
            means[beyond] = (values[beyond] / some[beyond, None]).sum(axis=1)
    # a constant stretch keeps its value whatever the rounding; without a finite value: NaN
    clipped: NDArray[np.float64] = np.clip(means, low, high)
    return clipped


def _take(column: NDArray[np.int64] | None, at: NDArray[np.int64]) -> NDArray[np.int64] | None:
    return None if column is None else column[at]


def _faults(
    block: Series, table: NDArray[np.float64], finite: NDArray[np.bool_], start: int
) -> Faults:
    rows = np.flatnonzero(~finite.all(axis=1)) if not finite.all() else np.empty(0, dtype=np.int64)
    odd = table[rows]
    at = rows * table.shape[1] + finite[rows].argmin(axis=1)
    firsts = block.values[at]
    kinds = np.where(np.isnan(firsts), 0, np.where(firsts > 0, 1, -1)).astype(np.int64)
    return Faults(
        at=start + at,
        value=kinds,
        nan=np.isnan(odd).sum(axis=1),
        high=(odd == np.inf).sum(axis=1),
        low=(odd == -np.inf).sum(axis=1),
        step=block.steps[at],
        time_us=_take(block.times_us, at),
    )


def joined(parts: Sequence[Buckets], *, size: int, first: int) -> Buckets:
    """*parts*, which follow each other, as one."""
    columns = {
        field.name: _joined_column([getattr(part, field.name) for part in parts])
        for field in fields(Buckets)
        if field.name not in {"size", "first", "faults"}
    }
    faults = Faults(**{
        field.name: _joined_column([getattr(part.faults, field.name) for part in parts])
        for field in fields(Faults)
    })  # fmt: skip
    return Buckets(size=size, first=first, faults=faults, **columns)


def _joined_column(columns: list[Any]) -> Any:
    if len(columns) == 1 or columns[0] is None:
        return columns[0]
    return np.concatenate(columns)


def merged(buckets: Buckets, factor: int) -> Buckets:
    """Buckets *factor* times as large; the first one begins where one of *buckets* does."""
    if factor == 1:
        return buckets
    begins = np.arange(0, len(buckets), factor)
    low_in = _first_that_is(np.fmin, buckets.low, begins)
    high_in = _first_that_is(np.fmax, buckets.high, begins)
    counts = np.add.reduceat(buckets.finite, begins)
    shares = buckets.finite / np.repeat(np.maximum(counts, 1), factor)[: len(buckets)]
    means = np.add.reduceat(np.where(buckets.finite > 0, buckets.mean, 0.0) * shares, begins)
    low, high = buckets.low[low_in], buckets.high[high_in]
    return Buckets(
        size=buckets.size * factor, first=buckets.first // factor, finite=counts,
        mean=np.clip(means, low, high),
        low=low, low_at=buckets.low_at[low_in], low_step=buckets.low_step[low_in],
        low_time_us=_take(buckets.low_time_us, low_in),
        high=high, high_at=buckets.high_at[high_in], high_step=buckets.high_step[high_in],
        high_time_us=_take(buckets.high_time_us, high_in),
        step=buckets.step[begins], time_us=_take(buckets.time_us, begins),
        faults=_merged_faults(buckets.faults, buckets.size * factor),
    )  # fmt: skip


def _first_that_is(
    pick: np.ufunc, values: NDArray[np.float64], begins: NDArray[np.int64]
) -> NDArray[np.int64]:
    """In each stretch the place of the first value that *pick* picks; its begin if all are NaN."""
    factor = int(begins[1]) if len(begins) > 1 else len(values)
    picked = pick.reduceat(values, begins)
    found = np.flatnonzero(values == np.repeat(picked, factor)[: len(values)])
    found = found[first_ones(found // factor)]
    places = begins.copy()
    places[found // factor] = found
    return places


def first_ones(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of ascending *values* the index of the first of each, as np.unique tells it (which imports
    masked arrays, 25 ms).
    """
    return np.flatnonzero(np.diff(values, prepend=values[:1] - 1))


def _merged_faults(faults: Faults, size: int) -> Faults:
    if not len(faults.at):
        return faults
    begins = first_ones(faults.at // size)
    return Faults(
        at=faults.at[begins],
        value=faults.value[begins],
        nan=np.add.reduceat(faults.nan, begins),
        high=np.add.reduceat(faults.high, begins),
        low=np.add.reduceat(faults.low, begins),
        step=faults.step[begins],
        time_us=_take(faults.time_us, begins),
    )


def drawn_points(
    buckets: Buckets, ends: Sequence[tuple[int, int, float]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Steps and values of the points that stand for *buckets*: extremes and first faults, in order.

    *ends* are (index, step, value) of points to draw besides. The twin of `pointsOf` in
    js/metrics/series.js.
    """
    has = buckets.finite > 0
    faults = buckets.faults
    kinds = np.array([np.nan, np.inf, -np.inf])[faults.value]
    at_ends, end_steps, end_values = zip(*ends, strict=True)
    at = np.concatenate([buckets.low_at[has], buckets.high_at[has], faults.at, at_ends])
    steps = np.concatenate([buckets.low_step[has], buckets.high_step[has], faults.step, end_steps])
    values = np.concatenate([buckets.low[has], buckets.high[has], kinds, end_values])
    order = np.argsort(at, kind="stable")
    order = order[first_ones(at[order])]
    return steps[order], values[order]
