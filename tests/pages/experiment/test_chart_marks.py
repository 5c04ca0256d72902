"""Alert lines and annotated steps beside the curves of several runs."""

from __future__ import annotations

from typing import Any

from sitegen.derive.card import Card
from sitegen.pages.experiment.chart_marks import alert_lines, run_key, step_marks
from tests.derive.test_experiment import card


def run(name: str, *, has: tuple[str, ...] = ("loss",), **fields: Any) -> Card:
    return card(name, series=dict.fromkeys(has, "metrics-0"), **fields)


def test_an_alert_of_all_runs_that_have_the_metric_is_one_line_without_their_keys() -> None:
    cards = [run("a", alerts=("loss > 2",)), run("b", alerts=("loss > 2.0",)), run("c", has=())]

    lines = alert_lines(cards)

    assert lines == {"loss": [{"value": 2.0, "text": "loss > 2", "runs": None}]}


def test_alerts_of_some_runs_name_them_and_conditions_are_taken_apart() -> None:
    some = run("a", has=("loss", "kl"), alerts=("loss > 2 and kl > 9", "no condition (", "x > 1"))
    lines = alert_lines([some, run("b", has=("loss", "kl"))])

    assert lines == {
        "kl": [{"value": 9.0, "text": "kl > 9", "runs": [run_key(some)]}],
        "loss": [{"value": 2.0, "text": "loss > 2", "runs": [run_key(some)]}],
    }


def test_annotated_steps_name_their_run_and_are_bounded() -> None:
    many = run("a", annotated_steps={"loss": tuple(range(40)), "gone": (1,)})
    other = run("b", annotated_steps={"loss": tuple(range(40))})

    marks = step_marks([many, other])

    assert list(marks) == ["loss"]
    assert len(marks["loss"]) == 50
    assert marks["loss"][0] == {"run": run_key(many), "step": 0}
    assert marks["loss"][40] == {"run": run_key(other), "step": 0}
