from __future__ import annotations

from dataclasses import replace
from typing import Any

from sitegen.bundle.paths import slug
from sitegen.derive.card import Card
from sitegen.derive.experiment import derive_experiments
from sitegen.errors import Problem
from sitegen.model import Goal
from sitegen.pages.experiment.page import ExperimentPage, experiment_context, experiment_table
from sitegen.pages.site.index import MOST_ROWS
from sitegen.read.experiments import ExperimentSpec
from tests.derive.test_experiment import DAY_NS, card, metric, scorer
from tests.pages.site.test_index import NOON_NS, SITE


def page_of(*cards: Card, **spec: Any) -> ExperimentPage:
    (experiment,) = derive_experiments(cards, {"e": ExperimentSpec(name="e", **spec)})
    return experiment_context(SITE, experiment, experiment_table(experiment), {})


def run(name: str, loss: float | None = 1.0, goal: Goal | None = "minimize", **fields: Any) -> Card:
    base: dict[str, Any] = {"metrics": (metric("loss", goal=goal, low=loss, last=loss),)}
    return card(name, **(base | fields))


def column(page: ExperimentPage, key: str) -> dict[str, Any]:
    """Text, value and tone of one column's cells by run."""
    at = [one.key for one in page.table.columns].index(key)
    return {
        row.name: (row.cells[at].text, row.cells[at].value, row.cells[at].tone)
        for row in page.table.rows
    }


def test_runs_are_rows_newest_first_with_a_cell_per_column() -> None:
    page = page_of(
        run("a", started_at_ns=NOON_NS, ended_at_ns=NOON_NS + 90 * 10**9, user="mara", tags=("x",)),
        run("b", started_at_ns=NOON_NS - DAY_NS, status="failed", problem_errors=2),
    )

    assert [row.name for row in page.table.rows] == ["a", "b"]
    first, second = page.table.rows
    assert (first.key, first.url) == (slug("e/a")[-10:], f"../runs/{slug('e/a')}.html")
    assert first.duration is not None
    assert first.duration.text == "1\u00a0min\u00a030\u00a0s"
    assert second.duration is None
    assert (first.user, first.tags, second.status, second.problem_errors) == (
        "mara", ("x",), "failed", 2
    )  # fmt: skip
    assert all(len(row.cells) == len(page.table.columns) for row in page.table.rows)
    assert (page.total, page.foot) == (2, "")


def test_params_that_differ_are_columns_and_the_rest_is_told_once() -> None:
    page = page_of(
        run("a", params={"lr": 0.1, "opt": "adamw", "off": False, "n": 0}),
        run("b", params={"lr": 0.2, "opt": "sgd", "off": True, "n": 0}),
        run("c", params={"n": 0}),
    )

    assert column(page, "params.lr") == {
        "a": ("0.1", "0.1", None), "b": ("0.2", "0.2", None), "c": ("not set", None, "muted")
    }  # fmt: skip
    assert column(page, "params.off")["a"][0] == "false"
    shown = [one.key for one in page.table.columns if not one.is_off]
    assert shown[:3] == ["params.lr", "params.opt", "params.off"]
    assert page.same_params == (("n", "0"),)
    numeric = {one.key: one.is_number for one in page.table.columns}
    assert (numeric["params.lr"], numeric["params.opt"], numeric["params.off"]) == (
        True,
        False,
        False,
    )


def test_zero_and_false_are_shown_as_such() -> None:
    page = page_of(run("a", 0.0, params={"x": 0}), run("b", 1.0, params={"x": False}))

    assert column(page, "metrics.loss")["a"][:2] == ("0", "0")
    assert column(page, "params.x") == {"a": ("0", "0", None), "b": ("false", "false", None)}


def test_values_that_are_no_numbers_are_shown_in_red() -> None:
    page = page_of(run("a", float("nan")), run("b", float("inf")), run("c", 1.0))

    assert column(page, "metrics.loss") == {
        "a": ("NaN", "NaN", "bad"), "b": ("∞", "Infinity", "bad"), "c": ("1", "1", None)
    }  # fmt: skip
    assert page.best_run is not None
    assert page.best_run.label == "c"


def test_the_baseline_gives_a_column_of_differences() -> None:
    page = page_of(run("a", 0.5), run("b", 0.4), run("c", 0.7), run("d", None), baseline="e/a")

    assert page.baseline is not None
    assert column(page, "delta.metrics.loss") == {
        "a": ("baseline", "0", "muted"),
        "b": ("\u22120.1", "-0.09999999999999998", "good"),
        "c": ("+0.2", "0.19999999999999996", "bad"),
        "d": ("", None, None),
    }
    assert [row.is_baseline for row in page.table.rows] == [True, False, False, False]
    assert [row.is_best for row in page.table.rows] == [False, True, False, False]


def test_a_baseline_that_is_no_run_is_told() -> None:
    page = page_of(run("a"), baseline="e/gone")

    assert (page.baseline, page.baseline_missing) == (None, "e/gone")


