"""metrics.parquet and metrics/*.parquet: their rows, a batch at a time, into the store of points.

Floor 2. Long and wide tables are told by their columns. Strings are read as dictionaries and rows
in batches, because a Parquet file of 824 bytes can decode to a terabyte and a row group of ten
million rows is legal. Points read before a fault are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.read.files import FileError, Report, open_file
from sitegen.read.parquet_pages import PageError, check_pages
from sitegen.read.points.ahead import ahead
from sitegen.read.points.columns import (
    TableFaults,
    filled,
    is_name,
    is_number,
    is_text,
    numbers_of,
    steps_of,
    times_us_of,
)
from sitegen.read.points.groups import PointBatch, Rows, grouped, narrowed, ramps_or, small_codes
from sitegen.read.points.store import PointStore

PARQUET_FAULTS = (pa.ArrowException, OSError, ValueError, MemoryError)
JOURNAL_KEY = b"sitegen.journal"
_BATCH_CELLS = 1 << 20
_WHOLE_CELLS = 1 << 21
_WHOLE_BYTES = 32_000_000
_BUFFER_BYTES = 1 << 20


def read_metrics_table(
    root: Path, path: str, points: PointStore, limits: Limits, report: Report
) -> dict[str, int]:
    """The journal positions that the file has taken in, by writer; its points go to *points*."""
    faults = TableFaults()
    try:
        with open_file(root, path) as stream:
            table = _opened(stream, path, limits)
            _check_pages(stream, table, path, limits)
            _read_rows(table, path, points, report, faults)
            return _journal_positions(table.schema_arrow.metadata or {}, path, report)
    except FileError as error:
        report(
            Problem(
                code="parquet-unreadable",
                severity="error",
                path=path,
                message=error.message,
                hint="The file is left out.",
            )
        )
    except PARQUET_FAULTS as error:
        report(_parquet_problem(root, path, error))
    finally:
        faults.tell(path, report)
    return {}


def _opened(stream: BinaryIO, path: str, limits: Limits) -> pq.ParquetFile:
    """The file with its strings as dictionaries, its column chunks read whole where all are small,
    else piece by piece.
    """
    first = pq.ParquetFile(stream)
    metadata = first.metadata
    _check_size(metadata, path, limits)
    strings = [field.name for field in first.schema_arrow if is_text(field.type)]
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    are_small = all(group.total_byte_size <= _WHOLE_BYTES for group in groups)
    stream.seek(0)
    return pq.ParquetFile(
        stream, metadata=metadata, read_dictionary=strings, pre_buffer=False,
        buffer_size=0 if are_small else _BUFFER_BYTES,
    )  # fmt: skip


def _check_size(metadata: pq.FileMetaData, path: str, limits: Limits) -> None:
    if metadata.num_columns > limits.parquet_columns:
        raise FileError(
            f"has {metadata.num_columns:,} columns, more than the limit of"
            f" {limits.parquet_columns:,}",
            path=path,
        )
    if metadata.num_rows > limits.metric_rows:
        raise FileError(
            f"has {metadata.num_rows:,} rows, more than the limit of {limits.metric_rows:,}",
            path=path,
        )


def _check_pages(stream: BinaryIO, table: pq.ParquetFile, path: str, limits: Limits) -> None:
    names, rows = table.schema_arrow.names, table.metadata.num_rows
    try:
        check_pages(stream, table.metadata, names, limits.page_bytes, rows=rows)
    except PageError as error:
        raise FileError(str(error), path=path) from error


def _parquet_problem(root: Path, path: str, error: BaseException) -> Problem:
    with open_file(root, path) as stream:
        size_bytes = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(4)
        stream.seek(max(0, size_bytes - 4))
        tail = stream.read(4)
    if head == b"PAR1" and tail != b"PAR1":
        return Problem(
            code="parquet-truncated",
            severity="error",
            path=path,
            message=f"file ends after {size_bytes:,} bytes without the Parquet footer",
            hint="The points of this file are lost. Copy it again, or log the run again.",
        )
    first_line = str(error).partition("\n")[0][:200]
    if head != b"PAR1":
        message = f"is not a Parquet file: expected it to begin with PAR1, got {head!r}"
    else:
        message = f"cannot be decoded: {first_line}"
    return Problem(
        code="parquet-unreadable",
        severity="error",
        path=path,
        message=message,
        hint="Points read before the fault are kept.",
    )


def _read_rows(
    table: pq.ParquetFile, path: str, points: PointStore, report: Report, faults: TableFaults
) -> None:
    schema = table.schema_arrow
    kinds = {field.name: field.type for field in schema}
    is_long = is_name(kinds.get("name", pa.null())) and is_number(kinds.get("value", pa.null()))
    names = [name for name, kind in kinds.items() if name in {"step", "time"} or is_number(kind)]
    if is_long:
        names = [name for name in ("name", "step", "time", "value") if name in kinds]
    elif "step" not in kinds or len(set(names) - {"step", "time"}) == 0:
        found = ", ".join(list(kinds)[:12]) or "none"
        report(
            _no_columns(
                path,
                "holds no metrics: expected columns name, step, time, value or step and"
                f" numeric columns, got {found}",
            )
        )
        return
    twice = sorted({name for name in names if schema.names.count(name) > 1})
    if twice:
        named = ", ".join(twice[:12])
        report(_no_columns(path, f"two columns are called {named}; expected one of a name"))
        return
    for batch in ahead(_batches(table, names)):
        if is_long:
            _add_long(batch, path, points, faults)
        else:
            _add_wide(batch, path, points, faults)


def _no_columns(path: str, message: str) -> Problem:
    return Problem(
        code="metrics-columns",
        severity="error",
        path=path,
        message=message,
        hint="The file is left out.",
    )


def _batches(table: pq.ParquetFile, names: list[str]) -> Iterator[pa.RecordBatch]:
    """All rows; row groups of usual size whole, which is a fifth faster than by `iter_batches`."""
    rows = max(1, _BATCH_CELLS // max(1, len(names)))
    metadata = table.metadata
    together: list[int] = []  # groups of a row each take half a millisecond if read one by one
    held = 0
    for number in range(metadata.num_row_groups):
        count = metadata.row_group(number).num_rows
        if together and held + count > rows:
            yield from _whole(table, together, names)
            together, held = [], 0
        if count * len(names) <= _WHOLE_CELLS:
            together.append(number)
            held += count
        else:
            yield from table.iter_batches(
                batch_size=rows, row_groups=[number], columns=names, use_threads=False
            )
    if together:
        yield from _whole(table, together, names)


def _whole(table: pq.ParquetFile, groups: list[int], names: list[str]) -> list[pa.RecordBatch]:
    read = table.read_row_groups(groups, columns=names, use_threads=False)
    batches: list[pa.RecordBatch] = read.combine_chunks().to_batches()
    return batches


def _add_long(batch: pa.RecordBatch, path: str, points: PointStore, faults: TableFaults) -> None:
    names, values = batch.column("name"), batch.column("value")
    if not pa.types.is_dictionary(names.type):
        names = names.dictionary_encode()
    codes = filled(names.indices, 0)
    rows = Rows(
        codes=codes,
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
    rows, ids = _numbered(rows, names.dictionary, path, points)
    for one in grouped(rows, ids):
        points.add(one)


def _kept(rows: Rows, keep: NDArray[np.bool_]) -> Rows:
    times = rows.times_us
    return Rows(
        codes=rows.codes[keep],
        steps=rows.steps[keep],
        times_us=None if times is None else times[keep],
        values=rows.values[keep],
    )


def _numbered(
    rows: Rows, dictionary: pa.Array, path: str, points: PointStore
) -> tuple[Rows, NDArray[np.int32]]:
    """*rows* with small codes, and the store's number of the metric of each code.

    Rows of metrics beyond the limit are left out. Only names that rows have are numbered.
    """
    if len(rows.codes) and not 0 <= rows.codes.min() <= rows.codes.max() < len(dictionary):
        raise ValueError("names point beyond their dictionary")
    present = np.flatnonzero(np.bincount(rows.codes, minlength=len(dictionary)))
    numbers = np.full(len(dictionary), -1, dtype=np.int32)
    for code in present.tolist():
        numbers[code] = points.number_of(dictionary[code].as_py(), path)
    chosen = numbers[present]
    if (chosen < 0).any():
        rows = _kept(rows, numbers[rows.codes] >= 0)
    ids = np.unique(chosen[chosen >= 0])
    if len(dictionary) == len(present) == len(ids):  # nothing missing, no name twice
        return _coded(rows, rows.codes, len(numbers)), numbers
    return _coded(rows, np.searchsorted(ids, numbers[rows.codes]), len(ids)), ids


def _coded(rows: Rows, codes: NDArray[Any], count: int) -> Rows:
    return Rows(
        codes=small_codes(codes, count),
        steps=rows.steps,
        times_us=rows.times_us,
        values=rows.values,
    )


def _add_wide(batch: pa.RecordBatch, path: str, points: PointStore, faults: TableFaults) -> None:
    import pyarrow.compute as pc

    steps, times = steps_of(batch, faults), times_us_of(batch, faults)
    ids, kept, values = [], [], []
    for name in batch.schema.names:
        if name in {"step", "time"}:
            continue
        column = batch.column(name)
        keep = np.flatnonzero(pc.is_valid(column).to_numpy(zero_copy_only=False))
        number = points.number_of(name, path) if len(keep) else -1
        if number >= 0:
            ids.append(number)
            kept.append(keep)
            values.append(numbers_of(column)[keep])
    if not ids:
        return
    edges = np.cumsum([0, *(len(keep) for keep in kept)])
    points.add(
        PointBatch(
            ids=np.array(ids, dtype=np.int32),
            edges=edges,
            steps=ramps_or(np.concatenate([steps[keep] for keep in kept]), edges),
            times_us=None
            if times is None
            else ramps_or(np.concatenate([times[keep] for keep in kept]), edges),
            values=narrowed(np.concatenate(values)),
        )
    )


def _journal_positions(metadata: dict[bytes, bytes], path: str, report: Report) -> dict[str, int]:
    import msgspec

    if JOURNAL_KEY not in metadata:
        return {}
    try:
        return msgspec.json.decode(metadata[JOURNAL_KEY], type=dict[str, int])
    except msgspec.DecodeError as error:
        report(
            Problem(
                code="journal-position",
                severity="warning",
                path=path,
                message=f"metadata {JOURNAL_KEY.decode()}: {error}",
                hint="Journals beside it are read from their beginning.",
            )
        )
        return {}
