"""What a preview shows of an attachment: one or two views, each with a sentence on its limits.

Floor 3. One function for each kind of content; the views themselves are
`derive/attachments/views.py`.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from typing import assert_never

from sitegen.bundle.limits import Limits
from sitegen.derive.attachments.ansi import terminal_pieces
from sitegen.derive.attachments.document import Documents
from sitegen.derive.attachments.highlight import Piece, highlight, lexer_name
from sitegen.derive.attachments.json_layout import lay_out
from sitegen.derive.attachments.json_tree import json_tree_view
from sitegen.derive.attachments.notebooks import notebook_preview, notebook_view
from sitegen.derive.attachments.patch import patch_view
from sitegen.derive.attachments.plotly_figures import FigureRefusedError, check_figure
from sitegen.derive.attachments.static_html import static_html
from sitegen.derive.attachments.table_columns import RIGHT, column_of
from sitegen.derive.attachments.views import Column, Preview, View
from sitegen.read.content import (
    Content,
    DocxContent,
    FigureContent,
    HtmlContent,
    ImageContent,
    ListingContent,
    NoContent,
    NotebookContent,
    PlayableContent,
    SvgContent,
    TextContent,
)
from sitegen.read.documents.tables import TableContent
from sitegen.read.documents.textfiles import without_controls
from sitegen.units import bytes_text, count_text, plural

LONGEST_LINE = 2_000
SOURCE_CHARACTERS = 64_000
MOST_PIXELS = 60_000_000
"""A larger picture would take 240 MB of the reader's memory to draw."""
_SMALL_JSON = 2_000


def derive_preview(
    name: str, content: Content, size_bytes: int, limits: Limits, *, id_prefix: str,
    documents: Documents,
) -> Preview:  # fmt: skip
    """The preview of the file called *name*; ids in it begin with *id_prefix*."""
    match content:
        case ImageContent():
            return _image(content, size_bytes, limits)
        case SvgContent():
            return _svg(content)
        case TableContent():
            return _table(content)
        case ListingContent():
            return _listing(content)
        case TextContent():
            return _text(name, content, size_bytes, id_prefix, documents)
        case HtmlContent():
            return _html(content, size_bytes)
        case DocxContent():
            return _docx(content, documents)
        case NotebookContent():
            source = _text_view("Source", content.source.text, "json", [])
            return notebook_preview(content, (notebook_view(content, id_prefix, documents), source))
        case FigureContent():
            return _figure(content, limits)
        case PlayableContent():
            return _playable(content, size_bytes, limits)
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
    return Preview(detail="", facts="", views=(_noted(view, note),), reason="")


def _noted(view: View, note: str) -> View:
    """The view with *note* before its own."""
    return replace(view, note=f"{note} {view.note}".strip())


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
    if count is not None and 0 < content.scanned_rows < count and count > shown:
        notes.append(
            f"Figures of columns are over the first {plural(content.scanned_rows, 'row')}."
        )
    return [*notes, *([content.fault] if content.fault else []), *content.notes]


def _columns(content: TableContent) -> tuple[Column, ...]:
    return tuple(
        column_of(name, stated, scan)
        for name, stated, scan in zip(content.columns, content.types, content.scans, strict=True)
    )


def _listing(content: ListingContent) -> Preview:
    columns = tuple(_listed_column(name, kind) for name, kind in content.columns)
    notes = [*content.notes, *([content.fault] if content.fault else [])]
    if not content.rows:
        reason = f"There is nothing to list: {content.fault or 'it is empty.'}"
        return Preview(detail="empty", facts="empty", views=(), reason=reason)
    view = View(
        kind="table", name="Contents", note=" ".join(notes), columns=columns, rows=content.rows
    )
    detail = plural(content.row_count, content.noun)
    return Preview(detail=detail, facts=content.facts, views=(view,), reason="")


def _listed_column(name: str, kind: str) -> Column:
    """A column of facts about members: its type is plain to see, its figures say nothing."""
    return Column(name=name, type="" if kind == "text" else kind, is_right=kind in RIGHT)


def _html(content: HtmlContent, size_bytes: int) -> Preview:
    notes = _text_notes(content.source, size_bytes)
    count = content.source.line_count
    lines = "" if count is None else plural(count, "line")
    source = _text_view("Source", content.source.text, "html", notes)
    if content.text is None:
        return _only(source, "The page is too large to be shown as one.")
    page = static_html(content.text)
    scripts = page.script_count
    if not re.sub(r"<[^>]*>|\s", "", page.html) and "<img" not in page.html:
        why = "it is drawn by scripts, which do not run here" if scripts else "it is empty"
        return _only(source, f"Shown as source: {why}.")
    left_out = f" Its {plural(scripts, 'script')} did not run." if scripts else ""
    cut = " Its beginning is shown." if page.is_cut else ""
    note = (
        "The page without scripts, style sheets and everything that it would load, in a frame that"
        f" can run nothing.{left_out}{cut} Download it to see it whole."
    )
    frame = View(kind="frame", name="Static page", note=note, source=page.html)
    return Preview(detail=lines, facts=lines, views=(source, frame), reason="")


