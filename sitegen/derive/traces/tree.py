"""One trace measured: kinds, usage without double counting, its problems, its payload and anchors.

Floor 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.operations import (
    KindClass,
    kind_of,
    model_of,
    provider_of,
    session_of,
    user_of,
)
from sitegen.derive.llm.prices import Estimate, Prices
from sitegen.derive.llm.usage import SpanUsage, usage_of
from sitegen.derive.traces.anchors import with_anchors
from sitegen.derive.traces.critical_path import critical_path
from sitegen.derive.traces.encoding import exact
from sitegen.derive.traces.files import (
    ChunkWriter,
    LongTexts,
    SpanPlace,
    offset_us,
    span_detail,
    tree_columns,
)
from sitegen.derive.traces.spans import ROOT, Mark, SpanTree, has_value_below
from sitegen.errors import Problem
from sitegen.model import Json, Span
from sitegen.read.files import Report
from sitegen.records import dataclass
from sitegen.units import rfc3339, short_digest

_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceTree:
    """A trace ready to be shown."""

    trace_id: str
    """Trace id."""
    tree: SpanTree
    """Its spans in reading order."""
    attributes: tuple[Attributes, ...]
    """Those of each span, to look up known keys in."""
    kinds: tuple[KindClass, ...]
    """Class of each span."""
    models: tuple[str | None, ...]
    """The model that each span asked."""
    providers: tuple[str | None, ...]
    """Who runs that model."""
    usages: tuple[SpanUsage, ...]
    """What each span records."""
    counts_tokens: tuple[bool, ...]
    """Whether a span's tokens count: it has some, and no span below it has."""
    counts_cost: tuple[bool, ...]
    """Whether a span's cost counts, by the same rule."""
    estimates: tuple[Estimate | None, ...]
    """What spans probably cost whose tokens count; none where the trace records any cost."""

    @property
    def name(self) -> str:
        """Name of the earliest root, one whose parent is known to be none before others."""
        roots = [index for index, parent in enumerate(self.tree.parents) if parent == ROOT]
        whole = [index for index in roots if not self.tree.marks[index]]
        return self.tree.spans[(whole or roots)[0]].name

    @property
    def session(self) -> str | None:
        """The conversation that its first span with one names."""
        return next(filter(None, map(session_of, self.attributes)), None)

    @property
    def user(self) -> str | None:
        """Whom the first span was with that names one."""
        return next(filter(None, map(user_of, self.attributes)), None)

    def total(self, field: str) -> int | None:
        """Sum of a token field over the spans that count, None if none of them has it."""
        values = [
            getattr(usage, field)
            for usage, counts in zip(self.usages, self.counts_tokens, strict=True)
            if counts
        ]
        known = [value for value in values if value is not None]
        return sum(known) if known else None

    @property
    def cost_usd(self) -> float | None:
        """Sum of the cost of the spans that count, None if none has one."""
        known = [
            usage.cost_usd
            for usage, counts in zip(self.usages, self.counts_cost, strict=True)
            if counts and usage.cost_usd is not None
        ]
        return sum(known) if known else None

    @property
    def estimated_cost_usd(self) -> float | None:
        """Sum of what was estimated, None if nothing was."""
        known = [estimate.cost_usd for estimate in self.estimates if estimate is not None]
        return sum(known) if known else None

    @property
    def price_source(self) -> str | None:
        """Where the prices come from that estimates were made with."""
        sources = {estimate.source for estimate in self.estimates if estimate is not None}
        return " and ".join(sorted(sources)) or None


def measured(trace_id: str, tree: SpanTree, report: Report, prices: Prices) -> TraceTree:
    """The trace with kinds and usage; what is wrong with its spans is reported."""
    _report_marks(trace_id, tree, report)
    attributes = tuple(Attributes(span.attributes) for span in tree.spans)
    models, providers = tuple(map(model_of, attributes)), tuple(map(provider_of, attributes))
    usages = tuple(map(usage_of, attributes))
    counts_tokens = _leaves(tree, [usage.has_tokens for usage in usages])
    has_recorded = any(usage.cost_usd is not None for usage in usages)
    return TraceTree(
        trace_id=trace_id,
        tree=tree,
        attributes=attributes,
        kinds=tuple(map(kind_of, attributes)),
        models=models,
        providers=providers,
        usages=usages,
        counts_tokens=counts_tokens,
        counts_cost=_leaves(tree, [usage.cost_usd is not None for usage in usages]),
        estimates=tuple(
            None
            if has_recorded or not counts
            else prices.estimate(usage, model=model, provider=provider, start_ns=span.start_ns)
            for span, usage, counts, model, provider in zip(
                tree.spans, usages, counts_tokens, models, providers, strict=True
            )
        ),
    )


def _leaves(tree: SpanTree, has_value: Sequence[bool]) -> tuple[bool, ...]:
    below = has_value_below(tree.parents, has_value)
    return tuple(own and not lower for own, lower in zip(has_value, below, strict=True))


_REPORTED_MARKS = int(Mark.PARENT_MISSING | Mark.CYCLE | Mark.NEGATIVE)


def _report_marks(trace_id: str, tree: SpanTree, report: Report) -> None:
    for span, marks in zip(tree.spans, tree.marks, strict=True):
        if marks & _REPORTED_MARKS:
            for code, message, hint in _faults(span, marks):
                report(
                    Problem(
                        code=code,
                        severity="warning",
                        path=span.path,
                        line=span.line,
                        message=f"span {span.name[:60]!r} of trace {short_digest(trace_id)}"
                        f" {message}",
                        hint=hint,
                    )
                )


