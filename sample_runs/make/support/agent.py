"""The support agent: plan, look up, answer; every step a span by the GenAI conventions."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, set_span_in_context

from .recorder import Recorder, SeededIds
from .shop import Article, OrderService, Ticket, load_articles, search_articles
from .toy_model import (
    SYSTEM_BY_VERSION,
    Reply,
    ToolCall,
    answer_reply,
    as_json,
    count_tokens,
    plan_reply,
)

MILLISECOND = 1_000_000
PROVIDER, MODEL = "toy", "toy-support-small"
TIMEOUT_MS = 2000
BACKOFF_MS = 400
TEMPERATURE_BY_EPOCH = {1: 0.0, 2: 0.7}
"""Greedy first, then sampled, to see how steady the answers are."""
TOOLS = [
    {"type": "function", "name": "search_help", "description": "Search the help center."},
    {"type": "function", "name": "lookup_order", "description": "Read one order by its number."},
]
HERE = Path(__file__).resolve().parent


@dataclass(slots=True, kw_only=True)
class Answer:
    """What came of one ticket."""

    trace_id: str
    """Hex."""
    text: str | None = None
    """The answer; None after an error."""
    error: str | None = None
    """What went wrong."""
    input_tokens: int = 0
    """Over all model calls."""
    output_tokens: int = 0
    """Over all model calls."""
    duration_s: float = 0.0
    """Of the whole trace."""
    retries: int = 0
    """Tool calls made again."""


@dataclass(slots=True, kw_only=True)
class _Turn:
    """One ticket on its way through the agent."""

    ticket: Ticket
    """What is asked."""
    root: Span
    """The agent's span, parent of all others."""
    now_ns: int
    """The clock."""
    answer: Answer
    """Filled in on the way."""
    seen: list[dict[str, Any]] = field(default_factory=list)
    """Messages so far, as the model gets them."""


