"""Which runs and experiments of a build differ from the last one: only these are made.

Floor 6. A run whose bundle is as it was stays a line of the last build's state, and of an
experiment without changes not even its lines are decoded, if what changed is settled. The pages of
an experiment, and what the index and the report say of it, depend on its runs' keys, its
experiment.toml and a few facts about related runs; where all of that is as it was, no card of it
is decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from sitegen.build.cache.keys import digest_of
from sitegen.build.last_build.making import (
    Lost,
    Making,
    Member,
    all_built,
    changed_names,
    experiments_of,
    grouped,
    kept,
    made,
    with_changed,
)
from sitegen.build.last_build.settled import Settled
from sitegen.build.last_build.state import ExperimentState, LastBuild, RunState
from sitegen.build.plan import SitePlan
from sitegen.build.steps.derive import derive_runs
from sitegen.build.workers.job import BuiltRun, Job
from sitegen.derive.briefs import RunBrief
from sitegen.derive.experiment import Experiment
from sitegen.pages.run.surroundings import Relations, relations_of
from sitegen.read.experiments import ExperimentSpec
from sitegen.records import dataclass
from sitegen.units import year_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """All runs of a build, and what of it has to be made."""

    members: tuple[Member, ...]
    """Runs in order of (argument, path) but for those of experiments that are *unseen*."""
    unseen: Mapping[str, ExperimentState]
    """Experiments by name of which nothing was looked at, since nothing of them changed."""
    every: Callable[[], tuple[Member, ...]]
    """All runs, those that are unseen decoded."""
    experiments: tuple[Experiment, ...]
    """Experiments of which anything changed, with all their cards."""
    facts_keys: Mapping[str, str]
    """Digest of what the index and the report say of each experiment, by its name."""
    pages_keys: Mapping[str, str]
    """Digest of what its pages depend on."""
    lineage_key: str
    """Digest of the runs that name a data set, a model or a parent."""
    reviews_key: str
    """Digest of the runs that anybody said anything of."""
    parents: frozenset[str]
    """Ids that runs name as their parent."""
    relations: Relations
    """Relations between all runs, or those that *members* have if others have none to them."""
    latest_year: int | None
    """The latest year of the site."""
    reasons: Mapping[str, str]
    """Why runs were derived, by id."""

    def built(self) -> list[BuiltRun]:
        """The runs of the experiments that changed."""
        changed = {one.name for one in self.experiments}
        return [one.built for one in self.members if one.built and one.brief.experiment in changed]

    def run_counts(self) -> dict[str, int]:
        """Number of runs of each experiment by its name."""
        groups = grouped(self.members)
        return {
            name: len(groups[name]) if name in groups else self.unseen[name].run_count
            for name in self.names()
        }

    def names(self) -> list[str]:
        """Names of all experiments, sorted."""
        return sorted(self.facts_keys)


def make_members(
    job: Job,
    plan: SitePlan,
    specs: Mapping[str, ExperimentSpec],
    last: Mapping[str, ExperimentState],
    lost: Lost,
    settled: Settled | None,
) -> Membership:
    """Derive what changed, and what is needed beside it.

    *last* are the experiments of the last build of which all files lie in the site; parts given up
    already are in *lost*, by run id. If the rest is *settled*, *plan* holds only what changed.
    """
    fresh, reasons = derive_runs(job, plan.fresh, plan.shared, lost)
    making = Making(job=job, shared=plan.shared, specs=specs, last=last, lost=lost, reasons=reasons)
    by_id = {run.plan.run_id: run for run in fresh}
    if settled is None:
        members = tuple(
            kept(place, run, order)
            if isinstance(run, RunState)
            else made(place, by_id[run.run_id], order)
            for order, (place, run) in enumerate(zip(plan.places, plan.runs, strict=True))
        )
        return _membership(making, members, {}, tuple, ())
    changed = {
        order: made(place, by_id[run.run_id], order)
        for order, place, run in zip(settled.changed, plan.places, plan.fresh, strict=True)
    }
    before = [job.last.run_at(order).brief for order in changed]
    names = {one.experiment for one in (*before, *(one.brief for one in changed.values()))}
    few = _ordered(changed.values(), _kept_runs(job.last, settled, changed, names & last.keys()))
    before += [one.brief for one in few]
    unseen = {name: one for name, one in last.items() if name not in names}

    def rest() -> Iterable[Member]:
        return _kept_runs(job.last, settled, {}, unseen)

    if _are_alone(job, before):
        found = _membership(making, few, unseen, rest, before)
        is_apart = not any(one.brief.experiment in unseen for one in found.members)
        if is_apart and found.latest_year == job.last.state.latest_year:
            return found
    return _membership(making, _ordered(few, rest()), {}, tuple, ())


def _kept_runs(
    last: LastBuild, settled: Settled, changed: Collection[int], names: Iterable[str]
) -> Iterator[Member]:
    """The runs of the experiments *names* but those that *changed*."""
    for name in names:
        for order, run in zip(last.orders_of(name), last.runs_of(name), strict=True):
            if order not in changed:
                yield kept(settled.place(run.real_path), run, order)


def _ordered(*members: Iterable[Member]) -> tuple[Member, ...]:
    return tuple(sorted((one for some in members for one in some), key=lambda one: one.order))


def _are_alone(job: Job, briefs: Iterable[RunBrief]) -> bool:
    """Whether no page of another experiment can say anything of these runs."""
    state = job.last.state
    return state.theme_key == job.theme_key and not any(
        one.parent or one.datasets or one.models or one.id in state.parents for one in briefs
    )


def _membership(
    making: Making,
    members: tuple[Member, ...],
    unseen: Mapping[str, ExperimentState],
    rest: Callable[[], Iterable[Member]],
    before: Collection[RunBrief],
) -> Membership:
    """The runs of a site: *members*, and those of the experiments *unseen*, which *rest* gives.

    *before* are *members* in the last build, and now; asked for if there are others.
    """
    job, last, specs = making.job, making.last, making.specs
    members, facts_keys = with_changed(making, members)
    changed = changed_names(facts_keys, last)
    experiments = experiments_of(members, changed, specs)
    activities = [one.activity_ns for one in experiments]
    activities += [last[name].activity_ns for name in facts_keys if name not in changed]
    activities += [one.activity_ns for one in unseen.values()]
    latest_year = year_of(max((one or 0 for one in activities), default=0))
    relations = relations_of(one.brief for one in members)
    pages_keys = {
        name: digest_of(
            job.theme_key, facts_keys[name], latest_year,
            relations.around(one.brief for one in group),
            [_base_key(job, one) for one in group] if job.reviewing.base else None,
        )
        for name, group in grouped(members).items()
    }  # fmt: skip
    others = {
        name
        for name, key in pages_keys.items()
        if name not in changed and last[name].pages_key != key
    }
    members = all_built(making, members, others)

    def every() -> tuple[Member, ...]:
        return _ordered(members, rest()) if unseen else members

    keys = _front_keys(job, every, before if unseen else None)
    return Membership(
        members=members,
        unseen=unseen,
        every=every,
        experiments=(*experiments, *experiments_of(members, others, specs)),
        facts_keys={**facts_keys, **{name: one.facts_key for name, one in unseen.items()}},
        pages_keys=pages_keys,
        lineage_key=keys[0],
        reviews_key=keys[1],
        parents=frozenset(one.brief.parent for one in members if one.brief.parent)
        | (job.last.state.parents if unseen else frozenset()),
        relations=relations,
        latest_year=latest_year,
        reasons=making.reasons,
    )


def _base_key(job: Job, one: Member) -> str:
    has_annotations = one.brief.has_annotations
    return job.reviewing.key(one.place, one.brief.id, has_annotations=has_annotations)


def _front_keys(
    job: Job, every: Callable[[], tuple[Member, ...]], before: Collection[RunBrief] | None
) -> tuple[str, str]:
    """Digests of the runs with lineage and of those with annotations, now or in the base: the last
    ones if none of what changed has or had any, as *before* tells.
    """
    last = job.last.state
    lineage, reviews = last.lineage_key, last.reviews_key
    if before is None or any(one.has_lineage for one in before):
        lineage = digest_of(
            sorted((one.brief.id, one.run_key) for one in every() if one.brief.has_lineage)
        )
    if before is None or any(one.has_annotations for one in before):
        reviews = digest_of(
            sorted(
                (one.brief.id, one.run_key)
                for one in every()
                if one.brief.has_annotations or job.reviewing.has_before(one.place, one.brief.id)
            )
        )
    return lineage, reviews
