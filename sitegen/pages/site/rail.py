"""Beside the index: the latest runs, and the first problems. Floor 4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment, objective_value
from sitegen.errors import Problem
from sitegen.pages.links import run_page
from sitegen.pages.objective import objective_text
from sitegen.pages.parts import (
    Text,
    time_part,
)
from sitegen.records import dataclass

_LATEST_RUNS = 7
RAIL_PROBLEMS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run in the list of the latest."""

    name: str
    """Its name."""
    url: str
    """Its page."""
    status: str
    """How it ended."""
    experiment: str
    """Its experiment's title."""
    value: str | None
    """Its value of the objective."""
    time: Text | None
    """Time of its last activity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RailProblem:
    """A problem in the rail."""

    severity: str
    """error or warning."""
    run: str
    """`experiment/run`, or the file."""
    url: str | None
    """The run's page at its problems."""
    message: str
    """Where and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestRun:
    """One of the latest runs of an experiment."""

    id: str
    """Its id."""
    activity_ns: int | None
    """Its last activity."""
    name: str
    """What people call it."""
    status: str
    """How it ended."""
    value: str | None
    """Its value of the objective."""


def latest_of(experiment: Experiment) -> Iterator[LatestRun]:
    """Its latest runs, unless it is put away."""
    cards = () if experiment.spec.is_archived else experiment.cards
    objective = experiment.objective
    for card in sorted(cards, key=_by_time)[:_LATEST_RUNS]:
        value = objective_value(card, objective) if objective else None
        yield LatestRun(
            id=card.id,
            activity_ns=card.activity_ns,
            name=card.name,
            status=card.status,
            value=objective_text(experiment, value) or None,
        )


def _by_time(run: Card | LatestRun) -> tuple[int, str]:
    """Latest first, then by id."""
    return -(run.activity_ns or 0), run.id


def latest_runs(
    runs_by_title: Iterable[tuple[str, Sequence[LatestRun]]], year: int | None
) -> Iterator[RunEntry]:
    """The latest of all runs, each with the title of its experiment."""
    found = [(_by_time(run), title, run) for title, runs in runs_by_title for run in runs]
    for _, title, run in sorted(found, key=lambda one: one[0])[:_LATEST_RUNS]:
        yield RunEntry(
            name=run.name,
            url=run_page(run.id),
            status=run.status,
            experiment=title,
            value=run.value,
            time=time_part(run.activity_ns, short_year=year),
        )


def rail_problems(
    of_runs: Iterable[RailProblem], of_site: Sequence[Problem]
) -> tuple[RailProblem, ...]:
    """The first problems of the site and of its runs, errors first."""
    site = (
        RailProblem(severity=one.severity, run=one.place, url=None, message=one.message)
        for one in of_site
    )
    return _errors_first((*site, *of_runs))


def problems_of(cards: Sequence[Card]) -> tuple[RailProblem, ...]:
    """The first problems of runs, errors first."""
    return _errors_first(
        RailProblem(
            severity=problem.severity,
            run=f"{card.experiment}/{card.name}",
            url=f"{run_page(card.id)}#tab=problems",
            message=_told(problem),
        )
        for card in cards
        for problem in card.problems
    )


def _errors_first(problems: Iterable[RailProblem]) -> tuple[RailProblem, ...]:
    return tuple(sorted(problems, key=lambda one: one.severity != "error")[:RAIL_PROBLEMS])


def _told(problem: Problem) -> str:
    return f"{problem.place}: {problem.message}" if problem.place else problem.message
