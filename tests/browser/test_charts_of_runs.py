"""The Charts tab over runs with NaN, gaps, long series and metrics that some lack."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.metrics_page import choose
from tests.browser.settled import open_settled
from tests.conftest import run_command
from tests.factories import long_table, points, write_run, write_table

LONG = np.random.default_rng(3).normal(size=12_000)
NAMES = "all => all.map((one) => one.dataset.metric)"
LINES = """(figure) => {
  const chart = sitegen.chart.all().find(({ element }) => figure.contains(element));
  const texts = (values) => [...values].map(String);
  return chart.spec.series.map(({ name, colour, x, y }) => ({
    name, colour, x: texts(x), y: texts(y),
  }));
}"""


def curve(rate: float, count: int = 60) -> list[float]:
    return [1 / (1 + rate * step) for step in range(count)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Four runs: the second has NaN, the third a gap, the fourth no `val/loss`; built once."""
    root = tmp_path_factory.mktemp("charts")
    for number, rate in enumerate((0.4, 0.3, 0.2, 0.1)):
        run = write_run(root / "runs" / "sweep" / f"run-{number}", params={"rate": rate})
        loss = curve(rate)
        if number == 1:
            loss[20:22] = [float("nan")] * 2
        rows = points("train/loss", loss)
        if number == 2:
            rows = [row for row in rows if not 30 <= row[1] < 45]
        rows += points("tokens", [512 * (number + 1) * step for step in range(60)])
        rows += points("accuracy", [1 - value for value in curve(rate)])
        if number != 0:
            rows += points("val/loss", curve(rate))
        if number < 2:
            rows += points("long/noise", LONG + number)
        write_table(run, long_table(rows))
    file = root / "runs" / "sweep" / "experiment.toml"
    file.write_text('[objective]\nmetric = "accuracy"\ngoal = "maximize"\n', encoding="utf-8")
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return next((root / "site" / "experiments").glob("*.html")).as_uri()


@pytest.fixture
def open_charts(page: Page, address: str):
    """Opens the Charts tab."""

    def opened(state: str = "") -> Page:
        return open_settled(page, f"{address}#tab=charts{state}")

    return opened


def drawn(page: Page, name: str) -> Locator:
    found = page.locator(f'[data-metric="{name}"]')
    found.scroll_into_view_if_needed()
    expect(found.locator(".sg-plot--drawn .scatterlayer").first).to_be_attached()
    return found


def test_a_run_has_one_colour_in_all_charts_whatever_they_lack(open_charts) -> None:
    page = open_charts()

    colours = [
        {line["name"]: line["colour"] for line in drawn(page, name).evaluate(LINES)}
        for name in ("accuracy", "val/loss")
    ]

    assert colours == [
        {"run-0": 1, "run-1": 2, "run-2": 3, "run-3": 4}, {"run-1": 2, "run-2": 3, "run-3": 4}
    ]  # fmt: skip


def test_lines_that_charts_share_are_named_once_above_them(open_charts) -> None:
    page = open_charts()

    legend = page.locator(".sg-charts__legend > *")

    drawn(page, "accuracy")
    expect(legend).to_have_text(["run-0", "run-1", "run-2", "run-3"])
    expect(drawn(page, "accuracy").locator(".sg-chart__legend")).to_be_hidden()
    own = drawn(page, "val/loss").locator(".sg-chart__legend > *")
    expect(own).to_have_text(["run-1", "run-2", "run-3"])


def test_nan_is_marked_where_it_happened_and_its_run_is_named(open_charts) -> None:
    found = drawn(open_charts(), "train/loss")

    expect(found.locator(".sg-chart__note")).to_contain_text("NaN in run-1 at 20")
    expect(found.locator(".annotation-text", has_text="NaN")).to_have_count(1)


def test_a_line_stops_where_steps_are_missing(open_charts) -> None:
    found = drawn(open_charts(), "train/loss")

    (line,) = (one for one in found.evaluate(LINES) if one["name"] == "run-2")
    at = line["x"].index("NaN")
    assert line["x"][at - 1 : at + 2] == ["29", "NaN", "45"]
    assert line["y"][at] == "NaN"
    expect(found.locator(".sg-chart__note")).to_contain_text("a line with a gap")


