"""The Charts tab of an experiment in a browser: means over seeds, bands, colours, CSV, links."""

from __future__ import annotations

import csv
import json
import re
import statistics
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.metrics_page import choose
from tests.browser.settled import open_settled
from tests.factories import SAMPLE_RUNS


@pytest.fixture
def open_charts(page: Page, sample_site: Path):
    """Opens the Charts tab of the sample experiment with seeds."""

    def opened(state: str = "") -> Page:
        address = next((sample_site / "experiments").glob("digits-mlp-*.html")).as_uri()
        return open_settled(page, f"{address}#tab=charts{state}")

    return opened


def loss(page: Page) -> Locator:
    found = page.locator('.sg-charts [data-metric="val/loss"]')
    found.scroll_into_view_if_needed()
    expect(found.locator(".sg-plot--drawn")).to_be_attached()
    return found


def saved(page: Page, found: Locator) -> list[dict[str, str]]:
    with page.expect_download() as download:
        choose(found, "Curves as CSV")
    return list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))


def logged(seed: int) -> dict[str, float]:
    table = pq.read_table(SAMPLE_RUNS / f"digits-mlp/lr0.2-h96-seed{seed}/metrics.parquet")
    rows = table.filter(pc.equal(table["name"], "val/loss")).to_pylist()
    return {str(row["step"]): row["value"] for row in rows}


def test_seeds_are_averaged_with_their_standard_error_and_n(open_charts) -> None:
    page = open_charts()

    rows = saved(page, loss(page))

    runs = [logged(seed) for seed in range(3)]
    best = [row for row in rows if row["group"] == rows[0]["group"]]
    assert len(best) == len(runs[0])
    for row in best:
        values = [run[row["step"]] for run in runs]
        mean, error = statistics.fmean(values), statistics.stdev(values) / 3**0.5
        assert row["n"] == "3"
        assert float(row["mean val/loss"]) == pytest.approx(mean, rel=1e-12)
        assert float(row["low (se)"]) == pytest.approx(mean - error, rel=1e-12)
        assert float(row["high (se)"]) == pytest.approx(mean + error, rel=1e-12)


def test_the_crosshair_tells_mean_error_and_n(open_charts) -> None:
    page = open_charts()

    loss(page).locator(".sg-chart__plot").hover()

    reading = loss(page).locator(".sg-plot__reading")
    expect(reading).to_contain_text("mean, SE")
    expect(reading.locator(".sg-plot__row").first).to_contain_text(
        re.compile(r"hidden 96, lr 0.2.*± .*\(n = 3\)")
    )


def test_the_band_is_a_choice_and_a_link(open_charts) -> None:
    page = open_charts()
    loss(page)

    page.get_by_role("button", name="Min–max").click()

    expect(page).to_have_url(re.compile("band=range"))
    rows = saved(page, loss(page))
    values = [logged(seed)[rows[0]["step"]] for seed in range(3)]
    assert [float(rows[0]["low (range)"]), float(rows[0]["high (range)"])] == [
        min(values), max(values)
    ]  # fmt: skip


def test_all_runs_are_coloured_by_a_param_whose_values_the_legend_names(open_charts) -> None:
    page = open_charts("&mean=runs&colour=params.optimizer.lr")

    legend = loss(page).locator(".sg-chart__legend")

    expect(legend.locator("span")).to_have_text(["0.2", "0.05", "2.0"])


def test_selected_runs_are_drawn_each_and_the_others_stand_behind_them(open_charts) -> None:
    page = open_charts()
    key = page.evaluate(
        "() => JSON.parse(document.getElementById('sg-overlay').textContent).runs[3].key"
    )

    page.evaluate("(key) => sitegen.state.set({ runs: key })", key)

    note = loss(page).locator(".sg-chart__note")
    expect(note).to_contain_text("1 selected run")
    expect(note).to_contain_text("25 other runs in grey")
    crowd = loss(page).locator(".sg-plot__crowd")
    assert crowd.evaluate(
        """(one) => one.getContext("2d").getImageData(0, 0, one.width, one.height)
          .data.some(Boolean)"""
    )


