"""The spans of a run by trace: in memory while they are few, then in scratch files.

Floor 3. A trace may be spread over all files, so its spans are together only after the last line.
Beyond a budget spans go to files by a digest of their trace id, and one file at a time comes back:
memory is that of the largest of them, whatever the size of the input.
"""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any, BinaryIO

from sitegen.derive.sink import Sink
from sitegen.model import Scope, Span, SpanEvent, SpanLink
from sitegen.records import dataclass

BUDGET_BYTES = 80_000_000
_FILES = 64
_BATCH_BYTES = 400_000
_SPAN_BYTES = 900
"""About what a span takes beside the texts of its attributes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Into how many shares the traces of a run go, and which of them are wanted here.

    A share holds the traces with one remainder of a digest of their ids, so that it is the same
    whichever process makes it.
    """

    count: int
    """Shares in all; divides 64."""
    wanted: tuple[int, ...]
    """Those that are made here, ascending."""


WHOLE = Shares(count=1, wanted=(0,))
"""All traces in one share, in the order in which they come."""
LARGE_BYTES = 24_000_000
"""Files of so many bytes are derived in shares."""
_SHARES = 16


def shares_of(size_bytes: int) -> Shares:
    """All shares of a run whose trace files have *size_bytes*."""
    if size_bytes < LARGE_BYTES:
        return WHOLE
    return Shares(count=_SHARES, wanted=tuple(range(_SHARES)))


def share_of(trace_id: str, count: int) -> int:
    """Which of *count* shares a trace goes to."""
    return _place_of(trace_id) % count


class SpanStore:
    """Spans of at most *most_traces* traces."""

    def __init__(
        self,
        sink: Sink,
        *,
        most_traces: int,
        budget_bytes: int = BUDGET_BYTES,
        shares: Shares = WHOLE,
    ) -> None:
        self._shares = shares
        self._is_wanted = [place % shares.count in shares.wanted for place in range(_FILES)]
        self._sink = sink
        self._most_traces = most_traces
        self._budget_bytes = budget_bytes
        self._spans_by_trace: dict[str, list[Span]] = {}
        self._size = 0
        self._known: set[str] = set()
        self._files: list[_SpanFile] = []

    def add(self, span: Span) -> bool:
        """Whether there is room: the span's trace is known or one more may come.

        Spans of shares that are not wanted are not kept.
        """
        if span.trace_id not in self._known:
            if len(self._known) >= self._most_traces:
                return False
            self._known.add(span.trace_id)
        if self._shares.count > 1 and not self._is_wanted[_place_of(span.trace_id)]:
            return True
        size = _size_of(span)
        if self._files:
            self._files[_place_of(span.trace_id)].add(span, size)
            return True
        self._spans_by_trace.setdefault(span.trace_id, []).append(span)
        self._size += size
        if self._size > self._budget_bytes:
            self._spill()
        return True

    def traces(self, share: int = 0) -> Iterator[tuple[str, list[Span]]]:
        """Each trace of a share with its spans in the order they came, and forgotten then."""
        if not self._files:
            yield from _drained(self._spans_by_trace, self._ids_of(share))
        for file in self._files[share :: self._shares.count]:
            by_trace: dict[str, list[Span]] = {}
            for span in file.drained():
                by_trace.setdefault(span.trace_id, []).append(span)
            yield from _drained(by_trace, list(by_trace))

    def _ids_of(self, share: int) -> list[str]:
        """Ids of the share's traces, in the order in which files would give them."""
        count, ids = self._shares.count, list(self._spans_by_trace)
        if count == 1:
            return ids
        places = {trace_id: _place_of(trace_id) for trace_id in ids}
        mine = [trace_id for trace_id in ids if places[trace_id] % count == share]
        return sorted(mine, key=places.__getitem__)

    def _spill(self) -> None:
        self._files = [_SpanFile(self._sink.scratch()) for _ in range(_FILES)]
        for trace_id, spans in _drained(self._spans_by_trace, list(self._spans_by_trace)):
            for span in spans:
                self._files[_place_of(trace_id)].add(span, _size_of(span))


def _place_of(trace_id: str) -> int:
    return zlib.crc32(trace_id.encode("utf-8", "replace")) % _FILES


class _SpanFile:
    """A scratch file of spans in batches, in which what they share is written once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._batch: list[Span] = []
        self._size = 0

    def add(self, span: Span, size: int) -> None:
        self._batch.append(span)
        self._size += size
        if self._size >= _BATCH_BYTES:
            self._write()

    def drained(self) -> Iterator[Span]:
        self._write()
        end = self._stream.tell()
        self._stream.seek(0)
        while self._stream.tell() < end:
            yield from _read(self._stream)
        self._stream.close()

    def _write(self) -> None:
        marshal.dump([_plain(span) for span in self._batch], self._stream)
        self._batch, self._size = [], 0


def _drained(
    spans_by_trace: dict[str, list[Span]], trace_ids: list[str]
) -> Iterator[tuple[str, list[Span]]]:
    for trace_id in trace_ids:
        yield trace_id, spans_by_trace.pop(trace_id)


def _size_of(span: Span) -> int:
    texts = sum(len(value) for value in span.attributes.values() if type(value) is str)
    return _SPAN_BYTES + texts + _SPAN_BYTES * len(span.events)


_FIELDS = tuple(field.name for field in fields(Span))
_values_of = attrgetter(*_FIELDS)
_EVENTS, _LINKS, _SCOPE = (_FIELDS.index(name) for name in ("events", "links", "scope"))
_event_values = attrgetter("time_ns", "name", "attributes")
_link_values = attrgetter("trace_id", "span_id", "attributes")


def _plain(span: Span) -> list[Any]:
    """The span as lists and JSON, which marshal writes fast; what spans share it writes once."""
    values = list(_values_of(span))
    values[_EVENTS] = [_event_values(event) for event in span.events]
    values[_LINKS] = [_link_values(link) for link in span.links]
    values[_SCOPE] = (span.scope.name, span.scope.version, span.scope.attributes)
    return values


def _read(stream: BinaryIO) -> Iterator[Span]:
    for values in marshal.load(stream):  # noqa: S302  # written by this process, and it has no name
        events, links, scope = values[_EVENTS], values[_LINKS], values[_SCOPE]
        values[_EVENTS] = tuple(
            SpanEvent(time_ns=time_ns, name=name, attributes=attributes)
            for time_ns, name, attributes in events
        )
        values[_LINKS] = tuple(
            SpanLink(trace_id=trace_id, span_id=span_id, attributes=attributes)
            for trace_id, span_id, attributes in links
        )
        values[_SCOPE] = Scope(name=scope[0], version=scope[1], attributes=scope[2])
        yield Span(**dict(zip(_FIELDS, values, strict=True)))
