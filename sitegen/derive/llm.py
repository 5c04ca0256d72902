"""What kind of operation a span is, which model it asked and what that took, over all conventions.

Floor 3. Instrumentations of LLM programs name the same facts differently, and one span may carry
several conventions at once, so each field is looked up for itself: the first key that has a value
wins. The conventions: OpenTelemetry GenAI, OpenInference, Traceloop (OpenLLMetry), MLflow,
Langfuse, Vercel AI SDK, pydantic-ai (Logfire).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sitegen.model import Json, Span

KindClass = Literal[
    "llm",
    "tool",
    "retriever",
    "embedding",
    "reranker",
    "guardrail",
    "evaluator",
    "agent",
    "chain",
    "unknown",
]
KIND_CLASSES: tuple[KindClass, ...] = (
    "llm",
    "tool",
    "retriever",
    "embedding",
    "reranker",
    "guardrail",
    "evaluator",
    "agent",
    "chain",
    "unknown",
)
_MOST_TOKENS = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanUsage:
    """What one span took, as recorded on it."""

    input_tokens: int | None
    """Tokens read, None if not recorded."""
    output_tokens: int | None
    """Tokens written."""
    cached_tokens: int | None
    """Tokens read from a cache."""
    reasoning_tokens: int | None
    """Tokens written as reasoning."""
    cost_usd: float | None
    """Recorded cost in US dollars."""

    @property
    def has_tokens(self) -> bool:
        """Whether input or output tokens are recorded."""
        return self.input_tokens is not None or self.output_tokens is not None


_KINDS: Mapping[str, KindClass] = {
    "chat": "llm",
    "completion": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "generation": "llm",
    "llm": "llm",
    "chat_model": "llm",
    "model": "llm",
    "prompt": "chain",
    "tool": "tool",
    "execute_tool": "tool",
    "parser": "chain",
    "tool_call": "tool",
    "retriever": "retriever",
    "retrieval": "retriever",
    "embedding": "embedding",
    "embeddings": "embedding",
    "embed": "embedding",
    "rerank": "reranker",
    "reranker": "reranker",
    "guardrail": "guardrail",
    "evaluator": "evaluator",
    "evaluation": "evaluator",
    "agent": "agent",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "chain": "chain",
    "workflow": "chain",
    "invoke_workflow": "chain",
    "task": "chain",
}
_KIND_KEYS = (
    "langfuse.observation.type",
    "openinference.span.kind",
    "gen_ai.operation.name",
    "traceloop.span.kind",
    "llm.request.type",
    "mlflow.spanType",
    "genkit:metadata:subtype",
)
_MODEL_KEYS = (
    "gen_ai.response.model",
    "llm.model_name",
    "llm.response.model_name",
    "langfuse.observation.model.name",
    "ai.response.model",
    "gen_ai.request.model",
    "llm.request.model_name",
    "embedding.model_name",
    "reranker.model_name",
    "mlflow.llm.model",
    "ai.model.id",
    "model_name",
)
_PROVIDER_KEYS = (
    "gen_ai.provider.name",
    "gen_ai.system",
    "llm.provider",
    "llm.system",
    "mlflow.llm.provider",
    "ai.model.provider",
)
_TOOL_KEYS = ("gen_ai.tool.name", "tool.name", "ai.toolCall.name", "traceloop.entity.name")
_INPUT_KEYS = (
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.prompt_tokens",
    "llm.token_count.prompt",
    "ai.usage.inputTokens",
    "ai.usage.promptTokens",
    "ai.usage.tokens",
)
_OUTPUT_KEYS = (
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.completion_tokens",
    "llm.token_count.completion",
    "ai.usage.outputTokens",
    "ai.usage.completionTokens",
)
_CACHED_KEYS = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
    "llm.token_count.prompt_details.cache_input",
    "ai.usage.cachedInputTokens",
    "gen_ai.usage.details.cache_read_tokens",
)
_REASONING_KEYS = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
    "ai.usage.reasoningTokens",
    "gen_ai.usage.details.reasoning_tokens",
)
_COST_KEYS = ("llm.cost.total", "operation.cost", "gen_ai.usage.cost", "gen_ai.cost.total")
_SESSION_KEYS = (
    "gen_ai.conversation.id",
    "session.id",
    "traceloop.association.properties.session_id",
    "mlflow.trace.session",
    "langfuse.session.id",
    "ai.telemetry.metadata.sessionId",
)
_PARAM_NAMES = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "seed",
    "frequency_penalty",
    "presence_penalty",
)


def first_text(attributes: Mapping[str, Json], keys: tuple[str, ...]) -> str | None:
    """The first non-empty text under *keys*; quotes that MLflow writes around texts are dropped."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, str) and value.strip('"'):
            return value.strip('"')
    return None


def kind_of(attributes: Mapping[str, Json]) -> KindClass:
    """The class of operation; `unknown` when nothing tells."""
    for key in _KIND_KEYS:
        value = attributes.get(key)
        if isinstance(value, str):
            kind = _KINDS.get(value.strip('"').lower())
            if kind is not None:
                return kind
    vercel = first_text(attributes, ("ai.operationId", "operation.name"))
    if vercel is not None and vercel.startswith("ai."):
        return _vercel_kind(vercel)
    if "gen_ai.tool.name" in attributes:
        return "tool"
    return "llm" if _has_any(attributes, _MODEL_KEYS) else "unknown"


