"""Where the column chunks of a Parquet file lie, told by its footer.

Floor 2. pyarrow's own objects are not asked: 26.0 aborts the process, instead of raising, at a
chunk whose histograms are of another size than its levels, as one changed byte makes them. The
structs are those of github.com/apache/parquet-format, "parquet.thrift":

    FileMetaData   {4: row_groups, …}          RowGroup       {1: columns, 3: num_rows, …}
    ColumnChunk    {3: meta_data, …}           ColumnMetaData {7: total_compressed_size,
                                                9: data_page_offset, 11: dictionary_page_offset, …}
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from sitegen.read.thrift import (
    I64,
    LIST,
    STRUCT,
    ThriftError,
    field,
    list_head,
    skipped,
    zigzag,
)
from sitegen.records import dataclass

_TAIL_BYTES = 8
_ROW_GROUPS, _COLUMNS, _ROWS, _META_DATA = 4, 1, 3, 3
_SIZE, _DATA, _DICTIONARY = 7, 9, 11


class FooterError(Exception):
    """A footer that cannot be read; its text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The values of one column in one row group."""

    data_page_offset: int
    """Where its first data page begins in the file."""
    dictionary_page_offset: int
    """Where its dictionary begins, 0 if it has none."""
    size_bytes: int
    """Its pages together, compressed, with their headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    """Some rows of a file."""

    rows: int
    """How many."""
    chunks: tuple[Chunk, ...]
    """One each leaf column, in their order."""


def row_groups(stream: BinaryIO, columns: int) -> Iterator[RowGroup]:
    """The row groups of the file, whose schema has so many leaf *columns*, in their order.

    Raises:
        FooterError: if the footer cannot be read, or a row group has not all columns.
    """
    content = _footer(stream)
    try:
        at, last = 0, 0
        while content[at]:
            last, wire, at = field(content, at, last)
            if last != _ROW_GROUPS or wire != LIST:
                at = skipped(content, at, wire, 0)
                continue
            count, inner, at = list_head(content, at)
            if inner != STRUCT:
                raise FooterError("its footer has no row groups")
            for _ in range(count):
                group, at = _row_group(content, at)
                if len(group.chunks) != columns:
                    raise FooterError(
                        f"a row group has {len(group.chunks):,} columns, the schema {columns:,}"
                    )
                yield group
    except IndexError:
        raise FooterError("its footer breaks off") from None
    except ThriftError as error:
        raise FooterError(f"its footer cannot be read: {error}") from error


def _footer(stream: BinaryIO) -> bytes:
    size_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size_bytes - _TAIL_BYTES))
    length = int.from_bytes(stream.read(4), "little")
    if length > size_bytes - _TAIL_BYTES:
        raise FooterError("its footer is longer than the file")
    stream.seek(size_bytes - _TAIL_BYTES - length)
    return stream.read(length)


def _row_group(content: bytes, at: int) -> tuple[RowGroup, int]:
    """The row group at *at*, and where it ends."""
    last = rows = 0
    chunks: list[Chunk] = []
    while content[at]:
        last, wire, at = field(content, at, last)
        if last == _COLUMNS and wire == LIST:
            count, inner, at = list_head(content, at)
            if inner != STRUCT:
                raise ThriftError("it has no columns")
            for _ in range(count):
                chunk, at = _chunk(content, at)
                chunks.append(chunk)
        elif last == _ROWS and wire == I64:
            rows, at = zigzag(content, at)
        else:
            at = skipped(content, at, wire, 0)
    return RowGroup(rows=rows, chunks=tuple(chunks)), at + 1


def _chunk(content: bytes, at: int) -> tuple[Chunk, int]:
    """The column chunk at *at*, and where it ends. What is given twice counts the second time, as
    it does for who decodes it.
    """
    last = 0
    numbers = {_SIZE: 0, _DATA: 0, _DICTIONARY: 0}
    while content[at]:
        last, wire, at = field(content, at, last)
        if last == _META_DATA and wire == STRUCT:
            at = _meta_data(content, at, numbers)
        else:
            at = skipped(content, at, wire, 0)
    found = Chunk(
        data_page_offset=numbers[_DATA], dictionary_page_offset=numbers[_DICTIONARY],
        size_bytes=numbers[_SIZE],
    )  # fmt: skip
    return found, at + 1


def _meta_data(content: bytes, at: int, numbers: dict[int, int]) -> int:
    """Where the struct at *at* ends; its *numbers* are taken over."""
    last = 0
    while content[at]:
        last, wire, at = field(content, at, last)
        if last in numbers and wire == I64:
            numbers[last], at = zigzag(content, at)
        else:
            at = skipped(content, at, wire, 0)
    return at + 1
