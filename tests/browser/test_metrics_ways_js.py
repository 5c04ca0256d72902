"""Ways to read a curve: x axes, smoothing, outliers, pins, zooms of one chart, pictures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from sitegen.model import Series
from tests.browser.metrics_page import all_series, chart, choose, drawn, series, zoom


def values_of(name):
    return next(one for one in all_series() if one.name == name).values


def drawn_y(page, name):
    """What the chart draws of a metric: x and y of each of its series."""
    return page.evaluate(
        """(name) => sitegen.chart.all().find((one) => one.spec?.label === `Chart of ${name}`)
          .spec.series.map(({ x, y }) => [[...x], [...y]])""",
        name,
    )


def averaged(values, reach, kernel):
    """Means weighted by *kernel* of the distance, by its definition."""
    places = np.arange(len(values))
    weights = kernel(places[:, None] - places[None, :])
    weights[np.abs(places[:, None] - places[None, :]) > reach] = 0
    return (weights * values).sum(axis=1) / weights.sum(axis=1)


@pytest.mark.parametrize(
    ("kind", "reach", "kernel"),
    [
        ("mean", 4.5, lambda off: np.ones_like(off, dtype=float)),
        ("gauss", 15, lambda off: np.exp(-0.5 * (off / 5) ** 2)),
    ],
)
def test_running_mean_and_gaussian_are_what_their_definitions_say(
    open_tab, kind, reach, kernel
) -> None:
    page = open_tab(f"#smooth=0.9&smoothing={kind}")
    drawn(page, "loss")

    (_, raw), (_, smooth), *_ = drawn_y(page, "loss")

    assert raw == values_of("loss").tolist()
    assert smooth == pytest.approx(averaged(values_of("loss"), reach, kernel).tolist(), rel=1e-12)


def test_another_metric_can_be_the_x_axis_as_last_logged_at_each_step(open_tab) -> None:
    epochs = series("epoch", np.arange(30.0))
    page = open_tab("#x=metric:epoch", more=(epochs,))

    drawn(page, "loss")

    xs = drawn_y(page, "loss")[0][0]
    assert xs == [min(step, 29) for step in range(300)]
    expect(chart(page, "loss").locator(".sg-chart__note")).to_contain_text(
        "x is epoch as last logged at each step"
    )
    expect(chart(page, "loss").locator(".xtitle")).to_have_text("epoch")


def test_clipped_outliers_are_counted_and_the_rest_fills_the_plot(open_tab) -> None:
    spiky = np.sin(np.arange(400.0))
    spiky[200] = 1e6
    page = open_tab("#clip=1&find=spiky", more=(series("spiky", spiky),))

    found = drawn(page, "spiky")

    expect(found.locator(".sg-chart__note")).to_contain_text("1 beyond the axis, clipped")
    top = page.evaluate(
        "() => document.querySelector('[data-metric=spiky] .sg-plot__canvas')"
        "._fullLayout.yaxis.range[1]"
    )
    assert 1 < top < 2
    page.get_by_role("button", name="Clip outliers").click()
    expect(found.locator(".sg-chart__note")).not_to_contain_text("clipped")


def test_pinned_charts_stand_first_in_an_order_that_can_be_changed_and_linked(open_tab) -> None:
    page = open_tab()
    drawn(page, "train/kl").get_by_role("button", name="Pin train/kl").click()
    chart(page, "loss").get_by_role("button", name="Pin loss").click()
    pinned = page.locator("[data-pins] [data-metric]")
    names = "all => all.map((one) => one.dataset.metric)"
    assert pinned.evaluate_all(names) == ["train/kl", "loss"]

    choose(chart(page, "loss"), "Move before")

    assert pinned.evaluate_all(names) == ["loss", "train/kl"]
    expect(page.locator('[data-group=""]')).to_be_hidden()
    expect(page).to_have_url(re.compile("pinned=loss,train/kl"))
    chart(page, "loss").get_by_role("button", name="Pin loss").click()
    assert pinned.evaluate_all(names) == ["train/kl"]
    expect(page.locator('[data-group=""] [data-metric="loss"]')).to_be_visible()


def test_pinned_charts_are_dragged_by_a_grip_or_moved_by_its_arrow_keys(open_tab) -> None:
    page = open_tab("#pinned=loss,train/kl,train/big")
    pinned = page.locator("[data-pins] [data-metric]")
    names = "all => all.map((one) => one.dataset.metric)"
    grip = drawn(page, "loss").get_by_role("button", name="Move loss")

    grip.hover()
    page.mouse.down()
    chart(page, "train/big").locator(".sg-chart__head").hover()
    assert pinned.evaluate_all(names) == ["train/kl", "train/big", "loss"]
    page.keyboard.press("Escape")
    page.mouse.up()
    assert pinned.evaluate_all(names) == ["loss", "train/kl", "train/big"]

    grip.drag_to(chart(page, "train/big").locator(".sg-chart__head"))
    expect(page).to_have_url(re.compile("pinned=train/kl,train/big,loss"))
    expect(grip).to_be_focused()
    grip.press("ArrowLeft")
    assert pinned.evaluate_all(names) == ["train/kl", "loss", "train/big"]
    expect(grip).to_be_focused()
    expect(page.get_by_role("button", name=re.compile("^Move .*: drag"))).to_have_count(3)


def test_without_sync_a_zoom_is_that_of_one_chart(open_tab) -> None:
    page = open_tab("#sync=0")
    drawn(page, "train/big")

    zoom(page, drawn(page, "train/kl"), 0.25, 0.75)

    expect(chart(page, "train/kl").locator('[data-role="shown"]')).to_contain_text("in view")
    expect(chart(page, "train/big").locator('[data-role="shown"]')).not_to_contain_text("in view")
    expect(page).to_have_url(re.compile("zoom=%3Dtrain/kl~"))


@pytest.mark.parametrize(("kind", "begin"), [("SVG", b"<svg"), ("PNG", b"\x89PNG")])
def test_a_chart_is_saved_as_a_picture(open_tab, kind, begin) -> None:
    page = open_tab()
    found = drawn(page, "loss")

    with page.expect_download() as download:
        choose(found, f"Picture as {kind}")

    assert download.value.suggested_filename == f"loss.{kind.lower()}"
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(begin)
    assert len(content) > 2_000


@pytest.mark.parametrize(
    "values",
    [[2.5] * 50, [1.0], [np.nan] * 20, np.linspace(1e18, 9e18, 30), [np.inf, -np.inf, 1.0]],
    ids=["constant", "single", "all-nan", "huge", "infinite"],
)
@pytest.mark.parametrize("ways", ["", "&smooth=0.9&smoothing=gauss&clip=1&log=xy&x=relative"])
def test_odd_series_are_drawn_without_complaint(open_tab, values, ways) -> None:
    page = open_tab(f"#find=odd{ways}", more=(series("odd", values),))

    found = chart(page, "odd")

    expect(found.locator(".sg-plot--drawn")).to_be_attached()
    expect(found.locator(".sg-plot__message")).to_have_count(0)


@pytest.mark.parametrize(
    "steps",
    [[-30, -20, -10], [1, 1, 2], [2**62, 2**62 + 2, 2**63 - 1], [-(2**63), 0, 2**63 - 1]],
    ids=["negative", "duplicate", "int64", "widest"],
)
@pytest.mark.parametrize("ways", ["", "&smooth=0.9&clip=1&log=x"])
def test_odd_steps_are_drawn_without_complaint(open_tab, steps, ways) -> None:
    odd = Series(
        name="odd", steps=np.array(steps, dtype=np.int64), values=np.array([1.0, 3.0, 2.0]),
        times_us=None,
    )  # fmt: skip
    page = open_tab(f"#find=odd{ways}", more=(odd,))

    found = chart(page, "odd")

    expect(found.locator(".sg-plot--drawn")).to_be_attached()
    expect(found.locator(".sg-plot__message")).to_have_count(0)


def test_the_link_of_a_notice_reads_its_step_and_is_a_view(open_tab) -> None:
    page = open_tab()

    page.get_by_role("link", name="Go to step 100").click()

    reading = chart(page, "train/kl").locator(".sg-plot__reading")
    expect(reading).to_contain_text("step 100")
    expect(reading).to_contain_text("NaN")
    expect(page).to_have_url(re.compile("at=100&metric=train/kl"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(reading).to_contain_text("step 100")
