"""An experiment in a browser: filter, selection, overlay, columns, CSV, phone, print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.settled import open_settled
from tests.conftest import run_command
from tests.factories import long_table, points, write_run, write_table


@pytest.fixture
def address(sample_site: Path) -> str:
    return next((sample_site / "experiments").glob("digits-mlp-*.html")).as_uri()


@pytest.fixture
def experiment(page: Page, address: str) -> Page:
    return open_settled(page, address)


def names(page: Page) -> Locator:
    return page.locator("#runs-table tbody tr:not([hidden]) th a")


def box_of(page: Page, run: str) -> Locator:
    return page.get_by_role("row", name=re.compile(re.escape(run))).get_by_role("checkbox")


def note(page: Page) -> Locator:
    return page.locator(".sg-overlay__note")


def test_a_condition_filters_the_runs(experiment: Page) -> None:
    experiment.get_by_role("searchbox", name="Filter runs").fill('status = "killed"')

    expect(names(experiment)).to_have_text(["lr 0.05, 96 hidden, seed 2"])
    expect(experiment.get_by_text("1 of 26 runs", exact=True)).to_be_visible()


def test_a_mistake_names_its_column_and_keeps_the_last_right_filter(experiment: Page) -> None:
    box = experiment.get_by_role("searchbox", name="Filter runs")
    box.fill('status = "killed"')
    expect(names(experiment)).to_have_count(1)

    box.fill("metrics.val/loss << 3")

    expect(box).to_have_attribute("aria-invalid", "true")
    expect(experiment.locator(".sg-filter__message")).to_contain_text("Column")
    expect(names(experiment)).to_have_count(1)


def test_the_example_in_the_empty_filter_is_a_right_condition(experiment: Page) -> None:
    box = experiment.get_by_role("searchbox", name="Filter runs")
    box.fill(box.get_attribute("placeholder").partition("e.g. ")[2])

    expect(names(experiment)).to_have_text(["average with the baseline from epoch 6"])
    expect(box).not_to_have_attribute("aria-invalid", "true")
    expect(experiment.locator(".sg-filter__hint:visible")).to_have_count(0)


def test_shift_selects_a_range_and_the_bar_names_it(experiment: Page) -> None:
    bar = experiment.get_by_role("region", name="Selection")
    expect(bar).to_be_hidden()

    box_of(experiment, "lr 0.2, 96 hidden, seed 2").click()
    box_of(experiment, "lr 0.2, 96 hidden, seed 0").click(modifiers=["Shift"])

    expect(bar).to_contain_text("3 runs selected")
    expect(bar).to_contain_text("lr 0.2, 96 hidden, seed 1")
    experiment.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()


def test_the_overlay_follows_the_selection_and_the_link_opens_the_same(
    experiment: Page, context, address: str
) -> None:
    expect(note(experiment)).to_contain_text("mean and SE, 5 of 10 groups")
    box_of(experiment, "lr 0.2, 96 hidden, seed 2").click()
    box_of(experiment, "lr 0.2, 32 hidden, seed 1").click()
    expect(note(experiment)).to_contain_text("2 selected runs")
    experiment.get_by_role("combobox", name="Metric").select_option("val/loss")
    context.grant_permissions(["clipboard-read", "clipboard-write"])

    experiment.get_by_role("button", name="Copy link").click()
    link = experiment.evaluate("navigator.clipboard.readText()")

    assert link.startswith(f"{address}#")
    experiment.goto("about:blank")
    experiment.goto(link, wait_until="networkidle")
    expect(note(experiment)).to_contain_text("2 selected runs")
    expect(experiment.locator(".sg-overlay .sg-chart__name")).to_have_text("val/loss")
    expect(experiment.get_by_role("region", name="Selection")).to_contain_text("2 runs selected")


def test_the_overlay_reads_every_mean_at_a_step(experiment: Page) -> None:
    plot = experiment.get_by_role("group", name=re.compile("accuracy of"))
    plot.focus()
    experiment.keyboard.press("Home")

    reading = experiment.locator(".sg-plot__reading")
    expect(reading).to_contain_text("step 18")
    expect(reading.locator(".sg-plot__row")).to_have_count(5)
    expect(reading.locator(".sg-plot__row").first).to_contain_text(
        re.compile(r"hidden 96, lr 0.2.* ± .*\(n = 3\)")
    )


def test_the_overlay_has_a_band_a_table_and_the_whole_window(experiment: Page) -> None:
    overlay = experiment.locator(".sg-overlay")

    overlay.get_by_role("button", name="Std").click()
    overlay.get_by_role("button", name="Values as a table").click()

    expect(note(experiment)).to_contain_text("mean and std")
    expect(overlay.locator("thead th").nth(4)).to_have_text("Its std")
    expect(overlay.locator("tbody tr")).to_have_count(5)
    overlay.get_by_role("button", name="Over the whole window").click()
    expect(experiment.get_by_role("dialog").locator(".sg-overlay")).to_be_visible()
    experiment.keyboard.press("Escape")
    expect(experiment).not_to_have_url(re.compile("full="))


def test_names_at_the_ends_of_lines_stay_in_the_plot(experiment: Page) -> None:
    experiment.evaluate("() => sitegen.state.set({ mean: 'runs', metric: 'val/loss' })")
    labels = experiment.locator(".sg-overlay .annotation-text")
    expect(labels).to_have_count(5)

    plot = experiment.locator(".sg-overlay .sg-chart__plot").bounding_box()
    boxes = [label.bounding_box() for label in labels.all()]

    assert all(box["y"] + box["height"] <= plot["y"] + plot["height"] for box in boxes)


def test_pointing_at_the_overlay_shows_values(experiment: Page) -> None:
    experiment.locator(".sg-overlay .sg-chart__plot").hover(position={"x": 400, "y": 80})

    expect(experiment.locator(".sg-plot__reading .sg-plot__row")).to_have_count(5)


def test_the_overlay_is_drawn_anew_in_the_other_theme(experiment: Page) -> None:
    line = experiment.locator(".sg-overlay .scatterlayer .js-line").last
    before = line.evaluate("element => getComputedStyle(element).stroke")

    experiment.get_by_role("button", name="Dark theme").click()

    experiment.wait_for_function(
        "before => getComputedStyle([...document.querySelectorAll('.sg-overlay .js-line')].at(-1))"
        ".stroke !== before", arg=before,
    )  # fmt: skip


def test_the_run_table_fits_a_window_of_1440_pixels(experiment: Page) -> None:
    frame = experiment.get_by_role("region", name="Runs")

    assert frame.evaluate("frame => frame.scrollWidth - frame.clientWidth") <= 0


def test_values_of_a_column_have_the_same_decimals(experiment: Page) -> None:
    cells = experiment.locator("#runs-table tbody .sg-table__value").all_text_contents()

    assert {len(text.partition(".")[2]) for text in cells} == {4}


def test_heads_and_numbers_end_at_the_same_place(experiment: Page) -> None:
    ends = experiment.evaluate("""() => {
        const table = document.querySelector("#runs-table");
        const end = (cell) => cell.getBoundingClientRect().right
            - parseFloat(getComputedStyle(cell).paddingRight);
        const heads = [...table.tHead.rows[0].cells];
        const at = heads.findIndex((th) => th.dataset.col === "duration_s");
        return [end(table.tHead.rows[0].cells[at]), end(table.tBodies[0].rows[0].cells[at])];
    }""")

    assert ends[0] == pytest.approx(ends[1], abs=0.5)


def test_no_two_heads_are_called_the_same(experiment: Page) -> None:
    heads = experiment.locator("#runs-table thead th:visible").all_inner_texts()

    assert len(heads) == len(set(heads))


def test_csv_holds_the_runs_shown(experiment: Page) -> None:
    experiment.get_by_role("searchbox", name="Filter runs").fill("killed")
    expect(names(experiment)).to_have_count(1)
    experiment.get_by_text("Export", exact=True).click()
    with experiment.expect_download() as download:
        experiment.get_by_role("button", name="CSV").click()

    text = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename == "digits-mlp-runs.csv"
    assert len(text.strip().splitlines()) == 2
    assert "lr 0.05, 96 hidden, seed 2" in text


def test_keys_select_and_open(experiment: Page) -> None:
    experiment.locator("h1").click()
    experiment.keyboard.press("j")
    experiment.keyboard.press("x")
    expect(experiment.get_by_role("region", name="Selection")).to_contain_text("1 run selected")
    experiment.wait_for_load_state("networkidle")

    experiment.keyboard.press("Enter")

    expect(experiment).to_have_url(re.compile(r"/runs/digits-mlp-average-with-baseline-"))


def test_tabs_are_links_and_back_returns(experiment: Page) -> None:
    experiment.get_by_role("tab", name=re.compile("Notes")).click()
    expect(experiment.get_by_role("tabpanel", name="Notes")).to_be_visible()

    experiment.go_back()

    expect(experiment.get_by_role("tabpanel", name="Runs")).to_be_visible()


def test_on_a_phone_the_runs_of_the_overlay_are_named_below_it(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}#mean=runs", wait_until="networkidle")

    expect(page.locator(".sg-overlay > .sg-overlay__legend a")).to_have_count(5)
    expect(page.locator(".sg-overlay > .sg-overlay__legend a").first).to_be_visible()
    row = page.locator("#runs-table tbody tr").first
    expect(row.locator(".sg-table__value")).to_be_visible()
    box, link = row.get_by_role("checkbox").bounding_box(), row.locator("th a").bounding_box()
    assert box["x"] + box["width"] < link["x"]


def test_an_experiment_without_times_has_no_empty_columns(
    page: Page, build, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        write_run(tmp_path / "runs" / name, id=name, name=name, started_at=None, ended_at=None,
                  created_at=None)  # fmt: skip
    build(tmp_path / "runs")
    page.goto(next((tmp_path / "site" / "experiments").glob("*.html")).as_uri())

    heads = page.locator("#runs-table thead th").all_text_contents()
    assert not {"Started", "Duration"} & {head.strip() for head in heads}


def test_runs_that_share_no_setting_stand_for_themselves(page: Page, tmp_path: Path) -> None:
    """Every run has a seed and a rate of its own: no mean is taken of one run."""
    for number in range(3):
        params = {"lr": 0.001463169563756738 * (number + 1), "seed": number}
        run = write_run(tmp_path / "runs/search" / f"run-{number}", params=params)
        write_table(run, long_table(points("loss", [1 / (1 + step) for step in range(9)])))
    run_command("build", tmp_path / "runs", "-o", tmp_path / "site", cwd=tmp_path)

    page.goto(next((tmp_path / "site/experiments").glob("*.html")).as_uri())

    expect(note(page)).to_contain_text("3 runs")
    expect(note(page)).not_to_contain_text("mean")
    rate = page.get_by_role("row", name=re.compile("run-0")).locator("td[title]").first
    expect(rate).to_have_text("0.00146317")
    expect(rate).to_have_attribute("title", "0.001463169563756738")


def test_print_has_only_charts_that_were_drawn(experiment: Page) -> None:
    experiment.emulate_media(media="print")
    expect(experiment.locator("#panel-charts")).to_be_hidden()
    first = experiment.locator("#runs-table thead th[data-col=name]")
    cell = experiment.locator("#runs-table tbody th").first
    assert first.bounding_box()["x"] == cell.bounding_box()["x"]

    experiment.emulate_media(media="screen")
    experiment.get_by_role("tab", name="Charts").click()
    expect(experiment.locator("#panel-charts .sg-plot--drawn").first).to_be_visible()
    experiment.emulate_media(media="print")

    expect(experiment.locator("#panel-charts .sg-plot--drawn").first).to_be_visible()
