"""Fields of a protobuf message are counted before it is decoded."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.otlp.wire import LOGS, METRICS, SPANS, has_more_fields
from tests.factories import attribute, request_document, span_document
from tests.read.otlp.test_binary import framed, protobuf
from tests.read.test_traces import read_text

KINDS = [(SPANS, TracesData), (LOGS, LogsData), (METRICS, MetricsData)]


def fields_in(message: Message) -> int:
    """Fields of all kinds and levels, by protobuf's own library; packed numbers are one."""
    count = 0
    for field, value in message.ListFields():
        members: Any = value if field.is_repeated else [value]
        is_packed = field.is_packed
        count += 1 if is_packed else len(members)
        if field.message_type is not None:
            count += sum(map(fields_in, members))
    return count


def test_fields_are_counted_as_protobuf_does() -> None:
    lists = {"arrayValue": {"values": [{"stringValue": "x"}, {"kvlistValue": {
        "values": [attribute("y", True)]}}]}}  # fmt: skip
    span = span_document(
        attributes=[attribute("a", 1), {"key": "b", "value": lists}, attribute("c", 300 * "z")],
        events=[{"name": "e", "timeUnixNano": "1", "attributes": [attribute("k", 2.5)]}],
        status={"code": 2, "message": "no"},
    )
    content = protobuf(request_document([span, span]))
    count = fields_in(TracesData.FromString(content))
    assert len(content) > 2 * count, "else nothing need be counted"

    assert not has_more_fields(content, SPANS, count)
    assert has_more_fields(content, SPANS, count - 1)


NESTED = {
    "resources": b"\x0a\x00",
    "scopes": b"\x12\x00",
    "spans": b"\x12\x00",
    "attributes": b"\x4a\x00",
}


def nested(name: str, count: int) -> bytes:
    """*count* empty messages at the level of *name*."""
    content = NESTED[name] * count
    for tag in {"resources": b"", "scopes": b"\x0a", "spans": b"\x12\x0a",
                "attributes": b"\x12\x12\x0a"}[name]:  # fmt: skip
        content = bytes([tag]) + _varint(len(content)) + content
    return content


def _varint(number: int) -> bytes:
    head = []
    while number > 127:
        head.append(number & 127 | 128)
        number >>= 7
    return bytes([*head, number])


@pytest.mark.parametrize("name", NESTED)
def test_millions_of_empty_messages_are_told_and_not_made(tmp_path: Path, name: str) -> None:
    limits = replace(DEFAULT_LIMITS, json_values=200_000)
    content = nested(name, 20_000_000)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    spans, reports = read_text(tmp_path, content, "traces/a.pb", limits)

    assert (spans, reports.codes) == ([], ["too-many-values"])
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 250_000


def test_a_message_of_too_many_fields_costs_itself_only(tmp_path: Path) -> None:
    limits = replace(DEFAULT_LIMITS, json_values=100)
    good = protobuf(request_document([span_document()]))

    spans, reports = read_text(tmp_path, framed(nested("spans", 200), good), limits=limits)

    assert (len(spans), reports.codes) == (1, ["too-many-values"])


@pytest.mark.parametrize(("fields", "kind"), KINDS)
@given(content=st.binary(max_size=200), most=st.integers(0, 40))
def test_any_bytes_are_counted(fields: Any, kind: type[Message], content: bytes, most: int) -> None:
    assert has_more_fields(content * 3, fields, most) in {False, True}
