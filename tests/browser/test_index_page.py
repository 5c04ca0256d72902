"""The index in a browser: filter, tags, states, order, columns, keys, and a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

TITLES = [
    "Support agent of the shop",
    "Digit reader for the water meter",
    "A meter that learns on the wall",
]


@pytest.fixture
def index(page: Page, sample_site: Path) -> Page:
    page.goto((sample_site / "index.html").as_uri())
    return page


def rows(page: Page) -> Locator:
    return page.locator("#experiments-table tbody tr:not([hidden]) .sg-experiments__title")


def shown(page: Page) -> list[str]:
    return rows(page).all_text_contents()


def state(page: Page) -> str:
    return page.evaluate("decodeURIComponent(location.hash)")


def filter_box(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Filter experiments")


def test_experiments_come_by_last_activity_without_the_archived_one(index: Page) -> None:
    assert shown(index) == TITLES
    expect(index.get_by_text("3 of 4 experiments", exact=True)).to_be_visible()


def test_words_search_titles_tags_and_descriptions(index: Page) -> None:
    filter_box(index).fill("help-desk")

    expect(rows(index)).to_have_text([TITLES[0]])
    assert state(index) == "#filter=help-desk"


def test_a_condition_filters_and_its_mistake_is_told_with_the_nearest_name(index: Page) -> None:
    box = filter_box(index)
    box.fill("runs > 10")
    expect(rows(index)).to_have_text([TITLES[1]])

    box.fill("rns > 10")

    expect(index.get_by_text("Did you mean")).to_contain_text("runs")


def test_no_match_says_what_hides_the_rows_and_clears_it(index: Page) -> None:
    filter_box(index).fill("zebra")
    expect(index.get_by_role("status").filter(has_text="No experiment matches.")).to_be_visible()

    index.get_by_role("button", name="Clear the filter").click()

    assert shown(index) == TITLES


def test_tags_narrow_and_stand_in_the_address(index: Page) -> None:
    index.locator("summary", has_text="Tag").click()
    index.get_by_role("checkbox", name="vision").check()

    assert shown(index) == TITLES[1:]
    assert state(index) == "#tags=vision"


def test_a_press_elsewhere_and_escape_close_the_menu_of_tags(index: Page) -> None:
    summary = index.locator("summary", has_text="Tag")
    menu = index.get_by_role("checkbox", name="vision")
    summary.click()
    index.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(summary).to_be_focused()

    summary.click()
    index.get_by_role("heading", name="Latest runs").click()

    expect(menu).to_be_hidden()


def test_with_failures_keeps_the_experiments_that_have_some(index: Page) -> None:
    button = index.get_by_role("button", name="With failures 1")
    button.click()

    assert shown(index) == [TITLES[1]]
    expect(button).to_have_attribute("aria-pressed", "true")


def test_archived_ones_come_when_asked_and_say_so(index: Page) -> None:
    index.get_by_role("checkbox", name="Archived 1").check()

    assert len(shown(index)) == 4
    archived = index.locator("tr[data-archived]")
    expect(archived).to_contain_text("archived")


def test_a_link_opens_the_same_view(index: Page, sample_site: Path) -> None:
    index.goto("about:blank")
    index.goto((sample_site / "index.html").as_uri() + "#archived=1&sort=name:asc")

    assert len(shown(index)) == 4
    assert shown(index) == sorted(shown(index))
    expect(index.get_by_role("checkbox", name="Archived 1")).to_be_checked()
    expect(index.get_by_role("columnheader", name="Experiment")).to_have_attribute(
        "aria-sort", "ascending"
    )


def test_columns_hide_and_come_back(index: Page) -> None:
    index.locator("summary", has_text="Columns").click()
    index.get_by_role("checkbox", name="Best so far").uncheck()

    expect(index.get_by_role("columnheader", name="Best so far")).to_be_hidden()
    expect(index.locator("summary", has_text="Columns 5")).to_be_visible()


def test_keys_filter_walk_and_open(index: Page) -> None:
    index.keyboard.press("/")
    expect(filter_box(index)).to_be_focused()
    index.keyboard.press("Tab")
    index.locator("body").click(position={"x": 5, "y": 880})
    index.keyboard.press("j")
    index.keyboard.press("j")
    index.keyboard.press("k")
    index.keyboard.press("Enter")

    expect(index).to_have_url(re.compile(r"/experiments/support-agent-\w+\.html$"))


def test_the_theme_stays_on_the_next_page(index: Page) -> None:
    toggle = index.get_by_role("button", name="Dark theme")
    toggle.click()
    expect(index.locator("html")).to_have_attribute("data-theme", "dark")

    index.get_by_role("link", name=TITLES[0], exact=True).click()

    expect(index.locator("html")).to_have_attribute("data-theme", "dark")
    expect(index.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("width", [320, 600, 960, 1440])
def test_no_page_is_wider_than_its_window(page: Page, sample_site: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    pages = [
        "index.html",
        *(
            path.relative_to(sample_site).as_posix()
            for folder in ("experiments", "runs")
            for path in sorted((sample_site / folder).glob("*-*.html"))[::5]
        ),
    ]
    for name in pages:
        page.goto((sample_site / name).as_uri())
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

        assert (name, overflow) == (name, 0)


def test_a_phone_sorts_without_a_head(page: Page, sample_site: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto((sample_site / "index.html").as_uri())
    choice = page.get_by_role("combobox", name="Sort by")
    expect(choice).to_have_value("activity:desc")

    choice.select_option("Experiment ▲")

    assert shown(page) == sorted(TITLES)
    assert state(page) == "#sort=name:asc"


def test_without_script_all_is_there_and_nothing_that_cannot_work(
    browser: Browser, sample_site: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((sample_site / "index.html").as_uri())

    assert page.locator("#experiments-table tbody tr").count() == 4
    expect(page.locator(".sg-toolbar")).to_be_hidden()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()
