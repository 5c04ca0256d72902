"""JSON laid out over lines without touching a single token: numbers and keys stay as written.

Floor 3. `json.dumps(json.loads(text))` would drop repeated keys and rewrite numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)
_SHORT = 80
_DEEPEST_INDENT = 32


def lay_out(text: str) -> str:
    """*text*, which is JSON, with one member a line and short lists of plain values on one line."""
    return "".join(_pieces(_TOKEN.findall(text)))


def _pieces(words: list[str]) -> Iterator[str]:
    depth, position = 0, 0
    while position < len(words):
        word = words[position]
        if word in "{[":
            short = _short(words, position)
            if short:
                yield short[0]
                position = short[1]
                continue
            depth += 1
            yield word + _line(depth)
        elif word in "}]":
            depth -= 1
            yield _line(depth) + word
        elif word == ",":
            yield word + _line(depth)
        else:
            yield ": " if word == ":" else word
        position += 1


def _line(depth: int) -> str:
    return "\n" + "  " * min(depth, _DEEPEST_INDENT)


def _short(words: list[str], start: int) -> tuple[str, int] | None:
    """An empty object or a list of plain values that fits a line, and where it ends."""
    closing = "}" if words[start] == "{" else "]"
    length, parts = 2, [words[start]]
    for position in range(start + 1, len(words)):
        word = words[position]
        if word == closing:
            return "".join([*parts, word]), position + 1
        if word in "{[" or closing == "}":
            return None
        parts.append(", " if word == "," else word)
        length += len(parts[-1])
        if length > _SHORT:
            return None
    return None
