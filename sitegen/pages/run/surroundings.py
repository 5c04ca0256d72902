"""What a run's page needs to know beyond its own bundle, computed from cards. Floor 4.

The page is rendered again exactly when one of these values changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sitegen.derive.briefs import RunBrief, brief_of
from sitegen.derive.card import Card, SaidFile
from sitegen.derive.experiment import Experiment
from sitegen.derive.since import SinceBase
from sitegen.model import Goal
from sitegen.pages.links import run_page
from sitegen.records import dataclass

_MOST_RELATED = 12
OLDER_RUNS = 10
"""How far back a run looks for annotations that hold for it, too: pages are not rendered anew for
each annotation of a run long ago."""


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
class SaidRun:
    """A run's annotations as data files."""

    run: RunLink
    """The run."""
    slug: str
    """Its slug, the beginning of the files' keys."""
    files: tuple[SaidFile, ...]
    """The files, by target key."""


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
    own_said: SaidRun | None
    """What people say of it; None if they say nothing."""
    older_said: SaidRun | None
    """What they say of the nearest older run of the experiment that they say anything of, among
    the `OLDER_RUNS` before it."""
    latest_year: int | None
    """The site's latest year, left out of short dates."""
    since: SinceBase | None = None
    """What became of its annotations; None for a site that is built against no base."""


def run_link(run: Card | RunBrief) -> RunLink:
    """The run as a link."""
    return RunLink(
        id=run.id,
        name=run.name,
        experiment=run.experiment,
        status=run.status,
        path=run_page(run.id),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relations:
    """How runs refer to each other, whichever experiment they belong to; lists by id."""

    by_id: Mapping[str, RunBrief]
    """Every run."""
    children: Mapping[str, Sequence[RunBrief]]
    """Runs by the id of the run that started them."""
    datasets: Mapping[str, Sequence[RunBrief]]
    """Runs by the digest of a data set they used."""
    models: Mapping[str, Sequence[RunBrief]]
    """Runs by the digest of a model they logged or used."""

    def around(self, members: Iterable[RunBrief]) -> tuple[object, ...]:
        """All that pages of *members* say of other runs but their neighbours in the experiment."""
        briefs = tuple(members)
        related = [one for one in briefs if one.parent or one.id in self.children]
        datasets = sorted({digest for one in briefs for digest in one.datasets})
        models = sorted({digest for one in briefs for digest in one.models})
        return (
            [self.by_id.get(one.parent or "") for one in related],
            [_counted(self.children.get(one.id, ())) for one in related],
            [_counted(self.datasets[digest]) for digest in datasets],
            [_counted(self.models[digest]) for digest in models],
        )


def _counted(runs: Sequence[RunBrief]) -> tuple[int, Sequence[RunBrief]]:
    return len(runs), runs[: _MOST_RELATED + 1]


def relations_of(briefs: Iterable[RunBrief]) -> Relations:
    """The relations between all runs of a site; linear in their number."""
    by_id = {one.id: one for one in briefs}
    children: dict[str, list[RunBrief]] = defaultdict(list)
    datasets: dict[str, list[RunBrief]] = defaultdict(list)
    models: dict[str, list[RunBrief]] = defaultdict(list)
    for one in by_id.values():
        if one.parent and one.parent != one.id:
            children[one.parent].append(one)
        for digest in one.datasets:
            datasets[digest].append(one)
        for digest in one.models:
            models[digest].append(one)
    for lists in (children, datasets, models):
        for found in lists.values():
            found.sort(key=lambda one: one.id)
    return Relations(by_id=by_id, children=children, datasets=datasets, models=models)


def all_surroundings(
    experiments: Sequence[Experiment], latest_year: int | None, relations: Relations | None = None
) -> dict[str, Surroundings]:
    """The surroundings of every run of *experiments*, by id.

    *relations* are those between all runs of the site, of which *experiments* may be a part.
    """
    if relations is None:
        relations = relations_of(brief_of(card) for one in experiments for card in one.cards)
    return {
        card.id: _surroundings(experiment, index, card, relations, latest_year)
        for experiment in experiments
        for index, card in enumerate(experiment.cards)
    }


def _surroundings(
    experiment: Experiment,
    index: int,
    card: Card,
    relations: Relations,
    latest_year: int | None,
) -> Surroundings:
    cards, objective, baseline = experiment.cards, experiment.objective, experiment.baseline
    parent, brief = relations.by_id.get(card.parent or ""), relations.by_id[card.id]
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
        parent=run_link(parent) if parent and parent.id != card.id else None,
        children=_links(relations.children.get(card.id, ()), card),
        shared_datasets={one: _sharing(relations.datasets[one], card) for one in brief.datasets},
        shared_models={one: _sharing(relations.models[one], card) for one in brief.models},
        own_said=_said(card),
        older_said=next(filter(None, map(_said, cards[index + 1 : index + 1 + OLDER_RUNS])), None),
        latest_year=latest_year,
    )


def _said(card: Card) -> SaidRun | None:
    if not card.said_files:
        return None
    return SaidRun(run=run_link(card), slug=card.slug, files=card.said_files)


def _sharing(runs: Sequence[RunBrief], own: Card) -> SharedRuns:
    return SharedRuns(count=len(runs) - 1, first=_links(runs, own))


def _links(runs: Sequence[RunBrief], own: Card) -> tuple[RunLink, ...]:
    others = [one for one in runs[: _MOST_RELATED + 1] if one.id != own.id]
    return tuple(run_link(one) for one in others[:_MOST_RELATED])
