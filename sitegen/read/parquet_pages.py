"""How much the footer and the pages of a Parquet file decode to, told before any is decoded.

Floor 2. A page is decoded as a whole, and one value of a dictionary may be repeated without end:
8 kB were 590 MB. A header is a struct of Thrift's compact protocol
(github.com/apache/parquet-format, "PageHeader"; apache/thrift, "thrift-compact-protocol.md"):

    1: type i32 · 2: uncompressed_page_size i32 · 3: compressed_page_size i32 · …
    5: data page, 7: dictionary page, 8: data page v2, each {1: num_values i32, …}
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any, BinaryIO

from sitegen.read.parquet_footer import Chunk, FooterError, row_groups
from sitegen.read.thrift import I32, STRUCT, ThriftError, field, skipped, zigzag
from sitegen.records import dataclass

_MAGIC = b"PAR1"
_HEAD_BYTES = 512
_LONGEST_HEAD = 1 << 20
_MOST_PAGES = 1_000_000
_ROWS_AT_ONCE, _VALUE_BYTES = 32, 8
_DICTIONARY = 7
_DATA = (5, 8)


class PageError(Exception):
    """A column chunk whose pages cannot be told or are too large; its text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkPages:
    """The pages of one column chunk."""

    largest_bytes: int
    """Decoded size of the largest page."""
    values: int
    """Values in its data pages; members of lists count each."""


def check_footer(stream: BinaryIO, most_bytes: int) -> None:
    """Nothing, if the footer of the file takes at most *most_bytes*, or there is none.

    Raises:
        PageError: if it takes more.
    """
    size_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size_bytes - 8))
    tail = stream.read(8)
    stream.seek(0)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] == _MAGIC and most_bytes < length <= size_bytes:
        raise PageError(
            "its footer, which lists each column of each row group, takes"
            f" {length:,} bytes, more than the limit of {most_bytes:,}"
        )


def check_pages(
    stream: BinaryIO, metadata: Any, names: Collection[str], most_bytes: int, *, rows: int
) -> None:
    """Nothing, if no page of the columns *names* that holds any of the first *rows* rows decodes to
    more than *most_bytes*, nor (by the average) as many rows of a list as are read at once.

    Raises:
        PageError: if one does.
    """
    schema = metadata.schema
    columns = [at for at in range(len(schema)) if schema.column(at).path.partition(".")[0] in names]
    seen = 0
    try:
        for group in row_groups(stream, len(schema)):
            if seen >= rows:
                return
            seen += group.rows
            for at in columns:
                _check_chunk(stream, group.chunks[at], group.rows, schema.column(at), most_bytes)
    except FooterError as error:
        raise PageError(str(error)) from error


def _check_chunk(stream: BinaryIO, chunk: Chunk, rows: int, column: Any, most_bytes: int) -> None:
    name = column.path[:80]
    try:
        found = chunk_pages(stream, chunk)
    except ThriftError as error:
        raise PageError(f"column {name}: the header of a page cannot be read: {error}") from error
    if found.largest_bytes > most_bytes:
        raise PageError(
            f"column {name}: a page decodes to {found.largest_bytes:,} bytes, more than"
            f" the limit of {most_bytes:,}"
        )
    at_once = _ROWS_AT_ONCE * _VALUE_BYTES * found.values // max(1, rows)
    if column.max_repetition_level and at_once > 4 * most_bytes:
        raise PageError(
            f"column {name}: its rows have {found.values // max(1, rows):,} members each"
        )


def chunk_pages(stream: BinaryIO, chunk: Chunk) -> ChunkPages:
    """What the headers of the pages of a column *chunk* say.

    Raises:
        ThriftError: if they cannot be read.
    """
    starts = [chunk.data_page_offset]
    if chunk.dictionary_page_offset:
        starts.append(chunk.dictionary_page_offset)
    position, end = min(starts), min(starts) + chunk.size_bytes
    largest = values = pages = 0
    if position < 0:
        raise ThriftError("it lies before the file")
    while position < end:
        pages += 1
        page = _page_at(stream, position)
        if pages > _MOST_PAGES or page.packed_bytes < 0 or page.size_bytes < 0:
            raise ThriftError("it gives no valid size")
        position += page.head_bytes + page.packed_bytes
        largest = max(largest, page.size_bytes)
        if page.kind in _DATA:
            values += page.values
    return ChunkPages(largest_bytes=largest, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A page as its header tells it."""

    kind: int
    """Number of the field that says more of it."""
    size_bytes: int
    """Decoded."""
    packed_bytes: int
    """In the file."""
    values: int
    """Values in it."""
    head_bytes: int
    """Length of the header."""


def _page_at(stream: BinaryIO, position: int) -> _Page:
    """The page whose header is at *position*; statistics in it may be long."""
    length = _HEAD_BYTES
    while True:
        stream.seek(position)
        content = stream.read(length)
        try:
            return _parsed(content)
        except IndexError:
            if len(content) < length or length >= _LONGEST_HEAD:
                raise ThriftError("it breaks off") from None
            length *= 8


def _parsed(content: bytes) -> _Page:
    """Raises IndexError if *content* ends too early, ThriftError if it is no header."""
    at, fields, kind, values = 0, {1: 0, 2: -1, 3: -1}, 0, 0
    last = 0
    while content[at]:
        last, wire, at = field(content, at, last)
        if wire == STRUCT and last in (*_DATA, _DICTIONARY):
            kind = last
            values, at = _first_number(content, at)
        elif wire == I32 and last in fields:
            fields[last], at = zigzag(content, at)
        else:
            at = skipped(content, at, wire, 0)
    return _Page(
        kind=kind, size_bytes=fields[2], packed_bytes=fields[3], values=values, head_bytes=at + 1
    )


def _first_number(content: bytes, at: int) -> tuple[int, int]:
    """The field 1 of the struct at *at*, and where the struct ends."""
    found = last = 0
    while content[at]:
        last, wire, at = field(content, at, last)
        if last == 1 and wire == I32:
            found, at = zigzag(content, at)
        else:
            at = skipped(content, at, wire, 1)
    return found, at + 1
