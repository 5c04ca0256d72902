"""Whatever a page holds, what is written anew can neither run nor load."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.attachments.static_html import static_html

HARMLESS = {"align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan",
            "dir", "height", "lang", "open", "rowspan", "scope", "start", "title", "valign",
            "width", "style", "src"}  # fmt: skip


class Checked(HTMLParser):
    """Fails on anything that could run, load or lead away."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "style", "iframe", "object", "embed", "svg", "math", "form",
                           "base", "meta", "link", "input", "template", "textarea"}  # fmt: skip
        for name, value in attrs:
            assert name in HARMLESS, (tag, name)
            if name == "src":
                assert re.match(r"data:image/(png|jpeg|gif|webp);base64,", value or "")
            if name == "style":
                assert not re.search(r"url|expression|@|\\", value or "", re.IGNORECASE)


def check(page: str) -> None:
    reader = Checked()
    reader.feed(page)
    reader.close()


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<h1 style='color:red' onclick=x>Hi</h1>", '<h1 style="color:red">Hi</h1>'),
        ("<p style='background:url(//x)'>a", "<p>a"),
        ("a<script>alert(1)</script>b", "ab"),
        ("a<style>p{}</style>b<svg><script>1</script></svg>c", "abc"),
        ('<img src="https://x/y.png">', "<img>"),
        ("<a href='javascript:1'>x</a>", "<a>x</a>"),
        ("<table border=1><tr><td colspan=2>x</table>",
         '<table border="1"><tr><td colspan="2">x</table>'),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<script/>words", "words"),
        ('<p title="&quot;><script>">x', '<p title="&quot;&gt;&lt;script&gt;">x'),
    ],
)  # fmt: skip
def test_a_page_keeps_its_text_and_what_is_harmless(html: str, shown: str) -> None:
    page = static_html(html).html

    assert page.partition(">")[2].removesuffix("</div>") == shown
    check(page)


def test_scripts_are_counted() -> None:
    assert static_html("<script>1</script><p>x<script src=y></script>").script_count == 2


def test_an_empty_page_is_empty() -> None:
    assert static_html("<html><head></head><body></body></html>").html == ""


PARTS = ["<", ">", "</", "script", "style", "img", " src=", "'", '"', "data:image/png;base64,AA",
         "onerror=1", "<!--", "-->", "<![CDATA[", "&lt;", "/>", "svg", " style=",
         "url(x)", "p"]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=4), max_size=30))
def test_any_text_is_written_without_what_runs(parts: list[str]) -> None:
    check(static_html("".join(parts)).html)


def test_every_payload_of_the_corpora_is_written_without_what_runs(hostile_data: Path) -> None:
    files = [path for path in sorted((hostile_data / "xss").rglob("*")) if path.is_file()]

    assert files
    for path in files:
        check(static_html(path.read_text(encoding="utf-8", errors="replace")).html)


@pytest.mark.parametrize(
    "piece", ["<!--", "<![", "<!", "<?", "</", "<a ", "<a b='", '<a b="x>', "<script>", "&", "<p>",
              "<div ", "</p"],
)  # fmt: skip
def test_a_million_beginnings_without_an_end_do_not_stall(piece: str) -> None:
    started = time.process_time()

    check(static_html(piece * (1_000_000 // len(piece))).html)

    assert time.process_time() - started < 10


@pytest.mark.parametrize("attribute", [' a{}="1"', " a{}", "/a{}", " a{}=1"])
def test_a_tag_of_too_many_attributes_is_passed_over(attribute: str) -> None:
    many = "".join(attribute.format(number) for number in range(210_000))

    page = static_html(f"<p>before</p><div{many} title=x>within</div><p title='y'>after</p>")

    assert 'title="x"' not in page.html
    assert "before" in page.html
    assert 'title="y"' in page.html


def test_a_large_picture_is_kept() -> None:
    content = "A" * 400_000

    assert "<img src=" in static_html(f'<img src="data:image/png;base64,{content}==">').html
