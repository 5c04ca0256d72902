"""Each convention names the same facts; one table of cases per field."""

# ruff: noqa: E501  # one case a line: keys and JSON of the conventions are long

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.operations import (
    agent_of,
    first_token_ns,
    kind_of,
    model_of,
    params_of,
    provider_of,
    session_of,
    tool_of,
    user_of,
)
from sitegen.derive.llm.usage import SpanUsage, usage_of
from sitegen.model import Scope, Span, SpanEvent


def span(attributes: dict[str, Any], *events: SpanEvent, start_ns: int | None = 1_000) -> Span:
    return Span(
        trace_id="ab" * 16, span_id="cd" * 8, parent_span_id=None, name="x", kind=1,
        start_ns=start_ns, end_ns=None, attributes=attributes, events=events, links=(),
        status_code=0, status_message=None, trace_state=None, resource={},
        scope=Scope(name="", version="", attributes={}), dropped_attributes=0, dropped_events=0,
        dropped_links=0, path="a", line=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"gen_ai.operation.name": "chat"}, "llm"), ({"gen_ai.operation.name": "execute_tool"}, "tool"),
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"gen_ai.operation.name": "embeddings"}, "embedding"),
        ({"openinference.span.kind": "RERANKER"}, "reranker"),
        ({"openinference.span.kind": "GUARDRAIL"}, "guardrail"),
        ({"traceloop.span.kind": "workflow"}, "chain"), ({"llm.request.type": "completion"}, "llm"),
        ({"mlflow.spanType": '"CHAT_MODEL"'}, "llm"), ({"mlflow.spanType": "RETRIEVER"}, "retriever"),
        ({"langfuse.observation.type": "evaluator"}, "evaluator"),
        ({"langfuse.observation.type": "generation", "openinference.span.kind": "CHAIN"}, "llm"),
        ({"ai.operationId": "ai.generateText.doGenerate"}, "llm"),
        ({"ai.operationId": "ai.generateText"}, "chain"), ({"ai.operationId": "ai.toolCall"}, "tool"),
        ({"ai.operationId": "ai.embedMany.doEmbed"}, "embedding"),
        ({"operation.name": "ai.streamText.doStream my-function"}, "llm"),
        ({"gen_ai.tool.name": "search"}, "tool"), ({"gen_ai.request.model": "m"}, "llm"),
        ({"openinference.span.kind": "PROMPT"}, "prompt"), ({"genkit:metadata:subtype": "embedder"}, "embedding"),
        ({"mcp.method.name": "tools/call"}, "tool"), ({"operation.name": "invoke_agent"}, "agent"),
        ({"operation.name": "task"}, "unknown"), ({"agent_name": "a", "model_name": "m"}, "agent"),
        ({"langfuse.observation.type": "span", "gen_ai.operation.name": "chat"}, "llm"),
        ({"http.method": "GET"}, "unknown"), ({"gen_ai.operation.name": 7}, "unknown"),
    ],
)  # fmt: skip
def test_kind(attributes: dict[str, Any], kind: str) -> None:
    assert kind_of(Attributes(attributes)) == kind


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.response.model": "m", "gen_ai.request.model": "asked"}, {"llm.model_name": "m"},
        {"embedding.model_name": "m"}, {"ai.response.model": "m", "ai.model.id": "asked"},
        {"mlflow.llm.model": '"m"'}, {"langfuse.observation.model.name": "m"}, {"model_name": "m"},
    ],
)  # fmt: skip
def test_model(attributes: dict[str, Any]) -> None:
    assert model_of(Attributes(attributes)) == "m"


@pytest.mark.parametrize(
    ("attributes", "provider"),
    [
        ({"gen_ai.provider.name": "aws.bedrock"}, "aws.bedrock"), ({"gen_ai.system": "openai"}, "openai"),
        ({"llm.system": "OpenAI"}, "openai"), ({"ai.model.provider": "openai.chat"}, "openai"), ({}, None),
    ],
)  # fmt: skip
def test_provider(attributes: dict[str, Any], provider: str | None) -> None:
    assert provider_of(Attributes(attributes)) == provider


USED = SpanUsage(
    input_tokens=120, output_tokens=18, cached_tokens=64, cache_write_tokens=5, reasoning_tokens=7,
    cost_usd=0.5,
)  # fmt: skip


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 18, "gen_ai.usage.cache_read.input_tokens": 64,
         "gen_ai.usage.cache_creation.input_tokens": 5, "gen_ai.usage.reasoning.output_tokens": 7, "gen_ai.usage.cost": 0.5, "gen_ai.aggregated_usage.input_tokens": 999},
        {"gen_ai.usage.prompt_tokens": "120", "gen_ai.usage.completion_tokens": 18.0, "gen_ai.usage.cache_read_input_tokens": 64,
         "gen_ai.usage.cache_creation_input_tokens": 5, "gen_ai.usage.reasoning_tokens": 7, "operation.cost": "0.5"},
        {"llm.token_count.prompt": 120, "llm.token_count.completion": 18, "llm.token_count.prompt_details.cache_read": 64,
         "llm.token_count.completion_details.reasoning": 7, "llm.token_count.prompt_details.cache_write": 5,
         "llm.cost.prompt": 0.25, "llm.cost.completion": 0.25},
        {"ai.usage.promptTokens": 120, "ai.usage.completionTokens": 18, "ai.usage.cachedInputTokens": 64,
         "ai.usage.reasoningTokens": 7, "gen_ai.usage.details.cache_write_tokens": 5, "llm.cost.total": 0.5},
        {"langfuse.observation.usage_details": '{"input":120,"output":18,"input_cached_tokens":64,"input_cache_creation":5,"output_reasoning_tokens":7}',
         "langfuse.observation.cost_details": '{"input":0.25,"output":0.25}'},
        {"mlflow.chat.tokenUsage": '{"input_tokens":120,"output_tokens":18,"cache_read_input_tokens":64,"cache_creation_input_tokens":5}',
         "mlflow.llm.cost": '{"total_cost":0.5}', "gen_ai.usage.reasoning_tokens": 7},
    ],
    ids=["genai", "traceloop", "openinference", "vercel", "langfuse", "mlflow"],
)  # fmt: skip
def test_usage(attributes: dict[str, Any]) -> None:
    assert usage_of(Attributes(attributes)) == USED


