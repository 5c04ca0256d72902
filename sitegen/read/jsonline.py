"""A line of JSON, decoded fast where it is JSON and leniently where it almost is.

Floor 2. msgspec decodes; what it rejects goes to the standard library, which takes bare `NaN`,
`Infinity` and `-Infinity`, numbers beyond double precision and lone surrogates (RFC 8259 §8.2
leaves them open). Duplicate keys: the last wins, and they are told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from sitegen.model import Json
from sitegen.read.documents.json_text import scrub
from sitegen.records import dataclass

_decode = msgspec.json.Decoder().decode


class JsonLineError(ValueError):
    """The line is no JSON, or too deep; the text says where and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLine:
    """What a line decodes to."""

    value: Json
    """The JSON value; strings hold no lone surrogates."""
    duplicate_keys: tuple[str, ...]
    """Keys that stand twice in one object, each once."""
    has_bad_bytes: bool
    """Whether bytes that are no UTF-8 were replaced by U+FFFD."""


def decode_json_line(content: bytes, depth_limit: int) -> JsonLine:
    """The value of one line.

    Raises:
        JsonLineError: if it is no JSON or nested deeper than *depth_limit*.
    """
    try:
        value = _decode(content)
    except (msgspec.DecodeError, ValueError):
        return _decode_leniently(content, depth_limit)
    except RecursionError as error:
        raise JsonLineError(_too_deep(depth_limit)) from error
    _check_depth(value, content, depth_limit)
    if _may_repeat_keys(content, value):
        return _decode_leniently(content, depth_limit)
    return JsonLine(value=value, duplicate_keys=(), has_bad_bytes=False)


def _decode_leniently(content: bytes, depth_limit: int) -> JsonLine:
    text = content.decode("utf-8", "replace")
    duplicates: dict[str, None] = {}

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            duplicates.update(dict.fromkeys(key for key, count in counts.items() if count > 1))
        return found

    try:
        value = json.loads(text, object_pairs_hook=object_of)
    except json.JSONDecodeError as error:
        raise JsonLineError(f"{error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise JsonLineError(_too_deep(depth_limit)) from error
    except ValueError as error:  # an integer of more than 4,300 digits
        raise JsonLineError(str(error).partition(";")[0]) from error
    _check_depth(value, content, depth_limit)
    if "\\ud" in text or "\\uD" in text:
        value = scrub(value)
    return JsonLine(
        value=value,
        duplicate_keys=tuple(scrub(key) for key in duplicates),
        has_bad_bytes="\ufffd" in text and "\ufffd".encode() not in content,
    )


def _may_repeat_keys(content: bytes, value: Json) -> bool:
    """False only if no object of *value* can have lost a key.

    `":` ends a key, or starts a string that begins with a colon: never fewer times than there are
    keys, unless a space parts the two. Counting bytes is 40 times faster than collecting pairs.
    """
    if b'" :' in content or b'"\t:' in content or b'\\\\":' in content:
        return True
    return content.count(b'":') - content.count(b'\\":') != _count_keys(value)


def _count_keys(value: Json) -> int:
    count = 0
    waiting: list[Json] = [value]
    while waiting:
        members = waiting.pop()
        if isinstance(members, dict):
            count += len(members)
            members = members.values()
        elif not isinstance(members, list):
            continue
        waiting.extend(member for member in members if isinstance(member, dict | list))
    return count


def _check_depth(value: Json, content: bytes, depth_limit: int) -> None:
    if content.count(b"[") + content.count(b"{") <= depth_limit:
        return
    level: Sequence[Json] = [value]
    for _ in range(depth_limit + 1):
        level = [
            member
            for members in level
            if isinstance(members, dict | list)
            for member in (members.values() if isinstance(members, dict) else members)
        ]
        if not level:
            return
    raise JsonLineError(_too_deep(depth_limit))


def _too_deep(depth_limit: int) -> str:
    return f"nested deeper than the limit of {depth_limit} levels"
