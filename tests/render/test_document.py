"""Markup as a tree of elements: nothing in it that is not on our lists, no text lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.attachments.document import ATTRIBUTES, DATA_IMAGE, TAGS, Element, Node
from sitegen.render.document import MarkupDocuments
from sitegen.render.urls import safe_url
from sitegen.units import bytes_text

DOCUMENTS = MarkupDocuments(replace(DEFAULT_LIMITS, markdown_bytes=10**12))


def written(nodes: tuple[Node, ...]) -> str:
    """The nodes in a short form."""
    parts = []
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        else:
            attributes = "".join(f" {key}={value}" for key, value in node.attributes.items())
            parts.append(f"<{node.tag}{attributes}>{written(node.children)}</{node.tag}>")
    return "".join(parts)


def test_beyond_the_budget_of_a_run_markdown_stands_as_written() -> None:
    documents = MarkupDocuments(replace(DEFAULT_LIMITS, markdown_bytes=20))

    first = documents.of_markdown("*twelve here*", "user-content-")
    second = documents.of_markdown("*<b>too much*", "user-content-")

    assert written(first).strip() == "<p><em>twelve here</em></p>"
    assert written(second) == (
        f"<p>As written: the first {bytes_text(20)} of Markdown of a run are rendered.</p>"
        "<pre>*<b>too much*</pre>"
    )


def check(nodes: tuple[Node, ...], depth: int = 0) -> None:
    assert depth < 70
    for node in nodes:
        if isinstance(node, Element):
            assert node.tag in TAGS
            assert node.attributes.keys() <= ATTRIBUTES
            href, src = node.attributes.get("href"), node.attributes.get("src")
            assert href is None or safe_url(href) == href
            assert src is None or DATA_IMAGE.fullmatch(src)
            assert node.attributes.get("id", "user-content-").startswith("user-content-")
            check(node.children, depth + 1)


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<h1>a</h1>", "<h3>a</h3>"),
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ("<font>a</font>", "a"),
        ('<a href="javascript:1">x</a>', "<a>x</a>"),
        ('<a href="other.html">x</a>', "<a>x</a>"),
        ('<a href="https://example.org/">x</a>',
         "<a href=https://example.org/ rel=noopener noreferrer nofollow>x</a>"),
        ('<img src="https://x/y.png" alt="words">', "words"),
        ('<img src="data:image/png;base64,AAAA" alt="w">',
         "<img src=data:image/png;base64,AAAA alt=w></img>"),
        ('<p id="x" class="hl" style="a" onclick="b">c</p>', "<p>c</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a<li>b</li></li></ul>"),
        ("<p>open", "<p>open</p>"),
        ("</p>closed", "closed"),
        ('<td colspan="2" rowspan="x">a</td>', "<td colspan=2>a</td>"),
    ],
)  # fmt: skip
def test_html_keeps_what_is_on_the_lists(html: str, shown: str) -> None:
    assert written(DOCUMENTS.of_html(html)) == shown


def test_markdown_keeps_its_headings_code_tables_tasks_and_footnotes() -> None:
    text = "# Hi\n\n```python\nimport os\n```\n\n|a|b|\n|-|-:|\n|1|2|\n\n- [x] done\n\n"
    text += "x[^1]\n\n[^1]: y"

    shown = written(DOCUMENTS.of_markdown(text, "user-content-f-"))

    assert "<h3 id=user-content-f-hi>Hi</h3>" in shown
    assert "<pre class=hl><code><span class=k>import </span>" in shown
    assert "<td class=sg-align--right>2</td>" in shown
    assert "☑ " in shown
    assert "href=#user-content-f-fn-1" in shown


def test_deep_nesting_is_flat_beyond_a_limit() -> None:
    nodes = DOCUMENTS.of_html("<div>" * 5_000 + "x")

    check(nodes)
    assert "x" in written(nodes)


PARTS = ["<", ">", "</", "p", "script", "a", " href=", "javascript:1", "'", '"', "<img src=",
         "<h1 id=x", "data:image/png;base64,AA==", "&lt;", "<!--", "svg", "[x](", "![",
         "```", "\n\n", "- ", "# "]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=25))
def test_any_text_is_a_tree_of_what_is_on_the_lists(parts: list[str]) -> None:
    text = "".join(parts)

    check(DOCUMENTS.of_html(text))
    check(DOCUMENTS.of_markdown(text, "user-content-x-"))


def test_every_payload_of_the_corpora_is_a_tree_of_what_is_on_the_lists(hostile_data: Path) -> None:
    files = [path for path in sorted((hostile_data / "xss").rglob("*")) if path.is_file()]

    assert files
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        check(DOCUMENTS.of_html(text))
        check(DOCUMENTS.of_markdown(text, "user-content-x-"))
