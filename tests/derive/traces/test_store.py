"""Spans come back by trace, from memory or from scratch files."""

from __future__ import annotations

from collections import defaultdict

import pytest

from sitegen.derive.traces.store import SpanStore
from sitegen.model import Scope, Span, SpanEvent, SpanLink
from tests.derive.traces.test_part import span
from tests.factories import MemorySink

HOSTILE = {"surrogate": "\ud800", "big": 10**40, "nested": [{"a": [None, True, 1.5]}]}


EVENT = SpanEvent(time_ns=7, name="e", attributes=HOSTILE)
LINK = SpanLink(trace_id="ab" * 16, span_id="cd" * 8, attributes={"a": 1})
SCOPE = Scope(name="lib", version="1", attributes={"s": "\udfff"})


def some_spans() -> list[Span]:
    return [
        span(number, trace=f"{number % 300:032x}", attributes={**HOSTILE, "text": "x" * number},
             events=(EVENT,), links=(LINK,), scope=SCOPE)
        for number in range(1, 3_001)
    ]  # fmt: skip


@pytest.mark.parametrize("budget_bytes", [10**9, 1_000_000, 0])
def test_every_trace_comes_back_whole_and_in_order(budget_bytes: int) -> None:
    store = SpanStore(MemorySink(), most_traces=1_000, budget_bytes=budget_bytes)
    expected: dict[str, list[Span]] = defaultdict(list)
    for one in some_spans():
        assert store.add(one)
        expected[one.trace_id].append(one)

    assert dict(store.traces()) == expected


def test_traces_beyond_the_limit_are_refused_whether_in_memory_or_in_files() -> None:
    for budget_bytes in (10**9, 0):
        store = SpanStore(MemorySink(), most_traces=2, budget_bytes=budget_bytes)
        taken = [store.add(span(number, trace=f"{number % 3:032x}")) for number in range(6)]

        assert taken == [True, True, False, True, True, False]
        assert [len(spans) for _, spans in store.traces()] == [2, 2]
