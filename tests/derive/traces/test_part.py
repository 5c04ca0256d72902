"""Traces are assembled over files, totals count nothing twice, payloads hold everything exactly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.anchors import content_digest
from sitegen.derive.columns import decode_values
from sitegen.derive.traces.critical_path import critical_path
from sitegen.derive.traces.part import TracesFacts, derive_traces
from sitegen.derive.traces.spans import ROOT, Mark, distinct, span_tree
from sitegen.model import Json, Scope, Span, SpanEvent
from sitegen.read.traces import LogEvent, OtherSignal, TraceRecord, read_traces
from tests.factories import SHARED_DATA, START_NS, MemorySink, Reports

SCOPE = Scope(name="example", version="1", attributes={})
TRACE = "ab" * 16


def span(
    number: int,
    parent: int | None = None,
    *,
    start: int | None = 0,
    end: int | None = 10,
    trace: str = TRACE,
    **fields: Any,
) -> Span:
    """Span *number*, its times in milliseconds after `START_NS`."""
    base: dict[str, Any] = {
        "trace_id": trace, "span_id": f"{number:016x}", "name": f"span {number}", "kind": 1,
        "parent_span_id": None if parent is None else f"{parent:016x}",
        "start_ns": None if start is None else START_NS + start * 1_000_000,
        "end_ns": None if end is None else START_NS + end * 1_000_000,
        "attributes": {}, "events": (), "links": (), "status_code": 0, "status_message": None,
        "trace_state": None, "resource": {"service.name": "agent"}, "scope": SCOPE,
        "dropped_attributes": 0, "dropped_events": 0, "dropped_links": 0,
        "path": "traces/a.jsonl", "line": number,
    }  # fmt: skip
    return Span(**(base | fields))


def llm(number: int, parent: int | None = None, *, tokens: int = 10, **attributes: Json) -> Span:
    usage = {"gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 1}
    return span(number, parent, attributes={"gen_ai.operation.name": "chat", **usage, **attributes})


def derive(*records: TraceRecord, **limits: int) -> tuple[TracesFacts, MemorySink, Reports]:
    sink, reports = MemorySink(), Reports()
    facts = derive_traces(
        records, sink=sink, limits=replace(DEFAULT_LIMITS, **limits), report=reports
    )
    return facts, sink, reports


def tree_of(sink: MemorySink, trace: str = TRACE) -> Mapping[str, Any]:
    found: Mapping[str, Any] = sink.payloads["traces-0"]["entries"][trace]
    return found


def detail_of(sink: MemorySink, index: int = 0, trace: str = TRACE) -> Mapping[str, Any]:
    found: Mapping[str, Any] = sink.payloads["spans-0"]["entries"][f"{trace}/{index}"]
    return found


def names(spans: Sequence[Span]) -> list[str]:
    return [one.name for one in span_tree(spans).spans]


def test_children_that_come_before_their_parents_are_put_below_them() -> None:
    tree = span_tree([span(3, 2, start=3), span(4, 1, start=5), span(2, 1, start=1), span(1)])

    assert [one.name for one in tree.spans] == ["span 1", "span 2", "span 3", "span 4"]
    assert (tree.parents, tree.depths) == ((ROOT, 0, 1, 0), (0, 1, 2, 1))


def test_siblings_stand_by_start_then_the_longer_first() -> None:
    late, short, long = (
        span(2, 1, start=2, end=3),
        span(3, 1, start=1, end=2),
        span(4, 1, start=1, end=9),
    )

    assert names([span(1), late, short, long]) == [
        "span 1", "span 4", "span 3", "span 2",
    ]  # fmt: skip


def test_a_missing_parent_makes_one_more_root_and_a_problem() -> None:
    facts, _, reports = derive(span(1), span(2, 99))

    assert facts.count == 1
    assert reports.codes == ["span-parent-missing"]
    assert reports[0].place == "traces/a.jsonl:2"


@pytest.mark.parametrize(
    "spans",
    [[span(1, 1)], [span(1, 2), span(2, 1)], [span(1, 3), span(2, 1), span(3, 2), span(4, 3)]],
    ids=["itself", "two", "three and a branch"],
)
def test_a_circle_of_parents_is_broken_at_its_earliest_span(spans: list[Span]) -> None:
    tree = span_tree(spans)

    assert len(tree.spans) == len(spans)
    assert [
        one.span_id for one, parent in zip(tree.spans, tree.parents, strict=True) if parent == ROOT
    ] == [f"{1:016x}"]
    assert tree.marks[0] == Mark.CYCLE


def test_a_chain_of_20000_spans_is_no_matter_of_recursion() -> None:
    chain = [span(number, number - 1 or None) for number in range(1, 20_001)]

    tree = span_tree(chain[::-1])

    assert tree.depths[-1] == 19_999
    assert len(critical_path(tree)) == 1


def test_what_is_odd_about_times_is_marked_and_nothing_is_corrected() -> None:
    tree = span_tree([
        span(1, start=0, end=10), span(2, 1, start=1, end=30), span(3, 1, start=3, end=None),
        span(4, 1, start=8, end=5), span(5, 1, start=None, end=None), span(6, 1, start=9, end=10),
    ])  # fmt: skip

    assert dict(zip([one.name for one in tree.spans], tree.marks, strict=True)) == {
        "span 1": Mark(0), "span 2": Mark.SKEW, "span 3": Mark.UNFINISHED, "span 4": Mark.NEGATIVE,
        "span 5": Mark.NO_START | Mark.UNFINISHED, "span 6": Mark(0),
    }  # fmt: skip
    assert tree.duration_ns == 30_000_000


def test_an_exception_without_an_error_status_is_marked() -> None:
    event = SpanEvent(time_ns=None, name="exception", attributes={})

    assert span_tree([span(1, events=(event,))]).marks == (Mark.EXCEPTION,)
    assert span_tree([span(1, events=(event,), status_code=2)]).marks == (Mark(0),)


def test_the_same_span_again_is_one_span_and_different_content_is_a_problem() -> None:
    facts, _, reports = derive(span(1), span(1), span(1, end=20, name="longer"), span(2, 1))

    assert (facts.span_count, facts.rows[0].name) == (2, "longer")
    assert reports.codes == ["span-duplicate", "span-repeated"]


def test_client_and_server_may_share_an_id() -> None:
    client, server = span(1, kind=3), span(1, kind=2, start=1, end=9)
    kept, repeats, replaced = distinct([client, server])
    tree = span_tree([*kept, span(2, 1)])

    assert (len(kept), repeats, replaced) == (2, 0, [])
    assert [one.kind for one in tree.spans] == [3, 2, 1]
    assert tree.parents == (ROOT, 0, 1)


def test_the_critical_path_follows_the_child_that_finished_last() -> None:
    tree = span_tree([
        span(1, start=0, end=100), span(2, 1, start=10, end=40), span(3, 1, start=20, end=90),
        span(4, 3, start=30, end=50), span(5, 1, start=12, end=18),
    ])  # fmt: skip

    path = [
        (tree.spans[index].name, (start - START_NS) // 10**6, (end - START_NS) // 10**6)
        for index, start, end in critical_path(tree)
    ]

    assert path == [
        ("span 1", 0, 12), ("span 5", 12, 18), ("span 1", 18, 20), ("span 3", 20, 30),
        ("span 4", 30, 50), ("span 3", 50, 90), ("span 1", 90, 100),
    ]  # fmt: skip


TIMES = st.tuples(st.integers(0, 50), st.integers(0, 50))


@given(st.lists(st.tuples(st.integers(0, 30), TIMES), min_size=1, max_size=30))
def test_any_parents_make_a_tree_with_every_span_once_and_a_path_without_overlap(
    links: list[tuple[int, tuple[int, int]]],
) -> None:
    spans = [
        span(number + 1, parent or None, start=times[0], end=times[1])
        for number, (parent, times) in enumerate(links)
    ]
    tree = span_tree(spans)
    path = critical_path(tree)

    assert sorted(one.span_id for one in tree.spans) == sorted(one.span_id for one in spans)
    assert all(parent < index for index, parent in enumerate(tree.parents))
    assert all(left[2] <= right[1] for left, right in pairwise(path))
    assert all(start < end for _, start, end in path)


def test_a_trace_over_files_in_any_order_is_one_trace() -> None:
    parts = [
        span(2, 1, path="b.jsonl"),
        span(9, trace="cd" * 16),
        span(1, path="a.jsonl"),
        span(3, 2),
    ]

    facts, sink, reports = derive(*parts)

    assert (facts.count, facts.span_count, reports) == (2, 4, [])
    assert tree_of(sink)["columns"]["parent"] == [-1, 0, 1]


def test_tokens_of_wrappers_are_not_counted_again() -> None:
    agent = llm(1, tokens=30, **{"operation.cost": 0.5})
    inner = [
        llm(2, 1, tokens=10, **{"operation.cost": 0.1}),
        llm(3, 1, tokens=20),
        llm(4, 3, tokens=20),
    ]

    facts, sink, _ = derive(agent, *inner)

    assert (facts.input_tokens, facts.output_tokens, facts.cost_usd) == (30, 2, 0.1)
    assert facts.models[0].calls == 2
    assert tree_of(sink)["columns"]["tokens"] == [32, 11, None, 21]


def test_without_usage_tokens_and_cost_are_unknown_not_zero() -> None:
    facts, _, _ = derive(span(1))

    assert (facts.input_tokens, facts.output_tokens, facts.cached_tokens, facts.cost_usd) == (
        None,
    ) * 4


def test_rows_stand_errors_first_then_the_slowest() -> None:
    facts, _, _ = derive(
        span(1, trace="a" * 32, end=5), span(1, trace="b" * 32, end=50),
        span(1, trace="c" * 32, end=1, status_code=2),
        span(1, trace="d" * 32, start=None, end=None),
    )  # fmt: skip

    assert [row.trace_id[0] for row in facts.rows] == ["c", "b", "a", "d"]
    assert (facts.error_count, facts.error_trace_count) == (1, 1)


def test_only_500_rows_are_kept_but_totals_lists_and_csv_are_over_all() -> None:
    facts, sink, _ = derive(
        *(span(1, trace=f"{number:032x}", end=number) for number in range(3_000))
    )

    assert (facts.count, len(facts.rows), facts.rows[0].duration_ns) == (3_000, 500, 2_999_000_000)
    block = sink.payloads["trace-list-core-0"]
    ids = decode_values(block["columns"]["id"], block["n"])
    assert (facts.list_starts, block["n"]) == ((0,), 3_000)
    assert list(ids.values()) == [f"{number:032x}" for number in range(3_000)]
    assert set(facts.list_names) == {"name", "id", "started_at", "duration_s", "spans", "errors"}
    assert sink.texts["traces.csv"].count("\n") == 3_001
    assert sum(len(one.spans) for one in facts.outlines) == 500


def test_csv_cells_cannot_be_formulas() -> None:
    _, sink, _ = derive(span(1, name='=HYPERLINK("x")'))

    assert "\n" + TRACE + ",\"'=HYPERLINK" in sink.texts["traces.csv"]


def test_facts_survive_being_kept_in_a_cache() -> None:
    facts, _, _ = derive(llm(1), span(2, 1, status_code=2, status_message="no"))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=TracesFacts) == facts


def test_payloads_are_plain_json_with_exact_integers_and_offsets() -> None:
    attributes = {
        "big": 2**63 - 1,
        "list": [2**60, 1.5, True, None],
        "nan": math.nan,
        "a10": 1,
        "a9": 2,
    }
    _, sink, _ = derive(
        span(1, attributes=attributes), span(2, 1, start_ns=START_NS + 1_500, end=2)
    )

    columns, detail = tree_of(sink)["columns"], detail_of(sink)
    pairs = dict(detail["attributes"])
    assert list(pairs) == ["a9", "a10", "big", "list", "nan"]
    assert (pairs["big"], pairs["list"]) == (
        "9223372036854775807",
        ["1152921504606846976", 1.5, True, None],
    )
    assert columns["start_us"] == [0, 1.5]
    assert detail["start_ns"] == str(START_NS)
    json.dumps(sink.payloads)


def test_long_texts_are_kept_whole_in_files_of_their_own_once() -> None:
    text, value = "x" * 40_000, list(range(20_000))
    facts, sink, _ = derive(span(1, attributes={"a": text, "b": text, "c": value}))

    pairs = dict(detail_of(sink)["attributes"])
    assert pairs["a"] == pairs["b"] == {
        "long": "text-0", "preview": "x" * 2_000, "size": 40_000, "json": False,
    }  # fmt: skip
    assert pairs["c"]["json"]
    assert sink.payloads["text-0"] == {"text": text}
    assert json.loads(sink.payloads["text-1"]["text"]) == value
    assert {"text-0", "text-1"} <= {file.name for file in facts.files}


def test_a_big_trace_has_its_details_in_several_files() -> None:
    _, sink, _ = derive(*(span(number, 1 if number > 1 else None) for number in range(1, 3_001)))

    places = tree_of(sink)["details"]
    assert len(places) > 1
    for (name, first), following in zip(places, [*places[1:], [None, 3_000]], strict=True):
        entries = sink.payloads[name]["entries"]
        assert {f"{TRACE}/{first}", f"{TRACE}/{following[1] - 1}"} <= entries.keys()


def test_resource_and_scope_stand_once_in_a_file() -> None:
    _, sink, _ = derive(span(1), span(2, 1), span(3, 1, resource={"service.name": "other"}))

    assert sink.payloads["spans-0"]["resources"] == [
        [["service.name", "agent"]], [["service.name", "other"]],
    ]  # fmt: skip
    assert sink.payloads["spans-0"]["scopes"] == [["example", "1", []]]


def test_every_span_is_an_anchor_with_path_ordinal_and_digest() -> None:
    facts, sink, _ = derive(
        span(1, name="a"), span(2, 1, name="b", start=5), span(3, 1, name="b", start=1)
    )

    anchor = facts.anchors[f"span:{TRACE}/{2:016x}"]
    assert (anchor.path, anchor.ordinal) == (("a", "b"), 1)
    assert facts.anchors[f"span:{TRACE}/{3:016x}"].ordinal == 0
    assert anchor.digest == detail_of(sink, 2)["digest"]


def test_the_digest_is_over_name_kind_attributes_and_status_with_integers_as_texts() -> None:
    attributes = {"n": 3, "deep": {"m": [2**60]}, "x": 1.0, "t": True}
    facts, _, _ = derive(span(1, kind=3, attributes=attributes, status_code=2, status_message="no"))

    assert facts.anchors[f"span:{TRACE}/{1:016x}"].digest == content_digest({
        "name": "span 1", "kind": 3, "status": {"code": 2, "message": "no"},
        "attributes": {"n": "3", "deep": {"m": ["1152921504606846976"]}, "x": 1.0, "t": True},
    })  # fmt: skip


def test_the_first_error_names_its_deepest_span_with_the_stack() -> None:
    event = SpanEvent(
        time_ns=None, name="exception",
        attributes={"exception.type": "TimeoutError", "exception.message": "slow",
                    "exception.stacktrace": "at x"},
    )  # fmt: skip
    _, sink, _ = derive(span(1, status_code=2), span(2, 1, status_code=2, events=(event,)))

    assert tree_of(sink)["error"] == {
        "index": 1, "type": "TimeoutError", "message": "slow", "stack": "at x",
    }  # fmt: skip


def test_other_signals_are_counted_and_log_events_are_joined() -> None:
    joined = SpanEvent(time_ns=START_NS, name="gen_ai.user.message", attributes={"content": "hi"})
    facts, sink, reports = derive(
        LogEvent(trace_id=TRACE, span_id=f"{1:016x}", event=joined),
        LogEvent(trace_id=TRACE, span_id="ff" * 8, event=joined),
        span(1), OtherSignal(name="metrics", count=4, path="a"),
    )  # fmt: skip

    assert facts.other_signals == {"logs": 1, "metrics": 4}
    assert [event[1] for event in detail_of(sink)["events"]] == ["gen_ai.user.message"]
    assert reports == []


def test_too_many_traces_are_left_out_with_a_problem() -> None:
    facts, _, reports = derive(*(span(1, trace=f"{number:032x}") for number in range(5)), traces=2)

    assert (facts.count, reports.codes) == (2, ["too-many-traces"] * 3)


def test_nothing_gives_empty_facts() -> None:
    facts, sink, reports = derive()

    assert (facts.count, facts.rows, facts.csv, sink.payloads, reports) == (0, (), None, {}, [])


@pytest.mark.skipif(
    not (SHARED_DATA / "otlp").is_dir(), reason="real OTLP is absent: ../shared/data/otlp"
)
@pytest.mark.parametrize(
    ("name", "tokens", "cost"),
    [
        ("latitude__genai.json", (3500, 470, 600), None),
        ("latitude__openinference.json", (3500, 470, 600), 0.0025),
        ("latitude__vercel.json", (3500, 470, None), None),
        ("gen__pydanticai.collector.jsonl", (240, 36, 128), 0.0008),
        ("gen__traceloop.collector.jsonl", (265, 39, 128), None),
        ("gen__openinference.collector.jsonl", (265, 39, 128), None),
    ],
)
def test_real_traces_of_every_convention_have_the_same_totals(
    name: str, tokens: tuple[int | None, ...], cost: float | None
) -> None:
    records = read_traces(SHARED_DATA / "otlp", [name], DEFAULT_LIMITS, pytest.fail)
    facts, _, _ = derive(*records)

    assert (facts.input_tokens, facts.output_tokens, facts.cached_tokens) == tokens
    assert facts.cost_usd == pytest.approx(cost) if cost else facts.cost_usd is None


ATTRIBUTES = st.dictionaries(
    st.sampled_from([
        "gen_ai.usage.input_tokens", "gen_ai.input.messages", "gen_ai.output.messages",
        "llm.input_messages.0.message.role", "llm.input_messages.x", "llm.input_messages.0",
        "gen_ai.prompt.10.content", "ai.prompt", "ai.response.toolCalls", "operation.cost",
        "langfuse.observation.usage_details", "mlflow.spanInputs", "error.type", "session.id",
        "retrieval.documents.1.document.id", "gen_ai.request.temperature",
        "openinference.span.kind",
    ]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
        | st.sampled_from(["[]", "{}", '[{"role":1}]', '{"messages":[1,{"content":{}}]}',
                            "[" * 3000]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["role", "content", "parts", "type", "text", "message",
                             "tool_calls", "function"]),
            inner, max_size=3,
        ),
        max_leaves=8,
    ),
)  # fmt: skip


@given(ATTRIBUTES)
def test_any_attributes_can_be_derived_and_written(attributes: dict[str, Any]) -> None:
    event = SpanEvent(time_ns=None, name="gen_ai.choice", attributes=attributes)
    facts, sink, _ = derive(span(1, attributes=attributes, events=(event,)))

    assert facts.span_count == 1
    json.dumps(sink.payloads)
