"""The Metrics tab of a run: what its template may see, made from the facts of the metrics.

Floor 4. Pure. `metric_chart.py` makes each chart; here they are grouped, and what is odd is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sitegen.bundle.conditions import Comparison, ConditionError, Not, parse_alert
from sitegen.derive.metrics.alerts import AlertFacts
from sitegen.derive.metrics.facts import MetricFacts
from sitegen.model import Goal, MetricSpec
from sitegen.pages.parts import Empty, condition_text
from sitegen.pages.run.metric_chart import (
    MetricAlert,
    MetricChart,
    anchor_of,
    fault_text,
    metric_chart,
)
from sitegen.records import dataclass
from sitegen.units import count_text, exact_text, plural


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricGroup:
    """Metrics that share the prefix before their last '/'."""

    name: str
    """The prefix; empty for names without one."""
    title: str
    """What the group is called on the page."""
    is_system: bool
    """Measurements of the machine: folded until asked for."""
    count: int
    """Metrics in it."""
    hint: str
    """The first few names without the prefix, told while the group is folded."""
    metrics: tuple[MetricChart, ...]
    """By name, those without points last: they are not as high as the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence on what is odd."""

    metric: str
    """The metric it is about, as its first word."""
    text: str
    """What follows it: `has 2 NaN, first at step 1,204.`, `met the alert`."""
    condition: str | None
    """The alert's condition, where it is about one."""
    rest: str
    """What follows the condition."""
    href: str
    """Link to the chart."""
    link_text: str
    """`Go to step 1,204`."""
    step: int | None
    """That step, which a script reads at the chart; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsTab:
    """The Metrics tab of a run."""

    count: int
    """Metrics in all groups."""
    groups: tuple[MetricGroup, ...]
    """By name, those of the machine last."""
    notices: tuple[Notice, ...]
    """What is odd, the first few."""
    folded_notices: tuple[Notice, ...]
    """The rest of it."""
    folded_text: str
    """`4 more`, empty without any."""
    start_us: str
    """Start of the run in µs since the epoch, for the relative axis; empty if unknown."""
    empty: Empty | None
    """What stands here when there is no metric."""


NO_METRICS = Empty(
    title="This run has no metrics.",
    text=(
        "A chart appears here for every name in metrics.parquet, in metrics/*.parquet or in a "
        "journal such as metrics/main.jsonl of the bundle."
    ),
    code='run.log_metrics({"train/loss": 0.693, "lr": 3e-4}, step=1)',
)

_OPEN_NOTICES = 3
_HINTED_NAMES = 6


def metric_alerts(alerts: Iterable[AlertFacts]) -> tuple[MetricAlert, ...]:
    """The comparisons of all *alerts* whose condition can be read, in the order written."""
    return tuple(
        MetricAlert(
            metric=comparison.name,
            condition=alert.condition,
            value=value,
            label=threshold_text(comparison, value),
            count=alert.count,
            first_step=alert.first_step,
            is_told=index == 0,
        )
        for alert in alerts
        for index, (comparison, value) in enumerate(thresholds(alert.condition))
    )


def threshold_text(comparison: Comparison, value: float) -> str:
    """`val/loss > 2`."""
    return f"{comparison.name} {comparison.operator} {exact_text(value)}"


def thresholds(condition: str) -> list[tuple[Comparison, float]]:
    """The comparisons of an alert's condition with numbers; none if it cannot be read."""
    return [
        (comparison, float(comparison.values[0]))
        for comparison in _comparisons(condition)
        if isinstance(comparison.values[0], int | float)
    ]


def _comparisons(text: str) -> Iterator[Comparison]:
    try:
        pending = [parse_alert(text)]
    except ConditionError:
        return  # a problem of run.json by now
    while pending:
        match pending.pop(0):
            case Comparison() as comparison:
                yield comparison
            case Not() as negation:
                pending.insert(0, negation.operand)
            case joined:
                pending[:0] = joined.operands


