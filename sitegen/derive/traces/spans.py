"""The tree and the times of one trace, as recorded: nothing is corrected, what is odd is marked.

Floor 3. Every walk is iterative: a trace may be thousands of spans deep. Spans come in any order,
children before parents; parents may be missing, ids may repeat and links may form a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntFlag

from sitegen.model import Span, SpanEvent
from sitegen.records import dataclass

ROOT = -1
_TOLERANCE_NS = 1_000_000  # proxies and browsers round their clocks to µs or ms
_SERVER = 2
_CLIENT = 3


class Mark(IntFlag):
    """What is odd about a span."""

    PARENT_MISSING = 1
    """It names a parent that no file holds; it stands as one more root."""
    CYCLE = 2
    """Its parents form a circle, which is broken at this span."""
    SKEW = 4
    """It starts before or ends after its parent, by more than a millisecond."""
    NEGATIVE = 8
    """It ends before it starts; shown with duration 0."""
    UNFINISHED = 16
    """It has no end; drawn to the end of the trace."""
    NO_START = 32
    """It has no start; it has no place on the time axis."""
    EXCEPTION = 64
    """It recorded an exception but its status is not error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTree:
    """The spans of one trace in reading order: parents before children, siblings by start."""

    spans: tuple[Span, ...]
    """Spans, each once."""
    parents: tuple[int, ...]
    """Index of the parent, -1 for a root."""
    depths: tuple[int, ...]
    """0 for a root."""
    marks: tuple[int, ...]
    """What is odd about each, a sum of `Mark`s."""
    start_ns: int | None
    """Earliest start, None if no span has one."""
    end_ns: int | None
    """Latest end (or start) of the spans that have a start."""

    @property
    def duration_ns(self) -> int | None:
        """Latest end minus earliest start, None if nothing was recorded."""
        if self.start_ns is None or self.end_ns is None:
            return None
        return self.end_ns - self.start_ns


def span_tree(spans: Sequence[Span]) -> SpanTree:
    """The tree of *spans*, which have one trace id and distinct identities (see `distinct`)."""
    parents, marks = _parents(spans)
    _break_cycles(spans, parents, marks)
    order, depths = _reading_order(spans, parents)
    place = {old: new for new, old in enumerate(order)}
    ordered = tuple(spans[index] for index in order)
    place[ROOT] = ROOT
    new_parents = tuple(place[parents[index]] for index in order)
    starts = [span.start_ns for span in spans if span.start_ns is not None]
    ends = [max(span.end_ns or 0, span.start_ns) for span in spans if span.start_ns is not None]
    return SpanTree(
        spans=ordered,
        parents=new_parents,
        depths=tuple(depths),
        marks=tuple(
            marks[old] | _time_marks(ordered[new], ordered, new_parents[new])
            for new, old in enumerate(order)
        ),
        start_ns=min(starts, default=None),
        end_ns=max(ends, default=None),
    )


def distinct(spans: Iterable[Span]) -> tuple[list[Span], int, list[Span]]:
    """Each span once, how many were the same again, and those that differed and are left out.

    Of two spans with one id the later-ending one with more attributes is kept. A client and a
    server span may share an id (Zipkin's shared spans): both are kept.
    """
    kept: dict[tuple[str, bool], Span] = {}
    repeats = 0
    replaced: list[Span] = []
    for span in spans:
        key = (span.span_id, span.kind == _SERVER)
        other = kept.get(key)
        if other is None and not _is_same_span(kept.get((span.span_id, not key[1])), span):
            kept[key] = span
            continue
        if other is None:
            key = (span.span_id, not key[1])
            other = kept[key]
        if _content(other) == _content(span):
            repeats += 1
        elif _weight(span) > _weight(other):
            kept[key] = span
            replaced.append(other)
        else:
            replaced.append(span)
    return list(kept.values()), repeats, replaced


def _is_same_span(other: Span | None, span: Span) -> bool:
    return other is not None and {other.kind, span.kind} != {_SERVER, _CLIENT}


def _content(span: Span) -> tuple[object, ...]:
    return (
        span.name,
        span.kind,
        span.start_ns,
        span.end_ns,
        span.parent_span_id,
        span.attributes,
        span.events,
        span.links,
        span.status_code,
        span.status_message,
    )


