"""OTLP in every dialect found in the wild gives its spans, or a problem that says what is wrong."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.model import Span
from sitegen.read.traces import LogEvent, OtherSignal, TraceRecord, read_traces
from tests.factories import (
    CHILD_ID,
    SPAN_ID,
    START_NS,
    TRACE_ID,
    Reports,
    attribute,
    request_document,
    span_document,
    write_file,
)


def read(
    root: Path, files: Sequence[str], limits: Limits = DEFAULT_LIMITS
) -> tuple[list[TraceRecord], Reports]:
    reports = Reports()
    return list(read_traces(root, files, limits, reports)), reports


def read_text(
    root: Path, content: str | bytes, name: str = "traces/a.jsonl", limits: Limits = DEFAULT_LIMITS
) -> tuple[list[Span], Reports]:
    write_file(root, name, content)
    records, reports = read(root, [name], limits)
    return [record for record in records if isinstance(record, Span)], reports


def one_span(root: Path, **fields: Any) -> tuple[Span, Reports]:
    spans, reports = read_text(root, json.dumps(request_document([span_document(**fields)])))
    assert len(spans) == 1
    return spans[0], reports


def lines_of(*documents: Any) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def with_base64_ids(value: Any) -> Any:
    """OTLP's hex ids as the base64 that protobuf's own JSON parser expects."""
    if isinstance(value, list):
        return [with_base64_ids(member) for member in value]
    if not isinstance(value, dict):
        return value
    ids = {"traceId", "spanId", "parentSpanId"}
    return {
        key: base64.b64encode(bytes.fromhex(member)).decode()
        if key in ids
        else with_base64_ids(member)
        for key, member in value.items()
    }


def test_a_span_keeps_everything_it_says(tmp_path: Path) -> None:
    span, reports = one_span(
        tmp_path, droppedAttributesCount=2, status={"code": 2, "message": "no"}
    )

    assert reports == []
    assert (span.trace_id, span.span_id, span.parent_span_id) == (TRACE_ID, SPAN_ID, None)
    assert (span.start_ns, span.end_ns) == (START_NS, START_NS + 1_500_000_000)
    assert span.attributes["gen_ai.usage.input_tokens"] == 120
    assert [event.name for event in span.events] == ["first token"]
    assert [link.span_id for link in span.links] == [CHILD_ID]
    assert (span.status_code, span.status_message) == (2, "no")
    assert (span.scope.name, span.resource, span.trace_state) == (
        "example", {"service.name": "agent"}, "a=b",
    )  # fmt: skip
    assert (span.dropped_attributes, span.path, span.line) == (2, "traces/a.jsonl", 1)


HEX = bytes.fromhex(TRACE_ID)


@pytest.mark.parametrize(
    "written",
    [
        TRACE_ID, TRACE_ID.upper(), f"0x{TRACE_ID}", base64.b64encode(HEX).decode(),
        base64.b64encode(HEX).decode().rstrip("="), base64.urlsafe_b64encode(HEX).decode(),
        {"type": "Buffer", "data": list(HEX)}, list(HEX), base64.b64decode(TRACE_ID).hex(),
    ],
    ids=["hex", "upper", "0x", "base64", "unpadded", "url-safe", "buffer", "list", "mangled"],
)  # fmt: skip
def test_every_form_of_an_id_is_the_same_id(tmp_path: Path, written: Any) -> None:
    span, reports = one_span(tmp_path, traceId=written)

    assert (span.trace_id, reports) == (TRACE_ID, [])


def test_a_wrong_id_is_kept_and_told(tmp_path: Path) -> None:
    span, reports = one_span(tmp_path, traceId="ABC")

    assert span.trace_id == "ABC"
    assert reports.codes == ["span-id-invalid"]
    assert "'ABC' is not 32 hex digits" in reports[0].message


def test_spans_without_ids_do_not_fall_into_one_trace(tmp_path: Path) -> None:
    documents = [span_document(traceId="", spanId="0" * 16), span_document(traceId="")]
    spans, reports = read_text(tmp_path, lines_of(request_document(documents)))

    assert len({span.trace_id for span in spans}) == 2
    assert reports.codes == ["span-id-missing", "span-id-missing"]


@pytest.mark.parametrize("parent", [None, "", "0" * 16])
def test_a_root_has_no_parent_however_that_is_written(tmp_path: Path, parent: Any) -> None:
    span, _ = one_span(tmp_path, parentSpanId=parent)

    assert span.parent_span_id is None


LONG = {"low": START_NS & 0xFFFFFFFF, "high": START_NS >> 32, "unsigned": True}
SIGNED_LONG = {"low": (START_NS & 0xFFFFFFFF) - 2**32, "high": START_NS >> 32}


@pytest.mark.parametrize("written", [START_NS, str(START_NS), LONG, SIGNED_LONG])
def test_nanoseconds_are_read_as_text_number_and_long(tmp_path: Path, written: Any) -> None:
    span, reports = one_span(tmp_path, startTimeUnixNano=written)

    assert (span.start_ns, reports) == (START_NS, [])


@pytest.mark.parametrize("written", [0, "0", "", None])
def test_a_time_of_zero_is_not_recorded(tmp_path: Path, written: Any) -> None:
    span, reports = one_span(tmp_path, endTimeUnixNano=written)

    assert (span.end_ns, reports) == (None, [])


@pytest.mark.parametrize("written", ["soon", -1, 2**70, [], "NaN"])
def test_a_wrong_time_is_left_out_and_told(tmp_path: Path, written: Any) -> None:
    span, reports = one_span(tmp_path, endTimeUnixNano=written)

    assert span.end_ns is None
    assert reports.codes == ["span-time-invalid"]


@pytest.mark.parametrize("kind", [3, "3", "SPAN_KIND_CLIENT", "CLIENT", "SpanKind.CLIENT"])
@pytest.mark.parametrize("code", [2, "2", "STATUS_CODE_ERROR", "ERROR"])
def test_enums_are_read_as_numbers_and_names(tmp_path: Path, kind: Any, code: Any) -> None:
    span, _ = one_span(tmp_path, kind=kind, status={"code": code})

    assert (span.kind, span.status_code) == (3, 2)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"stringValue": "a"}, "a"), ({"intValue": "7"}, 7), ({"intValue": 7.0}, 7),
        ({"intValue": {"low": -1, "high": -1}}, -1), ({"intValue": str(2**63 - 1)}, 2**63 - 1),
        ({"doubleValue": 1}, 1.0), ({"doubleValue": "-Infinity"}, float("-inf")),
        ({"boolValue": False}, False), ({"boolValue": "true"}, True),
        ({"bytesValue": "AQI="}, "AQI="), ({"bytesValue": {"data": [1, 2]}}, "AQI="),
        ({"arrayValue": {}}, []), ({"arrayValue": {"values": [{"intValue": "1"}, {}]}}, [1, None]),
        ({"arrayValue": [{"boolValue": True}]}, [True]),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"doubleValue": 0.5}}]}}, {"a": 0.5}),
        ({"string_value": "a"}, "a"), ({}, None), (None, None), ("bare", "bare"), (4, 4),
    ],
)  # fmt: skip
def test_attribute_values_are_unwrapped(tmp_path: Path, written: Any, value: Any) -> None:
    span, reports = one_span(tmp_path, attributes=[{"key": "k", "value": written}])

    assert span.attributes == {"k": value}
    assert type(span.attributes["k"]) is type(value)
    assert reports == []


def test_attributes_may_be_a_plain_object_and_of_equal_keys_the_last_holds(tmp_path: Path) -> None:
    plain, _ = one_span(tmp_path, attributes={"a": 1, "b": {"stringValue": "x"}})
    double, _ = one_span(tmp_path, attributes=[attribute("a", 1), attribute("a", 2)])

    assert plain.attributes == {"a": 1, "b": "x"}
    assert double.attributes == {"a": 2}


SPAN = span_document()
RESOURCE_SPANS = request_document([SPAN])["resourceSpans"]
OLD = [
    {"resource": {}, "instrumentationLibrarySpans": [
        {"instrumentationLibrary": {"name": "example", "version": "1.0"}, "spans": [SPAN]}
    ]}
]  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        {"resourceSpans": RESOURCE_SPANS}, {"resource_spans": RESOURCE_SPANS},
        {"batches": RESOURCE_SPANS}, {"batches": OLD}, {"resourceSpans": OLD}, RESOURCE_SPANS[0],
        {"result": {"resourceSpans": RESOURCE_SPANS}}, {"trace": {"resourceSpans": RESOURCE_SPANS}},
        {"data": {"resourceSpans": RESOURCE_SPANS}}, [{"resourceSpans": RESOURCE_SPANS}],
        RESOURCE_SPANS, SPAN, [SPAN],
    ],
)  # fmt: skip
def test_every_envelope_is_opened(tmp_path: Path, document: Any) -> None:
    spans, reports = read_text(tmp_path, json.dumps(document))

    assert [span.span_id for span in spans] == [SPAN_ID]
    assert reports == []


DOCUMENT = request_document([SPAN])


@pytest.mark.parametrize(
    "text",
    [
        lines_of(DOCUMENT, DOCUMENT), json.dumps([DOCUMENT, DOCUMENT]),
        json.dumps([DOCUMENT, DOCUMENT], indent=2), json.dumps(DOCUMENT, indent=1) * 2,
        f"{json.dumps(DOCUMENT, indent=2)}\n,\n{json.dumps(DOCUMENT)}",
        f"[\n{json.dumps(DOCUMENT)},\n{json.dumps(DOCUMENT)}\n]\n",
        f"\x1e{json.dumps(DOCUMENT)}\n\x1e{json.dumps(DOCUMENT)}\n",
        "\ufeff\r\n" + lines_of(DOCUMENT, DOCUMENT).replace("\n", "\r\n\r\n"),
    ],
    ids=["lines", "array", "pretty array", "concatenated", "commas", "array by line", "rs", "crlf"],
)  # fmt: skip
def test_every_way_to_write_two_documents_gives_both(tmp_path: Path, text: str) -> None:
    spans, reports = read_text(tmp_path, text)

    assert len(spans) == 2
    assert reports == []


@pytest.mark.parametrize(
    "pack", [gzip.compress, lambda content: pa.compress(content, "zstd", asbytes=True)]
)
def test_gzip_and_zstd_are_told_by_content(tmp_path: Path, pack: Any) -> None:
    spans, reports = read_text(tmp_path, pack(lines_of(DOCUMENT).encode()), "traces/a.jsonl")

    assert (len(spans), reports) == (1, [])


def test_a_bad_and_a_truncated_line_cost_only_themselves(tmp_path: Path) -> None:
    text = lines_of(DOCUMENT) + "not json\n" + lines_of(DOCUMENT) + json.dumps(DOCUMENT)[:-20]
    spans, reports = read_text(tmp_path, text)

    assert [span.line for span in spans] == [1, 3]
    assert [(problem.code, problem.line) for problem in reports] == [
        ("json-invalid", 2), ("json-invalid", 4),
    ]  # fmt: skip


def test_a_bad_pretty_document_is_told_with_line_and_column_and_the_next_is_read(
    tmp_path: Path,
) -> None:
    pretty = json.dumps(DOCUMENT, indent=2)
    spans, reports = read_text(tmp_path, '{\n  "resourceSpans": oops\n}\n' + pretty)

    assert len(spans) == 1
    assert (reports.codes, reports[0].line) == (["json-invalid"], 2)
    assert reports[0].message.startswith("column 20: expecting value, found 'oops")


def test_not_a_number_and_lone_surrogates_are_read(tmp_path: Path) -> None:
    text = json.dumps(request_document([span_document(attributes=[attribute("n", float("nan"))])]))
    lone = json.dumps(DOCUMENT).replace("answer", "a\\ud83d")
    spans, reports = read_text(tmp_path, f"{text}\n{lone}\n")

    assert [span.name for span in spans] == ["answer", "a\ufffd"]
    assert spans[0].attributes["n"] != spans[0].attributes["n"]
    assert reports == []


def test_other_signals_are_counted_and_are_no_fault(tmp_path: Path) -> None:
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}] * 3}]}]}
    metrics = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m"}]}]}]}
    write_file(tmp_path, "traces/a.jsonl", lines_of(logs, DOCUMENT, metrics))

    records, reports = read(tmp_path, ["traces/a.jsonl"])

    assert reports == []
    assert [(one.name, one.count) for one in records if isinstance(one, OtherSignal)] == [
        ("logs", 3), ("metrics", 1),
    ]  # fmt: skip


def test_log_records_with_messages_of_a_span_become_its_events(tmp_path: Path) -> None:
    message = {
        "traceId": TRACE_ID, "spanId": SPAN_ID, "eventName": "gen_ai.user.message",
        "observedTimeUnixNano": str(START_NS),
        "body": {"kvlistValue": {"values": [attribute("content", "hi")]}},
    }  # fmt: skip
    write_file(
        tmp_path,
        "traces/a.jsonl",
        lines_of({"resourceLogs": [{"scopeLogs": [{"logRecords": [message]}]}]}),
    )

    records, _ = read(tmp_path, ["traces/a.jsonl"])

    assert isinstance(records[0], LogEvent)
    assert records[0].event.attributes == {"body": {"content": "hi"}}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ([{"traceId": "a", "id": "b", "localEndpoint": {}}], "Zipkin"),
        ([[{"traceId": "a", "id": "b", "localEndpoint": {}}]], "Zipkin"),
        ({"_spanContext": {}}, "JavaScript span objects"),
        ({"observations": [], "projectId": "p"}, "Langfuse"),
        ({"info": {"trace_id": "tr-1"}, "data": {"spans": []}}, "MLflow"),
        ({"traceEvents": []}, "Chrome trace"),
        ({"hello": 1}, "the keys 'hello'"), (3, "a number"), (None, "null"),
    ],
)  # fmt: skip
def test_what_is_not_otlp_is_named(tmp_path: Path, document: Any, name: str) -> None:
    spans, reports = read_text(tmp_path, json.dumps(document))

    assert (spans, reports.codes) == (
        [],
        ["not-otlp"] if isinstance(document, (dict, list)) else reports.codes,
    )
    assert name in reports[0].message


def test_a_flood_of_one_fault_is_cut_and_counted(tmp_path: Path) -> None:
    _, reports = read_text(tmp_path, lines_of(DOCUMENT) + "broken\n" * 100)

    assert reports.codes == ["json-invalid"] * 21
    assert reports[-1].message == "and 80 more like it"


def test_limits_stop_the_reading_with_a_problem(tmp_path: Path) -> None:
    many, too_many = read_text(
        tmp_path, lines_of(*[DOCUMENT] * 5), limits=replace(DEFAULT_LIMITS, spans=3)
    )
    _, too_large = read_text(
        tmp_path, json.dumps(DOCUMENT, indent=2), limits=replace(DEFAULT_LIMITS, json_bytes=100)
    )

    assert (len(many), too_many.codes) == (3, ["too-many-spans"])
    assert "json-too-large" in too_large.codes


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00", b"\x1f\x8bnot gzip", b"\x28\xb5\x2f\xfdno"]
)
def test_empty_and_broken_files_are_problems(tmp_path: Path, content: bytes) -> None:
    spans, reports = read_text(tmp_path, content)

    assert spans == []
    assert reports


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    records, reports = read(tmp_path, ["traces/none.jsonl"])

    assert (records, reports.codes) == ([], ["file-unreadable"])


def test_values_nested_too_deeply_end_in_a_text(tmp_path: Path) -> None:
    value: Any = {"stringValue": "x"}
    for _ in range(60):
        value = {"arrayValue": {"values": [value]}}
    span, reports = one_span(tmp_path, attributes=[{"key": "k", "value": value}])

    assert "nested deeper than 32 levels" in str(span.attributes["k"])
    assert reports == []


@given(st.binary(max_size=300))
@example(b"[" * 100_000)
@example(b'{"resourceSpans":' + b"[" * 5_000)
@example(b'{"a":' * 5_000)
@example(b"\x00\x00\x00\x02{}")
@example(b"1" * 5_000)
def test_arbitrary_bytes_give_problems_never_a_crash(tmp_path: Path, content: bytes) -> None:
    for name in ("traces/a.jsonl", "traces/a.pb"):
        _, reports = read_text(tmp_path, content, name)
        assert all(problem.path == name for problem in reports)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from([
            "resourceSpans", "scopeSpans", "spans", "resource", "scope", "attributes", "traceId",
            "spanId", "startTimeUnixNano", "events", "links", "status", "key", "value", "intValue",
            "arrayValue", "values", "kvlistValue", "low", "high", "data", "resourceLogs",
            "scopeLogs", "logRecords", "kind", "bytesValue", "doubleValue",
        ]),
        inner, max_size=5,
    ),
    max_leaves=40,
)  # fmt: skip


@given(JSON)
def test_arbitrary_json_in_any_place_gives_problems_never_a_crash(
    tmp_path: Path, document: Any
) -> None:
    for field in (
        "attributes",
        "events",
        "links",
        "status",
        "traceId",
        "kind",
        "startTimeUnixNano",
    ):
        read_text(tmp_path, json.dumps(request_document([span_document(**{field: document})])))
    _, reports = read_text(tmp_path, json.dumps(document))
    assert all(problem.message for problem in reports)