def metrics_tab(
    metrics: Sequence[MetricFacts],
    *,
    specs: Mapping[str, MetricSpec],
    goals: Mapping[str, Goal],
    alerts: Iterable[MetricAlert],
    annotated_steps: Mapping[str, Iterable[int]],
    run_slug: str,
    started_at_ns: int | None,
) -> MetricsTab:
    """The tab of *metrics*, which come by name.

    *goals* holds the goals that the experiment's objective adds to those of *specs*;
    *annotated_steps* the steps of each metric that people speak of.
    """
    alerts_by_metric: dict[str, list[MetricAlert]] = defaultdict(list)
    for alert in alerts:
        alerts_by_metric[alert.metric].append(alert)
    charts: dict[str, list[MetricChart]] = defaultdict(list)
    for metric in metrics:
        spec = specs.get(metric.name)
        charts[group_name(metric.name)].append(
            metric_chart(
                metric,
                spec=spec,
                goal=(spec.goal if spec else None) or goals.get(metric.name),
                alerts=alerts_by_metric[metric.name],
                annotated_steps=sorted(set(annotated_steps.get(metric.name, ()))),
                run_slug=run_slug,
            )
        )
    notices = [
        notice for metric in metrics for notice in _notices(metric, alerts_by_metric[metric.name])
    ]
    rest = notices[_OPEN_NOTICES:]
    return MetricsTab(
        count=len(metrics),
        groups=_groups(charts),
        notices=tuple(notices[:_OPEN_NOTICES]),
        folded_notices=tuple(rest),
        folded_text=f"{count_text(len(rest))} more" if rest else "",
        start_us="" if started_at_ns is None else str(started_at_ns // 1000),
        empty=None if metrics else NO_METRICS,
    )


def group_name(metric: str) -> str:
    """The prefix that groups a metric with others; empty without one."""
    return "_sys" if metric.startswith("_sys.") else metric.rpartition("/")[0]


def _groups(charts: Mapping[str, list[MetricChart]]) -> tuple[MetricGroup, ...]:
    groups = [
        MetricGroup(
            name=name,
            title=name or "metrics",
            is_system=is_system(name),
            count=len(of_group),
            hint=group_hint(name, [chart.name for chart in of_group]),
            metrics=tuple(sorted(of_group, key=lambda chart: not chart.count)),
        )
        for name, of_group in charts.items()
    ]
    return tuple(sorted(groups, key=lambda group: (group.is_system, group.name)))


def is_system(group: str) -> bool:
    """Whether a group measures the machine."""
    return group.partition("/")[0] in {"system", "_sys"}


def group_hint(prefix: str, metrics: Sequence[str]) -> str:
    """The first few names without the *prefix*."""
    names = [metric[len(prefix) + 1 :] if prefix else metric for metric in metrics]
    more = [f"{len(names) - _HINTED_NAMES} more"] if len(names) > _HINTED_NAMES else []
    return ", ".join(names[:_HINTED_NAMES] + more)


def _notices(metric: MetricFacts, alerts: Sequence[MetricAlert]) -> Iterator[Notice]:
    if metric.non_finite:
        yield _notice(metric.name, f"has {fault_text(metric)}.", metric.first_non_finite_step)
    for alert in alerts:
        if alert.is_told and alert.count:
            rest = f": {plural(alert.count, 'point')}"
            if alert.first_step is not None:
                rest += f", first at step {count_text(alert.first_step)}"
            yield _notice(
                metric.name,
                "met the alert",
                alert.first_step,
                condition=condition_text(alert.condition),
                rest=f"{rest}.",
            )


def _notice(
    metric: str, text: str, step: int | None, *, condition: str | None = None, rest: str = ""
) -> Notice:
    return Notice(
        metric=metric,
        text=text,
        condition=condition,
        rest=rest,
        href=f"#{anchor_of(metric)}",
        link_text="Go to its value" if step is None else f"Go to step {count_text(step)}",
        step=step,
    )
