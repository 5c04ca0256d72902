"""Traces without a mouse: where the focus goes, what Enter opens, where Escape leads back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_trace_views import two_turns
from tests.browser.test_traces import OTHER, TRACE, open_tab, options, panel, rows, write_tab

__all__ = ["open_tab", "write_tab"]


def focused(page: Page) -> str:
    """Role or tag and text of what has the focus."""
    script = """() => { const at = document.activeElement;
      return `${at.getAttribute("role") ?? at.tagName.toLowerCase()} ${at.textContent}`; }"""
    return str(page.evaluate(script))


def test_the_list_is_one_tab_stop_and_enter_leads_to_the_spans(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    page.get_by_role("listbox").focus()

    page.keyboard.press("ArrowDown")
    expect(options(page).nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("listbox")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows(page).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel(page).locator("h3")).to_have_text("other trace")
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(rows(page).first).to_be_focused()


def test_tab_goes_from_the_list_to_the_trace_and_through_its_tools(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    page.get_by_role("listbox").focus()

    met = []
    for _ in range(11):
        page.keyboard.press("Tab")
        met.append(focused(page)[:16].strip())
        assert "none" not in page.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    for one in ("button Tree", "button Flame", "input", "summary Kind", "row"):
        assert any(each.startswith(one) for each in met), (one, met)


def test_on_a_phone_the_focus_follows_to_the_trace_and_back(
    open_tab: Callable[..., Page], page: Page, write_tab: Callable[..., str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(write_tab(two_turns()))
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")

    page.keyboard.press("Enter")

    expect(rows(page).first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_focused()
    assert "trace=" not in page.url


def test_two_traces_are_left_by_escape_to_where_they_were_asked_for(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}", two_turns())
    page.get_by_text("Compare with trace…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="lookup").or_(page.locator(f"a[href*='with={OTHER}']")).focus()

    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Trace against trace")).to_be_focused()
    page.keyboard.press("Escape")
    expect(rows(page).first).to_be_focused()
    assert "with=" not in page.url


def test_a_conversation_is_left_by_escape(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}", two_turns())
    page.get_by_role("link", name="conversation of 2 traces").focus()

    page.keyboard.press("Enter")

    expect(page.locator(".sg-conversation__turn")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(rows(page).first).to_be_focused()
    assert "view=" not in page.url
