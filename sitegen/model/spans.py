"""Spans of traces, as OpenTelemetry names their parts. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.model.words import Json
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEvent:
    """Something that happened during a span."""

    time_ns: int | None
    """When, None if not recorded."""
    name: str
    """What."""
    attributes: Mapping[str, Json]
    """Values by key, AnyValue unwrapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanLink:
    """A reference to a span of this or another trace."""

    trace_id: str
    """Trace id, lower-case hex."""
    span_id: str
    """Span id, lower-case hex."""
    attributes: Mapping[str, Json]
    """Values by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The instrumentation that wrote a span."""

    name: str
    """Name of the library."""
    version: str
    """Its version."""
    attributes: Mapping[str, Json]
    """Values by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One operation as OpenTelemetry names it."""

    trace_id: str
    """Lower-case hex, or the text found when it is no valid id."""
    span_id: str
    """Lower-case hex, or the text found when it is no valid id."""
    parent_span_id: str | None
    """None for a root."""
    name: str
    """Name of the operation."""
    kind: int
    """0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer."""
    start_ns: int | None
    """Start, None if not recorded."""
    end_ns: int | None
    """End, None if unfinished."""
    attributes: Mapping[str, Json]
    """Values by key, AnyValue unwrapped; int64 as int, bytes as base64 text."""
    events: tuple[SpanEvent, ...]
    """In file order."""
    links: tuple[SpanLink, ...]
    """In file order."""
    status_code: int
    """0 unset, 1 ok, 2 error."""
    status_message: str | None
    """Text of the status."""
    trace_state: str | None
    """W3C trace state."""
    resource: Mapping[str, Json]
    """Attributes of the resource, shared between spans of one batch."""
    scope: Scope
    """Instrumentation scope, shared between spans of one batch."""
    dropped_attributes: int
    """Attributes the SDK dropped."""
    dropped_events: int
    """Events the SDK dropped."""
    dropped_links: int
    """Links the SDK dropped."""
    path: str
    """File it was read from, relative to the bundle."""
    line: int | None
    """Line in that file, where it has lines."""
