"""The renderer on ordinary notes, and on every hostile string we could find."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.render.markdown import render_markdown

HOSTILE = Path(__file__).parents[3] / "shared" / "data" / "hostile"
_DATA_IMAGES = tuple(f"data:image/{kind};base64," for kind in ("png", "jpeg", "gif", "webp"))
_TAGS = {"p", "h3", "h4", "h5", "h6", "a", "img", "em", "strong", "s", "code", "pre", "span", "ul"}
_TAGS |= {"ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "hr", "br"}
_TAGS |= {"input", "sup", "section"}


class Dangers(HTMLParser):
    """Collects whatever could run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            text = value or ""
            if name.startswith("on") or name in {"style", "srcset", "srcdoc", "formaction"}:
                self.found.append(f"{name}={text}")
            if name == "src" and not text.startswith(_DATA_IMAGES):
                self.found.append(f"src={text}")
            if name == "href" and not text.startswith(("http://", "https://", "mailto:")):
                head = text.split("/")[0].split("?")[0].split("#")[0]
                if ":" in head or text.startswith("//"):
                    self.found.append(f"href={text}")
            if name == "id" and not text.startswith("user-content-"):
                self.found.append(f"id={text}")


def dangers(html: str) -> list[str]:
    parser = Dangers()
    parser.feed(html)
    parser.close()
    return parser.found


def hostile_texts() -> list[str]:
    if not HOSTILE.is_dir():
        pytest.skip("the hostile corpora (../shared/data/hostile) are not on this machine")
    texts = [str(text) for text in json.loads((HOSTILE / "blns" / "blns.json").read_text("utf-8"))]
    for folder in ("xss", "dompurify", "csv-injection", "traversal"):
        for path in sorted((HOSTILE / folder).rglob("*")):
            if path.is_file():
                whole = path.read_text("utf-8", "replace")
                texts.extend([whole, *whole.splitlines()])
    return texts


def test_no_hostile_string_becomes_anything_that_runs_or_loads() -> None:
    for text in hostile_texts():
        assert dangers(render_markdown(text)) == []


@pytest.mark.parametrize(
    "around",
    ["[a]({})", "![a]({})", "<{}>", "[a]: {}\n\n[a]", "# {}", "|a|\n|-|\n|{}|", "```{}\nx"],
)
def test_no_hostile_string_is_let_through_inside_markdown(around: str) -> None:
    for text in hostile_texts():
        if len(text) < 500:
            assert dangers(render_markdown(around.replace("{}", text))) == []


@given(st.text(alphabet="[]()!<>`*_#|-:&\"'\\ \n/ajhtpsvcrimg=.1^~x"))
def test_no_text_at_all_becomes_anything_that_runs_or_loads(text: str) -> None:
    assert dangers(render_markdown(text)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One", '<h3 id="user-content-one">One</h3>\n'),
        ("###### Six", '<h6 id="user-content-six">Six</h6>\n'),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](//example.org)", "<p>[x](//example.org)</p>\n"),
        ("[x](#tab=traces)", '<p><a href="#tab=traces">x</a></p>\n'),
        (
            "[x](https://example.org)",
            '<p><a href="https://example.org" rel="noopener noreferrer nofollow">x</a></p>\n',
        ),
        (
            "![chart](https://example.org/a.png)",
            (
                '<p><a href="https://example.org/a.png" class="sg-image-link"'
                ' rel="noopener noreferrer nofollow">chart</a></p>\n'
            ),
        ),
        (
            "![dot](data:image/png;base64,AAAA)",
            '<p><img src="data:image/png;base64,AAAA" alt="dot" loading="lazy"></p>\n',
        ),
        ("![x](data:image/svg+xml;base64,AAAA)", "<p>![x](data:image/svg+xml;base64,AAAA)</p>\n"),
        ("![](./a.png)", '<p><a href="./a.png" class="sg-image-link">./a.png</a></p>\n'),
    ],
)
def test_markdown_becomes_this_html(text: str, expected: str) -> None:
    assert str(render_markdown(text)) == expected


def test_an_image_inside_a_link_leaves_one_link() -> None:
    html = render_markdown("[![badge](https://a.example/b.svg)](https://c.example)")

    assert html.count("<a ") == 1
    assert ">badge</a>" in html


def test_a_link_to_a_heading_of_the_note_finds_it() -> None:
    html = render_markdown("[go](#a-b)\n\n# A b\n\n# A b\n")

    assert 'href="#user-content-a-b"' in html
    assert 'id="user-content-a-b-2"' in html


def test_code_is_coloured_by_classes() -> None:
    html = render_markdown("```python\nreturn 1 < 2\n```")

    assert '<pre class="hl"><code><span class="k">return ' in html
    assert '<span class="m">1 ' in html
    assert "&lt;" in html


def test_a_table_is_aligned_by_classes() -> None:
    html = render_markdown("|a|b|\n|--:|:-:|\n|1|2|")

    assert '<td class="sg-align--right">1</td>' in html
    assert "style" not in html


def test_task_lists_and_footnotes_are_rendered() -> None:
    html = render_markdown("- [x] done[^1]\n\n[^1]: a note")

    assert 'checked="checked"' in html
    assert 'id="user-content-fn-1"' in html
    assert 'href="#user-content-fnref-1"' in html


def test_two_notes_of_a_page_can_have_different_ids() -> None:
    assert 'id="user-content-7-a"' in render_markdown("# a", id_prefix="user-content-7-")


def test_a_long_note_is_cut_at_a_line_and_says_so() -> None:
    html = render_markdown("first line\n\nsecond line\n", limit_bytes=15)

    assert "first line" in html
    assert "second" not in html
    assert "Cut here: the first 15\u00a0bytes of 24\u00a0bytes are shown." in html


def test_deep_nesting_is_cut_and_says_so() -> None:
    html = render_markdown("> " * 300 + "deep")

    assert html.count("<blockquote>") <= 40
    assert "nested deeper than 40 levels" in html


def test_markdown_whose_html_explodes_is_shown_as_written() -> None:
    html = render_markdown("[^a]" * 20_000 + "\n\n[^a]: x")

    assert html.startswith("<pre>[^a]")
    assert len(html) < 2_000_000


def test_lone_surrogates_do_not_stop_it() -> None:
    assert render_markdown("a\ud800b") == "<p>a?b</p>\n"
