"""Which part of a JSON document is telemetry: the wrappers of OTLP, and formats that are not OTLP.

Floor 2. Collectors write `{"resourceSpans": […]}`, Tempo `{"batches": […]}`, Jaeger's API
`{"result": {…}}`, Java's logging exporter bare `{"resource", "scopeSpans"}`, scripts arrays of any
of them. Two formats that hold the same spans under other names are converted. What is none of
these is named, so that a person knows which exporter to change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sitegen.model import Json
from sitegen.read.otlp.foreign import Converted, is_console, is_jaeger, of_console, of_jaeger
from sitegen.records import dataclass

_RESOURCE_SPANS = ("resourceSpans", "resource_spans", "batches")
_SCOPE_SPANS = (
    "scopeSpans",
    "scope_spans",
    "instrumentationLibrarySpans",
    "instrumentation_library_spans",
)
_SCOPES = ("scope", "instrumentationLibrary", "instrumentation_library")
_WRAPPERS = ("result", "trace", "data")
_SIGNALS = {
    "resourceLogs": "logs",
    "resource_logs": "logs",
    "resourceMetrics": "metrics",
    "resource_metrics": "metrics",
    "resourceProfiles": "profiles",
    "resource_profiles": "profiles",
}
_MOST_WRAPPERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanBatch:
    """Spans as decoded, with what one scope of one resource says of all of them."""

    resource: Json
    """The resource object, or None."""
    scope: Json
    """The scope object, or None."""
    spans: list[Json]
    """Span objects, unchecked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBatch:
    """Logs, metrics or profiles as decoded."""

    name: str
    """`logs`, `metrics` or `profiles`."""
    resources: list[Json]
    """The objects below `resourceLogs` or its like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOtlp:
    """A document that holds no telemetry of OTLP."""

    message: str
    """What it is, as far as its keys tell."""
    hint: str
    """How to get OTLP instead."""


Part = SpanBatch | SignalBatch | NotOtlp


def parts_of(document: Json, depth: int = 0) -> Iterator[Part]:
    """The batches in *document*, in its order."""
    if depth > _MOST_WRAPPERS:
        yield NotOtlp(message="wrappers nested too deeply for OTLP", hint=_HINT)
    elif isinstance(document, list):
        yield from _parts_of_list(document, depth)
    elif isinstance(document, Mapping):
        yield from _parts_of_object(document, depth)
    else:
        yield NotOtlp(message=f"found {_kind(document)}; expected an object of OTLP", hint=_HINT)


def _parts_of_list(members: list[Json], depth: int) -> Iterator[Part]:
    if members and isinstance(members[0], list):  # Zipkin's API groups spans by trace
        foreign = _foreign_format(members[0][0]) if members[0] else None
    else:
        foreign = _foreign_format(members[0]) if members else None
    if foreign is not None:
        yield foreign
        return
    bare = [member for member in members if _is_span(member)]
    if bare:
        yield SpanBatch(resource=None, scope=None, spans=bare)
    for member in members:
        if not _is_span(member):
            yield from parts_of(member, depth + 1)


def _parts_of_object(document: Mapping[str, Json], depth: int) -> Iterator[Part]:
    is_known = False
    for key, value in document.items():
        if key in _RESOURCE_SPANS:
            is_known = True
            for resource_spans in _objects(value):
                yield from _batches(resource_spans)
        elif key in _SIGNALS:
            is_known = True
            yield SignalBatch(name=_SIGNALS[key], resources=list(_objects(value)))
    if is_known:
        return
    if first_of(document, _SCOPE_SPANS) is not None:
        yield from _batches(document)
    elif _is_span(document):
        yield SpanBatch(resource=None, scope=None, spans=[document])
    else:
        yield from _wrapped(document, depth)


def _wrapped(document: Mapping[str, Json], depth: int) -> Iterator[Part]:
    if is_console(document):
        yield _batch_of(of_console(document))
        return
    if is_jaeger(document):
        yield from map(_batch_of, of_jaeger(document))
        return
    foreign = _foreign_format(document)
    inner = [document[key] for key in _WRAPPERS if isinstance(document.get(key), (dict, list))]
    if foreign is not None:
        yield foreign
    elif inner:
        yield from parts_of(inner[0], depth + 1)
    elif document:
        keys = ", ".join(repr(key[:40]) for key in list(document)[:6])
        yield NotOtlp(message=f"an object with the keys {keys} is no OTLP", hint=_HINT)


def _batch_of(converted: Converted) -> SpanBatch:
    resource, scope, spans = converted
    return SpanBatch(resource=resource, scope=scope, spans=spans)


def _batches(resource_spans: Mapping[str, Json]) -> Iterator[SpanBatch]:
    resource = resource_spans.get("resource")
    for scope_spans in _objects(first_of(resource_spans, _SCOPE_SPANS)):
        spans = scope_spans.get("spans")
        yield SpanBatch(
            resource=resource,
            scope=first_of(scope_spans, _SCOPES),
            spans=spans if isinstance(spans, list) else [],
        )
    if isinstance(resource_spans.get("spans"), list):  # agents that leave the scope level out
        yield SpanBatch(resource=resource, scope=None, spans=resource_spans["spans"])


def first_of(document: Mapping[str, Json], keys: tuple[str, ...]) -> Json:
    """The value of the first of *keys* that is there and not null, else None."""
    for key in keys:
        value = document.get(key)
        if value is not None:
            return value
    return None


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    members = value if isinstance(value, list) else [value]
    return (member for member in members if isinstance(member, Mapping))


def _is_span(value: Json) -> bool:
    return (
        isinstance(value, Mapping)
        and ("traceId" in value or "trace_id" in value)
        and ("spanId" in value or "span_id" in value)
        and any(key in value for key in ("startTimeUnixNano", "start_time_unix_nano"))
    )


_HINT = 'Expected JSON Lines of {"resourceSpans": […]}, as the OpenTelemetry collector writes.'
_FOREIGN: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("_spanContext",),
        "a dump of JavaScript span objects",
        "Export with an OTLP exporter instead of JSON.stringify.",
    ),
    (
        ("traceId", "id", "localEndpoint"),
        "Zipkin v2 JSON",
        "Export with OTLP, or send it through a collector with a zipkin receiver.",
    ),
    (
        ("traceId", "id", "timestamp", "duration"),
        "Zipkin v2 JSON",
        "Export with OTLP, or send it through a collector with a zipkin receiver.",
    ),
    (("run_type", "dotted_order"), "a LangSmith export", "Set the tracer to export OpenTelemetry."),
    (("traceEvents",), "a Chrome trace", "It is no OpenTelemetry; attach it as a file."),
    (("info", "data"), "an MLflow trace", "Let MLflow export its traces with OTLP."),
    (
        ("observations", "projectId"),
        "a Langfuse export",
        "Export with OpenTelemetry; Langfuse's own JSON holds no spans of OTLP.",
    ),
    (
        ("projectId", "traceId", "startTime", "type"),
        "a Langfuse export",
        "Export with OpenTelemetry; Langfuse's own JSON holds no spans of OTLP.",
    ),
    (
        ("trace_id", "span_id", "resource", "meta"),
        "Datadog's trace JSON",
        "Export with OTLP, or send it through a collector with a datadog receiver.",
    ),
    (
        ("traceId", "spanContext"),
        "a dump of JavaScript span objects",
        "Export with an OTLP exporter instead of JSON.stringify.",
    ),
)


def _foreign_format(value: Json) -> NotOtlp | None:
    if not isinstance(value, Mapping):
        return None
    looked_at = [value]
    inner = value.get("data")
    if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
        looked_at.append(inner[0])
    for members in looked_at:
        for keys, name, hint in _FOREIGN:
            if all(key in members for key in keys):
                return NotOtlp(message=f"this is {name}, which is no OTLP", hint=hint)
    return None


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    return {"bool": "a boolean", "str": "a text", "int": "a number", "float": "a number"}.get(
        type(value).__name__, "a value"
    )
