"""Short forms of a run's metrics, with their small lines. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitegen.derive.metrics.facts import MetricFacts
from sitegen.derive.run_facts import RunFacts, all_metrics, best_of
from sitegen.model import Goal, MetricSpec
from sitegen.records import dataclass

SPARK_POINTS = 40
"""Most points of a card's small line."""
_SPARKS_WITHOUT_GOAL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCard:
    """One metric of a run, in short."""

    name: str
    """Name of the metric."""
    count: int
    """Points logged."""
    goal: Goal | None
    """Which direction is better."""
    unit: str | None
    """Unit of the values."""
    last: float | None
    """Last value."""
    min: float | None
    """Smallest finite value."""
    max: float | None
    """Largest finite value."""
    best: float | None
    """min or max by goal; None without a goal."""
    best_step: int | None
    """Step of the best value."""
    last_step: int | None
    """Largest step."""
    non_finite: int
    """Points that are NaN or ±Inf."""
    spark: tuple[float, ...]
    """A few values in order that keep the extremes; NaN marks a gap."""
    spark_steps: tuple[int, ...]
    """The step of each of them."""


def metric_cards(facts: RunFacts) -> tuple[MetricCard, ...]:
    """Short forms of all metrics; small lines for those with a goal and the shortest names."""
    specs = facts.manifest.manifest.metric_specs
    metrics = all_metrics(facts)
    without_goal = sorted(
        (metric.name for metric in metrics if _goal(specs, metric.name) is None),
        key=lambda name: (len(name), name),
    )
    with_spark = set(without_goal[:_SPARKS_WITHOUT_GOAL])
    return tuple(
        _metric_card(metric, specs.get(metric.name), has_spark=metric.name in with_spark)
        for metric in metrics
    )


def _goal(specs: Mapping[str, MetricSpec], name: str) -> Goal | None:
    spec = specs.get(name)
    return spec.goal if spec else None


def _metric_card(metric: MetricFacts, spec: MetricSpec | None, *, has_spark: bool) -> MetricCard:
    goal = spec.goal if spec else None
    best, best_step = best_of(metric, goal)
    steps, values = metric.overview.steps, metric.overview.values
    chosen = spark_indexes(values) if goal or has_spark else []
    return MetricCard(
        name=metric.name,
        count=metric.count,
        goal=goal,
        unit=spec.unit if spec else None,
        last=metric.last,
        min=metric.min,
        max=metric.max,
        best=best,
        best_step=best_step,
        last_step=metric.last_step,
        non_finite=metric.non_finite,
        spark=tuple(values[index] for index in chosen),
        spark_steps=tuple(steps[index] for index in chosen),
    )


def spark_indexes(values: Sequence[float]) -> list[int]:
    """At most `SPARK_POINTS` places in an overview: of each stretch the two that stand out."""
    if len(values) <= SPARK_POINTS:
        return list(range(len(values)))
    stretches = SPARK_POINTS // 2
    chosen: list[int] = []
    for index in range(stretches):
        start = index * len(values) // stretches
        places = range(start, (index + 1) * len(values) // stretches)
        finite = [place for place in places if values[place] - values[place] == 0]
        if not finite:
            chosen.append(start)
            continue
        low, high = min(finite, key=values.__getitem__), max(finite, key=values.__getitem__)
        chosen.extend(sorted({low, high}) if values[low] != values[high] else (low,))
    return chosen
