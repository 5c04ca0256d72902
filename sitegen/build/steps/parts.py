"""Runs derived by the workers: large parts are tasks of their own, what is left of a run is one.

Floor 6. A task whose process died twice costs a part, not the run: of a run that was lost as a
whole, each part is tried by itself in a process of its own, and given up if that one dies, too.
What was given up is never kept: the run has another key then, so that the next build tries again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sitegen.build.parts import GROUPS, bundle_bytes
from sitegen.build.steps.run_tasks import (
    DerivedCard,
    DerivedPart,
    DeriveTask,
    PartTask,
    SharesTask,
    derive_card_of,
    derive_part_of,
    derive_shares_of,
)
from sitegen.build.workers.job import Job, map_tasks
from sitegen.build.workers.pool import Lost, TaskError, default_workers
from sitegen.build.workers.workload import large_parts, part_bytes, trace_shares
from sitegen.read.bundle import PARTS, Group, Part


def derive_cards(job: Job, tasks: Sequence[DeriveTask]) -> list[DerivedCard]:
    """The card of each run, in the order of *tasks*."""
    is_apart = job.workers != 1
    parts = [
        one
        for task in tasks
        if is_apart
        for part in large_parts(task.plan)
        if part not in task.lost
        for one in _part_tasks(task, part, job.workers or default_workers())
    ]
    split = {task.plan.run_id for task in parts}
    whole = [task for task in tasks if task.plan.run_id not in split]
    first: list[PartTask | SharesTask | DeriveTask] = [*parts, *whole]
    found = map_tasks(job, _derive, first, _size)
    known = {task.plan.run_id: task for task in tasks}
    cards: dict[str, DerivedCard | Lost] = {}
    for task, result in zip(first, found, strict=True):
        if not isinstance(task, DeriveTask):
            known[task.plan.run_id] = _with_part(known[task.plan.run_id], task, result)
        elif not isinstance(result, DerivedPart):
            cards[task.plan.run_id] = result
    rest = [known[run_id] for run_id in known if run_id in split]
    for task, card in zip(rest, map_tasks(job, derive_card_of, rest, _size), strict=True):
        cards[task.plan.run_id] = card
    return [
        _settled(job, known[run_id], card) if isinstance(card, Lost) else card
        for run_id in known
        for card in [cards[run_id]]
    ]


def _part_tasks(task: DeriveTask, part: Part, workers: int) -> list[PartTask | SharesTask]:
    """The tasks of a large part: one, or for large traces as many as there are workers."""
    if part == "traces":
        shares = trace_shares(task.plan, workers)
        if shares:
            return [SharesTask(run=task, wanted=wanted) for wanted in shares]
    return [PartTask(run=task, part=part)]


def _derive(task: PartTask | SharesTask | DeriveTask) -> DerivedPart | DerivedCard:
    match task:
        case PartTask():
            return derive_part_of(task)
        case SharesTask():
            return derive_shares_of(task)
        case DeriveTask():
            return derive_card_of(task)


def _size(task: PartTask | SharesTask | DeriveTask) -> int:
    if isinstance(task, DeriveTask):
        return bundle_bytes(task.plan.bundle)
    return part_bytes(task.plan, task.part)


def _with_part(
    task: DeriveTask, done: PartTask | SharesTask, result: DerivedPart | DerivedCard | Lost
) -> DeriveTask:
    """*task* when one of its parts is done or was given up."""
    match result:
        case DerivedPart():
            return replace(
                task, known=task.known | result.inputs, present=task.present | result.outputs
            )
        case Lost():
            return replace(task, lost={**task.lost, done.part: result.reason})
        case _:
            raise AssertionError("a part's result is no card")


def _settled(job: Job, task: DeriveTask, lost: Lost) -> DerivedCard:
    """The card of a run whose process died twice, without the parts that make it die."""
    parts = [PartTask(run=task, part=part) for part in PARTS[1:] if part not in task.lost]
    for part, result in zip(parts, map_tasks(job, derive_part_of, parts, _size), strict=True):
        task = _with_part(task, part, result)
    everything: Mapping[Group, str] = dict.fromkeys(GROUPS, lost.reason)
    for given_up in (task.lost, {**everything, **task.lost}):
        last = replace(task, lost=given_up)
        [card] = map_tasks(job, derive_card_of, [last], _size)
        if not isinstance(card, Lost):
            return card
    raise TaskError(f"the process that read {task.plan.bundle.shown_path} {lost.reason}, twice")
