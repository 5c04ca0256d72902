"""The Metrics tab in a browser: charts, toolbar, search, table, CSV, full screen."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.metrics_page import HOSTILE, all_series, chart, choose, drawn, series, zoom


def test_charts_are_drawn_when_they_come_into_view_and_folded_ones_are_not(open_tab) -> None:
    page = open_tab()

    drawn(page, "loss")

    expect(page.locator(".sg-plot--drawn")).to_have_count(4)
    assert chart(page, "system/gpu").locator(".sg-plot__canvas").count() == 0


def test_smoothing_adds_a_line_over_the_raw_one_and_stands_in_the_url(open_tab) -> None:
    page = open_tab()
    lines = drawn(page, "loss").locator(".scatterlayer .trace path.js-line")
    expect(lines).to_have_count(1)

    page.get_by_label("Smoothing, exact").fill("0.985")
    page.keyboard.press("Enter")

    expect(lines).to_have_count(2)
    assert "smooth=0.985" in page.url


def test_smoothing_is_kept_between_0_and_0_99(open_tab) -> None:
    page = open_tab("#smooth=7")

    expect(page.get_by_label("Smoothing, exact")).to_have_value("0.99")


def test_the_url_chooses_axis_and_logarithm(open_tab) -> None:
    page = open_tab("#x=relative&log=y")

    drawn(page, "loss")

    expect(page.get_by_role("button", name="Relative")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Log y")).to_have_attribute("aria-pressed", "true")
    expect(chart(page, "loss").locator(".xtick text").last).to_contain_text("min")


def test_a_series_without_times_is_drawn_by_step_and_says_so(open_tab) -> None:
    page = open_tab("#x=wall")
    page.locator("summary", has_text="system").click()

    found = drawn(page, "system/gpu")

    expect(found.locator(".sg-chart__note")).to_contain_text("no wall times: by step")
    expect(chart(page, "loss").locator(".sg-chart__note")).to_contain_text("times in UTC")


def test_a_log_axis_counts_what_it_cannot_show(open_tab) -> None:
    page = open_tab("#log=y&find=big")

    found = drawn(page, "train/big")

    expect(found.locator(".sg-chart__note")).to_contain_text(re.compile(r"log, [\d,]+ not above 0"))


def test_faults_best_and_thresholds_are_drawn(open_tab) -> None:
    page = open_tab()

    assert drawn(page, "train/kl").locator(".shapelayer path").count() >= 4
    expect(chart(page, "train/kl").locator(".annotation-text").first).to_have_text("NaN")
    expect(chart(page, "train/kl").locator(".annotation-text").last).to_have_text(
        "alert: train/kl > 0.2"
    )
    expect(drawn(page, "loss").locator(".scatterlayer .textpoint")).to_have_text("1")


def test_search_hides_what_does_not_match_opens_folded_groups_and_says_what_is_hidden(
    open_tab,
) -> None:
    page = open_tab()
    search = page.get_by_label("Search 5 metrics")

    page.keyboard.press("/")
    page.keyboard.type("GPU sys")

    expect(search).to_be_focused()
    expect(chart(page, "system/gpu")).to_be_visible()
    expect(chart(page, "loss")).to_be_hidden()
    search.fill("nothing")
    expect(page.get_by_role("status").filter(has_text="No metric matches")).to_contain_text(
        "5 metrics are hidden by “nothing”."
    )
    page.get_by_role("button", name="Clear the filter").click()
    expect(chart(page, "loss")).to_be_visible()
    expect(chart(page, "system/gpu")).to_be_hidden()


def test_the_pointer_and_the_arrow_keys_read_values(open_tab) -> None:
    page = open_tab("#smooth=0.5")
    plot = drawn(page, "train/kl").locator(".sg-chart__plot")

    plot.hover()
    expect(plot.locator(".sg-plot__reading")).to_contain_text("smoothed")
    plot.focus()
    page.keyboard.press("Home")
    expect(plot.locator(".sg-plot__reading")).to_contain_text("step 0 · 0 s")
    for _ in range(10):
        page.keyboard.press("Shift+ArrowRight")
    expect(plot.locator(".sg-plot__reading")).to_contain_text("rawNaN")
    page.keyboard.press("Escape")

    expect(plot.locator(".sg-plot__reading")).to_be_hidden()


def test_the_crosshair_is_shared_within_a_group(open_tab) -> None:
    page = open_tab()
    drawn(page, "train/big")

    drawn(page, "train/kl").locator(".sg-chart__plot").hover()

    expect(chart(page, "train/big").locator(".sg-plot__crosshair")).to_be_visible()
    expect(chart(page, "loss").locator(".sg-plot__crosshair")).to_be_hidden()


def test_the_table_shows_summaries_and_points_and_t_toggles_it(open_tab) -> None:
    page = open_tab()
    found = drawn(page, "loss")
    button = found.get_by_role("button", name="Values of loss as a table")

    button.click()

    expect(button).to_have_attribute("aria-expanded", "true")
    points = found.get_by_role("region", name="300 of 300 points of loss")
    expect(points.locator("tbody tr")).to_have_count(300)
    found.locator(".sg-chart__plot").focus()
    page.keyboard.press("t")
    expect(button).to_have_attribute("aria-expanded", "false")


def test_csv_holds_every_point_exactly_and_no_formula(open_tab) -> None:
    page = open_tab()
    drawn(page, "train/kl")

    with page.expect_download() as download:
        choose(chart(page, "train/kl"), "All points as CSV")

    lines = Path(download.value.path()).read_text().splitlines()
    values = [float(line.split(",")[2]) for line in lines[1:]]
    kl = next(one for one in all_series() if one.name == "train/kl").values
    assert download.value.suggested_filename == "train-kl.csv"
    assert lines[0] == "step,time,train/kl"
    assert lines[2] == f"1,2025-11-20T10:02:01.000001Z,{kl[1].item()!r}"
    assert np.array_equal(values, kl, equal_nan=True)
    formula = page.evaluate(
        "() => sitegen.metricTable.csv('=1+1', { steps: [0], times: null, values: [-0.5] })"
    )
    assert formula == "step,'=1+1\n0,-0.5\n"


def test_a_chart_over_the_whole_window_has_its_own_link_and_esc_returns(open_tab) -> None:
    page = open_tab()
    drawn(page, "loss").get_by_role("button", name="loss over the whole window").click()
    dialog = page.get_by_role("dialog", name="loss")

    expect(dialog.locator(".sg-chart__plot")).to_be_visible()
    expect(page).to_have_url(re.compile("full=loss"))
    page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("full="))
    assert page.locator(".sg-metrics__charts").first.locator('[data-metric="loss"]').count() == 1


def test_a_link_to_a_metric_opens_its_group_and_marks_it(open_tab) -> None:
    page = open_tab("#metric=system%2Fgpu")

    expect(chart(page, "system/gpu")).to_be_in_viewport()
    expect(chart(page, "system/gpu")).to_have_class(re.compile("sg-chart--chosen"))


def test_a_missing_data_file_is_named_and_the_overview_stays(open_tab, faults) -> None:
    page = open_tab(without=("data/metrics-0.js",))

    expect(chart(page, "loss").get_by_role("status")).to_contain_text(
        "data/metrics-0.js is missing from this copy of the site."
    )
    expect(chart(page, "loss").get_by_role("button", name="Retry")).to_be_visible()
    expect(chart(page, "loss").locator(".sg-curve")).to_be_visible()
    assert faults
    faults.clear()


def test_names_stay_text_in_charts_and_readings(open_tab) -> None:
    page = open_tab(f"#metric={HOSTILE.replace('=', '%3D')}")

    plot = page.locator(".sg-chart--chosen .sg-chart__plot")

    expect(plot.locator(".scatterlayer").first).to_be_attached()
    plot.hover()
    assert page.locator("img").count() == 0


def test_the_theme_recolours_drawn_charts(open_tab) -> None:
    page = open_tab()
    line = drawn(page, "loss").locator(".scatterlayer path.js-line").first
    expect(line).to_have_css("stroke", "rgb(47, 73, 196)")

    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")

    expect(line).to_have_css("stroke", "rgb(125, 170, 251)")


@pytest.mark.parametrize("width", [320, 390])
def test_the_tab_fits_a_phone(open_tab, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    open_tab()
    drawn(page, "loss")

    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_a_zoom_loads_every_point_in_view_and_a_double_click_returns(open_tab) -> None:
    values = np.random.default_rng(2).normal(size=300_000)
    page = open_tab("#find=long", more=(series("train/long", values),))
    found = drawn(page, "train/long")
    shown = found.locator('[data-role="shown"]')
    expect(shown).to_have_text(re.compile(r"^[\d,]+ of 300,000 points, extremes kept$"))
    assert page.locator('script[src*="-1-"]').count() == 0

    zoom(page, found, 0.5, 0.53)

    expect(shown).to_have_text(re.compile(r"^all [\d,]+ points in view, 300,000 in all$"))
    count = int(re.findall(r"[\d,]+", shown.inner_text())[0].replace(",", ""))
    assert 6_000 < count < 10_001
    with page.expect_download() as download:
        choose(found, "Points in view as CSV")
    lines = Path(download.value.path()).read_text().splitlines()[1:]
    assert len(lines) == count
    start = int(lines[0].split(",")[0])
    saved = [float(line.split(",")[2]) for line in lines]
    assert saved == values[start : start + count].tolist()
    ends = found.locator(".xtick text")
    assert "zoom=train~1" in page.url
    expect(ends.first).to_have_text(re.compile("^15"))
    box = found.locator(".nsewdrag").first.bounding_box()
    page.mouse.dblclick(box["x"] + 50, box["y"] + 50)
    expect(shown).to_have_text(re.compile("300,000 points, extremes kept"))
    expect(ends.first).to_have_text("0")
    assert "zoom=" not in page.url


def test_a_zoom_is_that_of_its_group_and_a_link(open_tab) -> None:
    page = open_tab("#zoom=train~100~200")

    expect(drawn(page, "train/big").locator('[data-role="shown"]')).to_have_text(
        "all 101 points in view, 12,000 in all"
    )
    expect(drawn(page, "train/kl").locator('[data-role="shown"]')).to_have_text(
        "all 101 points in view, 300 in all"
    )
    expect(drawn(page, "loss").locator('[data-role="shown"]')).to_have_text("300 of 300 points")
    zoom(page, chart(page, "train/kl"), 0.25, 0.75)

    expect(drawn(page, "train/big").locator('[data-role="shown"]')).to_have_text(
        re.compile(r"^all (49|50|51) points in view, 12,000 in all$")
    )


def test_the_whole_of_a_long_series_is_a_csv_and_its_table_begins_with_its_first_points(
    open_tab,
) -> None:
    values = np.random.default_rng(2).normal(size=100_000)
    page = open_tab("#find=long", more=(series("train/long", values, with_times=False),))
    found = drawn(page, "train/long")

    with page.expect_download() as download:
        choose(found, "All points as CSV")
    found.get_by_role("button", name="Values of train/long as a table").click()

    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "step,train/long"
    assert [float(line.split(",")[1]) for line in lines[1:]] == values.tolist()
    rows = found.get_by_role("region", name="500 of 100,000 points of train/long")
    expect(rows.locator("tbody tr").nth(499)).to_contain_text("499")


def test_smoothing_of_buckets_says_so(open_tab) -> None:
    page = open_tab("#find=big&smooth=0.9")

    found = drawn(page, "train/big")

    expect(found.locator(".sg-chart__note")).to_contain_text("smoothed by means of buckets")