def _docx(content: DocxContent, documents: Documents) -> Preview:
    nodes = documents.of_html(content.html)
    if not nodes:
        reason = "The document holds no text, tables or pictures."
        return Preview(detail="empty", facts="", views=(), reason=reason)
    note = "Text, tables and pictures; the layout of pages is not kept."
    view = View(
        kind="document", name="Document", note=" ".join([note, *content.notes]), nodes=nodes
    )
    facts = plural(content.paragraphs, "paragraph")
    return Preview(detail=facts, facts=facts, views=(view,), reason="")


def _figure(content: FigureContent, limits: Limits) -> Preview:
    tree = json_tree_view(dict(content.figure), [])
    others = [tree] if tree else []
    if not content.source.is_cut:
        others.append(_text_view("Source", content.source.text, "json", []))
    try:
        figure = check_figure(content.figure, limits)
    except FigureRefusedError as error:
        note = f"A Plotly figure that is not drawn: {error}."
        first = _noted(others[0], note) if others else None
        views = (first, *others[1:]) if first else ()
        return Preview(detail="Plotly figure", facts="Plotly figure", views=views,
                       reason="" if views else note)  # fmt: skip
    chart = View(
        kind="figure", name="Chart", note=" ".join(figure.notes), height=figure.height,
        figure={"data": figure.data, "layout": figure.layout}, needs_library=figure.needs_library,
    )  # fmt: skip
    facts = f"Plotly figure, {plural(len(figure.data), 'trace')}, {', '.join(figure.types)}"
    return Preview(detail="Plotly figure", facts=facts, views=(chart, *others), reason="")


def _playable(content: PlayableContent, size_bytes: int, limits: Limits) -> Preview:
    facts = content.facts
    if content.fault is not None:
        return Preview(detail=content.format, facts=facts, views=(), reason=content.fault)
    if size_bytes > limits.publish_bytes:
        reason = "It is not shown here: the file is not published."
        return Preview(detail=content.format, facts=facts, views=(), reason=reason)
    name = {"audio": "Player", "video": "Player", "pdf": "Pages"}[content.kind]
    note = "Shown by the browser's own viewer." if content.kind == "pdf" else ""
    view = View(kind="media", name=name, note=note, media=content.kind)
    return Preview(detail=content.format, facts=facts, views=(view,), reason="")


def _text(
    name: str, content: TextContent, size_bytes: int, id_prefix: str, documents: Documents
) -> Preview:
    lines = "" if content.line_count is None else plural(content.line_count, "line")
    notes = _text_notes(content, size_bytes)
    if not content.text.strip():
        reason = "The file is empty." if not size_bytes else "The file holds only white space."
        return Preview(detail="empty", facts="", views=(), reason=reason)
    if content.role == "patch":
        patch = patch_view(without_controls(content.text), notes)
        if patch is not None:
            source = _text_view("Source", content.text, "diff", notes)
            return Preview(detail=patch[1], facts=patch[1], views=(patch[0], source), reason="")
    views = _text_views(name, content, notes, id_prefix, documents)
    return Preview(detail=lines, facts=lines, views=views, reason="")


def _text_notes(content: TextContent, size_bytes: int) -> list[str]:
    notes = []
    if content.is_cut:
        shown = bytes_text(len(content.text.encode("utf-8", "replace")))
        notes.append(f"The first {shown} are shown. The file has {bytes_text(size_bytes)}.")
    if content.misnamed:
        notes.append(f"It is named {content.misnamed}, but its bytes are text.")
    if content.encoding.label != "UTF-8":
        notes.append(f"{content.encoding.label}.")
    return notes


def _text_views(
    name: str, content: TextContent, notes: list[str], id_prefix: str, documents: Documents
) -> tuple[View, ...]:
    match content.role:
        case "markdown":
            nodes = documents.of_markdown(content.text, id_prefix)
            rendered = View(kind="document", name="Rendered", note=" ".join(notes), nodes=nodes)
            return rendered, _text_view("Source", content.text, None, notes)
        case "json":
            return _json_views(content, notes)
        case "log":
            text, cut = _short_lines(content.text)
            pieces = terminal_pieces(text)
            return (_view("Text", _printable(pieces), [*notes, *cut]),)
        case "code" | "patch":
            alias = lexer_name(name.rpartition("/")[2]) if content.role == "code" else "diff"
            return (_text_view("Source", content.text, alias, notes),)
        case _:
            assert_never(content.role)


def _json_views(content: TextContent, notes: list[str]) -> tuple[View, ...]:
    source = _text_view("Source", content.text, "json", notes)
    if content.is_cut:
        return (source,)
    try:
        value = json.loads(content.text.lstrip("\ufeff"))
    except ValueError as error:
        return (_text_view("Source", content.text, "json", [*notes, f"Not valid JSON: {error}."]),)
    except RecursionError:
        return (source,)
    tree = json_tree_view(value, notes)
    views: tuple[View, ...] = (tree,) if tree and len(content.text) > _SMALL_JSON else ()
    laid_out = lay_out(content.text.lstrip("\ufeff"))
    if len(laid_out) > 4 * len(content.text) + 1000:
        return (*views, source)
    formatted = _text_view("Formatted", laid_out, "json", notes)
    if not views:
        views = (formatted, tree) if tree else (formatted,)
    elif len(content.text) <= SOURCE_CHARACTERS:
        views = (*views, formatted)
    if laid_out.strip() == content.text.strip() or len(content.text) > SOURCE_CHARACTERS:
        return views
    return *views, source


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