@pytest.mark.parametrize("value", [-5, "NaN", float("inf"), True, [], None, "many", 10**30])
def test_senseless_token_counts_are_not_counted(value: Any) -> None:
    attributes = {"gen_ai.usage.input_tokens": value, "llm.cost.total": -1.0}

    assert usage_of(Attributes(attributes)).input_tokens is None
    assert usage_of(Attributes(attributes)).cost_usd is None


def test_a_total_alone_counts_as_input_and_not_beside_others() -> None:
    assert usage_of(Attributes({"llm.token_count.total": 7})).input_tokens == 7
    assert usage_of(Attributes({"gen_ai.usage.total_tokens": 7, "gen_ai.usage.output_tokens": 2})) == SpanUsage(
        input_tokens=None, output_tokens=2, cached_tokens=None, cache_write_tokens=None,
        reasoning_tokens=None, cost_usd=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("attributes", "params"),
    [
        ({"gen_ai.request.stop_sequences": ["a", "b"]}, {"stop_sequences": "a, b"}),
        ({"gen_ai.request.choice.count": 3, "gen_ai.is_streaming": True}, {"n": 3}),
        ({"llm.invocation_parameters": '{"max_completion_tokens": 9, "stop": "x", "stream": true}'},
         {"max_tokens": 9, "stop_sequences": "x", "stream": True}),
        ({"langfuse.observation.model.parameters": '{"temperature": "0.3"}'}, {"temperature": "0.3"}),
        ({"llm.top_k": 4, "llm.chat.stop_sequences": "y"}, {"top_k": 4, "stop_sequences": "y"}),
        ({"mlflow.spanInputs": '{"messages": [], "temperature": 0.1}'}, {"temperature": 0.1}),
        ({"ai.settings.topP": 0.9}, {"top_p": 0.9}),
        ({"gen_ai.request.temperature": {"odd": 1}, "gen_ai.request.seed": "x" * 300}, {}),
    ],
)  # fmt: skip
def test_params_of_every_convention(attributes: dict[str, Any], params: dict[str, Any]) -> None:
    assert params_of(Attributes(attributes)) == params


@pytest.mark.parametrize(
    "key",
    ["user.id", "enduser.id", "langfuse.user.id", "mlflow.trace.user",
     "traceloop.association.properties.user_id", "ai.telemetry.metadata.userId"],
)  # fmt: skip
def test_user(key: str) -> None:
    assert user_of(Attributes({key: '"u-7"' if key.startswith("mlflow") else "u-7"})) == "u-7"


@pytest.mark.parametrize(
    "key", ["gen_ai.agent.name", "agent.name", "agent_name", "ai.telemetry.functionId"]
)
def test_agent(key: str) -> None:
    assert agent_of(Attributes({key: "support"})) == "support"


def test_a_tool_without_a_name_has_that_of_its_span() -> None:
    assert tool_of(replace(span({}), name="execute_tool find"), Attributes({})) == "find"
    assert tool_of(span({}), Attributes({"tool.name": "find"})) == "find"


@pytest.mark.parametrize(
    ("attributes", "event", "first_ns"),
    [
        ({"ai.stream.msToFirstChunk": 0.5}, None, 500_000),
        ({"langfuse.observation.completion_start_time": '"1970-01-01T00:00:00.000003Z"'}, None, 2_000),
        ({}, "First Token Stream Event", 2_000), ({}, "mlflow.chunk.item.0", 2_000),
        ({}, "ai.stream.firstChunk", 2_000), ({}, "other", None),
        ({"gen_ai.response.time_to_first_chunk": -1}, None, None),
    ],
)  # fmt: skip
def test_time_to_the_first_token(
    attributes: dict[str, Any], event: str | None, first_ns: int | None
) -> None:
    events = [SpanEvent(time_ns=3_000, name=event, attributes={})] if event else []

    assert first_token_ns(span(attributes, *events), Attributes(attributes)) == first_ns


def test_params_session_tool_and_first_token() -> None:
    given = {"llm.invocation_parameters": '{"temperature": 0, "max_tokens": 512}', "session.id": "s",
             "tool.name": "t", "gen_ai.response.time_to_first_chunk": 0.25}  # fmt: skip

    assert params_of(Attributes(given)) == {"temperature": 0, "max_tokens": 512}
    assert params_of(Attributes({"ai.settings.maxTokens": 9, "gen_ai.request.seed": 0})) == {
        "max_tokens": 9,
        "seed": 0,
    }
    assert (session_of(Attributes(given)), tool_of(span(given), Attributes(given))) == ("s", "t")
    assert first_token_ns(span(given), Attributes(given)) == 250_000_000
    chunk = SpanEvent(time_ns=3_000, name="gen_ai.content.completion.chunk", attributes={})
    assert first_token_ns(span({}, chunk), Attributes({})) == 2_000
