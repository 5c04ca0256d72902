"""Alerts are checked against every logged point.

Floor 3. A comparison of one metric is checked at each of its points. A condition over several
metrics is checked at each step that all of them have, with the last value logged at that step. A
summary without a series is one value without a step. Series are read block by block.
"""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.bundle.conditions import (
    Comparison,
    ConditionError,
    condition_holds,
    condition_names,
    lookup_in,
    parse_alert,
)
from sitegen.errors import Problem
from sitegen.model import Alert, SeriesBlocks
from sitegen.read.files import Report
from sitegen.records import dataclass


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
    series_by_name: Mapping[str, SeriesBlocks],
    summary: Mapping[str, float],
    report: Report,
) -> tuple[AlertFacts, ...]:
    """The facts of *alerts* over the series that they ask for, else over the *summary*."""
    return tuple(_alert_facts(alert, series_by_name, summary, report) for alert in alerts)


def _alert_facts(
    alert: Alert,
    series_by_name: Mapping[str, SeriesBlocks],
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
        return _facts(alert, names=(), fault=error.message)
    names = names_of(alert)
    missing = [name for name in names if name not in series_by_name and name not in summary]
    if missing:
        return _facts(alert, names=names, fault=f"no metric {', '.join(missing)}")
    constants = {name: summary[name] for name in names if name not in series_by_name}
    if len(constants) == len(names):
        is_met = condition_holds(condition, lookup_in(constants))
        value = constants[names[0]] if len(names) == 1 else None
        return _facts(
            alert, names=names, count=int(is_met), first=(None, value) if is_met else None
        )
    from sitegen.derive.metrics.alert_points import points_met, steps_met

    if isinstance(condition, Comparison):
        count, first = points_met(condition, series_by_name[condition.name])
    else:
        streams = [series_by_name[name] for name in names if name in series_by_name]
        count, first = steps_met(condition, streams, constants)
    return _facts(alert, names=names, count=count, first=first)


def _facts(
    alert: Alert,
    *,
    names: tuple[str, ...],
    count: int = 0,
    first: tuple[int | None, float | None] | None = None,
    fault: str | None = None,
) -> AlertFacts:
    return AlertFacts(
        condition=alert.condition,
        message=alert.message,
        level=alert.level,
        metrics=names,
        count=count,
        first_step=first[0] if first else None,
        first_value=first[1] if first else None,
        fault=fault,
    )
