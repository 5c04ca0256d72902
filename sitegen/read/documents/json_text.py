"""JSON documents read leniently where the format allows it and strictly where it does not.

Floor 2. Bare NaN and Infinity are accepted, duplicate keys are told, nesting and number length
are bounded, lone surrogates become U+FFFD. For whole small documents; lines of big files are
decoded by msgspec.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.errors import SitegenError
from sitegen.model import Json
from sitegen.read.lines import has_more_values


class JsonError(SitegenError):
    """Text that is no JSON document, with line and column of the fault."""

    def __init__(
        self, message: str, *, line: int = 1, column: int = 1, hint: str | None = None
    ) -> None:
        super().__init__(message, line=line, hint=hint)
        self.line: int = line
        self.column = column


def parse_json(
    content: bytes, most_depth: int, most_values: int = DEFAULT_LIMITS.json_values
) -> tuple[Json, tuple[str, ...]]:
    """The value and the keys that some object of it gives twice (last wins).

    Raises: JsonError: with line and column; also for text that is no UTF-8 and nesting beyond
    *most_depth* or of more than *most_values*.
    """
    if len(content) > 2 * most_values and has_more_values(content, most_values):
        raise JsonError(f"holds more than the limit of {most_values:,} values")
    text = _decoded(content)
    duplicates: dict[str, None] = {}

    def pairs(members: list[tuple[str, Json]]) -> dict[str, Json]:
        collected = dict(members)
        if len(collected) < len(members):
            seen: set[str] = set()
            for key, _ in members:
                if key in seen:
                    duplicates[key] = None
                seen.add(key)
        return collected

    try:
        value = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise JsonError(
            error.msg[:1].lower() + error.msg[1:] + _found_at(text, error.pos),
            line=error.lineno,
            column=error.colno,
            hint=_hint(text, error.pos),
        ) from error
    except RecursionError as error:
        raise JsonError(f"is nested deeper than {most_depth} levels") from error
    except ValueError as error:
        raise JsonError(f"holds a number that is too long: {error}") from error
    if text.count("[") + text.count("{") > most_depth and _depth(value) > most_depth:
        raise JsonError(f"is nested deeper than {most_depth} levels")
    return (scrub(value) if _has_surrogate(text) else value), tuple(duplicates)


def _decoded(content: bytes) -> str:
    try:
        return content.removeprefix(BOM_UTF8).decode()  # the codec utf-8-sig is slow
    except UnicodeDecodeError as error:
        before = content[: error.start]
        raise JsonError(
            f"is not UTF-8: byte 0x{content[error.start]:02x}",
            line=before.count(b"\n") + 1,
            column=error.start - (before.rfind(b"\n") + 1) + 1,
            hint="Save the file as UTF-8.",
        ) from error


def _found_at(text: str, position: int) -> str:
    found = text[position : position + 1]
    return f", found {found!r}" if found else ", the file ends here"


def _hint(text: str, position: int) -> str | None:
    before = text[:position].rstrip()
    if text[position : position + 1] in {"}", "]"} and before.endswith(","):
        return "JSON allows no comma before a closing bracket."
    if text[position : position + 1] == "'":
        return "JSON strings take double quotes."
    if text[position : position + 2] in {"//", "/*"} or text[position : position + 1] == "#":
        return "JSON has no comments."
    return None


def _has_surrogate(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text


def scrub(value: Json) -> Json:
    """*value* with lone surrogates replaced, so that it can be written as UTF-8."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [scrub(member) for member in value]
        case dict():
            return {scrub(key): scrub(member) for key, member in value.items()}
    return value


def bounded(value: Json) -> Json:
    """*value* with integers beyond 64 bits as decimal text, as everything past the readers has
    them.
    """
    match value:
        case int() if not -(2**63) <= value < 2**63:
            return str(value)
        case list():
            return [bounded(member) for member in value]
        case dict():
            return {key: bounded(member) for key, member in value.items()}
    return value


def _depth(value: Json) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        current, depth = waiting.pop()
        if isinstance(current, (list, dict)):
            deepest = max(deepest, depth)
            members = current.values() if isinstance(current, dict) else current
            waiting.extend((member, depth + 1) for member in members)
    return deepest


def line_of_key(text: str, key: str, *, last: bool = False) -> int | None:
    """One-based line where `"key":` stands in the text, None if it does not."""
    pattern = re.escape(json.dumps(key, ensure_ascii=False)) + r"\s*:"
    places = [match.start() for match in re.finditer(pattern, text)]
    if not places:
        return None
    return text.count("\n", 0, places[-1 if last else 0]) + 1
