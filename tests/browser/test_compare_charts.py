"""The charts of compared runs: parallel coordinates, scatter, contour, by pointer and by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_compare import address, site_of_three
from tests.conftest import run_command
from tests.factories import write_experiment_file, write_run

SIDE = 6


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of_three(tmp_path_factory.mktemp("compare-charts"))


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """36 runs over two params; the loss grows with the distance from x = 2, y = 3."""
    root = tmp_path_factory.mktemp("sweep")
    for x in range(SIDE):
        for y in range(SIDE):
            params: dict[str, Any] = {"x": x, "y": y, "rate": 10.0**-x, "word": "ab"[y % 2]}
            write_run(
                root / "runs" / "e" / f"x{x}y{y}", id=f"e/x{x}y{y}", name=f"x{x}y{y}",
                params=params, metrics={}, summary={"loss": (x - 2) ** 2 + (y - 3) ** 2 + x / 100},
            )  # fmt: skip
    write_experiment_file(
        root / "runs" / "e", 'name = "e"\n[objective]\nmetric = "loss"\ngoal = "minimize"\n'
    )
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "site"


def charts(page: Page, sweep: Path, more: str = "") -> None:
    page.goto(address(sweep, ["e/x0y0", "e/x2y3"], f"&tab=charts{more}"))


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True).first


def test_parallel_coordinates_are_brushed_reordered_and_kept_in_the_address(
    page: Page, site: Path
) -> None:
    page.goto(address(site, ["e/a", "other/c"], "&tab=charts"))
    note = page.get_by_text("runs within the brushes")
    expect(note).to_contain_text("3 of 3 runs within the brushes")
    names = page.locator(".sg-parallel__controls > span")
    before = names.all_text_contents()

    page.get_by_role("button", name=f"Move {before[1]} left").click()

    expect(names.first).to_have_text(before[1])
    axis = page.locator(".sg-parallel__hit").nth(before.index("loss"))
    box = axis.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 14, box["y"] + 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 14, box["y"] + box["height"] / 4)
    page.mouse.up()
    expect(note).to_contain_text("1 of 3 runs within the brushes")
    page.reload()
    expect(note).to_contain_text("1 of 3 runs within the brushes")
    expect(names.first).to_have_text(before[1])


def test_points_of_runs_have_axes_a_trend_and_a_matrix(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "other/c"], "&tab=charts&px=params.lr&py=metrics.loss"))
    picture = page.get_by_role("group", name="loss by lr, 3 runs", exact=True)
    expect(picture.locator("circle.sg-fill")).to_have_count(2)

    scatter = page.get_by_role("region", name="Scatter", exact=True)
    scatter.get_by_role("button", name="Log x").click()
    scatter.get_by_role("button", name="Trend").click()

    trend = page.get_by_role("group", name="loss by lr, 3 runs, rank correlation 0")
    expect(trend.locator(".sg-scatter__trend")).to_have_count(1)
    assert "plog=x" in page.url
    assert "trend=1" in page.url
    page.get_by_role("region", name="Scatter matrix").first.scroll_into_view_if_needed()
    expect(page.get_by_role("group", name="Scatter matrix")).to_be_visible()


def test_two_params_have_a_contour_of_the_objective(page: Page, sweep: Path) -> None:
    charts(page, sweep, "&cx=params.x&cy=params.y")
    contour = section(page, "Contour")
    contour.scroll_into_view_if_needed()

    picture = contour.get_by_role("group", name="loss over x and y, 36 runs")
    expect(picture.locator(".sg-band")).to_have_count(6)
    expect(contour.get_by_role("list", name="Bands of loss").locator("li")).to_have_count(6)
    expect(contour).to_contain_text("36 of 36 runs")
    strongest = picture.locator(".sg-band--6").bounding_box()
    whole = picture.bounding_box()
    assert strongest is not None
    assert whole is not None
    middle = strongest["x"] + strongest["width"] / 2 - whole["x"]
    assert 0.3 < middle / whole["width"] < 0.6  # x = 2 of 0 to 5, and 72 px of axis

    contour.get_by_label("x", exact=True).select_option("params.word")

    words = contour.get_by_role("group", name="loss over word and y, 36 runs")
    expect(words.locator(".sg-band__line")).to_have_count(0)
    assert "cx=params.word" in page.url


def test_columns_over_decades_have_log_axes_until_they_are_switched(
    page: Page, sweep: Path
) -> None:
    charts(page, sweep, "&px=params.rate&py=metrics.loss")
    scatter = section(page, "Scatter")
    expect(scatter).to_contain_text("rate (log)")

    scatter.get_by_role("button", name="Log x").click()

    expect(scatter).not_to_contain_text("rate (log)")
    assert "plog=none" in page.url


def test_charts_are_read_by_keys_and_open_a_run(page: Page, sweep: Path) -> None:
    charts(page, sweep, "&px=params.x&py=metrics.loss")
    scatter = section(page, "Scatter")
    picture = scatter.get_by_role("group", name="loss by x, 36 runs", exact=True)

    picture.focus()
    page.keyboard.press("End")
    expect(scatter.locator("output")).to_have_text("x5y0 loss 18.05, x 5")
    page.keyboard.press("ArrowLeft")
    expect(scatter.locator("output")).to_have_text("x5y5 loss 13.05, x 5")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("x5y5")


def test_parallel_coordinates_are_read_from_the_best_and_brushed_by_keys(
    page: Page, sweep: Path
) -> None:
    charts(page, sweep)
    parallel = section(page, "Parallel coordinates")
    parallel.get_by_role("group", name="Parallel coordinates of 36 runs").focus()

    page.keyboard.press("ArrowRight")
    expect(parallel.locator("output")).to_contain_text("x2y3")
    brush = parallel.get_by_label("Brush y")
    brush.focus()
    page.keyboard.press("Enter")
    parallel.get_by_label("From of y").fill("1")
    parallel.get_by_label("To of y").fill("2")
    page.keyboard.press("Enter")

    expect(parallel).to_contain_text("12 of 36 runs within the brushes")
    assert "brush=params.y:1:2" in page.url
    parallel.get_by_role("button", name="Move y left").focus()
    page.keyboard.press("Enter")
    expect(parallel.get_by_role("button", name="Move y left")).to_be_focused()


def test_charts_read_as_tables_too(page: Page, sweep: Path) -> None:
    charts(page, sweep)
    parallel = section(page, "Parallel coordinates")

    parallel.get_by_text("As a table").click()

    table = parallel.get_by_role("table", name="Parallel coordinates")
    expect(table.locator("tbody tr")).to_have_count(36)
    expect(table.locator("tbody th").first).to_have_text("B x2y3")
    table.get_by_role("button", name="x", exact=True).click()
    expect(table.locator("tbody th").first).to_contain_text("x0")


def test_a_sweep_leads_to_its_charts(page: Page, sweep: Path) -> None:
    (path,) = (sweep / "experiments").glob("*.html")
    page.goto(path.as_uri())

    page.get_by_role("link", name="Parallel coordinates").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 runs")
    expect(page.get_by_text("36 of 36 runs within the brushes")).to_be_visible()
    expect(page.locator(".sg-comparechip > a").first).to_have_text("x2y3")


def test_an_axis_is_dragged_by_its_name(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "other/c"], "&tab=charts"))
    names = page.locator(".sg-parallel__controls > span")
    expect(names.nth(1)).to_be_visible()
    before = names.all_text_contents()
    first, last = (page.locator(".sg-parallel__handle").nth(at).bounding_box() for at in (0, -1))
    assert first is not None
    assert last is not None

    page.mouse.move(first["x"] + 20, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 30, last["y"] + 10, steps=4)
    page.mouse.up()

    expect(names).to_have_text([*before[1:], before[0]])
    page.reload()
    expect(names).to_have_text([*before[1:], before[0]])


def test_the_scatter_matrix_is_read_by_keys(page: Page, sweep: Path) -> None:
    charts(page, sweep)
    matrix = section(page, "Scatter matrix")
    matrix.scroll_into_view_if_needed()

    matrix.get_by_role("group", name="Scatter matrix of").focus()
    page.keyboard.press("Home")

    expect(matrix.locator("output")).to_contain_text("x2y3")
    assert matrix.locator(".sg-scatter__ring").count() > 1
    page.keyboard.press("Escape")
    expect(matrix.locator(".sg-scatter__ring")).to_have_count(0)
