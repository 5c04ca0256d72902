"""Which runs a site is of: those that meet the condition of `--select`.

Floor 6. A condition on run.json alone is answered by reading that file of each run; any other one
needs what a card says, so all runs are derived, by the workers and with the cache. Cards are kept
by the stats of their files, so that runs that are left out cost nothing while they do not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sitegen.build.cache.entries import Cache, directory_key
from sitegen.build.cache.keys import digest_of
from sitegen.build.last_build.inputs import is_racy
from sitegen.build.last_build.state import RunCard
from sitegen.build.output.measure import MeasuringSink
from sitegen.build.parts import GROUPS, derive_run, sidecar_digests
from sitegen.build.plan import RunPlan, shared_ids
from sitegen.build.steps.parts import derive_cards
from sitegen.build.steps.run_tasks import DeriveTask
from sitegen.build.workers.job import Job
from sitegen.bundle.conditions import (
    Condition,
    condition_holds,
    condition_names,
    lookup_in,
    nearest_name,
)
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.derive.card import Card, derive_card
from sitegen.derive.experiment import derive_experiments
from sitegen.errors import NothingBuiltError
from sitegen.pages.experiment.run_fields import is_of_manifest, run_fields
from sitegen.read.bundle import Group
from sitegen.read.experiments import ExperimentSpec
from sitegen.records import dataclass

KIND = "selected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The runs of a site, and what is known of all others."""

    plans: tuple[RunPlan, ...]
    """Those selected, in order."""
    left_out: int
    """How many are not."""
    experiments: frozenset[str]
    """Names of the experiments of all runs."""


def everything(plans: Sequence[RunPlan]) -> Selection:
    """All runs."""
    return Selection(plans=tuple(plans), left_out=0, experiments=frozenset())


def select_runs(
    job: Job,
    plans: Sequence[RunPlan],
    specs: Mapping[str, ExperimentSpec],
    condition: Condition,
    scanned_ns: int,
) -> Selection:
    """The runs of *plans* that meet *condition*.

    Raises:
        NothingBuiltError: if none does.
    """
    is_light = needs_manifest_only(condition)
    groups: tuple[Group, ...] = ("manifest",) if is_light else ("manifest", *GROUPS)
    memo = _Memo(job, groups, scanned_ns)
    card_by_id = {plan.run_id: card for plan in plans if (card := memo.get(plan))}
    missing = [plan for plan in plans if plan.run_id not in card_by_id]
    for plan, derived in zip(missing, _derived(job, plans, missing, is_light), strict=True):
        card_by_id[plan.run_id] = derived.card
        if not derived.lost:
            memo.put(plan, derived.card)
    chosen = chosen_ids(condition, card_by_id.values(), specs)
    memo.keep(plans)
    return Selection(
        plans=tuple(plan for plan in plans if plan.run_id in chosen),
        left_out=len(plans) - len(chosen),
        experiments=frozenset(card.experiment for card in card_by_id.values()),
    )


def needs_manifest_only(condition: Condition) -> bool:
    """Whether run.json alone tells if a run meets *condition*."""
    return all(is_of_manifest(name) for name, _ in condition_names(condition))


def chosen_ids(
    condition: Condition, cards: Iterable[Card], specs: Mapping[str, ExperimentSpec]
) -> frozenset[str]:
    """Ids of the runs that meet *condition*, as the run tables of all runs would filter them.

    Raises:
        NothingBuiltError: if none does.
    """
    known: set[str] = set()
    chosen = set()
    for experiment in derive_experiments(cards, specs):
        for card in experiment.cards:
            fields = run_fields(card, experiment.objective)
            known |= fields.keys()
            if condition_holds(condition, lookup_in(fields)):
                chosen.add(card.id)
    if not chosen:
        unknown = [name for name, _ in condition_names(condition) if name not in known]
        raise NothingBuiltError(
            "no run meets the condition of --select", hint=_hint(unknown, known)
        )
    return frozenset(chosen)


