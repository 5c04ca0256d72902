"""Where in a JSON text a value stands, so that a fault can name its line.

Floor 2. For whole small documents that are already known to be JSON: it walks along one path and
lets the decoder skip everything else.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # public by name, not in the stubs

Path = tuple[str | int, ...]
_BLANK = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def parse_path(text: str) -> Path:
    """`$.anchor.path[1]` of a msgspec message as ("anchor", "path", 1)."""
    return tuple(
        int(step.group(2)) if step.group(2) is not None else step.group(1)
        for step in _STEP.finditer(text.removeprefix("$"))
    )


def path_text(path: Path) -> str:
    """`$.anchor.path[1]` of ("anchor", "path", 1)."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def line_of_path(text: str, path: Path) -> int:
    """One-based line where the value at *path* begins; of the deepest part of it that is there."""
    position = _skip(text, 1 if text.startswith("\ufeff") else 0)
    for step in path:
        find = _member if text[position] == "{" else _element
        found = find(text, position, step)
        if found is None:
            break
        position = found
    return text.count("\n", 0, position) + 1


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _member(text: str, position: int, step: str | int) -> int | None:
    """Where the last member *step* of the object at *position* has its value."""
    found = None
    position = _skip(text, position + 1)
    while text[position] == '"':
        key, position = scanstring(text, position + 1, False)
        position = _skip(text, _skip(text, position) + 1)
        if key == step:
            found = position
        _, position = _DECODER.raw_decode(text, position)
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return found


def _element(text: str, position: int, step: str | int) -> int | None:
    """Where the element *step* of the list at *position* begins."""
    if text[position] != "[" or not isinstance(step, int):
        return None
    position = _skip(text, position + 1)
    for _ in range(step):
        if text[position] == "]":
            return None
        _, position = _DECODER.raw_decode(text, position)
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
    return None if text[position] == "]" else position
