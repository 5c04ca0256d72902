from __future__ import annotations

from typing import Any

import pytest

from sitegen.derive.experiment import Experiment, derive_experiments
from sitegen.errors import Problem
from sitegen.pages.frame import AssetLinks, Site
from sitegen.pages.links import run_page
from sitegen.pages.site.index import MOST_ROWS, IndexPage, first_line, index_entry, index_page
from sitegen.read.experiments import ExperimentSpec
from tests.derive.test_experiment import DAY_NS, card, metric, scorer

KINDS = ("index", "experiment", "run", "compare", "comparison")
SITE = Site(
    title="Our runs", description="What we tried.", is_indexed=False,
    assets=AssetLinks(
        style="assets/s.css", head_scripts=("assets/t.js",),
        scripts={kind: (f"assets/{kind}.js",) for kind in KINDS},
        plotly="assets/p.js", plotly_style="assets/p.css",
    ),
)  # fmt: skip
NOON_NS = 1_795_176_000 * 10**9


def problem(severity: Any = "error", path: str = "run.json", line: int | None = 3) -> Problem:
    return Problem(code="c", severity=severity, path=path, line=line, message="is wrong")


def page_of(experiments: tuple[Experiment, ...], problems: tuple[Problem, ...] = ()) -> IndexPage:
    return index_page(SITE, map(index_entry, experiments), problems)


def experiments(*names: str, **specs: ExperimentSpec) -> tuple[Experiment, ...]:
    cards = [card(f"run-{name}", experiment=name) for name in names]
    return derive_experiments(cards, specs)


def test_experiments_are_rows_with_their_runs_and_their_best() -> None:
    cards = [
        card("a", started_at_ns=NOON_NS, metrics=(metric("loss", goal="minimize", low=0.5),)),
        card("b", started_at_ns=NOON_NS - DAY_NS, status="failed",
             metrics=(metric("loss", goal="minimize", low=0.25),)),
    ]  # fmt: skip
    spec = ExperimentSpec(
        name="e", title="Rates", description="\n Which rate.\nMore.", tags=("x", "y", "z", "w")
    )

    page = page_of(derive_experiments(cards, {"e": spec}))

    (row,) = page.rows
    assert (row.name, row.title, row.description) == ("e", "Rates", "Which rate.")
    assert (row.objective, row.goal, row.best, row.best_exact) == (
        "loss", "minimize", "0.25", "0.25"
    )  # fmt: skip
    assert (row.tags, row.more_tags) == (("x", "y", "z"), 1)
    assert row.run_count == 2
    assert [one.label for one in row.counts] == ["1 failed"]
    assert row.activity is not None
    assert row.activity.datetime == "2026-11-20T12:00:00Z"
    assert row.best_so_far is not None
    assert row.fields["failed"] == 1
    assert row.fields["best"] == 0.25
    assert "Which rate." in row.search
    assert page.summary == "1 experiment · 2 runs · last activity 20 Nov 2026, 12:00 UTC"
    assert page.failing_count == 1
    assert page.page.footer.summary == "2 runs · 20 Nov 2026"


def test_a_best_value_of_zero_is_shown_as_zero() -> None:
    cards = [card("a", metrics=(metric("loss", goal="minimize", low=0.0),))]

    (row,) = page_of(derive_experiments(cards, {})).rows

    assert (row.best, row.best_exact) == ("0", "0")


def test_a_share_of_samples_is_shown_in_percent() -> None:
    cards = [card("a", scorers=(scorer(0.842),))]

    (row,) = page_of(derive_experiments(cards, {})).rows

    assert row.best == "84.2\u202f%"


def test_archived_experiments_are_counted_apart_and_not_among_the_latest() -> None:
    specs = {"old": ExperimentSpec(name="old", is_archived=True)}

    page = page_of(experiments("old", "new", **specs))

    assert page.archived_count == 1
    assert page.summary.startswith("1 experiment, 1 more archived · 2 runs")
    assert [one.name for one in page.latest] == ["run-new"]
    assert [row.is_archived for row in page.rows] == [False, True]


def test_the_latest_runs_come_newest_first_and_lead_to_their_pages() -> None:
    cards = [card(f"r{at}", started_at_ns=at * DAY_NS) for at in range(1, 20)]

    page = page_of(derive_experiments(cards, {}))

    assert [one.name for one in page.latest] == [f"r{at}" for at in range(19, 12, -1)]
    assert page.latest[0].url == run_page("e/r19")


def test_problems_are_counted_and_errors_come_first() -> None:
    cards = [
        card("a", problem_errors=1, problem_warnings=9,
             problems=(problem(), *[problem("warning")] * 4)),
    ]  # fmt: skip
    of_site = (problem("warning", path="runs/experiment.toml", line=None),)

    page = page_of(derive_experiments(cards, {}), of_site)

    assert page.problems_summary == "1 error, 10 warnings"
    assert page.page.footer.problems_count == 11
    assert [one.severity for one in page.problems] == ["error", *["warning"] * 5]
    assert page.problems[0].run == "e/a"
    assert page.problems[0].url == f"{run_page('e/a')}#tab=problems"
    assert page.problems[0].message == "run.json:3: is wrong"
    assert page.problems[1].url is None
    assert page.problems_more == 5


def test_no_problem_is_said_as_none() -> None:
    page = page_of(experiments("a"))

    assert (page.problems, page.problems_summary, page.problems_more) == ((), "", 0)


def test_a_site_without_any_time_says_no_time() -> None:
    page = page_of(experiments("a"))

    assert page.summary == "1 experiment · 1 run"
    assert page.rows[0].activity is None
    assert page.latest[0].time is None


def test_the_table_is_cut_at_its_limit_and_says_so() -> None:
    page = page_of(experiments(*(f"e{at}" for at in range(MOST_ROWS + 20))))

    assert len(page.rows) == MOST_ROWS
    assert page.total == MOST_ROWS + 20
    assert page.foot == f"Showing the latest {MOST_ROWS} of 520 experiments."


def test_the_digest_is_over_the_inputs_of_all_runs() -> None:
    one = page_of(derive_experiments([card("a"), card("b")], {}))
    same = page_of(derive_experiments([card("b"), card("a")], {}))
    other = page_of(derive_experiments([card("a", input_digest="sha256:1"), card("b")], {}))

    assert one.page.footer.digest == same.page.footer.digest != other.page.footer.digest


@pytest.mark.parametrize(
    ("text", "line"), [(None, None), ("", None), ("  \n ", None), ("\n a\nb", "a"), ("a", "a")]
)
def test_the_first_line_of_a_description(text: str | None, line: str | None) -> None:
    assert first_line(text) == line
