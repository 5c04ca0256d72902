"""The run table as data: every run and column under the names that the filter knows."""

from __future__ import annotations

from typing import Any

from sitegen.bundle.paths import slug
from sitegen.derive.card import Card
from sitegen.derive.columns import decode_values
from sitegen.derive.experiment import derive_experiments
from sitegen.pages.experiment.page import experiment_table
from sitegen.pages.experiment.run_columns import RunColumns
from sitegen.pages.links import run_page
from sitegen.read.experiments import ExperimentSpec
from tests.derive.test_experiment import metric, scorer
from tests.pages.test_experiment_page import run


def columns_of(*cards: Card, **spec: Any) -> RunColumns:
    (experiment,) = derive_experiments(cards, {"e": ExperimentSpec(name="e", **spec)})
    return experiment_table(experiment).columns


def values(columns: RunColumns, name: str) -> dict[int, Any]:
    """The values of a column by row, from whichever file holds it."""
    blocks = columns.payloads.values()
    block = next(block for block in blocks if name in block["columns"])
    return decode_values(block["columns"][name], block["n"])


def test_what_the_filter_sees_is_the_run_in_its_own_types() -> None:
    columns = columns_of(
        run("a", 0.5, params={"lr": 0.1, "on": True, "none": None}, tags=("x",), commit="abc",
            started_at_ns=1_000_000, ended_at_ns=1_501_000_000, problem_errors=1,
            problem_warnings=2, scorers=(scorer(0.5),))
    )  # fmt: skip

    expected = {
        "key": slug("e/a")[-10:], "url": run_page("e/a"), "id": "e/a", "name": "a",
        "status": "completed", "tags": ["x"], "duration_s": 1.5, "started_at": 1, "commit": "abc",
        "problems": 3, "errors": 1, "params.lr": 0.1, "params.on": True, "params.none": None,
        "metrics.loss": 0.5, "last.loss": 0.5, "evals.qa/correct": 0.5,
    }  # fmt: skip
    assert {name: values(columns, name)[0] for name in expected} == expected


def test_what_a_run_does_not_say_is_missing_and_not_null() -> None:
    columns = columns_of(run("a", params={"x": 1}), run("b", params={"y": None}))

    assert len(values(columns, "params.x")) == 1
    assert list(values(columns, "params.y").values()) == [None]
    assert not any("user" in block["columns"] for block in columns.payloads.values())


def test_the_columns_of_the_server_come_first_and_every_other_is_there_once() -> None:
    columns = columns_of(
        run("a", params={"lr": 0.1, "same": 1}, user="mara", started_at_ns=0),
        run("b", params={"lr": 0.2, "same": 1}, metrics=(metric("other", low=1.0, last=2.0),)),
    )

    names = [column.name for column in columns.schema.columns]
    assert names[:3] == ["name", "status", "params.lr"]
    assert len(names) == len(set(names))
    assert {"params.same", "metrics.other", "min.other", "max.other", "delta.metrics.other",
            "id"} <= set(names)  # fmt: skip
    assert columns.schema.order == "started_at:desc"


def test_a_number_that_a_script_would_write_otherwise_has_its_text() -> None:
    columns = columns_of(run("a", params={"lr": 1e-6, "n": 3.0, "p": 0.25}))

    assert values(columns, "text:params.lr") == {0: "1e-6"}
    assert values(columns, "text:params.n") == {0: "3.0"}
    assert not any("text:params.p" in block["columns"] for block in columns.payloads.values())


def test_the_baseline_and_the_best_are_marked() -> None:
    columns = columns_of(run("a", 0.5), run("b", 0.4), baseline="e/a")

    assert sorted(map(tuple, values(columns, "marks").values())) == [("baseline",), ("best",)]
    assert columns.schema.baseline == slug("e/a")[-10:]
    assert "delta.metrics.loss" in [one.name for one in columns.schema.columns if one.is_shown]


def test_the_objective_that_is_a_scorer_has_a_column() -> None:
    columns = columns_of(
        run("a", metrics=(), scorers=(scorer(0.75),)), objective="qa/correct", goal="maximize"
    )

    assert values(columns, "metrics.qa/correct") == {0: 0.75}
