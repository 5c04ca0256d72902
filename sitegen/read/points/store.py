"""All points of a run on their way from rows in file order to one series after another.

Floor 2. Batches that are grouped by metric are kept whole, in memory up to a budget and the fullest
of them in a scratch file; a series is then put together from its group in each batch. So neither
the number of points nor that of metrics decides how much memory a run takes. A series whose steps
descend is sorted alone (`step_order`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import sha10
from sitegen.errors import Problem
from sitegen.model import BLOCK_POINTS, NO_TIME, Series, SeriesBlocks
from sitegen.read.files import Report
from sitegen.read.points.groups import PointBatch, Ramps, Stretch, ramps_or
from sitegen.read.points.progressions import Progressions
from sitegen.read.points.step_order import in_step_order, late_points
from sitegen.read.scratch import OpenScratch, ScratchFile, StoredColumn
from sitegen.records import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_STEP = -(2**63)
"""A point's step when the file gives none."""
_LAST_STEP = 2**63 - 1
_BUDGET_BYTES = 44_000_000
"""With the row group that is read ahead 64 MB and some: 1e8 points take a process of 220 MB."""
_SMALL_BYTES = 1 << 16
_Part: TypeAlias = "NDArray[Any] | Stretch"
_Rows: TypeAlias = "tuple[_Held, int, int, int]"
"""A batch, one of its groups, and where rows of the group begin and end."""


@dataclass(slots=True)
class _Held:
    """A batch that is kept."""

    ids: NDArray[np.int32]
    """Which metric each group is of, ascending."""
    groups: NDArray[np.int32]
    """The batch's own number of each of those groups."""
    edges: NDArray[np.int64]
    """Where each group begins and ends."""
    columns: list[NDArray[Any] | Ramps | StoredColumn | None]
    """Steps, times, values."""

    @property
    def size_bytes(self) -> int:
        """Bytes of it in memory that a scratch file could take."""
        return sum(one.nbytes for one in self.columns if isinstance(one, np.ndarray))

    def group_of(self, number: int) -> int | None:
        """The batch's group of the metric *number*."""
        if self.ids[-1] == len(self.ids) - 1:  # ascending: it has the metrics 0, 1, 2 …
            return int(self.groups[number]) if number < len(self.ids) else None
        at = int(np.searchsorted(self.ids, number))
        return int(self.groups[at]) if at < len(self.ids) and self.ids[at] == number else None

    def part(self, column: int, group: int, start: int, stop: int) -> _Part:
        """The rows *start* to *stop* of a group's steps (0) or times (1)."""
        kept = self.columns[column]
        if kept is None:
            return Stretch(NO_TIME, 0, stop - start)
        if isinstance(kept, Ramps):
            return kept.part(group, start, stop)
        return self._rows(kept, group, start, stop)

    def values_of(self, group: int, start: int, stop: int) -> NDArray[Any]:
        """The values *start* to *stop* of a group."""
        kept = self.columns[2]
        assert isinstance(kept, np.ndarray | StoredColumn)
        return self._rows(kept, group, start, stop)

    def _rows(
        self, kept: NDArray[Any] | StoredColumn, group: int, start: int, stop: int
    ) -> NDArray[Any]:
        first = int(self.edges[group])
        if isinstance(kept, StoredColumn):
            return kept.rows(first + start, first + stop)
        return kept[first + start : first + stop]


