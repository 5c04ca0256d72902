"""The first step of a build: every run's card, kept where nothing of it changed. Floor 6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from sitegen.build.cache.keys import run_key
from sitegen.build.last_build.inputs import file_count, known_inputs, reasons
from sitegen.build.last_build.state import RunCard, RunRecord
from sitegen.build.output.store import (
    has_files,
)
from sitegen.build.parts import sidecar_digests
from sitegen.build.plan import RunPlan
from sitegen.build.steps.parts import derive_cards
from sitegen.build.steps.run_tasks import (
    DerivedCard,
    DeriveTask,
)
from sitegen.build.workers.job import BuiltRun, Job
from sitegen.read.bundle import Group


def derive_runs(
    job: Job,
    plans: Sequence[RunPlan],
    shared: frozenset[str],
    lost: Mapping[str, Mapping[Group, str]],
) -> tuple[list[BuiltRun], dict[str, str]]:
    """Every run of the build in the order of *plans*, and why those that changed were derived.

    Ids in *shared* belong to several bundles. Parts given up already are in *lost*, by run id.
    """
    kept: dict[str, BuiltRun] = {}
    tasks = []
    for plan in plans:
        seen = job.last.record(plan.bundle.real_path)
        known = known_inputs(plan.bundle, seen, job.last.scanned_ns)
        task = DeriveTask(
            place=job.place,
            plan=plan,
            known=known,
            is_shared=plan.run_id in shared,
            present=seen.outputs if seen else {},
            lost=lost.get(plan.run_id, {}),
        )
        run = _kept(job, task, seen)
        if run is None:
            tasks.append(task)
        else:
            kept[plan.run_id] = run
    job.progress.stage("Reading runs", len(tasks))
    results = derive_cards(job, tasks)
    derived = {
        task.plan.run_id: _run(task, result) for task, result in zip(tasks, results, strict=True)
    }
    why = {}
    for run_id, run in derived.items():
        before = job.last.record(run.plan.bundle.real_path)
        if before is None or before.run_key != run.run_key:  # else only hashed again
            why[run_id] = reasons(before, run.inputs)
    return [kept.get(plan.run_id) or derived[plan.run_id] for plan in plans], why


def _kept(job: Job, task: DeriveTask, before: RunRecord | None) -> BuiltRun | None:
    """The run as it was, if none of its files changed and all it put into the site is there."""
    plan = task.plan
    if task.lost or before is None or not task.known or len(task.known) != file_count(plan.bundle):
        return None
    digests = {path: file.sha256 for path, file in task.known.items()}
    sidecars = sidecar_digests(job.place.annotations_dir, plan.run_id)
    key = run_key(
        job.place.base, plan, digests, sidecars, is_shared=task.is_shared, prices=job.place.prices
    )
    if key != before.run_key or len(task.known) != len(before.inputs):
        return None
    if not has_files(job.place.output, before.outputs):
        return None
    try:
        card = msgspec.msgpack.decode(before.card, type=RunCard)
    except msgspec.MsgspecError:
        return None
    return BuiltRun(
        plan=plan,
        run_key=key,
        card=card,
        encoded=bytes(before.card),
        facts=None,
        inputs=task.known,
        outputs=before.outputs,
        is_shared=task.is_shared,
        lost={},
    )


def _run(task: DeriveTask, derived: DerivedCard) -> BuiltRun:
    return BuiltRun(
        plan=task.plan,
        run_key=derived.run_key,
        card=msgspec.msgpack.decode(derived.card, type=RunCard),
        encoded=derived.card,
        facts=derived.facts,
        inputs=derived.inputs,
        outputs=derived.outputs,
        is_shared=task.is_shared,
        lost=derived.lost,
    )
