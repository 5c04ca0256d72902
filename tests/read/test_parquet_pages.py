"""Pages of Parquet files are told by their headers, and large ones are never decoded."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.read.documents.tables import TableError
from sitegen.read.metrics import read_metrics
from sitegen.read.parquet import read_parquet
from sitegen.read.parquet_footer import Chunk, FooterError, row_groups
from sitegen.read.parquet_pages import PageError, check_footer, check_pages, chunk_pages
from sitegen.read.thrift import ThriftError
from tests.factories import Reports

LONG = "x" * 5_000_000


def written(table: pa.Table, **options: Any) -> io.BytesIO:
    stream = io.BytesIO()
    pq.write_table(table, stream, **options)
    return stream


def dictionary_of(text: str) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(1_000, dtype=np.int32)), pa.array([text])
    )


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd"])
@pytest.mark.parametrize("use_dictionary", [True, False])
@pytest.mark.parametrize("write_statistics", [True, False])
def test_every_value_is_in_a_page_that_is_found(
    version: str, compression: str, *, use_dictionary: bool, write_statistics: bool
) -> None:
    rows = 30_000
    table = pa.table(
        {
            "number": np.arange(rows) * 1.5,
            "text": [f"value {at % 700}" for at in range(rows)],
            "list": [[at] * (at % 4) for at in range(rows)],
            "struct": [{"a": at, "b": None} for at in range(rows)],
        }
    )
    stream = written(
        table, compression=compression, use_dictionary=use_dictionary, data_page_version=version,
        write_statistics=write_statistics, data_page_size=4_000, row_group_size=9_000,
    )  # fmt: skip
    metadata = pq.ParquetFile(stream).metadata

    groups = list(row_groups(stream, metadata.num_columns))
    assert len(groups) == metadata.num_row_groups == 4
    for at, group in enumerate(groups):
        assert group.rows == metadata.row_group(at).num_rows
        for column, chunk in enumerate(group.chunks):
            told = metadata.row_group(at).column(column)
            assert chunk.data_page_offset == told.data_page_offset
            assert chunk.dictionary_page_offset == (told.dictionary_page_offset or 0)
            assert chunk.size_bytes == told.total_compressed_size
            found = chunk_pages(stream, chunk)
            assert found.values == told.num_values
            assert 0 < found.largest_bytes <= told.total_uncompressed_size
    check_pages(stream, metadata, table.column_names, 1_000_000, rows=rows)
    with pytest.raises(PageError, match="column number: a page decodes to"):
        check_pages(stream, metadata, table.column_names, 1_000, rows=1)


@pytest.mark.parametrize(
    "column",
    [
        dictionary_of(LONG),
        pa.array([LONG, "short"]),
        pa.array([list(range(1_000_000))] * 2),
        pa.array([[LONG]]),
    ],
    ids=["dictionary", "text", "list", "list of text"],
)
def test_a_preview_decodes_no_page_beyond_the_limit(column: pa.Array) -> None:
    table = pa.table({"small": pa.array(range(len(column))), "c": column})
    stream = written(
        table, compression="zstd", dictionary_pagesize_limit=2**30, write_statistics=False
    )
    before = pa.total_allocated_bytes()

    found = read_parquet(stream, Limits(page_bytes=1_000_000))

    assert found.rows == ()
    assert found.columns == ("small", "c")
    assert found.row_count == len(column)
    assert found.fault is not None
    assert "more than the limit of 1,000,000" in found.fault
    assert pa.total_allocated_bytes() - before < 100_000


def test_a_text_that_lists_repeat_is_held_once() -> None:
    lists = pa.ListArray.from_arrays(pa.array([0, 500, 1_000]), dictionary_of("y" * 500_000))
    stream = written(pa.table({"c": lists}), compression="zstd")
    pool = pa.proxy_memory_pool(pa.system_memory_pool())
    usual = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        found = read_parquet(stream, Limits())
    finally:
        pa.set_memory_pool(usual)

    assert str(found.rows[0][0]).startswith('["yyyy')
    assert 0 < pool.max_memory() < 50_000_000


def test_rows_of_very_many_members_are_not_read() -> None:
    lists = pa.array([[1] * 400_000] * 4)
    stream = written(pa.table({"c": lists}), use_dictionary=False)

    found = read_parquet(stream, Limits(page_bytes=8_000_000))

    assert (
        found.fault == "No row is read: column c.list.element: its rows have 400,000 members each."
    )


def test_metrics_decode_no_page_beyond_the_limit(tmp_path: Path) -> None:
    table = pa.table({"name": dictionary_of(LONG), "value": np.arange(1_000.0)})
    pq.write_table(
        table, tmp_path / "metrics.parquet", compression="zstd", write_statistics=False,
        dictionary_pagesize_limit=2**30,
    )  # fmt: skip
    reports = Reports()

    points = read_metrics(
        tmp_path, ["metrics.parquet"], Limits(page_bytes=1_000_000), reports, io.BytesIO
    )

    assert list(points.series()) == []
    assert [one.code for one in reports] == ["parquet-unreadable"]
    assert reports[0].message.startswith("column name: a page decodes to 5,000,004 bytes")


@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 400))
def test_any_bytes_are_pages_or_an_error(content: bytes, offset: int, length: int) -> None:
    chunk = Chunk(data_page_offset=offset, dictionary_page_offset=0, size_bytes=length)
    try:
        found = chunk_pages(io.BytesIO(content), chunk)
    except ThriftError:
        return
    assert found.values >= -(2**63)


@given(st.binary(max_size=400), st.integers(0, 3))
def test_any_bytes_are_row_groups_or_an_error(content: bytes, columns: int) -> None:
    footer = io.BytesIO(content + len(content).to_bytes(4, "little") + b"PAR1")
    try:
        groups = list(row_groups(footer, columns))
    except FooterError:
        return
    assert all(len(group.chunks) == columns for group in groups)


READ_ALL = """
import io, sys
from sitegen.bundle.limits import Limits
from sitegen.read.documents.tables import TableError
from sitegen.read.parquet import read_parquet
raw = sys.stdin.buffer.read()
for position in range(len(raw)):
    for byte in (66, 102):
        changed = raw[:position] + bytes([byte]) + raw[position + 1 :]
        try:
            print(read_parquet(io.BytesIO(changed), Limits()).fault)
        except TableError as error:
            print(error)
