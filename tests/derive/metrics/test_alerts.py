from __future__ import annotations

import math
from typing import Any

import pytest

from sitegen.derive.metrics.alerts import AlertFacts, derive_alerts, names_of
from sitegen.model import Alert
from tests.factories import Reports, in_blocks, series

LOSS = series("loss", [1.0, 3.0, math.nan, 3.5], steps=[0, 10, 20, 30])
ACC = series("acc", [0.5, 0.1, 0.9], steps=[10, 10, 30])
INF = series("inf", [math.inf, -math.inf], steps=[1, 2])


def check(condition: str, summary: dict[str, float] | None = None) -> tuple[AlertFacts, Reports]:
    reports = Reports()
    by_name = {one.name: in_blocks(one) for one in (LOSS, ACC, INF)}
    (facts,) = derive_alerts((Alert(condition=condition),), by_name, summary or {}, reports)
    return facts, reports


@pytest.mark.parametrize(
    ("condition", "count", "step", "value"),
    [
        ("loss > 2", 2, 10, 3.0),
        ("loss >= 3.5", 1, 30, 3.5),
        ("loss < 0", 0, None, None),
        ("loss = 1", 1, 0, 1.0),
        ("loss != 1", 2, 10, 3.0),
        ("loss <= 3", 2, 0, 1.0),
        ("`loss` > 3.4", 1, 30, 3.5),
        ("inf > 1e308", 1, 1, math.inf),
        ("inf < 0", 1, 2, -math.inf),
    ],
)
def test_an_alert_on_one_metric_is_checked_at_each_point(
    condition: str, count: int, step: int | None, value: float | None
) -> None:
    facts, reports = check(condition)

    assert (facts.count, facts.first_step, facts.first_value) == (count, step, value)
    assert facts.fault is None
    assert reports == []


def test_nan_meets_no_condition_not_even_unequal() -> None:
    for condition in ("loss != 0", "loss > -1e300", "loss < 1e300"):
        assert check(condition)[0].count == 3


def test_several_metrics_are_checked_at_the_steps_that_all_have_by_the_last_value_there() -> None:
    assert check("loss > 2 and acc < 0.2")[0].first_step == 10
    assert check("loss > 2 and acc > 0.4")[0].first_step == 30
    assert check("loss = 1 or acc > 2")[0].count == 0
    assert check("loss > 2 or acc > 0.8")[0].count == 2


def test_two_bounds_of_one_metric() -> None:
    facts, _ = check("loss > 2 and loss < 3.2")

    assert (facts.count, facts.first_step) == (1, 10)


def test_a_summary_stands_in_for_a_series() -> None:
    facts, _ = check("score < 0.5", {"score": 0.4})
    mixed, _ = check("loss > 2 and score < 0.5", {"score": 0.4})
    nan, _ = check("score < 0.5", {"score": math.nan})

    assert (facts.count, facts.first_step, facts.first_value) == (1, None, 0.4)
    assert (mixed.count, mixed.first_step) == (2, 10)
    assert nan.count == 0


def test_a_metric_that_was_never_logged_cannot_be_checked() -> None:
    facts, reports = check("gone > 1 and loss > 2")

    assert (facts.count, facts.fault) == (0, "no metric gone")
    assert reports == []


@pytest.mark.parametrize(
    "condition",
    ["", "loss", "loss >", "loss > high", "> 2", "loss > 2 and", "not loss > 2", "loss in (1)",
     "loss > 2; import os", "__import__('os')", "loss ~ '(a+)+$'", "(" * 10_000,
     "loss > 2 " * 9_999],
)  # fmt: skip
def test_a_condition_that_is_none_is_told_and_kept(condition: str) -> None:
    facts, reports = check(condition)

    assert facts.fault
    assert (facts.condition, facts.count, facts.metrics) == (condition, 0, ())
    assert reports.codes == ["alert-condition"]
    assert len(reports[0].message) < 1000
    assert names_of(Alert(condition=condition)) == ()


def test_what_was_written_of_an_alert_is_kept() -> None:
    alert: Any = Alert(condition="loss > 2", message="Diverged.", level="error")

    (facts,) = derive_alerts((alert,), {"loss": in_blocks(LOSS)}, {}, Reports())

    assert (facts.message, facts.level, facts.metrics) == ("Diverged.", "error", ("loss",))
