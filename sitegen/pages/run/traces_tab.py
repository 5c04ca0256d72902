"""The Traces tab of a run: what its template may see.

Floor 4. The server writes a table of at most 500 traces and the span lists of the first of them;
the script lists all traces and draws trees from the data files named here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.traces.part import TracesFacts
from sitegen.derive.traces.rows import Outline, OutlineSpan, TraceRow
from sitegen.model import Json
from sitegen.pages.frame import PageLink
from sitegen.pages.links import compare_url, state_hash
from sitegen.pages.parts import Empty, Figure
from sitegen.pages.run.said import since_filters
from sitegen.pages.run.trace_answers import trace_answers
from sitegen.pages.run.trace_grid import Said, said_of_traces, trace_grid
from sitegen.pages.run.trace_totals import (
    ModelView,
    NameView,
    Quantity,
    cost_quantity,
    count_quantity,
    duration_quantity,
    model_views,
    name_views,
)
from sitegen.records import dataclass
from sitegen.units import (
    count_text,
    duration_text,
    money_text,
    plural,
    rfc3339,
    short_count_text,
    short_digest,
    time_text,
)

_DEEPEST = 24
_MOST_TOTALS = 20
_LOG_EXAMPLE = """with run.trace("answer", kind="llm") as span:
    span.set_model("gpt-4o")
    span.set_output("In Leipzig.")"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """A trace in the table."""

    anchor: str
    """Id of the row in the page."""
    trace_id: str
    """Trace id."""
    name: str
    """Name of its root span."""
    href: str
    """Hash that opens it."""
    start_text: str
    """When it started; empty if not recorded."""
    start_datetime: str
    """The same as RFC 3339."""
    duration: Quantity
    """Duration."""
    spans: Quantity
    """Spans."""
    errors: Quantity
    """Spans that failed."""
    has_errors: bool
    """Whether any did."""
    tokens: Quantity
    """Tokens read and written."""
    cost: Quantity
    """Recorded cost, else what was estimated."""
    sample_label: str | None
    """Sample it was recorded for."""
    sample_href: str
    """Hash that shows the sample."""
    annotation_text: str
    """`helpful: 1 yes`; empty without annotations."""
    models_text: str
    """Models that were asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanView:
    """A span in the list without script."""

    anchor: str
    """Id in the page; empty where the page has that id already."""
    kind: str
    """Class of operation."""
    name: str
    """Name."""
    facts_text: str
    """`tool · 400 ms at +1.6 s · 850 tokens · helpful: 1 yes`."""
    is_failed: bool
    """Whether it failed."""
    message: str
    """Message of its status; empty if there is none."""
    opens: bool
    """Whether a list of children follows."""
    closes: tuple[int, ...]
    """One member for each list that ends after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineView:
    """The span list of a trace."""

    anchor: str
    """Id in the page."""
    title: str
    """Name of the trace."""
    facts_text: str
    """`4.82 s · 14 spans · 1 error`."""
    spans: tuple[SpanView, ...]
    """Its spans in reading order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesTab:
    """The context of tabs/traces.html."""

    empty: Empty | None
    """What stands there when the run has no traces."""
    slug: str
    """First part of the keys of the run's data."""
    compare_url: str
    """The page that holds the run's traces against those of another run, the other to be chosen."""
    total: int
    """All traces."""
    grid: Mapping[str, Json]
    """The table of all traces as data (see `GridSchema.for_page`)."""
    sample_traces: tuple[str, ...]
    """Data files that name the samples of more traces than `said` does."""
    said: Said
    """What people said of traces, and their samples, by trace id."""
    since: tuple[PageLink, ...]
    """The traces of which something is new, changed or removed since the base, as filters."""
    feedback_names: tuple[str, ...]
    """Columns of feedback and expectations: `feedback.helpful`."""
    has_sessions: bool
    """Whether a trace names the conversation it belongs to."""
    rows: tuple[TraceView, ...]
    """At most 500 traces."""
    caption: str
    """Caption of the table."""
    shown_text: str
    """`500 of 1,204 traces, those with errors first, then the slowest.`"""
    csv_file: str | None
    """All traces as CSV, from the site's root."""
    outlines: tuple[OutlineView, ...]
    """Span lists of the first traces."""
    outlines_text: str
    """How many traces' spans are listed, and where the rest is."""
    answers: tuple[Figure, ...]
    """What takes the time, which tool is slow, which model costs."""
    names: tuple[NameView, ...]
    """Span names that took longest in all."""
    names_text: str
    """`20 of 34 span names`."""
    models: tuple[ModelView, ...]
    """Models that were asked."""
    other_text: str
    """Telemetry that is no span; empty if there is none."""


def traces_tab(
    facts: TracesFacts,
    *,
    slug: str,
    annotations: ResolvedAnnotations,
    sample_by_trace: Mapping[str, tuple[str, str]],
    sample_traces: tuple[str, ...] = (),
    root: str = "",
) -> TracesTab:
    """The tab of a run whose traces *facts* describe; *sample_by_trace* holds label and hash.

    *sample_traces* are data files with the samples beyond those.
    """
    summaries = annotations.summary_by_target
    rows = tuple(_trace_view(row, summaries, sample_by_trace) for row in facts.rows)
    outlines = _outline_views(facts, summaries)
    said = said_of_traces(annotations, sample_by_trace)
    grid = trace_grid(facts, said, slug, has_samples=bool(sample_traces))
    return TracesTab(
        empty=None if facts.count else _empty(facts),
        slug=slug,
        compare_url=root + compare_url((slug[-10:],)),
        total=facts.count,
        grid=grid.for_page(),
        sample_traces=sample_traces,
        said=said,
        since=since_filters(
            (str(one.get("since_base", "")) for one in said.values()), "traces", tab="traces"
        ),
        feedback_names=tuple(column.name for column in grid.columns if column.kind == "trace-said"),
        has_sessions="session" in facts.list_names,
        rows=rows,
        caption="Traces: with errors first, then the slowest",
        shown_text=_shown_text(facts),
        csv_file=root + facts.csv.file if facts.csv else None,
        outlines=outlines,
        outlines_text=_outlines_text(len(outlines), facts.count),
        answers=trace_answers(facts.names, facts.models),
        names=name_views(facts.names[:_MOST_TOTALS]),
        names_text=f"{min(len(facts.names), _MOST_TOTALS)} of {plural(len(facts.names), 'name')}",
        models=model_views(facts.models[:_MOST_TOTALS]),
        other_text=_other_text(facts.other_signals),
    )


