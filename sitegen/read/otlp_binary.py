"""Binary OTLP: protobuf messages, whole or each behind its length.

Floor 2. The collector's file exporter writes, with `format: proto` or with compression, four bytes
of big-endian length and then one message (protobuf or JSON, perhaps compressed with zstd).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sitegen.bundle.limits import Limits
from sitegen.model import Json, Scope, Span, SpanEvent, SpanLink
from sitegen.read.files import ZSTD_MAGIC
from sitegen.read.otlp_span import Fault, Place
from sitegen.read.otlp_values import MOST_DEPTH

if TYPE_CHECKING:
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

_LENGTH_BYTES = 4


def is_binary(start: bytes) -> bool:
    """Whether a file that starts so is no JSON text: it holds a NUL, or no bracket comes first."""
    bare = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n,\x1e")
    return not bare.startswith((b"{", b"[")) and (b"\x00" in start or start[:1] == b"\x0a")


def is_framed(content: bytes) -> bool:
    """Whether lengths lead from the first byte exactly to the last."""
    position = 0
    while position + _LENGTH_BYTES <= len(content):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(content[position:start], "big")
    return position == len(content) and content[:1] == b"\x00"


def frames(content: bytes) -> Iterator[bytes]:
    """The messages of a framed content; one cut short by the end of the file is left out."""
    position = 0
    while position + _LENGTH_BYTES <= len(content):
        start = position + _LENGTH_BYTES
        position = start + int.from_bytes(content[position:start], "big")
        if position <= len(content):
            yield content[start:position]


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


def binary_spans(content: bytes, place: Place, fault: Fault) -> Iterator[Span]:
    """The spans of one protobuf TracesData (the same as ExportTraceServiceRequest)."""
    from google.protobuf.message import (  # type: ignore[import-untyped]  # heavy; binary only
        DecodeError,
    )
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    try:
        data = TracesData.FromString(content)
    except DecodeError:
        fault(
            "otlp-invalid",
            f"{len(content):,} bytes are neither JSON nor a protobuf message of OTLP traces",
            "They are left out.",
        )
        return
    yield from _spans_of_message(data, place)


def _spans_of_message(data: TracesData, place: Place) -> Iterator[Span]:
    index = 0
    for resource_spans in data.resource_spans:
        resource = _attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            scope = Scope(
                name=scope_spans.scope.name,
                version=scope_spans.scope.version,
                attributes=_attributes(scope_spans.scope.attributes),
            )
            for span in scope_spans.spans:
                yield _span(span, resource, scope, place, index)
                index += 1


def _span(span: Any, resource: dict[str, Json], scope: Scope, place: Place, index: int) -> Span:
    made = f"no-id:{place.path}:{place.line or 0}:{index}"
    return Span(
        trace_id=_hex(span.trace_id) or made,
        span_id=_hex(span.span_id) or made,
        parent_span_id=_hex(span.parent_span_id) or None,
        name=span.name,
        kind=span.kind if 0 <= span.kind <= 5 else 0,
        start_ns=span.start_time_unix_nano or None,
        end_ns=span.end_time_unix_nano or None,
        attributes=_attributes(span.attributes),
        events=tuple(
            SpanEvent(
                time_ns=event.time_unix_nano or None,
                name=event.name,
                attributes=_attributes(event.attributes),
            )
            for event in span.events
        ),
        links=tuple(
            SpanLink(
                trace_id=_hex(link.trace_id),
                span_id=_hex(link.span_id),
                attributes=_attributes(link.attributes),
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


def _hex(identity: bytes) -> str:
    return identity.hex() if identity.strip(b"\x00") else ""


def _attributes(pairs: Any, depth: int = 0) -> dict[str, Json]:
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
            return _attributes(content.values, depth + 1)
        case "bytes_value":
            return base64.b64encode(content).decode()
    return content
