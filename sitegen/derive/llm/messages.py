"""Messages, input and output of a span in one form, over all conventions that write them.

Floor 3. A message is {role, name?, parts, is_output, finish_reason?}; a part is {type, text, name?,
id?} with type text, reasoning, tool_call, tool_result, media or other. Conventions: lists of JSON
(GenAI, Vercel, Langfuse, MLflow, pydantic-ai), flattened keys `llm.input_messages.0.message.role`
(OpenInference) and `gen_ai.prompt.0.content` (Traceloop), events `gen_ai.user.message`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.flattened import MOST_MEMBERS, unflattened
from sitegen.derive.llm.parts import parts_of, text_part, tool_call
from sitegen.derive.llm.values import lenient_json
from sitegen.model import Json, Span

_INPUT_KEYS = (
    "gen_ai.tool.call.arguments",
    "input.value",
    "ai.toolCall.args",
    "traceloop.entity.input",
    "tool_arguments",
    "mlflow.spanInputs",
    "langfuse.observation.input",
    "mcp.request.argument",
    "gcp.vertex.agent.tool_call_args",
    "gcp.vertex.agent.llm_request",
    "gen_ai.retrieval.query.text",
    "ai.prompt",
    "ai.value",
    "ai.values",
    "langfuse.trace.input",
)
_OUTPUT_KEYS = (
    "gen_ai.tool.call.result",
    "output.value",
    "ai.toolCall.result",
    "traceloop.entity.output",
    "tool_response",
    "mlflow.spanOutputs",
    "langfuse.observation.output",
    "mcp.response.value",
    "gcp.vertex.agent.tool_response",
    "gcp.vertex.agent.llm_response",
    "gen_ai.retrieval.documents",
    "final_result",
    "ai.response.text",
    "ai.response.object",
    "ai.result.text",
    "ai.result.object",
    "langfuse.trace.output",
)
_INPUT_LISTS = (
    "gen_ai.input.messages",
    "pydantic_ai.all_messages",
    "all_messages_events",
    "ai.prompt.messages",
    "ai.prompt",
    "langfuse.observation.input",
    "mlflow.spanInputs",
    "events",
    "request_data",
    "gcp.vertex.agent.llm_request",
    "lk.chat_ctx",
)
_OUTPUT_LISTS = (
    "gen_ai.output.messages",
    "langfuse.observation.output",
    "mlflow.spanOutputs",
    "response_data",
    "gcp.vertex.agent.llm_response",
)
_RAW_INPUTS = ("input.value", "traceloop.entity.input")
"""Whole requests and states, of which messages are taken only if no other key has any."""
_RAW_OUTPUTS = ("output.value",)
_WHOLE_CONVERSATIONS = ("pydantic_ai.all_messages", "all_messages_events", "events")
_FLAT_INPUTS = ("llm.input_messages.", "gen_ai.prompt.", "llm.prompts.")
_FLAT_OUTPUTS = ("llm.output_messages.", "gen_ai.completion.")
_EVENT_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
    "gen_ai.choice": "assistant",
}
_DETAILS_EVENT = "gen_ai.client.inference.operation.details"


def input_key(attributes: Attributes) -> str | None:
    """The attribute that holds what the operation was given."""
    return _first_key(attributes, _INPUT_KEYS)


def output_key(attributes: Attributes) -> str | None:
    """The attribute that holds what the operation gave."""
    return _first_key(attributes, _OUTPUT_KEYS)


def _first_key(attributes: Attributes, keys: tuple[str, ...]) -> str | None:
    for key in attributes.among(keys):
        if attributes.values[key] not in (None, "", [], {}):
            return key
    return None


def messages_of(span: Span, attributes: Attributes) -> list[dict[str, Json]]:
    """Messages in order, those of the answer with `is_output`; empty if none are recorded."""
    attributes = _with_details(span, attributes) if span.events else attributes
    given = _system(attributes) + _from_lists(attributes, _INPUT_LISTS, "user")
    given = given or _from_flat(attributes, _FLAT_INPUTS, "user")
    answers = _from_lists(attributes, _OUTPUT_LISTS, "assistant")
    answers = answers or _from_flat(attributes, _FLAT_OUTPUTS, "assistant") or _vercel(attributes)
    if not given and not answers:
        from_events = _from_events(span)
        if from_events:
            return from_events
        given = _from_lists(attributes, _RAW_INPUTS, "user")
        answers = _from_lists(attributes, _RAW_OUTPUTS, "assistant")
    is_whole = not answers and bool(attributes.among(_WHOLE_CONVERSATIONS))
    if is_whole and given and given[-1]["role"] == "assistant":
        answers = [given.pop()]  # the last word of a conversation
    for message in answers:
        message["is_output"] = True
    return (given + answers)[:MOST_MEMBERS]


def _with_details(span: Span, own: Attributes) -> Attributes:
    """The span's attributes, and those that conventions move to an event of it."""
    attributes = own.values
    for event in span.events:
        if event.name == _DETAILS_EVENT:
            body = event.attributes.get("body")
            inner = body if isinstance(body, dict) else {}
            attributes = {**inner, **event.attributes, **attributes}
        key = _CONTENT_EVENTS.get(event.name)
        if key is not None and key in event.attributes:
            place = "gen_ai.input.messages" if key == "gen_ai.prompt" else "gen_ai.output.messages"
            attributes = {place: event.attributes[key], **attributes}
    return own if attributes is own.values else Attributes(attributes)


_CONTENT_EVENTS = {
    "gen_ai.content.prompt": "gen_ai.prompt",
    "gen_ai.content.completion": "gen_ai.completion",
}
"""Events of the conventions of 2024, with messages as JSON in one attribute."""


