"""What kind of operation a span is, which model it asked and for whom, over all conventions.

Floor 3. Instrumentations of LLM programs name the same facts differently, and one span may carry
several conventions at once, so each field is looked up for itself: the first key that has a value
wins. The conventions: OpenTelemetry GenAI, OpenInference, Traceloop (OpenLLMetry), MLflow,
Langfuse, Vercel AI SDK, pydantic-ai (Logfire).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.values import lenient_json, number
from sitegen.model import Json, Span
from sitegen.units import parse_rfc3339_ns

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
    "prompt",
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
    "prompt",
    "unknown",
)


_KINDS: Mapping[str, KindClass] = {
    "chat": "llm",
    "completion": "llm",
    "text_completion": "llm",
    "generate_content": "llm",
    "generation": "llm",
    "llm": "llm",
    "chat_model": "llm",
    "model": "llm",
    "prompt": "prompt",
    "tool": "tool",
    "execute_tool": "tool",
    "parser": "chain",
    "tool_call": "tool",
    "retriever": "retriever",
    "retrieval": "retriever",
    "embedding": "embedding",
    "embeddings": "embedding",
    "embed": "embedding",
    "embedder": "embedding",
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
    "flow": "chain",
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
_SESSION_KEYS = (
    "gen_ai.conversation.id",
    "session.id",
    "traceloop.association.properties.session_id",
    "mlflow.trace.session",
    "langfuse.session.id",
    "ai.telemetry.metadata.sessionId",
)
_USER_KEYS = (
    "user.id",
    "enduser.id",
    "langfuse.user.id",
    "mlflow.trace.user",
    "traceloop.association.properties.user_id",
    "ai.telemetry.metadata.userId",
    "gen_ai.user",
    "llm.user",
)
_AGENT_KEYS = (
    "gen_ai.agent.name",
    "agent.name",
    "agent_name",
    "ai.telemetry.functionId",
    "traceloop.workflow.name",
)


def kind_of(attributes: Attributes) -> KindClass:
    """The class of operation; `unknown` when nothing tells."""
    values = attributes.values
    for key in attributes.among(_KIND_KEYS):
        value = values[key]
        if isinstance(value, str):
            kind = _KINDS.get(value.strip('"').lower())
            if kind is not None:
                return kind
    vercel = attributes.text(_OPERATION_KEYS)
    if vercel is not None and vercel.startswith("ai."):
        return _vercel_kind(vercel)
    if "gen_ai.tool.name" in values or values.get("mcp.method.name") == "tools/call":
        return "tool"
    if vercel in _PLAIN_OPERATIONS:
        return _KINDS[vercel]
    if "agent_name" in values:  # pydantic-ai before the GenAI conventions
        return "agent"
    return "llm" if any(values[key] for key in attributes.among(_MODEL_KEYS)) else "unknown"


_OPERATION_KEYS = ("ai.operationId", "operation.name")
_PLAIN_OPERATIONS = {"chat", "invoke_agent", "execute_tool", "embeddings"}


def _vercel_kind(operation: str) -> KindClass:
    name = operation.split(" ", maxsplit=1)[0]
    if name.endswith((".doGenerate", ".doStream")):
        return "llm"
    if name.startswith("ai.embed"):
        return "embedding"
    if name.startswith("ai.rerank"):
        return "reranker"
    return "tool" if name.startswith("ai.toolCall") else "chain"


def model_of(attributes: Attributes) -> str | None:
    """The model that answered, else the one that was asked."""
    return attributes.text(_MODEL_KEYS)


def provider_of(attributes: Attributes) -> str | None:
    """`openai` of `OpenAI` or `openai.chat`; dotted names that OpenTelemetry defines are kept."""
    provider = attributes.text(_PROVIDER_KEYS)
    if provider is None:
        return None
    if "ai.model.provider" in attributes.values and "." in provider:
        provider = provider.split(".")[0]
    return provider.lower()


def tool_of(span: Span, attributes: Attributes) -> str:
    """The name of the tool that was called, else of the span, without what says that it is one."""
    named = attributes.text(_TOOL_KEYS)
    return named or span.name.removeprefix("execute_tool ").removeprefix("running tool: ")


def agent_of(attributes: Attributes) -> str | None:
    """The name of the agent."""
    return attributes.text(_AGENT_KEYS)


def user_of(attributes: Attributes) -> str | None:
    """Whom the conversation was with."""
    return attributes.text(_USER_KEYS)


def session_of(attributes: Attributes) -> str | None:
    """The conversation that a span belongs to."""
    return attributes.text(_SESSION_KEYS)


_PARAM_NAMES = (
    "temperature",
    "top_p",
    "top_k",
    "max_tokens",
    "seed",
    "frequency_penalty",
    "presence_penalty",
    "stop_sequences",
    "reasoning_effort",
    "stream",
    "n",
)
_PARAM_KEYS: Mapping[str, tuple[str, ...]] = {
    "max_tokens": ("max_completion_tokens", "max_output_tokens", "maxOutputTokens"),
    "stop_sequences": ("stop", "chat.stop_sequences"),
    "n": ("choice.count",),
    "stream": ("is_streaming",),
}
_PARAM_PREFIXES = ("gen_ai.request.", "ai.settings.", "gen_ai.openai.request.", "llm.")
_LONGEST_PARAM = 200


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _param_names(name: str) -> tuple[str, ...]:
    return (name, _camel(name), *_PARAM_KEYS.get(name, ()))


_PARAM_PLACES = tuple(
    (
        name,
        _param_names(name),
        tuple(prefix + one for one in _param_names(name) for prefix in _PARAM_PREFIXES),
    )
    for name in _PARAM_NAMES
)
"""Per param: its names inside an object of params, and the attributes that may hold it."""


def params_of(attributes: Attributes) -> dict[str, Json]:
    """Params of the request, such as temperature, top_p, max_tokens, under their GenAI names."""
    if not attributes.among(_ALL_PARAM_KEYS):
        return {}
    given = [
        value
        for key in attributes.among(_PARAM_OBJECTS)
        if isinstance(value := lenient_json(attributes.values[key]), dict)
    ]
    params: dict[str, Json] = {}
    for name, names, keys in _PARAM_PLACES:
        found = attributes.among(keys)
        if not found and not given:
            continue
        values = [attributes.values[key] for key in found]
        values += [one.get(key) for one in given for key in names]
        for value in values:
            shown = _param(value)
            if shown is not None:
                params[name] = shown
                break
    return params


_PARAM_OBJECTS = (
    "llm.invocation_parameters",
    "langfuse.observation.model.parameters",
    "model_request_parameters",
    "mlflow.spanInputs",
)
_ALL_PARAM_KEYS = (*_PARAM_OBJECTS, *(key for place in _PARAM_PLACES for key in place[2]))


def _param(value: Json) -> Json:
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_PARAM:
        return value or None
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ", ".join(map(str, value))[:_LONGEST_PARAM]
    return None


def first_token_ns(span: Span, attributes: Attributes) -> int | None:
    """Nanoseconds from the start to the first token, None if not recorded."""
    for key in attributes.among(_FIRST_TOKEN_KEYS):
        duration, unit_ns = number(attributes.values[key]), _FIRST_TOKEN_UNITS[key]
        if duration is not None and 0 <= duration * unit_ns < _LONGEST_NS:
            return round(duration * unit_ns)
    if span.start_ns is None:
        return None
    moments = [
        event.time_ns
        for event in span.events
        if event.time_ns and event.name.startswith(_FIRST_TOKEN_EVENTS)
    ]
    written = attributes.text(_FIRST_TOKEN_TIMES)
    moment_ns = parse_rfc3339_ns(written) if written else None
    if moment_ns is not None:
        moments.append(moment_ns)
    return max(0, min(moments) - span.start_ns) if moments else None


_LONGEST_NS = 10**16
_FIRST_TOKEN_UNITS = {
    "gen_ai.response.time_to_first_chunk": 10**9,
    "gen_ai.server.time_to_first_token": 10**9,
    "ai.response.msToFirstChunk": 10**6,
    "ai.stream.msToFirstChunk": 10**6,
}
_FIRST_TOKEN_KEYS = tuple(_FIRST_TOKEN_UNITS)
_FIRST_TOKEN_TIMES = ("langfuse.observation.completion_start_time",)
_FIRST_TOKEN_EVENTS = (
    "First Token Stream Event",
    "gen_ai.content.completion.chunk",
    "llm.content.completion.chunk",
    "ai.stream.firstChunk",
    "mlflow.chunk.item.",
)
