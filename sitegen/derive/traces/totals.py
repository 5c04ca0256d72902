"""Totals over all traces of a run: per span name, per model.

Floor 3.
"""

from __future__ import annotations

from array import array
from dataclasses import field
from typing import TYPE_CHECKING, TypeVar

from sitegen.derive.llm.operations import KindClass
from sitegen.derive.traces.rows import duration_ns
from sitegen.derive.traces.self_time import self_times_ns
from sitegen.derive.traces.tree import TraceTree, error_total
from sitegen.model import Span
from sitegen.records import dataclass

_SHORT = 200
Number = TypeVar("Number", int, float)
if TYPE_CHECKING:
    Integers = array[int]
else:
    Integers = array  # no generic before Python 3.12, and msgspec looks at annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Percentiles of durations: the smallest duration that so many are not longer than."""

    p5_ns: int
    """Of one in twenty."""
    p50_ns: int
    """Of half of them."""
    p95_ns: int
    """Of nineteen in twenty."""


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
    self_ns: int
    """Sum of the time in which no span below them ran."""
    longest_ns: int
    """Longest of their durations."""
    latency: Latency | None
    """Percentiles of their durations; None if none has one."""
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
    error_count: int
    """Those that failed."""
    latency: Latency | None
    """Percentiles of their durations; None if none has one."""
    input_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    cached_tokens: int
    """Tokens read from a cache."""
    cost_usd: float | None
    """Recorded cost; None if none is."""
    estimated_cost_usd: float | None
    """What calls of traces without a recorded cost probably cost; None if that is not known."""


@dataclass(slots=True)
class NameSums:
    """Sums over the spans of one name."""

    kind: KindClass
    """Class of the first span."""
    count: int = 0
    """Spans."""
    errors: int = 0
    """Those that failed."""
    durations_ns: Integers = field(default_factory=lambda: array("q"))
    """Their durations."""
    self_ns: int = 0
    """Sum of the time in which no span below them ran."""
    tokens: int = 0
    """Tokens of the calls that count."""


