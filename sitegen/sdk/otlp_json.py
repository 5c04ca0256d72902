"""OTLP/JSON to the letter of the specification: hex ids, int64 as texts, enums as numbers.

Floor 2. Made of spans of opentelemetry-sdk, or of protobuf messages as a collector receives them;
`json_format` of protobuf is not used, as it writes ids as base64 and enums as names. Spec:
opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding". Nothing here opens a file.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from sitegen.model import Json

if TYPE_CHECKING:
    from google.protobuf.message import Message  # type: ignore[import-untyped]
    from opentelemetry.sdk.trace import ReadableSpan

_MOST_DEPTH = 32
_INT64 = 2**63
_HAS_IS_REMOTE = 0x100
_IS_REMOTE = 0x200
_ID_FIELDS = {"trace_id", "span_id", "parent_span_id"}


def json_line(document: Json) -> bytes:
    """*document* as one line with its end; lone surrogates become `?`."""
    try:
        return msgspec.json.encode(document) + b"\n"
    except UnicodeEncodeError:
        return msgspec.json.encode(_without_surrogates(document)) + b"\n"


def _without_surrogates(value: Json) -> Json:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_without_surrogates(member) for member in value]
        case dict():
            return {
                _without_surrogates(key): _without_surrogates(member)
                for key, member in value.items()
            }
    return value


def document_of_spans(spans: Iterable[ReadableSpan]) -> dict[str, Json]:
    """`{"resourceSpans": […]}` of ended spans, grouped by resource and instrumentation scope."""
    resources: dict[int, dict[str, Json]] = {}
    scopes: dict[tuple[int, int], dict[str, Json]] = {}
    for span in spans:
        resource, scope = span.resource, span.instrumentation_scope
        key = (id(resource), id(scope))  # a Resource hashes itself by writing its JSON
        if id(resource) not in resources:
            resources[id(resource)] = _with_schema_url(
                {"resource": {"attributes": key_values(resource.attributes)}, "scopeSpans": []},
                resource.schema_url,
            )
        if key not in scopes:
            made = {"scope": _scope(scope), "spans": []} if scope else {"spans": []}
            scopes[key] = _with_schema_url(made, scope.schema_url if scope else None)
            resources[id(resource)]["scopeSpans"].append(scopes[key])
        scopes[key]["spans"].append(_span(span))
    return {"resourceSpans": list(resources.values())}


def _with_schema_url(made: dict[str, Json], url: str | None) -> dict[str, Json]:
    return {**made, "schemaUrl": url} if url else made


def _scope(scope: Any) -> dict[str, Json]:
    made: dict[str, Json] = {"name": scope.name}
    if scope.version:
        made["version"] = scope.version
    if scope.attributes:
        made["attributes"] = key_values(scope.attributes)
    return made


def _span(span: ReadableSpan) -> dict[str, Json]:
    context, parent = span.get_span_context(), span.parent
    assert context is not None, "an ended span has a context"
    made: dict[str, Json] = {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        "flags": _flags(context.trace_flags, parent),
        "name": span.name,
        "kind": span.kind.value + 1,  # the SDK counts from INTERNAL = 0, OTLP from UNSPECIFIED = 0
        "startTimeUnixNano": str(span.start_time or 0),
        "endTimeUnixNano": str(span.end_time or 0),
        "status": {"code": span.status.status_code.value},
    }
    if span.status.description:
        made["status"]["message"] = span.status.description
    if parent is not None:
        made["parentSpanId"] = f"{parent.span_id:016x}"
    if context.trace_state:
        made["traceState"] = context.trace_state.to_header()
    if span.attributes:
        made["attributes"] = key_values(span.attributes)
    if span.events:
        made["events"] = [_event(event) for event in span.events]
    if span.links:
        made["links"] = [_link(link) for link in span.links]
    for name in ("attributes", "events", "links"):
        dropped = getattr(span, f"dropped_{name}")
        if dropped:
            made[f"dropped{name.capitalize()}Count"] = dropped
    return made


def _flags(trace_flags: int, origin: Any) -> int:
    """W3C flags in the low byte, then whether *origin*, the parent or link, is another process."""
    is_remote = origin is not None and origin.is_remote
    return (trace_flags & 0xFF) | _HAS_IS_REMOTE | (_IS_REMOTE if is_remote else 0)


def _event(event: Any) -> dict[str, Json]:
    made: dict[str, Json] = {"timeUnixNano": str(event.timestamp), "name": event.name}
    if event.attributes:
        made["attributes"] = key_values(event.attributes)
    return made


def _link(link: Any) -> dict[str, Json]:
    made: dict[str, Json] = {
        "traceId": f"{link.context.trace_id:032x}",
        "spanId": f"{link.context.span_id:016x}",
        "flags": _flags(link.context.trace_flags, link.context),
    }
    if link.context.trace_state:
        made["traceState"] = link.context.trace_state.to_header()
    if link.attributes:
        made["attributes"] = key_values(link.attributes)
    return made


def key_values(attributes: Mapping[str, Any], depth: int = 0) -> list[Json]:
    """`[{"key", "value": AnyValue}]` of *attributes*, in their order."""
    return [
        {"key": str(key), "value": any_value(value, depth)} for key, value in attributes.items()
    ]


def any_value(value: Any, depth: int = 0) -> dict[str, Json]:
    """The AnyValue of a Python value; what has no form in OTLP is its text."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case str():
            return {"stringValue": value}
        case int() if -_INT64 <= value < _INT64:
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": _double(value)}
        case bytes():
            return {"bytesValue": base64.b64encode(value).decode()}
    if depth < _MOST_DEPTH and isinstance(value, Mapping):
        return {"kvlistValue": {"values": key_values(value, depth + 1)}}
    if depth < _MOST_DEPTH and isinstance(value, Sequence):
        return {"arrayValue": {"values": [any_value(member, depth + 1) for member in value]}}
    return {"stringValue": str(value)}


def _double(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def document_of_message(message: Message) -> dict[str, Json]:
    """The OTLP/JSON of any protobuf message of OTLP; unknown fields are left out, as it says."""
    return {field.json_name: _field(field, value) for field, value in message.ListFields()}


def _field(field: Any, value: Any) -> Json:
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(field, member) for member in value]
    return _plain(field, value)


def _plain(field: Any, value: Any) -> Json:
    if field.message_type is not None:
        return document_of_message(value)
    if isinstance(value, bytes):
        return value.hex() if field.name in _ID_FIELDS else base64.b64encode(value).decode()
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, int) and field.cpp_type in {field.CPPTYPE_INT64, field.CPPTYPE_UINT64}:
        return str(value)
    return value
