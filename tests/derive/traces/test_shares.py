"""Traces derived in shares are the same whichever processes make them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.traces.part import TracesFacts, derive_traces, joined_shares
from sitegen.derive.traces.shares import decoded_share, derive_shares, encoded_share
from sitegen.derive.traces.store import LARGE_BYTES, WHOLE, Shares, share_of, shares_of
from sitegen.model import SpanEvent
from sitegen.read.traces import LogEvent, OtherSignal, TraceRecord
from tests.derive.traces.test_part import llm, span
from tests.factories import MemorySink, Reports

SHARES = shares_of(LARGE_BYTES)
TRACES = [f"{number:032x}" for number in range(1, 60)]


def records() -> list[TraceRecord]:
    """Many traces, each with a call and a log event; duplicates, a lost parent, other signals."""
    found: list[TraceRecord] = [OtherSignal(name="metrics", count=7, path="traces/a.jsonl")]
    for number, trace in enumerate(TRACES):
        found.append(replace(llm(2, 1, tokens=number, **{"session.id": "s"}), trace_id=trace))
        found.append(span(1, trace=trace, name=f"root {number % 5}", end=number, status_code=2))
        found.append(span(3, 99, trace=trace))
        event = SpanEvent(time_ns=None, name=f"said {number}", attributes={})
        found.append(LogEvent(trace_id=trace, span_id=f"{2:016x}", event=event))
    lost = SpanEvent(time_ns=None, name="lost", attributes={})
    return [*found, LogEvent(trace_id="ee" * 16, span_id="1" * 16, event=lost)]


def at_once(shares: Shares) -> tuple[TracesFacts, MemorySink, Reports]:
    sink, reports = MemorySink(), Reports()
    facts = derive_traces(
        records(), sink=sink, limits=DEFAULT_LIMITS, report=reports, shares=shares
    )
    return facts, sink, reports


@pytest.mark.parametrize("processes", [2, 3, 16])
def test_shares_of_several_processes_join_to_what_one_makes(processes: int) -> None:
    made = {}
    sinks = [MemorySink() for _ in range(processes)]
    for first, sink in enumerate(sinks):
        wanted = SHARES.wanted[first::processes]
        shares = derive_shares(
            records(), sink=sink, limits=DEFAULT_LIMITS, report=Reports(),
            shares=Shares(count=SHARES.count, wanted=wanted),
        )  # fmt: skip
        made |= dict(zip(wanted, map(encoded_share, shares), strict=True))

    sink, reports = MemorySink(), Reports()
    ordered = [decoded_share(made[number]) for number in SHARES.wanted]
    facts = joined_shares(ordered, sink=sink, report=reports)

    expected, whole, told = at_once(SHARES)
    assert expected == facts
    assert list(told) == list(reports)
    together = {name: one for each in (*sinks, sink) for name, one in each.payloads.items()}
    assert whole.payloads == together


def test_shares_change_names_of_files_and_nothing_that_is_counted() -> None:
    split, _, told = at_once(SHARES)
    whole, _, at_first = at_once(WHOLE)

    assert sorted(told.codes) == sorted(at_first.codes)
    for name in ("count", "span_count", "error_count", "input_tokens", "names", "models",
                 "other_signals", "anchors", "csv"):  # fmt: skip
        assert getattr(whole, name) == getattr(split, name), name
    assert {row.trace_id for row in whole.rows} == {row.trace_id for row in split.rows}


def test_traces_go_to_one_share_by_their_ids() -> None:
    places = {share_of(trace, SHARES.count) for trace in TRACES}

    assert places <= set(SHARES.wanted)
    assert len(places) > 8
    assert shares_of(LARGE_BYTES - 1) == WHOLE
