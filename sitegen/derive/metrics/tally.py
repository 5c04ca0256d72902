"""The facts of one metric, gathered while the blocks of its series go by.

Floor 3. Every point counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sitegen.derive.metrics.buckets import Buckets, first_ones
from sitegen.derive.metrics.facts import MetricFacts, OverviewFacts
from sitegen.model import NO_TIME, Series, SeriesBlocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

OVERVIEW_POINTS = 200
"""Most points of the overview that the server draws."""


class Tally:
    """Counts the blocks of one series."""

    def __init__(self, given: SeriesBlocks) -> None:
        self._given = given
        self._means: list[tuple[float, int]] = []
        self._low: tuple[float, int] | None = None
        self._high: tuple[float, int] | None = None
        self._first: tuple[int, float] | None = None
        self._last = (0, math.nan)
        self._times: list[int] = []
        self._nan_count = 0
        self._infinite_count = 0
        self._fault_step: int | None = None
        self._duplicates = 0

    def add(self, block: Series, buckets: Buckets) -> None:
        """Take the next block and its buckets."""
        steps, values = block.steps, block.values
        if self._first is None:
            self._first = int(steps[0]), float(values[0])
        else:
            self._duplicates += int(steps[0]) == self._last[0]
        self._last = int(steps[-1]), float(values[-1])
        self._duplicates += int((steps[1:] == steps[:-1]).sum())
        if block.times_us is not None:
            times = block.times_us
            times = times if times.min() != NO_TIME else times[times != NO_TIME]
            self._times += [int(times.min()), int(times.max())] if len(times) else []
        self._add_values(values, buckets)

    def _add_values(self, values: NDArray[np.float64], buckets: Buckets) -> None:
        faults = buckets.faults
        if len(faults.at):
            self._nan_count += int(faults.nan.sum())
            self._infinite_count += int(faults.high.sum() + faults.low.sum())
            if self._fault_step is None:
                self._fault_step = int(faults.step[0])
            values = values[np.isfinite(values)]
        if not len(values):
            return
        low, high = int(np.nanargmin(buckets.low)), int(np.nanargmax(buckets.high))
        self._means.append((_mean(values), len(values)))
        if self._low is None or buckets.low[low] < self._low[0]:
            self._low = float(buckets.low[low]), int(buckets.low_step[low])
        if self._high is None or buckets.high[high] > self._high[0]:
            self._high = float(buckets.high[high]), int(buckets.high_step[high])

    def facts(
        self, *, is_exact: bool, shown_count: int, data_name: str, overview: OverviewFacts
    ) -> MetricFacts:
        """The facts, once all blocks were given."""
        assert self._first is not None
        low_value, low_step = self._low or (None, None)
        high_value, high_step = self._high or (None, None)
        return MetricFacts(
            name=self._given.name,
            count=self._given.count,
            first=self._first[1],
            last=self._last[1],
            min=low_value,
            min_step=low_step,
            max=high_value,
            max_step=high_step,
            mean=self._mean(),
            first_step=self._first[0],
            last_step=self._last[0],
            first_time_us=min(self._times, default=None),
            last_time_us=max(self._times, default=None),
            nan_count=self._nan_count,
            infinite_count=self._infinite_count,
            first_non_finite_step=self._fault_step,
            duplicate_steps=self._duplicates,
            out_of_order=self._given.out_of_order,
            shown_count=shown_count,
            is_exact=is_exact,
            data_name=data_name,
            overview=overview,
        )

    def _mean(self) -> float | None:
        if len(self._means) < 2:
            return self._means[0][0] if self._means else None
        total = sum(count for _, count in self._means)
        return math.fsum(mean * (count / total) for mean, count in self._means)


def _mean(values: NDArray[np.float64]) -> float:
    """The mean of finite *values*, also where their sum is beyond a double."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
    return mean if np.isfinite(mean) else float((values / len(values)).sum())


def overview_of(steps: NDArray[np.int64], values: NDArray[np.float64]) -> OverviewFacts:
    """The overview of a series that these points stand for."""
    chosen = bucket_indexes(values, OVERVIEW_POINTS)
    return OverviewFacts(steps=tuple(steps[chosen].tolist()), values=tuple(values[chosen].tolist()))


def bucket_indexes(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Indexes of at most *most* values that keep first, last, every bucket's extremes and faults.

    Values are cut into buckets of equal length; of each the smallest and largest finite value
    and the first non-finite one stay. Ascending; all indexes if there are no more than *most*
    values.
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    finite = np.isfinite(values)
    is_finite = bool(finite.all())
    edges = np.linspace(0, count, max(1, (most - 2) // (2 if is_finite else 3)) + 1).astype(
        np.int64
    )
    low = values if is_finite else np.where(finite, values, np.inf)
    high = values if is_finite else np.where(finite, values, -np.inf)
    picks = [
        np.array([0, count - 1]),
        _firsts(finite & (low == _spread(np.minimum, low, edges)), edges),
        _firsts(finite & (high == _spread(np.maximum, high, edges)), edges),
        _firsts(~finite, edges),
    ]
    chosen = np.sort(np.concatenate(picks))
    return chosen[first_ones(chosen)]


def _spread(
    pick: np.ufunc, values: NDArray[np.float64], edges: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What *pick* picks of each bucket, at each of its values."""
    spread: NDArray[np.float64] = np.repeat(pick.reduceat(values, edges[:-1]), np.diff(edges))
    return spread


def _firsts(is_one: NDArray[np.bool_], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each bucket the first index that *is_one*, if there is any."""
    found = np.flatnonzero(is_one)
    return found[first_ones(np.searchsorted(edges, found, side="right"))]
