from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from sitegen.bundle.paths import slug
from sitegen.derive.annotations import AnnotationCounts
from sitegen.derive.card import Card, ScorerCard
from sitegen.derive.experiment import (
    Experiment,
    derive_experiments,
    differing_params,
    has_repeats,
    objective_value,
)
from sitegen.derive.metric_cards import MetricCard
from sitegen.model import Goal
from sitegen.read.experiments import ExperimentSpec

DAY_NS = 86_400 * 10**9


def metric(
    name: str, *, goal: Goal | None = None, low: float | None = None, **more: Any
) -> MetricCard:
    base: dict[str, Any] = {
        "count": 3, "unit": None, "last": low, "min": low, "max": low, "best": low, "best_step": 1,
        "last_step": 2, "non_finite": 0, "spark": (), "spark_steps": (),
    }  # fmt: skip
    return MetricCard(name=name, goal=goal, **(base | more))


def scorer(mean: float | None, kind: str = "boolean", goal: Goal | None = None) -> ScorerCard:
    return ScorerCard(
        eval="qa", scorer="correct", kind=kind, n=3, total=4, mean=mean, ci_low=None, ci_high=None,
        goal=goal,
    )  # fmt: skip


def card(name: str, **fields: Any) -> Card:
    base: dict[str, Any] = {
        "id": f"e/{name}", "slug": slug(f"e/{name}"), "name": name, "experiment": "e",
        "project": None, "status": "completed", "is_readable": True, "created_at_ns": None,
        "started_at_ns": None, "ended_at_ns": None, "last_record_ns": None, "user": None,
        "description": None, "tags": (), "params": {}, "metrics": (), "scorers": (),
        "trace_count": 0, "span_count": 0, "trace_errors": 0, "input_tokens": 0,
        "output_tokens": 0, "cost_usd": None, "attachment_count": 0, "datasets": (), "models": (),
        "parent": None, "repository": None, "commit": None, "is_dirty": False, "alerts_fired": (),
        "alerts": (), "annotated_steps": {}, "annotations": AnnotationCounts(),
        "problem_errors": 0, "problem_warnings": 0, "problems": (),
        "input_digest": "sha256:0", "input_bytes": 0, "files": {}, "series": {},
        "eval_columns": {}, "compared_file": "", "said_files": (),
    }  # fmt: skip
    return Card(**(base | fields))


def only(*cards: Card, **spec: Any) -> Experiment:
    (found,) = derive_experiments(cards, {"e": ExperimentSpec(name="e", **spec)})
    return found


def names(experiment: Experiment) -> list[str]:
    return [one.name for one in experiment.cards]


def test_runs_are_grouped_and_come_newest_first() -> None:
    cards = [
        card("old", started_at_ns=DAY_NS), card("b"), card("a"),
        card("new", started_at_ns=2 * DAY_NS, ended_at_ns=3 * DAY_NS),
        card("x", experiment="other", created_at_ns=9 * DAY_NS),
    ]  # fmt: skip

    found = derive_experiments(cards, {})

    assert [one.name for one in found] == ["other", "e"]
    assert names(found[1]) == ["new", "old", "a", "b"]
    assert found[1].activity_ns == 3 * DAY_NS


def test_an_experiment_without_runs_is_none() -> None:
    assert derive_experiments([card("a")], {"gone": ExperimentSpec(name="gone")})[0].name == "e"


@pytest.mark.parametrize(
    ("statuses", "is_archived", "status"),
    [
        (["completed", "failed"], False, "completed"),
        (["completed", "running"], False, "active"),
        (["running"], True, "archived"),
    ],
)
def test_the_status_of_an_experiment(statuses: list[str], is_archived: bool, status: str) -> None:
    cards = [card(str(at), status=one) for at, one in enumerate(statuses)]

    assert only(*cards, is_archived=is_archived).status == status


def test_the_declared_objective_takes_its_goal_from_the_file_else_from_the_runs() -> None:
    a = card("a", metrics=(metric("loss", goal="minimize", low=1.0),))

    declared = only(a, objective="loss", goal="maximize").objective
    taken = only(a, objective="loss").objective
    unknown = only(a, objective="gone").objective

    assert declared is not None
    assert (declared.goal, declared.is_declared) == ("maximize", True)
    assert taken is not None
    assert taken.goal == "minimize"
    assert unknown is not None
    assert unknown.goal is None


