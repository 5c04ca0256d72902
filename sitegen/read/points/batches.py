"""Batches of rows of a metrics file, long or wide, as points grouped by metric.

Floor 2. Nothing here knows what was read before, so that several batches may be worked on at once:
metrics are numbered within the batch, and what is odd is told with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sitegen.read.points.columns import TableFaults, filled, numbers_of, steps_of, times_us_of
from sitegen.read.points.groups import PointBatch, Ramps, Rows, grouped, narrowed, ramps_or
from sitegen.records import dataclass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sitegen.read.points.groups import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedBatches:
    """Points of some metrics."""

    names: Mapping[int, str]
    """Name of each id of the batches, ids ascending; no name twice."""
    batches: tuple[PointBatch, ...]
    """The points in file order."""
    faults: TableFaults
    """What is odd about them."""

    @property
    def size_bytes(self) -> int:
        """Bytes of the points."""
        columns = [one for batch in self.batches
                   for one in (batch.steps, batch.times_us, batch.values)]  # fmt: skip
        return sum(one.nbytes for one in columns if isinstance(one, np.ndarray))


def long_batches(batch: pa.RecordBatch) -> NamedBatches:
    """The points of rows that name their metric."""
    faults = TableFaults()
    names, values = batch.column("name"), batch.column("value")
    if not pa.types.is_dictionary(names.type):
        names = names.dictionary_encode()
    rows = Rows(
        codes=filled(names.indices, 0),
        steps=steps_of(batch, faults),
        times_us=times_us_of(batch, faults),
        values=narrowed(numbers_of(values)),
    )
    if names.null_count or values.null_count:
        import pyarrow.compute as pc

        valid = pc.is_valid(values)
        unnamed = pc.sum(pc.and_(pc.is_null(names), valid)).as_py()
        faults.unnamed += int(unnamed or 0)
        rows = _kept(rows, pc.and_(valid, pc.is_valid(names)).to_numpy(zero_copy_only=False))
    found, batches = _grouped(rows, names.dictionary)
    return NamedBatches(names=found, batches=tuple(batches), faults=faults)


def _grouped(rows: Rows, dictionary: pa.Array) -> tuple[dict[int, str], list[PointBatch]]:
    """The names that rows have, and the rows of each."""
    codes = np.arange(len(dictionary), dtype=np.int32)
    batches = grouped(rows, codes)
    is_there = np.zeros(len(codes), dtype=np.bool_)
    for one in batches:
        is_there[one.ids] = True
    found: dict[str, int] = {}
    for code in np.flatnonzero(is_there).tolist():
        codes[code] = found.setdefault(dictionary[code].as_py(), code)
    if len(found) < is_there.sum():  # a name stands in the dictionary twice
        batches = grouped(replace(rows, codes=codes[rows.codes]), codes)
    return {code: name for name, code in found.items()}, batches


def _kept(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    times = rows.times_us
    return Rows(
        codes=rows.codes[keep],
        steps=rows.steps[keep],
        times_us=None if times is None else times[keep],
        values=rows.values[keep],
    )


def wide_batches(batch: pa.RecordBatch) -> NamedBatches:
    """The points of rows that have a column for each metric."""
    import pyarrow.compute as pc

    faults = TableFaults()
    steps, times = steps_of(batch, faults), times_us_of(batch, faults)
    names, kept, values = {}, [], []
    for number, name in enumerate(batch.schema.names):
        if name in {"step", "time"}:
            continue
        column = batch.column(number)
        keep = np.flatnonzero(pc.is_valid(column).to_numpy(zero_copy_only=False))
        if len(keep):
            names[number] = name
            kept.append(keep)
            values.append(numbers_of(column)[keep])
    if not names:
        return NamedBatches(names={}, batches=(), faults=faults)
    edges = np.cumsum([0, *(len(keep) for keep in kept)])
    one = PointBatch(
        ids=np.array(list(names), dtype=np.int32),
        edges=edges,
        steps=ramps_or(np.concatenate([steps[keep] for keep in kept]), edges),
        times_us=None
        if times is None
        else ramps_or(np.concatenate([times[keep] for keep in kept]), edges),
        values=narrowed(np.concatenate(values)),
    )
    return NamedBatches(names=names, batches=(one,), faults=faults)


def renumbered(many: NamedBatches, numbers: NDArray[np.int32]) -> Iterator[PointBatch]:
    """The batches with ids *numbers* in the order of the names; −1 leaves a metric out."""
    number_by_id = np.full(max(many.names, default=-1) + 1, -1, dtype=np.int32)
    number_by_id[list(many.names)] = numbers
    is_plain = len(numbers) > 0 and min(numbers) >= 0 and len(set(numbers.tolist())) == len(numbers)
    for one in many.batches:
        ids = number_by_id[one.ids]
        if is_plain:
            yield replace(one, ids=ids)
        else:  # two long names may be cut to one: no id twice in a batch
            for group in np.flatnonzero(ids >= 0).tolist():
                yield _group(one, group, ids[group : group + 1])


def _group(batch: PointBatch, group: int, ids: NDArray[np.int32]) -> PointBatch:
    """One group of *batch*, as a batch of its own."""
    start, stop = batch.edges[group : group + 2].tolist()

    def part(column: Column) -> Column:
        if isinstance(column, Ramps):
            return Ramps(column.starts[group : group + 1], column.strides[group : group + 1])
        return column[start:stop].copy()

    return PointBatch(
        ids=ids,
        edges=np.array([0, stop - start], dtype=np.int64),
        steps=part(batch.steps),
        times_us=None if batch.times_us is None else part(batch.times_us),
        values=batch.values[start:stop].copy(),
    )