def _hint(unknown: Sequence[str], known: Iterable[str]) -> str:
    if not unknown:
        return "Without --select all runs are shown."
    near = nearest_name(unknown[0], sorted(known))
    said = f"No run has {unknown[0]}."
    return f"{said} Did you mean {near}?" if near else said


def light_card(plan: RunPlan, limits: Limits) -> Card:
    """The run's card as far as run.json tells it; nothing else is opened."""
    run = derive_run(
        plan,
        limits,
        MeasuringSink(slug(plan.run_id), plan.bundle.root),
        annotations_dir=None,
        is_shared=True,
        digest_by_path={"run.json": "-"},
        lost=dict.fromkeys(GROUPS, ""),
    )
    return derive_card(run.facts, run.annotations.counts, is_readable=run.is_readable)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """A card, and whether all of its run could be read."""

    card: Card
    """The card."""
    lost: Mapping[Group, str]
    """What became of the process that read a part, by part."""


def _derived(
    job: Job, plans: Sequence[RunPlan], missing: Sequence[RunPlan], is_light: bool
) -> list[_Derived]:
    """The cards of *missing*; what they put into the staged site, the build takes or removes."""
    job.progress.stage("Reading runs", len(missing))
    if is_light:
        return [_Derived(card=light_card(plan, job.place.limits), lost={}) for plan in missing]
    shared = shared_ids(plans)
    tasks = [
        DeriveTask(
            place=job.place, plan=plan, known={}, is_shared=plan.run_id in shared, present={},
            lost={},
        )
        for plan in missing
    ]  # fmt: skip
    return [
        _Derived(card=msgspec.msgpack.decode(one.card, type=RunCard).card, lost=one.lost)
        for one in derive_cards(job, tasks)
    ]


class _Memo:
    """Cards of the runs of one output, by the stats of the files that they come from."""

    def __init__(self, job: Job, groups: tuple[Group, ...], scanned_ns: int) -> None:
        self._place = job.place
        self._groups = groups
        self._scanned_ns = scanned_ns
        self._cache = Cache(job.place.cache)
        self._key = directory_key(job.place.output)
        self._cards = self._read()
        self._is_new = False

    def get(self, plan: RunPlan) -> Card | None:
        """The card, None if it has to be made."""
        raw = self._cards.get(self._key_of(plan))
        try:
            return msgspec.msgpack.decode(raw, type=Card) if raw is not None else None
        except msgspec.MsgspecError:
            return None

    def put(self, plan: RunPlan, card: Card) -> None:
        """Remember *card*, unless a file is so young that its stat proves nothing."""
        files = [file for group in self._groups for file in plan.bundle.files.get(group, ())]
        if not any(is_racy(file, self._scanned_ns) for file in files):
            self._cards[self._key_of(plan)] = msgspec.Raw(msgspec.msgpack.encode(card))
            self._is_new = True

    def keep(self, plans: Sequence[RunPlan]) -> None:
        """Write what is remembered of *plans*."""
        if self._is_new:
            keys = {self._key_of(plan) for plan in plans}
            cards = {key: raw for key, raw in self._cards.items() if key in keys}
            self._cache.put(KIND, self._key, msgspec.msgpack.encode(cards))

    def _read(self) -> dict[str, msgspec.Raw]:
        content = self._cache.get(KIND, self._key)
        try:
            return msgspec.msgpack.decode(content, type=dict[str, msgspec.Raw]) if content else {}
        except msgspec.MsgspecError:
            return {}

    def _key_of(self, plan: RunPlan) -> str:
        files = {group: plan.bundle.files.get(group, ()) for group in self._groups}
        sidecars = (
            sidecar_digests(self._place.annotations_dir, plan.run_id)
            if "annotations" in files
            else {}
        )
        return digest_of(
            self._place.base, self._place.prices, plan.bundle.real_path, plan.run_id,
            plan.experiment, plan.duplicate_of, files, sidecars,
        )  # fmt: skip
