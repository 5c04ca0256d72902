"""Jaeger's JSON and the Python console exporter's hold spans under other names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.model import SpanEvent, SpanLink
from sitegen.read.otlp.envelope import parts_of
from tests.factories import START_NS
from tests.read.test_traces import read_text

START_US = START_NS // 1000
PARENT = {"refType": "CHILD_OF", "traceID": "abc", "spanID": "1"}
JAEGER_SPAN = {
    "traceID": "abc", "spanID": "2", "operationName": "GET", "startTime": START_US,
    "duration": 1500, "processID": "p1",
    "references": [{"refType": "FOLLOWS_FROM", "traceID": "def", "spanID": "3"}, PARENT],
    "tags": [
        {"key": "span.kind", "type": "string", "value": "server"},
        {"key": "error", "type": "bool", "value": True},
        {"key": "otel.status_description", "type": "string", "value": "no"},
        {"key": "otel.scope.name", "type": "string", "value": "flask"},
        {"key": "http.status_code", "type": "int64", "value": "404"},
        {"key": "text", "type": "string", "value": {"stringValue": "x"}},
    ],
    "logs": [{"timestamp": START_US, "fields": [
        {"key": "event", "type": "string", "value": "exception"},
        {"key": "exception.type", "type": "string", "value": "ValueError"},
    ]}],
}  # fmt: skip
PROCESS = {"serviceName": "shop", "tags": [{"key": "a", "type": "bool", "value": "true"}]}
TRACE = {"traceID": "abc", "spans": [JAEGER_SPAN], "processes": {"p1": PROCESS}}


@pytest.mark.parametrize(
    "document",
    [{"data": [TRACE]}, TRACE, [TRACE], {**JAEGER_SPAN, "process": PROCESS}],
    ids=["api", "trace", "list", "span of the storage"],
)
def test_a_span_of_jaeger_has_its_facts_where_otlp_has_them(tmp_path: Path, document: Any) -> None:
    (span,), reports = read_text(tmp_path, json.dumps(document))

    assert reports == []
    assert (span.trace_id, span.span_id) == ("abc".rjust(32, "0"), "2".rjust(16, "0"))
    assert span.parent_span_id == "1".rjust(16, "0")
    assert (span.kind, span.status_code, span.status_message) == (2, 2, "no")
    assert (span.start_ns, span.end_ns) == (START_US * 1000, START_US * 1000 + 1_500_000)
    assert span.attributes == {"error": True, "http.status_code": 404, "text": {"stringValue": "x"}}
    assert span.resource == {"service.name": "shop", "a": True}
    assert span.scope.name == "flask"
    assert span.events == (
        SpanEvent(time_ns=START_US * 1000, name="exception",
                  attributes={"exception.type": "ValueError"}),
    )  # fmt: skip
    assert span.links == (
        SpanLink(trace_id="def".rjust(32, "0"), span_id="3".rjust(16, "0"),
                 attributes={"opentracing.ref_type": "FOLLOWS_FROM"}),
    )  # fmt: skip


CONSOLE = {
    "name": "x", "kind": "SpanKind.CLIENT", "parent_id": None,
    "context": {"trace_id": "0x" + "a" * 32, "span_id": "0x" + "b" * 16, "trace_state": "[]"},
    "start_time": "2026-11-20T14:02:00.000001Z", "end_time": None,
    "status": {"status_code": "ERROR", "description": "no"}, "events": [], "links": [],
    "attributes": {"values": [1, 2], "n": 7}, "resource": {"attributes": {"service.name": "a"}},
}  # fmt: skip


def test_a_span_of_the_console_exporter_keeps_everything_it_says(tmp_path: Path) -> None:
    text = json.dumps(CONSOLE, indent=4) + "\n"
    spans, reports = read_text(
        tmp_path, text + text.replace('"' + "0x" + "b" * 16, '"0x' + "c" * 16)
    )

    assert reports == []
    assert [span.span_id for span in spans] == ["b" * 16, "c" * 16]
    span = spans[0]
    assert (span.trace_id, span.parent_span_id, span.kind) == ("a" * 32, None, 3)
    assert (span.start_ns, span.end_ns) == (1_795_183_320_000_001_000, None)
    assert (span.status_code, span.status_message) == (2, "no")
    assert span.attributes == {"values": [1, 2], "n": 7}
    assert span.resource == {"service.name": "a"}


def test_a_time_that_is_none_is_told(tmp_path: Path) -> None:
    _, reports = read_text(tmp_path, json.dumps({**CONSOLE, "start_time": "soon"}))

    assert reports.codes == ["span-time-invalid"]


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["key", "value", "type", "fields", "refType", "traceID", "attributes",
                         "context", "trace_id"]),
        inner, max_size=3,
    ),
    max_leaves=10,
)  # fmt: skip


@given(odd=ODD, field=st.sampled_from([*JAEGER_SPAN, "process", "parentSpanID"]))
def test_odd_values_in_jaeger_are_no_crash(tmp_path: Path, odd: Any, field: str) -> None:
    for document in ({**TRACE, "spans": [{**JAEGER_SPAN, field: odd}]}, {**JAEGER_SPAN, field: odd},
                     {**TRACE, "processes": odd}, {**TRACE, "spans": [odd]}):  # fmt: skip
        list(parts_of(document))
        read_text(tmp_path, json.dumps(document))


@given(odd=ODD, field=st.sampled_from(list(CONSOLE)))
def test_odd_values_of_the_console_exporter_are_no_crash(
    tmp_path: Path, odd: Any, field: str
) -> None:
    read_text(tmp_path, json.dumps({**CONSOLE, field: odd}))
