"""Traces of a run: which spans belong together, what they took, what went wrong.

Floor 3. Pure: spans in, numbers and data files out. A trace may be spread over files and lines in
any order, so all spans are read before the first trace is made. Totals are over everything; the
page shows at most 500 traces, those with errors first, then the slowest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sitegen.bundle.limits import Limits
from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.csvtext import csv_line
from sitegen.derive.llm.prices import NO_PRICES, PriceTable
from sitegen.derive.sink import DataFile, PublishedFile, Sink
from sitegen.derive.traces.columns import write_index, write_list
from sitegen.derive.traces.rows import Outline, TraceRow
from sitegen.derive.traces.shares import (
    OUTLINE_SPANS,
    ROWS,
    TracesShare,
    by_start,
    derive_shares,
    worst_first,
)
from sitegen.derive.traces.store import WHOLE, Shares
from sitegen.derive.traces.totals import ModelTotals, NameTotals, Totals
from sitegen.derive.traces.words import WordIndex
from sitegen.read.capped import CappedReport
from sitegen.read.files import Report
from sitegen.read.traces import TraceRecord
from sitegen.records import dataclass
from sitegen.units import rfc3339

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
    shares: Shares = WHOLE,
) -> TracesFacts:
    """The facts of a run's traces; trees and details go to the sink."""
    made = derive_shares(
        spans, sink=sink, limits=limits, report=report, prices=prices, shares=shares
    )
    return joined_shares(list(made), sink=sink, report=report)


def joined_shares(shares: Sequence[TracesShare], *, sink: Sink, report: Report) -> TracesFacts:
    """The facts of a run whose shares, in order, are *shares*."""
    rows = [row for share in shares for row in share.rows]
    totals, words, others = _summed(shares)
    _tell(shares, report)
    ordered = sorted(range(len(rows)), key=lambda number: by_start(rows[number]))
    row_by_number = [0] * len(rows)
    for row_number, number in enumerate(ordered):
        row_by_number[number] = row_number
    word_files = words.write(sink, row_by_number)
    rows = [rows[number] for number in ordered]
    trace_list = write_list(rows, sink)
    csv = _write_csv(rows, sink) if rows else None
    files = (*(file for share in shares for file in share.files), *trace_list.files)
    index_file = write_index(trace_list, len(rows), files, sink) if rows else None
    rows.sort(key=worst_first)
    outlines = {one.trace_id: one for share in shares for one in share.outlines}
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
        outlines=_outlines(rows[:ROWS], outlines),
        list_starts=trace_list.starts,
        list_names=trace_list.names,
        index_file=index_file,
        csv=csv,
        other_signals=dict(sorted((+others).items())),
        anchors={key: anchor for share in shares for key, anchor in share.anchors.items()},
        files=(*files, *word_files, *([index_file] if index_file else [])),
    )


def _summed(shares: Sequence[TracesShare]) -> tuple[Totals, WordIndex, Counter[str]]:
    """Totals, words and other signals of all shares, added in their order."""
    if len(shares) == 1:
        return shares[0].totals, shares[0].words(), Counter(shares[0].other_signals)
    totals, words, others = Totals(), WordIndex(), Counter[str]()
    first = 0
    for share in shares:
        totals.merge(share.totals)
        words.merge(share.numbers_by_word, share.indexed_traces, first)
        others.update(share.other_signals)
        first += len(share.rows)
    return totals, words, others


def _tell(shares: Sequence[TracesShare], report: Report) -> None:
    """Report the problems of all shares, the first of each kind."""
    capped = CappedReport(report)
    for problem in shares[0].file_problems if shares else ():
        report(problem)
    for share in shares:
        for problem in share.problems:
            capped(problem)
        capped.add_held(share.held)
    capped.close()


def _outlines(rows: Sequence[TraceRow], kept: Mapping[str, Outline]) -> tuple[Outline, ...]:
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
