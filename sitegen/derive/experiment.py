"""Experiments from cards: which runs, what is optimised, who is best, which params differ.

Floor 3. Sees cards and experiment.toml only, so it never costs a read of a run's files.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sitegen.derive.card import Card
from sitegen.model import Goal, Json
from sitegen.read.experiments import ExperimentSpec
from sitegen.records import dataclass

NOT_SET = object()
"""Stands for a param that a run does not have."""
_SEED = re.compile(r"(^|[._/-])(random_?)?seed$", re.IGNORECASE)
"""Params that only tell repeats of one setting apart; its twin is in js/charts/curve-means.js."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """The one value by which runs of an experiment are held against each other."""

    name: str
    """Metric, or `<eval>/<scorer>`."""
    goal: Goal | None
    """Which direction is better."""
    is_declared: bool
    """Whether experiment.toml names it; else it is the goal metric that most runs have."""
    is_ratio: bool
    """Whether it is the share of samples that passed, shown in percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A named group of runs."""

    name: str
    """Name that runs refer to."""
    spec: ExperimentSpec
    """What experiment.toml says; empty but for the name without one."""
    cards: tuple[Card, ...]
    """Runs, newest first."""
    objective: Objective | None
    """What is optimised, None if no run has a value with a goal."""
    best: Card | None
    """The run with the best value of the objective."""
    baseline: Card | None
    """The run that experiment.toml names as baseline."""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.spec.title or self.name

    @property
    def status(self) -> str:
        """archived, else active while a run is running, else completed."""
        if self.spec.is_archived:
            return "archived"
        return "active" if any(card.status == "running" for card in self.cards) else "completed"

    @property
    def activity_ns(self) -> int | None:
        """The latest time that a run names."""
        times = (card.activity_ns for card in self.cards)
        return max((time for time in times if time is not None), default=self.spec.created_at_ns)

    @property
    def status_counts(self) -> Mapping[str, int]:
        """Runs by status."""
        return Counter(card.status for card in self.cards)

    @property
    def tags(self) -> tuple[str, ...]:
        """Its own tags; without any those that all its runs share."""
        if self.spec.tags:
            return self.spec.tags
        shared = set(self.cards[0].tags).intersection(*(card.tags for card in self.cards))
        return tuple(sorted(shared))


def derive_experiments(
    cards: Iterable[Card], specs: Mapping[str, ExperimentSpec]
) -> tuple[Experiment, ...]:
    """All experiments that have a run, by last activity, newest first, then by name."""
    groups: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        groups[card.experiment].append(card)
    found = [
        _experiment(specs.get(name) or ExperimentSpec(name=name), members)
        for name, members in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-(one.activity_ns or 0), one.name)))


def _experiment(spec: ExperimentSpec, members: list[Card]) -> Experiment:
    cards = tuple(sorted(members, key=lambda card: (-(card.activity_ns or 0), card.id)))
    objective = _objective(spec, cards)
    return Experiment(
        name=spec.name,
        spec=spec,
        cards=cards,
        objective=objective,
        best=_best(cards, objective) if objective else None,
        baseline=next((card for card in cards if card.id == spec.baseline), None),
    )


def _objective(spec: ExperimentSpec, cards: tuple[Card, ...]) -> Objective | None:
    if spec.objective:
        goal = spec.goal or _goal_of(spec.objective, cards)
        return Objective(
            name=spec.objective,
            goal=goal,
            is_declared=True,
            is_ratio=_is_ratio(spec.objective, cards),
        )
    counts: Counter[tuple[str, Goal]] = Counter()
    for card in cards:
        counts.update((one.name, one.goal) for one in card.metrics if one.goal and one.count)
        counts.update(
            (f"{one.eval}/{one.scorer}", one.goal or "maximize")
            for one in card.scorers
            if one.mean is not None and (one.goal or one.kind == "boolean")
        )
    if not counts:
        return None
    (name, goal), _ = min(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return Objective(name=name, goal=goal, is_declared=False, is_ratio=_is_ratio(name, cards))


def _goal_of(name: str, cards: tuple[Card, ...]) -> Goal | None:
    for card in cards:
        metric = card.metric(name)
        if metric and metric.goal:
            return metric.goal
        for scorer in card.scorers:
            if f"{scorer.eval}/{scorer.scorer}" == name:
                return scorer.goal or ("maximize" if scorer.kind == "boolean" else None)
    return None


def _is_ratio(name: str, cards: tuple[Card, ...]) -> bool:
    kinds = {
        scorer.kind
        for card in cards
        for scorer in card.scorers
        if name in {f"{scorer.eval}/{scorer.scorer}", scorer.scorer}
    }
    return kinds == {"boolean"} and all(card.metric(name) is None for card in cards)


def objective_value(card: Card, objective: Objective) -> float | None:
    """The run's best value of the objective by its goal; its last without a goal."""
    metric = card.metric(objective.name)
    if metric is not None:
        if not metric.count or objective.goal is None:
            return metric.last
        return metric.min if objective.goal == "minimize" else metric.max
    for scorer in card.scorers:
        if objective.name in {f"{scorer.eval}/{scorer.scorer}", scorer.scorer}:
            return scorer.mean
    return None


def _best(cards: tuple[Card, ...], objective: Objective) -> Card | None:
    if objective.goal is None:
        return None
    sign = 1 if objective.goal == "minimize" else -1
    valued = [
        (sign * value, card.id, card)
        for card in cards
        if (value := objective_value(card, objective)) is not None and math.isfinite(value)
    ]
    return min(valued, key=lambda entry: entry[:2])[2] if valued else None


def param_values(cards: Iterable[Card], name: str) -> list[Json]:
    """The param's value in each run, `NOT_SET` where a run has none."""
    return [card.params.get(name, NOT_SET) for card in cards]


def differing_params(cards: tuple[Card, ...]) -> tuple[list[str], list[str]]:
    """Names of params whose values differ between runs, and of those that are the same in all.

    Both in the order in which the runs name them.
    """
    names = list(dict.fromkeys(name for card in cards for name in card.params))
    differing: list[str] = []
    same: list[str] = []
    for name in names:
        values = {repr(value) for value in param_values(cards, name)}
        (differing if len(values) > 1 else same).append(name)
    return differing, same


def has_repeats(cards: Iterable[Card], differing: Sequence[str]) -> bool:
    """Whether two runs differ in nothing but params that are called a seed."""
    settings = [name for name in differing if not _SEED.search(name)]
    if len(settings) == len(differing):
        return False
    seen: set[tuple[str, ...]] = set()
    for card in cards:
        values = tuple(repr(card.params.get(name, NOT_SET)) for name in settings)
        if values in seen:
            return True
        seen.add(values)
    return False
