"""Rows and span lists of traces: what the page shows without opening a data file.

Floor 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from sitegen.derive.llm.operations import KindClass
from sitegen.derive.traces.spans import ROOT, SpanTree
from sitegen.derive.traces.tree import TraceTree, error_total
from sitegen.model import Span
from sitegen.records import dataclass

_SHORT = 200
_MOST_MODELS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow:
    """One trace in the list."""

    trace_id: str
    """Trace id."""
    name: str
    """Name of its root span, at most 200 characters."""
    start_ns: int | None
    """Earliest start, None if not recorded."""
    duration_ns: int | None
    """Latest end minus earliest start."""
    span_count: int
    """Spans."""
    error_count: int
    """Spans that failed."""
    is_root_failed: bool
    """Whether a root span is among them."""
    input_tokens: int | None
    """Tokens read."""
    output_tokens: int | None
    """Tokens written."""
    cached_tokens: int | None
    """Tokens read from a cache."""
    cost_usd: float | None
    """Recorded cost in US dollars."""
    estimated_cost_usd: float | None
    """What it probably cost, where nothing was recorded."""
    models: tuple[str, ...]
    """Models asked, in order of their first call; at most five."""
    session: str | None
    """The conversation it belongs to."""
    user: str | None
    """Whom it was with."""
    file: str
    """Name of the data file that holds its tree."""

    @property
    def tokens(self) -> int | None:
        """Tokens read and written, None if none are recorded."""
        if self.input_tokens is None and self.output_tokens is None:
            return None
        return (self.input_tokens or 0) + (self.output_tokens or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineSpan:
    """A span as the page without script lists it."""

    span_id: str
    """Span id."""
    name: str
    """Name, at most 200 characters."""
    kind: KindClass
    """Class of operation."""
    depth: int
    """0 for a root."""
    offset_ns: int | None
    """Nanoseconds after the start of the trace."""
    duration_ns: int | None
    """Duration, None if unfinished."""
    is_failed: bool
    """Whether its status is error."""
    tokens: int | None
    """Tokens read and written, as recorded on it."""
    message: str | None
    """Message of its status, at most 200 characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The spans of one trace in reading order."""

    trace_id: str
    """Trace id."""
    spans: tuple[OutlineSpan, ...]
    """Its spans."""


def trace_row(trace: TraceTree, *, file: str) -> TraceRow:
    """The row of a trace whose tree is in the data file *file*."""
    spans = trace.tree.spans
    models = dict.fromkeys(trace.models)
    return TraceRow(
        trace_id=trace.trace_id,
        name=trace.name[:_SHORT],
        start_ns=trace.tree.start_ns,
        duration_ns=trace.tree.duration_ns,
        span_count=len(spans),
        error_count=error_total(trace),
        is_root_failed=any(
            span.status_code == 2 and parent == ROOT
            for span, parent in zip(spans, trace.tree.parents, strict=True)
        ),
        input_tokens=trace.total("input_tokens"),
        output_tokens=trace.total("output_tokens"),
        cached_tokens=trace.total("cached_tokens"),
        cost_usd=trace.cost_usd,
        estimated_cost_usd=trace.estimated_cost_usd,
        models=tuple(model[:_SHORT] for model in models if model)[:_MOST_MODELS],
        session=None if trace.session is None else trace.session[:_SHORT],
        user=None if trace.user is None else trace.user[:_SHORT],
        file=file,
    )


def outline(trace: TraceTree) -> Outline:
    """The trace's spans in short."""
    return Outline(trace_id=trace.trace_id, spans=tuple(_outline_spans(trace)))


def _outline_spans(trace: TraceTree) -> Iterator[OutlineSpan]:
    tree = trace.tree
    for index, span in enumerate(tree.spans):
        usage = trace.usages[index]
        yield OutlineSpan(
            span_id=span.span_id,
            name=span.name[:_SHORT],
            kind=trace.kinds[index],
            depth=tree.depths[index],
            offset_ns=_offset_ns(span, tree),
            duration_ns=duration_ns(span),
            is_failed=span.status_code == 2,
            tokens=(usage.input_tokens or 0) + (usage.output_tokens or 0)
            if usage.has_tokens
            else None,
            message=span.status_message[:_SHORT] if span.status_message else None,
        )


def _offset_ns(span: Span, tree: SpanTree) -> int | None:
    if span.start_ns is None or tree.start_ns is None:
        return None
    return span.start_ns - tree.start_ns


def duration_ns(span: Span) -> int | None:
    """End minus start, 0 for a negative one, None if either is not recorded."""
    if span.start_ns is None or span.end_ns is None:
        return None
    return max(0, span.end_ns - span.start_ns)
