"""What charts of several runs show beside curves: alert lines and annotated steps. Floor 4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice

from sitegen.derive.card import Card
from sitegen.model import Json
from sitegen.pages.run.metrics_tab import threshold_text, thresholds

_MOST_LINES = 20
"""Alert lines of one metric: more would hide the curves."""
_MOST_STEPS = 50
"""Annotated steps of one metric."""


def alert_lines(cards: Sequence[Card]) -> dict[str, Json]:
    """[{`value`, `text`, `runs`: keys, null for all that have the metric}] by metric."""
    keys: dict[str, dict[tuple[float, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for card in cards:
        seen = {
            (comparison.name, value, threshold_text(comparison, value))
            for condition in card.alerts
            for comparison, value in thresholds(condition)
            if comparison.name in card.series
        }
        for name, value, text in sorted(seen):
            keys[name][value, text].append(run_key(card))
    counts = {name: sum(name in card.series for card in cards) for name in keys}
    return {
        name: [
            {"value": value, "text": text, "runs": None if len(runs) == counts[name] else runs}
            for (value, text), runs in islice(sorted(lines.items()), _MOST_LINES)
        ]
        for name, lines in sorted(keys.items())
    }


def step_marks(cards: Sequence[Card]) -> dict[str, Json]:
    """[{`run`: key, `step`}] by metric, runs in the order of *cards*."""
    marks: dict[str, list[Json]] = defaultdict(list)
    for card in cards:
        for name, steps in card.annotated_steps.items():
            if name in card.series:
                marks[name] += [{"run": run_key(card), "step": step} for step in steps]
    return {name: found[:_MOST_STEPS] for name, found in sorted(marks.items())}


def run_key(card: Card) -> str:
    """The run's key in the table and in the URL."""
    return card.slug[-10:]
