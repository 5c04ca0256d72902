"""The Traces tab says what the facts say, and its page reads without script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.annotations import NO_ANNOTATIONS
from sitegen.derive.traces.part import TracesFacts, derive_traces
from sitegen.pages.run.traces_tab import TracesTab, traces_tab
from sitegen.read.traces import OtherSignal, TraceRecord, read_traces
from sitegen.render.env import template_environment
from tests.derive.traces.test_part import span
from tests.factories import (
    CHILD_ID,
    REPOSITORY,
    SPAN_ID,
    TRACE_ID,
    MemorySink,
    Reports,
    span_document,
    write_trace,
)

HOSTILE = "<img src=x onerror=alert(1)>\"'&\u202e"


def facts_of(*records: TraceRecord) -> TracesFacts:
    return derive_traces(records, sink=MemorySink(), limits=DEFAULT_LIMITS, report=Reports())


def facts_of_bundle(root: Path, spans: list[dict[str, Any]] | None = None) -> TracesFacts:
    write_trace(root, spans)
    return facts_of(*read_traces(root, ["traces/a.jsonl"], DEFAULT_LIMITS, Reports()))


def tab_of(facts: TracesFacts, **summaries: str) -> TracesTab:
    annotations = replace(NO_ANNOTATIONS, summary_by_target=summaries)
    samples = {TRACE_ID: ("s-1", "#tab=evals&sample=s-1")}
    return traces_tab(
        facts, slug="run-1", annotations=annotations, sample_by_trace=samples, root="../"
    )


def html_of(tab: TracesTab) -> str:
    environment = template_environment((REPOSITORY / "themes" / "default",))
    return environment.get_template("tabs/traces.html").render(tab=tab)


def test_a_row_says_name_sample_duration_errors_and_tokens(tmp_path: Path) -> None:
    row = tab_of(facts_of_bundle(tmp_path), **{f"trace:{TRACE_ID}": "helpful: 1 yes"}).rows[0]

    assert (row.name, row.sample_label, row.annotation_text) == ("answer", "s-1", "helpful: 1 yes")
    assert (row.duration.text, row.spans.text, row.errors.text) == ("1.5\xa0s", "2", "1")
    assert (row.tokens.text, row.cost.text) == ("128", "")
    assert row.href == f"#tab=traces&trace={TRACE_ID}"
    assert row.anchor == f"trace-{TRACE_ID}"


def test_spans_stand_in_nested_lists_that_are_all_closed(tmp_path: Path) -> None:
    chain = [
        span_document(spanId=f"{number:016x}", parentSpanId=f"{number - 1:016x}")
        for number in range(1, 60)
    ]
    html = html_of(tab_of(facts_of_bundle(tmp_path, chain)))

    assert html.count("<ul") == html.count("</ul>") == 25
    assert html.count("<li") == html.count("</li>") == 59


def test_a_span_in_the_list_says_kind_times_tokens_error_and_annotations(tmp_path: Path) -> None:
    tab = tab_of(facts_of_bundle(tmp_path), **{f"span:{TRACE_ID}/{CHILD_ID}": "helpful: 1 no"})
    root, child = tab.outlines[0].spans

    assert (root.anchor, root.opens, root.closes) == (f"span-{TRACE_ID}-{SPAN_ID}", True, ())
    assert child.facts_text == "llm · 1.5\xa0s at +0\xa0s · 128 tokens · helpful: 1 no"
    assert (child.is_failed, child.message, len(child.closes)) == (True, "timeout", 1)


def test_what_is_left_out_is_said() -> None:
    from tests.derive.traces.test_part import span

    many = facts_of(*(span(1, trace=f"{number:032x}") for number in range(700)))
    tab = tab_of(many)

    assert tab.shown_text == "500 of 700 traces, those with errors first, then the slowest."
    assert tab.outlines_text == "Spans of 500 of 700 traces; the others open with JavaScript."


def test_a_run_without_traces_says_how_to_get_one() -> None:
    empty = tab_of(facts_of(OtherSignal(name="logs", count=2, path="a")))

    assert empty.empty is not None
    assert empty.empty.text == (
        "A trace appears here for every OTLP file in traces/ of the bundle. "
        "The files also hold 2 log records, which are not shown."
    )
    assert "This run has no traces." in html_of(empty)


def test_the_questions_that_traces_are_read_for_have_answers() -> None:
    cost = {"gen_ai.request.model": "m-1", "operation.cost": 0.3}
    other = {"gen_ai.request.model": "m-2", "operation.cost": 0.1}
    tool = {"gen_ai.operation.name": "execute_tool"}
    tab = tab_of(
        facts_of(
            span(1, end=100, name="agent"),
            span(2, 1, start=0, end=60, name="chat", attributes=cost),
            span(3, 1, start=60, end=70, name="find", attributes=tool, status_code=2),
            span(4, 1, start=70, end=90, name="find", attributes=tool),
            span(5, 1, start=90, end=95, name="chat", attributes=other),
        )
    )

    said = {one.name: (one.value, one.note) for one in tab.answers}
    assert said["Most time"] == ("65.0\u202f%", "chat: 65\u00a0ms in which none below it ran")
    assert said["Slowest tool"][1] == "find: the longest of 2 calls"
    assert said["Most errors"] == ("50.0\u202f%", "find: 1 of 2 failed")
    assert said["Most cost"] == ("75.0\u202f%", "m-1: $0.3000 for 0 tokens")
    assert len(said) == 4
    assert "Most cost" in html_of(tab)


def test_models_and_names_are_totalled(tmp_path: Path) -> None:
    tab = tab_of(facts_of_bundle(tmp_path))

    assert [(one.name, one.calls.text, one.input.text) for one in tab.models] == [
        ("small-1", "1", "120")
    ]
    assert [(one.name, one.errors.text) for one in tab.names] == [
        ("answer", "0"),
        ("search", "1, 100.0\u202f%"),
    ]


@pytest.mark.parametrize("field", ["name", "traceId", "spanId", "traceState"])
def test_hostile_strings_stay_text(tmp_path: Path, field: str) -> None:
    html = html_of(tab_of(facts_of_bundle(tmp_path, [span_document(**{field: HOSTILE})])))

    assert "<img src=x" not in html
    assert 'x onerror=alert(1)>"' not in html
