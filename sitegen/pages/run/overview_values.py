"""Numbers on the Overview tab: key figures, summaries of metrics, scorers, alerts. Floor 4."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sitegen import units
from sitegen.derive.evals.comparison import EvalComparison
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.derive.metric_cards import MetricCard, metric_cards
from sitegen.derive.metrics.facts import MetricFacts
from sitegen.derive.run_facts import RunFacts, best_of
from sitegen.model import Goal
from sitegen.pages.compare.difference_text import ChangeText, change_of, compared_scorers
from sitegen.pages.figures import spark, whisker
from sitegen.pages.links import state_hash
from sitegen.pages.parts import Figure, Whisker, condition_text, value_text
from sitegen.pages.run.surroundings import Surroundings
from sitegen.records import dataclass

_KEY_FIGURES = 4
_FIGURE_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """A metric in the table of summaries."""

    name: str
    """Name of the metric."""
    url: str
    """Its chart."""
    goal: Goal | None
    """Which direction is better."""
    last: str
    """Last value."""
    last_exact: str
    """The same, exact."""
    is_fault: bool
    """Whether the last value is not finite."""
    min: str
    """Smallest finite value; empty without points."""
    min_exact: str
    """The same, exact."""
    max: str
    """Largest finite value."""
    max_exact: str
    """The same, exact."""
    best: str
    """Best value; empty without a goal or points."""
    best_step: str
    """`at step 1,912`, empty without a step."""
    best_exact: str
    """The best value, exact."""
    count: str
    """Points logged."""
    count_exact: str
    """The same, plain."""
    has_points: bool
    """Whether any point was logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRow:
    """A scorer of an eval."""

    eval: str
    """Name of the eval."""
    url: str
    """The eval in the Evals tab."""
    scorer: str
    """Name of the scorer."""
    goal: Goal | None
    """Which direction is better."""
    scored: str
    """`202 of 240`: n of N."""
    mean: str
    """Mean, share, or counts of labels."""
    mean_exact: str
    """The mean, exact."""
    interval: str
    """`79.0 to 88.2`, empty without one."""
    method: str
    """How the interval was made."""
    whisker: Whisker | None
    """The interval on the scorer's range."""
    change: ChangeText
    """Difference to the baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert of the run."""

    is_fired: bool
    """Whether its condition was met."""
    word: str
    """fired, quiet or unchecked."""
    condition: str
    """As read, names without their backticks."""
    written: str
    """As written."""
    text: str
    """How often, first step, message."""
    url: str | None
    """The chart at that step."""


def goal_of(facts: RunFacts, surroundings: Surroundings, name: str) -> Goal | None:
    """Which direction of the metric is better: by run.json, else by the experiment."""
    spec = facts.manifest.manifest.metric_specs.get(name)
    if spec and spec.goal:
        return spec.goal
    return surroundings.goal if name == surroundings.objective else None


def key_metric_names(facts: RunFacts, surroundings: Surroundings) -> list[str]:
    """The experiment's key metrics, else its objective and the shortest names; at most four."""
    cards = {card.name: card for card in metric_cards(facts)}
    names = [surroundings.objective] if surroundings.objective else []
    names += surroundings.key_metrics
    if not surroundings.key_metrics:
        with_goal = sorted(name for name, card in cards.items() if card.goal)
        rest = sorted(
            (name for name in cards if not name.startswith(("system/", "_sys."))),
            key=lambda name: (len(name), name),
        )
        names += [*with_goal, *rest]
    return [name for name in dict.fromkeys(names) if name in cards][:_KEY_FIGURES]


def key_figures(facts: RunFacts, surroundings: Surroundings) -> tuple[Figure, ...]:
    """The key metrics, at most four."""
    cards = {card.name: card for card in metric_cards(facts)}
    by_name = {metric.name: metric for metric in facts.metrics.metrics}
    figures = []
    for name in key_metric_names(facts, surroundings):
        card, goal = cards[name], goal_of(facts, surroundings, name)
        overview_values = by_name[name].overview.values if name in by_name else ()
        figures.append(
            Figure(
                name=name,
                goal=goal,
                value=value_text(card.last, unit=card.unit, digits=_FIGURE_DIGITS),
                value_title="" if card.last is None else units.exact_text(card.last),
                note=_figure_note(card, by_name.get(name), goal),
                spark=spark(
                    card.spark or overview_values,
                    goal=goal,
                    width=146,
                    height=24,
                    label=f"{name} over {units.plural(card.count, 'point')}",
                ),
            )
        )
    return tuple(figures)


def _figure_note(card: MetricCard, metric: MetricFacts | None, goal: Goal | None) -> str:
    if metric is None:
        return "logged as a summary"
    best, best_step = best_of(metric, goal)
    parts = []
    if best is not None and best_step is not None:
        value = units.number_text(best, _FIGURE_DIGITS)
        parts.append(f"best {value} at step {units.count_text(best_step)}")
    elif metric.min is not None and metric.max is not None:
        low = units.number_text(metric.min, _FIGURE_DIGITS)
        high = units.number_text(metric.max, _FIGURE_DIGITS)
        parts.append(f"min {low}, max {high}")
    if metric.non_finite and metric.first_non_finite_step is not None:
        parts.append(
            f"{non_finite_text(metric)}, first at step"
            f" {units.count_text(metric.first_non_finite_step)}"
        )
    return " · ".join(parts) or units.plural(card.count, "point")