@dataclass(slots=True)
class ModelSums:
    """Sums over the calls of one model."""

    provider: str | None
    """Who runs the model."""
    calls: int = 0
    """Calls that count."""
    errors: int = 0
    """Those that failed."""
    durations_ns: Integers = field(default_factory=lambda: array("q"))
    """Their durations."""
    input_tokens: int = 0
    """Tokens read."""
    output_tokens: int = 0
    """Tokens written."""
    cached_tokens: int = 0
    """Tokens read from a cache."""
    cost_usd: float | None = None
    """Recorded cost."""
    estimated_cost_usd: float | None = None
    """Estimated cost."""


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
    estimated_cost_usd: float | None = None
    """Estimated cost."""
    price_sources: set[str] = field(default_factory=set)
    """Where prices of estimates come from."""
    services: set[str] = field(default_factory=set)
    """Names of services."""
    by_name: dict[str, NameSums] = field(default_factory=dict)
    """Sums by span name."""
    by_model: dict[str, ModelSums] = field(default_factory=dict)
    """Sums by model."""

    def merge(self, other: Totals) -> None:
        """Add all of another's."""
        self.spans += other.spans
        self.errors += other.errors
        for name in _OPTIONAL_SUMS:
            setattr(self, name, _plus(getattr(self, name), getattr(other, name)))
        self.price_sources |= other.price_sources
        self.services |= other.services
        for name, sums in other.by_name.items():
            _add_sums(self.by_name.setdefault(name, NameSums(kind=sums.kind)), sums, _NAME_SUMS)
        for name, calls in other.by_model.items():
            known = self.by_model.setdefault(name, ModelSums(provider=calls.provider))
            _add_sums(known, calls, _MODEL_SUMS)
            for field_name in ("cost_usd", "estimated_cost_usd"):
                total = _plus(getattr(known, field_name), getattr(calls, field_name))
                setattr(known, field_name, total)

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
        estimated = trace.estimated_cost_usd
        if estimated is not None:
            self.estimated_cost_usd = (self.estimated_cost_usd or 0.0) + estimated
            self.price_sources |= {one.source for one in trace.estimates if one is not None}
        self_times = self_times_ns(trace.tree)
        for index, span in enumerate(trace.tree.spans):
            service = span.resource.get("service.name")
            if isinstance(service, str) and service:
                self.services.add(service[:_SHORT])
            self._add_name(trace, index, span, self_times[index])
            self._add_model(trace, index, span)

    def _add_name(self, trace: TraceTree, index: int, span: Span, self_ns: int) -> None:
        sums = self.by_name.setdefault(span.name[:_SHORT], NameSums(kind=trace.kinds[index]))
        own_ns = duration_ns(span)
        sums.count += 1
        sums.errors += span.status_code == 2
        sums.self_ns += self_ns
        if own_ns is not None:
            sums.durations_ns.append(own_ns)
        if trace.counts_tokens[index]:
            usage = trace.usages[index]
            sums.tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)

    def _add_model(self, trace: TraceTree, index: int, span: Span) -> None:
        if not (trace.counts_tokens[index] or trace.counts_cost[index]):
            return
        name = (trace.models[index] or "unknown model")[:_SHORT]
        usage = trace.usages[index]
        sums = self.by_model.setdefault(name, ModelSums(provider=trace.providers[index]))
        sums.calls += 1
        sums.errors += span.status_code == 2
        own_ns = duration_ns(span)
        if own_ns is not None:
            sums.durations_ns.append(own_ns)
        if trace.counts_tokens[index]:
            sums.input_tokens += usage.input_tokens or 0
            sums.output_tokens += usage.output_tokens or 0
            sums.cached_tokens += usage.cached_tokens or 0
        if trace.counts_cost[index] and usage.cost_usd is not None:
            sums.cost_usd = (sums.cost_usd or 0.0) + usage.cost_usd
        estimate = trace.estimates[index]
        if estimate is not None:
            sums.estimated_cost_usd = (sums.estimated_cost_usd or 0.0) + estimate.cost_usd

    def names(self, most: int) -> tuple[NameTotals, ...]:
        """Totals by name, the longest total duration first."""
        ranked = sorted(
            self.by_name.items(), key=lambda pair: (-sum(pair[1].durations_ns), pair[0])
        )
        return tuple(
            NameTotals(
                name=name,
                kind=sums.kind,
                count=sums.count,
                error_count=sums.errors,
                duration_ns=sum(sums.durations_ns),
                self_ns=sums.self_ns,
                longest_ns=max(sums.durations_ns, default=0),
                latency=_latency(sums.durations_ns),
                tokens=sums.tokens,
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
                model=name,
                provider=sums.provider,
                calls=sums.calls,
                error_count=sums.errors,
                latency=_latency(sums.durations_ns),
                input_tokens=sums.input_tokens,
                output_tokens=sums.output_tokens,
                cached_tokens=sums.cached_tokens,
                cost_usd=sums.cost_usd,
                estimated_cost_usd=sums.estimated_cost_usd,
            )
            for name, sums in ranked[:most]
        )


def _latency(durations_ns: array[int]) -> Latency | None:
    """Percentiles by nearest rank."""
    if not durations_ns:
        return None
    ordered = sorted(durations_ns)
    p5, p50, p95 = (ordered[-(-len(ordered) * part // 100) - 1] for part in (5, 50, 95))
    return Latency(p5_ns=p5, p50_ns=p50, p95_ns=p95)


_OPTIONAL_SUMS = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cost_usd",
    "estimated_cost_usd",
)
_NAME_SUMS = ("count", "errors", "durations_ns", "self_ns", "tokens")
_MODEL_SUMS = ("calls", "errors", "durations_ns", "input_tokens", "output_tokens", "cached_tokens")


def _add_sums(known: object, more: object, names: tuple[str, ...]) -> None:
    for name in names:
        setattr(known, name, getattr(known, name) + getattr(more, name))


def _plus(total: Number | None, more: Number | None) -> Number | None:
    return total if more is None else more if total is None else total + more
