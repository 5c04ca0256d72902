"""Traces of a run: which spans belong together, what they took, what went wrong.

Floor 3. Pure: spans in, numbers and data files out. A trace may be spread over files and lines in
any order, so all spans are read before the first trace is made. Totals are over everything; the
page shows at most 500 traces, those with errors first, then the slowest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sitegen.bundle.limits import Limits
from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.csvtext import csv_line
from sitegen.derive.llm.prices import NO_PRICES, Prices, PriceTable
from sitegen.derive.sink import DataFile, PublishedFile, Sink
from sitegen.derive.traces.columns import write_index, write_list
from sitegen.derive.traces.files import ChunkWriter, LongTexts
from sitegen.derive.traces.rows import Outline, TraceRow, outline, trace_row
from sitegen.derive.traces.spans import distinct, span_tree
from sitegen.derive.traces.store import SpanStore
from sitegen.derive.traces.totals import ModelTotals, NameTotals, Totals
from sitegen.derive.traces.tree import TraceTree, measured, write_trace
from sitegen.derive.traces.words import WordIndex
from sitegen.errors import Problem
from sitegen.model import Span
from sitegen.read.capped import CappedReport
from sitegen.read.files import Report
from sitegen.read.traces import LogEvent, OtherSignal, TraceRecord
from sitegen.records import dataclass
from sitegen.units import plural, rfc3339, short_digest

ROWS = 500
OUTLINE_SPANS = 500
_MOST_TOTALS = 200
CSV_COLUMNS = (
    "trace_id",
    "name",
    "start",
    "duration_s",
    "spans",
    "errors",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cost_usd",
    "estimated_cost_usd",
    "session",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesFacts:
    """What the site knows of a run's traces; totals are over all of them."""

    count: int
    """Traces."""
    span_count: int
    """Spans."""
    error_count: int
    """Spans whose status is error."""
    error_trace_count: int
    """Traces with such a span."""
    input_tokens: int | None
    """Tokens read; None if no span records any."""
    output_tokens: int | None
    """Tokens written; None if no span records any."""
    cached_tokens: int | None
    """Tokens read from a cache; None if no span records any."""
    cost_usd: float | None
    """Recorded cost in US dollars; None if no span records any."""
    estimated_cost_usd: float | None
    """What traces without a recorded cost probably cost; None if that is not known."""
    price_source: str | None
    """`genai-prices 0.2.3`: where the prices of estimates come from."""
    models: tuple[ModelTotals, ...]
    """Per model that was asked, by tokens, most first; at most 200."""
    services: tuple[str, ...]
    """Names of services, sorted."""
    names: tuple[NameTotals, ...]
    """Per span name, by total duration, longest first; at most 200."""
    rows: tuple[TraceRow, ...]
    """At most 500 traces: with errors first, then the slowest."""
    outlines: tuple[Outline, ...]
    """Span trees of the first rows, at most 500 spans in all."""
    list_starts: tuple[int, ...]
    """First row of each data file `trace-list-core-<n>`, which list all traces by start."""
    list_names: tuple[str, ...]
    """Columns of that list which some trace has."""
    index_file: DataFile | None
    """Where the list, all trees and details are, for pages of other runs; None without traces."""
    csv: PublishedFile | None
    """All traces as CSV; None if there are none."""
    other_signals: dict[str, int]
    """Log records, metrics and profiles met among the spans, by signal."""
    anchors: dict[str, AnchorFacts]
    """Every span by `span:<trace id>/<span id>`."""
    files: tuple[DataFile, ...]
    """Data files."""


def derive_traces(
    spans: Iterable[TraceRecord],
    *,
    sink: Sink,
    limits: Limits,
    report: Report,
    prices: PriceTable = NO_PRICES,
) -> TracesFacts:
    """The facts of a run's traces; trees and details go to the sink."""
    capped = CappedReport(report)
    store = SpanStore(sink, most_traces=limits.traces)
    events, others = _gathered(spans, store, limits, capped)
    totals, price_list = Totals(), Prices(prices)
    trees = ChunkWriter(sink, "traces")
    details = ChunkWriter(sink, "spans", ("resources", "scopes"))
    texts = LongTexts(sink)
    anchors: dict[str, AnchorFacts] = {}
    rows: list[TraceRow] = []
    kept: dict[str, Outline] = {}
    words = WordIndex()
    for number, (trace_id, members) in enumerate(store.traces()):
        others["logs"] += _join(events.pop(trace_id, []), members)
        trace = _assembled(trace_id, members, capped, price_list)
        name = write_trace(trace, trees=trees, details=details, texts=texts, anchors=anchors)
        words.add(number, trace.tree.spans)
        totals.add(trace)
        row = trace_row(trace, file=name)
        rows.append(row)
        if len(trace.tree.spans) <= OUTLINE_SPANS:
            kept[trace_id] = outline(trace)
            if len(kept) > 2 * ROWS:
                kept = _worst(kept, rows)
    others["logs"] += sum(map(len, events.values()))
    trees.close()
    details.close()
    capped.close()
    by_start = sorted(range(len(rows)), key=lambda number: _by_start(rows[number]))
    row_by_number = [0] * len(rows)
    for row_number, number in enumerate(by_start):
        row_by_number[number] = row_number
    word_files = words.write(sink, row_by_number)
    rows = [rows[number] for number in by_start]
    trace_list = write_list(rows, sink)
    csv = _write_csv(rows, sink) if rows else None
    files = (*trees.files, *details.files, *texts.files, *trace_list.files)
    index_file = write_index(trace_list, len(rows), files, sink) if rows else None
    rows.sort(key=_worst_first)
    return TracesFacts(
        count=len(rows),
        span_count=totals.spans,
        error_count=totals.errors,
        error_trace_count=sum(row.error_count > 0 for row in rows),
        input_tokens=totals.input_tokens,
        output_tokens=totals.output_tokens,
        cached_tokens=totals.cached_tokens,
        cost_usd=totals.cost_usd,
        estimated_cost_usd=totals.estimated_cost_usd,
        price_source=" and ".join(sorted(totals.price_sources)) or None,
        models=totals.models(_MOST_TOTALS),
        services=tuple(sorted(totals.services)[:_MOST_TOTALS]),
        names=totals.names(_MOST_TOTALS),
        rows=tuple(rows[:ROWS]),
        outlines=_outlines(rows[:ROWS], kept),
        list_starts=trace_list.starts,
        list_names=trace_list.names,
        index_file=index_file,
        csv=csv,
        other_signals=dict(sorted((+others).items())),
        anchors=anchors,
        files=(*files, *word_files, *([index_file] if index_file else [])),
    )


