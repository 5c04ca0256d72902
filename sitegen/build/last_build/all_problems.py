"""The problems of all runs, for the terminal. Floor 6."""

from __future__ import annotations

import msgspec

from sitegen.build.last_build.members import Membership
from sitegen.build.last_build.settled import Settled
from sitegen.build.last_build.state import RunState
from sitegen.build.workers.job import Job
from sitegen.errors import Problem
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProblems:
    """The problems of one run."""

    run_id: str
    """Its id."""
    shown_path: str
    """Its directory, as the user would type it."""
    problems: tuple[Problem, ...]
    """All of them."""


def all_problems(job: Job, made: Membership, settled: Settled | None) -> list[RunProblems]:
    """The problems by run in the order of the site; runs that nobody looked at only if they have
    any.
    """
    found = [
        (
            one.order,
            one.brief.id,
            one.place.directory,
            one.built.card.problems if one.built else _problems(one.kept),
        )
        for one in made.members
    ]
    for name, experiment in made.unseen.items():
        if experiment.has_problems and settled is not None:
            found += [
                (order, run.brief.id, settled.place(run.real_path).directory, _problems(run))
                for order, run in zip(job.last.orders_of(name), job.last.runs_of(name), strict=True)
                if run.has_problems
            ]
    return [
        RunProblems(run_id=run_id, shown_path=path, problems=problems)
        for _, run_id, path, problems in sorted(found, key=lambda one: one[0])
    ]


def _problems(run: RunState | None) -> tuple[Problem, ...]:
    if run is None or not run.has_problems:
        return ()
    return msgspec.msgpack.decode(run.problems, type=tuple[Problem, ...])
