"""Columns and cells of the run table, and what a filter may ask of a run. Floor 4."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitegen import units
from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment, objective_value
from sitegen.derive.metric_cards import MetricCard
from sitegen.model import Goal
from sitegen.records import dataclass

_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the run table."""

    key: str
    """Its name in the filter and in the URL: `params.lr`."""
    label: str
    """Its head."""
    is_number: bool
    """Whether its cells are numbers."""
    goal: Goal | None
    """Which direction is better."""
    is_off: bool
    """Whether it is hidden until chosen."""
    is_code: bool
    """Whether its cells are as people typed them."""
    is_objective: bool
    """Whether it is the value by which runs are compared."""
    title: str | None
    """More about it."""

    @property
    def is_delta(self) -> bool:
        """Whether its cells are differences to the baseline."""
        return self.key.startswith("delta.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of the run table."""

    text: str
    """What is shown; empty if the run has no such value."""
    value: str | None
    """The exact value, sortable; None if missing."""
    title: str | None
    """More about it, on hover."""
    tone: str | None
    """good, bad, muted or none."""


NO_CELL = Cell(text="", value=None, title=None, tone=None)


def _value(card: Card, experiment: Experiment, column: Column) -> float | None:
    """The number in the column of a metric or of the differences."""
    objective, baseline = experiment.objective, experiment.baseline
    if column.is_delta:
        if objective is None or baseline is None:
            return None
        value, base = objective_value(card, objective), objective_value(baseline, objective)
        return None if value is None or base is None else value - base
    name = column.key.partition(".")[2]
    if objective and objective.name == name:
        return objective_value(card, objective)
    metric = card.metric(name)
    return None if metric is None else shown_value(metric)


def shown_value(metric: MetricCard) -> float | None:
    """The best value of a metric with a goal, the last of one without."""
    return metric.last if metric.best is None else metric.best


def column_decimals(cards: Sequence[Card], experiment: Experiment, column: Column) -> int:
    """Decimals of a column of numbers; differences have those of the objective."""
    if column.key.startswith("params."):
        return 0
    values = [
        objective_value(card, experiment.objective)
        if column.is_delta and experiment.objective
        else _value(card, experiment, column)
        for card in cards
    ]
    return units.decimals_of([value for value in values if value is not None], _DIGITS)


def column_cell(card: Card, experiment: Experiment, column: Column, decimals: int) -> Cell:
    """The cell of *card* in *column*, with as many decimals as the column has."""
    if column.key.startswith("params."):
        return _param_cell(card, column.key.partition(".")[2])
    if column.is_delta and card is experiment.baseline:
        return Cell(text="baseline", value="0", title=None, tone="muted")
    value = _value(card, experiment, column)
    if value is None or (column.is_delta and not math.isfinite(value)):
        return NO_CELL
    is_ratio = experiment.objective is not None and experiment.objective.is_ratio
    exact = units.exact_text(value)
    if column.is_delta:
        text, tone = _delta_text(value, decimals, is_ratio=is_ratio), _delta_tone(value, experiment)
        return Cell(text=text, value=exact, title=exact, tone=tone)
    is_percent = column.is_objective and is_ratio
    text = units.percent_text(value) if is_percent else units.column_text(value, decimals, _DIGITS)
    return Cell(text=text, value=exact, title=exact, tone=None if math.isfinite(value) else "bad")


def _param_cell(card: Card, name: str) -> Cell:
    if name not in card.params:
        return Cell(text="not set", value=None, title=None, tone="muted")
    text = units.param_text(card.params[name])
    short = units.short_param_text(card.params[name])
    return Cell(text=short, value=text, title=text if text != short else None, tone=None)


def _delta_text(delta: float, decimals: int, *, is_ratio: bool) -> str:
    """`+0.0167`, `+3.4 pts`."""
    sign = "+" if delta > 0 else ""
    if is_ratio:
        return f"{sign}{units.column_text(100 * delta, 1, _DIGITS)}{units.SPACE}pts"
    return f"{sign}{units.column_text(delta, decimals, _DIGITS)}" if delta else "0"


def _delta_tone(delta: float, experiment: Experiment) -> str | None:
    goal = experiment.objective.goal if experiment.objective else None
    if not delta or goal is None:
        return None
    return "good" if (delta < 0) == (goal == "minimize") else "bad"


def is_numeric(cards: Sequence[Card], name: str) -> bool:
    """Whether every value of the param is a number."""
    values = [card.params[name] for card in cards if name in card.params]
    return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
