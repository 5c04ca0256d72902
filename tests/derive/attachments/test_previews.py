from __future__ import annotations

import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.attachments.previews import LONGEST_LINE, derive_preview
from sitegen.derive.attachments.views import Preview, View
from sitegen.read.content import (
    Content,
    FigureContent,
    HtmlContent,
    ImageContent,
    ListingContent,
    NoContent,
    PlayableContent,
    SvgContent,
    TextContent,
)
from sitegen.read.documents.media import ImageHead
from sitegen.read.documents.tables import ColumnScan, TableContent
from sitegen.read.documents.textfiles import LATIN1, UTF8
from sitegen.render.document import MarkupDocuments

CELLS = (("a", "1", "0.5", "true", "007"), ("b", "", "NaN", "FALSE", "010"))

TABLE = TableContent(
    format="csv", columns=("id", "n", "x", "ok", "zip"), types=(None,) * 5,
    rows=CELLS, scanned_rows=2,
    scans=tuple(
        ColumnScan(texts=cells, missing=0, numbers=None) for cells in zip(*CELLS, strict=True)
    ),
    row_count=1319, column_count=5, source="id,n\n", notes=(), fault=None,
)  # fmt: skip


def preview(name: str, content: Content, size_bytes: int = 100) -> Preview:
    return derive_preview(
        name, content, size_bytes, DEFAULT_LIMITS, id_prefix="user-content-",
        documents=MarkupDocuments(DEFAULT_LIMITS),
    )  # fmt: skip


def text(role: str, content: str, **changes: object) -> TextContent:
    fields = {"role": role, "text": content, "encoding": UTF8, "is_cut": False, "line_count": 3}
    return TextContent(**(fields | changes))  # type: ignore[arg-type]


def shown(view: View) -> str:
    return "".join(piece for _, piece in view.pieces)


def test_a_table_says_how_much_of_it_is_shown() -> None:
    result = preview("a.csv", TABLE)

    assert result.detail == "1,319 rows"
    assert result.facts == "1,319 rows × 5 columns"
    assert [view.name for view in result.views] == ["Table", "Source"]
    assert result.views[0].note == (
        "Preview of the first 2 rows. The file holds 1,319."
        " Figures of columns are over the first 2 rows."
    )


def test_columns_have_the_narrowest_type_of_their_cells() -> None:
    columns = preview("a.csv", TABLE).views[0].columns

    assert [one.type for one in columns] == ["text", "int", "float", "bool", "text"]
    assert [one.is_right for one in columns] == [False, True, True, True, False]


def test_an_empty_table_says_so() -> None:
    empty = TableContent(
        format="csv", columns=(), types=(), rows=(), scans=(), scanned_rows=0,
        row_count=0, column_count=0, source="",
        notes=(), fault=None,
    )  # fmt: skip

    assert preview("a.csv", empty).reason == "There is nothing to show: the table is empty."


def test_a_picture_is_a_view_unless_it_is_too_large_to_draw_or_to_publish() -> None:
    small = ImageContent(head=ImageHead(format="png", width=640, height=480))
    huge = ImageContent(head=ImageHead(format="png", width=40_000, height=40_000))

    assert preview("a.png", small).views[0].width == 640
    assert preview("a.png", small).detail == "640 × 480"
    assert "1,600 million pixels" in preview("a.png", huge).reason
    assert "not published" in preview("a.png", small, 10**9).reason


def test_an_svg_is_a_data_address_and_a_source() -> None:
    content = b'<svg xmlns="http://www.w3.org/2000/svg"/>'

    result = preview("a.svg", SvgContent(content=content, text=content.decode(), fault=None))

    assert result.views[0].source.startswith("data:image/svg+xml;base64,PHN2Zy")
    assert shown(result.views[1]) == content.decode()


def test_an_svg_that_cannot_be_drawn_is_shown_as_source_with_the_reason() -> None:
    result = preview("a.svg", SvgContent(content=b"<svg", text="<svg", fault="line 1: broken"))

    assert [view.kind for view in result.views] == ["text"]
    assert result.views[0].note == "Shown as source: line 1: broken."


def test_markdown_is_a_document_and_a_source() -> None:
    rendered, source = preview("a.md", text("markdown", "# Hi")).views

    assert rendered.kind == "document"
    assert shown(source) == "# Hi"


def test_short_json_is_laid_out_and_a_tree_and_kept_as_written() -> None:
    formatted, tree, source = preview("a.json", text("json", '{"a":1.0,"b":[1,2]}')).views

    assert shown(formatted) == '{\n  "a": 1.0,\n  "b": [1, 2]\n}'
    assert tree.kind == "document"
    assert shown(source) == '{"a":1.0,"b":[1,2]}'


