"""One metric on the Metrics tab: what stands around its chart, and the values its script needs.

Floor 4. Pure: numbers become texts; `metric_overview.py` makes the picture.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence

from sitegen.derive.metrics.facts import MetricFacts
from sitegen.derive.run_facts import best_of
from sitegen.model import Goal, MetricSpec
from sitegen.pages.links import state_hash
from sitegen.pages.run.metric_overview import MetricOverview, metric_overview
from sitegen.records import dataclass
from sitegen.units import count_text, exact_text, number_text, plural

_FIGURE_DIGITS = 3
_NAMED_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricAlert:
    """One comparison of an alert's condition, `name op number`, as a metric's chart shows it."""

    metric: str
    """Name of the metric."""
    condition: str
    """The whole condition, as written."""
    value: float
    """Threshold: where the dashed line stands."""
    label: str
    """This comparison alone: what the dashed line says."""
    count: int
    """Points at which the condition held."""
    first_step: int | None
    """First step at which it held."""
    is_told: bool
    """Whether the alert's notice stands with this metric: the first that the condition names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One row of the table under a chart."""

    label: str
    """`First`, `Last`, `Min`, `Max`, `Best`, `Points`."""
    text: str
    """The value as people read it."""
    exact: str
    """The value with all its digits."""
    step_text: str
    """Its step, empty where it has none."""
    is_fault: bool
    """NaN or ±Inf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A part of the line under a chart."""

    text: str
    """`2 NaN, first at step 1,204`."""
    tone: str
    """`bad`, `warn`, or empty for the plain ones."""
    role: str = ""
    """`shown` for the points shown, which a script counts anew after a zoom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChart:
    """One metric: its chart and what stands around it."""

    name: str
    """Name of the metric."""
    anchor: str
    """Id of the figure: the hash of the link to it, so that the link works without a script too."""
    goal: Goal | None
    """Which direction is better."""
    unit: str | None
    """Unit of the values."""
    description: str | None
    """What the author says of it."""
    last_text: str | None
    """Last value as people read it; None without one."""
    last_exact: str
    """Last value with all its digits."""
    last_is_fault: bool
    """Whether the last value is NaN or ±Inf."""
    rows: tuple[ValueRow, ...]
    """First, last, min, max, best and count."""
    remarks: tuple[Remark, ...]
    """The line under the chart: points shown, best, faults, alerts, annotations."""
    count: int
    """Points logged."""
    shown_text: str
    """`2,000 points`: those in the data file."""
    overview: MetricOverview | None
    """What the server draws; None without a series."""
    chunk_key: str | None
    """Key of the data file that holds the series; None without one."""
    best_exact: str
    """Best value with all its digits, empty without a goal or a step."""
    best_step: str
    """Its step, empty likewise."""
    alerts_json: str
    """[{`value`, `text`}]: thresholds to draw."""
    marks_json: str
    """[{`step`, `number`}]: annotated steps, numbered in order."""


def metric_chart(
    metric: MetricFacts,
    *,
    spec: MetricSpec | None,
    goal: Goal | None,
    alerts: Sequence[MetricAlert],
    annotated_steps: Sequence[int],
    run_slug: str,
) -> MetricChart:
    """The chart of *metric*; *annotated_steps* ascend."""
    best, best_step = best_of(metric, goal)
    marks = [{"step": step, "number": str(n)} for n, step in enumerate(annotated_steps, start=1)]
    thresholds = [{"value": alert.value, "text": alert.label} for alert in alerts]
    return MetricChart(
        name=metric.name,
        anchor=anchor_of(metric.name),
        goal=goal,
        unit=spec.unit if spec else None,
        description=spec.description if spec else None,
        last_text=None if metric.last is None else number_text(metric.last, _FIGURE_DIGITS),
        last_exact="" if metric.last is None else exact_text(metric.last),
        last_is_fault=_is_fault(metric.last),
        rows=tuple(_rows(metric, best, best_step)),
        remarks=tuple(_remarks(metric, best, best_step, alerts, annotated_steps)),
        count=metric.count,
        shown_text=plural(metric.shown_count, "point"),
        overview=metric_overview(metric),
        chunk_key=None if metric.data_name is None else f"{run_slug}/{metric.data_name}",
        best_exact="" if best is None or best_step is None else exact_text(best),
        best_step="" if best is None or best_step is None else str(best_step),
        alerts_json=json.dumps(thresholds, ensure_ascii=False),
        marks_json=json.dumps(marks),
    )


def anchor_of(metric: str) -> str:
    """The id of the metric's figure."""
    return state_hash(tab="metrics", metric=metric).removeprefix("#")


def _rows(metric: MetricFacts, best: float | None, best_step: int | None) -> Iterator[ValueRow]:
    values = (
        ("First", metric.first, metric.first_step),
        ("Last", metric.last, metric.last_step),
        ("Min", metric.min, metric.min_step),
        ("Max", metric.max, metric.max_step),
        ("Best", best, best_step),
    )
    for label, value, step in values:
        if value is not None:
            yield ValueRow(
                label=label,
                text=number_text(value),
                exact=exact_text(value),
                step_text="" if step is None else count_text(step),
                is_fault=_is_fault(value),
            )
    points = count_text(metric.count)
    yield ValueRow(label="Points", text=points, exact=points, step_text="", is_fault=False)


def _is_fault(value: float | None) -> bool:
    return value is not None and not math.isfinite(value)


def _remarks(
    metric: MetricFacts,
    best: float | None,
    best_step: int | None,
    alerts: Sequence[MetricAlert],
    annotated_steps: Sequence[int],
) -> Iterator[Remark]:
    yield Remark(text=_points_text(metric), tone="", role="shown")
    if best is not None and best_step is not None:
        value = number_text(best, _FIGURE_DIGITS)
        yield Remark(text=f"best {value} at step {count_text(best_step)}", tone="")
    if metric.duplicate_steps:
        yield Remark(text=plural(metric.duplicate_steps, "duplicate step"), tone="")
    if metric.out_of_order:
        words = ("point out of order", "points out of order")
        yield Remark(text=plural(metric.out_of_order, *words), tone="")
    if metric.non_finite:
        yield Remark(text=fault_text(metric), tone="bad")
    points = sum(alert.count for alert in alerts)
    if points:
        yield Remark(text=f"alert: {plural(points, 'point')}", tone="warn")
    if annotated_steps:
        yield Remark(text=_annotated_text(annotated_steps), tone="")


def _points_text(metric: MetricFacts) -> str:
    if not metric.count:
        return "logged as a summary, no points"
    text = f"{count_text(metric.shown_count)} of {plural(metric.count, 'point')}"
    if metric.shown_count == metric.count:
        return text
    return f"{text}, extremes kept" if metric.is_exact else f"{text}, the rest not published"


def _annotated_text(steps: Sequence[int]) -> str:
    """`2 annotated steps: 600, 1,200`."""
    named = ", ".join(count_text(step) for step in steps[:_NAMED_STEPS])
    rest = len(steps) - _NAMED_STEPS
    more = f" and {count_text(rest)} more" if rest > 0 else ""
    return f"{plural(len(steps), 'annotated step')}: {named}{more}"


def fault_text(metric: MetricFacts) -> str:
    """`2 NaN and 1 infinite, first at step 1,204`."""
    kinds = [(metric.nan_count, "NaN"), (metric.infinite_count, "infinite")]
    counts = " and ".join(f"{count_text(count)} {word}" for count, word in kinds if count)
    if metric.first_non_finite_step is None:
        return counts
    return f"{counts}, first at step {count_text(metric.first_non_finite_step)}"