"""


def test_no_changed_byte_ends_the_process() -> None:
    """`metadata.row_group(0).column(0)` of pyarrow 26.0 ends it where levels and their histograms
    do not fit.
    """
    table = pa.table({"s": ["a", "b", "a"] * 50, "x": [0.5] * 150, "l": [[1], [], [2, 3]] * 50})
    raw = written(table).getvalue()

    done = subprocess.run(
        [sys.executable, "-c", READ_ALL], input=raw, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) >= 2 * len(raw)
    assert b"histogram size mismatch" in done.stdout


def test_a_footer_beyond_the_limit_is_told_before_it_is_decoded() -> None:
    stream = io.BytesIO()
    table = pa.table({"step": [1], "loss": [0.5]})
    with pq.ParquetWriter(stream, table.schema) as writer:
        for _ in range(100):
            writer.write_table(table)
    length = int.from_bytes(stream.getvalue()[-8:-4], "little")

    check_footer(stream, length)
    with pytest.raises(PageError, match=f"takes {length:,} bytes, more than the limit of 9,999"):
        check_footer(stream, 9_999)
    with pytest.raises(TableError, match="its footer"):
        read_parquet(stream, Limits(footer_bytes=9_999))


@given(st.binary(max_size=40), st.integers(0, 2**32 - 1))
def test_any_end_of_a_file_is_a_footer_within_it_or_none(content: bytes, length: int) -> None:
    stream = io.BytesIO(content + length.to_bytes(4, "little") + b"PAR1")
    is_too_large = 10 < length <= len(content) + 8

    if is_too_large:
        with pytest.raises(PageError):
            check_footer(stream, 10)
    else:
        check_footer(stream, 10)