def non_finite_text(metric: MetricFacts) -> str:
    """`2 NaN`, `1 NaN and 3 infinite`."""
    parts = []
    if metric.nan_count:
        parts.append(f"{units.count_text(metric.nan_count)} NaN")
    if metric.infinite_count:
        parts.append(f"{units.count_text(metric.infinite_count)} infinite")
    return " and ".join(parts)


def metric_row(metric: MetricFacts, goal: Goal | None) -> MetricRow:
    """The row of a metric."""
    best, best_step = best_of(metric, goal)
    if best_step is None:  # a summary has no best among points
        best = None
    return MetricRow(
        name=metric.name,
        url=state_hash(tab="metrics", metric=metric.name),
        goal=goal,
        last="" if metric.last is None else units.number_text(metric.last),
        last_exact="" if metric.last is None else units.exact_text(metric.last),
        is_fault=metric.last is not None and not math.isfinite(metric.last),
        min="" if metric.min is None else units.number_text(metric.min),
        min_exact="" if metric.min is None else units.exact_text(metric.min),
        max="" if metric.max is None else units.number_text(metric.max),
        max_exact="" if metric.max is None else units.exact_text(metric.max),
        best="" if best is None else units.number_text(best),
        best_step="" if best_step is None else f"at step {units.count_text(best_step)}",
        best_exact="" if best is None else units.exact_text(best),
        count=units.count_text(metric.count) if metric.count else "summary only",
        count_exact=str(metric.count),
        has_points=metric.count > 0,
    )


def eval_rows(facts: RunFacts, comparison: Sequence[EvalComparison]) -> list[EvalRow]:
    """Rows of all scorers of all evals, with their difference to the baseline's."""
    found = compared_scorers(comparison)
    return [
        _eval_row(one.name, scorer, change_of(found.get((one.name, scorer.name))))
        for one in facts.evals.evals
        for scorer in one.scorers
    ]


def _eval_row(name: str, scorer: ScorerFacts, change: ChangeText) -> EvalRow:
    is_ratio = scorer.kind == "boolean"
    form = units.percent_text if is_ratio else _alike(scorer.mean, scorer.ci_low, scorer.ci_high)
    interval, drawn = "", None
    if scorer.mean is not None and scorer.ci_low is not None and scorer.ci_high is not None:
        interval = f"{form(scorer.ci_low)} to {form(scorer.ci_high)}"
        low, high = _scale(scorer, is_ratio=is_ratio)
        drawn = whisker(
            scorer.mean,
            scorer.ci_low,
            scorer.ci_high,
            scale=(low, high),
            width=120,
            label=f"{form(scorer.mean)}, 95 % CI {interval}, on {form(low)} to {form(high)}",
        )
    return EvalRow(
        eval=name,
        url=state_hash(tab="evals", eval=name),
        scorer=scorer.name,
        goal=scorer.goal,
        scored=f"{units.count_text(scorer.n)} of {units.count_text(scorer.total)}",
        mean=form(scorer.mean) if scorer.mean is not None else _labels(scorer),
        mean_exact="" if scorer.mean is None else units.exact_text(scorer.mean),
        interval=interval,
        method=scorer.method or "",
        whisker=drawn,
        change=change,
    )


def _alike(*values: float | None) -> Callable[[float], str]:
    """Writes a number with as many decimals as *values* have in common."""
    decimals = units.decimals_of([value for value in values if value is not None])
    return lambda value: units.column_text(value, decimals)


def _scale(scorer: ScorerFacts, *, is_ratio: bool) -> tuple[float, float]:
    if is_ratio:
        return 0.0, 1.0
    lows = (scorer.range_low, scorer.min, scorer.ci_low)
    highs = (scorer.range_high, scorer.max, scorer.ci_high)
    low = next(value for value in lows if value is not None)
    high = next(value for value in highs if value is not None)
    return low, high


def _labels(scorer: ScorerFacts) -> str:
    shown = list(scorer.counts.items())[:3]
    text = ", ".join(f"{label} {count}" for label, count in shown)
    return f"{text}, …" if len(scorer.counts) > len(shown) else text or "no scores"


def alert_rows(facts: RunFacts) -> list[AlertRow]:
    """Rows of all alerts."""
    rows = []
    for alert in facts.metrics.alerts:
        text = units.plural(alert.count, "point" if len(alert.metrics) < 2 else "step")
        if alert.fault:
            text = f"not checked: {alert.fault}"
        elif alert.first_step is not None:
            text += f", first at step {units.count_text(alert.first_step)}"
        if alert.message:
            text += f" · “{alert.message}”"
        rows.append(
            AlertRow(
                is_fired=bool(alert.count),
                word="unchecked" if alert.fault else "fired" if alert.count else "quiet",
                condition=condition_text(alert.condition),
                written=alert.condition,
                text=text,
                url=state_hash(tab="metrics", metric=alert.metrics[0]) if alert.count else None,
            )
        )
    return rows


def alerts_note(facts: RunFacts) -> str:
    """`1 of 2 fired`."""
    alerts = facts.metrics.alerts
    return f"{sum(bool(alert.count) for alert in alerts)} of {len(alerts)} fired"
