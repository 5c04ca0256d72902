"""What a preview shows of an attachment: one or two views, each with a sentence on its limits.

Floor 3. A view is text, a table, a picture or Markdown source; whoever writes it into a page writes
text and attributes, never markup.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from sitegen.bundle.limits import Limits
from sitegen.derive.ansi import terminal_pieces
from sitegen.derive.highlight import Piece, highlight, lexer_name
from sitegen.derive.json_layout import lay_out
from sitegen.read.attachments import (
    Content,
    ImageContent,
    NoContent,
    SvgContent,
    TextContent,
)
from sitegen.read.tables import TableContent
from sitegen.read.textfiles import without_controls
from sitegen.units import bytes_text, count_text, plural

LONGEST_LINE = 2_000
SOURCE_CHARACTERS = 64_000
MOST_PIXELS = 60_000_000
"""A larger picture would take 240 MB of the reader's memory to draw."""

_INT = re.compile(r"[+-]?(?:0|[1-9]\d{0,18})")
_FLOAT = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?|nan", re.IGNORECASE
)
_BOOL = re.compile(r"true|false", re.IGNORECASE)
_RIGHT = {"int", "float", "decimal", "bool"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table's preview."""

    name: str
    """Its name."""
    type: str
    """`int`, `float`, `bool`, `text`, or the file's own word."""
    is_right: bool
    """Whether its cells are set right: numbers and booleans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to see a file."""

    kind: Literal["table", "text", "image", "markdown"]
    """Which of the fields hold it."""
    name: str
    """What the choice of views calls it: `Table`, `Source`."""
    note: str
    """What is shown and what is left out, in sentences; may be empty."""
    columns: tuple[Column, ...] = ()
    """Columns of a table."""
    rows: tuple[tuple[str | None, ...], ...] = ()
    """Cells of a table as written; None where a row has no such cell."""
    pieces: tuple[Piece, ...] = ()
    """(class, text) pieces of a text."""
    source: str = ""
    """Source of Markdown, or the data address of an SVG picture."""
    width: int | None = None
    """Width of a picture in px."""
    height: int | None = None
    """Height of a picture in px."""

    @property
    def characters(self) -> int:
        """About how many characters it takes."""
        cells = sum(len(cell or "") + 4 for row in self.rows for cell in row)
        return cells + sum(len(text) + 8 for _, text in self.pieces) + len(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The views of a file, or why there is none."""

    detail: str
    """What the list says after the name: `1,319 rows`; may be empty."""
    facts: str
    """What stands beside the size: `1,319 rows × 6 columns`; may be empty."""
    views: tuple[View, ...]
    """First the one shown at first; empty without a preview."""
    reason: str
    """Why there is no preview; empty if there is one."""


def derive_preview(name: str, content: Content, size_bytes: int, limits: Limits) -> Preview:
    """The preview of the file called *name*."""
    match content:
        case ImageContent():
            return _image(content, size_bytes, limits)
        case SvgContent():
            return _svg(content)
        case TableContent():
            return _table(content)
        case TextContent():
            return _text(name, content, size_bytes)
        case NoContent():
            return Preview(detail="", facts="", views=(), reason=content.reason)
        case _:
            assert_never(content)


def _image(content: ImageContent, size_bytes: int, limits: Limits) -> Preview:
    width, height = content.head.width, content.head.height
    size = f"{width} × {height}" if width and height else ""
    reason = ""
    if width and height and width * height > MOST_PIXELS:
        reason = f"The picture is not shown: it has {width * height / 1e6:,.0f} million pixels."
    elif size_bytes > limits.publish_bytes:
        reason = "The picture is not shown: the file is not published."
    view = View(kind="image", name="Picture", note="", width=width, height=height)
    facts = f"{size} px" if size else ""
    return Preview(detail=size, facts=facts, views=() if reason else (view,), reason=reason)


def _svg(content: SvgContent) -> Preview:
    source = _source(content.text, "html")
    if content.fault:
        return _only(source, f"Shown as source: {content.fault}.")
    address = f"data:image/svg+xml;base64,{base64.b64encode(content.content).decode()}"
    note = "Drawn as a picture: its scripts do not run and nothing it refers to is loaded."
    picture = View(kind="image", name="Picture", note=note, source=address)
    return Preview(detail="", facts="", views=(picture, source), reason="")


def _only(view: View, note: str) -> Preview:
    shown = View(kind=view.kind, name=view.name, note=f"{note} {view.note}".strip(),
                 pieces=view.pieces)  # fmt: skip
    return Preview(detail="", facts="", views=(shown,), reason="")


def _table(content: TableContent) -> Preview:
    rows = "" if content.row_count is None else plural(content.row_count, "row")
    columns = plural(content.column_count, "column")
    if not content.columns:
        reason = f"There is nothing to show: {content.fault or 'the table is empty.'}"
        return Preview(detail="empty", facts="empty", views=(), reason=reason)
    table = View(
        kind="table", name="Table", note=" ".join(_table_notes(content)),
        columns=_columns(content), rows=content.rows,
    )  # fmt: skip
    views = [table]
    if content.source is not None:
        views.append(_source(content.source, "json" if content.format == "jsonl" else None))
    facts = f"{rows} × {columns}" if rows else columns
    return Preview(detail=rows, facts=facts, views=tuple(views), reason="")


def _table_notes(content: TableContent) -> list[str]:
    shown, count = len(content.rows), content.row_count
    notes = []
    if count is None and content.fault is None:
        notes.append(f"Preview of the first {plural(shown, 'row')}. The file holds more.")
    elif count is not None and count > shown and content.fault is None:
        notes.append(
            f"Preview of the first {plural(shown, 'row')}. The file holds {count_text(count)}."
        )
    if content.column_count > len(content.columns):
        notes.append(
            f"{count_text(len(content.columns))} of {plural(content.column_count, 'column')} shown."
        )
    return [*notes, *([content.fault] if content.fault else []), *content.notes]


def _columns(content: TableContent) -> tuple[Column, ...]:
    cells = list(zip(*content.rows, strict=True)) or [()] * len(content.columns)
    types = [
        stated or _type_of(column) for stated, column in zip(content.types, cells, strict=True)
    ]
    return tuple(
        Column(name=name, type=type_, is_right=type_ in _RIGHT)
        for name, type_ in zip(content.columns, types, strict=True)
    )


def _type_of(cells: Sequence[str | None]) -> str:
    """The narrowest type that all cells with text have; ids such as `007` stay text."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    if not filled:
        return "text"
    for name, pattern in (("int", _INT), ("float", _FLOAT), ("bool", _BOOL)):
        if all(pattern.fullmatch(cell) for cell in filled):
            has_code = any(len(cell) > 1 and cell[0] == "0" and cell.isdigit() for cell in filled)
            return "text" if has_code else name
    return "text"


def _text(name: str, content: TextContent, size_bytes: int) -> Preview:
    lines = "" if content.line_count is None else plural(content.line_count, "line")
    notes = []
    if content.is_cut:
        shown = bytes_text(len(content.text.encode("utf-8", "replace")))
        notes.append(f"The first {shown} are shown. The file has {bytes_text(size_bytes)}.")
    if content.encoding.label != "UTF-8":
        notes.append(f"{content.encoding.label}.")
    if not content.text.strip():
        reason = "The file is empty." if not size_bytes else "The file holds only white space."
        return Preview(detail="empty", facts="", views=(), reason=reason)
    views = _text_views(name, content, notes)
    return Preview(detail=lines, facts=lines, views=views, reason="")


def _text_views(name: str, content: TextContent, notes: list[str]) -> tuple[View, ...]:
    match content.role:
        case "markdown":
            rendered = View(
                kind="markdown", name="Rendered", note=" ".join(notes), source=content.text
            )
            return rendered, _text_view("Source", content.text, None, notes)
        case "json":
            return _json_views(content, notes)
        case "log":
            text, cut = _short_lines(content.text)
            pieces = terminal_pieces(text)
            return (_view("Text", _printable(pieces), [*notes, *cut]),)
        case "code":
            return (_text_view("Source", content.text, lexer_name(name.rpartition("/")[2]), notes),)
        case _:
            assert_never(content.role)


def _json_views(content: TextContent, notes: list[str]) -> tuple[View, ...]:
    source = _text_view("Source", content.text, "json", notes)
    if content.is_cut:
        return (source,)
    try:
        json.loads(content.text.lstrip("\ufeff"), parse_int=len, parse_float=len)
    except ValueError as error:
        return (_text_view("Source", content.text, "json", [*notes, f"Not valid JSON: {error}."]),)
    except RecursionError:
        return (source,)
    laid_out = lay_out(content.text.lstrip("\ufeff"))
    if len(laid_out) > 4 * len(content.text) + 1000:
        return (source,)
    formatted = _text_view("Formatted", laid_out, "json", notes)
    if laid_out.strip() == content.text.strip() or len(content.text) > SOURCE_CHARACTERS:
        return (formatted,)
    return formatted, source


def _source(text: str, alias: str | None) -> View:
    notes = []
    if len(text) > SOURCE_CHARACTERS:
        text = text[:SOURCE_CHARACTERS].rpartition("\n")[0] or text[:SOURCE_CHARACTERS]
        notes.append(f"The first {count_text(len(text))} characters as written.")
    return _text_view("Source", text, alias, notes)


def _text_view(name: str, text: str, alias: str | None, notes: list[str]) -> View:
    text, cut = _short_lines(text.replace("\r", "\n"))
    return _view(name, highlight(without_controls(text.lstrip("\ufeff")), alias), [*notes, *cut])


def _view(name: str, pieces: tuple[Piece, ...], notes: list[str]) -> View:
    return View(kind="text", name=name, note=" ".join(notes), pieces=pieces)


def _printable(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple((name, without_controls(text)) for name, text in pieces)


def _short_lines(text: str) -> tuple[str, list[str]]:
    """*text* with long lines cut, and the sentence that says so."""
    lines = text.split("\n")
    long = sum(len(line) > LONGEST_LINE for line in lines)
    if not long:
        return text, []
    shown = [
        f"{line[:LONGEST_LINE]}… ({len(line) - LONGEST_LINE:,} more characters)"
        if len(line) > LONGEST_LINE
        else line
        for line in lines
    ]
    verb = "is" if long == 1 else "are"
    return "\n".join(shown), [
        f"{plural(long, 'line')} {verb} cut at {count_text(LONGEST_LINE)} characters."
    ]
