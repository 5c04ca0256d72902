"""What a run's page needs to know beyond its own bundle, computed from cards. Floor 4.

The page is rendered again exactly when one of these values changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment
from sitegen.model import Goal
from sitegen.pages.links import run_page

_MOST_RELATED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLink:
    """Another run, as a link."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    experiment: str
    """Its experiment."""
    status: str
    """How it ended."""
    path: str
    """Its page from the site's root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRuns:
    """Other runs that name the same digest."""

    count: int
    """How many."""
    first: tuple[RunLink, ...]
    """The first few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The neighbourhood of a run."""

    experiment: str
    """Name of its experiment."""
    objective: str | None
    """What the experiment optimises."""
    goal: Goal | None
    """Which direction is better."""
    key_metrics: tuple[str, ...]
    """Metrics that the experiment shows first."""
    baseline: RunLink | None
    """The experiment's baseline, None if there is none or it is this run."""
    is_baseline: bool
    """Whether this run is the baseline."""
    is_best: bool
    """Whether it has the best value of the objective."""
    previous: RunLink | None
    """The next older run of the experiment."""
    next: RunLink | None
    """The next newer run of the experiment."""
    parent: RunLink | None
    """The run that started this one."""
    children: tuple[RunLink, ...]
    """Runs that this one started."""
    shared_datasets: Mapping[str, SharedRuns]
    """Other runs that used the same data set, by digest."""
    shared_models: Mapping[str, SharedRuns]
    """Other runs that logged or used the same model, by digest."""
    latest_year: int | None
    """The site's latest year, left out of short dates."""


def run_link(card: Card) -> RunLink:
    """The run of *card* as a link."""
    return RunLink(
        id=card.id,
        name=card.name,
        experiment=card.experiment,
        status=card.status,
        path=run_page(card.id),
    )


def all_surroundings(
    experiments: Sequence[Experiment], latest_year: int | None
) -> dict[str, Surroundings]:
    """The surroundings of every run, by id; linear in the number of runs."""
    cards = [card for experiment in experiments for card in experiment.cards]
    by_id = {card.id: card for card in cards}
    children: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        if card.parent and card.parent != card.id:
            children[card.parent].append(card)
    datasets = _by_digest(cards, lambda card: (one.digest for one in card.datasets))
    models = _by_digest(cards, lambda card: (one.digest for one in card.models))
    found = {}
    for experiment in experiments:
        for index, card in enumerate(experiment.cards):
            found[card.id] = _surroundings(
                experiment, index, card, by_id, children, datasets, models, latest_year
            )
    return found


def _by_digest(
    cards: Iterable[Card], digests_of: Callable[[Card], Iterable[str | None]]
) -> dict[str, list[Card]]:
    found: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        for digest in dict.fromkeys(digests_of(card)):
            if digest:
                found[digest].append(card)
    return found


def _surroundings(
    experiment: Experiment,
    index: int,
    card: Card,
    by_id: Mapping[str, Card],
    children: Mapping[str, list[Card]],
    datasets: Mapping[str, list[Card]],
    models: Mapping[str, list[Card]],
    latest_year: int | None,
) -> Surroundings:
    cards, objective, baseline = experiment.cards, experiment.objective, experiment.baseline
    parent = by_id.get(card.parent or "")
    return Surroundings(
        experiment=experiment.name,
        objective=objective.name if objective else None,
        goal=objective.goal if objective else None,
        key_metrics=experiment.spec.key_metrics,
        baseline=run_link(baseline) if baseline and baseline is not card else None,
        is_baseline=baseline is card,
        is_best=experiment.best is card,
        previous=run_link(cards[index + 1]) if index + 1 < len(cards) else None,
        next=run_link(cards[index - 1]) if index else None,
        parent=run_link(parent) if parent and parent is not card else None,
        children=_links(children.get(card.id, []), card),
        shared_datasets={
            one.digest: _sharing(datasets[one.digest], card) for one in card.datasets if one.digest
        },
        shared_models={
            one.digest: _sharing(models[one.digest], card) for one in card.models if one.digest
        },
        latest_year=latest_year,
    )


def _sharing(cards: Sequence[Card], own: Card) -> SharedRuns:
    return SharedRuns(count=len(cards) - 1, first=_links(cards, own))


def _links(cards: Iterable[Card], own: Card) -> tuple[RunLink, ...]:
    others = [card for card in cards if card is not own]
    return tuple(run_link(card) for card in others[:_MOST_RELATED])
