"""Row groups of a Parquet file as points grouped by metric, several at a time.

Floor 2. Small row groups are read together, large ones in batches: a row group of ten million rows
is legal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from queue import SimpleQueue

import pyarrow as pa
import pyarrow.parquet as pq

from sitegen.read.points.ahead import ahead, side_by_side
from sitegen.read.points.batches import NamedBatches
from sitegen.read.points.columns import TableFaults
from sitegen.records import dataclass

_BATCH_CELLS = 1 << 19
_WHOLE_CELLS = 1 << 21
_LARGE_CELLS = 1 << 22
_SLICE_COLUMNS = 16
_MUCH_BYTES = 12_000_000
"""Points of a piece from which on memory is handed back after it: 240 MB at the peak instead of
300, for a tenth more time."""
_OFTEN = 16
"""After so many pieces it is handed back anyway: what is kept grows slowly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Some columns of row groups that follow each other."""

    groups: tuple[int, ...]
    """Numbers of the row groups."""
    columns: tuple[str, ...]
    """Names of the columns."""
    cells: int
    """Values in them."""
    is_first: bool
    """Whether no other columns of these row groups come before."""

    @property
    def is_large(self) -> bool:
        """Whether it is decoded by a thread of its own, being most that there is."""
        return self.cells > _LARGE_CELLS


def read_row_groups(
    tables: Sequence[pq.ParquetFile],
    slices: Sequence[tuple[str, ...]],
    make: Callable[[pa.RecordBatch], NamedBatches],
) -> Iterator[NamedBatches]:
    """What *make* makes of the columns of all *slices* and all rows, rows in file order.

    *tables* are readers of one file: one may be used by one thread at a time.
    """
    free: SimpleQueue[pq.ParquetFile] = SimpleQueue()
    done = count(1)
    for table in tables:
        free.put(table)

    def made(piece: _Piece) -> Iterator[NamedBatches]:
        table, size_bytes = free.get(), 0
        try:
            batches = _batches(table, piece)
            for one in map(make, ahead(batches) if piece.is_large else batches):
                size_bytes += one.size_bytes
                # what is odd about steps is told once, not with each slice
                yield one if piece.is_first else replace(one, faults=TableFaults())
        finally:
            free.put(table)
            if size_bytes > _MUCH_BYTES or not next(done) % _OFTEN:
                pa.default_memory_pool().release_unused()

    is_small = tables[0].metadata.num_rows * sum(map(len, slices)) <= _BATCH_CELLS
    threads = 0 if is_small else len(tables)
    return side_by_side(made, _pieces(tables[0], slices), threads=threads)


def slices_of(names: Sequence[str]) -> list[tuple[str, ...]]:
    """The columns of a wide table in slices, each with steps and times: every column that is read
    takes a page and a buffer, maybe a megabyte each.
    """
    shared = tuple(name for name in names if name in {"step", "time"})
    others = [name for name in names if name not in shared]
    return [
        (*shared, *others[at : at + _SLICE_COLUMNS]) for at in range(0, len(others), _SLICE_COLUMNS)
    ]


def _pieces(table: pq.ParquetFile, slices: Sequence[tuple[str, ...]]) -> Iterator[_Piece]:
    """All row groups; of small ones, half a millisecond each if read one by one, as many together
    as make a batch.
    """
    metadata, width = table.metadata, max(map(len, slices))
    rows = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    for groups in _together(rows, _BATCH_CELLS // width):
        total = sum(rows[number] for number in groups)
        for number, columns in enumerate(slices):
            yield _Piece(
                groups=groups, columns=columns, cells=total * len(columns), is_first=not number
            )


def _together(rows: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Numbers of row groups that follow each other and have at most *most* rows, or of one."""
    together: list[int] = []
    held = 0
    for number, size in enumerate(rows):
        if together and held + size > most:
            yield tuple(together)
            together, held = [], 0
        together.append(number)
        held += size
    if together:
        yield tuple(together)


def _batches(table: pq.ParquetFile, piece: _Piece) -> Iterator[pa.RecordBatch]:
    """The rows; of usual row groups whole, which is a fifth faster than by `iter_batches`."""
    groups, columns = list(piece.groups), list(piece.columns)
    if piece.cells <= _WHOLE_CELLS:
        read = table.read_row_groups(groups, columns=columns, use_threads=False)
        yield from read.combine_chunks().to_batches()
    else:
        rows = max(1, _BATCH_CELLS // len(columns))
        yield from table.iter_batches(
            batch_size=rows, row_groups=groups, columns=columns, use_threads=False
        )
