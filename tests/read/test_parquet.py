from __future__ import annotations

import dataclasses
import datetime as dt
import io
import resource
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.documents.tables import TableContent, TableError
from sitegen.read.parquet import read_parquet

HOSTILE = Path(__file__).parents[3] / "shared" / "data" / "hostile"


def parquet(table: pa.Table, **options: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def read(content: bytes, rows: int = 200) -> TableContent:
    return read_parquet(io.BytesIO(content), dataclasses.replace(DEFAULT_LIMITS, preview_rows=rows))


def read_or_none(content: bytes) -> TableContent | None:
    """None if it is refused with a reason; anything else that is raised fails the test."""
    try:
        return read(content)
    except TableError:
        return None


def test_types_and_cells_are_read_and_rows_counted() -> None:
    moment = dt.datetime(2026, 11, 20, 14, 2, tzinfo=dt.UTC)
    table = pa.table(
        {
            "id": ["a", "b", None], "n": [1, 2, 3], "x": [0.5, float("nan"), None],
            "ok": [True, False, None], "at": [moment] * 3, "raw": [b"\0\xff", b"text", None],
            "list": [[1, 2], [], None], "row": [{"k": "v"}, {"k": None}, None],
        }
    )  # fmt: skip

    content = read(parquet(table), rows=2)

    assert content.columns == ("id", "n", "x", "ok", "at", "raw", "list", "row")
    assert content.types[:5] == ("text", "int", "float", "bool", "time")
    assert content.rows == (
        ("a", "1", "0.5", "true", "2026-11-20 14:02:00+00:00", "0x00ff", "[1, 2]", '{"k": "v"}'),
        ("b", "2", "nan", "false", "2026-11-20 14:02:00+00:00", "text", "[]", '{"k": null}'),
    )
    assert content.row_count == 3


def test_a_missing_value_is_none() -> None:
    assert read(parquet(pa.table({"x": pa.array([None], pa.float64())}))).rows == ((None,),)


def test_times_beyond_the_calendar_are_numbers() -> None:
    content = read(parquet(pa.table({"t": pa.array([2**62], pa.timestamp("us"))})))

    assert content.rows == ((str(2**62),),)


def test_a_dictionary_bomb_is_opened_cell_by_cell() -> None:
    """One value of 10 MB in 200,000 rows would be 2 TB as plain strings."""
    value = pa.array(["x" * 10_000_000])
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 200_000, pa.int32()), value)
    raw = parquet(pa.table({"s": column}), compression="zstd", write_statistics=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    content = read(raw)

    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert content.row_count == 200_000
    assert (content.rows[0][0] or "").endswith("… (10,000,000 bytes)")
    assert grown_kb < 200_000


def test_a_long_list_shows_its_first_members() -> None:
    content = read(parquet(pa.table({"l": [list(range(100_000))]})))

    assert (content.rows[0][0] or "").endswith("19, … (100,000 in all)]")


def test_a_file_cut_in_half_says_so() -> None:
    raw = parquet(pa.table({"a": list(range(1000))}))

    with pytest.raises(TableError):
        read(raw[: len(raw) // 2])


def test_too_many_columns_are_refused() -> None:
    raw = parquet(pa.table({f"c{n}": [1] for n in range(2001)}))

    with pytest.raises(TableError, match="2,001 columns"):
        read(raw)


def test_two_columns_of_one_name_are_no_crash() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])

    content = read(parquet(table))

    assert all(len(row) == len(content.columns) for row in content.rows)


def corrupt_files() -> list[Path]:
    folders = [HOSTILE / "parquet-bad", HOSTILE / "arrow-fuzzing"]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="no ../shared/data/hostile on this machine")
@pytest.mark.parametrize("path", corrupt_files(), ids=lambda path: path.name)
def test_a_corrupt_file_gives_rows_or_a_reason(path: Path) -> None:
    content = read_or_none(path.read_bytes())

    if content is not None:
        assert content.fault or content.rows or content.row_count == 0
        assert all(len(row) == len(content.columns) for row in content.rows)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_changed_byte_gives_a_table_or_a_reason(position: int, byte: int) -> None:
    table = pa.table({"s": ["a", "b", "a"] * 50, "x": [0.5] * 150, "l": [[1], [], [2, 3]] * 50})
    raw = bytearray(parquet(table))
    raw[position % len(raw)] = byte

    content = read_or_none(bytes(raw))

    assert content is None or all(len(row) == len(content.columns) for row in content.rows)
