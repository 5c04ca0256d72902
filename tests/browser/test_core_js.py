"""Elements, keys and copying."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

WritePage = Callable[..., str]
HOSTILE = "<img src=x onerror=alert(1)>\"'&<script>alert(1)</script>"


def test_hostile_text_stays_text_in_every_place(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=("core",)))

    texts = page.evaluate(
        """(text) => {
          const attributes = { title: text, class: text, data: { a: text }, text };
          const node = sitegen.dom.el("p", attributes, text);
          document.body.append(node);
          return [node.title, node.className, node.dataset.a, node.textContent,
            node.children.length];
        }""",
        HOSTILE,
    )

    assert texts == [HOSTILE, HOSTILE, HOSTILE, HOSTILE + HOSTILE, 0]


@pytest.mark.parametrize(
    "attributes",
    [
        "{ onclick: 'alert(1)' }",
        "{ style: 'color: red' }",
        "{ srcdoc: '<p>' }",
        "{ href: 'java\\tscript:alert(1)' }",
        "{ href: ' \\u0001JAVASCRIPT:alert(1)' }",
    ],
)
def test_an_attribute_that_could_run_something_is_refused(
    page: Page, write_page: WritePage, attributes: str
) -> None:
    page.goto(write_page("", scripts=("core",)))

    outcome = page.evaluate(
        f"""() => {{
          try {{ sitegen.dom.el("a", {attributes}); return "made"; }}
          catch (fault) {{ return fault.constructor.name; }}
        }}"""
    )

    assert outcome == "TypeError"


def test_zero_is_shown_and_nothing_is_left_out(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=("core",)))

    text = page.evaluate(
        "() => sitegen.dom.el('p', { title: 0, hidden: false, id: null }, 0, null, ['a']).outerHTML"
    )

    assert text == '<p title="0">0a</p>'


def test_what_needs_a_script_is_shown_with_one(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("<button data-needs-script hidden>Sort</button>", scripts=("core",)))

    expect(page.get_by_role("button", name="Sort")).to_be_visible()


def test_copying_gives_the_whole_text_and_says_so(
    page: Page, write_page: WritePage, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(write_page('<button data-copy="sha256:&quot;abc">Copy</button>'))

    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == 'sha256:"abc'
    expect(page.get_by_role("status")).to_have_text("Copied")
    expect(page.get_by_role("button")).to_have_text("Copy")


def test_a_shortened_digest_is_copied_whole(
    page: Page, write_page: WritePage, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(write_page('<p><code data-copy-text="sha256:0123">sha256:01…</code></p>'))

    page.locator("code").select_text()
    page.keyboard.press("Control+c")

    assert page.evaluate("() => navigator.clipboard.readText()") == "sha256:0123"


def test_shortcuts_rest_while_someone_types(page: Page, write_page: WritePage) -> None:
    page.goto(write_page('<input aria-label="Name"><button>Other</button>'))
    page.evaluate(
        """() => {
          window.pressed = [];
          for (const shift of [false, true]) {
            const run = () => window.pressed.push(shift);
            sitegen.keys.add({ key: "q", shift, label: "Count", run });
          }
        }"""
    )

    page.get_by_label("Name").press("q")
    page.get_by_role("button", name="Other").press("q")
    page.keyboard.press("Shift+Q")
    page.keyboard.press("Alt+q")
    page.keyboard.press("Control+q")

    assert page.evaluate("() => window.pressed") == [False, True]
    assert page.get_by_label("Name").input_value() == "q"


def test_the_question_mark_lists_the_shortcuts(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("<p>Text</p>"))
    page.evaluate('() => sitegen.keys.add({ key: "q", label: "Count", run: () => {} })')

    page.keyboard.press("?")

    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog.locator("dt")).to_have_text(["?", "q"])
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
