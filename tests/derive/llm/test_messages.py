"""Messages of every convention are the same messages."""

# ruff: noqa: E501  # one case a line: keys and JSON of the conventions are long

from __future__ import annotations

from typing import Any

import pytest

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.messages import input_key, messages_of, output_key
from sitegen.model import SpanEvent
from tests.derive.llm.test_operations import span


def said(attributes: dict[str, Any], *events: SpanEvent) -> list[tuple[Any, ...]]:
    return [
        (
            message["role"],
            message["is_output"],
            *((part["type"], part["text"]) for part in message["parts"]),
        )
        for message in messages_of(span(attributes, *events), Attributes(attributes))
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
        {"ai.prompt": '{"prompt":"Weather?"}', "ai.result.toolCalls": '[{"toolName":"w","args":{"city":"Z"}}]'},
        {"pydantic_ai.all_messages": '[{"role":"user","parts":[{"type":"text","content":"Weather?"}]},{"role":"assistant","parts":[{"type":"tool_call","name":"w","arguments":{"city":"Z"}}]}]'},
        {"events": '[{"event.name":"gen_ai.user.message","role":"user","content":"Weather?"},{"event.name":"gen_ai.choice","message":{"role":"assistant","tool_calls":[{"function":{"name":"w","arguments":{"city":"Z"}}}]},"role":"assistant"}]'},
        {"request_data": '{"messages":[{"role":"user","content":"Weather?"}]}', "response_data": '{"message":{"role":"assistant","tool_calls":[{"function":{"name":"w","arguments":{"city":"Z"}}}]}}'},
        {"input.value": '{"messages":[{"role":"user","content":"Weather?"}]}', "output.value": '{"choices":[{"message":{"role":"assistant","tool_calls":[{"function":{"name":"w","arguments":{"city":"Z"}}}]}}]}'},
        {"gcp.vertex.agent.llm_request": '{"contents":[{"role":"user","parts":[{"text":"Weather?"}]}]}', "gcp.vertex.agent.llm_response": '{"content":{"role":"model","parts":[{"function_call":{"name":"w","args":{"city":"Z"}}}]}}'},
    ],
    ids=["genai", "genai plain", "openinference", "traceloop", "vercel", "langfuse", "mlflow",
         "vercel 3", "pydantic-ai", "pydantic-ai events", "logfire", "openinference raw", "gemini"],
)  # fmt: skip
def test_messages_of_every_convention_are_the_same(attributes: dict[str, Any]) -> None:
    assert said(attributes) == [QUESTION, CALL]
    assert messages_of(span(attributes), Attributes(attributes))[1]["parts"][0]["name"] == "w"


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
        ({"text": "plain"}, ("text", "plain")), ({"inline_data": {"mime_type": "image/png", "data": "AA=="}}, ("media", "data:image/png;base64,AA==")),
        ({"functionResponse": {"name": "w", "response": {"a": 1}}}, ("tool_result", '{"a": 1}')),
        ({"type": "strange", "x": 1}, ("other", '{"type": "strange", "x": 1}')), ("bare", ("text", "bare")),
    ],
)  # fmt: skip
def test_parts_of_messages(part: Any, expected: tuple[str, str]) -> None:
    assert said({"gen_ai.input.messages": [{"role": "user", "content": [part]}]}) == [
        ("user", False, expected)
    ]


def test_input_and_output_are_named_by_their_attribute() -> None:
    tool = {"ai.toolCall.args": "{}", "ai.toolCall.result": "1", "gen_ai.tool.call.arguments": ""}

    assert (input_key(Attributes(tool)), output_key(Attributes(tool))) == (
        "ai.toolCall.args",
        "ai.toolCall.result",
    )
    assert (input_key(Attributes({})), output_key(Attributes({}))) == (None, None)


def test_messages_of_the_conventions_of_2024_are_in_two_events() -> None:
    prompt = SpanEvent(time_ns=1, name="gen_ai.content.prompt",
                       attributes={"gen_ai.prompt": '[{"role":"user","content":"Weather?"}]'})  # fmt: skip
    completion = SpanEvent(time_ns=2, name="gen_ai.content.completion",
                           attributes={"gen_ai.completion": '[{"role":"assistant","content":"Sunny."}]'})  # fmt: skip

    assert said({}, prompt, completion) == [QUESTION, ("assistant", True, ("text", "Sunny."))]


def test_messages_may_be_in_the_body_of_one_event() -> None:
    body = {"gen_ai.input.messages": [{"role": "user", "content": "Weather?"}]}
    event = SpanEvent(
        time_ns=1, name="gen_ai.client.inference.operation.details", attributes={"body": body}
    )

    assert said({}, event) == [QUESTION]


def test_instructions_and_reasoning_stand_in_their_place() -> None:
    given = {"gen_ai.system_instructions": '[{"type":"text","content":"Be short."}]',
             "gen_ai.input.messages": '[{"role":"user","content":"Weather?"}]',
             "ai.response.text": "Sunny.", "ai.response.reasoning": "hm"}  # fmt: skip

    assert said(given) == [
        ("system", False, ("text", "Be short.")), QUESTION,
        ("assistant", True, ("reasoning", "hm"), ("text", "Sunny.")),
    ]  # fmt: skip