def test_long_json_is_a_tree_first() -> None:
    content = "[" + ",".join(f'"{number}"' for number in range(1_000)) + "]"

    assert [view.name for view in preview("a.json", text("json", content)).views] == [
        "Tree", "Formatted", "Source",
    ]  # fmt: skip


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "", "nope"])
def test_what_is_no_json_is_shown_as_written(content: str) -> None:
    views = preview("a.json", text("json", content)).views

    assert [view.name for view in views] == (["Source"] if content else [])


def test_code_is_coloured_by_its_name() -> None:
    assert ("k", "import ") in preview("a/train.py", text("code", "import os\n")).views[0].pieces


def test_a_log_keeps_terminal_colours_and_shows_control_characters() -> None:
    pieces = preview("a.log", text("log", "\x1b[31mred\x1b[0m\0")).views[0].pieces

    assert pieces == (("sg-ansi--red", "red"), ("", "␀"))


def test_long_lines_are_cut_and_said() -> None:
    view = preview("a.log", text("log", "x" * (LONGEST_LINE + 5) + "\nshort")).views[0]

    assert shown(view) == "x" * LONGEST_LINE + "… (5 more characters)\nshort"
    assert view.note == "1 line is cut at 2,000 characters."


def test_a_cut_text_and_its_encoding_are_said() -> None:
    content = text("log", "words", is_cut=True, encoding=LATIN1, line_count=None)

    result = preview("a.log", content, 2_700_000)

    assert result.detail == ""
    assert result.views[0].note == (
        "The first 5 bytes are shown. The file has 2.7\u00a0MB."
        " Latin-1, taken because it is not UTF-8."
    ).replace("5 bytes", "5\u00a0bytes")


def test_a_text_that_is_named_as_something_else_says_so() -> None:
    view = preview("card.pdf", text("code", "words", misnamed=".pdf")).views[0]

    assert view.note == "It is named .pdf, but its bytes are text."


def test_an_empty_file_says_so() -> None:
    assert preview("a.txt", text("log", ""), 0).reason == "The file is empty."
    assert preview("a.txt", text("log", " \n"), 2).reason == "The file holds only white space."


def test_a_diff_is_a_document_and_says_how_much_it_changes() -> None:
    content = "--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"

    result = preview("x.patch", text("patch", content))

    assert result.facts == "1 file, +1 −1"
    assert [view.name for view in result.views] == ["Diff", "Source"]


def test_a_page_is_source_first_and_static_in_a_frame() -> None:
    page = "<p onclick=alert(1)>words<script>alert(1)</script>"

    source, frame = preview(
        "a.html", HtmlContent(source=text("code", page), text=page)
    ).views  # fmt: skip

    assert (source.kind, frame.kind) == ("text", "frame")
    assert "words" in frame.source
    assert "alert" not in frame.source
    assert "Its 1 script did not run." in frame.note


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<div id=app></div><script src=app.js></script>", "it is drawn by scripts"),
        ("<html></html>", "it is empty"),
        (None, "too large"),
    ],
)
def test_a_page_with_nothing_to_show_says_why(page: str | None, reason: str) -> None:
    content = HtmlContent(source=text("code", page or "<p>"), text=page)

    (source,) = preview("a.html", content).views

    assert reason in source.note


def test_a_figure_is_a_chart_a_tree_and_a_source() -> None:
    figure = {"data": [{"type": "bar", "y": [1, 2]}], "layout": {"height": 300}}

    result = preview("a.json", FigureContent(figure=figure, source=text("json", "{}")))

    assert [view.name for view in result.views] == ["Chart", "Tree", "Source"]
    assert result.views[0].height == 300
    assert result.facts == "Plotly figure, 1 trace, bar"


def test_a_figure_that_is_not_drawn_says_why_over_its_tree() -> None:
    figure = {"data": [{"type": "surface", "z": [[1]]}], "layout": {}}

    result = preview("a.json", FigureContent(figure=figure, source=text("json", "{}")))

    assert result.views[0].name == "Tree"
    assert "surface need WebGL" in result.views[0].note


def test_what_a_browser_plays_is_a_view_unless_it_is_not_published_or_not_safe() -> None:
    sound = PlayableContent(kind="audio", format="WAV", facts="WAV, 3 s")
    pages = PlayableContent(kind="pdf", format="PDF", facts="PDF 1.4", fault="It holds scripts.")

    assert preview("a.wav", sound).views[0].media == "audio"
    assert "not published" in preview("a.wav", sound, 10**9).reason
    assert preview("a.pdf", pages).reason == "It holds scripts."


def test_a_list_of_members_is_a_table_with_sizes() -> None:
    content = ListingContent(
        noun="member", columns=(("name", "text"), ("size", "bytes")), rows=(("a", "10"),),
        row_count=1, facts="1 member", notes=("Note.",), fault="Cut.",
    )  # fmt: skip

    result = preview("a.zip", content)

    assert [one.is_right for one in result.views[0].columns] == [False, True]
    assert result.views[0].note == "Note. Cut."


def test_a_reason_is_passed_on() -> None:
    assert preview("a.docx", NoContent(reason="Not yet.")).reason == "Not yet."
