"""The pages of models and data sets in a browser, and the way there from a run."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect


def test_a_run_leads_to_its_data_and_from_there_to_all_runs_that_used_it(
    page: Page, sample_site: Path
) -> None:
    run = next((sample_site / "runs").glob("digits-mlp-lr0-2-h96-seed2-*.html"))
    page.goto(run.as_uri())

    page.get_by_role("link", name="digits 1 train").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Datasets")
    rows = page.locator("#datasets-table tbody tr:not([hidden])")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("train, shown to the meter in random order")
    expect(page.get_by_role("searchbox")).to_have_value(re.compile("^digest = "))
    older = rows.get_by_role("link", name="softmax regression, lr 0.05", exact=True)
    expect(older).to_be_hidden()
    rows.get_by_text("and 26 more").click()
    expect(older).to_be_visible()


def test_models_filter_by_stage_and_lead_to_their_run(page: Page, sample_site: Path) -> None:
    page.goto((sample_site / "index.html").as_uri())
    page.get_by_role("link", name="Models", exact=True).click()

    page.get_by_role("searchbox").fill('stage = "production"')

    rows = page.locator("#models-table tbody tr:not([hidden])")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="softmax regression").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("softmax regression")
