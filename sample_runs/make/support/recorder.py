"""Records spans with the OpenTelemetry SDK, with ids from a seed and times from a given clock."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Tracer
from opentelemetry.version import __version__ as sdk_version


class SeededIds(IdGenerator):
    """Ids that look random and are the same every time."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def _next(self, size: int) -> int:
        self._count += 1
        return int.from_bytes(
            hashlib.sha256(f"{self._seed}/{self._count}".encode()).digest()[:size], "big"
        )

    def generate_trace_id(self) -> int:
        """Sixteen bytes."""
        return self._next(16)

    def generate_span_id(self) -> int:
        """Eight bytes."""
        return self._next(8)


class Recorder:
    """The tracer of one service, and what it has recorded."""

    def __init__(self, service: str, version: str, ids: SeededIds) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource(
                {
                    "service.name": service,
                    "service.version": version,
                    "telemetry.sdk.language": "python",
                    "telemetry.sdk.name": "opentelemetry",
                    "telemetry.sdk.version": sdk_version,
                }
            ),
            id_generator=ids,
            shutdown_on_exit=False,
        )
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer: Tracer = provider.get_tracer(f"example.{service}", version)

    def requests(self) -> Iterator[dict[str, Any]]:
        """One OTLP JSON request a trace, spans in the order in which they ended."""
        by_trace: dict[int, list[ReadableSpan]] = {}
        for span in self._exporter.get_finished_spans():
            by_trace.setdefault(span.context.trace_id, []).append(span)
        for spans in by_trace.values():
            yield otlp_json(spans)


def otlp_json(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """OTLP JSON of the spans: protobuf's JSON, but with hex ids and numbers for enums."""
    request: dict[str, Any] = MessageToDict(encode_spans(spans), use_integers_for_enums=True)
    for span in spans_of(request):
        for owner in (span, *span.get("links", ())):
            for key in ("traceId", "spanId", "parentSpanId"):
                if key in owner:
                    owner[key] = base64.b64decode(owner[key]).hex()
    return request


def spans_of(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every span of a request."""
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            yield from scope["spans"]


def plain_value(value: Mapping[str, Any]) -> Any:
    """An AnyValue without its wrapping; int64 and bytes stay the strings they are in JSON."""
    if "arrayValue" in value:
        return [plain_value(member) for member in value["arrayValue"].get("values", ())]
    if "kvlistValue" in value:
        return plain_attributes(value["kvlistValue"].get("values", ()))
    return next(iter(value.values()), None)


def plain_attributes(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """OTLP's list of keys and values as an object."""
    return {pair["key"]: plain_value(pair["value"]) for pair in pairs}


def span_payload(span: Mapping[str, Any]) -> dict[str, Any]:
    """What the digest of a span covers."""
    status = span.get("status", {})
    return {
        "name": span["name"],
        "kind": span.get("kind", 0),
        "attributes": plain_attributes(span.get("attributes", ())),
        "status": {"code": status.get("code", 0), "message": status.get("message")},
    }
