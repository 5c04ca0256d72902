"""One trace as flames: by time, merged by name, with the mouse and with the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.model import Span
from tests.browser.test_traces import HOSTILE, TRACE, open_tab, panel, rows, write_tab
from tests.derive.traces.test_part import span

__all__ = ["open_tab", "write_tab"]
LANE = 20


def body(page: Page) -> Any:
    return page.get_by_role("application")


def said(page: Page) -> Any:
    return page.locator(".sg-flame__said")


def parallel() -> list[Span]:
    """Two calls at once, a third after them, all below one root."""
    return [
        span(1, name="root", start=0, end=100),
        span(2, 1, name="call", start=10, end=50),
        span(3, 1, name="call", start=20, end=60, status_code=2),
        span(4, 1, name="call", start=70, end=90),
        span(5, 4, name="read", start=75, end=80),
    ]


@pytest.fixture
def open_flame(page: Page, write_tab: Callable[..., str]) -> Callable[..., Page]:
    """Opens the flames of the trace of *records*."""

    def open_it(records: list[Span], form: str = "flame") -> Page:
        page.goto("about:blank")  # else only the hash of the page changes
        page.goto(write_tab(records) + f"#tab=traces&trace={TRACE}&view={form}")
        expect(body(page)).to_be_visible()
        return page

    return open_it


def boxes(page: Page, form: str, column: str) -> list[float]:
    """A column of the boxes of the trace that is shown."""
    script = """async ([form, column]) => {
      const file = Object.keys(JSON.parse(document.querySelector("#sg-files").textContent))
        .find((name) => name.endsWith("/traces-0"));
      const { entries } = await sitegen.store.get(file);
      const model = sitegen.waterfall.modelOf(Object.values(entries)[0]);
      return [...sitegen.flameBoxes[form](model)[column]];
    }"""
    return list(page.evaluate(script, [form, column]))


def test_spans_that_ran_at_once_stand_in_lanes_of_their_own(
    open_flame: Callable[..., Page],
) -> None:
    page = open_flame(parallel())

    assert boxes(page, "byTime", "lane") == [0, 1, 2, 1, 2]
    assert boxes(page, "byTime", "parent") == [-1, 0, 0, 0, 3]
    expect(body(page)).to_have_attribute("aria-label", "Spans by time, 5 boxes in 3 lanes")


def test_merged_spans_of_one_name_are_as_wide_as_the_time_they_worked(
    open_flame: Callable[..., Page],
) -> None:
    page = open_flame(parallel(), "merged")

    assert boxes(page, "merged", "spans") == [1, 3, 1]
    assert boxes(page, "merged", "own_us") == [30_000, 95_000, 5_000]
    assert boxes(page, "merged", "total_us") == [130_000, 100_000, 5_000]
    body(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(said(page)).to_have_text("call · 3 spans · 100 ms · self 95 ms · 76.9\u202f% · 1 error")


def test_keys_go_to_parents_children_and_siblings_and_open_the_panel(
    open_flame: Callable[..., Page],
) -> None:
    page = open_flame(parallel())
    body(page).focus()

    told = []
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
        told.append(said(page).text_content().split(" · ")[:2])
    page.keyboard.press("Enter")

    names = [("root", 100), ("call", 40), ("call", 40), ("call", 20), ("read", 5), ("call", 20)]
    assert told == [[name, f"{time}\xa0ms"] for name, time in names]
    expect(panel(page).locator("h3")).to_have_text("call")
    assert f"span={4:016x}" in page.url
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(body(page)).to_be_focused()


def test_pointing_tells_and_a_click_opens_the_span(open_flame: Callable[..., Page]) -> None:
    page = open_flame(parallel())
    box = body(page).bounding_box()
    across = box["x"] + box["width"] * 0.8 / 1.16

    page.mouse.move(across, box["y"] + LANE * 1.5)
    expect(said(page)).to_have_text("call · 20 ms · self 15 ms · 20.0\u202f%")
    page.mouse.click(across, box["y"] + LANE * 1.5)
    expect(panel(page).locator("h3")).to_have_text("call")
    assert f"span={4:016x}" in page.url
    box = body(page).bounding_box()  # narrower beside the panel
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + LANE * 0.5)
    expect(said(page)).to_have_text("root · 100 ms · self 30 ms · 100.0\u202f%")


def test_the_form_is_in_the_url_and_the_span_stays_chosen(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}&span={3:016x}")

    page.get_by_role("button", name="Flame", exact=True).click()
    expect(said(page)).to_contain_text(HOSTILE)
    assert "view=flame" in page.url
    page.get_by_role("button", name="Merged").click()
    assert "view=merged" in page.url
    expect(said(page)).to_contain_text(HOSTILE)
    page.keyboard.press("e")
    expect(panel(page).locator("h3")).to_have_text(HOSTILE)
    page.get_by_role("button", name="Tree").click()
    expect(rows(page)).to_have_count(4)
    assert "view=" not in page.url


def test_a_zoom_and_a_filter_hold_for_all_forms(open_flame: Callable[..., Page]) -> None:
    page = open_flame(parallel())
    page.get_by_label("Filter spans").fill('name = "read"')
    expect(page.locator(".sg-traces__found")).to_have_text("1 of 5 spans")
    body(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="Whole trace")).to_be_visible()
    page.get_by_role("button", name="Tree").click()

    expect(page.get_by_role("treegrid")).to_be_visible()
    expect(page.get_by_role("button", name="Whole trace")).to_be_visible()


def test_a_chain_of_5000_spans_and_5000_children_at_once_are_drawn(
    open_flame: Callable[..., Page],
) -> None:
    chain = [span(n, n - 1 if n > 1 else None, start=n, end=20_000 - n) for n in range(1, 5_001)]
    page = open_flame(chain)
    expect(body(page)).to_have_attribute("aria-label", "Spans by time, 5,000 boxes in 5,000 lanes")
    body(page).focus()
    page.keyboard.press("Home")
    for _ in range(60):
        page.keyboard.press("ArrowDown")
    assert body(page).evaluate("element => element.scrollTop") > 0
    assert page.locator(".sg-flame__canvas").evaluate("element => element.height") < 4_000

    wide = [span(1, start=0, end=9_000)]
    wide += [span(n, 1, start=n % 7, end=8_000 + n % 5) for n in range(2, 5_001)]
    page = open_flame(wide)
    assert max(boxes(page, "byTime", "lane")) == 64
    assert len(boxes(page, "byTime", "lane")) == 5_000


def test_spans_without_times_are_left_out_by_time_and_merged_all_the_same(
    open_flame: Callable[..., Page],
) -> None:
    page = open_flame(
        [
            span(1, name="root", start=0, end=10),
            span(2, 1, name="lost", start=None, end=None),
            span(3, 2, name="below", start=2, end=4),
        ]
    )

    expect(said(page)).to_contain_text("Without 1 span that has no start.")
    assert boxes(page, "byTime", "span") == [0, 2]
    assert boxes(page, "byTime", "parent") == [-1, -1]
    assert boxes(page, "merged", "spans") == [1, 1, 1]


def test_a_trace_without_times_says_so_in_both_forms(open_flame: Callable[..., Page]) -> None:
    page = open_flame([span(1, name="lost", start=None, end=None)])

    expect(said(page)).to_have_text("No span records when it started: the tree has them all.")
    expect(body(page)).to_have_attribute("aria-label", "Spans by time, 0 boxes in 0 lanes")
    page.get_by_role("button", name="Merged").click()
    expect(said(page)).to_have_text("No span records how long it took.")
    expect(body(page)).to_have_attribute("aria-label", "Spans merged by name, 1 box in 1 lane")
