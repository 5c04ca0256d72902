"""The OpenTelemetry side of traces: an exporter into a bundle, and a provider that uses it.

Floor 2. Needs opentelemetry-sdk, the extra `tracing`; `sdk/tracing.py` imports this module when a
provider is first asked for. Spans are written when they end, one `write` each: a batch in memory
would be lost with a killed process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import (
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.id_generator import IdGenerator

from sitegen.model import Json
from sitegen.sdk.lines import LineFile
from sitegen.sdk.otlp_json import document_of_spans, json_line

_STACK = "exception.stacktrace"
_LIMITS = SpanLimits(max_span_attributes=10_000, max_events=10_000, max_links=1_000)
"""OpenTelemetry drops attributes beyond 128: the messages of a conversation, where flattened."""


class BundleSpanExporter(SpanExporter):
    """Appends ended spans as OTLP JSON Lines; never raises, also with a full disk."""

    def __init__(self, lines: LineFile, *, shorten: Callable[[str], str] | None = None) -> None:
        self._lines = lines
        self._shorten = shorten

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write *spans* as one line."""
        document = document_of_spans(spans)
        if self._shorten is not None:
            _shorten_stacks(document, self._shorten)
        is_written = self._lines.append(json_line(document))
        return SpanExportResult.SUCCESS if is_written else SpanExportResult.FAILURE

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Bring what was written to the disk itself."""
        del timeout_millis  # nothing is waiting: fsync takes what it takes
        return self._lines.sync()

    def shutdown(self) -> None:
        """End the file."""
        self._lines.close()


def _shorten_stacks(document: Json, shorten: Callable[[str], str]) -> None:
    """Stacks of exceptions without the absolute paths of this machine."""
    for resource_spans in document["resourceSpans"]:
        for scope_spans in resource_spans["scopeSpans"]:
            for span in scope_spans["spans"]:
                for event in span.get("events", ()):
                    for pair in event.get("attributes", ()):
                        if pair["key"] == _STACK and "stringValue" in pair["value"]:
                            pair["value"]["stringValue"] = shorten(pair["value"]["stringValue"])


class _SystemIds(IdGenerator):
    """Ids from the system's randomness: seeding `random`, as training does, must not repeat ids
    between runs and ranks, and drawing ids must not change what training draws.
    """

    def generate_trace_id(self) -> int:
        return secrets.randbits(128) or 1

    def generate_span_id(self) -> int:
        return secrets.randbits(64) or 1

    def is_trace_id_random(self) -> bool:
        return True


def provider_into(
    lines: LineFile,
    resource: Mapping[str, str],
    *,
    shorten: Callable[[str], str] | None = None,
) -> TracerProvider:
    """A provider whose spans go to *lines*; it is not made the global one.

    The resource holds *resource* and nothing that describes the machine.
    """
    provider = TracerProvider(
        resource=Resource(dict(resource)),
        id_generator=_SystemIds(),
        span_limits=_LIMITS,
        shutdown_on_exit=False,
    )
    provider.add_span_processor(SimpleSpanProcessor(BundleSpanExporter(lines, shorten=shorten)))
    return provider
