"""Each convention names the same facts; one table of cases per field."""

# ruff: noqa: E501  # one case a line: keys and JSON of the conventions are long

from __future__ import annotations

from typing import Any

import pytest

from sitegen.derive.llm import (
    SpanUsage,
    first_token_ns,
    kind_of,
    model_of,
    params_of,
    provider_of,
    session_of,
    tool_of,
    usage_of,
)
from sitegen.derive.llm_messages import input_key, messages_of, output_key
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
        ({"http.method": "GET"}, "unknown"), ({"gen_ai.operation.name": 7}, "unknown"),
    ],
)  # fmt: skip
def test_kind(attributes: dict[str, Any], kind: str) -> None:
    assert kind_of(attributes) == kind


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.response.model": "m", "gen_ai.request.model": "asked"}, {"llm.model_name": "m"},
        {"embedding.model_name": "m"}, {"ai.response.model": "m", "ai.model.id": "asked"},
        {"mlflow.llm.model": '"m"'}, {"langfuse.observation.model.name": "m"}, {"model_name": "m"},
    ],
)  # fmt: skip
def test_model(attributes: dict[str, Any]) -> None:
    assert model_of(attributes) == "m"


@pytest.mark.parametrize(
    ("attributes", "provider"),
    [
        ({"gen_ai.provider.name": "aws.bedrock"}, "aws.bedrock"), ({"gen_ai.system": "openai"}, "openai"),
        ({"llm.system": "openai"}, "openai"), ({"ai.model.provider": "openai.chat"}, "openai"), ({}, None),
    ],
)  # fmt: skip
def test_provider(attributes: dict[str, Any], provider: str | None) -> None:
    assert provider_of(attributes) == provider


USED = SpanUsage(
    input_tokens=120, output_tokens=18, cached_tokens=64, reasoning_tokens=7, cost_usd=0.5
)


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.usage.input_tokens": 120, "gen_ai.usage.output_tokens": 18, "gen_ai.usage.cache_read.input_tokens": 64,
         "gen_ai.usage.reasoning.output_tokens": 7, "gen_ai.usage.cost": 0.5, "gen_ai.aggregated_usage.input_tokens": 999},
        {"gen_ai.usage.prompt_tokens": "120", "gen_ai.usage.completion_tokens": 18.0, "gen_ai.usage.cache_read_input_tokens": 64,
         "gen_ai.usage.reasoning_tokens": 7, "operation.cost": "0.5"},
        {"llm.token_count.prompt": 120, "llm.token_count.completion": 18, "llm.token_count.prompt_details.cache_read": 64,
         "llm.token_count.completion_details.reasoning": 7, "llm.cost.prompt": 0.25, "llm.cost.completion": 0.25},
        {"ai.usage.promptTokens": 120, "ai.usage.completionTokens": 18, "ai.usage.cachedInputTokens": 64,
         "ai.usage.reasoningTokens": 7, "llm.cost.total": 0.5},
        {"langfuse.observation.usage_details": '{"input":120,"output":18,"input_cached_tokens":64,"output_reasoning_tokens":7}',
         "langfuse.observation.cost_details": '{"total":0.5}'},
        {"mlflow.chat.tokenUsage": '{"input_tokens":120,"output_tokens":18,"cache_read_input_tokens":64}',
         "mlflow.llm.cost": '{"total_cost":0.5}', "gen_ai.usage.reasoning_tokens": 7},
    ],
    ids=["genai", "traceloop", "openinference", "vercel", "langfuse", "mlflow"],
)  # fmt: skip
def test_usage(attributes: dict[str, Any]) -> None:
    assert usage_of(attributes) == USED


@pytest.mark.parametrize("value", [-5, "NaN", float("inf"), True, [], None, "many", 10**30])
def test_senseless_token_counts_are_not_counted(value: Any) -> None:
    attributes = {"gen_ai.usage.input_tokens": value, "llm.cost.total": -1.0}

    assert usage_of(attributes).input_tokens is None
    assert usage_of(attributes).cost_usd is None


def test_params_session_tool_and_first_token() -> None:
    given = {"llm.invocation_parameters": '{"temperature": 0, "max_tokens": 512}', "session.id": "s",
             "tool.name": "t", "gen_ai.response.time_to_first_chunk": 0.25}  # fmt: skip

    assert params_of(given) == {"temperature": 0, "max_tokens": 512}
    assert params_of({"ai.settings.maxTokens": 9, "gen_ai.request.seed": 0}) == {
        "max_tokens": 9,
        "seed": 0,
    }
    assert (session_of(given), tool_of(given)) == ("s", "t")
    assert first_token_ns(span(given)) == 250_000_000
    chunk = SpanEvent(time_ns=3_000, name="gen_ai.content.completion.chunk", attributes={})
    assert first_token_ns(span({}, chunk)) == 2_000


