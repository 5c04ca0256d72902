"""Binary OTLP: protobuf messages, whole or each behind its length.

Floor 2. The collector's file exporter writes, with `format: proto` or with compression, four bytes
of big-endian length and then one message (protobuf or JSON, perhaps compressed with zstd).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sitegen.bundle.limits import Limits
from sitegen.model import Json, Scope, Span, SpanEvent, SpanLink
from sitegen.read.files import ZSTD_MAGIC
from sitegen.read.otlp.spans import Fault, Place, identity_of, log_event, parent_of
from sitegen.read.otlp.values import (
    MOST_DEPTH,
    SPAN_ID_DIGITS,
    TRACE_ID_DIGITS,
    LogEvent,
    OtherSignal,
)
from sitegen.read.otlp.wire import LOGS, METRICS, SPANS, has_more_fields

if TYPE_CHECKING:
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

_LENGTH_BYTES = 4


def is_binary(start: bytes) -> bool:
    """Whether a file that starts so is no JSON text: it holds a NUL, or no bracket comes first."""
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n,\x1e")
    return not bare.startswith((b"{", b"[")) and (b"\x00" in start or start[:1] == b"\x0a")


def is_framed(start: bytes) -> bool:
    """Whether a file that starts so holds messages behind their lengths.

    A protobuf message of OTLP starts with the tag of its only field, 0x0A; a length of less than
    16 MB with a zero byte.
    """
    body = start[_LENGTH_BYTES : _LENGTH_BYTES + len(ZSTD_MAGIC)]
    is_message = body[:1] in {b"{", b"[", b"\x0a"} or body == ZSTD_MAGIC
    return start[:1] == b"\x00" and (is_message or not body)


def frames(pieces: Iterable[bytes], most_bytes: int, fault: Fault) -> Iterator[bytes]:
    """The messages of a framed file; one cut short or too long is told, and ends the reading."""
    waiting, number = bytearray(), 1
    for piece in pieces:
        waiting += piece
        while len(waiting) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(waiting[:_LENGTH_BYTES], "big")
            if end > most_bytes:
                message = f"message {number} says that it has {end - _LENGTH_BYTES:,} bytes"
                fault("otlp-invalid", message, "It and what comes after it are left out.")
                return
            if len(waiting) < end:
                break
            yield bytes(waiting[_LENGTH_BYTES:end])
            del waiting[:end]
            number += 1
    if waiting:
        message = f"message {number} is cut short by the end of the file"
        fault("otlp-invalid", message, "It is left out; a program that was killed leaves this.")


def undo_zstd(message: bytes, limits: Limits) -> bytes | None:
    """The message with zstd undone, None if it is broken or passes `json_bytes`."""
    if not message.startswith(ZSTD_MAGIC):
        return message
    import pyarrow as pa  # heavy; Python 3.11 cannot undo zstd

    try:
        with pa.CompressedInputStream(pa.BufferReader(message), "zstd") as stream:
            content = bytes(stream.read(limits.json_bytes + 1))
    except (OSError, ValueError):
        return None
    return content if len(content) <= limits.json_bytes else None


def binary_records(
    content: bytes, place: Place, limits: Limits, fault: Fault
) -> Iterator[Span | LogEvent | OtherSignal]:
    """The spans of one protobuf TracesData (the same as ExportTraceServiceRequest).

    Logs and metrics have the same outer fields and would decode as spans of nothing: they are told
    by ids of which none is one, or by times that are not there.
    """
    from google.protobuf.message import (  # type: ignore[import-untyped]  # heavy; binary only
        DecodeError,
    )
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    most = limits.json_values
    if has_more_fields(content, SPANS, most):
        what = f"a message of {len(content):,} bytes holds more than the limit of {most:,} values"
        fault("too-many-values", what, "It is left out; raise json_values in sitegen.toml.")
        return
    try:
        data = TracesData.FromString(content)
    except DecodeError:
        data = None
    if data is None or not _has_ids(data):
        others = list(binary_signals(content, place.path, most))
        if others:
            yield from others
            return
    if data is None:
        fault(
            "otlp-invalid",
            f"{len(content):,} bytes are neither JSON nor a protobuf message of OTLP",
            "They are left out.",
        )
        return
    yield from _spans_of_message(data, place, fault)


def _has_ids(data: TracesData) -> bool:
    return not data.resource_spans or any(
        len(span.trace_id) == TRACE_ID_DIGITS // 2
        and len(span.span_id) == SPAN_ID_DIGITS // 2
        and span.start_time_unix_nano  # a metric may have a name of 16 letters, but no time here
        for resource_spans in data.resource_spans
        for scope_spans in resource_spans.scope_spans
        for span in scope_spans.spans
    )


def _spans_of_message(data: TracesData, place: Place, fault: Fault) -> Iterator[Span]:
    index = 0
    for resource_spans in data.resource_spans:
        resource = attributes_of(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope = Scope(
                name=scope_spans.scope.name,
                version=scope_spans.scope.version,
                attributes=attributes_of(scope_spans.scope.attributes),
            )
            for span in scope_spans.spans:
                yield _span(span, resource, scope, place, index, fault)
                index += 1


def _span(
    span: Any, resource: dict[str, Json], scope: Scope, place: Place, index: int, fault: Fault
) -> Span:
    ids = {"traceId": span.trace_id.hex(), "spanId": span.span_id.hex()}
    trace_id, span_id = identity_of(ids, place, index, fault)
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_of({"parentSpanId": span.parent_span_id.hex()}, fault),
        name=span.name,
        kind=span.kind if 0 <= span.kind <= 5 else 0,
        start_ns=span.start_time_unix_nano or None,
        end_ns=span.end_time_unix_nano or None,
        attributes=attributes_of(span.attributes),
        events=tuple(
            SpanEvent(
                time_ns=event.time_unix_nano or None,
                name=event.name,
                attributes=attributes_of(event.attributes),
            )
            for event in span.events
        ),
        links=tuple(
            SpanLink(
                trace_id=hex_of(link.trace_id),
                span_id=hex_of(link.span_id),
                attributes=attributes_of(link.attributes),
            )
            for link in span.links
        ),
        status_code=span.status.code if 0 <= span.status.code <= 2 else 0,
        status_message=span.status.message or None,
        trace_state=span.trace_state or None,
        resource=resource,
        scope=scope,
        dropped_attributes=span.dropped_attributes_count,
        dropped_events=span.dropped_events_count,
        dropped_links=span.dropped_links_count,
        path=place.path,
        line=place.line,
    )


def binary_signals(content: bytes, path: str, most_values: int) -> Iterator[LogEvent | OtherSignal]:
    """Log events about spans, and the number of other logs or of metrics; nothing if neither, or
    beyond *most_values*.
    """
    from google.protobuf.message import DecodeError  # heavy; binary only
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
    from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

    if any(has_more_fields(content, fields, most_values) for fields in (METRICS, LOGS)):
        return
    try:
        metrics = MetricsData.FromString(content)
    except DecodeError:
        metrics = MetricsData()
    count = sum(
        metric.WhichOneof("data") is not None
        for resource in metrics.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    )
    if count:
        yield OtherSignal(name="metrics", count=count, path=path)
        return
    try:
        logs = LogsData.FromString(content)
    except DecodeError:
        return
    others = 0
    for resource in logs.resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                event = _log_event(record)
                if event is not None:
                    yield event
                elif record.time_unix_nano or record.observed_time_unix_nano:
                    others += 1
    if others:
        yield OtherSignal(name="logs", count=others, path=path)


def _log_event(record: Any) -> LogEvent | None:
    attributes = attributes_of(record.attributes)
    body = _any_value(record.body, 0)
    return log_event(
        name=record.event_name or attributes.get("event.name"),
        trace_id=hex_of(record.trace_id),
        span_id=hex_of(record.span_id),
        time_ns=record.time_unix_nano or record.observed_time_unix_nano or None,
        attributes=attributes if body is None else {**attributes, "body": body},
    )


def hex_of(identity: bytes) -> str:
    """Hex of an id, "" for one of zeros."""
    return identity.hex() if identity.strip(b"\x00") else ""


def attributes_of(pairs: Any, depth: int = 0) -> dict[str, Json]:
    """Values by key of repeated KeyValue; of equal keys the last."""
    return {pair.key: _any_value(pair.value, depth) for pair in pairs}


def _any_value(value: Any, depth: int) -> Json:
    kind = value.WhichOneof("value")
    if kind is None or kind == "string_value_strindex":
        return None
    content = getattr(value, kind)
    if depth > MOST_DEPTH:
        return f"(nested deeper than {MOST_DEPTH} levels)"
    match kind:
        case "array_value":
            return [_any_value(member, depth + 1) for member in content.values]
        case "kvlist_value":
            return attributes_of(content.values, depth + 1)
        case "bytes_value":
            return base64.b64encode(content).decode()
    return content
