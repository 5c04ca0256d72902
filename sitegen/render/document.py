"""Markup as a tree of elements from our list: what is not on it loses its tag, never its text.

Floor 5. Two sources: the one Markdown renderer, and HTML that a sanitiser has seen. Addresses go
through the one `safe_url`, pictures are data of raster formats, classes are those of our own
styles, ids keep the prefix under which no script of ours looks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from sitegen.bundle.limits import Limits
from sitegen.derive.attachments.document import (
    DATA_IMAGE,
    DEEPEST,
    TAGS,
    VOID_TAGS,
    Node,
    checked,
    element,
)
from sitegen.derive.attachments.highlight import CLASSES
from sitegen.derive.attachments.markup import MarkupParser
from sitegen.records import dataclass
from sitegen.render.urls import ID_PREFIX, is_external, safe_url
from sitegen.units import bytes_text

_DROPPED = frozenset({
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math",
    "title", "head",
})  # fmt: skip
_RENAMED = {"h1": "h3", "h2": "h4", "strike": "s", "tt": "code", "center": "div", "figure": "div",
            "figcaption": "p", "tfoot": "tbody", "article": "section",
            "main": "section"}  # fmt: skip
_OUR_CLASSES = re.compile(
    r"hl|sg-[a-z-]+|footnotes(?:-list)?|footnote-[a-z]+|task-list-[a-z-]+|contains-task-list"
)
_NUMBER = re.compile(r"\d{1,4}")
_REL = "noopener noreferrer nofollow"
_MOST_NODES = 200_000


@dataclass(slots=True)
class _Open:
    """An element whose end has not come."""

    tag: str
    """Its tag."""
    attributes: dict[str, str]
    """Its attributes."""
    children: list[Node] = field(default_factory=list)
    """What it holds so far."""


class MarkupDocuments:
    """`derive.document.Documents` over the one Markdown renderer."""

    def __init__(self, limits: Limits) -> None:
        """*limits*: `note_bytes` of one text, `markdown_bytes` of all."""
        self._note_bytes = limits.note_bytes
        self._markdown_bytes = self._left = limits.markdown_bytes

    def of_markdown(self, text: str, id_prefix: str) -> tuple[Node, ...]:
        """See `Documents.of_markdown`; beyond the budget of all texts they stand as written."""
        self._left -= min(len(text), self._note_bytes)
        if self._left < 0:
            most = bytes_text(self._markdown_bytes)
            said = f"As written: the first {most} of Markdown of a run are rendered."
            return element("p", said), element("pre", text[: self._note_bytes])
        from sitegen.render.markdown import render_markdown  # whose parser takes long to import

        html = render_markdown(text, id_prefix=id_prefix, limit_bytes=self._note_bytes)
        return _Reader(is_ours=True).read(str(html))

    def of_html(self, html: str) -> tuple[Node, ...]:
        """See `Documents.of_html`."""
        return _Reader(is_ours=False).read(html)


class _Reader(MarkupParser):
    """Reads one text; with *is_ours* classes and ids of our own renderer are kept."""

    def __init__(self, *, is_ours: bool) -> None:
        super().__init__()
        self._is_ours = is_ours
        self._open = [_Open("", {})]
        self._dropping = 0
        self._count = 0

    def read(self, html: str) -> tuple[Node, ...]:
        """The nodes of *html*."""
        self.parse(html)
        while len(self._open) > 1:
            self._end_last()
        return tuple(self._open[0].children)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element, or drops what must not be there."""
        given = {name: value or "" for name, value in attrs}
        self._count += 1
        if tag in _DROPPED:
            self._dropping += 1
        if self._dropping or self._count > _MOST_NODES:
            return
        if tag == "input" and given.get("type") == "checkbox":
            self._add("☑ " if "checked" in given else "☐ ")
            return
        tag = _RENAMED.get(tag, tag)
        if tag not in TAGS or (len(self._open) > DEEPEST and tag not in VOID_TAGS):
            return
        attributes = self._attributes(tag, given)
        if tag in VOID_TAGS:
            if tag != "img" or "src" in attributes:
                self._add(checked(tag, attributes, ()))
            elif given.get("alt"):
                self._add(given["alt"])
            return
        self._open.append(_Open(tag, attributes))

    def handle_endtag(self, tag: str) -> None:
        """Closes the innermost element of this tag and what is still open in it."""
        if tag in _DROPPED:
            self._dropping = max(0, self._dropping - 1)
            return
        tag = _RENAMED.get(tag, tag)
        if any(one.tag == tag for one in self._open[1:]):
            while self._end_last() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Keeps text."""
        if not self._dropping:
            self._add(data)

    def _add(self, node: Node) -> None:
        self._open[-1].children.append(node)

    def _end_last(self) -> str:
        last = self._open.pop()
        self._add(checked(last.tag, last.attributes, last.children))
        return last.tag

    def _attributes(self, tag: str, given: Mapping[str, str]) -> dict[str, str]:
        kept = {}
        for name in ("colspan", "rowspan", "start"):
            if _NUMBER.fullmatch(given.get(name, "")):
                kept[name] = given[name]
        if tag == "a":
            kept |= self._link(given.get("href"))
        if tag == "img":
            if DATA_IMAGE.fullmatch(given.get("src", "")):
                kept["src"] = given["src"]
            kept["alt"] = given.get("alt", "")
        if tag == "th":
            kept["scope"] = "col"
        if self._is_ours:
            kept |= _ours(given)
        return kept

    def _link(self, href: str | None) -> dict[str, str]:
        url = safe_url(href) if href else None
        if url is None or (not is_external(url) and not self._is_ours):
            return {}  # a document's own relative addresses lead nowhere here
        return {"href": url, "rel": _REL} if is_external(url) else {"href": url}


def _ours(given: Mapping[str, str]) -> dict[str, str]:
    kept = {}
    classes = [
        name for name in given.get("class", "").split()
        if name in CLASSES or _OUR_CLASSES.fullmatch(name)
    ]  # fmt: skip
    if classes:
        kept["class"] = " ".join(classes)
    if given.get("id", "").startswith(ID_PREFIX):
        kept["id"] = given["id"]
    if "aria-label" in given:
        kept["aria-label"] = given["aria-label"]
    return kept
