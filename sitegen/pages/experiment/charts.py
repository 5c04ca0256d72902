"""The Charts tab of an experiment: which metrics its runs can be compared by, in groups. Floor 4.

Curves are drawn by js/charts/charts.js; without a script the tab says where they are to be seen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from sitegen.derive.experiment import Experiment
from sitegen.model import Goal
from sitegen.pages.experiment.run_metrics import metric_goals
from sitegen.pages.run.metrics_tab import group_hint, group_name, is_system
from sitegen.records import dataclass
from sitegen.units import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """A chart of one metric of several runs."""

    name: str
    """Name of the metric."""
    goal: Goal | None
    """Which direction is better."""
    runs_text: str
    """`26 runs`: those that have logged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveGroup:
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
    charts: tuple[CurveChart, ...]
    """In the order of the experiment's metrics: key metrics first, then by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentCharts:
    """The Charts tab of an experiment."""

    count: int
    """Metrics in all groups."""
    groups: tuple[CurveGroup, ...]
    """The one of the first key metric first, then by name, those of the machine last."""


def experiment_charts(experiment: Experiment, metrics: Sequence[str]) -> ExperimentCharts:
    """The tab of an experiment whose runs have series of *metrics*, in the order to show them."""
    goals = metric_goals(experiment)
    runs = Counter(name for card in experiment.cards for name in card.series)
    charts: dict[str, list[CurveChart]] = defaultdict(list)
    for name in metrics:
        chart = CurveChart(name=name, goal=goals.get(name), runs_text=plural(runs[name], "run"))
        charts[group_name(name)].append(chart)
    first = next(iter(charts), "")
    groups = [
        CurveGroup(
            name=name,
            title=name or "metrics",
            is_system=is_system(name),
            count=len(of_group),
            hint=group_hint(name, [chart.name for chart in of_group]),
            charts=tuple(of_group),
        )
        for name, of_group in charts.items()
    ]
    groups.sort(key=lambda group: (group.is_system, group.name != first, group.name))
    return ExperimentCharts(count=len(metrics), groups=tuple(groups))
