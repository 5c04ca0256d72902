"""One trace searched by conditions and contents, two aligned, many as a conversation."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect

from sitegen.model import Span
from tests.browser.test_traces import (
    OTHER,
    TRACE,
    open_tab,
    panel,
    rows,
    spans,
    write_tab,
)
from tests.derive.traces.test_part import span

__all__ = ["open_tab", "write_tab"]


def call(number: int, trace: str, start: int, *said: tuple[str, str], tokens: int = 10) -> Span:
    """A call of a model in the session `s`; the last message is its answer."""
    *given, answer = [{"role": role, "content": text} for role, text in said]
    attributes = {
        "gen_ai.operation.name": "chat", "session.id": "s", "gen_ai.usage.input_tokens": tokens,
        "gen_ai.input.messages": json.dumps(given), "gen_ai.output.messages": json.dumps([answer]),
    }  # fmt: skip
    return span(number, 1, trace=trace, name="chat", start=start, end=start + 10,
                attributes=attributes)  # fmt: skip


def two_turns() -> list[Span]:
    first = (("user", "Where is my order?"), ("assistant", "On its way."))
    second = (*first, ("user", "And the refund?"), ("assistant", "Tomorrow."))
    session = {"gen_ai.operation.name": "invoke_agent", "session.id": "s"}
    return [
        span(1, name="turn", start=0, end=100, attributes=session),
        call(2, TRACE, 10, *first),
        span(3, 1, name="lookup", start=30, end=40),
        span(1, trace=OTHER, name="turn", start=200, end=400, attributes=session),
        call(2, OTHER, 210, *second, tokens=25),
        span(4, 1, trace=OTHER, name="retry", start=300, end=330, status_code=2),
    ]


def matching(page: Page) -> list[str]:
    found = page.locator("[role=row][data-index]:not(.sg-waterfall__row--context)")
    return found.locator(".sg-waterfall__text").all_text_contents()


def test_spans_are_found_by_conditions_on_times_status_and_attributes(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    box = page.get_by_label("Filter spans")

    box.fill("duration_ms > 20 and depth > 0")
    expect(rows(page)).to_have_count(2)
    assert matching(page) == ["chat m-1"]
    box.fill('gen_ai.request.model = "m-1"')
    expect(page.locator(".sg-traces__found")).to_have_text("1 of 4 spans")
    assert matching(page) == ["chat m-1"]
    box.fill('status = "error"')
    expect(page.locator(".sg-traces__found")).to_have_text("1 of 4 spans")
    expect(rows(page)).to_have_count(2)
    box.fill("")
    expect(rows(page)).to_have_count(4)


def test_a_text_is_found_in_messages_and_attributes(open_tab: Callable[..., Page]) -> None:
    page = open_tab()

    page.get_by_label("Filter spans").fill("be short")

    expect(page.locator(".sg-traces__found")).to_have_text("1 of 4 spans")
    assert matching(page) == ["chat m-1"]


def test_two_traces_are_aligned_with_what_only_one_has(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}", two_turns())
    page.get_by_text("Compare with trace…").click()
    page.locator(".sg-traces__choice").first.click()

    lines = page.locator(".sg-compare__row")
    expect(lines).to_have_count(4)
    assert lines.locator(".sg-compare__state").all_text_contents() == [
        "tokens", "tokens", "only in A", "only in B",
    ]  # fmt: skip
    expect(page.locator(".sg-compare__totals")).to_contain_text("+100\xa0ms")
    expect(page.locator(".sg-compare__totals")).to_contain_text("+15")
    page.get_by_role("button", name="chat").click()
    expect(page.locator(".sg-compare__detail ins").first).to_be_visible()
    page.get_by_role("button", name="Back to the trace").click()
    expect(page.get_by_role("treegrid")).to_be_visible()


def test_a_conversation_says_each_message_once(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}", two_turns())
    page.get_by_role("link", name="conversation of 2 traces").click()

    turns = page.locator(".sg-conversation__turn")
    expect(turns).to_have_count(2)
    expect(turns.nth(1)).to_contain_text("And the refund?")
    expect(turns.nth(1)).not_to_contain_text("Where is my order?")
    expect(page.get_by_text("2 traces · 35 tokens")).to_be_visible()


def test_a_deep_link_to_a_span_survives_a_comparison_and_back(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}&span={2:016x}", [*spans()])

    expect(panel(page).locator("h3")).to_have_text("chat m-1")
    page.evaluate(f"sitegen.state.set({{with: {OTHER!r}}})")
    expect(page.locator(".sg-compare__row").first).to_be_visible()
    expect(panel(page)).to_be_hidden()
    page.get_by_role("button", name="Back to the trace").click()
    expect(panel(page).locator("h3")).to_have_text("chat m-1")


def test_two_very_different_large_traces_align_without_recursion(
    open_tab: Callable[..., Page],
) -> None:
    deep = [
        span(at, at - 1 if at > 1 else None, start=0, end=10, name="level")
        for at in range(1, 3_001)
    ]
    wide = [span(at, 1 if at > 1 else None, trace=OTHER, start=20, end=30, name=f"n{at % 50}")
            for at in range(1, 3_001)]  # fmt: skip
    page = open_tab(f"#tab=traces&trace={TRACE}", [*deep, *wide])

    page.evaluate(f"sitegen.state.set({{with: {OTHER!r}}})")

    expect(page.locator(".sg-compare__row")).to_have_count(500)
    expect(page.get_by_text("500 of 5,999 spans")).to_be_visible()


def test_messages_are_text_markdown_or_json_by_choice(open_tab: Callable[..., Page]) -> None:
    said = (("user", "Which?"), ("assistant", "**Bold** <i>x</i>"))
    spans = [span(1, end=100, name="turn"), call(2, TRACE, 10, *said)]
    page = open_tab(f"#tab=traces&trace={TRACE}&span={2:016x}", spans)
    body = panel(page).locator(".sg-messages__message").nth(1)
    expect(body).to_contain_text("**Bold** <i>x</i>")

    panel(page).get_by_role("button", name="Markdown").click()
    expect(body.locator("strong")).to_have_text("Bold")
    expect(body).to_contain_text("<i>x</i>")
    page.reload()
    expect(body.locator("strong")).to_have_text("Bold")
    panel(page).get_by_role("button", name="JSON").click()
    expect(body.locator("pre")).to_contain_text('"is_output": true')


def test_a_span_says_how_long_none_below_it_ran(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}&span={1:016x}")

    expect(panel(page).locator(".sg-span__facts")).to_contain_text("Own time50\xa0ms")
