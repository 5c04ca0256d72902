"""One span of OTLP JSON, and the log records that belong to spans.

Floor 2. A span with a wrong field is still a span: the field is left out with a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sitegen.model import Json, Scope, Span, SpanEvent, SpanLink
from sitegen.read.otlp.envelope import SignalBatch, SpanBatch, first_of
from sitegen.read.otlp.values import (
    SPAN_ID_DIGITS,
    TRACE_ID_DIGITS,
    LogEvent,
    OtherSignal,
    read_any_value,
    read_attributes,
    read_id,
    read_int,
    read_kind,
    read_status_code,
    read_time_ns,
)
from sitegen.records import dataclass

NO_SCOPE = Scope(name="", version="", attributes={})
Fault = Callable[[str, str, str], None]
"""Takes code, message and hint of a fault whose place is known to the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a batch stands."""

    path: str
    """File, relative to the bundle."""
    line: int | None
    """Line where the document starts."""


def spans_of(batch: SpanBatch, place: Place, first: int, fault: Fault) -> Iterator[Span]:
    """The spans of a batch; *first* is the number of spans that came before it in the document."""
    resource = _attributes_of(batch.resource)
    scope = read_scope(batch.scope)
    for index, raw in enumerate(batch.spans, start=first):
        if isinstance(raw, Mapping):
            yield _span(raw, resource, scope, place, index, fault)
        else:
            fault("span-invalid", f"found {raw!r:.40}; expected a span object", "It is left out.")


def _span(  # what a batch says of its spans, and where it stands
    raw: Mapping[str, Json],
    resource: Mapping[str, Json],
    scope: Scope,
    place: Place,
    index: int,
    fault: Fault,
) -> Span:
    name = _text(raw.get("name"))
    trace_id, span_id = identity_of(raw, place, index, fault)
    status = raw.get("status")
    status = status if isinstance(status, Mapping) else {"code": status}
    message = status.get("message")
    return Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_of(raw, fault),
        name=name,
        kind=read_kind(raw.get("kind")),
        start_ns=_time(raw, ("startTimeUnixNano", "start_time_unix_nano"), name, fault),
        end_ns=_time(raw, ("endTimeUnixNano", "end_time_unix_nano"), name, fault),
        attributes=read_attributes(raw.get("attributes")),
        events=tuple(_event(event) for event in _objects(raw.get("events"))),
        links=tuple(_link(link) for link in _objects(raw.get("links"))),
        status_code=read_status_code(status.get("code")),
        status_message=_text(message) if message else None,
        trace_state=_text(first_of(raw, ("traceState", "trace_state"))) or None,
        resource=resource,
        scope=scope,
        dropped_attributes=_count(raw, "droppedAttributesCount", "dropped_attributes_count"),
        dropped_events=_count(raw, "droppedEventsCount", "dropped_events_count"),
        dropped_links=_count(raw, "droppedLinksCount", "dropped_links_count"),
        path=place.path,
        line=place.line,
    )


def parent_of(raw: Mapping[str, Json], fault: Fault) -> str | None:
    """Id of the parent, None for a root."""
    parent, is_valid = read_id(first_of(raw, ("parentSpanId", "parent_span_id")), SPAN_ID_DIGITS)
    if not is_valid:
        _bad_id(fault, "parent span id", parent, SPAN_ID_DIGITS)
    return parent or None


def identity_of(raw: Mapping[str, Json], place: Place, index: int, fault: Fault) -> tuple[str, str]:
    """Trace id and span id; those that are missing are made from the span's place."""
    trace_id, is_valid = read_id(first_of(raw, ("traceId", "trace_id")), TRACE_ID_DIGITS)
    if not is_valid:
        _bad_id(fault, "trace id", trace_id, TRACE_ID_DIGITS)
    span_id, is_valid = read_id(first_of(raw, ("spanId", "span_id")), SPAN_ID_DIGITS)
    if not is_valid:
        _bad_id(fault, "span id", span_id, SPAN_ID_DIGITS)
    if trace_id and span_id:
        return trace_id, span_id
    missing = "trace id" if not trace_id else "span id"
    fault("span-id-missing", f"a span has no {missing}", "It gets an id made from its place.")
    made = f"{place.path}:{place.line or 0}:{index}"
    return trace_id or f"no-id:{made}", span_id or f"no-id:{made}"