def _gathered(
    records: Iterable[TraceRecord], store: SpanStore, limits: Limits, report: Report
) -> tuple[dict[str, list[LogEvent]], Counter[str]]:
    """Log events by trace, and what else the files hold; spans go to the store."""
    events: dict[str, list[LogEvent]] = {}
    others: Counter[str] = Counter()
    for record in records:
        match record:
            case OtherSignal():
                others[record.name] += record.count
            case LogEvent():
                events.setdefault(record.trace_id, []).append(record)
            case Span():
                if not store.add(record):
                    report(_too_many(record, limits))
    return events, others


def _too_many(span: Span, limits: Limits) -> Problem:
    return Problem(
        code="too-many-traces",
        severity="error",
        path=span.path,
        line=span.line,
        message=f"trace {span.trace_id} is beyond the limit of {limits.traces:,} traces",
        hint="It is left out; raise traces under [limits] in sitegen.toml.",
    )


def _join(events: Sequence[LogEvent], members: list[Span]) -> int:
    """Add log events of a trace to the spans they are about; how many found none."""
    by_span: dict[str, list[LogEvent]] = {}
    for event in events:
        by_span.setdefault(event.span_id, []).append(event)
    for index, span in enumerate(members):
        joined = by_span.pop(span.span_id, None)
        if joined is not None:
            more = tuple(one.event for one in joined)
            members[index] = replace(span, events=span.events + more)
    return sum(map(len, by_span.values()))


def _assembled(trace_id: str, spans: list[Span], report: Report, prices: Prices) -> TraceTree:
    members, repeats, replaced = distinct(spans)
    for span in replaced:
        report(
            Problem(
                code="span-duplicate",
                severity="warning",
                path=span.path,
                line=span.line,
                message=f"span {span.span_id} of trace {short_digest(trace_id)} is there twice"
                " with "
                "different content",
                hint="The one that ends later is shown.",
            )
        )
    if repeats:
        report(
            Problem(
                code="span-repeated",
                severity="warning",
                path=spans[0].path,
                line=spans[0].line,
                message=f"{plural(repeats, 'span')} of trace {short_digest(trace_id)} "
                f"{'is' if repeats == 1 else 'are'} there again with the same content",
                hint="Each is shown and counted once.",
            )
        )
    return measured(trace_id, span_tree(members), report, prices)


def _by_start(row: TraceRow) -> tuple[int, str]:
    return (row.start_ns if row.start_ns is not None else 2**64, row.trace_id)


def _worst_first(row: TraceRow) -> tuple[bool, int, int, str]:
    return (row.error_count == 0, -(row.duration_ns or 0), *_by_start(row))


def _worst(kept: dict[str, Outline], rows: Sequence[TraceRow]) -> dict[str, Outline]:
    """The outlines that may still be among the rows shown."""
    ranked = sorted((row for row in rows if row.trace_id in kept), key=_worst_first)
    return {row.trace_id: kept[row.trace_id] for row in ranked[:ROWS]}


def _outlines(rows: Sequence[TraceRow], kept: dict[str, Outline]) -> tuple[Outline, ...]:
    made: list[Outline] = []
    left = OUTLINE_SPANS
    for row in rows:
        one = kept.get(row.trace_id)
        if one is not None and len(one.spans) <= left:
            made.append(one)
            left -= len(one.spans)
    return tuple(made)


def _write_csv(rows: Sequence[TraceRow], sink: Sink) -> PublishedFile:
    lines = (
        csv_line(
            (
                row.trace_id,
                row.name,
                None if row.start_ns is None else rfc3339(row.start_ns),
                None if row.duration_ns is None else row.duration_ns / 10**9,
                row.span_count,
                row.error_count,
                row.input_tokens,
                row.output_tokens,
                row.cached_tokens,
                row.cost_usd,
                row.estimated_cost_usd,
                row.session,
            )
        )
        for row in rows
    )
    return sink.text("traces", "csv", (csv_line(CSV_COLUMNS), *lines))