def _empty(facts: TracesFacts) -> Empty:
    other = _other_text(facts.other_signals)
    return Empty(
        title="This run has no traces.",
        text="A trace appears here for every OTLP file in traces/ of the bundle."
        + (f" {other}" if other else ""),
        code=_LOG_EXAMPLE,
        more_url=None,
        more_label="",
    )


def _other_text(counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    words = {"logs": "log record", "metrics": "metric", "profiles": "profile"}
    parts = [plural(count, words.get(name, name)) for name, count in counts.items()]
    return f"The files also hold {' and '.join(parts)}, which are not shown."


def _shown_text(facts: TracesFacts) -> str:
    shown = f"{count_text(len(facts.rows))} of {plural(facts.count, 'trace')}"
    if len(facts.rows) < facts.count:
        return f"{shown}, those with errors first, then the slowest."
    return f"{shown}."


def _outlines_text(shown: int, total: int) -> str:
    if shown == total:
        return ""
    return (
        f"Spans of {count_text(shown)} of {plural(total, 'trace')}; "
        "the others open with JavaScript."
    )


def _anchor(trace_id: str) -> str:
    return f"trace-{quote(trace_id, safe='')}"


def _trace_view(
    row: TraceRow, summaries: Mapping[str, str], samples: Mapping[str, tuple[str, str]]
) -> TraceView:
    label, href = samples.get(row.trace_id, (None, ""))
    annotation = summaries.get(f"trace:{row.trace_id}", "")
    return TraceView(
        anchor=_anchor(row.trace_id),
        trace_id=row.trace_id,
        name=row.name or "(no name)",
        href=state_hash(tab="traces", trace=row.trace_id),
        start_text="" if row.start_ns is None else time_text(row.start_ns),
        start_datetime="" if row.start_ns is None else rfc3339(row.start_ns),
        duration=duration_quantity(row.duration_ns),
        spans=count_quantity(row.span_count),
        errors=count_quantity(row.error_count),
        has_errors=row.error_count > 0,
        tokens=count_quantity(row.tokens, is_short=True),
        cost=cost_quantity(row.cost_usd, row.estimated_cost_usd),
        sample_label=label,
        sample_href=href,
        annotation_text=annotation,
        models_text=", ".join(row.models),
    )


def _outline_views(facts: TracesFacts, summaries: Mapping[str, str]) -> tuple[OutlineView, ...]:
    row_by_trace = {row.trace_id: row for row in facts.rows}
    return tuple(
        OutlineView(
            anchor=f"spans-{quote(one.trace_id, safe='')}",
            title=row_by_trace[one.trace_id].name or "(no name)",
            facts_text=_facts_text(row_by_trace[one.trace_id]),
            spans=tuple(_span_views(one, summaries)),
        )
        for one in facts.outlines
    )


def _facts_text(row: TraceRow) -> str:
    parts = [
        "" if row.duration_ns is None else duration_text(row.duration_ns),
        plural(row.span_count, "span"),
        plural(row.error_count, "error") if row.error_count else "",
        "" if row.tokens is None else f"{short_count_text(row.tokens)} tokens",
        _cost_text(row),
        f"trace {short_digest(row.trace_id)}",
    ]
    return " · ".join(part for part in parts if part)


def _cost_text(row: TraceRow) -> str:
    if row.cost_usd is not None:
        return f"{money_text(row.cost_usd)} recorded"
    if row.estimated_cost_usd is not None:
        return f"≈ {money_text(row.estimated_cost_usd)} estimated"
    return ""


def _span_views(one: Outline, summaries: Mapping[str, str]) -> Iterator[SpanView]:
    depths = [min(span.depth, _DEEPEST) for span in one.spans] + [0]
    known: set[str] = set()
    for index, span in enumerate(one.spans):
        is_first = span.span_id not in known
        known.add(span.span_id)
        yield SpanView(
            anchor=_span_anchor(one, span) if is_first else "",
            kind=span.kind,
            name=span.name or "(no name)",
            facts_text=_span_facts(span, summaries.get(f"span:{one.trace_id}/{span.span_id}", "")),
            is_failed=span.is_failed,
            message=span.message or "",
            opens=depths[index + 1] > depths[index],
            closes=_closes(depths, index),
        )


def _span_facts(span: OutlineSpan, annotation: str) -> str:
    duration = "unfinished" if span.duration_ns is None else duration_text(span.duration_ns)
    start = "" if span.offset_ns is None else f" at +{duration_text(span.offset_ns)}"
    tokens = "" if span.tokens is None else f"{short_count_text(span.tokens)} tokens"
    return " · ".join(filter(None, (span.kind, duration + start, tokens, annotation)))


def _span_anchor(one: Outline, span: OutlineSpan) -> str:
    return f"span-{quote(one.trace_id, safe='')}-{quote(span.span_id, safe='')}"


def _closes(depths: Sequence[int], index: int) -> tuple[int, ...]:
    return tuple(range(max(0, depths[index] - depths[index + 1])))