def test_charts_are_pinned_in_an_order_that_is_a_link(open_charts) -> None:
    page = open_charts("&pinned=val/loss,tokens")
    pinned = page.locator("[data-pins] [data-metric]")
    assert pinned.evaluate_all(NAMES) == ["val/loss", "tokens"]

    choose(drawn(page, "tokens"), "Move before")
    drawn(page, "accuracy").get_by_role("button", name="Pin accuracy").click()

    assert pinned.evaluate_all(NAMES) == ["tokens", "val/loss", "accuracy"]
    expect(page).to_have_url(re.compile("pinned=tokens,val/loss,accuracy"))


def test_a_chart_stands_over_the_whole_window_and_goes_back(open_charts) -> None:
    page = open_charts()

    drawn(page, "accuracy").get_by_role("button", name="over the whole window").click()

    dialog = page.get_by_role("dialog", name="accuracy")
    expect(dialog.locator(".sg-chart__legend > *")).to_have_text(
        ["run-0", "run-1", "run-2", "run-3"]
    )
    expect(page).to_have_url(re.compile("full=accuracy"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page).not_to_have_url(re.compile("full="))
    expect(page.locator('.sg-charts [data-group] [data-metric="accuracy"]')).to_be_visible()


def test_curves_are_drawn_over_another_metric(open_charts) -> None:
    found = drawn(open_charts("&x=metric:tokens"), "val/loss")

    lines = {line["name"]: line["x"] for line in found.evaluate(LINES)}
    assert lines["run-1"] == [str(1024 * step) for step in range(60)]
    expect(found.locator(".xtitle")).to_have_text("tokens")


def test_the_whole_of_long_series_is_saved(open_charts) -> None:
    page = open_charts()
    found = drawn(page, "long/noise")
    expect(found.locator(".sg-chart__note")).to_contain_text("of 24,000 points")

    with page.expect_download() as download:
        choose(found, "All points as CSV")

    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert [float(row["long/noise"]) for row in rows] == [*LONG, *(LONG + 1)]
    assert [row["run"] for row in rows] == ["run-0"] * 12_000 + ["run-1"] * 12_000


def test_a_zoom_fits_the_y_axis_to_what_is_in_view(open_charts) -> None:
    page = open_charts("&sync=0&zoom=%3Daccuracy~40~50")

    found = drawn(page, "accuracy")

    low = found.evaluate(
        """(figure) => figure.querySelector(".sg-plot__canvas")._fullLayout.yaxis.range[0]"""
    )
    assert low > min(1 - value for value in curve(0.1)[40:51]) - 0.1


@pytest.mark.parametrize("axis", ["step", "wall", "metric:tokens"])
def test_no_label_is_turned_on_a_phone(open_charts, page: Page, axis: str) -> None:
    page.set_viewport_size({"width": 320, "height": 800})

    found = drawn(open_charts(f"&x={axis}"), "val/loss")

    turned = found.locator(".xtick text").evaluate_all(
        "all => all.filter((one) => /rotate\\((?!0[,)])/.test(one.getAttribute('transform')))"
    )
    assert turned == []


GAPS = [
    ("regular", list(range(20)), []),
    ("steps are missing", [*range(10), *range(15, 25)], [9]),
    ("two gaps", [*range(0, 100, 10), *range(200, 300, 10), *range(400, 500, 10)], [9, 19]),
    ("irregular", [2**power for power in range(20)], []),
    ("a last step that is nearer", [*range(0, 100, 10), 93], []),
    ("too few", [0, 1, 9], []),
    ("repeated", [1] * 20, []),
    ("descending", list(range(20, 0, -1)), []),
]


@pytest.mark.parametrize(("what", "steps", "places"), GAPS, ids=[name for name, *_ in GAPS])
def test_gaps_are_where_regular_steps_are_missing(
    page: Page, write_page, what, steps, places
) -> None:
    page.goto(write_page("", scripts=("gaps",)))

    found = page.evaluate("(steps) => sitegen.gaps.after({ steps: JSON.parse(steps) })",
                          json.dumps(steps))  # fmt: skip

    assert found == places, what


def test_between_points_of_buckets_a_gap_is_half_of_the_steps(page: Page, write_page) -> None:
    page.goto(write_page("", scripts=("gaps",)))

    steps, indexes = [0, 60, 130, 190, 250, 330, 390, 600, 670], [0, 6, 13, 19, 25, 33, 39, 45, 52]

    assert page.evaluate("(points) => sitegen.gaps.after(points)",
                         {"steps": steps, "indexes": indexes}) == []  # fmt: skip
    more = {"steps": [*steps, *range(680, 880, 10)], "indexes": [*indexes, *range(53, 73)]}
    assert page.evaluate("(points) => sitegen.gaps.after(points)", more) == [6]
