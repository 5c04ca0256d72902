"""The one Markdown renderer: whatever the text holds, its HTML runs nothing and loads nothing.

Floor 5. CommonMark with tables, strikethrough, task lists and footnotes. Raw HTML stays text, links
go through `safe_url`, images load only from `data:` addresses of raster formats (a remote image is
a way to leak what was read, so it becomes a link). Refuses to be configured by input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.attachments.highlight import highlight
from sitegen.render.urls import ID_PREFIX, is_external, safe_url
from sitegen.units import bytes_text

_DEEPEST = 40  # quotes in lists in quotes …; CommonMark's own parsers stop at 100
_LARGEST_HTML = 2_000_000  # 80 kB of footnote marks make 3.5 MB
_DEMOTED = 2  # a note's h1 is an h3 of the page
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
_NOT_ANCHOR = re.compile(r"[^\w\- ]+")
_REL = "noopener noreferrer nofollow"


def render_markdown(
    text: str, *, id_prefix: str = ID_PREFIX, limit_bytes: int = DEFAULT_LIMITS.note_bytes
) -> Markup:
    """*text* as HTML; beyond *limit_bytes* or 40 nested levels it is cut, and the page says so."""
    shown, cut_text = _cut(text, limit_bytes)
    env: dict[str, Any] = {"id_prefix": id_prefix}
    tokens = _parser().parse(shown, env)
    html = Markup(_parser().renderer.render(tokens, _parser().options, env))  # noqa: S704
    if len(html) > _LARGEST_HTML:
        html = Markup("<pre>{}</pre>\n").format(shown)
        html += _cut_note("Shown as written: its HTML would be larger than 2 MB.")
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        html += _cut_note(f"What is nested deeper than {_DEEPEST} levels is left out.")
    if cut_text:
        html += _cut_note(cut_text)
    return html


def _cut(text: str, limit_bytes: int) -> tuple[str, str]:
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit_bytes:
        return raw.decode(), ""
    shown = raw[:limit_bytes].decode("utf-8", "ignore").rpartition("\n")[0]
    said = f"Cut here: the first {bytes_text(limit_bytes)} of {bytes_text(len(raw))} are shown."
    return shown or raw[:limit_bytes].decode("utf-8", "ignore"), said


def _cut_note(said: str) -> Markup:
    return Markup('<p class="sg-note-cut">{}</p>\n').format(said)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default", {"maxNesting": _DEEPEST, "highlight": _highlighted})
    parser.use(footnote_plugin, inline=False).use(tasklists_plugin)
    parser.validateLink = _is_link  # type: ignore[method-assign]  # the documented way to set it
    parser.core.ruler.push("sg_made_safe", _make_safe)
    for name in ("footnote_ref", "footnote_open", "footnote_anchor"):
        parser.add_render_rule(name, globals()[f"_{name}"])
    return parser


def _is_link(url: str) -> bool:
    return safe_url(url) is not None or _DATA_IMAGE.fullmatch(url) is not None


def _make_safe(state: StateCore) -> None:
    """Demotes headings, names them, replaces images that would load, marks links that leave."""
    anchors: dict[str, str] = {}
    for index, token in enumerate(state.tokens):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1:]) + _DEMOTED)}"
        if token.type == "heading_open":
            token.attrSet("id", _anchor(state.tokens[index + 1], anchors, state.env["id_prefix"]))
        _align_by_class(token)
    for token in state.tokens:
        if token.children is not None:
            token.children = list(_safe_children(token.children, anchors))


def _anchor(inline: Token, anchors: dict[str, str], prefix: str) -> str:
    words = RendererHTML().renderInlineAsText(inline.children, {}, {})  # type: ignore[arg-type]
    name = _NOT_ANCHOR.sub("", words.lower()).strip().replace(" ", "-") or "section"
    unique, count = name, 1
    while unique in anchors:
        count += 1
        unique = f"{name}-{count}"
    anchors[unique] = prefix + unique
    return anchors[unique]


def _align_by_class(token: Token) -> None:
    style = token.attrs.pop("style", None) if token.type in {"th_open", "td_open"} else None
    if style:
        token.attrSet("class", f"sg-align--{str(style).rpartition(':')[2].strip()}")


def _safe_children(children: Sequence[Token], anchors: dict[str, str]) -> Iterator[Token]:
    is_inside_link = False
    for token in children:
        match token.type:
            case "link_open":
                is_inside_link = True
                yield _safe_link(token, anchors)
            case "link_close":
                is_inside_link = False
                yield token
            case "image":
                yield from _safe_image(token, is_inside_link=is_inside_link)
            case _:
                yield token


def _safe_link(token: Token, anchors: dict[str, str]) -> Token:
    url = safe_url(str(token.attrGet("href") or ""))
    if url is None:  # a data: image as the target of a link: it would navigate there
        token.attrs.pop("href", None)
        return token
    if url.startswith("#"):
        url = f"#{anchors[url[1:]]}" if url[1:] in anchors else url
    token.attrSet("href", url)
    if is_external(url):
        token.attrSet("rel", _REL)
    return token


def _safe_image(token: Token, *, is_inside_link: bool) -> Iterator[Token]:
    src = str(token.attrGet("src") or "")
    if _DATA_IMAGE.fullmatch(src):
        token.attrSet("loading", "lazy")
        yield token
        return
    text = Token("text", "", 0, content=token.content or src[:200] or "image")
    url = None if is_inside_link else safe_url(src)
    if url is None:
        yield text
        return
    opening = Token("link_open", "a", 1, attrs={"href": url, "class": "sg-image-link"})
    if is_external(url):
        opening.attrSet("rel", _REL)
    yield from (opening, text, Token("link_close", "a", -1))


def _highlighted(code: str, language: str, _attributes: str) -> str:
    """The whole `<pre>` of a fenced block, its code as spans of classes."""
    spans = (
        Markup('<span class="{}">{}</span>').format(name, text) if name else escape(text)
        for name, text in highlight(code, language.lower() or None)
    )
    return str(Markup('<pre class="hl"><code>{}</code></pre>\n').format(Markup().join(spans)))


def _footnote_ref(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, env: Any
) -> str:
    number, repeat = tokens[index].meta["id"] + 1, tokens[index].meta["subId"]
    back = f"{env['id_prefix']}fnref-{number}" + (f"-{repeat}" if repeat else "")
    return str(
        Markup('<sup class="sg-footnote-ref"><a href="#{}fn-{}" id="{}">[{}]</a></sup>').format(
            env["id_prefix"], number, back, number
        )
    )


def _footnote_open(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, env: Any
) -> str:
    number = tokens[index].meta["id"] + 1
    return str(Markup('<li id="{}fn-{}">').format(env["id_prefix"], number))


def _footnote_anchor(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: Any, env: Any
) -> str:
    number, repeat = tokens[index].meta["id"] + 1, tokens[index].meta["subId"]
    back = f"{env['id_prefix']}fnref-{number}" + (f"-{repeat}" if repeat else "")
    return str(Markup(' <a href="#{}" aria-label="Back to the text">↩</a>').format(back))
