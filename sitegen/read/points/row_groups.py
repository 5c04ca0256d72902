"""Row groups of a Parquet file as points grouped by metric, several at a time.

Floor 2. Small row groups are read together, large ones in batches: a row group of ten million rows
is legal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue

import pyarrow as pa
import pyarrow.parquet as pq

from sitegen.read.points.ahead import ahead, side_by_side
from sitegen.read.points.batches import NamedBatches
from sitegen.records import dataclass

_BATCH_CELLS = 1 << 19
_WHOLE_CELLS = 1 << 21
_LARGE_CELLS = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Row groups that follow each other."""

    groups: tuple[int, ...]
    """Their numbers."""
    cells: int
    """Values in them."""

    @property
    def is_large(self) -> bool:
        """Whether it is decoded by a thread of its own, being most that there is."""
        return self.cells > _LARGE_CELLS


def read_row_groups(
    tables: Sequence[pq.ParquetFile],
    names: Sequence[str],
    make: Callable[[pa.RecordBatch], NamedBatches],
) -> Iterator[NamedBatches]:
    """What *make* makes of the columns *names* of all rows in file order.

    *tables* are readers of one file: one may be used by one thread at a time.
    """
    free: SimpleQueue[pq.ParquetFile] = SimpleQueue()
    for table in tables:
        free.put(table)

    def made(piece: _Piece) -> Iterator[NamedBatches]:
        table = free.get()
        try:
            batches = _batches(table, piece, names)
            yield from map(make, ahead(batches) if piece.is_large else batches)
        finally:
            free.put(table)

    is_small = tables[0].metadata.num_rows * len(names) <= _BATCH_CELLS
    threads = 0 if is_small else len(tables)
    return side_by_side(made, _pieces(tables[0], names), threads=threads)


def _pieces(table: pq.ParquetFile, names: Sequence[str]) -> Iterator[_Piece]:
    """All row groups; of small ones, half a millisecond each if read one by one, as many together
    as make a batch.
    """
    metadata, columns = table.metadata, max(1, len(names))
    together: list[int] = []
    held = 0
    for number in range(metadata.num_row_groups):
        cells = metadata.row_group(number).num_rows * columns
        if together and held + cells > _BATCH_CELLS:
            yield _Piece(groups=tuple(together), cells=held)
            together, held = [], 0
        if cells > _WHOLE_CELLS:
            yield _Piece(groups=(number,), cells=cells)
        else:
            together.append(number)
            held += cells
    if together:
        yield _Piece(groups=tuple(together), cells=held)


def _batches(
    table: pq.ParquetFile, piece: _Piece, names: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """The rows; of usual row groups whole, which is a fifth faster than by `iter_batches`."""
    groups, columns = list(piece.groups), list(names)
    if piece.cells <= _WHOLE_CELLS:
        read = table.read_row_groups(groups, columns=columns, use_threads=False)
        yield from read.combine_chunks().to_batches()
    else:
        rows = max(1, _BATCH_CELLS // max(1, len(columns)))
        yield from table.iter_batches(
            batch_size=rows, row_groups=groups, columns=columns, use_threads=False
        )
