"""Which runs and experiments of a build differ from the last one: only these are made.

Floor 6. A run whose bundle is as it was stays a line of the last build's state. The pages of an
experiment, and what the index and the report say of it, depend on its runs' keys, its
experiment.toml and a few facts about related runs; where all of that is as it was, no card of it is
decoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from sitegen.build.cache.kept_annotations import as_resolved
from sitegen.build.cache.keys import digest_of
from sitegen.build.last_build.state import ExperimentState, RunCard, RunState
from sitegen.build.plan import RunPlan, SitePlan
from sitegen.build.reviewing import Reviewing
from sitegen.build.steps.derive import derive_runs
from sitegen.build.workers.job import BuiltRun, Job
from sitegen.derive.briefs import RunBrief, brief_of
from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment, derive_experiments
from sitegen.derive.reviews import ReviewedRun
from sitegen.pages.run.surroundings import Relations, relations_of
from sitegen.read.bundle import Group, Place, list_bundle
from sitegen.read.experiments import ExperimentSpec
from sitegen.records import dataclass
from sitegen.units import year_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """All runs of a build, and what of it has to be made."""

    members: tuple[Member, ...]
    """Runs in order of (argument, path)."""
    experiments: tuple[Experiment, ...]
    """Experiments of which anything changed, with all their cards."""
    facts_keys: Mapping[str, str]
    """Digest of what the index and the report say of each experiment, by its name."""
    pages_keys: Mapping[str, str]
    """Digest of what its pages depend on."""
    relations: Relations
    """Relations between all runs."""
    latest_year: int | None
    """The latest year of the site."""
    reasons: Mapping[str, str]
    """Why runs were derived, by id."""

    def built(self) -> list[BuiltRun]:
        """The runs of the experiments that changed."""
        changed = {one.name for one in self.experiments}
        return [one.built for one in self.members if one.built and one.brief.experiment in changed]

    def run_ids(self) -> dict[str, tuple[str, ...]]:
        """Ids of the runs of each experiment by its name."""
        groups = _groups(self.members)
        return {name: tuple(one.brief.id for one in groups[name]) for name in sorted(groups)}

    def names(self) -> list[str]:
        """Names of all experiments, sorted."""
        return sorted(self.facts_keys)


def make_members(
    job: Job,
    plan: SitePlan,
    specs: Mapping[str, ExperimentSpec],
    last: Mapping[str, ExperimentState],
    lost: Lost,
) -> Membership:
    """Derive what changed, and what is needed beside it.

    *last* are the experiments of the last build of which all files lie in the site; parts given up
    already are in *lost*, by run id.
    """
    fresh, reasons = derive_runs(job, plan.fresh, plan.shared, lost)
    by_id = {run.plan.run_id: run for run in fresh}
    members = tuple(
        _kept(place, run) if isinstance(run, RunState) else _built(place, by_id[run.run_id])
        for place, run in zip(plan.places, plan.runs, strict=True)
    )
    members, facts_keys = _with_changed(job, plan, members, specs, last, reasons, lost)
    changed = _changed(facts_keys, last)
    experiments = _experiments(members, changed, specs)
    activities = [one.activity_ns for one in experiments]
    activities += [last[name].activity_ns for name in facts_keys if name not in changed]
    latest_year = year_of(max((one or 0 for one in activities), default=0))
    relations = relations_of(one.brief for one in members)
    pages_keys = {
        name: digest_of(
            job.theme_key, facts_keys[name], latest_year,
            relations.around(one.brief for one in group),
            [_base_key(job, one) for one in group] if job.reviewing.base else None,
        )
        for name, group in _groups(members).items()
    }  # fmt: skip
    others = {
        name
        for name, key in pages_keys.items()
        if name not in changed and last[name].pages_key != key
    }
    members = _all_built(job, plan, members, others, reasons, lost)
    return Membership(
        members=members,
        experiments=(*experiments, *_experiments(members, others, specs)),
        facts_keys=facts_keys,
        pages_keys=pages_keys,
        relations=relations,
        latest_year=latest_year,
        reasons=reasons,
    )


def _base_key(job: Job, one: Member) -> str:
    has_annotations = one.brief.has_annotations
    return job.reviewing.key(one.place, one.brief.id, has_annotations=has_annotations)


def lineage_cards(job: Job, plan: SitePlan, made: Membership) -> list[Card]:
    """Cards of the runs that name a data set, a model or a parent."""
    members = [one for one in made.members if one.brief.has_lineage]
    return [run_card.card for run_card in _cards_of(job, plan, members)]


def reviewed_runs(
    job: Job, plan: SitePlan, made: Membership, reviewing: Reviewing
) -> list[ReviewedRun]:
    """What people say of each run that anybody says anything of, or said in the base."""
    members = [
        one
        for one in made.members
        if one.brief.has_annotations or reviewing.has_before(one.place, one.brief.id)
    ]
    return [
        _reviewed(member, found, reviewing)
        for member, found in zip(members, _cards_of(job, plan, members), strict=True)
    ]


def _reviewed(member: Member, found: RunCard, reviewing: Reviewing) -> ReviewedRun:
    resolved = as_resolved(found.annotations)
    of_run = (member.place, member.brief.id, [one.annotation for one in resolved])
    return ReviewedRun(
        card=found.card,
        relative=member.place.relative,
        annotations=resolved,
        judged=found.judged,
        committed=reviewing.committed(*of_run),
        changes=reviewing.changes(*of_run),
        removed=reviewing.removed(
            member.place, member.brief.id, {one.annotation.id for one in resolved}
        ),
    )


def _cards_of(job: Job, plan: SitePlan, members: list[Member]) -> list[RunCard]:
    """The cards of *members*, those that are kept decoded."""
    cards = []
    for one in members:
        card = one.built.card if one.built else _kept_card(job, one)
        if card is None:  # what was kept is lost
            names = {member.brief.experiment for member in members}
            built = _all_built(job, plan, tuple(members), names, {}, {})
            return [member.built.card for member in built if member.built]
        cards.append(card)
    return cards


def _kept_card(job: Job, member: Member) -> RunCard | None:
    record = job.last.record(member.place.real_path)
    if record is None or record.run_key != member.run_key:
        return None
    try:
        return msgspec.msgpack.decode(record.card, type=RunCard)
    except msgspec.MsgspecError:
        return None


def _with_changed(
    job: Job,
    plan: SitePlan,
    members: tuple[Member, ...],
    specs: Mapping[str, ExperimentSpec],
    last: Mapping[str, ExperimentState],
    reasons: dict[str, str],
    lost: Lost,
) -> tuple[tuple[Member, ...], dict[str, str]]:
    """The runs, all of an experiment made if any of its facts changed; and the facts' keys."""
    while True:
        keys = {
            name: digest_of(job.theme_key, specs.get(name), [one.run_key for one in group])
            for name, group in _groups(members).items()
        }
        changed = _changed(keys, last)
        if not any(one.kept and one.brief.experiment in changed for one in members):
            return members, keys
        members = _all_built(job, plan, members, changed, reasons, lost)