class Agent:
    """One version of the agent, its recorders and its clock."""

    def __init__(self, version: int, started: datetime) -> None:
        self.version = version
        ids = SeededIds(f"support-agent v{version}")
        self.recorder = Recorder("support-agent", f"{version}.0.0", ids)
        self.orders_recorder = Recorder("order-service", "3.4.1", ids) if version > 1 else None
        self._epoch = 1
        self._articles = load_articles()
        self._orders = OrderService()
        self._now_ns = int(started.timestamp() * 1000) * MILLISECOND

    def answer(self, ticket: Ticket, epoch: int = 1) -> Answer:
        """Answers one ticket and leaves its trace in the recorders."""
        self._epoch = epoch
        self._now_ns += self._jitter(ticket.id, 900, 2600) * MILLISECOND
        root = self.recorder.tracer.start_span(
            "invoke_agent support-agent",
            kind=SpanKind.INTERNAL,
            start_time=self._now_ns,
            attributes={
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.provider.name": PROVIDER,
                "gen_ai.agent.name": "support-agent",
                "gen_ai.agent.id": f"support-agent-{self.version}",
                "gen_ai.agent.version": f"{self.version}.0.0",
                "gen_ai.conversation.id": f"conv-{ticket.id}{self._suffix}",
                "user.id": ticket.customer,
            },
        )
        answer = Answer(trace_id=f"{root.get_span_context().trace_id:032x}")
        turn = _Turn(ticket=ticket, root=root, now_ns=self._now_ns, answer=answer)
        turn.seen = [_message(m["role"], m["content"]) for m in ticket.messages]
        try:
            self._work(turn)
        except TimeoutError as error:
            answer.error = f"{type(error).__name__}: {error}"
            _mark_failed(root, error)
        root.set_attribute("support.retries", answer.retries)
        root.end(end_time=turn.now_ns)
        answer.duration_s = round((turn.now_ns - self._now_ns) / 1e9, 3)
        self._now_ns = turn.now_ns
        return answer

    def _work(self, turn: _Turn) -> None:
        ticket = turn.ticket
        plan = plan_reply(self.version, ticket.messages, ticket.id)
        self._chat(turn, plan)
        found: Sequence[tuple[Article, float]] = ()
        order = None
        for call in plan.tool_calls:
            if call.name == "search_help":
                found = self._retrieve(turn, call)
            else:
                order = self._look_up_with_retry(turn, call)
        draw = 99 if TEMPERATURE_BY_EPOCH[self._epoch] == 0 else self._jitter(ticket.id, 0, 100)
        reply = answer_reply(self.version, ticket.messages, found, order, draw=draw)
        self._chat(turn, reply)
        turn.answer.text = reply.text

    def _chat(self, turn: _Turn, reply: Reply) -> None:
        """One call of the model."""
        system = SYSTEM_BY_VERSION[self.version]
        output = _output_message(reply)
        input_tokens = count_tokens(system + as_json(turn.seen) + as_json(TOOLS))
        output_tokens = count_tokens(as_json(output["parts"]))
        cached = count_tokens(system + as_json(TOOLS)) if len(turn.seen) > 2 else 0
        number = hashlib.sha256(
            f"{self.version}{turn.ticket.id}{len(turn.seen)}{self._suffix}".encode()
        )
        span = self._start(
            turn,
            f"chat {MODEL}",
            SpanKind.CLIENT,
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": PROVIDER,
                "gen_ai.request.model": MODEL,
                "gen_ai.request.temperature": TEMPERATURE_BY_EPOCH[self._epoch],
                "gen_ai.request.max_tokens": 400,
                "gen_ai.response.model": f"{MODEL}-2026-10",
                "gen_ai.response.id": f"reply-{number.hexdigest()[:12]}",
                "gen_ai.response.finish_reasons": [reply.finish_reason],
                "gen_ai.usage.input_tokens": input_tokens,
                "gen_ai.usage.output_tokens": output_tokens,
                "gen_ai.usage.cache_read.input_tokens": cached,
                "gen_ai.system_instructions": as_json([{"type": "text", "content": system}]),
                "gen_ai.tool.definitions": as_json(TOOLS),
                "gen_ai.input.messages": as_json(turn.seen),
                "gen_ai.output.messages": as_json([output]),
            },
        )
        took_ms = 240 + 9 * output_tokens + self._jitter(turn.ticket.id + reply.text, 10, 120)
        turn.now_ns += took_ms * MILLISECOND
        span.end(end_time=turn.now_ns)
        turn.seen.append({"role": "assistant", "parts": output["parts"]})
        turn.answer.input_tokens += input_tokens
        turn.answer.output_tokens += output_tokens

    def _retrieve(self, turn: _Turn, call: ToolCall) -> list[tuple[Article, float]]:
        query = call.arguments["query"]
        found = search_articles(self._articles, query, top_k=3, by_rarity=True)
        documents = [{"id": a.id, "score": score, "content": a.text} for a, score in found]
        span = self._start(
            turn,
            "retrieval help-center",
            SpanKind.CLIENT,
            {
                "gen_ai.operation.name": "retrieval",
                "gen_ai.data_source.id": "help-center",
                "gen_ai.request.top_k": 3,
                "gen_ai.retrieval.query.text": query,
                "gen_ai.retrieval.documents": as_json(documents),
            },
        )
        turn.now_ns += self._jitter(query, 18, 61) * MILLISECOND
        span.end(end_time=turn.now_ns)
        turn.seen.append(
            _tool_response(call, [{k: d[k] for k in ("id", "content")} for d in documents])
        )
        return found

    def _look_up_with_retry(self, turn: _Turn, call: ToolCall) -> dict[str, Any]:
        """The order; version 2 asks a second time after a timeout."""
        try:
            return self._look_up(turn, call, first=None)
        except TimeoutError:
            if self.version == 1:
                raise
        turn.now_ns += BACKOFF_MS * MILLISECOND
        turn.answer.retries += 1
        return self._look_up(turn, call, first=self._last_tool)

    def _look_up(self, turn: _Turn, call: ToolCall, first: Span | None) -> dict[str, Any]:
        span = self._start(
            turn,
            "execute_tool lookup_order",
            SpanKind.INTERNAL,
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "lookup_order",
                "gen_ai.tool.type": "function",
                "gen_ai.tool.call.id": call.id,
                "gen_ai.tool.call.arguments": as_json(dict(call.arguments)),
                "support.is_retry": first is not None,
            },
            links=[Link(first.get_span_context(), {"support.link": "retry_of"})] if first else [],
        )
        self._last_tool = span
        started_ns, order_id = turn.now_ns, call.arguments["order_id"]
        try:
            order = self._orders.look_up(order_id)
        except TimeoutError as error:
            turn.now_ns += TIMEOUT_MS * MILLISECOND
            self._serve(span, order_id, started_ns, 504)
            span.record_exception(
                error,
                attributes={"exception.stacktrace": _relative_traceback(error)},
                timestamp=turn.now_ns,
            )
            _mark_failed(span, error)
            span.end(end_time=turn.now_ns)
            raise
        turn.now_ns += self._jitter(order_id, 40, 190) * MILLISECOND
        self._serve(span, order_id, started_ns, 200)
        span.set_attribute("gen_ai.tool.call.result", as_json(order))
        span.end(end_time=turn.now_ns)
        turn.seen.append(_tool_response(call, order))
        return order

    def _serve(self, caller: Span, order_id: str, started_ns: int, code: int) -> None:
        """The order service's own span, in its own recorder."""
        if self.orders_recorder is None:
            return
        start_ns = started_ns + 6 * MILLISECOND
        span = self.orders_recorder.tracer.start_span(
            "GET /orders/{order_id}",
            context=set_span_in_context(caller),
            kind=SpanKind.SERVER,
            start_time=start_ns,
            attributes={
                "http.request.method": "GET",
                "http.route": "/orders/{order_id}",
                "http.response.status_code": code,
                "url.path": f"/orders/{order_id}",
                "db.system.name": "postgresql",
            },
        )
        if code == 504:
            span.add_event(
                "pool.exhausted", {"db.pool.in_use": 20, "db.pool.max": 20}, start_ns + MILLISECOND
            )
            span.set_status(Status(StatusCode.ERROR, "no connection in 2000 ms"))
        took_ms = 2050 if code == 504 else 27
        span.end(end_time=start_ns + took_ms * MILLISECOND)

    def _start(
        self,
        turn: _Turn,
        name: str,
        kind: SpanKind,
        attributes: Mapping[str, Any],
        links: Sequence[Link] = (),
    ) -> Span:
        turn.now_ns += 2 * MILLISECOND
        return self.recorder.tracer.start_span(
            name,
            context=set_span_in_context(turn.root),
            kind=kind,
            attributes=attributes,
            links=links,
            start_time=turn.now_ns,
        )

    @property
    def _suffix(self) -> str:
        """What tells an epoch after the first from it, in names and draws."""
        return f"-{self._epoch}" if self._epoch > 1 else ""

    def _jitter(self, key: str, low: int, high: int) -> int:
        """A number of milliseconds between the two that depends on the key only."""
        drawn = hashlib.sha256(f"v{self.version} {key}{self._suffix}".encode()).digest()
        return low + int.from_bytes(drawn[:4], "big") % (high - low)


def _mark_failed(span: Span, error: Exception) -> None:
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR, str(error)))


def _message(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}]}


def _output_message(reply: Reply) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": dict(call.arguments)}
        for call in reply.tool_calls
    ]
    if reply.text:
        parts.append({"type": "text", "content": reply.text})
    reason = "tool_call" if reply.tool_calls else "stop"
    return {"role": "assistant", "parts": parts, "finish_reason": reason}


def _tool_response(call: ToolCall, response: Any) -> dict[str, Any]:
    part = {"type": "tool_call_response", "id": call.id, "response": response}
    return {"role": "tool", "parts": [part]}


def _relative_traceback(error: BaseException) -> str:
    """The stack with paths as the agent's repository has them."""
    frames = [
        traceback.FrameSummary(
            f"support/{Path(frame.filename).name}", frame.lineno, frame.name, line=frame.line or ""
        )
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent == HERE
    ]
    stack = "".join(traceback.format_list(frames))
    return f"Traceback (most recent call last):\n{stack}{type(error).__name__}: {error}\n"