def _faults(span: Span, marks: int) -> Iterator[tuple[str, str, str]]:
    if marks & Mark.PARENT_MISSING:
        yield (
            "span-parent-missing",
            f"has the parent {short_digest(span.parent_span_id or '')}, which no file holds",
            "It is shown as a root. Add the file that holds the parent.",
        )
    if marks & Mark.CYCLE:
        yield "span-parent-cycle", "is its own ancestor", "The circle is broken at this span."
    if marks & Mark.NEGATIVE:
        yield (
            "span-ends-before-start",
            f"ends {(span.start_ns or 0) - (span.end_ns or 0):,} ns before it starts",
            "It is shown with duration 0.",
        )


def write_trace(
    trace: TraceTree,
    *,
    trees: ChunkWriter,
    details: ChunkWriter,
    texts: LongTexts,
    anchors: dict[str, AnchorFacts],
) -> str:
    """Name of the data file with the trace's tree; details and anchors are added on the way."""
    tree = trace.tree
    origin_ns = tree.start_ns or 0
    places: list[list[Json]] = []
    for index, (span, anchor) in enumerate(with_anchors(trace.trace_id, tree, anchors)):
        place = SpanPlace(
            trace_id=trace.trace_id,
            index=index,
            origin_ns=origin_ns,
            attributes=trace.attributes[index],
            kind=trace.kinds[index],
            model=trace.models[index],
            provider=trace.providers[index],
            usage=trace.usages[index],
            estimate=trace.estimates[index],
        )
        detail = span_detail(
            span,
            place,
            anchor=anchor,
            writer=details,
            texts=texts,
        )
        name = details.add(f"{trace.trace_id}/{index}", detail)
        if not places or places[-1][0] != name:
            places.append([name, index])
    return trees.add(trace.trace_id, _payload(trace, origin_ns, places))


def _payload(trace: TraceTree, origin_ns: int, places: list[list[Json]]) -> dict[str, Json]:
    tree = trace.tree
    segments = critical_path(tree)
    return {
        "name": trace.name[:_NAME_LENGTH],
        "start": None if tree.start_ns is None else rfc3339(tree.start_ns),
        "duration_us": None if tree.duration_ns is None else tree.duration_ns / 1000,
        "errors": sum(span.status_code == 2 for span in tree.spans),
        "input_tokens": trace.total("input_tokens"),
        "output_tokens": trace.total("output_tokens"),
        "cost_usd": trace.cost_usd,
        "estimated_cost_usd": trace.estimated_cost_usd,
        "price_source": trace.price_source,
        "session": trace.session,
        "details": places,
        "columns": tree_columns(
            [span.name[:_NAME_LENGTH] for span in tree.spans],
            {
                "id": [span.span_id for span in tree.spans],
                "parent": tree.parents,
                "depth": tree.depths,
                "kind": trace.kinds,
                "start_us": [offset_us(span.start_ns, origin_ns) for span in tree.spans],
                "duration_us": [_duration_us(span) for span in tree.spans],
                "status": [span.status_code for span in tree.spans],
                "marks": tree.marks,
                "tokens": _token_column(trace),
            },
        ),
        "critical": [
            [index, offset_us(start, origin_ns), offset_us(end, origin_ns)]
            for index, start, end in segments
        ],
        "critical_us": sum(end - start for _, start, end in segments) / 1000,
        "error": _first_error(tree),
    }


def _duration_us(span: Span) -> float | None:
    """None for a span without a duration; 0 for one that ends before it starts."""
    if span.start_ns is None or span.end_ns is None:
        return None
    return offset_us(max(span.end_ns, span.start_ns), span.start_ns)


def _token_column(trace: TraceTree) -> list[int | None]:
    """Tokens of the spans that count, and the sum at the root they stand under."""
    tokens: list[int | None] = []
    sums: Counter[int] = Counter()
    roots: list[int] = []
    for index, parent in enumerate(trace.tree.parents):
        root = index if parent == ROOT else roots[parent]
        roots.append(root)
        usage = trace.usages[index]
        counts = trace.counts_tokens[index]
        own = (usage.input_tokens or 0) + (usage.output_tokens or 0) if counts else None
        tokens.append(own)
        sums[root] += own or 0
    for root, total in sums.items():
        if total:
            tokens[root] = total
    return tokens


def _first_error(tree: SpanTree) -> Json:
    """The deepest reason of the first failure: its span, type, message and stack."""
    failed = [index for index, span in enumerate(tree.spans) if span.status_code == 2]
    if not failed:
        return None
    below = has_value_below(tree.parents, [span.status_code == 2 for span in tree.spans])
    index = next(one for one in failed if not below[one])
    span = tree.spans[index]
    exception = next(
        (event.attributes for event in reversed(span.events) if event.name == "exception"), {}
    )
    return {
        "index": index,
        "type": _start(exception.get("exception.type") or span.attributes.get("error.type")),
        "message": _start(exception.get("exception.message") or span.status_message),
        "stack": _text(exception.get("exception.stacktrace")),
    }


_LONGEST_STACK = 8_000
_LONGEST_MESSAGE = 2_000


def _start(value: Json) -> Json:
    return value[:_LONGEST_MESSAGE] if isinstance(value, str) else exact(value)


def _text(value: Json) -> str | None:
    return value[-_LONGEST_STACK:] if isinstance(value, str) and value else None


def error_total(trace: TraceTree) -> int:
    """How many spans failed."""
    return sum(span.status_code == 2 for span in trace.tree.spans)
