"""The Charts tab of an experiment: which metrics its runs can be compared by, in groups. Floor 4.

A script draws the curves (js/charts/charts.js); without one a few points of the first runs stand
there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment
from sitegen.derive.metric_cards import MetricCard
from sitegen.model import Goal
from sitegen.pages.compare import curves
from sitegen.pages.experiment.run_metrics import metric_goals
from sitegen.pages.links import run_page
from sitegen.pages.run.metrics_tab import group_hint, group_name, is_system
from sitegen.records import dataclass
from sitegen.units import plural

_LETTERS = "ABCDE"
"""One for each run that the server draws."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRun:
    """A run among the curves that the server drew."""

    letter: str
    """Its letter at the end of its line."""
    series: str
    """Class of its series."""
    name: str
    """Name of the run."""
    url: str
    """Its page, relative to this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """A chart of one metric of several runs."""

    name: str
    """Name of the metric."""
    goal: Goal | None
    """Which direction is better."""
    runs_text: str
    """`26 runs`: those that have logged it."""
    drawing: curves.CurveChart | None
    """The first runs for readers without a script; None if their cards hold no points of it."""
    runs: tuple[DrawnRun, ...]
    """The runs of the drawing."""


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
    first_word: str
    """What the runs are that stand first: `best` or `newest`."""
    groups: tuple[CurveGroup, ...]
    """The one of the first key metric first, then by name, those of the machine last."""


def experiment_charts(
    experiment: Experiment, metrics: Sequence[str], charted: Sequence[Card], root: str
) -> ExperimentCharts:
    """The tab of an experiment whose runs have series of *metrics*, in the order to show them;
    *charted* are those runs in their order.
    """
    goals = metric_goals(experiment)
    runs = Counter(name for card in experiment.cards for name in card.series)
    charts: dict[str, list[CurveChart]] = defaultdict(list)
    for name in metrics:
        chart = _chart(name, goals.get(name), runs[name], charted, root)
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
    has_goal = experiment.objective is not None and experiment.objective.goal is not None
    return ExperimentCharts(
        count=len(metrics), first_word="best" if has_goal else "newest", groups=tuple(groups)
    )


def _chart(
    name: str, goal: Goal | None, count: int, charted: Sequence[Card], root: str
) -> CurveChart:
    first = list(islice(_drawable(name, charted), len(_LETTERS)))
    letters = [(letter, f"s{at}") for at, letter in enumerate(_LETTERS, start=1)]
    drawing = curves.curve_chart(
        name,
        goal,
        [
            curves.Curve(series=series, letter=letter, metric=metric)
            for (letter, series), (_, metric) in zip(letters, first, strict=False)
        ],
        runs=count,
    )
    runs = tuple(
        DrawnRun(letter=letter, series=series, name=card.name, url=root + run_page(card.id))
        for (letter, series), (card, _) in zip(letters, first, strict=False)
    )
    return CurveChart(
        name=name,
        goal=goal,
        runs_text=plural(count, "run"),
        drawing=drawing,
        runs=runs if drawing else (),
    )


def _drawable(name: str, charted: Sequence[Card]) -> Iterator[tuple[Card, MetricCard]]:
    for card in charted:
        metric = card.metric(name)
        if metric and len(metric.spark) > 1:
            yield card, metric
