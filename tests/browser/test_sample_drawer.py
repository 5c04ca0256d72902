"""The drawer of a sample: what it costs the table, what stands there till its file has come."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.test_evals import drawer, open_tab

__all__ = ["open_tab"]
MANY: list[dict[str, Any]] = [
    {"id": f"s{number:03}", "input": f"question {number} " * 20, "output": "yes " * 300,
     "scores": {"right": number / 300}, "tags": ["odd"] if number % 2 else [], "duration_s": 2}
    for number in range(300)
]  # fmt: skip
ROW = "table[data-grid] tbody tr[data-sample='{}']"


def _requested(page: Page) -> list[str]:
    """Names of the samples' files from now on."""
    found: list[str] = []

    def note(url: str) -> None:
        name = url.rpartition("/")[2]
        if name.removeprefix("evals-0-").removesuffix(".js").isdecimal():
            found.append(name)

    page.on("request", lambda request: note(request.url))
    return found


def test_rows_stay_as_they_are_when_a_sample_opens_beside_a_long_table(open_tab: Any) -> None:
    """Laying 45 rows out anew takes longer than all else."""
    page = open_tab(e=MANY)
    expect(page.locator("table.sg-grid--long")).to_be_visible()
    page.evaluate("() => { document.querySelector('tr[data-sample=s005]').isSame = true; }")

    page.get_by_role("link", name="s003").click()

    expect(drawer(page).get_by_role("heading", name="s003")).to_be_visible()
    assert page.evaluate("() => document.querySelector('tr[data-sample=s005]').isSame")
    expect(page.get_by_role("columnheader", name="Duration")).to_have_count(1)


def test_columns_that_the_drawer_shows_leave_a_short_table_and_come_back(open_tab: Any) -> None:
    page = open_tab(e=MANY[:20])
    expect(page.locator("table.sg-grid")).to_be_visible()
    before = page.locator(ROW.format("s001")).inner_text()

    page.get_by_role("link", name="s003").click()
    expect(page.get_by_role("columnheader", name="Duration")).to_have_count(0)
    expect(page.locator(ROW.format("s001"))).not_to_contain_text("2 s")
    page.keyboard.press("Escape")

    expect(page.get_by_role("columnheader", name="Duration")).to_be_visible()
    assert page.locator(ROW.format("s001")).inner_text() == before


def test_rows_fill_the_frame_of_a_long_table_after_it_was_sorted(open_tab: Any) -> None:
    page = open_tab(e=MANY)
    expect(page.locator("table.sg-grid--long")).to_be_visible()
    page.evaluate(
        """() => {
          const { style } = document.querySelector(".sg-table-frame"); // higher than 20 rows
          Object.assign(style, { maxHeight: "2500px", overflow: "auto" });
        }"""
    )
    page.get_by_role("columnheader", name="right").get_by_role("button").click()
    expect(page).to_have_url(re.compile("sort="))

    empty_px = page.evaluate(
        """() => {
          const frame = document.querySelector(".sg-grid__frame").getBoundingClientRect();
          const rows = [...document.querySelectorAll("table[data-grid] tr[data-sample]")];
          return frame.bottom - Math.max(...rows.map((row) => row.getBoundingClientRect().bottom));
        }"""
    )

    assert empty_px < 0


def test_a_row_under_the_pointer_has_its_file_before_it_is_pressed(open_tab: Any) -> None:
    page = open_tab(e=MANY)
    expect(page.locator("table.sg-grid--long")).to_be_visible()
    requested = _requested(page)

    with page.expect_request(lambda request: "evals-0-0" in request.url):
        page.locator(ROW.format("s003")).hover()
    page.get_by_role("link", name="s003").click()

    expect(drawer(page)).to_contain_text("yes yes")
    assert requested.count("evals-0-0.js") == 1


def test_what_the_table_says_stands_there_until_the_file_has_come(open_tab: Any) -> None:
    page = open_tab(e=MANY)
    expect(page.locator("table.sg-grid--long")).to_be_visible()

    page.evaluate(
        """() => {
          const { get } = sitegen.store, onWay = new Promise((come) => { window.come = come; });
          sitegen.store.get = async (key) => { await onWay; return get(key); };
          document.querySelector("tr[data-sample=s003] a").click();
        }"""
    )

    expect(drawer(page)).to_have_attribute("aria-busy", "true")
    expect(drawer(page)).to_contain_text("Loading the whole sample")
    expect(drawer(page)).to_contain_text("0.01")
    page.evaluate("() => window.come()")
    expect(drawer(page)).to_have_attribute("aria-busy", "false")
    expect(drawer(page)).to_contain_text("yes yes")


def test_neighbours_are_read_once_a_sample_is_open(open_tab: Any) -> None:
    long = [one | {"output": f"{one['id']} " * 40_000} for one in MANY[:120]]
    page = open_tab(e=long)
    expect(page.locator("table.sg-grid--long")).to_be_visible()
    requested = _requested(page)

    page.evaluate("() => document.querySelector('tr[data-sample=s050] a').click()")
    expect(drawer(page)).to_contain_text("s050 s050")
    page.wait_for_timeout(500)

    assert set(requested) == {"evals-0-49.js", "evals-0-50.js", "evals-0-51.js"}


def test_an_eval_comes_to_life_when_it_is_chosen(open_tab: Any) -> None:
    """A page of 500 evals took 47 s of CPU to start."""
    page = open_tab(**{f"e{number}": MANY[:3] for number in range(9)})
    expect(page.locator("[data-eval=e0] table.sg-grid")).to_be_visible()

    assert page.locator("table.sg-grid").count() == 1
    page.get_by_text("All 9 evals").click()
    page.get_by_role("navigation", name="Evals").get_by_role("link", name="e7").click()

    expect(page.locator("[data-eval=e7] table.sg-grid")).to_be_visible()
    expect(page.get_by_role("heading", name="e7")).to_be_visible()
    expect(page.locator("[data-eval]:visible")).to_have_count(1)
    assert page.locator("[aria-current=true]").get_attribute("data-eval-name") == "e7"
    page.get_by_role("link", name="s001").click()
    expect(drawer(page)).to_contain_text("yes yes")


def test_one_of_many_evals_is_found_by_its_name(open_tab: Any) -> None:
    page = open_tab(**{f"eval-{number}": MANY[:1] for number in range(20)})
    expect(page.locator("[data-eval=eval-0] table.sg-grid")).to_be_visible()

    page.get_by_text("All 20 evals").click()
    page.get_by_label("Find an eval").fill("eval 17")
    expect(page.locator("[data-role=choice] a:visible")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="eval-17")).to_be_visible()
    expect(page.locator("[data-role=choice]")).not_to_have_attribute("open", "")
