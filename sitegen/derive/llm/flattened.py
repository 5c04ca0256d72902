"""Lists that instrumentations flatten into attribute keys: `llm.input_messages.0.message.role`.

Floor 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sitegen.derive.llm.attributes import Attributes
from sitegen.model import Json

MOST_MEMBERS = 10_000
"""Most members of a list that are read."""
_DEEPEST_KEY = 16


def unflattened(attributes: Attributes, prefix: str) -> list[Json]:
    """The list that keys `<prefix>0.a.b`, `<prefix>1.a.b` were made from; gaps are closed up."""
    keys = attributes.among(prefix)
    if not keys:
        return []
    tree: dict[str, Json] = {}
    for key in _of_first_members(keys, len(prefix)):
        value = attributes.values[key]
        node, parts = tree, key[len(prefix) :].split(".", _DEEPEST_KEY)
        for part in parts[:-1]:
            below = node.setdefault(part, {})
            if not isinstance(below, dict):
                break
            node = below
        else:
            node[parts[-1]] = value
    listed = _listed(tree)
    return listed[:MOST_MEMBERS] if isinstance(listed, list) else []


def _of_first_members(keys: Sequence[str], start: int) -> Iterable[str]:
    """The keys, without those of members that are not read."""
    if len(keys) <= MOST_MEMBERS:
        return keys
    numbers = {key[start:].partition(".")[0] for key in keys}
    if len(numbers) <= MOST_MEMBERS or not all(map(_is_index, numbers)):
        return keys
    read = set(sorted(numbers, key=int)[:MOST_MEMBERS])
    return (key for key in keys if key[start:].partition(".")[0] in read)


def _is_index(key: str) -> bool:
    return key.isdecimal() and len(key) < 10


def _listed(node: Json) -> Json:
    if not isinstance(node, dict):
        return node
    members = {key: _listed(value) for key, value in node.items()}
    if members and all(map(_is_index, members)):
        return [members[key] for key in sorted(members, key=int)]
    return members
