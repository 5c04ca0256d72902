"""Runs of a build, made or kept, and how those that a change concerns are made. Floor 6."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sitegen.build.cache.keys import digest_of
from sitegen.build.last_build.state import ExperimentState, RunState
from sitegen.build.plan import RunPlan
from sitegen.build.steps.derive import derive_runs
from sitegen.build.workers.job import BuiltRun, Job
from sitegen.derive.briefs import RunBrief, brief_of
from sitegen.derive.experiment import Experiment, derive_experiments
from sitegen.read.bundle import Group, Place, list_bundle
from sitegen.read.experiments import ExperimentSpec
from sitegen.records import dataclass

Lost = Mapping[str, Mapping[Group, str]]
"""What became of the process that read a part, by run id and part."""


class Member(NamedTuple):
    """A run of this build: made now, or as the last build left it."""

    place: Place
    """Where its bundle lies."""
    brief: RunBrief
    """What other pages say of it."""
    run_key: str
    """Digest of everything its facts depend on."""
    kept: RunState | None
    """The run as the last build left it, None if it is made."""
    built: BuiltRun | None
    """The run as it is made, None if it is kept."""
    order: int
    """Its place among all runs of the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What members are made from."""

    job: Job
    """The build."""
    shared: frozenset[str]
    """Ids that more than one bundle claims."""
    specs: Mapping[str, ExperimentSpec]
    """What each experiment.toml says, by name."""
    last: Mapping[str, ExperimentState]
    """The experiments of the last build of which all files lie in the site."""
    lost: Lost
    """Parts given up already, by run id."""
    reasons: dict[str, str]
    """Why runs were derived, by id; grows."""


def with_changed(
    making: Making, members: tuple[Member, ...]
) -> tuple[tuple[Member, ...], dict[str, str]]:
    """The runs, all of an experiment made if any of its facts changed; and the facts' keys."""
    while True:
        keys = {
            name: digest_of(
                making.job.theme_key, making.specs.get(name), [one.run_key for one in group]
            )
            for name, group in grouped(members).items()
        }
        changed = changed_names(keys, making.last)
        if not any(one.kept and one.brief.experiment in changed for one in members):
            return members, keys
        members = all_built(making, members, changed)


def changed_names(facts_keys: Mapping[str, str], last: Mapping[str, ExperimentState]) -> set[str]:
    """Names of the experiments of which the index or the report may say something else."""
    return {
        name for name, key in facts_keys.items() if name not in last or last[name].facts_key != key
    }


def grouped(members: Iterable[Member]) -> dict[str, list[Member]]:
    """*members* by experiment."""
    groups: dict[str, list[Member]] = {}
    for one in members:
        groups.setdefault(one.brief.experiment, []).append(one)
    return groups


def all_built(
    making: Making, members: tuple[Member, ...], names: Collection[str]
) -> tuple[Member, ...]:
    """*members* with every run of the experiments *names* made: mostly decoded, not derived."""
    plans = {
        one.place.real_path: RunPlan(
            bundle=list_bundle(one.place),
            run_id=one.kept.brief.id,
            wanted_id=one.kept.wanted_id,
            experiment=one.kept.home,
            duplicate_of=one.kept.duplicate_of,
        )
        for one in members
        if one.kept and one.brief.experiment in names
    }
    if not plans:
        return members
    shared = making.shared | {
        one.brief.id for one in members if one.kept is not None and one.kept.is_shared
    }
    runs, why = derive_runs(making.job, list(plans.values()), shared, making.lost)
    making.reasons.update(why)
    by_path = dict(zip(plans, runs, strict=True))
    return tuple(
        made(one.place, by_path[one.place.real_path], one.order)
        if one.place.real_path in by_path
        else one
        for one in members
    )


def experiments_of(
    members: Iterable[Member], names: Collection[str], specs: Mapping[str, ExperimentSpec]
) -> tuple[Experiment, ...]:
    """The experiments *names*, whose runs are all made."""
    cards = [one.built.card.card for one in members if one.built and one.brief.experiment in names]
    return derive_experiments(cards, specs)


def kept(place: Place, run: RunState, order: int) -> Member:
    """The run as the last build left it."""
    return Member(
        place=place, brief=run.brief, run_key=run.run_key, kept=run, built=None, order=order
    )


def made(place: Place, run: BuiltRun, order: int) -> Member:
    """The run as it is made now."""
    brief = brief_of(run.card.card)
    return Member(place=place, brief=brief, run_key=run.run_key, kept=None, built=run, order=order)
