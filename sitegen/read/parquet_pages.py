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

from sitegen.records import dataclass

_MAGIC = b"PAR1"
_HEAD_BYTES = 512
_LONGEST_HEAD = 1 << 20
_MOST_PAGES = 1_000_000
_ROWS_AT_ONCE, _VALUE_BYTES = 32, 8
_DICTIONARY = 7
_DATA = (5, 8)
_DEEPEST = 8
_INTEGERS, _STRUCT = (4, 5, 6), 12  # types of Thrift: i16, i32, i64


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
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        if seen >= rows:
            return
        seen += group.num_rows
        for at in columns:
            chunk, name = group.column(at), schema.column(at).path[:80]
            found = chunk_pages(stream, chunk)
            if found.largest_bytes > most_bytes:
                raise PageError(
                    f"column {name}: a page decodes to {found.largest_bytes:,} bytes, more than"
                    f" the limit of {most_bytes:,}"
                )
            at_once = _ROWS_AT_ONCE * _VALUE_BYTES * found.values // max(1, group.num_rows)
            if schema.column(at).max_repetition_level and at_once > 4 * most_bytes:
                raise PageError(
                    f"column {name}: its rows have {found.values // max(1, group.num_rows):,}"
                    " members each"
                )


def chunk_pages(stream: BinaryIO, chunk: Any) -> ChunkPages:
    """What the headers of the pages of a column *chunk* (as pyarrow's metadata has it) say.

    Raises:
        PageError: if they cannot be read.
    """
    starts = [chunk.data_page_offset]
    if chunk.dictionary_page_offset:
        starts.append(chunk.dictionary_page_offset)
    position, end = min(starts), min(starts) + chunk.total_compressed_size
    largest = values = pages = 0
    if position < 0:
        raise PageError(f"column {chunk.path_in_schema[:80]}: its pages lie before the file")
    while position < end:
        pages += 1
        page = _page_at(stream, position)
        if pages > _MOST_PAGES or page.packed_bytes < 0 or page.size_bytes < 0:
            raise PageError(f"column {chunk.path_in_schema[:80]}: its pages have no valid sizes")
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
                raise PageError("the header of a page breaks off") from None
            length *= 8


def _parsed(content: bytes) -> _Page:
    """Raises IndexError if *content* ends too early, PageError if it is no header."""
    at, fields, kind, values = 0, {1: 0, 2: -1, 3: -1}, 0, 0
    last = 0
    while content[at]:
        last, wire, at = _field(content, at, last)
        if wire == _STRUCT and last in (*_DATA, _DICTIONARY):
            kind = last
            values, at = _first_number(content, at)
        elif wire in _INTEGERS and last in fields:
            fields[last], at = _zigzag(content, at)
        else:
            at = _skipped(content, at, wire, 0)
    return _Page(
        kind=kind, size_bytes=fields[2], packed_bytes=fields[3], values=values, head_bytes=at + 1
    )


def _field(content: bytes, at: int, last: int) -> tuple[int, int, int]:
    """Number and type of the field at *at*, and where its value begins."""
    head = content[at]
    if head >> 4:
        return last + (head >> 4), head & 15, at + 1
    number, at = _zigzag(content, at + 1)
    return number, head & 15, at


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise PageError("the header of a page holds a number that is too long")


def _zigzag(content: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(content, at)
    return value >> 1 ^ -(value & 1), at


def _first_number(content: bytes, at: int) -> tuple[int, int]:
    """The field 1 of the struct at *at*, and where the struct ends."""
    found = last = 0
    while content[at]:
        last, wire, at = _field(content, at, last)
        if last == 1 and wire in _INTEGERS:
            found, at = _zigzag(content, at)
        else:
            at = _skipped(content, at, wire, 1)
    return found, at + 1


def _list_end(content: bytes, at: int, depth: int) -> int:
    count, wire = content[at] >> 4, content[at] & 15
    at += 1
    if count == 15:
        count, at = _varint(content, at)
    if count > _LONGEST_HEAD:
        raise PageError("the header of a page holds a list that is too long")
    for _ in range(count):
        at = at + 1 if wire in {1, 2} else _skipped(content, at, wire, depth + 1)
    return at


def _skipped(content: bytes, at: int, wire: int, depth: int) -> int:
    """Where the value of that type at *at* ends."""
    if depth > _DEEPEST:
        raise PageError("the header of a page is nested too deeply")
    match wire:
        case 1 | 2:
            return at
        case 3:
            return at + 1
        case 4 | 5 | 6:
            return _varint(content, at)[1]
        case 7:
            return at + 8
        case 8:
            length, at = _varint(content, at)
            return at + length
        case 9 | 10:
            return _list_end(content, at, depth)
        case 12:
            last = 0
            while content[at]:
                last, inner, at = _field(content, at, last)
                at = _skipped(content, at, inner, depth + 1)
            return at + 1
    raise PageError(f"the header of a page holds a field of an unknown type, {wire}")
