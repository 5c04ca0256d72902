"""How many fields a protobuf message of OTLP has, told before it is decoded.

Floor 2. Two bytes are an empty message: 64 MB of them would be 32 million objects, gigabytes and
minutes. Only what OTLP says are messages is looked into; texts and bytes are passed over
(protobuf.dev/programming-guides/encoding; opentelemetry-proto, `trace.proto`, `logs.proto`,
`metrics.proto`, `common.proto`).
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Fields: TypeAlias = "dict[int, Fields]"
"""The fields of a message that are messages, by number."""

_ANY: Final[Fields] = {}
_PAIR: Final[Fields] = {2: _ANY}
_ANY.update({5: {1: _ANY}, 6: {1: _PAIR}})
_EXEMPLARS: Final[Fields] = {7: _PAIR}
_POINTS: Final[Fields] = {
    1: {1: _PAIR, 5: _EXEMPLARS, 7: _PAIR, 8: _EXEMPLARS, 9: _PAIR, 11: _EXEMPLARS}
}


def _signal(member: Fields) -> Fields:
    """A message of *member*s by resource and scope."""
    return {1: {1: {1: _PAIR}, 2: {1: {3: _PAIR}, 2: member}}}


SPANS: Final = _signal({9: _PAIR, 11: {3: _PAIR}, 13: {4: _PAIR}, 15: {}})
"""TracesData."""
LOGS: Final = _signal({5: _ANY, 6: _PAIR})
"""LogsData."""
METRICS: Final = _signal({5: _POINTS, 7: _POINTS, 9: _POINTS, 10: _POINTS, 11: _POINTS, 12: _PAIR})
"""MetricsData."""


def has_more_fields(content: bytes, fields: Fields, most: int) -> bool:
    """Whether a message with *fields* has more than *most* of all kinds and levels.

    What is no such message ends the count; whoever decodes it will say so.
    """
    if len(content) <= 2 * most:
        return False
    try:
        return _counted(content, fields, most) > most
    except IndexError:  # it breaks off
        return False


def _counted(content: bytes, fields: Fields, most: int) -> int:
    """Fields up to *most* and one more."""
    at = count = 0
    end = len(content)
    outer: list[tuple[int, Any]] = []
    while count <= most:
        while at >= end:
            if not outer:
                return count
            at = end  # whatever is in a message, what holds it goes on behind it
            end, fields = outer.pop()
        count += 1
        tag = content[at]
        at += 1
        if tag > 127:
            tag, at = _varint(content, at, tag)
        wire = tag & 7
        if wire == 2:
            length = content[at]
            at += 1
            if length > 127:
                length, at = _varint(content, at, length)
            inner = fields.get(tag >> 3)
            if inner is None:
                at += length
            elif length:
                outer.append((end, fields))
                end, fields = at + length, inner
        elif wire == 0:
            while content[at] > 127:
                at += 1
            at += 1
        elif wire == 1:
            at += 8
        elif wire == 5:
            at += 4
    return count


def _varint(content: bytes, at: int, first: int) -> tuple[int, int]:
    """The number that goes on at *at* after its *first* byte, and where it ends."""
    value, shift = first & 127, 7
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128 or shift > 63:
            return value, at
        shift += 7
