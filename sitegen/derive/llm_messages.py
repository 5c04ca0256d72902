"""Messages, input and output of a span in one form, over all conventions that write them.

Floor 3. A message is {role, name?, parts, is_output, finish_reason?}; a part is {type, text, name?,
id?} with type text, reasoning, tool_call, tool_result, media or other. Conventions: lists of JSON
(GenAI, Vercel, Langfuse, MLflow, pydantic-ai), flattened keys `llm.input_messages.0.message.role`
(OpenInference) and `gen_ai.prompt.0.content` (Traceloop), events `gen_ai.user.message`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from sitegen.derive.flattened import MOST_MEMBERS, unflattened
from sitegen.derive.llm import lenient_json
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
)
_OUTPUT_LISTS = ("gen_ai.output.messages", "langfuse.observation.output", "mlflow.spanOutputs")
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


def input_key(attributes: Mapping[str, Json]) -> str | None:
    """The attribute that holds what the operation was given."""
    return _first_key(attributes, _INPUT_KEYS)


def output_key(attributes: Mapping[str, Json]) -> str | None:
    """The attribute that holds what the operation gave."""
    return _first_key(attributes, _OUTPUT_KEYS)


def _first_key(attributes: Mapping[str, Json], keys: Sequence[str]) -> str | None:
    for key in keys:
        if attributes.get(key) not in (None, "", [], {}):
            return key
    return None


def messages_of(span: Span) -> list[dict[str, Json]]:
    """Messages in order, those of the answer with `is_output`; empty if none are recorded."""
    attributes = span.attributes
    for event in span.events:
        if event.name == _DETAILS_EVENT:
            attributes = {**event.attributes, **attributes}
    given = _system(attributes) + _from_lists(attributes, _INPUT_LISTS, "user")
    given = given or _from_flat(attributes, _FLAT_INPUTS, "user")
    answers = _from_lists(attributes, _OUTPUT_LISTS, "assistant")
    answers = answers or _from_flat(attributes, _FLAT_OUTPUTS, "assistant") or _vercel(attributes)
    if not given and not answers:
        return _from_events(span)
    for message in answers:
        message["is_output"] = True
    return (given + answers)[:MOST_MEMBERS]


def _system(attributes: Mapping[str, Json]) -> list[dict[str, Json]]:
    instructions = lenient_json(attributes.get("gen_ai.system_instructions"))
    if not instructions:
        return []
    return [_message({"content": instructions}, "system")]


def _from_lists(
    attributes: Mapping[str, Json], keys: Sequence[str], role: str
) -> list[dict[str, Json]]:
    for key in keys:
        messages = [_message(raw, role) for raw in _raw_messages(lenient_json(attributes.get(key)))]
        if messages:
            return messages
    return []


def _raw_messages(value: Json) -> Iterator[Json]:
    """The messages in a list, {"system", "messages"}, {"prompt"} or {"choices": [{"message"}]}."""
    if isinstance(value, Mapping):
        if value.get("system") and ("messages" in value or "prompt" in value):
            yield {"role": "system", "content": value["system"]}
        if "role" in value and ("content" in value or "parts" in value or "tool_calls" in value):
            yield value
        elif isinstance(value.get("messages"), list):
            yield from _raw_messages(value["messages"])
        elif isinstance(value.get("prompt"), str):
            yield {"role": "user", "content": value["prompt"]}
        elif isinstance(value.get("choices"), list):
            yield from _raw_messages(value["choices"])
    elif isinstance(value, list):
        for member in value[:MOST_MEMBERS]:
            if isinstance(member, Mapping) and _MESSAGE_KEYS & member.keys():
                yield member


_MESSAGE_KEYS = {"role", "parts", "message", "content", "kind"}


def _from_flat(
    attributes: Mapping[str, Json], prefixes: Sequence[str], role: str
) -> list[dict[str, Json]]:
    for prefix in prefixes:
        members = unflattened(attributes, prefix)
        if members:
            return [_message(raw, role) for raw in members]
    return []


def _vercel(attributes: Mapping[str, Json]) -> list[dict[str, Json]]:
    text = attributes.get("ai.response.text") or attributes.get("ai.response.object")
    calls = lenient_json(attributes.get("ai.response.toolCalls"))
    if not text and not calls:
        return []
    content: list[Json] = [{"type": "text", "text": text}] if text else []
    calls = calls if isinstance(calls, list) else []
    content.extend({"type": "tool-call", **call} for call in calls if isinstance(call, dict))
    finish = attributes.get("ai.response.finishReason")
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
    if not isinstance(raw, Mapping):
        return _made(role, [_part_of_text(raw)])
    inner = raw.get("message")
    if isinstance(inner, Mapping):
        raw = {**raw, **inner}
    elif isinstance(inner, str) and "content" not in raw:
        raw = {**raw, "content": inner}
    parts = [part for key in ("parts", "content", "contents") for part in _parts(raw.get(key))]
    parts.extend(_tool_call(call) for call in _members(raw.get("tool_calls")))
    identity = raw.get("tool_call_id") or raw.get("id")
    own_role = raw.get("role")
    role = own_role if isinstance(own_role, str) and own_role else role
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


def _made(role: str, parts: list[dict[str, Json]]) -> dict[str, Json]:
    return {"role": role, "parts": parts, "is_output": False}


def _members(value: Json) -> list[Json]:
    value = lenient_json(value)
    return value if isinstance(value, list) else []


def _parts(content: Json) -> Iterator[dict[str, Json]]:
    content = content if isinstance(content, str) else lenient_json(content)
    if content is None or content == "":
        return
    if isinstance(content, list):
        for member in content:
            yield _part(member)
    else:
        yield _part(content)


_TEXTS = {"text", "input_text", "output_text", "refusal", "system-prompt", "user-prompt"}
_CALLS = {"tool_call", "tool-call", "tool_use", "function_call", "server_tool_call"}
_RESULTS = {
    "tool_call_response",
    "tool-result",
    "tool_result",
    "tool-return",
    "function_call_output",
}
_MEDIA = {
    "image",
    "image_url",
    "input_image",
    "blob",
    "uri",
    "file",
    "audio",
    "input_audio",
    "media",
}


def _part(raw: Json) -> dict[str, Json]:
    if isinstance(raw, Mapping) and isinstance(raw.get("message_content"), Mapping):
        raw = raw["message_content"]
    if not isinstance(raw, Mapping):
        return _part_of_text(raw)
    named = raw.get("type") or raw.get("part_kind") or ("text" if "text" in raw else "")
    kind = named if isinstance(named, str) else ""
    if kind in _TEXTS:
        return {"type": "text", "text": _as_text(_first(raw, "content", "text", "refusal"))}
    if kind in {"reasoning", "thinking"}:
        return {"type": "reasoning", "text": _as_text(_first(raw, "content", "text", "thinking"))}
    if kind in _CALLS:
        return _tool_call(raw)
    if kind in _RESULTS:
        result = _first(raw, "response", "result", "content", "output")
        return _named({"type": "tool_result", "text": _as_text(result)}, raw)
    if kind in _MEDIA:
        return {"type": "media", "text": _media_text(raw)}
    return {"type": "other", "text": _as_text(raw)}


def _part_of_text(value: Json) -> dict[str, Json]:
    return {"type": "text", "text": _as_text(value)}


def _tool_call(raw: Json) -> dict[str, Json]:
    if not isinstance(raw, Mapping):
        return {"type": "tool_call", "text": _as_text(raw)}
    if isinstance(raw.get("tool_call"), Mapping):
        raw = raw["tool_call"]
    if isinstance(raw.get("function"), Mapping):
        raw = {**raw, **raw["function"]}
    arguments = _first(raw, "arguments", "args", "input", "parameters")
    return _named({"type": "tool_call", "text": _as_text(arguments)}, raw)


def _named(part: dict[str, Json], raw: Mapping[str, Json]) -> dict[str, Json]:
    name = _first(raw, "name", "toolName", "tool_name")
    identity = _first(raw, "id", "toolCallId", "tool_call_id", "call_id")
    if isinstance(name, str):
        part["name"] = name
    if isinstance(identity, str):
        part["id"] = identity
    return part


def _media_text(raw: Mapping[str, Json]) -> str:
    """A data URI or an address; the page shows only the former as a picture."""
    place: Json = raw
    while isinstance(place, Mapping):
        place = _first(place, "image_url", "image", "uri", "url", "file", "file_id")
    if isinstance(place, str) and place:
        return place
    content = _first(raw, "content", "data")
    mime = _first(raw, "mime_type", "media_type", "mimeType")
    if isinstance(content, str) and isinstance(mime, str):
        return f"data:{mime};base64,{content}"
    return _as_text(raw)


def _first(raw: Mapping[str, Json], *keys: str) -> Json:
    for key in keys:
        if raw.get(key) is not None:
            return raw[key]
    return None


def _as_text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
