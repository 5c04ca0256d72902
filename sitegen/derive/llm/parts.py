"""Parts of a message in one form: {type, text, name?, id?}, over all conventions that write them.

Floor 3. Types are text, reasoning, tool_call, tool_result, media and other. Nothing is dropped:
what is not understood is its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from sitegen.derive.llm.values import lenient_json
from sitegen.model import Json


def parts_of(content: Json) -> Iterator[dict[str, Json]]:
    """The parts of a message's content: a text, a list, or JSON of one."""
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


_GEMINI = {
    "function_call": "tool_call",
    "functionCall": "tool_call",
    "function_response": "tool_result",
    "functionResponse": "tool_result",
    "inline_data": "blob",
    "inlineData": "blob",
}
"""Gemini's parts have no type but one member of these names."""


def _part(raw: Json) -> dict[str, Json]:
    if isinstance(raw, dict) and isinstance(raw.get("message_content"), dict):
        raw = raw["message_content"]
    if not isinstance(raw, dict):
        return text_part(raw)
    named = raw.get("type") or raw.get("part_kind") or ("text" if "text" in raw else "")
    kind = named if isinstance(named, str) else ""
    if not _GEMINI.keys().isdisjoint(raw):
        for key, known in _GEMINI.items():
            if isinstance(raw.get(key), dict):
                kind, raw = known, raw[key]
    if kind in _TEXTS:
        return {"type": "text", "text": _as_text(_first(raw, "content", "text", "refusal"))}
    if kind in {"reasoning", "thinking"}:
        return {"type": "reasoning", "text": _as_text(_first(raw, "content", "text", "thinking"))}
    if kind in _CALLS:
        return tool_call(raw)
    if kind in _RESULTS:
        result = _first(raw, "response", "result", "content", "output")
        return _named({"type": "tool_result", "text": _as_text(result)}, raw)
    if kind in _MEDIA:
        return {"type": "media", "text": _media_text(raw)}
    return {"type": "other", "text": _as_text(raw)}


def text_part(value: Json) -> dict[str, Json]:
    """A part of text."""
    return {"type": "text", "text": _as_text(value)}


def tool_call(raw: Json) -> dict[str, Json]:
    """A part that calls a tool, its arguments as text."""
    if not isinstance(raw, dict):
        return {"type": "tool_call", "text": _as_text(raw)}
    if isinstance(raw.get("tool_call"), dict):
        raw = raw["tool_call"]
    if isinstance(raw.get("function"), dict):
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
    while isinstance(place, dict):
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
