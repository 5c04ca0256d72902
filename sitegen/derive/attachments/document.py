"""A document as a tree of elements from a list of ours: what pages and scripts may draw of a file.

Floor 3. There is no markup in it: a node is a text or an element whose tag and attributes stand on
the list below, so that a template and a script can both write it without trusting anybody. Who
turns Markdown or HTML into such a tree is `Documents`, given from above.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from sitegen.derive.attachments.highlight import CLASSES, Piece
from sitegen.model import Json
from sitegen.records import dataclass

TAGS = frozenset({
    "a", "b", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "h3",
    "h4", "h5", "h6", "hr", "img", "ins", "li", "ol", "p", "pre", "s", "section", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
"""Every tag of a document."""
VOID_TAGS = frozenset({"br", "hr", "img"})
"""Those without children."""
ATTRIBUTES = frozenset({"alt", "class", "colspan", "href", "id", "open", "rel", "role", "rowspan",
                        "scope", "src", "start", "tabindex", "title", "aria-label"})  # fmt: skip
"""Every attribute of a document."""
DEEPEST = 60
"""Deepest nesting of elements."""
DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
"""The one kind of picture that a document may hold."""
_LONG_PICTURE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An element of a document."""

    tag: str
    """One of `TAGS`."""
    attributes: dict[str, str]
    """Values by name, names of `ATTRIBUTES` only."""
    children: tuple[Element | str, ...]
    """Elements and texts."""


Node: TypeAlias = Element | str
"""A text or an element."""


class Documents(Protocol):
    """Turns texts with markup into documents: rendering stands floors above this one."""

    def of_markdown(self, text: str, id_prefix: str) -> tuple[Node, ...]:
        """The Markdown *text* rendered; ids of it begin with *id_prefix*."""
        ...

    def of_html(self, html: str) -> tuple[Node, ...]:
        """What of *html* stands on our lists."""
        ...


def element(tag: str, *children: Node, **attributes: str) -> Element:
    """The element; `class_` is its class, `_` in other names is a hyphen."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return checked(tag, named, children)


def checked(tag: str, attributes: dict[str, str], children: Iterable[Node]) -> Element:
    """The element, whose tag and attributes stand on the lists (an invariant, not a filter)."""
    assert tag in TAGS, tag
    assert attributes.keys() <= ATTRIBUTES, attributes
    return Element(tag=tag, attributes=attributes, children=tuple(children))


def code_nodes(pieces: Sequence[Piece]) -> tuple[Node, ...]:
    """Coloured source as spans of known classes."""
    return tuple(
        element("span", text, class_=name) if _is_class(name) else text for name, text in pieces
    )


def _is_class(name: str) -> bool:
    return name in CLASSES or name.startswith("sg-ansi--")


def payload_of(nodes: Iterable[Node]) -> list[Json]:
    """The nodes as JSON: a text, or `[tag, {attributes}, child, …]`."""
    return [
        node if isinstance(node, str) else [node.tag, node.attributes, *payload_of(node.children)]
        for node in nodes
    ]


def character_count(nodes: Iterable[Node]) -> int:
    """About how many characters the nodes take."""
    count = 0
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            count += len(node)
        else:
            count += 8 + sum(len(value) for value in node.attributes.values())
            waiting.extend(node.children)
    return count


def beginning(nodes: Sequence[Node], most: int) -> tuple[tuple[Node, ...], bool]:
    """The first nodes that take at most *most* characters, and whether something is left out.

    A picture over 20 kB is named instead of shown.
    """
    room = [most]
    shown = tuple(_begun(nodes, room))
    return shown, room[0] <= 0


def _begun(nodes: Sequence[Node], room: list[int]) -> Iterator[Node]:
    for node in nodes:
        if room[0] <= 0:
            return
        if isinstance(node, str):
            yield node[: room[0]]
            room[0] -= len(node)
        elif node.tag == "img" and len(node.attributes.get("src", "")) > _LONG_PICTURE:
            yield element("p", f"Picture: {node.attributes.get('alt') or 'no description'}")
            room[0] -= 20
        else:
            room[0] -= 8 + sum(len(value) for value in node.attributes.values())
            children = tuple(_begun(node.children, room))
            yield Element(tag=node.tag, attributes=node.attributes, children=children)
