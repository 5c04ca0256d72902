"""Spans in the JSON of Jaeger and of OpenTelemetry's Python console exporter, as OTLP.

Floor 2. Both hold all that a span is, under other names; what is here is turned into the objects of
OTLP and read as those are. Jaeger's rules are those of the OpenTelemetry collector: `span.kind`,
`error`, `otel.*` and `w3c.tracestate` are tags there, and fields of a span here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sitegen.model import Json
from sitegen.read.otlp.values import SPAN_ID_DIGITS, TRACE_ID_DIGITS, read_int
from sitegen.units import parse_rfc3339_ns

Converted = tuple[Json, Json, list[Json]]
"""Resource, scope and spans, in the objects of OTLP."""


def is_jaeger(document: Mapping[str, Json]) -> bool:
    """Whether it is a trace of Jaeger's API, or one of its spans as the storage has them."""
    is_trace = "traceID" in document and isinstance(document.get("spans"), list)
    return is_trace or all(key in document for key in ("traceID", "spanID", "operationName"))


def is_console(document: Mapping[str, Json]) -> bool:
    """Whether it is a span as `ReadableSpan.to_json` of Python writes it."""
    context = document.get("context")
    return (
        isinstance(context, Mapping)
        and {"trace_id", "span_id"} <= context.keys()
        and "start_time" in document
    )


def of_jaeger(document: Mapping[str, Json]) -> Iterator[Converted]:
    """The spans of a trace, grouped by process and scope in the order of their first span."""
    spans = document["spans"] if isinstance(document.get("spans"), list) else [document]
    processes = document.get("processes")
    processes = processes if isinstance(processes, Mapping) else {}
    groups: dict[tuple[str, str, str], list[Json]] = {}
    resources: dict[str, Json] = {}
    for span in spans:
        if not isinstance(span, Mapping):
            continue
        identity = str(span.get("processID") or "")
        process = processes.get(identity) or span.get("process")
        resources.setdefault(identity, _process(process))
        tags = _tags(span.get("tags"))
        scope = (_scope_tag(tags, "name"), _scope_tag(tags, "version"))
        groups.setdefault((identity, *scope), []).append(_jaeger_span(span, tags))
    for (identity, name, version), members in groups.items():
        yield resources[identity], {"name": name, "version": version}, members


def _process(process: Json) -> Json:
    if not isinstance(process, Mapping):
        return None
    tags = _tags(process.get("tags"))
    name = process.get("serviceName")
    return {"attributes": _pairs({"service.name": name, **tags} if name else tags)}


def _scope_tag(tags: Mapping[str, Json], field: str) -> str:
    value = tags.get(f"otel.scope.{field}") or tags.get(f"otel.library.{field}")
    return str(value) if value else ""


_FIELD_TAGS = {
    "span.kind",
    "otel.status_code",
    "otel.status_description",
    "otel.scope.name",
    "otel.scope.version",
    "otel.library.name",
    "otel.library.version",
    "w3c.tracestate",
}


def _jaeger_span(span: Mapping[str, Json], tags: Mapping[str, Json]) -> dict[str, Json]:
    start_us = read_int(span.get("startTime"))
    duration_us = read_int(span.get("duration"))
    parent, links = _references(span)
    is_whole = start_us is not None and duration_us is not None
    return {
        "traceId": _padded(span.get("traceID"), TRACE_ID_DIGITS),
        "spanId": _padded(span.get("spanID"), SPAN_ID_DIGITS),
        "parentSpanId": parent,
        "name": span.get("operationName"),
        "kind": tags.get("span.kind"),
        "startTimeUnixNano": None if start_us is None else start_us * 1000,
        "endTimeUnixNano": (start_us or 0) * 1000 + (duration_us or 0) * 1000 if is_whole else None,
        "status": _status(tags),
        "traceState": tags.get("w3c.tracestate"),
        "attributes": _pairs({key: one for key, one in tags.items() if key not in _FIELD_TAGS}),
        "events": [_log(one) for one in _objects(span.get("logs"))],
        "links": links,
    }


def _status(tags: Mapping[str, Json]) -> dict[str, Json]:
    code = tags.get("otel.status_code")
    if code is None and tags.get("error") in (True, "true"):
        code = "ERROR"
    return {"code": code, "message": tags.get("otel.status_description")}


