"""Runs that pages of the whole site are about, their cards decoded. Floor 6."""

from __future__ import annotations

import msgspec

from sitegen.build.cache.kept_annotations import as_resolved
from sitegen.build.last_build.making import Making, Member, all_built
from sitegen.build.last_build.members import Membership
from sitegen.build.last_build.state import RunCard
from sitegen.build.plan import SitePlan
from sitegen.build.reviewing import Reviewing
from sitegen.build.workers.job import Job
from sitegen.derive.card import Card
from sitegen.derive.reviews import ReviewedRun


def lineage_cards(job: Job, plan: SitePlan, made: Membership) -> list[Card]:
    """Cards of the runs that name a data set, a model or a parent."""
    members = [one for one in made.every() if one.brief.has_lineage]
    return [run_card.card for run_card in _cards_of(job, plan, members)]


def reviewed_runs(
    job: Job, plan: SitePlan, made: Membership, reviewing: Reviewing
) -> list[ReviewedRun]:
    """What people say of each run that anybody says anything of, or said in the base."""
    members = [
        one
        for one in made.every()
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
            making = Making(job=job, shared=plan.shared, specs={}, last={}, lost={}, reasons={})
            built = all_built(making, tuple(members), names)
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
