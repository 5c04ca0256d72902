"""What the README's snippets log is on the pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import run_command
from tests.sdk.conftest import finished, python
from tests.sdk.test_readme import SNIPPETS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the runs that the snippets log."""
    root = tmp_path_factory.mktemp("logged")
    for snippet in SNIPPETS:
        code, _, err = finished(python(snippet, cwd=root))
        assert code == 0, err
    done = run_command("build", "runs", "-o", "site", "--strict", cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "site"


def open_run(page: Page, site: Path, name: str, tab: str) -> None:
    (path,) = (site / "runs").glob(f"{name}-*.html")
    page.goto(f"{path.as_uri()}#tab={tab}")


def test_the_first_snippet_is_on_the_overview_and_the_metrics_tab(page: Page, site: Path) -> None:
    open_run(page, site, "lr-3e-4", "overview")

    main = page.get_by_role("main")
    expect(page.get_by_role("heading", level=1)).to_contain_text("lr-3e-4")
    expect(page.locator("body")).to_contain_text("completed")
    expect(main).to_contain_text("optimizer.name")
    expect(main).to_contain_text("adamw")
    expect(main).to_contain_text("0.914")
    expect(page.locator("body")).to_contain_text("baseline")
    open_run(page, site, "lr-3e-4", "metrics")
    expect(main).to_contain_text("train/loss")
    expect(main.locator(".js-plotly-plot").first).to_be_visible()


def test_samples_annotations_and_attachments_are_on_their_tabs(page: Page, site: Path) -> None:
    main = page.get_by_role("main")
    open_run(page, site, "gpt-small", "evals")
    expect(main).to_contain_text("q-1")
    expect(main).to_contain_text("resolved")
    open_run(page, site, "gpt-small", "attachments")
    expect(main).to_contain_text("out.txt")
    expect(main).to_contain_text("confusion.csv")
    expect(main).to_contain_text("labels.json")
    open_run(page, site, "gpt-small", "overview")
    expect(main).to_contain_text("A first try.")
    expect(main).to_contain_text("helpful")
    expect(main).to_contain_text("tickets")
    expect(main.get_by_role("link", name="Discussion")).to_be_visible()
    expect(main).to_contain_text("The first run.")


def test_a_child_leads_to_its_parent(page: Page, site: Path) -> None:
    open_run(page, site, "child", "overview")

    page.get_by_role("main").get_by_role("link", name="by-hand").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("by-hand")
