"""The one encoder of JSON that goes into pages, data files and reports.

Floor 5. `<`, `>`, `&`, U+2028 and U+2029 are escaped, so that the text is safe inside a script
element and as a script; non-finite numbers become the strings "NaN", "Infinity", "-Infinity";
integers beyond 2^53 become strings; lone surrogates U+FFFD. Keys are sorted, separators fixed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping

import msgspec
from markupsafe import Markup

from sitegen.model import Json

NAME_DIGITS = 12
"""Hex digits of the content's SHA-256 in the names of files."""
_EXACT_INTEGER = 2**53
_ESCAPES = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)


def json_text(value: Json) -> str:
    """*value* as one line of JSON that is safe anywhere in a page."""
    text = _direct(value)
    if text is None:
        text = _encode(plain(value))
    for character, escape in _ESCAPES:  # twenty times as fast as str.translate
        text = text.replace(character, escape)
    return text


def _direct(value: Json) -> str | None:
    """The JSON of *value* without a copy of it made first; None if `plain` would change it."""
    if not _is_exact(value):
        return None
    try:
        text = _encode(value)
        text.encode()
    except (ValueError, TypeError):  # NaN, lone surrogates, dataclasses
        return None
    return text


def _is_exact(value: Json) -> bool:
    """Whether *value* holds no integer that a browser would round."""
    kind = type(value)
    if kind is str or kind is float:
        return True
    if kind is dict:
        return all(map(_is_exact, value.values()))
    if kind is list or kind is tuple:
        kinds = set(map(type, value))
        if kinds == {int}:
            return bool(min(value) >= -_EXACT_INTEGER and max(value) <= _EXACT_INTEGER)
        return kinds <= _NO_INTEGERS or all(map(_is_exact, value))
    return not isinstance(value, int) or abs(value) <= _EXACT_INTEGER


_NO_INTEGERS = {str, float, bool, type(None)}
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def page_json(value: Json) -> Markup:
    """*value* for a `<script type="application/json">`; safe because `json_text` escapes `<` and
    `&`.
    """
    return Markup(json_text(value))  # noqa: S704  # no input reaches it unescaped


def report_text(value: Json) -> str:
    """*value* as a file for machines and for diffs: two spaces, sorted keys, final newline."""
    return formatted(sorted_json(value))


def sorted_json(value: Json) -> bytes:
    """*value* as JSON with sorted keys.

    They are sorted here: msgspec takes 0.9 s for 30,000 keys in order and one more, and four times
    that for twice as many.
    """
    return msgspec.json.encode(_in_order(plain(value)))


def _in_order(value: Json) -> Json:
    if type(value) is dict:
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(member) for member in value] if type(value) is list else value


def formatted(content: bytes) -> str:
    """JSON *content*, its keys sorted already, with two spaces and a final newline."""
    return f"{msgspec.json.format(content, indent=2).decode()}\n"


def data_script(key: str, payload: Mapping[str, Json]) -> bytes:
    """The data file that hands *payload* to the page under *key*."""
    return f"sitegen.data({json_text(key)},{json_text(payload)});\n".encode()


def encoded_script(key: str, content: bytes) -> bytes:
    """The same of a payload that is JSON already."""
    for character, escape in _ESCAPES:
        content = content.replace(character.encode(), escape.encode())
    return b"sitegen.data(%b,%b);\n" % (json_text(key).encode(), content)


def content_hash(content: bytes) -> str:
    """The beginning of the content's SHA-256, for file names."""
    return hashlib.sha256(content).hexdigest()[:NAME_DIGITS]


def plain(value: Json) -> Json:
    """*value* as JSON types: dataclasses as objects, tuples as lists, numbers and texts made
    safe.
    """
    kind = type(value)
    if kind is str:  # the most of what is written, so before the match
        return value if value.isascii() else clean_text(value)
    if kind is dict:
        return {plain(str(key)): plain(member) for key, member in value.items()}
    if kind is list or kind is tuple:
        return [plain(member) for member in value]
    if kind is float and value - value == 0:
        return value
    names = getattr(kind, "__dataclass_fields__", None)
    if names is not None:
        return {name: plain(getattr(value, name)) for name in names}
    match value:
        case None | bool():
            return value
        case str():
            return clean_text(value)
        case int():
            return value if abs(value) <= _EXACT_INTEGER else str(value)
        case float():
            return value if math.isfinite(value) else _non_finite_text(value)
        case Mapping():
            return {plain(str(key)): plain(member) for key, member in value.items()}
        case list() | tuple():
            return [plain(member) for member in value]
    raise TypeError(type(value))


def clean_text(text: str) -> str:
    """*text* with lone surrogates, which UTF-8 cannot hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _non_finite_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
