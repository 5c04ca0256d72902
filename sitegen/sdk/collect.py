"""What a receiver of OTLP/HTTP does with a request: check it, keep it, answer as the protocol says.

Floor 2. Spec: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP". No socket here: `collect_server.py`
brings requests and takes replies. Spans are kept whole. Of logs those are kept that carry the
messages of a GenAI span (`gen_ai.*` events); other logs, and metrics, are answered as rejected by
a partial success, so that a client neither fails nor tries again.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from sitegen.model import Json
from sitegen.records import dataclass
from sitegen.sdk.lines import LineFile
from sitegen.sdk.otlp_json import document_of_message, json_line

MOST_WIRE_BYTES = 16_000_000
MOST_DECODED_BYTES = 64_000_000
_MIB = 1 << 20
PROTOBUF = "application/x-protobuf"
JSON = "application/json"
SIGNALS = {"/v1/traces": "traces", "/v1/logs": "logs", "/v1/metrics": "metrics"}
RETRY_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered."""

    status: int
    """HTTP status."""
    content_type: str
    """Type of the body: that of the request, where it was one of ours."""
    body: bytes
    """The response message or the Status of a failure."""
    retry_after_s: int | None = None
    """Seconds to wait, for a failure that may pass."""


class _RefusedError(Exception):
    """A request that is not taken, with its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Collector:
    """Keeps what requests bring in `traces/` of a bundle; may be called by several threads."""

    def __init__(self, bundle: Path) -> None:
        self.spans = 0
        """Spans kept."""
        self.records = 0
        """Log records kept."""
        self.lost_requests = 0
        """Requests that could not be written."""
        traces = bundle / "traces"
        self._spans = LineFile(traces, prefix="collected-", on_fault=self._lost)
        self._logs = LineFile(traces, prefix="collected-logs-", on_fault=self._lost)
        self._lock = threading.Lock()

    def _lost(self, error: OSError) -> None:
        del error  # the client is told that the disk is full; the person at the end
        self.lost_requests += 1

    def receive(self, path: str, content_type: str, encoding: str, body: bytes) -> Reply:
        """The reply to one request; what it brought is written before that."""
        kind = content_type.partition(";")[0].strip().lower()
        signal = SIGNALS.get(path)
        if signal is None:
            return failure(404, f"no such path; known are {', '.join(SIGNALS)}", kind)
        if kind not in {PROTOBUF, JSON}:
            return failure(415, f"the content type must be {PROTOBUF} or {JSON}", kind)
        try:
            with self._lock:  # one at a time: decoded requests are large
                document = _document(signal, kind, _decoded(encoding, body))
                rejected = self._keep(signal, document)
        except _RefusedError as refused:
            return failure(refused.status, refused.message, kind)
        if rejected is None:
            return failure(503, "the disk is full or cannot be written", kind, retry_s=RETRY_S)
        return _success(signal, kind, rejected)

    def _keep(self, signal: str, document: Mapping[str, Json]) -> int | None:
        """How many records are not kept; None if nothing could be written."""
        if signal == "metrics":
            return sum(1 for _ in _metrics(document))
        if signal == "logs":
            document, kept, rejected = _about_spans(document)
            if kept and not self._logs.append(json_line(document)):
                return None
            self.records += kept
            return rejected
        count = _span_count(document)
        if count and not self._spans.append(json_line(document)):
            return None
        self.spans += count
        return 0

    def close(self) -> None:
        """End the files; requests that are still coming in are answered as failures."""
        self._spans.close()
        self._logs.close()


def _decoded(encoding: str, body: bytes) -> bytes:
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip":
            return _gunzipped(body)
    raise _RefusedError(415, "the content encoding must be gzip or none")


def _gunzipped(body: bytes) -> bytes:
    pieces: list[bytes] = []
    size, rest = 0, body
    try:
        while rest:  # a gzip text may have several members
            member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            while rest and not member.eof:
                piece = member.decompress(rest, _MIB)
                size += len(piece)
                if size > MOST_DECODED_BYTES:
                    raise _RefusedError(413, f"decodes to more than {MOST_DECODED_BYTES:,} bytes")
                pieces.append(piece)
                rest = member.unconsumed_tail
            if not member.eof:
                raise _RefusedError(400, "the gzip body breaks off")
            rest = member.unused_data
    except zlib.error as error:
        raise _RefusedError(400, f"the body is no gzip: {error}") from error
    return b"".join(pieces)


def _document(signal: str, kind: str, body: bytes) -> Mapping[str, Json]:
    return _from_protobuf(signal, body) if kind == PROTOBUF else _from_json(signal, body)


def _from_protobuf(signal: str, body: bytes) -> Mapping[str, Json]:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # heavy

    message = _messages(signal)[0]()
    try:
        message.ParseFromString(body)
    except DecodeError as error:
        raise _RefusedError(400, f"the body is no protobuf message of OTLP {signal}") from error
    return document_of_message(message)


def _messages(signal: str) -> tuple[Any, Any]:
    """The classes of the request and the response."""
    from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs  # heavy
    from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

    match signal:
        case "traces":
            return traces.ExportTraceServiceRequest, traces.ExportTraceServiceResponse
        case "logs":
            return logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse
    return metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse


_TOPS = {"traces": "resourceSpans", "logs": "resourceLogs", "metrics": "resourceMetrics"}


def _from_json(signal: str, body: bytes) -> Mapping[str, Json]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _RefusedError(400, f"the body is no JSON: {error}") from error
    top = _TOPS[signal]
    if not isinstance(document, dict) or not isinstance(document.get(top, []), list):
        raise _RefusedError(400, f'expected {{"{top}": […]}}')
    if document and top not in document:
        raise _RefusedError(400, f"expected the key {top}, found {', '.join(list(document)[:6])}")
    return document


def _objects(value: Json) -> Iterator[Mapping[str, Json]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else iter(())


def _leaves(document: Mapping[str, Json], *keys: str) -> Iterator[Mapping[str, Json]]:
    """The objects at the end of *keys*, each of which holds a list."""
    if not keys:
        yield document
        return
    for branch in _objects(document.get(keys[0])):
        yield from _leaves(branch, *keys[1:])


def _span_count(document: Mapping[str, Json]) -> int:
    return sum(1 for _ in _leaves(document, "resourceSpans", "scopeSpans", "spans"))


def _metrics(document: Mapping[str, Json]) -> Iterator[Json]:
    for metric in _leaves(document, "resourceMetrics", "scopeMetrics", "metrics"):
        for data in metric.values():
            if isinstance(data, dict):
                yield from _objects(data.get("dataPoints"))


def _about_spans(document: Mapping[str, Json]) -> tuple[dict[str, Json], int, int]:
    """The request with only the records that say more of a span; how many stay and how many go."""
    kept = rejected = 0
    resources = []
    for resource in _objects(document.get("resourceLogs")):
        scopes = []
        for scope in _objects(resource.get("scopeLogs")):
            records = list(_objects(scope.get("logRecords")))
            ours = [record for record in records if _is_about_span(record)]
            kept += len(ours)
            rejected += len(records) - len(ours)
            if ours:
                scopes.append({**scope, "logRecords": ours})
        if scopes:
            resources.append({**resource, "scopeLogs": scopes})
    return {"resourceLogs": resources}, kept, rejected


def _is_about_span(record: Mapping[str, Json]) -> bool:
    if not record.get("traceId") or not record.get("spanId"):
        return False
    names = [record.get("eventName")]
    names.extend(
        pair["value"].get("stringValue")
        for pair in _objects(record.get("attributes"))
        if pair.get("key") == "event.name" and isinstance(pair.get("value"), dict)
    )
    return any(isinstance(name, str) and name.startswith("gen_ai.") for name in names)


_REJECTED = {
    "logs": ("rejected_log_records", "kept are gen_ai.* log events about a span"),
    "metrics": ("rejected_data_points", "metrics are not kept; log them with sitegen"),
}


def _success(signal: str, kind: str, rejected: int) -> Reply:
    response = _messages(signal)[1]()
    if rejected:
        field, message = _REJECTED[signal]
        setattr(response.partial_success, field, rejected)
        response.partial_success.error_message = message
    if kind == PROTOBUF:
        return Reply(status=200, content_type=PROTOBUF, body=response.SerializeToString())
    body = json_line(document_of_message(response)).rstrip()
    return Reply(status=200, content_type=JSON, body=body)


_GRPC_CODES = {400: 3, 403: 7, 404: 5, 405: 12, 408: 4, 411: 3, 413: 8, 415: 3, 429: 8, 503: 14}


def failure(status: int, message: str, kind: str = JSON, retry_s: int | None = None) -> Reply:
    """A google.rpc.Status in the encoding of the request, JSON where that is not known."""
    code = _GRPC_CODES.get(status, 2)
    if kind == PROTOBUF:
        text = message.encode()[:100]  # below 128 bytes a length is one byte
        body = bytes((0x08, code, 0x12, len(text))) + text
        return Reply(status=status, content_type=PROTOBUF, body=body, retry_after_s=retry_s)
    body = msgspec.json.encode({"code": code, "message": message})
    return Reply(status=status, content_type=JSON, body=body, retry_after_s=retry_s)
