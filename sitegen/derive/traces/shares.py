"""What one share of a run's traces comes to: rows, totals, words, anchors, data files.

Floor 3. The traces of a large run go into shares by a digest of their ids, so that several
processes derive them: each reads all files, because a trace may be spread over them, and keeps the
spans of its own shares. What a share comes to is the same whoever makes it.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from sitegen.bundle.limits import Limits
from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.llm.prices import NO_PRICES, Prices, PriceTable
from sitegen.derive.sink import DataFile, Sink
from sitegen.derive.traces.files import ChunkWriter, LongTexts
from sitegen.derive.traces.rows import Outline, TraceRow, outline, trace_row
from sitegen.derive.traces.spans import distinct, span_tree
from sitegen.derive.traces.store import WHOLE, Shares, SpanStore, share_of
from sitegen.derive.traces.totals import Integers, Totals
from sitegen.derive.traces.tree import TraceTree, measured, write_trace
from sitegen.derive.traces.words import WordIndex
from sitegen.errors import Problem, Severity
from sitegen.model import Span
from sitegen.read.capped import CappedReport
from sitegen.read.files import Report
from sitegen.read.traces import LogEvent, OtherSignal, TraceRecord
from sitegen.records import dataclass
from sitegen.units import plural, short_digest

ROWS = 500
OUTLINE_SPANS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesShare:
    """Everything of the traces of one share."""

    rows: tuple[TraceRow, ...]
    """Its traces in the order in which they were derived."""
    outlines: tuple[Outline, ...]
    """Span trees of those that may be among the rows shown."""
    totals: Totals
    """Sums over all of them."""
    numbers_by_word: dict[str, Integers]
    """Places in `rows` of the traces that hold a word."""
    indexed_traces: int
    """Traces whose words are there: the first so many."""
    other_signals: dict[str, int]
    """Log records, metrics and profiles met."""
    anchors: dict[str, AnchorFacts]
    """Every span."""
    files: tuple[DataFile, ...]
    """Data files."""
    problems: tuple[Problem, ...]
    """What is wrong with the spans, the first of each kind."""
    held: tuple[tuple[str, str, Severity, int], ...]
    """How many more of each kind there are: code, file, severity, count."""
    file_problems: tuple[Problem, ...] = ()
    """What is wrong with the files, where that was not told when they were read; of the first."""

    def words(self) -> WordIndex:
        """The words as an index of their own."""
        index = WordIndex()
        index.merge(self.numbers_by_word, self.indexed_traces, 0)
        return index


def derive_shares(
    records: Iterable[TraceRecord],
    *,
    sink: Sink,
    limits: Limits,
    report: Report,
    prices: PriceTable = NO_PRICES,
    shares: Shares = WHOLE,
) -> Iterator[TracesShare]:
    """The wanted shares in order; *report* is told what is wrong with the records as a whole."""
    capped = CappedReport(report)
    store = SpanStore(sink, most_traces=limits.traces, shares=shares)
    events, others = _gathered(records, store, limits, capped)
    capped.close()
    if shares.wanted[0] != 0:
        others.clear()  # the first share tells of them
    price_list = Prices(prices)
    for share in shares.wanted:
        suffix = "" if shares.count == 1 else f"-{share}"
        made = _Share(sink, suffix, price_list)
        for trace_id, members in store.traces(share):
            others["logs"] += _join(events.pop(trace_id, []), members)
            made.add(trace_id, members)
        others["logs"] += sum(
            len(left)
            for trace_id, left in events.items()
            if share_of(trace_id, shares.count) == share
        )
        yield made.done(dict(others))
        others.clear()


class _Share:
    """A share while its traces are derived."""

    def __init__(self, sink: Sink, suffix: str, prices: Prices) -> None:
        self._trees = ChunkWriter(sink, f"traces{suffix}")
        self._details = ChunkWriter(sink, f"spans{suffix}", ("resources", "scopes"))
        self._texts = LongTexts(sink, f"text{suffix}")
        self._prices = prices
        self._problems: list[Problem] = []
        self._capped = CappedReport(self._problems.append)
        self._totals, self._words = Totals(), WordIndex()
        self._anchors: dict[str, AnchorFacts] = {}
        self._rows: list[TraceRow] = []
        self._kept: list[tuple[TraceRow, Outline]] = []
        self._last: _Rank | None = None

    def add(self, trace_id: str, members: list[Span]) -> None:
        trace = _assembled(trace_id, members, self._capped, self._prices)
        name = write_trace(
            trace,
            trees=self._trees,
            details=self._details,
            texts=self._texts,
            anchors=self._anchors,
        )
        self._words.add(len(self._rows), trace.tree.spans)
        self._totals.add(trace)
        row = trace_row(trace, file=name)
        self._rows.append(row)
        if len(trace.tree.spans) <= OUTLINE_SPANS and (
            self._last is None or worst_first(row) < self._last
        ):
            self._kept.append((row, outline(trace)))
            if len(self._kept) > 2 * ROWS:
                self._kept = _worst(self._kept)
                self._last = worst_first(self._kept[-1][0])

    def done(self, other_signals: dict[str, int]) -> TracesShare:
        self._trees.close()
        self._details.close()
        return TracesShare(
            rows=tuple(self._rows),
            outlines=tuple(one for _, one in _worst(self._kept)),
            totals=self._totals,
            numbers_by_word=self._words.numbers_by_word,
            indexed_traces=self._words.traces,
            other_signals=other_signals,
            anchors=self._anchors,
            files=(*self._trees.files, *self._details.files, *self._texts.files),
            problems=tuple(self._problems),
            held=tuple(self._capped.held),
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


def by_start(row: TraceRow) -> tuple[int, str]:
    """Sorts by start, those without one last."""
    return (row.start_ns if row.start_ns is not None else 2**64, row.trace_id)


_Rank = tuple[bool, int, int, str]


def worst_first(row: TraceRow) -> _Rank:
    """Sorts those with errors first, then the slowest."""
    return (row.error_count == 0, -(row.duration_ns or 0), *by_start(row))


def _worst(kept: Sequence[tuple[TraceRow, Outline]]) -> list[tuple[TraceRow, Outline]]:
    """The outlines that may still be among the rows shown, worst first."""
    return sorted(kept, key=lambda pair: worst_first(pair[0]))[:ROWS]


def encoded_share(share: TracesShare) -> bytes:
    """*share* for another process."""
    return _encode(share)


def decoded_share(content: bytes) -> TracesShare:
    """The share of `encoded_share`."""
    return _decode(content)


def _array_bytes(value: Any) -> bytes:
    if isinstance(value, array):
        return value.typecode.encode() + value.tobytes()
    raise NotImplementedError


def _array(kind: type, content: Any) -> Any:
    made = kind(chr(content[0]))
    made.frombytes(content[1:])
    return made


_encode = msgspec.msgpack.Encoder(enc_hook=_array_bytes).encode
_decode = msgspec.msgpack.Decoder(TracesShare, dec_hook=_array).decode
