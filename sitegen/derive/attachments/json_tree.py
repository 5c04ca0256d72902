"""JSON as a tree that folds: objects and lists as `<details>`, which need no script.

Floor 3. The first two levels stand open; long lists and the tree as a whole are cut, which the
note says: the source is one view away.
"""

from __future__ import annotations

import json

from sitegen.derive.attachments.document import Node, element
from sitegen.derive.attachments.views import View
from sitegen.model import Json
from sitegen.units import count_text, plural

MOST_NODES = 3_000
MOST_MEMBERS = 200
_TEXT = 400
_OPEN_LEVELS = 2
_DEEPEST = 24


def json_tree_view(value: Json, notes: list[str]) -> View | None:
    """The tree of an object or list; None for a single value."""
    if not isinstance(value, dict | list) or not value:
        return None
    room = [MOST_NODES]
    nodes = tuple(_members(value, 0, room))
    if room[0] <= 0:
        notes = [*notes, f"The tree is cut at {count_text(MOST_NODES)} values."]
    tree = element("div", *nodes, class_="sg-json")
    return View(kind="document", name="Tree", note=" ".join(notes), nodes=(tree,))


def _members(value: dict[str, Json] | list[Json], level: int, room: list[int]) -> list[Node]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    nodes: list[Node] = []
    for at, (key, member) in enumerate(pairs):
        if at >= MOST_MEMBERS or room[0] <= 0:
            rest = f"… {plural(len(value) - at, 'more value')}"
            nodes.append(element("p", rest, class_="sg-json__rest"))
            break
        room[0] -= 1
        nodes.append(_member(str(key), member, level, room))
    return nodes


def _member(key: str, value: Json, level: int, room: list[int]) -> Node:
    name = element("span", key if len(key) <= _TEXT else f"{key[:_TEXT]}…", class_="sg-json__key")
    if isinstance(value, dict | list) and value and level < _DEEPEST:
        noun = "key" if isinstance(value, dict) else "value"
        count = element("span", plural(len(value), noun), class_="sg-json__count")
        head = element("summary", name, " ", count, class_="sg-json__head")
        inner = element("div", *_members(value, level + 1, room), class_="sg-json__members")
        attributes = {"open": ""} if level + 1 < _OPEN_LEVELS and len(value) <= 50 else {}
        return element("details", head, inner, class_="sg-json__fold", **attributes)
    return element("p", name, " ", _value(value), class_="sg-json__leaf")


def _value(value: Json) -> Node:
    match value:
        case str():
            text = value if len(value) <= _TEXT else (
                f"{value[:_TEXT]}… ({len(value):,} characters)"
            )  # fmt: skip
            return element("span", json.dumps(text, ensure_ascii=False), class_="s")
        case bool() | None:
            return element("span", json.dumps(value), class_="k")
        case int() | float():
            return element("span", _number(value), class_="m")
        case _:
            return element(
                "span", "[]" if isinstance(value, list) else "{}", class_="sg-json__count"
            )


def _number(value: float) -> str:
    return json.dumps(value) if isinstance(value, float) else str(value)