def said(attributes: dict[str, Any], *events: SpanEvent) -> list[tuple[Any, ...]]:
    return [
        (
            message["role"],
            message["is_output"],
            *((part["type"], part["text"]) for part in message["parts"]),
        )
        for message in messages_of(span(attributes, *events))
    ]


QUESTION = ("user", False, ("text", "Weather?"))
CALL = ("assistant", True, ("tool_call", '{"city": "Z"}'))


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Weather?"}]}]',
         "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"tool_call","name":"w","arguments":{"city":"Z"}}]}]'},
        {"gen_ai.input.messages": [{"role": "user", "content": "Weather?"}],
         "gen_ai.output.messages": [{"role": "assistant", "tool_calls": [{"function": {"name": "w", "arguments": '{"city": "Z"}'}}]}]},
        {"llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.contents.0.message_content.type": "text",
         "llm.input_messages.0.message.contents.0.message_content.text": "Weather?", "llm.output_messages.0.message.role": "assistant",
         "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "w",
         "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city": "Z"}'},
        {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "Weather?", "gen_ai.completion.0.role": "assistant",
         "gen_ai.completion.0.tool_calls.0.name": "w", "gen_ai.completion.0.tool_calls.0.arguments": '{"city": "Z"}'},
        {"ai.prompt.messages": '[{"role":"user","content":[{"type":"text","text":"Weather?"}]}]',
         "ai.response.toolCalls": '[{"toolName":"w","input":{"city":"Z"}}]'},
        {"langfuse.observation.input": '[{"role":"user","content":"Weather?"}]',
         "langfuse.observation.output": '{"role":"assistant","tool_calls":[{"function":{"name":"w","arguments":{"city":"Z"}}}]}'},
        {"mlflow.spanInputs": '{"messages":[{"role":"user","content":"Weather?"}]}',
         "mlflow.spanOutputs": '{"choices":[{"message":{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"w","arguments":"{\\"city\\": \\"Z\\"}"}}]}}]}'},
    ],
    ids=["genai", "genai plain", "openinference", "traceloop", "vercel", "langfuse", "mlflow"],
)  # fmt: skip
def test_messages_of_every_convention_are_the_same(attributes: dict[str, Any]) -> None:
    assert said(attributes) == [QUESTION, CALL]
    assert messages_of(span(attributes))[1]["parts"][0]["name"] == "w"


def test_messages_in_events_stand_by_time() -> None:
    choice = SpanEvent(
        time_ns=2, name="gen_ai.choice", attributes={"message": '{"content":"Sunny."}'}
    )
    user = SpanEvent(
        time_ns=1, name="gen_ai.user.message", attributes={"body": {"content": "Weather?"}}
    )

    assert said({}, choice, user) == [QUESTION, ("assistant", True, ("text", "Sunny."))]


def test_flattened_indices_are_sorted_as_numbers_and_may_have_gaps() -> None:
    keys = {f"llm.input_messages.{index}.message.content": str(index) for index in (10, 2, 0)}

    assert [parts[0][1] for _, _, *parts in said(keys)] == ["0", "2", "10"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}, ("media", "data:image/png;base64,AA==")),
        ({"type": "blob", "mime_type": "image/png", "content": "AA=="}, ("media", "data:image/png;base64,AA==")),
        ({"type": "image", "image": "https://example.org/a.png"}, ("media", "https://example.org/a.png")),
        ({"type": "thinking", "thinking": "hm"}, ("reasoning", "hm")),
        ({"type": "tool_call_response", "response": {"a": 1}}, ("tool_result", '{"a": 1}')),
        ({"type": "tool-result", "result": "ok"}, ("tool_result", "ok")),
        ({"type": "strange", "x": 1}, ("other", '{"type": "strange", "x": 1}')), ("bare", ("text", "bare")),
    ],
)  # fmt: skip
def test_parts_of_messages(part: Any, expected: tuple[str, str]) -> None:
    assert said({"gen_ai.input.messages": [{"role": "user", "content": [part]}]}) == [
        ("user", False, expected)
    ]


def test_input_and_output_are_named_by_their_attribute() -> None:
    tool = {"ai.toolCall.args": "{}", "ai.toolCall.result": "1", "gen_ai.tool.call.arguments": ""}

    assert (input_key(tool), output_key(tool)) == ("ai.toolCall.args", "ai.toolCall.result")
    assert (input_key({}), output_key({})) == (None, None)
