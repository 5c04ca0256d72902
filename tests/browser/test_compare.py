"""Any runs compared on compare.html, from file://, as a reader would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.paths import sha10
from tests.conftest import run_command
from tests.factories import write_experiment_file, write_metrics, write_run

RUNS: dict[str, dict[str, Any]] = {
    "e/a": {"lr": 0.1, "prompt": "Answer the question in one short word, and give no reason."},
    "e/b": {"lr": 0.2, "prompt": "Answer the question in one long sentence, and give a reason."},
    "other/c": {"lr": 0.1, "extra": True},
}
SOURCE = {"repository": "git@github.com:o/r.git", "branch": "main"}


@pytest.fixture(scope="module", name="site")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site_of_three(tmp_path_factory.mktemp("compare-page"))


def site_of_three(root: Path) -> Path:
    """Three runs of two experiments."""
    for number, (run_id, params) in enumerate(RUNS.items()):
        experiment, name = run_id.split("/")
        bundle = write_run(
            root / "runs" / experiment / name, id=run_id, name=f"run {name}",
            experiment=experiment, params=params, summary={},
            metrics={"loss": {"goal": "minimize"}},
            source={**SOURCE, "commit": f"{number}" * 40},
            environment={"python": f"3.1{number}"},
            datasets=[{"name": "digits", "digest": f"sha256:{number}"}],
            started_at=f"2026-11-2{number}T10:00:00Z",
        )  # fmt: skip
        write_metrics(bundle, loss=[1.0, 0.5 - number / 10])
    declared = 'name = "e"\nbaseline = "e/b"\n'
    write_experiment_file(root / "runs" / "e", declared)
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "site"


def address(site: Path, runs: Sequence[str], more: str = "") -> str:
    keys = ",".join(sha10(run) for run in runs)
    return (site / "compare.html").as_uri() + f"#runs={keys}{more}"


def chips(page: Page) -> list[str]:
    return page.locator(".sg-comparechip > a").all_text_contents()


def test_runs_of_different_experiments_stand_side_by_side(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "other/c"]))

    table = page.get_by_role("table", name="Params")
    expect(table.locator("thead th")).to_have_text(["Param", "A run a", "B run c"])
    rows = table.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="extra").locator("td")).to_have_text(["not set", "true"])
    expect(rows.filter(has_text="extra").locator(".sg-differs")).to_have_text(["true"])
    expect(page.locator(".sg-verdict__sentence").first).to_have_text("B − A = −0.2 on loss")


def test_the_declared_baseline_comes_first_until_another_is_set(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"]))
    expect(page.locator(".sg-comparechip")).to_have_count(2)
    assert chips(page) == ["run b", "run a"]

    page.get_by_role("button", name="Set baseline").click()

    expect(page.locator(".sg-comparechip > a").first).to_have_text("run a")
    assert f"runs={sha10('e/a')},{sha10('e/b')}" in page.url


def test_a_run_is_found_and_added_and_taken_away(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a"]))
    expect(page.get_by_text("Add a run to compare.")).to_be_visible()

    page.get_by_text("Add run", exact=True).click()
    page.get_by_role("searchbox", name="Find a run").fill("other")
    page.keyboard.press("Enter")

    expect(page.locator(".sg-comparechip")).to_have_count(2)
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 runs")
    page.get_by_role("button", name="Remove run c").click()
    expect(page.get_by_text("Add a run to compare.")).to_be_visible()


def test_runs_that_the_site_does_not_have_are_told(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/gone", "e/b"]))

    expect(page.get_by_role("status").first).to_have_text(
        f"1 run of this link is not in this site: {sha10('e/gone')}"
    )
    expect(page.locator(".sg-comparechip")).to_have_count(2)


def test_long_texts_are_shown_by_the_words_that_differ(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"], "&order=asked&tab=params"))

    page.locator("summary", has_text="prompt").click()

    expect(page.locator(".sg-diff del")).to_have_text(["short word", "no"])
    expect(page.locator(".sg-diff ins")).to_have_text(["long sentence", "a"])


def test_final_values_say_which_run_is_better(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b", "other/c"], "&order=asked&tab=metrics"))

    table = page.get_by_role("table", name="Final values")
    cells = table.locator("tbody tr").filter(has_text="loss").locator("td")
    expect(cells).to_have_text(["0.5", "0.4▲ −0.1", "0.3▲ −0.2"])
    expect(page.locator(".sg-comparebars tr")).to_have_count(3)
    expect(page.locator(".sg-plot--drawn")).to_have_count(1)
    page.get_by_label("Lines").select_option("params.lr")
    expect(page.locator(".sg-comparebars tr")).to_have_text(
        [r"lr 0.10.4 ± 0.1n = 2", "lr 0.20.4n = 1"]
    )


def test_curves_are_smoothed_and_averaged_as_on_every_page(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b", "other/c"], "&order=asked&tab=metrics"))
    note = page.locator("[data-compare-panel=metrics] .sg-chart__note")
    expect(note).to_have_text("3 selected runs · 6 of 6 points")

    page.get_by_role("slider", name="Smoothing").fill("0.5")
    page.get_by_role("button", name="Log y").click()

    assert "smooth=0.5" in page.url
    assert "log=y" in page.url
    page.get_by_label("Lines").select_option("params.lr")
    expect(note).to_contain_text("mean and SE, 2 of 2 groups")
    expect(note).to_contain_text("smoothed before the mean")


def test_many_points_are_thinned_to_their_extremes(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"]))
    expect(page.locator(".sg-comparechip")).to_have_count(2)

    found = page.evaluate("""() => {
      const x = Float64Array.from({ length: 2000 }, (_, at) => at), y = x.map((at) => Math.sin(at));
      [y[777], y[1200], y[1999]] = [50, NaN, -9];
      const lines = Array.from({ length: 40 }, () => ({ x, y, raw: null, values: y, count: 2000 }));
      const { thinned } = sitegen.compareCurves, whole = thinned({ lines }, null).lines;
      const near = thinned({ lines: lines.slice(0, 11) }, [770, 800]).lines[0];
      return { points: whole.reduce((sum, line) => sum + line.x.length, 0),
        odd: [...whole[3].x].filter((at) => [777, 1200, 1999].includes(at)), near: near.x.length };
    }""")

    assert found["odd"] == [777, 1200, 1999]
    assert found["points"] <= 21_000
    assert found["near"] == 33  # what is in view stands whole, with a point at each side


def test_where_runs_come_from_is_compared(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"], "&order=asked&tab=source"))

    link = page.get_by_role("link", name="000000000000…111111111111")
    base = "https://github.com/o/r/compare"
    expect(link).to_have_attribute("href", f"{base}/{'0' * 40}...{'1' * 40}")
    expect(page.get_by_role("table", name="Environment").locator("td")).to_have_text(
        ["3.10", "3.11"]
    )
    expect(page.get_by_role("table", name="Data sets").locator("td")).to_have_text(
        ["sha256:0", "sha256:1"]
    )


def test_the_comparison_is_a_markdown_table(page: Page, site: Path) -> None:
    page.goto(address(site, ["e/a", "e/b"], "&order=asked"))

    text = page.locator("pre.sg-code").text_content() or ""

    assert text.splitlines()[:3] == [
        "| | run a (baseline) | run b |",
        "| :-- | --: | --: |",
        "| `lr` | `0.1` | `0.2` |",
    ]
    assert "| `loss` ↓ | 0.5 | 0.4 (▲ −0.1) |" in text


def test_chosen_rows_of_the_run_table_lead_to_their_comparison(page: Page, site: Path) -> None:
    page.goto(next((site / "experiments").glob("e-*.html")).as_uri())
    for box in page.locator("#runs-table tbody input[type=checkbox]").all():
        box.check()

    page.get_by_role("link", name="Compare 2 runs").click()

    expect(page.locator(".sg-comparechip")).to_have_count(2)


def test_a_run_leads_to_its_comparison_with_the_baseline(page: Page, site: Path) -> None:
    page.goto(next((site / "runs").glob("e-a-*.html")).as_uri())

    page.get_by_role("link", name="Compare with baseline").click()

    expect(page.locator(".sg-comparechip > a")).to_have_text(["run b", "run a"])


def test_evals_of_chosen_runs_are_held_against_each_other(page: Page, sample_site: Path) -> None:
    keys = [path.stem[-10:] for path in sorted((sample_site / "runs").glob("support-agent-*.html"))]
    page.goto((sample_site / "compare.html").as_uri() + f"#runs={','.join(keys[:2])}&tab=evals")

    section = page.get_by_role("region", name="Compare two runs")
    expect(section.locator(".sg-verdict__sentence")).to_contain_text("95 % CI")
    expect(section.get_by_role("table").first).to_be_visible()
    expect(page.get_by_role("table", name="Means").locator("thead th")).to_have_count(3)
