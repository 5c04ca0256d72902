"""Alerts are checked against every logged point.

Floor 3. A comparison of one metric is checked at each of its points. A condition over several
metrics is checked at each step that all of them have, with the last value logged at that step. A
summary without a series is one value without a step.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sitegen.bundle.conditions import (
    Comparison,
    Condition,
    ConditionError,
    condition_holds,
    condition_names,
    lookup_in,
    parse_alert,
)
from sitegen.errors import Problem
from sitegen.model import Alert, Series
from sitegen.read.files import Report

_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """An alert and where its condition was met."""

    condition: str
    """As written."""
    message: str | None
    """What to tell."""
    level: str | None
    """As written."""
    metrics: tuple[str, ...]
    """Metrics it asks for."""
    count: int
    """Points (steps, for several metrics) that met it."""
    first_step: int | None
    """Step of the first of them."""
    first_value: float | None
    """Value there, for a condition on one metric."""
    fault: str | None
    """Why it could not be checked; None if it was."""


def names_of(alert: Alert) -> tuple[str, ...]:
    """Metrics that the alert asks for; none if its condition cannot be read."""
    try:
        condition = parse_alert(alert.condition)
    except ConditionError:
        return ()
    return tuple(dict.fromkeys(name for name, _ in condition_names(condition)))


def derive_alerts(
    alerts: tuple[Alert, ...],
    series_by_name: Mapping[str, Series],
    summary: Mapping[str, float],
    report: Report,
) -> tuple[AlertFacts, ...]:
    """The facts of *alerts* over the series that they ask for, else over the *summary*."""
    return tuple(_alert_facts(alert, series_by_name, summary, report) for alert in alerts)


def _alert_facts(
    alert: Alert,
    series_by_name: Mapping[str, Series],
    summary: Mapping[str, float],
    report: Report,
) -> AlertFacts:
    try:
        condition = parse_alert(alert.condition)
    except ConditionError as error:
        report(
            Problem(
                code="alert-condition",
                severity="warning",
                path="run.json",
                message=f"alert “{alert.condition[:200]}”: {error.message}",
                hint="An alert is `name > number`, joined by and/or.",
            )
        )
        return _facts(alert, names=(), hits=[], fault=error.message)
    names = names_of(alert)
    missing = [name for name in names if name not in series_by_name and name not in summary]
    if missing:
        return _facts(alert, names=names, hits=[], fault=f"no metric {', '.join(missing)}")
    hits = list(_hits(condition, names, series_by_name, summary))
    return _facts(alert, names=names, hits=hits, fault=None)


def _hits(
    condition: Condition,
    names: tuple[str, ...],
    series_by_name: Mapping[str, Series],
    summary: Mapping[str, float],
) -> Iterator[tuple[int | None, float | None]]:
    """(step, value) of each point that meets the condition."""
    import numpy as np

    constants = {name: summary[name] for name in names if name not in series_by_name}
    if len(constants) == len(names):
        if condition_holds(condition, lookup_in(constants)):
            yield None, constants[names[0]] if len(names) == 1 else None
        return
    if isinstance(condition, Comparison):
        series = series_by_name[condition.name]
        with np.errstate(invalid="ignore"):
            met = _COMPARE[condition.operator](series.values, float(str(condition.values[0])))
        met &= ~np.isnan(series.values)  # NaN compares false, also with !=
        yield from zip(series.steps[met].tolist(), series.values[met].tolist(), strict=True)
        return
    columns = {
        name: _last_by_step(series_by_name[name]) for name in names if name in series_by_name
    }
    shared = set.intersection(*(set(column) for column in columns.values()))
    for step in sorted(shared):
        fields = constants | {name: column[step] for name, column in columns.items()}
        if condition_holds(condition, lookup_in(fields)):
            yield step, None


def _last_by_step(series: Series) -> dict[int, float]:
    return dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def _facts(
    alert: Alert,
    *,
    names: tuple[str, ...],
    hits: list[tuple[int | None, float | None]],
    fault: str | None,
) -> AlertFacts:
    return AlertFacts(
        condition=alert.condition,
        message=alert.message,
        level=alert.level,
        metrics=names,
        count=len(hits),
        first_step=hits[0][0] if hits else None,
        first_value=hits[0][1] if hits else None,
        fault=fault,
    )