def _changed(facts_keys: Mapping[str, str], last: Mapping[str, ExperimentState]) -> set[str]:
    """Names of the experiments of which the index or the report may say something else."""
    return {
        name for name, key in facts_keys.items() if name not in last or last[name].facts_key != key
    }


def _groups(members: Iterable[Member]) -> dict[str, list[Member]]:
    groups: dict[str, list[Member]] = {}
    for one in members:
        groups.setdefault(one.brief.experiment, []).append(one)
    return groups


def _all_built(
    job: Job,
    plan: SitePlan,
    members: tuple[Member, ...],
    names: set[str],
    reasons: dict[str, str],
    lost: Lost,
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
    runs, why = derive_runs(job, list(plans.values()), plan.shared, lost)
    reasons |= why
    by_path = dict(zip(plans, runs, strict=True))
    return tuple(
        _built(one.place, by_path[one.place.real_path]) if one.place.real_path in by_path else one
        for one in members
    )


def _experiments(
    members: Iterable[Member], names: set[str], specs: Mapping[str, ExperimentSpec]
) -> tuple[Experiment, ...]:
    cards = [one.built.card.card for one in members if one.built and one.brief.experiment in names]
    return derive_experiments(cards, specs)


def _kept(place: Place, run: RunState) -> Member:
    return Member(place=place, brief=run.brief, run_key=run.run_key, kept=run, built=None)


def _built(place: Place, run: BuiltRun) -> Member:
    brief = brief_of(run.card.card)
    return Member(place=place, brief=brief, run_key=run.run_key, kept=None, built=run)
