"""Opens a page of a built site and returns when all that it asks for has come."""

from __future__ import annotations

from playwright.sync_api import Page, Request

TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
QUIET_ROUNDS = 3


def open_settled(page: Page, address: str) -> Page:
    """*page* at *address*, once nothing was asked for over six frames.

    Playwright's `networkidle` means the same by the clock: it waits half a second in every test.
    """
    asked, answered = 0, 0

    def ask(_: Request) -> None:
        nonlocal asked
        asked += 1

    def answer(_: Request) -> None:
        nonlocal answered
        answered += 1

    page.on("request", ask)
    page.on("requestfinished", answer)
    page.on("requestfailed", answer)
    page.goto(address)
    quiet = 0
    while quiet < QUIET_ROUNDS:
        before = asked
        page.evaluate(TWO_FRAMES)
        quiet = quiet + 1 if before == asked <= answered else 0
    page.remove_listener("request", ask)
    page.remove_listener("requestfinished", answer)
    page.remove_listener("requestfailed", answer)
    return page
