"""An HTML page as it would stand without scripts: for a frame that may not run anything anyway.

Floor 3. Written anew from a list of tags and attributes, every text escaped and every value quoted,
so that no difference between parsers matters. It is shown in an `<iframe sandbox="">` whose
document inherits the page's policy; each of the three walls would do alone. Style sheets cannot
be shown: the policy that a frame inherits allows none but the site's own, so only `style`
attributes stay.
"""

from __future__ import annotations

import re
from html import escape

from sitegen.derive.attachments.document import DATA_IMAGE
from sitegen.derive.attachments.markup import MarkupParser
from sitegen.records import dataclass

MOST_CHARACTERS = 2_000_000
MOST_TAGS = 50_000
"""Reading a tag takes some 25 µs."""
_LOOK = "margin:8px;font:14px/1.5 system-ui,sans-serif;color:black;overflow-wrap:anywhere"
_TAGS = frozenset({
    "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
    "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div",
    "dl", "dt", "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre",
    "q", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
})  # fmt: skip
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_DROPPED = frozenset({
    "script", "style", "template", "noscript", "iframe", "frame", "frameset", "object", "embed",
    "applet", "svg", "math", "title", "textarea", "select", "audio", "video", "canvas",
    "noframes", "noembed", "xmp", "plaintext",
})  # fmt: skip
_ATTRIBUTES = frozenset({
    "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir",
    "height", "lang", "open", "rowspan", "scope", "start", "title", "valign", "width",
})  # fmt: skip
_STYLE = re.compile(r"[\w\s:;,.%#()'\"/+*-]{1,2000}")
_STYLE_REFUSED = re.compile(r"url|image|expression|import|/\*|fixed|sticky", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticPage:
    """A page as it stands without scripts."""

    html: str
    """What is left of it; empty if nothing is."""
    script_count: int
    """How many scripts it had."""
    is_cut: bool
    """Whether it is longer than is shown."""


def static_html(html: str) -> StaticPage:
    """The page without what runs, loads or leads away."""
    reader, is_cut = _Reader(), False
    try:
        reader.parse(html)
    except _FullError:
        is_cut = True
    page = "".join(reader.parts)
    return StaticPage(
        html=f'<div style="{_LOOK}">{page}</div>' if page.strip() else "",
        script_count=reader.script_count,
        is_cut=is_cut,
    )


class _FullError(Exception):
    """As much was read as is shown."""


class _Reader(MarkupParser):
    """Writes what is on the lists into `parts`."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.script_count = 0
        self._dropping: str | None = None
        self._dropping_depth = 0
        self._length = 0
        self._tags = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Writes an opening tag."""
        self._tags += 1
        if self._tags > MOST_TAGS:
            raise _FullError
        self.script_count += tag == "script"
        if self._dropping is not None:
            self._dropping_depth += tag == self._dropping
            return
        if tag in _DROPPED:
            self._dropping, self._dropping_depth = tag, 1
            return
        if tag not in _TAGS:
            return
        kept = [
            f' {name}="{escape(value)}"'
            for name, value in ((name, value or "") for name, value in attrs)
            if _is_kept(tag, name, value)
        ]
        self._write(f"<{tag}{''.join(kept)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A dropped `<script/>` must not swallow the rest, whatever HTML says of it."""
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Writes a closing tag."""
        if self._dropping is not None:
            self._dropping_depth -= tag == self._dropping
            if self._dropping_depth == 0:
                self._dropping = None
        elif tag in _TAGS and tag not in _VOID:
            self._write(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Writes text."""
        if self._dropping is None:
            self._write(escape(data, quote=False))

    def _write(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_CHARACTERS:
            raise _FullError
        self.parts.append(text)


def _is_kept(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return _STYLE.fullmatch(value) is not None and _STYLE_REFUSED.search(value) is None
    if name == "src":
        return tag == "img" and DATA_IMAGE.fullmatch(value) is not None
    return name in _ATTRIBUTES
