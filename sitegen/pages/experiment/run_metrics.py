"""Which metrics an experiment's pages name, in which order, and which way is better. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.derive.experiment import Experiment
from sitegen.model import Goal


def key_metrics(experiment: Experiment) -> list[str]:
    """The objective and the key metrics of experiment.toml that runs have logged."""
    names = [experiment.objective.name] if experiment.objective else []
    known = {metric.name for card in experiment.cards for metric in card.metrics}
    names += [name for name in experiment.spec.key_metrics if name in known]
    return list(dict.fromkeys(names))


def metric_goals(experiment: Experiment) -> dict[str, Goal | None]:
    """The goal of every metric by name: the objective's own, else the first that a run gives."""
    goals: dict[str, Goal | None] = {}
    for card in experiment.cards:
        for metric in card.metrics:
            goals[metric.name] = goals.get(metric.name) or metric.goal
    if experiment.objective and experiment.objective.goal:
        goals[experiment.objective.name] = experiment.objective.goal
    return goals


def metric_names(experiment: Experiment, goals: Mapping[str, Goal | None], most: int) -> list[str]:
    """At most *most*: key metrics, those with a goal, then by name; system metrics last."""
    first = key_metrics(experiment)
    rest = [name for name in goals if name not in first]
    rest.sort(key=lambda name: (not goals[name], name.startswith(("system/", "_sys.")), name))
    return [*first, *rest][: max(most, len(first))]
