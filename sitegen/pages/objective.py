"""The value by which the runs of an experiment are held against each other, as read. Floor 4."""

from __future__ import annotations

from sitegen import units
from sitegen.derive.experiment import Experiment, objective_value


def best_value(experiment: Experiment) -> float | None:
    """The best run's value of the objective."""
    if experiment.best is None or experiment.objective is None:
        return None
    return objective_value(experiment.best, experiment.objective)


def objective_text(experiment: Experiment, value: float | None) -> str:
    """A value of the objective as read: in percent for a share of samples."""
    if value is None or experiment.objective is None:
        return ""
    if experiment.objective.is_ratio:
        return units.percent_text(value)
    return units.number_text(value)
