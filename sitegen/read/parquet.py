"""The first rows of a Parquet file, opened so that no file however built fills the memory.

Floor 2. Measured bombs: 824 bytes that decode to 1 TB (one long dictionary value, repeated), 436 kB
to 50 million rows. So strings stay dictionaries, batches are small, and a cell is read no further
than it is shown. Refuses to convert whole columns to Python.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from sitegen.bundle.limits import Limits
from sitegen.read.documents.tables import (
    CELL_CHARACTERS,
    COLUMNS,
    TABLE_CHARACTERS,
    Cell,
    ColumnScan,
    TableContent,
    TableError,
    cut_cell,
)
from sitegen.read.documents.textfiles import without_controls
from sitegen.read.parquet_pages import PageError, check_footer, check_pages

_BATCH_ROWS = 32
_MEMBERS = 20
_DEEPEST = 6
_METADATA_BYTES = 16_000_000
_CELL_TEXT = CELL_CHARACTERS + 40  # a cut text and the words on its size


def read_parquet(stream: BinaryIO, limits: Limits) -> TableContent:
    """Its first rows and its exact number of rows; what cannot be decoded ends the table.

    Raises:
        TableError: if the footer cannot be read or names too many columns.
    """
    import pyarrow as pa

    try:
        check_footer(stream, limits.footer_bytes)
        file = _open(stream)
        metadata, schema = file.metadata, file.schema_arrow
    except PageError as error:
        raise TableError(str(error)) from error
    except _faults() as error:
        raise TableError(_first_line(error)) from error
    if metadata.num_columns > limits.parquet_columns:
        raise TableError(f"it has {metadata.num_columns:,} columns")
    names = list(schema.names)[:COLUMNS]
    rows: list[tuple[Cell, ...]] = []
    fault = None
    try:
        check_pages(stream, metadata, names, limits.page_bytes, rows=_rows_read(names, limits))
    except PageError as error:
        return _unread(metadata, schema, names, str(error))
    except _faults() as error:
        return _unread(metadata, schema, names, _first_line(error))
    try:
        rows.extend(_rows(file, names, min(limits.preview_rows, metadata.num_rows)))
    except _PartialError as error:
        rows.extend(error.rows)
        place = f"Reading stopped after row {len(rows):,}" if rows else "No row can be read"
        fault = f"{place}: {_first_line(error.cause)}."
    scans, scanned = _scans(file, names, rows, limits)
    return TableContent(
        format="parquet",
        columns=tuple(cut_cell(name) or "(empty)" for name in names),
        types=tuple(_type_text(schema.field(at).type, pa) for at in range(len(names))),
        rows=tuple(rows),
        scans=tuple(scans),
        scanned_rows=scanned,
        row_count=metadata.num_rows,
        column_count=len(schema.names),
        source=None,
        notes=(),
        fault=fault,
    )


def _rows_read(names: list[str], limits: Limits) -> int:
    return max(limits.preview_rows, limits.statistics_cells // max(1, len(names)))


def _unread(metadata: Any, schema: Any, names: list[str], fault: str) -> TableContent:
    """The columns of a table none of whose rows is read."""
    import pyarrow as pa

    return TableContent(
        format="parquet",
        columns=tuple(cut_cell(name) or "(empty)" for name in names),
        types=tuple(_type_text(schema.field(at).type, pa) for at in range(len(names))),
        rows=(),
        scans=tuple(ColumnScan(texts=(), missing=0, numbers=None) for _ in names),
        scanned_rows=0,
        row_count=metadata.num_rows,
        column_count=len(schema.names),
        source=None,
        notes=(),
        fault=f"No row is read: {fault}.",
    )


class _PartialError(Exception):
    """Reading broke off after some rows."""

    def __init__(self, rows: list[tuple[Cell, ...]], cause: Exception) -> None:
        super().__init__()
        self.rows = rows
        self.cause = cause


def _faults() -> tuple[type[Exception], ...]:
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, MemoryError, TypeError, KeyError, OverflowError)


def _open(stream: BinaryIO) -> Any:  # a pyarrow ParquetFile, which has no types
    import pyarrow.parquet as pq

    options = {
        "pre_buffer": False,
        "buffer_size": 65_536,
        "thrift_string_size_limit": _METADATA_BYTES,
        "thrift_container_size_limit": 1_000_000,
    }
    schema = pq.ParquetFile(stream, **options).schema
    columns = map(schema.column, range(len(schema)))  # leaves: texts within lists, too
    strings = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    stream.seek(0)
    return pq.ParquetFile(stream, read_dictionary=strings, **options)


def _rows(file: Any, names: list[str], wanted: int) -> Iterator[tuple[Cell, ...]]:
    done: list[tuple[Cell, ...]] = []
    characters = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=names, use_threads=False):
            columns = [batch.column(at) for at in range(batch.num_columns)]
            for index in range(batch.num_rows):
                if len(done) >= wanted or characters >= TABLE_CHARACTERS:
                    yield from done
                    return
                row = tuple(_cell(column[index]) for column in columns)
                characters += sum(len(cell or "") for cell in row)
                done.append(row)
    except _faults() as error:
        raise _PartialError(done, error) from error
    yield from done


def _scans(
    file: Any, names: list[str], rows: list[tuple[Cell, ...]], limits: Limits
) -> tuple[list[ColumnScan], int]:
    """Numbers of the numeric columns in the first rows; of others what is shown, if that is all.

    Only columns of fixed width are decoded further than the preview: they cannot be bombs.
    """
    import numpy as np
    import pyarrow as pa

    schema = file.schema_arrow
    numeric = [
        at for at, name in enumerate(names)
        if names.count(name) == 1 and _is_numeric(schema.field(at).type)
    ]  # fmt: skip
    values: dict[int, list[Any]] = {at: [] for at in numeric}
    missing, scanned = dict.fromkeys(numeric, 0), 0
    wanted = _rows_read(names, limits)
    chosen = [names[at] for at in numeric]
    try:
        for batch in file.iter_batches(batch_size=1024, columns=chosen, use_threads=False):
            for at, column in zip(numeric, batch.columns, strict=True):
                missing[at] += column.null_count
                numbers = column.drop_null().cast(pa.float64(), safe=False)
                values[at].append(numbers.to_numpy(zero_copy_only=False))
            scanned += batch.num_rows
            if scanned >= wanted or not chosen:
                break
    except _faults():
        return [ColumnScan(texts=(), missing=0, numbers=None) for _ in names], 0
    is_all = len(rows) == file.metadata.num_rows
    scans = [
        ColumnScan(texts=(), missing=missing[at], numbers=np.concatenate(values[at]))
        if values.get(at)
        else ColumnScan(
            texts=tuple(row[at] for row in rows) if is_all else (), missing=0, numbers=None
        )
        for at in range(len(names))
    ]
    return scans, scanned or len(rows)


def _is_numeric(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_float32(kind) or pa.types.is_float64(kind))


def _cell(scalar: Any) -> Cell:
    if not scalar.is_valid:
        return None
    text = without_controls(_text(scalar, 0))
    return text if len(text) <= _CELL_TEXT else f"{text[:CELL_CHARACTERS]}…"


def _text(scalar: Any, depth: int) -> str:
    """The scalar as JSON-like text, looking at no more of it than a cell shows."""
    import pyarrow as pa

    if not scalar.is_valid:
        return "null"
    if depth > _DEEPEST:
        return "…"
    kind = scalar.type
    if pa.types.is_dictionary(kind):
        return _text(scalar.value, depth)
    if pa.types.is_nested(kind):
        return _nested_text(scalar, depth)
    if isinstance(scalar, (pa.StringScalar, pa.LargeStringScalar)):
        return _string_text(scalar, quoted=depth > 0)
    if isinstance(scalar, (pa.BinaryScalar, pa.LargeBinaryScalar, pa.FixedSizeBinaryScalar)):
        buffer = scalar.as_buffer()
        head = buffer.slice(0, min(buffer.size, 24)).to_pybytes()
        return f"{_readable(head)}{f'… ({buffer.size:,} bytes)' if buffer.size > 24 else ''}"
    return _plain_text(scalar)


def _readable(head: bytes) -> str:
    text = head.decode("latin-1")
    return text if text.isascii() and text.isprintable() else f"0x{head.hex()}"


def _string_text(scalar: Any, *, quoted: bool) -> str:
    buffer = scalar.as_buffer()
    head = buffer.slice(0, min(buffer.size, 4 * CELL_CHARACTERS)).to_pybytes()
    text = head.decode("utf-8", "replace")
    if buffer.size > len(head):
        text = f"{text[:CELL_CHARACTERS]}… ({buffer.size:,} bytes)"
    return f'"{text}"' if quoted else text


def _nested_text(scalar: Any, depth: int) -> str:
    import pyarrow as pa

    kind = scalar.type
    if pa.types.is_struct(kind):
        names = [kind.field(at).name for at in range(min(kind.num_fields, _MEMBERS))]
        parts = [f'"{name}": {_text(scalar[at], depth + 1)}' for at, name in enumerate(names)]
        return "{" + ", ".join(parts) + (", …" if kind.num_fields > _MEMBERS else "") + "}"
    members = getattr(scalar, "values", None)
    if members is None:
        return f"({kind})"
    parts = [_text(members[at], depth + 1) for at in range(min(len(members), _MEMBERS))]
    more = f", … ({len(members):,} in all)" if len(members) > _MEMBERS else ""
    return "[" + ", ".join(parts) + more + "]"


def _plain_text(scalar: Any) -> str:
    import pyarrow as pa

    try:
        value = scalar.as_py()
    except (ValueError, OverflowError, pa.ArrowException):
        return str(getattr(scalar, "value", scalar.type))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _type_text(kind: Any, pa: Any) -> str:
    """`int`, `float`, `text`, `bool`, `time`, or Arrow's own name."""
    if pa.types.is_dictionary(kind):
        return _type_text(kind.value_type, pa)
    names = (
        (pa.types.is_integer, "int"),
        (pa.types.is_floating, "float"),
        (pa.types.is_boolean, "bool"),
        (pa.types.is_string, "text"),
        (pa.types.is_large_string, "text"),
        (pa.types.is_timestamp, "time"),
        (pa.types.is_date, "date"),
        (pa.types.is_decimal, "decimal"),
    )
    return next((name for test, name in names if test(kind)), cut_cell(str(kind))[:40])


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return cut_cell(lines[0]).rstrip(". ")
