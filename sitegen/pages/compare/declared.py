"""The comparisons that an experiment.toml declares: of which runs, and what is wrong with them.

Floor 4. Runs are named by id, chosen by a condition of DESIGN §3, or both.
"""

from __future__ import annotations

from collections.abc import Iterable

from sitegen.bundle.conditions import (
    ConditionError,
    condition_holds,
    lookup_in,
    parse_condition,
)
from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment
from sitegen.pages.experiment.run_fields import run_fields
from sitegen.pages.links import comparison_page
from sitegen.read.experiments import ComparisonSpec
from sitegen.records import dataclass

MOST_RUNS = 30
"""Most runs of a declared comparison: its page has a column for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A comparison that an experiment declares."""

    name: str
    """Its name, made unique."""
    path: str
    """Its page."""
    filter: str | None
    """The condition that chooses runs."""
    cards: tuple[Card, ...]
    """Its runs, the one that the others are held against first."""
    missing: tuple[str, ...]
    """Ids that no run of the experiment has."""
    left_out: int
    """Runs beyond `MOST_RUNS`."""
    fault: str | None
    """What is wrong with the condition."""


def declared_comparisons(experiment: Experiment) -> tuple[Declared, ...]:
    """All that *experiment* declares, in the order of the file."""
    names: dict[str, None] = {}
    for spec in experiment.spec.comparisons:
        name, number = spec.name, 2
        while name in names:
            name, number = f"{spec.name}~{number}", number + 1
        names[name] = None
    return tuple(
        _declared(experiment, spec, name)
        for name, spec in zip(names, experiment.spec.comparisons, strict=True)
    )


def _declared(experiment: Experiment, spec: ComparisonSpec, name: str) -> Declared:
    by_id = {card.id: card for card in experiment.cards}
    named = list(dict.fromkeys(spec.runs))
    chosen = [by_id[run] for run in named if run in by_id]
    fault = None
    if spec.filter is not None:
        try:
            chosen += [one for one in _matching(experiment, spec.filter) if one not in chosen]
        except ConditionError as error:
            fault = error.message
    cards = tuple(_baseline_first(experiment, chosen))
    return Declared(
        name=name,
        path=comparison_page(experiment.name, name),
        filter=spec.filter,
        cards=cards[:MOST_RUNS],
        missing=tuple(run for run in named if run not in by_id),
        left_out=max(0, len(cards) - MOST_RUNS),
        fault=fault,
    )


def _matching(experiment: Experiment, text: str) -> Iterable[Card]:
    condition = parse_condition(text)
    for card in experiment.cards:
        if condition_holds(condition, lookup_in(run_fields(card, experiment.objective))):
            yield card


def _baseline_first(experiment: Experiment, cards: list[Card]) -> list[Card]:
    first = [card for card in cards if card is experiment.baseline]
    return first + [card for card in cards if card is not experiment.baseline]
