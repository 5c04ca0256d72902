"""Traces to measure with: what an agent with tools records under the GenAI conventions.

The same arguments give the same bytes. A trace is an agent with two calls of a model and a tool
between them, its children before it, as they end; a request of the exporter is a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

_TEXT = (
    "order parcel refund window Zürich invoice the a customer of delivery late warehouse reply"
    " please thanks tomorrow status tracking number address label return shipping policy"
)
_STARTED_NS = 1_780_000_000_000_000_000
_SPANS_A_TRACE = 8


def write_traces(path: Path, size_bytes: int) -> tuple[int, int]:
    """Write OTLP JSON Lines of about *size_bytes*; how many traces and spans."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = traces = 0
    with path.open("w", encoding="utf-8") as stream:
        for line in _lines():
            written += stream.write(line)
            traces += 1
            if written >= size_bytes:
                break
    return traces, traces * _SPANS_A_TRACE


def write_large_trace(path: Path, count: int) -> None:
    """Write one trace of *count* spans, six children a span, every 977th failed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for start in range(0, count, 500):
            spans = [_member(number, count) for number in range(start, min(count, start + 500))]
            scope_spans = {"scope": {"name": "agent"}, "spans": spans}
            document = {"resourceSpans": [{"resource": {}, "scopeSpans": [scope_spans]}]}
            stream.write(json.dumps(document, separators=(",", ":")) + "\n")


def _member(number: int, count: int) -> dict[str, Any]:
    operation = ("chat", "execute_tool", "invoke_agent")[number % 3]
    begin_ns = _STARTED_NS + number * 100_000
    made = _span(f"{1:032x}", number, f"{operation} step {number % 40}", begin_ns,
                 begin_ns + 50_000_000 + (count - number) * 90_000,
                 [_pair("gen_ai.operation.name", operation), _pair("note", f"order {number}")],
                 )  # fmt: skip
    parent = (number - 1) // 6
    made |= {"spanId": f"{number + 1:016x}",
             "parentSpanId": f"{parent + 1:016x}" if number else "",
             "status": {"code": 2} if number % 977 == 5 else {}}  # fmt: skip
    return made


def _lines() -> Iterator[str]:
    random = np.random.default_rng(7)
    texts = [" ".join(random.choice(_TEXT.split(), 60)) for _ in range(500)]
    resource = {"attributes": [_pair("service.name", "support-agent"),
                               _pair("telemetry.sdk.language", "python")]}  # fmt: skip
    number = 0
    while True:
        spans = _trace(number, random, texts)
        scope_spans = {"scope": {"name": "agent", "version": "1.2"}, "spans": spans}
        document = {"resourceSpans": [{"resource": resource, "scopeSpans": [scope_spans]}]}
        yield json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
        number += 1


def _trace(number: int, random: np.random.Generator, texts: list[str]) -> list[dict[str, Any]]:
    trace_id, start_ns = f"{number + 1:032x}", _STARTED_NS + number * 10**9
    chosen = iter(random.integers(0, len(texts), 64).tolist())
    spans = []
    for index in range(1, _SPANS_A_TRACE):
        is_tool = index % 3 == 2
        said = texts[next(chosen)]
        attributes = (
            _tool(said, texts[next(chosen)]) if is_tool else _call(said, texts[next(chosen)], index)
        )
        begin_ns = start_ns + index * 10_000_000
        spans.append(
            _span(trace_id, index, "execute_tool find" if is_tool else "chat gpt-4o-mini",
                  begin_ns, begin_ns + 9_000_000, attributes)
        )  # fmt: skip
    root = _span(trace_id, 0, "invoke_agent support", start_ns, start_ns + 90_000_000, [
        _pair("gen_ai.operation.name", "invoke_agent"), _pair("gen_ai.agent.name", "support"),
        _pair("session.id", f"session-{number % 500}"),
    ])  # fmt: skip
    return [*spans, root]


def _span(
    trace_id: str, index: int, name: str, start_ns: int, end_ns: int, attributes: list[Any]
) -> dict[str, Any]:
    return {
        "traceId": trace_id, "spanId": f"{trace_id[-12:]}{index:04x}",
        "parentSpanId": f"{trace_id[-12:]}{0:04x}" if index else "", "flags": 256, "name": name,
        "kind": 3 if index else 1, "startTimeUnixNano": str(start_ns),
        "endTimeUnixNano": str(end_ns), "attributes": attributes, "status": {},
    }  # fmt: skip


def _call(question: str, answer: str, index: int) -> list[Any]:
    given = [{"role": "system", "parts": [{"type": "text", "content": "You help customers."}]},
             {"role": "user", "parts": [{"type": "text", "content": question}]}]  # fmt: skip
    said = [{"role": "assistant", "parts": [{"type": "text", "content": answer}],
             "finish_reason": "stop"}]  # fmt: skip
    return [
        _pair("gen_ai.operation.name", "chat"), _pair("gen_ai.provider.name", "openai"),
        _pair("gen_ai.request.model", "gpt-4o-mini"), _pair("gen_ai.request.temperature", 0.2),
        _pair("gen_ai.response.model", "gpt-4o-mini-2024-07-18"),
        _pair("gen_ai.usage.input_tokens", 200 + index), _pair("gen_ai.usage.output_tokens", 60),
        _pair("gen_ai.input.messages", json.dumps(given, ensure_ascii=False)),
        _pair("gen_ai.output.messages", json.dumps(said, ensure_ascii=False)),
    ]  # fmt: skip


def _tool(question: str, answer: str) -> list[Any]:
    return [
        _pair("gen_ai.operation.name", "execute_tool"), _pair("gen_ai.tool.name", "find"),
        _pair("gen_ai.tool.call.arguments", json.dumps({"query": question}, ensure_ascii=False)),
        _pair("gen_ai.tool.call.result", json.dumps({"found": answer}, ensure_ascii=False)),
    ]  # fmt: skip


def _pair(key: str, value: str | float) -> dict[str, Any]:
    match value:
        case str():
            return {"key": key, "value": {"stringValue": value}}
        case int():
            return {"key": key, "value": {"intValue": str(value)}}
    return {"key": key, "value": {"doubleValue": value}}
