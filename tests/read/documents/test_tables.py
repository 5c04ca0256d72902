from __future__ import annotations

import dataclasses
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.documents.tables import (
    CELL_CHARACTERS,
    COLUMNS,
    TableContent,
    read_csv,
    read_jsonl,
)


def csv_of(content: bytes | str, *, is_tsv: bool = False, rows: int = 200) -> TableContent:
    raw = content.encode() if isinstance(content, str) else content
    limits = dataclasses.replace(DEFAULT_LIMITS, preview_rows=rows)
    return read_csv(io.BytesIO(raw), len(raw), limits, is_tsv=is_tsv)


def jsonl_of(content: str, rows: int = 200) -> TableContent:
    raw = content.encode()
    limits = dataclasses.replace(DEFAULT_LIMITS, preview_rows=rows)
    return read_jsonl(io.BytesIO(raw), len(raw), limits)


def test_the_first_rows_are_shown_and_all_are_counted() -> None:
    table = csv_of("a,b\n" + "1,2\n" * 1319, rows=3)

    assert table.columns == ("a", "b")
    assert table.rows == (("1", "2"),) * 3
    assert table.row_count == 1319


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        ("a;b\n1,5;2\n", ("a", "b"), (("1,5", "2"),)),
        ("a\tb\n1\t2\n", ("a", "b"), (("1", "2"),)),
        ("a|b\n1|2\n", ("a", "b"), (("1", "2"),)),
        ("a\n1\n2\n", ("a",), (("1",), ("2",))),
        ('a,b\n"x, y","line\nbreak"\n', ("a", "b"), (("x, y", "line\nbreak"),)),
        ("a,b\r1,2\r", ("a", "b"), (("1", "2"),)),
        ("a,b\n\0,2\n", ("a", "b"), (("␀", "2"),)),
        ("a,b\n,\n", ("a", "b"), (("", ""),)),
        ("\n\n", (), ()),
        ("", (), ()),
        ("a,,c\n1,2,3\n", ("a", "column 2", "c"), (("1", "2", "3"),)),
    ],
)
def test_csv_in_the_wild_is_read(
    content: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> None:
    table = csv_of(content)

    assert (table.columns, table.rows) == (columns, rows)


def test_ragged_rows_are_filled_widened_and_told() -> None:
    table = csv_of("a,b\n1\n1,2,3\n")

    assert table.columns == ("a", "b", "column 3")
    assert table.rows == (("1", None, None), ("1", "2", "3"))
    assert table.notes == ("2 rows have another number of cells than the header.",)


def test_comment_lines_before_the_header_are_skipped_and_told() -> None:
    table = csv_of('#{"t_start": 1.5, "env": "x"}\nr,l,t\n1.0,2,3\n')

    assert table.columns == ("r", "l", "t")
    assert table.notes == ("1 comment line before the header.",)


def test_another_encoding_is_named() -> None:
    assert csv_of("a,b\n1,ü\n".encode("latin-1")).notes[0].startswith("Latin-1")
    assert csv_of("a,b\n1,ü\n".encode("utf-16")).rows == (("1", "ü"),)


def test_a_long_cell_is_cut() -> None:
    table = csv_of("a\n" + "x" * 5000 + "\n")

    cell = table.rows[0][0] or ""
    assert cell.startswith("x" * CELL_CHARACTERS + "…")
    assert len(cell) < CELL_CHARACTERS + 40


def test_many_columns_are_cut_and_counted() -> None:
    table = csv_of(",".join(map(str, range(500))) + "\n" + ",".join("1" * 500) + "\n")

    assert len(table.columns) == len(table.rows[0]) == COLUMNS
    assert table.column_count == 500


def test_a_cell_beyond_the_limit_of_the_reader_ends_the_table_with_a_reason() -> None:
    table = csv_of("a,b\n1,2\n3," + "x" * 200_000 + "\n")

    assert table.rows == (("1", "2"),)
    assert table.fault == "Reading stopped after row 1: field larger than field limit (131072)."
    assert table.row_count is None


def test_json_lines_have_a_column_per_key() -> None:
    table = jsonl_of('{"id": 1, "a": "x"}\n\n{"id": 2, "b": [1, {"c": null}]}\n3\nnope\n')

    assert table.columns == ("id", "a", "b", "value")
    assert table.rows == (
        ("1", "x", None, None),
        ("2", None, '[1, {"c": null}]', None),
        (None, None, None, "3"),
        (None, None, None, "nope"),
    )
    assert table.row_count == 4
    assert table.notes == ("1 of the lines shown is not JSON.",)


def test_a_deeply_nested_line_is_no_crash() -> None:
    table = jsonl_of("[" * 100_000 + "]" * 100_000 + "\n")

    assert table.row_count == 1


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_a_squared_table(content: bytes, is_tsv: bool) -> None:
    for table in (
        csv_of(content, is_tsv=is_tsv),
        read_jsonl(io.BytesIO(content), len(content), DEFAULT_LIMITS),
    ):
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert len(table.types) == len(table.columns)
