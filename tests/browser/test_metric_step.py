"""Annotations of a metric's step, at its point of the chart."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from sitegen.derive.annotations import step_digest
from tests.browser.settled import open_settled
from tests.factories import SAMPLE_RUNS

RUN = "lr0.2-h32-seed0"


@pytest.fixture
def chart(page: Page, sample_site: Path) -> Locator:
    """The chart of train/loss of a sample run."""
    address = next((sample_site / "runs").glob("digits-mlp-lr0-2-h32-seed0-*.html")).as_uri()
    open_settled(page, f"{address}#tab=metrics")
    found = page.locator('[data-metric="train/loss"]')
    found.scroll_into_view_if_needed()
    expect(found.locator(".sg-plot--drawn .scatterlayer").first).to_be_attached()
    return found


def logged() -> list[dict[str, object]]:
    table = pq.read_table(SAMPLE_RUNS / "digits-mlp" / RUN / "metrics.parquet")
    return table.filter(pc.equal(table["name"], "train/loss")).to_pylist()


def test_a_step_is_annotated_by_keyboard_with_the_digest_of_its_values(
    page: Page, chart: Locator
) -> None:
    chart.locator(".sg-chart__plot").focus()
    for key in ("Home", "ArrowRight", "Enter", "Enter"):
        page.keyboard.press(key)
        expect(chart.locator(".sg-plot__reading")).to_be_visible()
    form = page.get_by_role("dialog", name="Annotate")
    form.get_by_label("Name").fill("plausible")
    form.get_by_label("yes").check()
    form.get_by_role("button", name="Keep as draft").click()

    texts = page.evaluate("() => JSON.stringify(sitegen.drafts.all())")
    (draft,) = json.loads(texts)
    point = logged()[1]
    assert draft["document"]["target"] == {
        "type": "metric", "name": "train/loss", "step": point["step"]
    }  # fmt: skip
    assert draft["document"]["anchor"] == {"digest": step_digest([point["value"]])}
    expect(chart.locator(".sg-plot__reading")).to_contain_text("plausible")


def test_a_click_keeps_the_panel_until_it_is_closed(page: Page, chart: Locator) -> None:
    plot, reading = chart.locator(".nsewdrag").first, chart.locator(".sg-plot__reading")

    plot.click()

    expect(reading.get_by_role("button", name="Annotate")).to_be_visible()
    page.mouse.move(5, 5)
    expect(reading).to_be_visible()
    reading.get_by_role("button", name="Close").click()
    expect(reading).to_be_hidden()


def test_a_drag_zooms_and_keeps_nothing(page: Page, chart: Locator) -> None:
    box = chart.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 52, steps=3)
    page.mouse.up()

    expect(chart.locator(".sg-chart__note")).to_contain_text("in view")
    expect(chart.locator(".sg-plot__reading--kept")).to_have_count(0)


def test_escape_closes_the_panel_and_leaves_the_focus_at_the_chart(
    page: Page, chart: Locator
) -> None:
    chart.locator(".sg-chart__plot").focus()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(chart.get_by_role("button", name="Annotate")).to_be_focused()

    page.keyboard.press("Escape")

    expect(chart.locator(".sg-plot__reading")).to_be_hidden()
    expect(chart.locator(".sg-chart__plot")).to_be_focused()