def _references(span: Mapping[str, Json]) -> tuple[Json, list[Json]]:
    """The parent is the first CHILD_OF of the trace, else its first reference; others are links."""
    references = list(_objects(span.get("references")))
    own = [one for one in references if one.get("traceID") == span.get("traceID")]
    children = [one for one in own if one.get("refType") == "CHILD_OF"]
    parent = next(iter(children or own), None)
    links = [
        {
            "traceId": _padded(one.get("traceID"), TRACE_ID_DIGITS),
            "spanId": _padded(one.get("spanID"), SPAN_ID_DIGITS),
            "attributes": _pairs({"opentracing.ref_type": one.get("refType")}),
        }
        for one in references
        if one is not parent
    ]
    if parent is not None:
        return _padded(parent.get("spanID"), SPAN_ID_DIGITS), links
    return _padded(span.get("parentSpanID"), SPAN_ID_DIGITS), links  # Jaeger before 1.8


def _log(log: Mapping[str, Json]) -> dict[str, Json]:
    fields = _tags(log.get("fields"))
    time_us = read_int(log.get("timestamp"))
    name = fields.pop("event", None) or fields.get("message") or "log"
    return {
        "name": str(name),
        "timeUnixNano": None if time_us is None else time_us * 1000,
        "attributes": _pairs(fields),
    }


def _tags(raw: Json) -> dict[str, Json]:
    return {str(tag.get("key")): _tag(tag) for tag in _objects(raw)}


def _tag(tag: Mapping[str, Json]) -> Json:
    value = tag.get("value")
    if tag.get("type") == "int64":
        return read_int(value) if isinstance(value, str) else value
    if tag.get("type") == "bool" and isinstance(value, str):
        return value.strip().lower() == "true"
    return value


def _padded(identity: Json, digits: int) -> Json:
    """Jaeger leaves zeros in front of an id out, and wrote trace ids of 16 digits once."""
    return identity.rjust(digits, "0") if isinstance(identity, str) and identity else identity


def of_console(document: Mapping[str, Json]) -> Converted:
    """One span with its resource; the scope is not written by the console exporter."""
    context = document["context"]
    status = document.get("status")
    status = status if isinstance(status, Mapping) else {}
    resource = document.get("resource")
    attributes = resource.get("attributes") if isinstance(resource, Mapping) else None
    span = {
        "traceId": context.get("trace_id"),
        "spanId": context.get("span_id"),
        "parentSpanId": document.get("parent_id"),
        "name": document.get("name"),
        "kind": document.get("kind"),
        "startTimeUnixNano": _time_ns(document.get("start_time")),
        "endTimeUnixNano": _time_ns(document.get("end_time")),
        "status": {"code": status.get("status_code"), "message": status.get("description")},
        "attributes": _pairs(document.get("attributes")),
        "events": [
            {
                "name": event.get("name"),
                "timeUnixNano": _time_ns(event.get("timestamp")),
                "attributes": _pairs(event.get("attributes")),
            }
            for event in _objects(document.get("events"))
        ],
        "links": [
            {
                "traceId": link["context"].get("trace_id"),
                "spanId": link["context"].get("span_id"),
                "attributes": _pairs(link.get("attributes")),
            }
            for link in _objects(document.get("links"))
            if isinstance(link.get("context"), Mapping)
        ],
    }
    return {"attributes": _pairs(attributes)}, None, [span]


def _time_ns(raw: Json) -> Json:
    """Nanoseconds of an ISO time; what is none is kept, so that it is told as no time."""
    time_ns = parse_rfc3339_ns(raw) if isinstance(raw, str) else None
    return raw if time_ns is None else time_ns


def _pairs(attributes: Json) -> list[Json]:
    """As a list, in which no key can be taken for one of OTLP's."""
    if not isinstance(attributes, Mapping):
        return []
    return [{"key": key, "value": _any_value(value)} for key, value in attributes.items()]


def _any_value(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": _pairs(value)}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(member) for member in value]}}
    return value


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    members: Sequence[Json] = value if isinstance(value, list) else ()
    return (member for member in members if isinstance(member, Mapping))
