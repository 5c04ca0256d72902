"""Runs compared by their evals on an experiment's page, from file://, as a reader would."""

from __future__ import annotations

import csv
import html
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.paths import slug
from sitegen.derive.evals.comparison import EvalComparison, ScorerComparison, compare_evals
from sitegen.derive.evals.differences import Difference
from sitegen.derive.evals.signflip import seed_of
from sitegen.pages.compare.difference_text import difference_text, p_text, verdict_of
from tests.conftest import run_command
from tests.derive.evals.test_comparison import read_facts
from tests.factories import write_eval, write_experiment_file, write_run

WritePage = Callable[..., str]
RUNS = {"a": 0.55, "b": 0.85, "c": 0.6}


def lines_of(name: str, share: float) -> list[dict[str, Any]]:
    rng = random.Random(name)
    return [
        {
            "id": f"s-{index:03}", "epoch": epoch, "cluster": f"k{index // 2}",
            "input": f"Question {index}: <b>why</b>?", "target": "because",
            "output": f"because {name if index > 4 else 'same'}",
            "scores": {
                "correct": rng.random() < share,
                "length": round(rng.gauss(10, 2), 3),
                "tone": {"value": rng.randint(1, 5), "rationale": f"by {name}"},
            },
            "trace_ids": ["9c1ee04bd9a04f8f8a9d1c2b3e4f5a6b"],
        }
        for index in range(60) for epoch in (1, 2)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("compare")
    folder = root / "runs" / "qa"
    for number, (name, share) in enumerate(RUNS.items()):
        run = folder / name
        started = f"2026-11-2{number}T10:00:00Z"
        write_run(run, id=f"qa/{name}", name=f"run {name}", experiment="qa", started_at=started)
        (run / "evals").mkdir()
        text = "".join(json.dumps(line) + "\n" for line in lines_of(name, share))
        (run / "evals" / "test.jsonl").write_text(text)
        meta = {"scorers": {"correct": {"goal": "maximize"}, "length": {"goal": "minimize"}}}
        (run / "evals" / "test.meta.json").write_text(json.dumps(meta))
    declared = '[[comparison]]\nname = "last two"\nruns = ["qa/b", "qa/c", "qa/gone"]\n'
    write_experiment_file(folder, f'name = "qa"\nbaseline = "qa/a"\n{declared}')
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return root


def address(site: Path, hash: str = "") -> str:
    return (site / "site" / "experiments" / f"{slug('qa')}.html").as_uri() + f"#tab=evals{hash}"


def comparison_of(site: Path, a: str, b: str) -> EvalComparison:
    sides = (
        read_facts(site / "runs" / "qa" / name, ["evals/test.jsonl", "evals/test.meta.json"])
        for name in (a, b)
    )
    (found,) = compare_evals(*sides, seed_of(f"qa/{a}", f"qa/{b}"))
    return found


def scorer(found: EvalComparison, name: str) -> ScorerComparison:
    return next(one for one in found.scorers if one.scorer == name)


@pytest.mark.parametrize("name", ["correct", "length", "tone"])
def test_the_page_says_what_the_build_says(page: Page, site: Path, name: str) -> None:
    found = comparison_of(site, "a", "c")
    said = difference_text(scorer(found, name), only_a=0, only_b=0)

    page.goto(address(site, f"&scorer={name}"))

    section = page.get_by_role("region", name="Compare two runs")
    expect(section.locator(".sg-verdict__sentence")).to_have_text(said.sentence)
    expect(section.locator(".sg-verdict p").nth(1)).to_have_text(said.rest)
    quiet = {
        one.scorer for one in found.scorers
        if one.scorer != name and verdict_of(one) == "open" and one.difference.detectable
    }  # fmt: skip
    told = section.locator(".sg-evalcompare__scorers .sg-table__foot").all_inner_texts()
    assert {one for one in ("correct", "length", "tone") if f"{one}: no" in "".join(told)} == quiet


def test_the_baseline_is_held_against_every_run_without_a_script(site: Path) -> None:
    text = (site / "site" / "experiments" / f"{slug('qa')}.html").read_text("utf-8")
    said = difference_text(
        scorer(comparison_of(site, "a", "b"), "correct"), only_a=0, only_b=0,
        names=("baseline", "this run"),
    )  # fmt: skip

    assert said.verdict == "better"
    assert html.escape(said.sentence) in text
    assert "sg-history__plot" in text
    overview = (site / "site" / "runs" / f"{slug('qa/b')}.html").read_text("utf-8")
    assert "To baseline" in overview
    assert html.escape(said.sentence) in overview


def test_a_declared_comparison_is_there_without_a_script(site: Path) -> None:
    text = (site / "site" / "experiments" / f"{slug('qa')}.html").read_text("utf-8")
    said = difference_text(
        scorer(comparison_of(site, "b", "c"), "correct"), only_a=0, only_b=0,
        names=("run b", "this run"),
    )  # fmt: skip

    assert said.verdict == "worse"
    assert ">last two</a></h3>" in text
    assert html.escape(said.sentence) in text


def test_another_run_is_chosen_and_the_view_is_a_link(page: Page, site: Path) -> None:
    page.goto(address(site))
    page.get_by_label("B", exact=True).select_option(label="run b")

    expect(page.locator(".sg-evalcompare .sg-verdict--better")).to_be_visible()
    expect(page.locator(".sg-evalcompare .sg-verdict__sentence")).to_contain_text("B − A = +")
    url = page.url
    page.goto("about:blank")
    page.goto(url)
    expect(page.locator(".sg-evalcompare .sg-verdict--better")).to_be_visible()
    page.get_by_role("button", name="Swap").click()
    expect(page.locator(".sg-evalcompare .sg-verdict--worse")).to_be_visible()


def test_flips_lead_to_both_outputs_and_both_traces(page: Page, site: Path) -> None:
    found = scorer(comparison_of(site, "a", "b"), "correct")
    keys = ",".join(slug(f"qa/{name}")[-10:] for name in "ab")
    page.goto(address(site, f"&runs={keys}&order=asked&scorer=correct"))

    worse = page.get_by_role("button", name=f"Worse {found.worse}")
    expect(worse).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name=f"Better {found.better}").click()
    rows = page.locator(".sg-evalcompare__list tbody tr")
    expect(rows).to_have_count(found.better)
    last = found.better - 1
    rows.nth(last).get_by_role("link").click()
    detail = page.locator(".sg-evalcompare__detail")
    expect(detail.locator("h5")).to_have_text(rows.nth(last).get_by_role("link").inner_text())
    expect(detail).to_contain_text("<b>why</b>?")
    expect(detail.locator("ins").first).to_have_text("b")
    expect(detail.get_by_role("link", name="Trace A")).to_have_attribute(
        "href", f"../runs/{slug('qa/a')}.html#tab=traces&trace=9c1ee04bd9a04f8f8a9d1c2b3e4f5a6b"
    )
    expect(detail.get_by_role("link", name="Sample B")).to_be_visible()
    expect(detail).to_contain_text("by b")
    page.keyboard.press("k")
    expect(detail.locator("h5")).to_have_text(rows.nth(last - 1).get_by_role("link").inner_text())
    detail.get_by_role("button", name="epoch 2").click()
    expect(detail.get_by_role("button", name="epoch 2")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Same score, other output").click()
    expect(page.locator(".sg-evalcompare__list tbody tr").first).to_contain_text("other output")


def test_three_runs_have_their_differences_and_a_matrix(page: Page, site: Path) -> None:
    keys = ",".join(slug(f"qa/{name}")[-10:] for name in "abc")
    page.goto(address(site, f"&runs={keys}&scorer=correct"))

    others = page.get_by_role("region", name="Differences to A")
    expect(others.locator("tbody tr")).to_have_count(2)
    others.get_by_role("button", name="run c").click()
    expect(page.get_by_label("B", exact=True)).to_have_value(slug("qa/c")[-10:])
    page.get_by_text("Samples × runs").click()
    matrix = page.get_by_role("region", name="Samples by runs")
    expect(matrix.locator("thead th")).to_have_count(4)
    expect(matrix.locator("tbody tr")).to_have_count(60)


def test_both_sides_write_the_same_words(page: Page, write_page: WritePage) -> None:
    rng = random.Random(20261121)
    page.goto(write_page("", scripts=("core", "format", "difference-text")))
    for _ in range(60):
        size = rng.choice([1.0, 0.01, 30.0]) * rng.gauss(0, 1)
        half = abs(rng.gauss(0, 1)) * abs(size)
        known = rng.random() < 0.8
        n = rng.choice([0, 1, 31, 1319])
        found = Difference(
            n=n, clusters=rng.choice([n, 8]), mean_a=0.1, mean_b=0.2, difference=size,
            se=half if known else None, df=9, ci_low=size - half if known else None,
            ci_high=size + half if known else None, p=rng.choice([None, rng.random() ** 4]),
            test=rng.choice([None, "McNemar, mid-p", "sign flip, exact"]), raised=3, lowered=4,
            flips=None, detectable=half if known else None,
        )  # fmt: skip
        goal = rng.choice([None, "maximize", "minimize"])
        kind = rng.choice(["boolean", "number"])
        holm = rng.choice([None, min(1.0, 3 * (found.p or 0))]) if found.p is not None else None
        lost, failed = rng.choice([(0, None), (1234, 0.02)])
        one = ScorerComparison(
            eval="e", scorer="s", kind=kind, goal=goal, difference=found, holm=holm,
            bh=holm, family=3, worse=3, better=4, lost=lost, gained=0,
            unscored=lost // 3, failed_difference=failed, worst=(),
        )  # fmt: skip
        expected = difference_text(one, only_a=1, only_b=1200)

        told = page.evaluate(
            "(one) => sitegen.differenceText.of(one, { eval: 'e', onlyA: 1, onlyB: 1200 })",
            {
                "name": "s", "kind": kind, "holm": holm, "bh": holm, "family": 3,
                "better": 4, "worse": 3,
                "lost": lost, "gained": 0, "unscored": lost // 3, "failed": failed,
                "sign": {"maximize": 1, "minimize": -1, None: 0}[goal],
                "found": {"n": n, "clusters": found.clusters, "difference": size,
                          "low": found.ci_low, "high": found.ci_high, "p": found.p,
                          "test": found.test, "raised": 3, "lowered": 4,
                          "detectable": found.detectable},
            },
        )  # fmt: skip

        assert told == {
            "verdict": expected.verdict, "sentence": expected.sentence, "rest": expected.rest,
        }  # fmt: skip


def test_flips_show_input_and_target_and_p_values_adjusted_in_two_ways(
    page: Page, site: Path
) -> None:
    found = comparison_of(site, "a", "b")

    page.goto(address(site, "&scorer=correct"))
    page.get_by_label("B", exact=True).select_option(label="run b")

    row = page.locator(".sg-evalcompare__list tbody tr").first
    expect(row.locator("td").nth(1)).not_to_be_empty()
    expect(row.locator("td").nth(2)).not_to_be_empty()
    scorers = page.get_by_role("table", name="Difference of the two runs by scorer")
    for one in found.scorers:
        cells = scorers.get_by_role("row", name=one.scorer).locator("td").all_inner_texts()
        adjusted = (one.difference.p, one.holm, one.bh)
        assert cells[-3:] == ["" if p is None else p_text(p) for p in adjusted]


def test_flips_as_csv_run_in_no_spreadsheet(
    page: Page, tmp_path: Path, build: Callable[..., Any]
) -> None:
    folder = tmp_path / "runs" / "qa"
    for name, share in (("a", 0), ("b", 3)):
        write_eval(
            write_run(folder / name, id=f"qa/{name}", name=f"run {name}", experiment="qa"),
            [
                {"id": f"\uff1dcmd{at}", "output": "x", "scores": {"correct": at < share}}
                for at in range(3)
            ],
        )
    write_experiment_file(folder, 'name = "qa"\nbaseline = "qa/a"\n')
    build(tmp_path / "runs")

    page.goto(address(tmp_path, "&scorer=correct"))
    page.get_by_label("B", exact=True).select_option(label="run b")
    with page.expect_download() as waiting:
        page.locator(".sg-evalcompare").get_by_role("button", name="CSV").first.click()

    rows = list(csv.reader(io.StringIO(waiting.value.path().read_text())))
    assert rows[1:] == [[f"'\uff1dcmd{at}", "better", "0", "1"] for at in range(3)]


def test_runs_without_a_scorer_in_common_say_what_each_has(page: Page, tmp_path: Path) -> None:
    evals = {
        "a": {"test": [{"id": 1, "scores": {"grade": "C"}}], "other": [{"id": 1, "scores": {}}]},
        "b": {"test": [{"id": 1, "scores": {"grade": True}}], "other": [{"id": 1}]},
        "c": {"test": [], "other": [{"id": 1, "scores": {"ok": True}}]},
    }
    for number, (name, lines_by_eval) in enumerate(evals.items()):
        run = tmp_path / "runs" / "qa" / name
        started = f"2026-11-2{number}T10:00:00Z"
        write_run(run, id=f"qa/{name}", name=f"run {name}", experiment="qa", started_at=started)
        (run / "evals").mkdir()
        for one, lines in lines_by_eval.items():
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (run / "evals" / f"{one}.jsonl").write_text(text)
    done = run_command("build", tmp_path / "runs", "-o", tmp_path / "site", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    keys = {name: slug(f"qa/{name}")[-10:] for name in evals}

    page.goto(address(tmp_path, f"&eval=test&runs={keys['a']},{keys['b']}"))
    expect(page.locator("[data-role=result]")).to_contain_text("no scorer of test in common")
    expect(page.locator("[data-role=result]")).to_contain_text("scorers: grade (label)")
    expect(page.locator("[data-role=result]")).to_contain_text("scorers: grade (boolean)")
    page.goto(address(tmp_path, f"&eval=test&runs={keys['a']},{keys['c']}"))

    expect(page.locator("[data-role=result]")).to_contain_text("There is no sample of test")
    expect(page.locator("[data-role=result]")).to_contain_text("run c: 0 samples")