def _system(attributes: Attributes) -> list[dict[str, Json]]:
    instructions = lenient_json(attributes.values.get("gen_ai.system_instructions"))
    if not instructions:
        return []
    return [_message({"content": instructions}, "system")]


def _from_lists(attributes: Attributes, keys: tuple[str, ...], role: str) -> list[dict[str, Json]]:
    for key in attributes.among(keys):
        found = _raw_messages(lenient_json(attributes.values[key]))
        messages = [_message(raw, role) for raw in found]
        if messages:
            return messages
    return []


def _raw_messages(value: Json) -> Iterator[Json]:
    """The messages in a list, {"system", "messages"}, {"prompt"} or {"choices": [{"message"}]}."""
    if isinstance(value, dict):
        if value.get("system") and ("messages" in value or "prompt" in value):
            yield {"role": "system", "content": value["system"]}
        instructions = _config(value).get("system_instruction")
        if instructions:
            yield {"role": "system", "content": instructions}
        if "role" in value and ("content" in value or "parts" in value or "tool_calls" in value):
            yield value
        elif isinstance(value.get("content"), dict) and "parts" in value["content"]:
            yield value["content"]  # Gemini's response
        elif isinstance(value.get("message"), dict):
            yield value["message"]
        elif isinstance(value.get("contents"), list):
            yield from _raw_messages(value["contents"])
        elif isinstance(value.get("items"), list):  # LiveKit's chat context
            yield from _raw_messages(value["items"])
        elif isinstance(value.get("messages"), list):
            yield from _raw_messages(value["messages"])
        elif isinstance(value.get("prompt"), str):
            yield {"role": "user", "content": value["prompt"]}
        elif isinstance(value.get("choices"), list):
            yield from _raw_messages(value["choices"])
    elif isinstance(value, list):
        for member in value[:MOST_MEMBERS]:
            if isinstance(member, dict) and _MESSAGE_KEYS & member.keys():
                yield member


def _config(value: Mapping[str, Json]) -> Mapping[str, Json]:
    """The settings of a Gemini request, which hold the system's instructions."""
    config = value.get("config")
    return config if isinstance(config, dict) else {}


_MESSAGE_KEYS = {"role", "parts", "message", "content", "kind"}


def _from_flat(
    attributes: Attributes, prefixes: tuple[str, ...], role: str
) -> list[dict[str, Json]]:
    for prefix in prefixes:
        members = unflattened(attributes, prefix)
        if members:
            return [_message(raw, role) for raw in members]
    return []


def _vercel(attributes: Attributes) -> list[dict[str, Json]]:
    """The answer, which the Vercel AI SDK writes in pieces; `ai.result` before its version 4."""
    if not attributes.among("ai.re"):
        return []
    values = attributes.values
    found = {
        name: values.get(f"ai.response.{name}") or values.get(f"ai.result.{name}")
        for name in ("reasoning", "text", "object", "toolCalls")
    }
    text = found["text"] or found["object"]
    calls = lenient_json(found["toolCalls"])
    if not text and not calls:
        return []
    content: list[Json] = []
    if isinstance(found["reasoning"], str):
        content.append({"type": "reasoning", "text": found["reasoning"]})
    if text:
        content.append({"type": "text", "text": text})
    calls = calls if isinstance(calls, list) else []
    content.extend({"type": "tool-call", **call} for call in calls if isinstance(call, dict))
    finish = values.get("ai.response.finishReason")
    return [_message({"content": content, "finish_reason": finish}, "assistant")]


def _from_events(span: Span) -> list[dict[str, Json]]:
    messages = []
    events = [event for event in span.events if event.name in _EVENT_ROLES]
    for event in sorted(events, key=lambda one: one.time_ns or 0):
        body = event.attributes.get("body")
        raw = dict(body) if isinstance(body, dict) else dict(event.attributes)
        decoded = {key: lenient_json(value) for key, value in raw.items()}
        message = _message(decoded, _EVENT_ROLES[event.name])
        message["is_output"] = event.name == "gen_ai.choice"
        messages.append(message)
    return messages[:MOST_MEMBERS]


def _message(raw: Json, role: str) -> dict[str, Json]:
    if not isinstance(raw, dict):
        return _made(role, [text_part(raw)])
    inner = raw.get("message")
    if isinstance(inner, dict):
        raw = {**raw, **inner}
    elif isinstance(inner, str) and "content" not in raw:
        raw = {**raw, "content": inner}
    parts: list[dict[str, Json]] = []
    for key in _CONTENT_KEYS:
        if key in raw:
            parts.extend(parts_of(raw[key]))
    if "tool_calls" in raw:
        parts.extend(map(tool_call, _members(raw["tool_calls"])))
    identity = raw.get("tool_call_id") or raw.get("id")
    own_role = raw.get("role")
    role = own_role if isinstance(own_role, str) and own_role else role
    role = "assistant" if role == "model" else role  # Gemini's word
    if role == "tool" and isinstance(identity, str):
        for part in parts:
            if part["type"] == "text":
                part.update(type="tool_result", id=identity)
    message = _made(role, parts)
    if isinstance(raw.get("name"), str):
        message["name"] = raw["name"]
    finish = raw.get("finish_reason")
    if isinstance(finish, str) and finish:
        message["finish_reason"] = finish
    return message


_CONTENT_KEYS = ("parts", "content", "contents")


def _made(role: str, parts: list[dict[str, Json]]) -> dict[str, Json]:
    return {"role": role, "parts": parts, "is_output": False}


def _members(value: Json) -> list[Json]:
    value = lenient_json(value)
    return value if isinstance(value, list) else []