class PointStore:
    """Points of one run, taken in file order and given by metric. Close it to free its file."""

    def __init__(self, limits: Limits, report: Report, open_scratch: OpenScratch) -> None:
        self._limits = limits
        self._report = report
        self._scratch = ScratchFile(open_scratch)
        self._open_scratch = open_scratch
        self._batches: list[_Held] = []
        self._held_bytes = 0
        self._numbers: dict[str, int] = {}
        self._is_full = False
        self._has_long_name = False
        self._next_steps = np.zeros(0, dtype=np.int64)
        self._highest = np.zeros(0, dtype=np.int64)
        self._counts = np.zeros(0, dtype=np.int64)
        self._is_unordered = np.zeros(0, dtype=np.bool_)
        self._has_times = np.zeros(0, dtype=np.bool_)
        self._steps, self._times = Progressions(), Progressions()

    def number_of(self, name: str, path: str) -> int:
        """The number of the metric *name*, −1 for one beyond the limit, which is told once."""
        number = self._numbers.get(name)
        if number is not None:
            return number
        shown = self._short(name, path)
        if shown in self._numbers:
            return self._numbers[shown]
        if len(self._numbers) >= self._limits.metrics:
            if not self._is_full:
                self._report(_too_many_metrics(path, self._limits))
                self._is_full = True
            return -1
        self._numbers[shown] = len(self._numbers)
        self._grow()
        return self._numbers[shown]

    def _short(self, name: str, path: str) -> str:
        """*name*, which stands in every page and file of the metric, cut where it is a text."""
        most = self._limits.name_characters
        if len(name) <= most:
            return name
        if not self._has_long_name:
            self._report(_too_long_name(name, path, self._limits))
            self._has_long_name = True
        return f"{name[:most]}… {sha10(name)}"

    def _grow(self) -> None:
        if len(self._counts) >= len(self._numbers):
            return
        size = max(64, 2 * len(self._counts))
        for name in ("_next_steps", "_highest", "_counts", "_is_unordered", "_has_times"):
            column = getattr(self, name)
            wider = np.zeros(size, dtype=column.dtype)
            wider[: len(column)] = column
            setattr(self, name, wider)

    def add(self, batch: PointBatch) -> None:
        """Take a batch whose ids are numbers of this store; missing steps count up."""
        if isinstance(batch.steps, np.ndarray) and (batch.steps == NO_STEP).any():
            steps = ramps_or(self._counted_up(batch, batch.steps), batch.edges)
        else:
            steps = batch.steps
        times = _times_or_none(batch.times_us)
        batch = PointBatch(
            ids=batch.ids, edges=batch.edges, steps=steps, times_us=times, values=batch.values
        )
        self._follow(batch)
        self._steps.add(batch.ids, batch.lengths, batch.steps)
        self._times.add(batch.ids, batch.lengths, batch.times_us)
        order = np.argsort(batch.ids)
        held = _Held(
            ids=batch.ids[order],
            groups=order.astype(np.int32),
            edges=batch.edges,
            columns=[batch.steps, batch.times_us, batch.values],
        )
        self._batches.append(held)
        self._held_bytes += held.size_bytes
        if self._held_bytes > _BUDGET_BYTES:
            self._spill()

    def _counted_up(self, batch: PointBatch, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        counted = steps.copy()
        for group, number in enumerate(batch.ids.tolist()):
            part = slice(int(batch.edges[group]), int(batch.edges[group + 1]))
            counted[part] = _counted(counted[part], int(self._next_steps[number]))
        return counted

    def _follow(self, batch: PointBatch) -> None:
        """Count the batch's points, and see which series are out of order."""
        ids, is_new = batch.ids, self._counts[batch.ids] == 0
        last, first = batch.last_steps(), batch.first_steps()
        self._is_unordered[ids] |= batch.descending() | (~is_new & (first < self._highest[ids]))
        self._highest[ids] = np.where(is_new, last, np.maximum(last, self._highest[ids]))
        self._next_steps[ids] = np.minimum(last, _LAST_STEP - 1) + 1
        self._counts[ids] += batch.lengths
        if batch.times_us is not None:
            self._has_times[ids] |= _with_times(batch.times_us, batch.edges)

    def _spill(self) -> None:
        """Write the fullest batches out, until half of the budget is free."""
        for held in sorted(self._batches, key=lambda held: -held.size_bytes):
            size_bytes = held.size_bytes
            if self._held_bytes <= _BUDGET_BYTES // 2 or size_bytes < _SMALL_BYTES:
                return
            held.columns = [
                self._scratch.keep(one) if isinstance(one, np.ndarray) else one
                for one in held.columns
            ]
            self._held_bytes -= size_bytes

    def series(self) -> Iterator[SeriesBlocks]:
        """One series per metric, in order of names; their blocks can be read until `close`."""
        for name in sorted(self._numbers):
            number = self._numbers[name]
            count = int(self._counts[number])
            if not count:
                continue
            blocks = partial(self._blocks, name, number)
            late = 0
            if self._is_unordered[number]:
                late = late_points(blocks())
                blocks = partial(in_step_order, blocks, count, self._open_scratch)
            yield SeriesBlocks(name=name, count=count, out_of_order=late, blocks=blocks)

    @property
    def count(self) -> int:
        """Points of all metrics."""
        return int(self._counts.sum())

    def close(self) -> None:
        """Forget all points."""
        self._batches.clear()
        self._scratch.close()

    def _blocks(self, name: str, number: int) -> Iterator[Series]:
        """The points of a metric in file order."""
        start, missing = 0, BLOCK_POINTS
        rows: list[_Rows] = []
        for held in self._batches:
            group = held.group_of(number)
            if group is None:
                continue
            at, length = 0, int(held.edges[group + 1] - held.edges[group])
            while at < length:
                stop = min(length, at + missing)
                rows.append((held, group, at, stop))
                missing -= stop - at
                at = stop
                if not missing:
                    yield self._joined(name, number, start, rows)
                    start, missing = start + BLOCK_POINTS, BLOCK_POINTS
                    rows = []
        if rows:
            yield self._joined(name, number, start, rows)

    def _joined(self, name: str, number: int, start: int, rows: list[_Rows]) -> Series:
        """The points of *rows*, which begin at the index *start* of the metric *number*."""
        stop = start + sum(stop - at for _, _, at, stop in rows)
        steps = self._steps.part(number, start, stop)
        times = self._times.part(number, start, stop)
        values = [held.values_of(*place) for held, *place in rows]
        has_times = bool(self._has_times[number])
        return Series(
            name=name,
            steps=_column(rows, 0) if steps is None else steps.values(),
            times_us=None
            if not has_times
            else _column(rows, 1)
            if times is None
            else times.values(),
            values=np.concatenate(values, dtype=np.float64),
        )


def _column(rows: list[_Rows], column: int) -> NDArray[np.int64]:
    """Steps or times of *rows*, of which stretches that go on are made at once."""
    merged: list[_Part] = []
    for held, *place in rows:
        part = held.part(column, *place)
        both = None
        if merged and isinstance(merged[-1], Stretch) and isinstance(part, Stretch):
            both = merged[-1].with_next(part)
        if both is None:
            merged.append(part)
        else:
            merged[-1] = both
    made = [one.values() if isinstance(one, Stretch) else one for one in merged]
    return made[0] if len(made) == 1 else np.concatenate(made)


def _counted(steps: NDArray[np.int64], upcoming: int) -> NDArray[np.int64]:
    """*steps* with missing ones counting up from the step before them, at first *upcoming*."""
    missing = steps == NO_STEP
    if missing.all():
        upcoming = min(upcoming, _LAST_STEP - len(steps))
        return np.arange(upcoming, upcoming + len(steps), dtype=np.int64)
    if missing.any():
        steps = steps.copy()
        for index in range(len(steps)):
            if missing[index]:
                steps[index] = upcoming
            upcoming = min(int(steps[index]) + 1, _LAST_STEP)
    return steps


def _times_or_none(times: NDArray[np.int64] | Ramps | None) -> NDArray[np.int64] | Ramps | None:
    """None for a column without a time."""
    return None if isinstance(times, np.ndarray) and (times == NO_TIME).all() else times


def _with_times(times: NDArray[np.int64] | Ramps, edges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each group has a time at all."""
    if isinstance(times, Ramps):  # too far from NO_TIME to reach it
        return np.ones(len(edges) - 1, dtype=np.bool_)
    has_time: NDArray[np.bool_] = np.logical_or.reduceat(times != NO_TIME, edges[:-1])
    return has_time


def _too_long_name(name: str, path: str, limits: Limits) -> Problem:
    return Problem(
        code="name-too-long",
        severity="warning",
        path=path,
        message=f"the name “{name[:40]}…” has {len(name):,} characters, more than the limit of"
        f" {limits.name_characters:,}",
        hint="This and other long names are cut; raise name_characters under [limits] in"
        " sitegen.toml.",
    )


def _too_many_metrics(path: str, limits: Limits) -> Problem:
    return Problem(
        code="too-many-metrics",
        severity="error",
        path=path,
        message=f"more than the limit of {limits.metrics:,} metrics",
        hint="The rest is left out; raise metrics under [limits] in sitegen.toml.",
    )
