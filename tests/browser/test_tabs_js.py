"""Tabs over sections."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

WritePage = Callable[..., str]
SCRIPTS = ("core", "state", "tabs")
BODY = """
<nav class="sg-tabs" aria-label="Run">
  <a class="sg-tabs__tab" href="#panel-overview" data-tab="overview">Overview</a>
  <a class="sg-tabs__tab" href="#panel-metrics" data-tab="metrics">Metrics 2</a>
  <a class="sg-tabs__tab" href="#panel-evals" data-tab="evals">Evals 0</a>
</nav>
<section class="sg-panel" id="panel-overview" data-panel="overview"><h2>Overview</h2></section>
<section class="sg-panel" id="panel-metrics" data-panel="metrics"><h2>Metrics</h2></section>
<section class="sg-panel" id="panel-evals" data-panel="evals">
  <h2>Evals</h2><p id="sample-1">s</p>
</section>
"""


def shown(page: Page) -> list[str]:
    return page.locator("h2:visible").all_inner_texts()


def test_one_panel_is_shown_and_its_tab_says_so(page: Page, write_page: WritePage) -> None:
    page.goto(write_page(BODY, scripts=SCRIPTS))

    assert shown(page) == ["Overview"]
    expect(page.get_by_role("tab", selected=True)).to_have_text("Overview")
    expect(page.get_by_role("tabpanel", name="Overview")).to_be_visible()


def test_a_click_is_a_link_and_back_returns(page: Page, write_page: WritePage) -> None:
    page.goto(write_page(BODY, scripts=SCRIPTS))

    page.get_by_role("tab", name="Metrics").click()

    assert page.url.endswith("#tab=metrics")
    assert shown(page) == ["Metrics"]
    page.go_back()
    assert shown(page) == ["Overview"]


def test_the_link_of_a_tab_keeps_the_rest_of_the_view(page: Page, write_page: WritePage) -> None:
    page.goto(write_page(BODY, scripts=SCRIPTS) + "#filter=a&tab=metrics")

    assert shown(page) == ["Metrics"]
    assert page.get_by_role("tab", name="Evals").get_attribute("href") == "#filter=a&tab=evals"
    page.evaluate("() => sitegen.state.set({ filter: 'b' })")
    assert page.get_by_role("tab", name="Evals").get_attribute("href") == "#filter=b&tab=evals"


def test_arrows_home_and_end_move_and_activate(page: Page, write_page: WritePage) -> None:
    page.goto(write_page(BODY, scripts=SCRIPTS))
    entries = page.evaluate("() => history.length")
    page.keyboard.press("Tab")

    seen = []
    for key in ("ArrowRight", "End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        focused = page.evaluate("() => document.activeElement.dataset.tab")
        seen.append((focused, shown(page)))

    names = ["metrics", "evals", "overview", "evals", "overview"]
    assert seen == [(name, [name.title()]) for name in names]
    assert page.evaluate("() => history.length") == entries
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") == "panel-overview"


def test_an_anchor_inside_a_hidden_panel_opens_it(page: Page, write_page: WritePage) -> None:
    url = write_page(BODY, scripts=SCRIPTS)
    page.goto(url + "#sample-1")

    assert shown(page) == ["Evals"]
    page.evaluate("() => { location.hash = '#panel-metrics'; }")
    expect(page.get_by_role("tab", selected=True)).to_have_text("Metrics 2")


def test_an_unknown_tab_shows_the_first(page: Page, write_page: WritePage) -> None:
    page.goto(write_page(BODY, scripts=SCRIPTS) + "#tab=nothing")

    assert shown(page) == ["Overview"]


def test_a_panel_hears_that_it_is_shown(page: Page, write_page: WritePage) -> None:
    page.goto(write_page(BODY, scripts=SCRIPTS))
    page.evaluate(
        """() => document.addEventListener("sg:tab", (event) => {
          document.title = event.detail.name;
        })"""
    )

    page.evaluate("() => sitegen.tabs.show('metrics')")

    assert page.title() == "metrics"


def test_without_script_all_panels_stand_in_order(browser: Browser, write_page: WritePage) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(write_page(BODY, scripts=SCRIPTS))

    assert shown(page) == ["Overview", "Metrics", "Evals"]
    page.get_by_role("link", name="Metrics").click()
    assert page.url.endswith("#panel-metrics")
    context.close()
