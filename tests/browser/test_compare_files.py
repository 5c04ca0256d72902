"""What compared runs left behind: attachments of one path, traces of one sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_attachment_kinds import png
from tests.browser.test_compare import address
from tests.conftest import run_command
from tests.factories import write_file, write_run

TABLES = ("id,score\n1,0.5\n2,0.25\n3,1\n", "id,score,note\n1,0.5,\n3,0.75,better\n4,1,new\n")
LOGS = ("first\nloss 0.5 at the end\n", "first\nloss 0.4 at the end\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("compare-files")
    for number, name in enumerate(("a", "b", "c")):
        bundle = write_run(root / "runs" / "e" / name, id=f"e/{name}", name=f"run {name}")
        write_file(bundle, "attachments/plot.png", png(40 + number, 30))
        write_file(bundle, "attachments/out.csv", TABLES[number % 2])
        write_file(bundle, "attachments/out.log", LOGS[number % 2])
        write_file(bundle, "attachments/same.txt", "the same")
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "site"


def test_pictures_of_one_path_lie_under_a_slider(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"], "&tab=attachments&file=plot.png"))
    expect(page.get_by_text("3 of 4 files of one path, 1 equal")).to_be_visible()
    after = page.get_by_role("img", name="plot.png of B run b")
    expect(page.get_by_text("40 × 30 and 41 × 30")).to_be_visible()

    line = page.get_by_role("slider", name="plot.png: how much of A run a is shown")
    line.focus()
    page.keyboard.press("ArrowRight")

    assert after.evaluate("(one) => one.style.clipPath") == "inset(0px 0px 0px 51%)"
    page.get_by_role("button", name="Side by side").click()
    expect(line).to_be_hidden()
    expect(page.get_by_role("img", name="plot.png of A run a")).to_be_visible()
    assert after.evaluate("(one) => one.style.clipPath") == ""


def test_tables_of_one_path_are_compared_by_rows_and_cells(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"], "&tab=attachments&file=out.csv"))

    fold = page.locator("details", has_text="out.csv")
    expect(fold).to_contain_text("2 rows changed · 1 only in A run a · 1 only in B run b")
    rows = fold.get_by_role("table").locator("tbody tr")
    expect(rows.filter(has_text="better").locator("del").first).to_have_text("1")
    expect(rows.filter(has_text="better").locator("ins").first).to_have_text("0.75")
    expect(rows.filter(has_text="better")).to_contain_text("−0.25")
    expect(fold.get_by_role("columnheader", name="note").locator("ins")).to_have_count(1)


def test_texts_of_one_path_are_compared_by_words_and_runs_are_chosen(
    page: Page, site: Path
) -> None:
    page.goto(address(site, ["e/a", "e/b", "e/c"], "&tab=attachments&file=out.log"))
    fold = page.locator("details", has_text="out.log")
    expect(fold.locator("del")).to_have_text(["5"])
    expect(fold.locator("ins")).to_have_text(["4"])

    page.get_by_label("Second run").select_option(label="C run c")

    expect(page.get_by_text("1 of 4 files of one path, 3 equal")).to_be_visible()
    assert "right=" in page.url


def test_traces_of_the_same_sample_are_links_beside_each_other(
    page: Page, sample_site: Path
) -> None:
    """Of more than two runs; two stand in pairs, see test_compare_traces.py."""
    agents = sorted((sample_site / "runs").glob("support-agent-*.html"))
    third = next((sample_site / "runs").glob("digits-*.html"))
    keys = [path.stem[-10:] for path in (*agents, third)]
    page.goto((sample_site / "compare.html").as_uri() + f"#runs={','.join(keys)}&tab=traces")
    table = page.get_by_role("table", name="Traces of the same sample")
    row = table.locator("tbody tr").filter(has=page.get_by_text("T-1010", exact=True))
    expect(row.get_by_role("link")).to_have_count(2)

    table.get_by_role("button", name="B support agent, version 2").click()
    longest = table.locator("tbody tr").first.get_by_role("link").nth(1)
    expect(longest).to_be_visible()
    row.get_by_role("link").nth(1).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("support agent, version 2")
    assert "trace=" in page.url
