"""What a program says of the span it is in, under the names that viewers of LLM traces know.

Floor 2. Attributes follow the GenAI conventions of OpenTelemetry where they have a name
(`gen_ai.*`) and OpenInference where they have none (`input.value`, `retrieval.documents`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from opentelemetry.trace import Span

SpanKindName = Literal[
    "llm",
    "agent",
    "tool",
    "chain",
    "retriever",
    "embedding",
    "reranker",
    "guardrail",
    "evaluator",
    "prompt",
]
_OPERATIONS: Mapping[str, str] = {
    "llm": "chat",
    "agent": "invoke_agent",
    "tool": "execute_tool",
    "embedding": "embeddings",
    "retriever": "retrieval",
    "chain": "invoke_workflow",
}
_PLAIN = (str, bool, int, float)


class TracedSpan:
    """A span of OpenTelemetry with the facts of an LLM program set by name."""

    def __init__(
        self, span: Span, *, kind: SpanKindName | None, attributes: Mapping[str, Any]
    ) -> None:
        self.span = span
        """The span itself, for everything that OpenTelemetry offers."""
        if kind is not None:
            span.set_attribute("openinference.span.kind", kind.upper())
            if kind in _OPERATIONS:
                span.set_attribute("gen_ai.operation.name", _OPERATIONS[kind])
        self.set(**attributes)

    @property
    def trace_id(self) -> str:
        """32 hex digits, as `trace_ids` of a sample take them."""
        return f"{self.span.get_span_context().trace_id:032x}"

    @property
    def span_id(self) -> str:
        """16 hex digits."""
        return f"{self.span.get_span_context().span_id:016x}"

    @property
    def is_recording(self) -> bool:
        """Whether what is set is kept."""
        return self.span.is_recording()

    def set(self, **attributes: Any) -> None:
        """Attributes under their own names; what is no text, number or boolean becomes JSON."""
        for key, value in attributes.items():
            if value is not None:
                self.span.set_attribute(key, value if type(value) in _PLAIN else json_text(value))

    def set_input(self, value: Any) -> None:
        """What the operation was given: a text, or anything as JSON."""
        self._set_value("input", value)

    def set_output(self, value: Any) -> None:
        """What the operation gave: a text, or anything as JSON."""
        self._set_value("output", value)

    def _set_value(self, place: str, value: Any) -> None:
        is_text = isinstance(value, str)
        self.span.set_attribute(f"{place}.value", value if is_text else json_text(value))
        mime = "text/plain" if is_text else "application/json"
        self.span.set_attribute(f"{place}.mime_type", mime)

    def set_messages(
        self,
        given: Sequence[Mapping[str, Any]] | None = None,
        answered: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Messages [{role, content}] sent to a model and those that it answered with.

        Also the parts of the GenAI conventions: {role, parts: [{type, content}]}.
        """
        if given is not None:
            self.span.set_attribute("gen_ai.input.messages", json_text(given))
        if answered is not None:
            self.span.set_attribute("gen_ai.output.messages", json_text(answered))

    def set_model(self, model: str, *, provider: str | None = None, **params: Any) -> None:
        """The model that is asked, who runs it, and params such as temperature or max_tokens."""
        self.span.set_attribute("gen_ai.request.model", model)
        if provider is not None:
            self.span.set_attribute("gen_ai.provider.name", provider)
        self.set(**{f"gen_ai.request.{name}": value for name, value in params.items()})

    def set_usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cached_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        cost_usd: float | None = None,
    ) -> None:
        """Tokens and cost; input tokens include those read from a cache."""
        named = {
            "gen_ai.usage.input_tokens": input_tokens,
            "gen_ai.usage.output_tokens": output_tokens,
            "gen_ai.usage.cache_read.input_tokens": cached_tokens,
            "gen_ai.usage.reasoning.output_tokens": reasoning_tokens,
            "llm.cost.total": cost_usd,
        }
        self.set(**named)

    def set_documents(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Documents that were retrieved: [{`id`, `content`, `score`, `metadata`}]."""
        for number, document in enumerate(documents):
            prefix = f"retrieval.documents.{number}.document."
            self.set(**{f"{prefix}{key}": value for key, value in document.items()})

    def set_session(self, session: str, *, user: str | None = None) -> None:
        """The conversation that the trace belongs to, and with whom."""
        self.set(**{"session.id": session, "user.id": user})

    def add_event(self, name: str, **attributes: Any) -> None:
        """Something that happens now."""
        plain = {key: one if type(one) in _PLAIN else json_text(one)
                 for key, one in attributes.items()}  # fmt: skip
        self.span.add_event(name, plain)


def json_text(value: Any) -> str:
    """*value* as JSON; of an object that JSON has no form for, what it is."""
    try:
        return msgspec.json.encode(value, enc_hook=_plain).decode()
    except (TypeError, ValueError, RecursionError, OverflowError):  # keys that are no texts, depth
        return f"<{type(value).__module__}.{type(value).__qualname__}>"


def _plain(value: Any) -> Any:
    """Scalars of NumPy, torch and pandas are told without importing them."""
    if isinstance(value, (PurePath, BaseException)):
        return str(value)
    dumped = getattr(value, "model_dump", None)  # pydantic
    if callable(dumped):
        return dumped()
    if getattr(value, "ndim", None) == 0:
        return value.item()
    shape = getattr(value, "shape", None)
    size = f" of shape {tuple(shape)}" if isinstance(shape, Sequence) else ""
    return f"<{type(value).__module__}.{type(value).__qualname__}{size}>"
