"""Binary OTLP reads as its JSON does: plain, behind lengths, compressed, cut short."""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.traces import LogEvent, OtherSignal
from tests.factories import (
    SPAN_ID,
    START_NS,
    TRACE_ID,
    attribute,
    request_document,
    span_document,
    write_file,
)
from tests.read.test_traces import one_span, read, read_text, with_base64_ids

DOCUMENT = request_document([span_document()])


def protobuf(document: Any, message: type[Message] = TracesData) -> bytes:
    made: bytes = ParseDict(with_base64_ids(document), message()).SerializeToString()
    return made


def framed(*messages: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(message)) + message for message in messages)


@pytest.mark.parametrize(
    "content",
    [
        protobuf(DOCUMENT), framed(protobuf(DOCUMENT)), framed(json.dumps(DOCUMENT).encode()),
        framed(pa.compress(protobuf(DOCUMENT), "zstd", asbytes=True)),
        gzip.compress(protobuf(DOCUMENT)),
    ],
    ids=["protobuf", "framed", "framed json", "framed zstd", "gzip"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["traces/a.pb", "traces/a.json"])
def test_binary_otlp_reads_as_its_json_does(tmp_path: Path, content: bytes, name: str) -> None:
    expected, _ = one_span(tmp_path)

    spans, reports = read_text(tmp_path, content, name)

    assert reports == []
    assert [replace(span, path="", line=None) for span in spans] == [
        replace(expected, path="", line=None)
    ]


@pytest.mark.parametrize("cut", [1, 3, 10])
def test_a_last_message_that_is_cut_short_costs_only_itself(tmp_path: Path, cut: int) -> None:
    whole = framed(protobuf(DOCUMENT), protobuf(DOCUMENT))

    spans, reports = read_text(tmp_path, whole[:-cut])

    assert len(spans) == 1
    assert reports.codes == ["otlp-invalid"]
    assert reports[0].message == "message 2 is cut short by the end of the file"


def test_a_length_beyond_the_limit_ends_the_reading(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, json_bytes=2_000)
    content = framed(protobuf(DOCUMENT)) + struct.pack(">I", 10_000_000) + b"x" * 5_000

    spans, reports = read_text(tmp_path, content, limits=limits)

    assert (len(spans), reports.codes) == (1, ["otlp-invalid"])
    assert "says that it has 10,000,000 bytes" in reports[0].message


def test_many_framed_messages_are_streamed_beyond_the_limit_of_one(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, json_bytes=5_000)

    spans, reports = read_text(tmp_path, framed(*[protobuf(DOCUMENT)] * 100), limits=limits)

    assert (len(spans), reports) == (100, [])


def test_a_whole_message_beyond_the_limit_is_told(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, json_bytes=100)

    _, reports = read_text(tmp_path, protobuf(DOCUMENT), "traces/a.pb", limits)

    assert "file-too-large" in reports.codes


def test_missing_and_wrong_ids_are_told_as_in_json(tmp_path: Path) -> None:
    message = ParseDict(with_base64_ids(request_document([span_document()] * 3)), TracesData())
    spans = message.resource_spans[0].scope_spans[0].spans
    spans[1].trace_id, spans[2].span_id = b"abc", b""

    read_spans, reports = read_text(tmp_path, message.SerializeToString(), "traces/a.pb")

    assert [span.trace_id for span in read_spans] == [TRACE_ID, b"abc".hex(), TRACE_ID]
    assert read_spans[2].span_id.startswith("no-id:")
    assert reports.codes == ["span-id-invalid", "span-id-missing"]


LOGS = {"resourceLogs": [{"scopeLogs": [{"logRecords": [
    {"traceId": TRACE_ID, "spanId": SPAN_ID, "eventName": "gen_ai.choice",
     "observedTimeUnixNano": str(START_NS),
     "body": {"kvlistValue": {"values": [attribute("index", 0)]}}},
    {"timeUnixNano": str(START_NS), "body": {"stringValue": "started"}},
]}]}]}  # fmt: skip
METRICS = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [
    {"name": "sixteen letters!", "description": "8 chars.", "gauge": {"dataPoints": [{}]}},
    {"name": "m", "sum": {}},
]}]}]}  # fmt: skip


@pytest.mark.parametrize("pack", [framed, lambda message: message], ids=["framed", "plain"])
def test_other_signals_are_no_spans(tmp_path: Path, pack: Any) -> None:
    write_file(tmp_path, "traces/logs.pb", pack(protobuf(LOGS, LogsData)))
    write_file(tmp_path, "traces/metrics.pb", pack(protobuf(METRICS, MetricsData)))

    records, reports = read(tmp_path, ["traces/logs.pb", "traces/metrics.pb"])

    assert reports == []
    event, *others = records
    assert isinstance(event, LogEvent)
    assert (event.event.name, event.event.time_ns) == ("gen_ai.choice", START_NS)
    assert event.event.attributes == {"body": {"index": 0}}
    assert others == [
        OtherSignal(name="logs", count=1, path="traces/logs.pb"),
        OtherSignal(name="metrics", count=2, path="traces/metrics.pb"),
    ]