def test_alert_lines_and_annotated_steps_of_the_runs_drawn_stand_in_their_charts(
    open_charts,
) -> None:
    page = open_charts("&mean=runs")
    key = page.evaluate(
        "() => JSON.parse(document.getElementById('sg-overlay').textContent)"
        ".marks['train/grad_norm'][0].run"
    )
    found = page.locator('.sg-charts [data-metric="train/grad_norm"]')

    page.evaluate("(key) => sitegen.state.set({ runs: key })", key)

    found.scroll_into_view_if_needed()
    note = found.locator(".sg-chart__note")
    expect(note).to_contain_text("annotated: 1 at step 18 of lr 0.2, 96 hidden, seed 2")
    expect(found.locator(".annotation-text")).to_have_text(["alert: train/grad_norm > 1.5"])
    expect(found.locator(".textpoint")).to_have_text(["1"])
    others = page.evaluate(
        "(key) => JSON.parse(document.getElementById('sg-overlay').textContent)"
        ".runs.map((run) => run.key).filter((one) => one !== key).slice(0, 2).join(',')",
        key,
    )
    page.evaluate("(keys) => sitegen.state.set({ runs: keys })", others)
    expect(note).to_contain_text("2 selected runs")
    expect(note).not_to_contain_text("annotated")


def test_a_table_of_the_curves_opens_by_keyboard(open_charts) -> None:
    page = open_charts()

    loss(page).locator(".sg-chart__plot").focus()
    page.keyboard.press("t")

    table = loss(page).get_by_role("region", name="Values of val/loss")
    expect(table.locator("thead th")).to_have_text(
        ["Group", "Runs", "Points", "Last mean", "Its SE", "Smallest mean", "Largest mean"]
    )
    expect(table.locator("tbody tr")).to_have_count(5)


@pytest.mark.parametrize("width", [320, 390])
def test_the_charts_fit_a_phone(open_charts, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})

    loss(open_charts())

    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


MEANS = [
    ("the same steps", [{"x": [1, 2], "y": [1, 3]}, {"x": [1, 2], "y": [3, 5]}], [1, 2], [2, 2]),
    ("one ends early", [{"x": [1, 2, 3], "y": [1, 1, 1]}, {"x": [1, 2], "y": [3, 3]}],
     [1, 2, 3], [2, 2, 1]),
    ("only steps that all have", [{"x": [1, 2, 3], "y": [1, 1, 1]}, {"x": [1, 3], "y": [3, 3]}],
     [1, 3], [2, 2]),
    ("NaN is no value", [{"x": [1], "y": ["NaN"]}, {"x": [1], "y": [3]}], [1], [1]),
    ("the last of a repeated step", [{"x": [1, 1], "y": [9, 1]}, {"x": [1], "y": [3]}], [1], [2]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "series", "steps", "counts"), MEANS, ids=lambda one: str(one)[:20]
)
def test_a_mean_is_taken_at_shared_steps(
    page: Page, write_page, what, series, steps, counts
) -> None:
    page.goto(write_page("", scripts=("curve-means",)))

    found = page.evaluate(
        """(text) => sitegen.curveMeans.mean(JSON.parse(text).map(
          ({ x, y }) => ({ x, y: y.map(Number) })), "std")""",
        json.dumps(series),
    )

    assert [found["x"], found["n"]] == [steps, counts], what


@pytest.mark.parametrize(
    ("name", "is_seed"),
    [("params.seed", True), ("params.train.random_seed", True), ("params.init/seed", True),
     ("params.seeded", False), ("params.lr", False)],
)  # fmt: skip
def test_seeds_are_recognised_by_their_name(page: Page, write_page, name, is_seed) -> None:
    page.goto(write_page("", scripts=("curve-means",)))

    assert page.evaluate("(name) => sitegen.curveMeans.isSeed(name)", name) is is_seed