def test_without_a_declaration_the_goal_metric_that_most_runs_have_is_taken() -> None:
    cards = [
        card("a", metrics=(metric("loss", goal="minimize", low=1.0), metric("free", low=0.0))),
        card("b", metrics=(metric("loss", goal="minimize", low=2.0),)),
        card("c", metrics=(metric("acc", goal="maximize", low=0.5),)),
    ]

    objective = only(*cards).objective

    assert objective is not None
    assert (objective.name, objective.goal, objective.is_declared) == ("loss", "minimize", False)


def test_a_scorer_of_booleans_is_an_objective_in_percent() -> None:
    experiment = only(card("a", scorers=(scorer(0.4),)), card("b", scorers=(scorer(0.6),)))

    objective = experiment.objective
    assert objective is not None
    assert (objective.name, objective.goal, objective.is_ratio) == ("qa/correct", "maximize", True)
    assert experiment.best is not None
    assert experiment.best.name == "b"


def test_without_a_goal_there_is_no_objective_and_no_best() -> None:
    experiment = only(card("a", metrics=(metric("free", low=1.0),)))

    assert (experiment.objective, experiment.best) == (None, None)


@pytest.mark.parametrize(("goal", "best"), [("minimize", "b"), ("maximize", "a")])
def test_the_best_run_is_the_best_by_the_goal(goal: Goal, best: str) -> None:
    lows = {"a": 3.0, "b": 1.0, "c": 2.0, "n": math.nan, "i": math.inf, "z": None}
    cards = [card(name, metrics=(metric("m", goal=goal, low=low),)) for name, low in lows.items()]

    found = only(*cards).best

    assert found is not None
    assert found.name == best


def test_of_equally_good_runs_the_first_by_id_is_best() -> None:
    cards = [card(name, metrics=(metric("m", goal="minimize", low=1.0),)) for name in "cab"]

    best = only(*cards).best

    assert best is not None
    assert best.name == "a"


def test_the_value_of_a_run_is_its_best_point_its_last_without_a_goal() -> None:
    run = card("a", metrics=(metric("m", low=1.0, max=5.0, last=2.0),))

    values = {
        goal: objective_value(run, replace(objective, goal=goal))
        for goal in ("minimize", "maximize", None)
        if (objective := only(run, objective="m").objective)
    }

    assert values == {"minimize": 1.0, "maximize": 5.0, None: 2.0}


def test_a_summary_counts_as_the_value() -> None:
    run = card("a", metrics=(metric("m", goal="maximize", count=0, last=0.7),))
    objective = only(run, objective="m").objective
    assert objective is not None

    assert objective_value(run, objective) == 0.7


def test_a_baseline_is_a_run_of_the_experiment() -> None:
    cards = [card("a"), card("b")]

    found = only(*cards, baseline="e/b")
    missing = only(*cards, baseline="e/none")

    assert found.baseline is not None
    assert found.baseline.name == "b"
    assert missing.baseline is None


def test_tags_are_its_own_else_those_that_all_runs_share() -> None:
    cards = [card("a", tags=("x", "y", "z")), card("b", tags=("z", "y"))]

    assert only(*cards).tags == ("y", "z")
    assert only(*cards, tags=("own",)).tags == ("own",)


def test_params_that_differ_are_told_from_those_that_are_the_same() -> None:
    cards = (
        card("a", params={"lr": 0.1, "n": 1, "on": 1, "same": [1], "only": 0}),
        card("b", params={"lr": 0.2, "n": 1.0, "on": True, "same": [1]}),
    )

    assert differing_params(cards) == (["lr", "n", "on", "only"], ["same"])


@pytest.mark.parametrize(
    ("params", "is_repeated"),
    [
        ([{"lr": 0.1, "seed": 1}, {"lr": 0.1, "seed": 2}, {"lr": 0.2, "seed": 1}], True),
        ([{"lr": 0.1, "seed": 1}, {"lr": 0.2, "seed": 2}], False),
        ([{"lr": 0.1}, {"lr": 0.1}], False),
        ([{"seed": 1}, {"seed": 2}], True),
    ],
)
def test_runs_repeat_a_setting_if_only_their_seeds_differ(params: Any, is_repeated: bool) -> None:
    cards = tuple(card(str(i), params=one) for i, one in enumerate(params))

    assert has_repeats(cards, differing_params(cards)[0]) is is_repeated