def test_key_metrics_come_first_and_are_shown() -> None:
    many = tuple(metric(name, low=1.0) for name in ("a", "b", "zz/key", "system/gpu"))

    page = page_of(run("x", metrics=many), key_metrics=("zz/key", "gone"))

    keys = [one.key for one in page.table.columns]
    assert keys == ["metrics.zz/key", "metrics.a", "metrics.b", "metrics.system/gpu"]
    assert [one.is_off for one in page.table.columns] == [False, True, True, True]


def test_the_objective_is_named_with_its_best_run() -> None:
    page = page_of(run("a", 0.5), run("b", 0.4), objective="loss", goal="minimize")

    assert (page.objective, page.objective_goal, page.best) == ("loss", "minimize", "0.4")
    assert page.is_objective_declared is True
    assert page.best_run is not None
    assert page.best_run.url == f"../runs/{slug('e/b')}.html"


def test_evals_are_a_table_of_runs_and_scorers() -> None:
    page = page_of(card("a", scorers=(scorer(0.5),)), card("b"), card("c", scorers=(scorer(None),)))

    assert [(one.eval, one.scorer) for one in page.evals.scorers] == [("qa", "correct")]
    assert [(row.name, row.cells[0].text) for row in page.evals.rows] == [
        ("a", "50.0\u202f%"), ("c", "")
    ]  # fmt: skip
    assert page.evals.rows[0].cells[0].title == "0.5, 3 of 4 scored"
    assert page.evals.rows[0].url.endswith("#tab=evals")


def test_the_table_is_cut_at_its_limit_and_says_so() -> None:
    page = page_of(*(run(f"r{at:04}") for at in range(MOST_ROWS + 5)))

    assert len(page.table.rows) == MOST_ROWS
    assert page.total == MOST_ROWS + 5
    assert page.foot.startswith(f"Showing the newest {MOST_ROWS} of 505 runs")


def test_the_overlay_holds_the_best_runs_first_and_the_way_to_their_data() -> None:
    def charted(name: str, loss: float | None) -> Card:
        return run(name, loss, series={"loss": "metrics-0"}, files={"metrics-0": f"data/{name}.js"})

    page = page_of(charted("a", 0.5), charted("b", 0.2), charted("c", None), run("d", 0.1))

    assert [one["name"] for one in page.overlay["runs"]] == ["b", "a", "c"]
    first = page.overlay["runs"][0]
    assert first["series"] == {"loss": f"{slug('e/b')}/metrics-0"}
    assert page.page.files[first["series"]["loss"]] == "data/b.js"
    assert page.chart_metrics == ("loss",)
    assert page.page.plotly_url is not None


def test_of_many_runs_the_best_can_be_drawn_however_old_they_are_and_the_baseline() -> None:
    def charted(name: str, loss: float, age: int) -> Card:
        files = {"metrics-0": f"data/{name}.js"}
        started = NOON_NS - age * DAY_NS
        return run(name, loss, series={"loss": "m"}, files=files, started_at_ns=started)

    newer = (charted(f"r{at:04}", 1.0, at) for at in range(MOST_ROWS + 5))
    page = page_of(charted("best", 0.5, 900), charted("worst", 2.0, 901), *newer,
                   baseline="e/worst")  # fmt: skip

    names = [one["name"] for one in page.overlay["runs"]]
    assert (names[0], names[-1], len(names)) == ("best", "worst", MOST_ROWS + 1)
    assert "data/best.js" in page.page.files.values()


def test_a_page_without_series_loads_no_chart_library() -> None:
    page = page_of(card("a"))

    assert page.page.plotly_url is None
    assert page.chart_metrics == ()


def test_faults_of_the_experiment_file_stand_on_its_page() -> None:
    fault = Problem(
        code="experiment-key", severity="warning", path="e/experiment.toml", message="m"
    )

    page = page_of(run("a"), problems=(fault,))

    assert [one.code for one in page.problems] == ["experiment-key"]
    assert page.page.footer.problems_count == 1


def test_without_a_script_the_charts_hold_the_first_runs_and_the_way_to_them() -> None:
    def charted(name: str, *values: float) -> Card:
        one = metric("loss", goal="minimize", low=min(values), last=values[-1])
        small = replace(one, spark=values, spark_steps=tuple(range(len(values))))
        return card(name, metrics=(small,), series={"loss": "m"}, files={"m": f"data/{name}.js"})

    page = page_of(*(charted(f"r{at}", 2.0, 1.0 - at / 10) for at in range(7)), charted("s", 1.0))

    (chart,) = page.charts.groups[0].charts
    assert chart.runs_text == "8 runs"
    assert chart.drawing is not None
    assert [line.letter for line in chart.drawing.lines] == list("ABCDE")
    assert chart.drawing.note.startswith("5 of 8 runs")
    assert [one.name for one in chart.runs] == ["r6", "r5", "r4", "r3", "r2"]
    assert chart.runs[0].url == f"../runs/{slug('e/r6')}.html"
