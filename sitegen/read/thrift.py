"""Structs in Thrift's compact protocol, read where they stand (thrift-compact-protocol.md).

Floor 2. Parquet writes its footer and the headers of its pages so. Nothing here trusts a length:
what runs past the end raises IndexError, so that a caller that read too little can read on.
"""

from __future__ import annotations

I32, I64, LIST, STRUCT = 5, 6, 9, 12
"""Types of values that are looked at; a value of another type than its field has is not there."""
_DEEPEST = 8
_LONGEST_LIST = 1 << 24


class ThriftError(Exception):
    """Bytes that are no struct; its text says why of "it"."""


def field(content: bytes, at: int, last: int) -> tuple[int, int, int]:
    """Number and type of the field at *at*, and where its value begins."""
    head = content[at]
    if head >> 4:
        return last + (head >> 4), head & 15, at + 1
    number, at = zigzag(content, at + 1)
    return number, head & 15, at


def varint(content: bytes, at: int) -> tuple[int, int]:
    """The number at *at*, and where it ends."""
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ThriftError("it holds a number that is too long")


def zigzag(content: bytes, at: int) -> tuple[int, int]:
    """The signed number at *at*, and where it ends."""
    value, at = varint(content, at)
    return value >> 1 ^ -(value & 1), at


def list_head(content: bytes, at: int) -> tuple[int, int, int]:
    """Members and their type of the list at *at*, and where the first begins."""
    count, wire = content[at] >> 4, content[at] & 15
    at += 1
    if count == 15:
        count, at = varint(content, at)
    if count > _LONGEST_LIST:
        raise ThriftError("it holds a list that is too long")
    return count, wire, at


def _list_end(content: bytes, at: int, depth: int) -> int:
    count, wire, at = list_head(content, at)
    for _ in range(count):
        at = at + 1 if wire in {1, 2} else skipped(content, at, wire, depth + 1)
    return at


def skipped(content: bytes, at: int, wire: int, depth: int) -> int:
    """Where the value of that type at *at* ends."""
    if depth > _DEEPEST:
        raise ThriftError("it is nested too deeply")
    match wire:
        case 1 | 2:
            return at
        case 3:
            return at + 1
        case 4 | 5 | 6:
            return varint(content, at)[1]
        case 7:
            return at + 8
        case 8:
            length, at = varint(content, at)
            return at + length
        case 9 | 10:
            return _list_end(content, at, depth)
        case 12:
            last = 0
            while content[at]:
                last, inner, at = field(content, at, last)
                at = skipped(content, at, inner, depth + 1)
            return at + 1
    raise ThriftError(f"it holds a field of an unknown type, {wire}")