def _vercel_kind(operation: str) -> KindClass:
    name = operation.split(" ", maxsplit=1)[0]
    if name.endswith((".doGenerate", ".doStream")):
        return "llm"
    if name.startswith("ai.embed"):
        return "embedding"
    if name.startswith("ai.rerank"):
        return "reranker"
    return "tool" if name.startswith("ai.toolCall") else "chain"


def _has_any(attributes: Mapping[str, Json], keys: tuple[str, ...]) -> bool:
    return any(attributes.get(key) for key in keys)


def model_of(attributes: Mapping[str, Json]) -> str | None:
    """The model that answered, else the one that was asked."""
    return first_text(attributes, _MODEL_KEYS)


def provider_of(attributes: Mapping[str, Json]) -> str | None:
    """`openai` of `OpenAI` or `openai.chat`; dotted names that OpenTelemetry defines are kept."""
    provider = first_text(attributes, _PROVIDER_KEYS)
    if provider is not None and "ai.model.provider" in attributes and "." in provider:
        return provider.split(".")[0]
    return provider


def tool_of(attributes: Mapping[str, Json]) -> str | None:
    """The name of the tool that was called."""
    return first_text(attributes, _TOOL_KEYS)


def session_of(attributes: Mapping[str, Json]) -> str | None:
    """The conversation that a span belongs to."""
    return first_text(attributes, _SESSION_KEYS)


def usage_of(attributes: Mapping[str, Json]) -> SpanUsage:
    """Tokens and cost recorded on a span; not the sums in `aggregated_usage`."""
    details = _langfuse_or_mlflow(attributes)
    return SpanUsage(
        input_tokens=_tokens(attributes, _INPUT_KEYS, details, ("input", "input_tokens")),
        output_tokens=_tokens(attributes, _OUTPUT_KEYS, details, ("output", "output_tokens")),
        cached_tokens=_tokens(
            attributes,
            _CACHED_KEYS,
            details,
            ("input_cache_read", "input_cached_tokens", "cache_read_input_tokens"),
        ),
        reasoning_tokens=_tokens(
            attributes, _REASONING_KEYS, details, ("output_reasoning_tokens",)
        ),
        cost_usd=_cost(attributes),
    )


def _langfuse_or_mlflow(attributes: Mapping[str, Json]) -> Mapping[str, Json]:
    for key in ("langfuse.observation.usage_details", "mlflow.chat.tokenUsage"):
        if key in attributes:
            details = lenient_json(attributes[key])
            return details if isinstance(details, dict) else {}
    return {}


def _tokens(
    attributes: Mapping[str, Json],
    keys: tuple[str, ...],
    details: Mapping[str, Json],
    detail_keys: tuple[str, ...],
) -> int | None:
    for source, names in ((attributes, keys), (details, detail_keys)):
        for name in names:
            number = _number(source[name]) if name in source else None
            if number is not None and 0 <= number <= _MOST_TOKENS:
                return int(number)
    return None


def _cost(attributes: Mapping[str, Json]) -> float | None:
    for key in _COST_KEYS:
        cost = _number(attributes.get(key))
        if cost is not None and cost >= 0:
            return cost
    parts = [_number(attributes.get(f"llm.cost.{part}")) for part in ("prompt", "completion")]
    known = [part for part in parts if part is not None and part >= 0]
    if known:
        return math.fsum(known)
    for key, total in (
        ("langfuse.observation.cost_details", "total"),
        ("mlflow.llm.cost", "total_cost"),
    ):
        details = lenient_json(attributes.get(key))
        cost = _number(details.get(total)) if isinstance(details, dict) else None
        if cost is not None and cost >= 0:
            return cost
    return None


def _number(value: Json) -> float | None:
    """A finite number, also written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def lenient_json(value: Json) -> Json:
    """The value that a text of JSON stands for; the text itself if it is none."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "[", '"'}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def params_of(attributes: Mapping[str, Json]) -> dict[str, Json]:
    """Params of the request, such as temperature, top_p, max_tokens."""
    given = lenient_json(
        attributes.get("llm.invocation_parameters")
        or attributes.get("langfuse.observation.model.parameters")
    )
    given = given if isinstance(given, dict) else {}
    params: dict[str, Json] = {}
    for name in _PARAM_NAMES:
        camel = "".join(part.capitalize() if i else part for i, part in enumerate(name.split("_")))
        for value in (
            attributes.get(f"gen_ai.request.{name}"),
            given.get(name),
            attributes.get(f"ai.settings.{camel}"),
        ):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                params[name] = value
                break
    return params


def first_token_ns(span: Span) -> int | None:
    """Nanoseconds from the start to the first token, None if not recorded."""
    attributes = span.attributes
    seconds = _number(attributes.get("gen_ai.response.time_to_first_chunk"))
    if seconds is None:
        seconds = _number(attributes.get("gen_ai.server.time_to_first_token"))
    if seconds is None:
        milliseconds = _number(attributes.get("ai.response.msToFirstChunk"))
        seconds = None if milliseconds is None else milliseconds / 1000
    if seconds is not None and 0 <= seconds < 10**7:
        return round(seconds * 10**9)
    for event in span.events:
        if event.name in _FIRST_TOKEN_EVENTS and event.time_ns and span.start_ns:
            return max(0, event.time_ns - span.start_ns)
    return None


_FIRST_TOKEN_EVENTS = {"First Token Stream Event", "gen_ai.content.completion.chunk"}
