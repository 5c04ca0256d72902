"""Rows and totals of traces: what the page shows without opening a data file.

Floor 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sitegen.derive.llm import KindClass, model_of, provider_of
from sitegen.derive.spans import ROOT, SpanTree
from sitegen.derive.trace_tree import TraceTree, error_total
from sitegen.model import Span

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
    models: tuple[str, ...]
    """Models asked, in order of their first call; at most five."""
    session: str | None
    """The conversation it belongs to."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NameTotals:
    """All spans of one name."""

    name: str
    """Name of the spans."""
    kind: KindClass
    """Class of the first of them."""
    count: int
    """Spans."""
    error_count: int
    """Those that failed."""
    duration_ns: int
    """Sum of their durations."""
    longest_ns: int
    """Longest of their durations."""
    tokens: int
    """Tokens that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTotals:
    """All calls of one model whose usage counts."""

    model: str
    """Model that answered."""
    provider: str | None
    """Who runs it."""
    calls: int
    """Spans."""
    input_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    cached_tokens: int
    """Tokens read from a cache."""
    cost_usd: float | None
    """Recorded cost; None if none is."""


def trace_row(trace: TraceTree, *, file: str) -> TraceRow:
    """The row of a trace whose tree is in the data file *file*."""
    spans = trace.tree.spans
    models = dict.fromkeys(model_of(span.attributes) for span in spans)
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
        models=tuple(model[:_SHORT] for model in models if model)[:_MOST_MODELS],
        session=None if trace.session is None else trace.session[:_SHORT],
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
            duration_ns=_duration_ns(span),
            is_failed=span.status_code == 2,
            tokens=(usage.input_tokens or 0) + (usage.output_tokens or 0)
            if usage.has_tokens else None,
            message=span.status_message[:_SHORT] if span.status_message else None,
        )


def _offset_ns(span: Span, tree: SpanTree) -> int | None:
    if span.start_ns is None or tree.start_ns is None:
        return None
    return span.start_ns - tree.start_ns


def _duration_ns(span: Span) -> int | None:
    if span.start_ns is None or span.end_ns is None:
        return None
    return max(0, span.end_ns - span.start_ns)


@dataclass(slots=True)
class _NameSums:
    kind: KindClass
    count: int = 0
    errors: int = 0
    duration_ns: int = 0
    longest_ns: int = 0
    tokens: int = 0


@dataclass(slots=True)
class _ModelSums:
    provider: str | None
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None


@dataclass(slots=True)
class Totals:
    """Sums over all traces, filled one trace at a time."""

    spans: int = 0
    """Spans."""
    errors: int = 0
    """Spans that failed."""
    input_tokens: int | None = None
    """Tokens read."""
    output_tokens: int | None = None
    """Tokens written."""
    cached_tokens: int | None = None
    """Tokens read from a cache."""
    cost_usd: float | None = None
    """Recorded cost."""
    services: set[str] = field(default_factory=set)
    """Names of services."""
    by_name: dict[str, _NameSums] = field(default_factory=dict)
    """Sums by span name."""
    by_model: dict[str, _ModelSums] = field(default_factory=dict)
    """Sums by model."""

    def add(self, trace: TraceTree) -> None:
        """Add all of a trace."""
        self.spans += len(trace.tree.spans)
        self.errors += error_total(trace)
        self.input_tokens = _plus(self.input_tokens, trace.total("input_tokens"))
        self.output_tokens = _plus(self.output_tokens, trace.total("output_tokens"))
        self.cached_tokens = _plus(self.cached_tokens, trace.total("cached_tokens"))
        cost = trace.cost_usd
        if cost is not None:
            self.cost_usd = (self.cost_usd or 0.0) + cost
        for index, span in enumerate(trace.tree.spans):
            service = span.resource.get("service.name")
            if isinstance(service, str) and service:
                self.services.add(service[:_SHORT])
            self._add_name(trace, index, span)
            self._add_model(trace, index, span)

    def _add_name(self, trace: TraceTree, index: int, span: Span) -> None:
        sums = self.by_name.setdefault(span.name[:_SHORT], _NameSums(kind=trace.kinds[index]))
        duration_ns = _duration_ns(span) or 0
        sums.count += 1
        sums.errors += span.status_code == 2
        sums.duration_ns += duration_ns
        sums.longest_ns = max(sums.longest_ns, duration_ns)
        if trace.counts_tokens[index]:
            usage = trace.usages[index]
            sums.tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)

    def _add_model(self, trace: TraceTree, index: int, span: Span) -> None:
        if not (trace.counts_tokens[index] or trace.counts_cost[index]):
            return
        name = (model_of(span.attributes) or "unknown model")[:_SHORT]
        usage = trace.usages[index]
        sums = self.by_model.setdefault(name, _ModelSums(provider=provider_of(span.attributes)))
        sums.calls += 1
        if trace.counts_tokens[index]:
            sums.input_tokens += usage.input_tokens or 0
            sums.output_tokens += usage.output_tokens or 0
            sums.cached_tokens += usage.cached_tokens or 0
        if trace.counts_cost[index] and usage.cost_usd is not None:
            sums.cost_usd = (sums.cost_usd or 0.0) + usage.cost_usd

    def names(self, most: int) -> tuple[NameTotals, ...]:
        """Totals by name, the longest total duration first."""
        ranked = sorted(self.by_name.items(), key=lambda pair: (-pair[1].duration_ns, pair[0]))
        return tuple(
            NameTotals(
                name=name, kind=sums.kind, count=sums.count, error_count=sums.errors,
                duration_ns=sums.duration_ns, longest_ns=sums.longest_ns, tokens=sums.tokens,
            )
            for name, sums in ranked[:most]
        )

    def models(self, most: int) -> tuple[ModelTotals, ...]:
        """Totals by model, the most tokens first."""
        ranked = sorted(
            self.by_model.items(),
            key=lambda pair: (-(pair[1].input_tokens + pair[1].output_tokens), pair[0]),
        )
        return tuple(
            ModelTotals(
                model=name, provider=sums.provider, calls=sums.calls,
                input_tokens=sums.input_tokens, output_tokens=sums.output_tokens,
                cached_tokens=sums.cached_tokens, cost_usd=sums.cost_usd,
            )
            for name, sums in ranked[:most]
        )


def _plus(total: int | None, more: int | None) -> int | None:
    return total if more is None else (total or 0) + more