def _bad_id(fault: Fault, what: str, found: str, digits: int) -> None:
    fault(
        "span-id-invalid",
        f"the {what} {found[:64]!r} is not {digits} hex digits",
        "It is kept as it is written.",
    )


def _time(raw: Mapping[str, Json], keys: tuple[str, str], name: str, fault: Fault) -> int | None:
    value = first_of(raw, keys)
    time_ns, is_valid = read_time_ns(value)
    if not is_valid:
        fault(
            "span-time-invalid",
            f"span {name[:60]!r}: {keys[0]} is {value!r:.60}; expected nanoseconds since 1970",
            "The time is taken as not recorded.",
        )
    return time_ns


def _event(raw: Mapping[str, Json]) -> SpanEvent:
    return SpanEvent(
        time_ns=read_time_ns(first_of(raw, ("timeUnixNano", "time_unix_nano")))[0],
        name=_text(raw.get("name")),
        attributes=read_attributes(raw.get("attributes")),
    )


def _link(raw: Mapping[str, Json]) -> SpanLink:
    return SpanLink(
        trace_id=read_id(first_of(raw, ("traceId", "trace_id")), TRACE_ID_DIGITS)[0],
        span_id=read_id(first_of(raw, ("spanId", "span_id")), SPAN_ID_DIGITS)[0],
        attributes=read_attributes(raw.get("attributes")),
    )


def read_scope(raw: Json) -> Scope:
    """The instrumentation scope; an empty one for anything that is none."""
    if not isinstance(raw, Mapping) or not raw:
        return NO_SCOPE
    return Scope(
        name=_text(raw.get("name")),
        version=_text(raw.get("version")),
        attributes=read_attributes(raw.get("attributes")),
    )


def _attributes_of(raw: Json) -> Mapping[str, Json]:
    return read_attributes(raw.get("attributes")) if isinstance(raw, Mapping) else {}


def _count(raw: Mapping[str, Json], *keys: str) -> int:
    return max(0, min(read_int(first_of(raw, keys)) or 0, 2**32))


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    members = value if isinstance(value, list) else []
    return (member for member in members if isinstance(member, Mapping))


_LEAVES = {
    "logs": (
        ("scopeLogs", "scope_logs", "instrumentationLibraryLogs"),
        ("logRecords", "log_records"),
    ),
    "metrics": (("scopeMetrics", "scope_metrics", "instrumentationLibraryMetrics"), ("metrics",)),
    "profiles": (("scopeProfiles", "scope_profiles"), ("profiles",)),
}


def signals_of(batch: SignalBatch, path: str) -> Iterator[LogEvent | OtherSignal]:
    """The log records that carry messages of a span, and how many other records there are."""
    scopes, records = _LEAVES[batch.name]
    others = 0
    for resource in batch.resources:
        for scope in _objects(first_of(resource, scopes)):
            for record in _objects(first_of(scope, records)):
                event = _log_event(record) if batch.name == "logs" else None
                if event is None:
                    others += 1
                else:
                    yield event
    if others:
        yield OtherSignal(name=batch.name, count=others, path=path)


_LOG_TIMES = (
    "timeUnixNano",
    "time_unix_nano",
    "observedTimeUnixNano",
    "observed_time_unix_nano",
)


def _log_event(record: Mapping[str, Json]) -> LogEvent | None:
    attributes = read_attributes(record.get("attributes"))
    body = read_any_value(record.get("body"))
    times = (read_time_ns(record.get(key))[0] for key in _LOG_TIMES)
    return log_event(
        name=first_of(record, ("eventName", "event_name")) or attributes.get("event.name"),
        trace_id=read_id(first_of(record, ("traceId", "trace_id")), TRACE_ID_DIGITS)[0],
        span_id=read_id(first_of(record, ("spanId", "span_id")), SPAN_ID_DIGITS)[0],
        time_ns=next(filter(None, times), None),
        attributes=attributes if body is None else {**attributes, "body": body},
    )


def log_event(
    *, name: Json, trace_id: str, span_id: str, time_ns: int | None, attributes: dict[str, Json]
) -> LogEvent | None:
    """A `gen_ai.*` event about a span (GenAI conventions write messages as log records)."""
    name = _text(name)
    if not name.startswith("gen_ai.") or not trace_id or not span_id:
        return None
    event = SpanEvent(time_ns=time_ns, name=name, attributes=attributes)
    return LogEvent(trace_id=trace_id, span_id=span_id, event=event)
