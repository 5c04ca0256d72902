"""Real OTLP of many writers: each file gives its spans, as the official protobuf reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sitegen.model import Span
from sitegen.sdk.otlp_json import key_values
from tests.factories import SHARED_DATA, Reports
from tests.read.otlp.test_binary import framed
from tests.read.test_traces import read, with_base64_ids

OTLP = SHARED_DATA / "otlp"
OTLP_FILES = sorted(path.name for path in OTLP.iterdir()) if OTLP.is_dir() else []
SPAN_COUNTS = {
    "agentevals__jaeger-ui-api-k8s.json": 73, "duckdb-otlp__malformed.jsonl": 1,
    "duckdb-otlp__traces_deep_nesting.jsonl": 1, "duckdb-otlp__traces_nulls.jsonl": 3,
    "duckdb-otlp__traces_simple.jsonl": 3, "gen__genai_v2.collector.jsonl": 7,
    "gen__genai_v2.logs.jsonl": 0, "gen__openinference.collector.jsonl": 7,
    "gen__plain.collector.jsonl": 5, "gen__plain.protobuf-json_format.json": 5,
    "gen__plain.python-console.json": 5, "gen__pydanticai.collector.jsonl": 4,
    "gen__python-official-json-file-exporter.jsonl": 4, "gen__traceloop.collector.jsonl": 7,
    "jaeger-ui__otlp-multi-concatenated.json": 4, "jaeger__example_trace.json": 5,
    "jaeger__link_attributes_trace.json": 1, "langwatch__openInferenceOpenAIRequest_L16.json": 1,
    "langwatch__openllmetryOpenAIRequest_L194.json": 1,
    "langwatch__traceWithException_L582.json": 1, "latitude__genai.json": 7,
    "latitude__openinference.json": 7, "latitude__vercel.json": 10,
    "opentelemetry-java__logging-otlp-bare-resourcespans.json": 2,
    "opentelemetry-java__logging-otlp-wrapper.json": 2, "opentelemetry-proto__trace.json": 1,
    "opentelemetry-spec__file-exporter-traces.jsonl": 8,
    "otel-tui__collector-fileexporter-mixed-signals.jsonl": 547,
    "variant__array-of-requests.json": 7, "variant__bom-crlf.jsonl": 7,
    "variant__concatenated-pretty.json": 7, "variant__split-0.jsonl": 2,
    "variant__split-1.jsonl": 3, "variant__split-2.jsonl": 3,
    "variant__truncated-last-line.jsonl": 6, "variant__whole-file.jsonl.gz": 7,
}  # fmt: skip
"""Spans of each file, counted by hand or with json alone."""
PROBLEMS = {
    "duckdb-otlp__malformed.jsonl": ["json-invalid", "json-invalid", "not-otlp",
                                     "span-id-invalid", "span-id-invalid"],
    "opentelemetry-spec__file-exporter-traces.jsonl": ["span-id-missing"] * 8,
    "variant__truncated-last-line.jsonl": ["json-invalid"],
}  # fmt: skip
"""Codes of the problems of a file; none in others."""
pytestmark = pytest.mark.skipif(
    not OTLP_FILES, reason="real OTLP files are absent: ../shared/data/otlp"
)


def spans_of(root: Path, name: str) -> tuple[list[Span], Reports]:
    records, reports = read(root, [name])
    return [record for record in records if isinstance(record, Span)], reports


def test_the_table_names_every_file() -> None:
    assert sorted(SPAN_COUNTS) == OTLP_FILES


@pytest.mark.parametrize("name", OTLP_FILES)
def test_every_real_file_gives_its_spans_and_precise_problems(name: str) -> None:
    records, reports = read(OTLP, [name])

    assert sum(isinstance(record, Span) for record in records) == SPAN_COUNTS[name]
    assert records
    assert sorted(reports.codes) == PROBLEMS.get(name, [])
    assert all(problem.path == name and problem.message and problem.hint for problem in reports)
    assert all(problem.line for problem in reports)


@pytest.mark.parametrize("name", [name for name in OTLP_FILES if "collector" in name])
def test_collector_files_read_as_the_official_protobuf_does(name: str) -> None:
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    oracle: list[tuple[Any, ...]] = []
    for line in (OTLP / name).read_text().splitlines():
        document = json.loads(line)
        if "resourceSpans" not in document:
            continue
        message = ParseDict(with_base64_ids(document), TracesData())
        oracle.extend(
            (
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
                span.name,
                span.kind,
                span.start_time_unix_nano,
                span.end_time_unix_nano,
                span.status.code,
                span.status.message,
                len(span.attributes),
                len(span.events),
                len(span.links),
                scope.scope.name,
                len(resource.resource.attributes),
            )
            for resource in message.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        )

    records, _ = read(OTLP, [name])

    ours = [
        (
            span.trace_id,
            span.span_id,
            span.parent_span_id or "",
            span.name,
            span.kind,
            span.start_ns or 0,
            span.end_ns or 0,
            span.status_code,
            span.status_message or "",
            len(span.attributes),
            len(span.events),
            len(span.links),
            span.scope.name,
            len(span.resource),
        )
        for span in records
        if isinstance(span, Span)
    ]
    assert ours == oracle


def canonical(spans: list[Span]) -> dict[str, Any]:
    """OTLP/JSON to the letter of what was read."""
    return {"resourceSpans": [
        {"resource": {"attributes": key_values(span.resource)},
         "scopeSpans": [{"scope": {"name": span.scope.name, "version": span.scope.version,
                                   "attributes": key_values(span.scope.attributes)},
                         "spans": [span_object(span)]}]}
        for span in spans
    ]}  # fmt: skip


def span_object(span: Span) -> dict[str, Any]:
    return {
        "traceId": span.trace_id, "spanId": span.span_id,
        "parentSpanId": span.parent_span_id or "", "name": span.name, "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns or 0), "endTimeUnixNano": str(span.end_ns or 0),
        "traceState": span.trace_state or "", "attributes": key_values(span.attributes),
        "events": [{"timeUnixNano": str(event.time_ns or 0), "name": event.name,
                    "attributes": key_values(event.attributes)} for event in span.events],
        "links": [{"traceId": link.trace_id, "spanId": link.span_id,
                   "attributes": key_values(link.attributes)} for link in span.links],
        "status": {"code": span.status_code, "message": span.status_message or ""},
        "droppedAttributesCount": span.dropped_attributes,
        "droppedEventsCount": span.dropped_events, "droppedLinksCount": span.dropped_links,
    }  # fmt: skip


@pytest.mark.parametrize("name", OTLP_FILES)
def test_what_was_read_is_the_same_through_the_official_protobuf(tmp_path: Path, name: str) -> None:
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    spans, _ = spans_of(OTLP, name)
    spans = [span for span in spans if len(span.trace_id) == 32 and len(span.span_id) == 16]
    document = canonical(spans)
    (tmp_path / "a.jsonl").write_text(json.dumps(document) + "\n")
    message = ParseDict(with_base64_ids(document), TracesData()).SerializeToString()
    (tmp_path / "a.pb").write_bytes(framed(message))

    from_json, from_binary = (spans_of(tmp_path, name)[0] for name in ("a.jsonl", "a.pb"))

    assert [comparable(span) for span in from_json] == [comparable(span) for span in spans]
    assert [comparable(span) for span in from_binary] == [comparable(span) for span in spans]


def comparable(span: Span) -> str:
    """Everything but the place; as text, in which NaN equals NaN."""
    return repr(replace(span, path="", line=None))


def test_the_console_exporter_and_the_collector_tell_the_same_spans() -> None:
    """The three files hold the same five spans of one program; the console rounds times."""
    exact, console, base64 = (
        {span.span_id: span for span in spans_of(OTLP, name)[0]}
        for name in (
            "gen__plain.collector.jsonl",
            "gen__plain.python-console.json",
            "gen__plain.protobuf-json_format.json",
        )
    )

    assert base64.keys() == exact.keys() == console.keys()
    for span_id, span in exact.items():
        assert comparable(base64[span_id]) == comparable(span)
        assert without_times(console[span_id]) == without_times(span)
        off_by = [abs(a - b) for a, b in zip(times(console[span_id]), times(span), strict=True)]
        assert max(off_by) <= 1_000


def times(span: Span) -> list[int]:
    return [span.start_ns or 0, span.end_ns or 0, *(event.time_ns or 0 for event in span.events)]


def without_times(span: Span) -> str:
    """As text; without the scope, too, which the console exporter does not write."""
    events = tuple(replace(event, time_ns=None) for event in span.events)
    scope = replace(span.scope, name="", version="")
    return comparable(replace(span, start_ns=None, end_ns=None, events=events, scope=scope))
