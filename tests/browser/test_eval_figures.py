"""The figures above the samples follow the filter, and what stands beside the filter writes it."""

# ruff: noqa: F811  (the fixture open_tab is imported, and asked for by its name)
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sitegen.derive.statistics import mean_estimate
from sitegen.units import number_text
from tests.browser.test_evals import open_tab  # noqa: F401  (a fixture)

SAMPLES: list[dict[str, Any]] = [
    {"id": f"s{n}", "input": f"question {n}", "output": "x", "cluster": f"c{n // 3}",
     "tags": ["even"] if n % 2 == 0 else ["odd"],
     "scores": {"ok": n % 3 != 0, "a b": n / 20, "grade": "ABC"[n % 3]}}
    for n in range(20)
] + [{"id": "broken", "input": "q", "error": "Timeout", "scores": {}}]  # fmt: skip


@pytest.fixture
def tab(open_tab: Any) -> Page:
    """The tab of 20 samples and one that errored."""
    page: Page = open_tab(e=SAMPLES)
    page.wait_for_function("() => sitegen.grid.all()[0].isReady")
    return page


def panel(page: Page, name: str) -> Any:
    return page.locator(f"[data-scorer='{name}']")


def condition(page: Page) -> str:
    return page.locator("[data-filter-for]").input_value()


def test_the_figures_are_those_of_the_samples_shown(tab: Page) -> None:
    tab.locator("[data-filter-for]").fill('tags contains "odd"')

    odd = [n for n in range(20) if n % 2]
    expected = mean_estimate(
        np.array([n / 20 for n in odd]), np.array([n // 3 for n in odd]), is_proportion=False
    )
    expect(tab.locator("[data-role=figures]")).to_contain_text("10 of 21 samples")
    number = panel(tab, "a b")
    expect(number.locator("[data-role=figure]")).to_have_text(number_text(expected.mean or 0, 3))
    expect(number.locator("[data-role=interval]")).to_have_text(
        f"95\u202f% CI {number_text(expected.ci_low or 0, 3)} to"
        f" {number_text(expected.ci_high or 0, 3)} (t, 7 clusters)"
    )
    expect(number.locator("[data-role=scored]")).to_have_text("10 of 10 scored")
    expect(number.locator("[data-role=all]")).to_have_text("all samples: 0.475")
    share = "bar.getAttribute('width') / bar.previousSibling.getAttribute('width')"
    shares = f"bars => bars.map(bar => {share})"
    yes, no, errored = panel(tab, "ok").locator("[data-bar]").evaluate_all(shares)
    assert (round(yes, 2), round(no, 2), errored) == (round(7 / 13, 2), round(3 / 7, 2), 0)


def test_without_a_filter_the_servers_figures_stand_again(tab: Page) -> None:
    before = panel(tab, "a b").inner_text()
    tab.locator("[data-filter-for]").fill("errored = true")
    expect(panel(tab, "a b").locator("[data-role=scored]")).to_have_text("0 of 1 scored; 1 errored")
    expect(panel(tab, "a b").locator("[data-role=figure]")).to_have_text("not scored")

    tab.get_by_role("button", name="All samples").click()

    expect(tab.locator("[data-role=figures]")).to_be_hidden()
    assert before == panel(tab, "a b").inner_text()


def test_a_bar_is_a_condition_and_pressed_again_it_is_gone(tab: Page) -> None:
    bar = panel(tab, "a b").locator("[data-bar]").nth(2)
    press = "bar => bar.dispatchEvent(new MouseEvent('click', {bubbles: true}))"

    bar.evaluate(press)

    assert "scores.`a b` >=" in condition(tab)
    expect(tab.locator("[data-count-for]")).to_have_text("2 of 21 samples")
    panel(tab, "ok").locator("[data-bar]").nth(1).evaluate(press)
    assert condition(tab).endswith("and scores.ok = false")
    bar.evaluate(press)
    panel(tab, "ok").locator("[data-bar]").nth(1).evaluate(press)
    assert condition(tab) == ""


def test_a_range_of_a_score_labels_and_tags_are_chosen_in_menus(tab: Page) -> None:
    tab.get_by_text("Score", exact=True).click()
    tab.get_by_label("a b, lowest").fill("0.5")
    tab.get_by_label("a b, lowest").press("Tab")
    expect(tab.locator("[data-count-for]")).to_have_text("10 of 21 samples")
    tab.get_by_role("button", name="A 7").click()
    expect(tab.locator("[data-count-for]")).to_have_text("3 of 21 samples")
    tab.keyboard.press("Escape")

    tab.get_by_text("Tag", exact=True).click()
    tab.get_by_label("odd").check()

    expect(tab.locator("[data-count-for]")).to_have_text("1 of 21 samples")
    assert condition(tab) == 'scores.`a b` >= 0.5 and scores.grade = "A" and tags contains "odd"'


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "scores.ok = true"),
        ("scores.ok = false", "scores.ok = true"),
        ("tokens > 3 and scores.ok = false", "tokens > 3 and scores.ok = true"),
        ("tokens > 3 or errored = true", "(tokens > 3 or errored = true) and scores.ok = true"),
        ('id = "a and b" and (x = 1 or y = 2)',
         'id = "a and b" and (x = 1 or y = 2) and scores.ok = true'),
        ("refund",
         '(input contains "refund" or output contains "refund") and scores.ok = true'),
        ("scores.okay = 1", "scores.okay = 1 and scores.ok = true"),
    ],
)  # fmt: skip
def test_a_condition_joins_what_stands_in_the_filter(tab: Page, text: str, after: str) -> None:
    found = tab.evaluate(
        "text => sitegen.filter.withConditions(text, 'scores.ok', ['scores.ok = true'],"
        " ['input', 'output'])",
        text,
    )

    assert after == found
    assert tab.evaluate("text => sitegen.filter.parse(text).error", after) is None