def _weight(span: Span) -> tuple[int, int]:
    return span.end_ns or 0, len(span.attributes)


def _parents(spans: Sequence[Span]) -> tuple[list[int], list[int]]:
    index_by_id: dict[str, int] = {}
    client_by_id: dict[str, int] = {}
    for index, span in enumerate(spans):
        if span.kind == _CLIENT:
            client_by_id[span.span_id] = index
        if span.span_id not in index_by_id or span.kind == _SERVER:
            index_by_id[span.span_id] = index  # of a shared id the server's side has the children
    parents: list[int] = []
    marks: list[int] = []
    for index, span in enumerate(spans):
        shared = client_by_id.get(span.span_id) if span.kind == _SERVER else None
        parent = shared if shared is not None else index_by_id.get(span.parent_span_id or "", ROOT)
        is_missing = bool(span.parent_span_id) and parent == ROOT
        parents.append(parent)
        marks.append(_PARENT_MISSING if is_missing else 0)
        if parent == index:
            parents[index], marks[index] = ROOT, _CYCLE
    return parents, marks


def _break_cycles(spans: Sequence[Span], parents: list[int], marks: list[int]) -> None:
    """Make the earliest span of each circle a root."""
    done = [False] * len(spans)
    for first in range(len(spans)):
        walked: dict[int, None] = {}
        index = first
        while index != ROOT and not done[index] and index not in walked:
            walked[index] = None
            index = parents[index]
        if index in walked:
            members = list(walked)
            circle = members[members.index(index) :]
            root = min(circle, key=lambda member: (_start(spans[member]), spans[member].span_id))
            parents[root], marks[root] = ROOT, marks[root] | _CYCLE
        for member in walked:
            done[member] = True


def _start(span: Span) -> int:
    return span.start_ns if span.start_ns is not None else 2**64


def _reading_order(spans: Sequence[Span], parents: Sequence[int]) -> tuple[list[int], list[int]]:
    children: list[list[int]] = [[] for _ in spans]
    roots: list[int] = []
    for index in sorted(
        range(len(spans)), key=lambda one: (_start(spans[one]), -(spans[one].end_ns or 0), one)
    ):
        (roots if parents[index] == ROOT else children[parents[index]]).append(index)
    order: list[int] = []
    depths: list[int] = []
    waiting = [(root, 0) for root in reversed(roots)]
    while waiting:
        index, depth = waiting.pop()
        order.append(index)
        depths.append(depth)
        waiting.extend((child, depth + 1) for child in reversed(children[index]))
    return order, depths


def _time_marks(span: Span, spans: Sequence[Span], parent: int) -> int:
    marks = 0
    if span.start_ns is None:
        marks |= _NO_START
    if span.end_ns is None:
        marks |= _UNFINISHED
    elif span.start_ns is not None and span.end_ns < span.start_ns:
        marks |= _NEGATIVE
    if parent != ROOT and _is_outside(span, spans[parent]):
        marks |= _SKEW
    if span.events and span.status_code == 0 and any(map(_is_exception, span.events)):
        marks |= _EXCEPTION
    return marks


_PARENT_MISSING, _CYCLE, _SKEW, _NEGATIVE, _UNFINISHED, _NO_START, _EXCEPTION = map(int, Mark)
"""Plain integers: `|` of flags takes forty times as long."""


def _is_exception(event: SpanEvent) -> bool:
    return event.name == "exception"


def _is_outside(span: Span, parent: Span) -> bool:
    if span.start_ns is None or parent.start_ns is None:
        return False
    if span.start_ns < parent.start_ns - _TOLERANCE_NS:
        return True
    if span.end_ns is None or parent.end_ns is None:
        return False
    return span.end_ns > parent.end_ns + _TOLERANCE_NS


def has_value_below(parents: Sequence[int], has_value: Sequence[bool]) -> list[bool]:
    """For each span of a tree in reading order, whether a descendant has a value."""
    below = [False] * len(parents)
    for index in range(len(parents) - 1, -1, -1):
        if parents[index] != ROOT and (has_value[index] or below[index]):
            below[parents[index]] = True
    return below
