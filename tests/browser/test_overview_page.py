"""A run's page in a browser: its header, Overview and Metrics tab, by keyboard, link and print."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.settled import open_settled
from tests.factories import write_run


@pytest.fixture
def open_run(page: Page, sample_site: Path):
    """Opens the run whose file begins with a name, at a hash."""

    def opened(name: str, state: str = "") -> Page:
        address = next((sample_site / "runs").glob(f"{name}-*.html")).as_uri()
        return open_settled(page, address + state)

    return opened


BEST = "digits-mlp-lr0-2-h96-seed2"
DIVERGED = "digits-mlp-lr2-decay-float32"


def test_the_run_card_tells_id_status_times_duration_user_and_tags(open_run, context) -> None:
    page = open_run(BEST)
    card = page.locator("section", has=page.get_by_role("heading", name="Run", exact=True)).last
    names = card.locator("dt").all_text_contents()
    assert names == ["id", "status", "project", "created", "started", "ended", "duration", "user",
                     "tags", "link", "link", "bundle"]  # fmt: skip
    expect(card).to_contain_text("5\u00a0min 58\u00a0s".replace(" ", "\u00a0"))

    context.grant_permissions(["clipboard-read", "clipboard-write"])
    card.get_by_role("button", name="copy id").click()

    assert page.evaluate("navigator.clipboard.readText()") == "digits-mlp/lr0.2-h96-seed2"


def test_a_tag_that_says_baseline_is_not_said_twice(open_run) -> None:
    page = open_run("support-agent-v1")

    expect(page.locator(".sg-title").get_by_text("baseline", exact=True)).to_have_count(1)


def test_key_figures_and_their_best_have_the_same_digits(open_run) -> None:
    figure = open_run(BEST).locator(".sg-figures__figure").first

    expect(figure.locator(".sg-figures__value")).to_have_text("0.983")
    expect(figure.locator(".sg-figures__note")).to_have_text("best 0.987 at step 162")


def test_alerts_name_their_metric_without_backticks(open_run) -> None:
    page = open_run(DIVERGED)
    expect(page.get_by_role("link", name="train/grad_norm > 1.5")).to_be_visible()

    page.goto(page.url.partition("#")[0] + "#tab=metrics")

    expect(page.locator(".sg-metrics__notice").nth(1)).to_have_text(
        "train/grad_norm met the alert train/grad_norm > 1.5: 143 points, first at step 1."
        " Go to step 1"
    )


def test_a_failed_run_opens_with_its_error_and_copies_the_traceback(open_run, context) -> None:
    page = open_run("digits-mlp-average-with-baseline")
    box = page.get_by_role("region", name="Error of the run")
    expect(box).to_contain_text("operands could not be broadcast together")

    context.grant_permissions(["clipboard-read", "clipboard-write"])
    box.get_by_role("button", name="Copy traceback").click()

    assert page.evaluate("navigator.clipboard.readText()").startswith("Traceback (most recent")


def test_a_failed_run_without_an_error_says_so(page: Page, build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a", id="a", name="a", status="failed", error=None)
    build(tmp_path / "runs")
    page.goto(next((tmp_path / "site" / "runs").glob("a-*.html")).as_uri())

    expect(page.get_by_text("Its run.json holds no error")).to_be_visible()


def test_a_run_that_could_not_be_read_says_where(page: Page, build, tmp_path: Path) -> None:
    run = tmp_path / "runs" / "broken"
    run.mkdir(parents=True)
    (run / "run.json").write_text('{"name": \n nonsense', encoding="utf-8")
    build(tmp_path / "runs")

    page.goto(next((tmp_path / "site" / "runs").glob("broken-*.html")).as_uri())

    expect(page.get_by_text("This run could not be read.")).to_be_visible()
    expect(page.locator(".sg-notice code")).to_have_text("run.json:2")
    expect(page.get_by_text("The run failed.")).to_have_count(0)


def test_arrows_move_between_tabs_and_back_returns(open_run) -> None:
    page = open_run(BEST)
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Metrics")).to_be_visible()
    expect(page).to_have_url(re.compile("#tab=metrics$"))
    page.wait_for_load_state("networkidle")
    page.get_by_role("tab", name=re.compile("Evals")).click()

    page.go_back()

    expect(page.get_by_role("tabpanel", name="Metrics")).to_be_visible()


def test_a_metric_of_the_table_leads_to_its_chart(open_run) -> None:
    page = open_run(BEST)
    page.get_by_role("link", name="val/loss", exact=True).click()

    chart = page.locator('[data-metric="val/loss"]')
    expect(chart).to_be_in_viewport()
    expect(chart).to_have_class(re.compile("sg-chart--chosen"))


def test_search_smoothing_axes_and_logarithm_are_in_the_link(open_run) -> None:
    page = open_run(BEST, "#tab=metrics")
    page.get_by_role("searchbox", name="Search 7 metrics").fill("train loss")
    page.get_by_role("button", name="Relative").click()
    page.get_by_role("button", name="Log y").click()
    page.get_by_role("spinbutton", name="Smoothing, exact").fill("0.8")
    page.keyboard.press("Enter")
    expect(page).to_have_url(
        re.compile("find=train%20loss&log=y&smooth=0.8&tab=metrics&x=relative")
    )

    page.reload(wait_until="networkidle")

    expect(page.locator("[data-metric]:visible")).to_have_count(1)
    expect(page.get_by_role("button", name="Relative")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("slider", name="Smoothing")).to_have_value("0.8")


def test_a_chart_over_the_whole_window_closes_by_escape(open_run) -> None:
    page = open_run(BEST, "#tab=metrics")
    page.get_by_role("button", name="val/loss over the whole window").click()
    expect(page.get_by_role("dialog", name="val/loss")).to_be_visible()
    expect(page).to_have_url(re.compile("full=val/loss"))

    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("full="))
    expect(page.locator('.sg-metrics [data-metric="val/loss"]')).to_be_visible()


def test_the_values_of_a_chart_are_a_table_and_a_file(open_run) -> None:
    page = open_run(BEST, "#tab=metrics")
    page.get_by_role("button", name="Values of val/loss as a table").click()
    expect(page.get_by_role("region", name="15 of 15 points of val/loss")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_label("More of val/loss").first.click()
        page.get_by_role("button", name="All points as CSV").click()

    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "step,time,val/loss"
    assert len(lines) == 16


def test_no_words_lie_over_each_other_where_values_stop_being_finite(open_run) -> None:
    page = open_run(DIVERGED, "#tab=metrics")
    chart = page.locator('[data-metric="train/grad_norm"]')
    chart.scroll_into_view_if_needed()
    expect(chart.locator(".annotation-text").first).to_be_visible()
    boxes = [
        text.bounding_box()
        for text in chart.locator(".annotation-text").all()
        if text.text_content() in {"NaN", "∞"}
    ]

    assert boxes
    for box, following in itertools.pairwise(boxes):
        assert box["x"] + box["width"] <= following["x"]


def test_values_without_points_are_no_higher_than_they_need(open_run) -> None:
    page = open_run("support-agent-v1", "#tab=metrics")

    heights = {
        name: page.locator(f'[data-metric="{name}"]').bounding_box()["height"]
        for name in ("cost_usd", "latency_s")
    }
    assert heights["cost_usd"] < heights["latency_s"] / 2


def test_without_script_every_tab_can_be_read_in_order(browser: Browser, sample_site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(next((sample_site / "runs").glob(f"{BEST}-*.html")).as_uri())

    for title in ("Overview", "Metrics", "Traces", "Evals", "Attachments"):
        expect(page.get_by_role("heading", name=title, exact=True, level=2)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("img", name=re.compile("val.loss from step"))).to_be_visible()
    context.close()


def test_print_shows_all_tabs_and_no_controls(open_run) -> None:
    page = open_run(BEST)
    page.emulate_media(media="print")

    for title in ("Overview", "Metrics", "Attachments"):
        expect(page.locator(".sg-panel__title", has_text=title)).to_be_visible()
    expect(page.locator(".sg-tabs").first).to_be_hidden()
    expect(page.locator(".sg-toolbar:visible")).to_have_count(0)
    expect(page.get_by_role("button", name="copy id")).to_be_hidden()
