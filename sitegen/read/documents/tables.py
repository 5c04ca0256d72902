"""The first rows of a table: CSV, TSV, JSON Lines and Parquet, and how many rows there are.

Floor 2. For looking at, not for computing: cells are text as written, cut to a length. Whatever is
in the file, at most `limits.preview_rows` rows of 100 columns are held; a Parquet file that claims
little and decodes to terabytes is opened cell by cell (threat model, "Parsers and bombs").
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Literal

from sitegen.bundle.limits import Limits
from sitegen.model import Json
from sitegen.read.documents.textfiles import Encoding, decode, find_encoding, without_controls
from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS = 100
"""Most columns of a preview."""
CELL_CHARACTERS = 300
"""Longest cell of a preview."""
TABLE_CHARACTERS = 400_000
"""Most text of a preview in all; later rows are left out."""

Cell = str | None
"""Text as written; None where the row has no such cell."""
_MOST_COUNTED_BYTES = 200_000_000
_SCANNED_CHARACTERS = 64
_LONGEST_LINE = 2_000_000


class TableError(Exception):
    """A table that cannot be read at all; its text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnScan:
    """The cells of one column in the rows that were scanned for its statistics."""

    texts: tuple[Cell, ...]
    """Cells as written, cut to 64 characters; empty where there are numbers."""
    missing: int
    """Cells that are missing and not among the texts or numbers."""
    numbers: NDArray[np.float64] | None
    """Values of a numeric Parquet column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContent:
    """The first rows of a table."""

    format: Literal["csv", "jsonl", "parquet"]
    """How it is stored."""
    columns: tuple[str, ...]
    """Names of the columns shown."""
    types: tuple[str | None, ...]
    """Types where the file states them (Parquet)."""
    rows: tuple[tuple[Cell, ...], ...]
    """Cells of the first rows, one per column."""
    scans: tuple[ColumnScan, ...]
    """What was scanned of each column shown."""
    scanned_rows: int
    """Rows that were scanned."""
    row_count: int | None
    """Rows in the file, None where they were not counted."""
    column_count: int
    """Columns in the file."""
    source: str | None
    """The beginning of the file as written; None for binary files."""
    notes: tuple[str, ...]
    """What a reader should know: encoding, delimiter, ragged rows, cuts."""
    fault: str | None
    """Why reading stopped early, None if it did not."""


class CellScan:
    """Gathers the cells of the first rows, up to a number of cells, for their statistics."""

    def __init__(self, most_cells: int) -> None:
        self._room = most_cells
        self._columns: list[list[Cell]] = []
        self.rows = 0

    @property
    def has_room(self) -> bool:
        """Whether another row is wanted."""
        return self._room > 0

    def add(self, row: Sequence[Cell]) -> None:
        """Takes a row; a shorter one lacks the last cells."""
        if self._room <= 0:
            return
        for at in range(len(self._columns), len(row)):
            assert at < COLUMNS
            self._columns.append([None] * self.rows)
        for at, column in enumerate(self._columns):
            cell = row[at] if at < len(row) else None
            column.append(cell[:_SCANNED_CHARACTERS] if cell else cell)
        self.rows += 1
        self._room -= max(1, len(row))

    def columns(self, width: int) -> tuple[ColumnScan, ...]:
        """The scans of *width* columns."""
        missing: list[list[Cell]] = [[] for _ in range(width - len(self._columns))]
        return tuple(
            ColumnScan(texts=tuple(cells), missing=0, numbers=None)
            for cells in [*self._columns, *missing][:width]
        )


def cut_cell(text: str) -> str:
    """*text* for a cell: without control characters, cut with an ellipsis."""
    if len(text) > CELL_CHARACTERS:
        text = f"{text[:CELL_CHARACTERS]}… ({len(text):,} characters)"
    return without_controls(text)


def read_csv(stream: BinaryIO, size_bytes: int, limits: Limits, *, is_tsv: bool) -> TableContent:
    """A delimited file; the delimiter is the one that fits the first lines best.

    Raises:
        TableError: if not even the header can be read.
    """
    head = stream.read(min(size_bytes, limits.preview_bytes))
    encoding = find_encoding(head)
    text = decode(head)[0]
    comments = _comment_lines(text)
    delimiter = "\t" if is_tsv else _delimiter(text.split("\n", comments)[-1])
    stream.seek(0)
    lines = io.TextIOWrapper(stream, encoding.codec, errors="replace", newline="")
    try:
        rows = _csv_rows(lines, comments, delimiter)
        header = next(rows, [])
        table = _collect(rows, len(header), size_bytes, limits)
    except csv.Error as error:
        raise TableError(str(error)) from error
    finally:
        lines.detach()  # the caller closes the stream
    names, width = _column_names(header, table.column_count), table.column_count
    notes = [f"{encoding.label}."] if encoding.label != "UTF-8" else []
    if comments:
        notes.append(f"{comments} comment line{'s' if comments > 1 else ''} before the header.")
    if delimiter not in {",", "\t"}:
        notes.append(f"Cells are separated by “{delimiter}”.")
    return replace(table, columns=names, types=(None,) * len(names), column_count=width,
                   source=text, notes=(*notes, *table.notes))  # fmt: skip


def _comment_lines(text: str) -> int:
    count = 0
    for line in text.split("\n", 20)[:20]:
        if not line.startswith("#"):
            break
        count += 1
    return count


def _delimiter(text: str) -> str:
    """Of `, ; tab |` the one that cuts most of the first lines into the same number of cells."""
    lines = text.split("\n", 21)[:20]
    best, best_score = ",", 0.0
    for delimiter in ",;\t|":
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = widths.count(widths[0]) / len(widths) + min(widths[0], 50) / 1000
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _csv_rows(lines: io.TextIOWrapper, comments: int, delimiter: str) -> Iterator[list[str]]:
    for _ in range(comments):
        lines.readline()
    for row in csv.reader(_short_lines(lines), delimiter=delimiter):
        if row:
            yield row


def _short_lines(lines: io.TextIOWrapper) -> Iterator[str]:
    while line := lines.readline(_LONGEST_LINE):
        if len(line) >= _LONGEST_LINE:
            raise csv.Error(f"a line is longer than {_LONGEST_LINE:,} characters")
        yield line


def _collect(
    rows: Iterator[list[str]], header_width: int, size_bytes: int, limits: Limits
) -> TableContent:
    shown: list[tuple[Cell, ...]] = []
    scan = CellScan(limits.statistics_cells)
    count, ragged, characters, width, fault = 0, 0, 0, header_width, None
    try:
        for row in rows:
            count += 1
            ragged += len(row) != header_width
            scan.add(row[:COLUMNS])
            if len(shown) < limits.preview_rows and characters < TABLE_CHARACTERS:
                width = max(width, len(row))
                shown.append(tuple(cut_cell(cell) for cell in row[:COLUMNS]))
                characters += sum(len(cell or "") for cell in shown[-1])
            elif size_bytes > _MOST_COUNTED_BYTES:
                break
    except (csv.Error, UnicodeError) as error:
        fault = f"Reading stopped after row {count:,}: {error}."
    notes = []
    if ragged:
        notes.append(
            f"{ragged:,} {'row has' if ragged == 1 else 'rows have'} another number of cells than"
            " the header."
        )
    is_counted = fault is None and size_bytes <= _MOST_COUNTED_BYTES
    return TableContent(
        format="csv", columns=(), types=(), rows=_squared(shown, min(width, COLUMNS)),
        scans=scan.columns(min(width, COLUMNS)), scanned_rows=scan.rows,
        row_count=count if is_counted else None, column_count=width, source=None,
        notes=tuple(notes), fault=fault,
    )  # fmt: skip


def _squared(rows: Sequence[tuple[Cell, ...]], width: int) -> tuple[tuple[Cell, ...], ...]:
    return tuple(row + (None,) * (width - len(row)) for row in rows)


def _column_names(header: Sequence[str], width: int) -> tuple[str, ...]:
    names = [cut_cell(" ".join(name.split())) for name in header[:COLUMNS]]
    names += [""] * (min(width, COLUMNS) - len(names))
    return tuple(name or f"column {number}" for number, name in enumerate(names, 1))


def read_jsonl(stream: BinaryIO, size_bytes: int, limits: Limits) -> TableContent:
    """JSON Lines: a column per key, in the order of first appearance; other lines as `value`."""
    encoding = find_encoding(stream.read(4096))
    stream.seek(0)
    records: list[dict[str, Cell]] = []
    columns: dict[str, None] = {}
    scan = CellScan(limits.statistics_cells)
    shown: tuple[str, ...] = ()
    count, wrong, characters = 0, 0, 0
    for line in _lines(stream, limits.preview_bytes):
        if not line.strip():
            continue
        count += 1
        if len(records) < limits.preview_rows and characters < TABLE_CHARACTERS:
            record, is_right = _json_row(line, encoding)
            wrong += not is_right
            records.append(record)
            columns.update(dict.fromkeys(record))
            characters += sum(len(cell or "") for cell in record.values())
            shown = tuple(columns)[:COLUMNS]
            scan.add([record.get(name) for name in shown])
        elif size_bytes > _MOST_COUNTED_BYTES:
            break
        elif scan.has_room:
            record, _ = _json_row(line, encoding)
            scan.add([record.get(name) for name in shown])
    stream.seek(0)
    verb = "is" if wrong == 1 else "are"
    notes = [f"{wrong:,} of the lines shown {verb} not JSON."] if wrong else []
    return TableContent(
        format="jsonl", columns=tuple(cut_cell(name) or "(empty)" for name in shown),
        types=(None,) * len(shown),
        rows=tuple(tuple(record.get(name) for name in shown) for record in records),
        scans=scan.columns(len(shown)), scanned_rows=scan.rows,
        row_count=count if size_bytes <= _MOST_COUNTED_BYTES else None,
        column_count=len(columns), source=decode(stream.read(limits.preview_bytes))[0],
        notes=tuple(notes), fault=None,
    )  # fmt: skip


def _lines(stream: BinaryIO, most_bytes: int) -> Iterator[bytes]:
    """The lines, each cut to *most_bytes*; what follows in a longer line is skipped."""
    while line := stream.readline(most_bytes):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(most_bytes)


def _json_row(line: bytes, encoding: Encoding) -> tuple[dict[str, Cell], bool]:
    text = line.decode(encoding.codec, "replace").strip().lstrip("\ufeff")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"value": cut_cell(text)}, False
    if isinstance(value, dict):
        return {key: json_cell(member) for key, member in value.items()}, True
    return {"value": json_cell(value)}, True


def json_cell(value: Json) -> str:
    """A JSON value as a cell: text as it is, the rest as JSON."""
    if isinstance(value, str):
        return cut_cell(value)
    try:
        return cut_cell(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return "(nested too deeply)"
