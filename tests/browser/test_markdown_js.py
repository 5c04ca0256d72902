"""Markdown of models as elements: what is known is drawn, all else stays text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

WritePage = Callable[..., str]


@pytest.fixture
def made(page: Page, write_page: WritePage) -> Callable[[str], Any]:
    """The markup of what a text becomes."""
    page.goto(write_page("", scripts=("core", "markdown")))
    return lambda text: page.evaluate("(text) => sitegen.markdown(text).innerHTML", text)


DIVIDED = (
    '<table class="sg-table sg-table--compact"><thead><tr><th>a</th><th>b</th></tr></thead>'
    "<tbody><tr><td>1</td><td><em>2</em></td></tr></tbody></table>"
)
FENCED = '<pre class="sg-code sg-code--wrap" tabindex="0"><code>{0}</code></pre>'
LINK = '<a href="{0}" rel="noopener noreferrer nofollow" title="{0}">{1}</a>'


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("**a** *b* ~~d~~", "<p><strong>a</strong> <em>b</em> <del>d</del></p>"),
        ("__c__ `e<f`", "<p><strong>c</strong> <code>e&lt;f</code></p>"),
        ("*a **b** c*", "<p><em>a <strong>b</strong> c</em></p>"),
        ("snake_case_name 2 * 3 * 4", "<p>snake_case_name 2 * 3 * 4</p>"),
        ("# Title #\n---", '<p class="sg-strong">Title</p><hr>'),
        ("```py\nx = '**1**'\n```\nend", FENCED.format("x = '**1**'") + "<p>end</p>"),
        ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("> a\n> b", "<blockquote><p>a<br>b</p></blockquote>"),
        ("[a](https://e.org/(x))", f"<p>{LINK.format('https://e.org/(x)', 'a')}</p>"),
        ("https://e.org.", f"<p>{LINK.format('https://e.org', 'https://e.org')}.</p>"),
        ("[a](javascript:alert(1))",
         '<p><span>a<span class="sg-muted"> (javascript:alert(1))</span></span></p>'),
        ("![a](x.png)", '<p><span class="sg-muted">picture, not loaded: a</span></p>'),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        (r"\*a\* **open", "<p>*a* **open</p>"),
        ("| a | b |\n|---|:-:|\n| 1 | *2* |", DIVIDED),
        ("", ""),
    ],
)  # fmt: skip
def test_markdown_becomes_elements(made: Callable[[str], Any], text: str, markup: str) -> None:
    assert markup == made(text)


@pytest.mark.parametrize("text", ["*a ", "`a ", "[a](b", "> " * 200, "- " * 200, "  - a\n" * 3])
def test_no_text_takes_long(page: Page, made: Callable[[str], Any], text: str) -> None:
    spent = page.evaluate(
        "(text) => { const start = performance.now(); sitegen.markdown(text);"
        " return performance.now() - start; }",
        text * 3_000,
    )

    assert spent < 5_000
