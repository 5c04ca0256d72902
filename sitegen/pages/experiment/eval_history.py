"""A score over the runs of an experiment, as a small drawing and in words. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sitegen import units
from sitegen.derive.card import Card, ScorerCard
from sitegen.derive.evals.change_points import change_points
from sitegen.model import Goal
from sitegen.pages.compare.difference_text import change_text
from sitegen.pages.figures import decimal
from sitegen.pages.links import run_page, state_hash
from sitegen.records import dataclass

_WIDTH, _HEIGHT, _PAD = 420, 96, 8
_FEWEST_RUNS = 3
_MOST_DRAWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """A run in the drawing."""

    x: str
    """Place of its mean."""
    y: str
    """Height of its mean."""
    low: str
    """Height of the interval's lower end."""
    high: str
    """Height of its upper end."""
    url: str
    """The eval in the run's page."""
    title: str
    """Run, mean, interval and time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChange:
    """A change of level."""

    x: str
    """Place between the last run of the old level and the first of the new one."""
    text: str
    """`+3.4 pts from ppo-7 on`."""
    url: str
    """The first run of the new level."""
    tone: str
    """good, bad or muted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalHistory:
    """A scorer over the runs by start time."""

    eval: str
    """Name of the eval."""
    scorer: str
    """Name of the scorer."""
    goal: Goal | None
    """Which direction is better."""
    width: int
    """Width in px."""
    height: int
    """Height in px."""
    points: tuple[HistoryPoint, ...]
    """Runs, oldest first."""
    levels: str
    """`d` of the levels."""
    changes: tuple[HistoryChange, ...]
    """Changes of level."""
    label: str
    """The drawing in words."""
    low_text: str
    """Lowest end of the scale."""
    high_text: str
    """Highest end of the scale."""
    note: str
    """How many runs, and how changes are found."""


def eval_histories(
    cards: Sequence[Card], scorers: Sequence[tuple[str, str]], root: str
) -> tuple[EvalHistory, ...]:
    """The history of each of *scorers* (eval, scorer) that at least three runs have."""
    ordered = sorted(cards, key=lambda card: (card.activity_start_ns or 0, card.id))
    by_key = [{(one.eval, one.scorer): one for one in card.scorers} for card in ordered]
    found = []
    for name, scorer in scorers:
        runs = [
            (card, one)
            for card, known in zip(ordered, by_key, strict=True)
            if (one := known.get((name, scorer))) is not None
            and one.mean is not None
            and one.kind in {"boolean", "number"}
        ]
        if len(runs) >= _FEWEST_RUNS:
            found.append(_history(runs, root))
    return tuple(found)


def _history(runs: list[tuple[Card, ScorerCard]], root: str) -> EvalHistory:
    total, runs = len(runs), runs[-_MOST_DRAWN:]
    scores = [one for _, one in runs]
    is_ratio = all(one.kind == "boolean" for one in scores)
    means = [one.mean or 0.0 for one in scores]
    cuts = change_points(means, [_error(one) for one in scores])
    lows = [
        mean if one.ci_low is None else one.ci_low for one, mean in zip(scores, means, strict=True)
    ]
    highs = [
        mean if one.ci_high is None else one.ci_high
        for one, mean in zip(scores, means, strict=True)
    ]
    low, high = min(lows), max(highs)
    span = (high - low) or 1.0
    step = (_WIDTH - 2 * _PAD) / max(1, len(runs) - 1)

    def x_of(place: float) -> str:
        return decimal(_PAD + place * step)

    def y_of(value: float) -> str:
        return decimal(_HEIGHT - _PAD - (value - low) / span * (_HEIGHT - 2 * _PAD))

    bounds = [0, *cuts, len(runs)]
    levels = [sum(means[start:end]) / (end - start) for start, end in pairwise(bounds)]
    last = scores[-1]
    goal = last.goal or ("maximize" if is_ratio else None)
    changes = tuple(
        _change(runs[cut][0], last, x_of(cut - 0.5), after - before, goal, root, is_ratio=is_ratio)
        for cut, before, after in zip(cuts, levels, levels[1:], strict=False)
    )
    form = units.percent_text if is_ratio else units.number_text
    shown = units.plural(len(runs), "run") + ("" if total == len(runs) else f" of {total:,}")
    return EvalHistory(
        eval=last.eval,
        scorer=last.scorer,
        goal=goal,
        width=_WIDTH,
        height=_HEIGHT,
        points=tuple(
            HistoryPoint(
                x=x_of(place),
                y=y_of(means[place]),
                low=y_of(lows[place]),
                high=y_of(highs[place]),
                url=_url(card, one, root),
                title=_title(card, one, form(means[place])),
            )
            for place, (card, one) in enumerate(runs)
        ),
        levels="".join(
            f"M{x_of(max(0.0, start - 0.5))} {y_of(level)}H{x_of(min(len(runs) - 1.0, end - 0.5))}"
            for level, start, end in zip(levels, bounds, bounds[1:], strict=False)
        ),
        changes=changes,
        label=f"{last.scorer} over {shown}: "
        + (", ".join(one.text for one in changes) or "no change"),
        low_text=form(low),
        high_text=form(high),
        note=f"{shown} by start time" + ("" if changes else ", no change of level"),
    )


def _error(one: ScorerCard) -> float | None:
    """Standard error, from the interval."""
    if one.ci_low is None or one.ci_high is None:
        return None
    return (one.ci_high - one.ci_low) / (2 * 1.96)


def _change(
    card: Card,
    one: ScorerCard,
    x: str,
    size: float,
    goal: Goal | None,
    root: str,
    *,
    is_ratio: bool,
) -> HistoryChange:
    is_better = (size > 0) == (goal == "maximize")
    return HistoryChange(
        x=x,
        text=f"{change_text(size, is_ratio=is_ratio)} from {card.name} on",
        url=_url(card, one, root),
        tone="muted" if goal is None else "good" if is_better else "bad",
    )


def _url(card: Card, one: ScorerCard, root: str) -> str:
    return root + run_page(card.id) + state_hash(tab="evals", eval=one.eval)


def _title(card: Card, one: ScorerCard, mean: str) -> str:
    form = units.percent_text if one.kind == "boolean" else units.number_text
    interval = ""
    if one.ci_low is not None and one.ci_high is not None:
        interval = f", 95 % CI {form(one.ci_low)} to {form(one.ci_high)}"
    start = card.activity_start_ns
    when = f", {units.time_text(start)}" if start is not None else ""
    return f"{card.name}: {mean}{interval}{when}"
