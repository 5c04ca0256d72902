"""metrics.parquet and metrics/*.parquet: their rows, a batch at a time, into the store of points.

Floor 2. Long and wide tables are told by their columns. Strings are read as dictionaries and rows
in batches, because a Parquet file of 824 bytes can decode to a terabyte and a row group of ten
million rows is legal. Points read before a fault are kept.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.read.files import FileError, Report, open_file
from sitegen.read.parquet_pages import PageError, check_footer, check_pages
from sitegen.read.points.ahead import THREADS
from sitegen.read.points.batches import long_batches, renumbered, wide_batches
from sitegen.read.points.columns import TableFaults, is_name, is_number
from sitegen.read.points.row_groups import read_row_groups, slices_of
from sitegen.read.points.store import PointStore

PARQUET_FAULTS = (pa.ArrowException, OSError, ValueError, MemoryError)
JOURNAL_KEY = b"sitegen.journal"
_WHOLE_BYTES = 32_000_000
_BUFFER_BYTES = 1 << 20


def read_metrics_table(
    root: Path, path: str, points: PointStore, limits: Limits, report: Report
) -> dict[str, int]:
    """The journal positions that the file has taken in, by writer; its points go to *points*."""
    faults = TableFaults()
    try:
        with ExitStack() as opened:
            stream = opened.enter_context(open_file(root, path))
            table = _opened(stream, path, limits)
            _check_pages(stream, table, path, limits)
            tables = _readers(opened, stream, table, root, path)
            _read_rows(tables, path, points, report, faults)
            pa.default_memory_pool().release_unused()
            return _journal_positions(table.schema_arrow.metadata or {}, path, report)
    except FileError as error:
        report(
            Problem(
                code="parquet-unreadable",
                severity="error",
                path=path,
                message=error.message,
                hint=error.hint or "The file is left out.",
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
    try:
        check_footer(stream, limits.footer_bytes)
    except PageError as error:
        hint = "Write fewer, larger row groups, or raise footer_bytes under [limits]."
        raise FileError(str(error), path=path, hint=f"The file is left out. {hint}") from error
    first = pq.ParquetFile(stream)
    _check_size(first.metadata, path, limits)
    return _reader(stream, first)


def _reader(stream: BinaryIO, other: pq.ParquetFile) -> pq.ParquetFile:
    metadata = other.metadata
    strings = [field.name for field in other.schema_arrow if is_name(field.type)]
    groups = map(metadata.row_group, range(metadata.num_row_groups))
    are_small = all(group.total_byte_size <= _WHOLE_BYTES for group in groups)
    stream.seek(0)
    return pq.ParquetFile(
        stream, metadata=metadata, read_dictionary=strings, pre_buffer=False,
        buffer_size=0 if are_small else _BUFFER_BYTES,
    )  # fmt: skip


def _readers(
    opened: ExitStack, stream: BinaryIO, table: pq.ParquetFile, root: Path, path: str
) -> list[pq.ParquetFile]:
    """*table*, and for more row groups than one a second reader, if it is still the same file."""
    if table.metadata.num_row_groups < THREADS:
        return [table]
    beside = opened.enter_context(open_file(root, path))
    if not os.path.sameopenfile(stream.fileno(), beside.fileno()):
        return [table]
    return [table, _reader(beside, table)]


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
    tables: list[pq.ParquetFile],
    path: str,
    points: PointStore,
    report: Report,
    faults: TableFaults,
) -> None:
    schema = tables[0].schema_arrow
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
    slices = [tuple(names)] if is_long else slices_of(names)
    for many in read_row_groups(tables, slices, long_batches if is_long else wide_batches):
        faults.take(many.faults)
        numbers = [points.number_of(name, path) for name in many.names.values()]
        for batch in renumbered(many, np.array(numbers, dtype=np.int32)):
            points.add(batch)


def _no_columns(path: str, message: str) -> Problem:
    return Problem(
        code="metrics-columns",
        severity="error",
        path=path,
        message=message,
        hint="The file is left out.",
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
