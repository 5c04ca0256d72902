"""What a build leaves for the next one, and which files its site is made of. Floor 6."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sitegen.build.cache.entries import Cache, directory_key
from sitegen.build.cache.keys import digest_of, known_key
from sitegen.build.cache.retention import drop_unused, is_due
from sitegen.build.data_files.columns import schema_file
from sitegen.build.data_files.compared import compared_part
from sitegen.build.data_files.reports import report_part
from sitegen.build.last_build.known import Known, sidecars_digest
from sitegen.build.last_build.members import Member, Membership
from sitegen.build.last_build.state import (
    RECORDS,
    STATE_FORMAT,
    BuildState,
    ExperimentState,
    RunCard,
    RunRecord,
    RunState,
    write_records,
    write_state,
)
from sitegen.build.output.output_file import OutputFile
from sitegen.build.steps.run_tasks import encoded
from sitegen.build.workers.job import BuiltRun, Job
from sitegen.bundle.paths import slug
from sitegen.errors import Problem
from sitegen.pages.site.index import index_entry

Pages = Mapping[str, tuple[str, dict[str, OutputFile]]]
"""Key and files of runs' pages by run id."""
Others = Mapping[str, dict[str, tuple[str, OutputFile]]]
"""Key and file of experiments' pages by experiment and path."""


def experiment_states(job: Job, made: Membership, others: Others) -> dict[str, ExperimentState]:
    """Every experiment as the next build will want to know it, by name."""
    last = job.last.state.experiments
    changed = {
        one.name: ExperimentState(
            facts_key=made.facts_keys[one.name],
            pages_key=made.pages_keys[one.name],
            records=digest_of(directory_key(job.place.output), one.name),
            pages=others[one.name],
            activity_ns=one.activity_ns,
            index=_raw(index_entry(one)),
            report=_raw(report_part(one)),
            compared=_raw(compared_part(one, schema_file(one.name, others[one.name]))),
        )
        for one in made.experiments
    }
    return {name: changed[name] if name in changed else last[name] for name in made.names()}


def site_files(
    job: Job,
    known: Known,
    made: Membership,
    runs: Sequence[BuiltRun],
    pages: Pages,
    others: Others,
) -> dict[str, OutputFile]:
    """Every file of the new site but index, report and assets, by path."""
    files = dict(known.files)
    last, changed = job.last.state, {one.name for one in made.experiments}
    for name, one in last.experiments.items():
        if files and (name in changed or name not in made.facts_keys):
            _drop(files, job.last.records_of(name).values(), one.pages)
    for path in (*last.pages, *last.assets):
        files.pop(path, None)
    for found in others.values():
        files |= {path: file for path, (_, file) in found.items()}
    for run in runs:
        files |= run.outputs
        files |= pages[run.plan.run_id][1]
    return files


def _drop(files: dict[str, OutputFile], records: Iterable[RunRecord], pages: Iterable[str]) -> None:
    for path in pages:
        files.pop(path, None)
    for record in records:
        for path in (*record.outputs, *record.pages):
            files.pop(path, None)


def remember(
    job: Job,
    made: Membership,
    pages: Pages,
    experiments: dict[str, ExperimentState],
    front: dict[str, tuple[str, OutputFile]],
    assets: dict[str, OutputFile],
    scanned_ns: int,
) -> None:
    """Keep the state of this build, and drop what no recent build used."""
    cache, output, last = Cache(job.place.cache), job.place.output, job.last.state
    for one in made.experiments:
        group = [member for member in made.members if member.brief.experiment == one.name]
        write_records(cache, experiments[one.name].records, _records(group, pages))
    for name in last.experiments.keys() - experiments.keys():
        cache.remove(RECORDS, last.experiments[name].records)
    state = BuildState(
        format=STATE_FORMAT,
        number=last.number + 1,
        scanned_ns=scanned_ns,
        base=known_key(job.place.base, job.place.prices),
        runs=[_run_state(job, one) for one in made.members if _is_kept(one)],
        experiments=experiments,
        pages=front,
        assets=assets,
    )
    write_state(cache, output, state)
    if is_due(state.number):
        drop_unused(cache, output, (key for one in made.members for key in _used(job, one)))


def _used(job: Job, member: Member) -> tuple[str, ...]:
    """Keys of the cached parts that the run is made from."""
    if member.built is not None:
        return member.built.card.used
    record = job.last.record(member.place.real_path)
    return msgspec.msgpack.decode(record.card, type=RunCard).used if record else ()


def _records(members: Iterable[Member], pages: Pages) -> dict[str, RunRecord]:
    found = {}
    for one in members:
        run = one.built
        if run is None or not _is_text(one.place.real_path):
            continue
        key, files = pages[run.plan.run_id]
        found[one.place.real_path] = RunRecord(
            wanted_id=run.plan.wanted_id,
            run_id=run.plan.run_id,
            run_key=run.run_key,
            page_key=key,
            inputs=run.inputs,
            outputs=run.outputs,
            pages=files,
            card=encoded(run.card),
        )
    return found


def _run_state(job: Job, member: Member) -> RunState:
    if member.kept is not None:
        return member.kept
    assert member.built is not None
    run, plan = member.built, member.built.plan
    return RunState(
        real_path=member.place.real_path,
        wanted_id=plan.wanted_id,
        wanted_slug=slug(plan.wanted_id),
        slug=slug(plan.run_id),
        home=plan.experiment,
        duplicate_of=plan.duplicate_of,
        is_shared=run.is_shared,
        run_key=run.run_key,
        sidecars=sidecars_digest(job.place.annotations_dir, plan.run_id),
        brief=member.brief,
        has_problems=bool(run.card.problems),
        problems=_raw(run.card.problems),
    )


def problems_of(member: Member) -> tuple[Problem, ...]:
    """All problems of a run."""
    if member.built is not None:
        return member.built.card.problems
    assert member.kept is not None
    if not member.kept.has_problems:
        return ()
    return msgspec.msgpack.decode(member.kept.problems, type=tuple[Problem, ...])


def _is_kept(member: Member) -> bool:
    """Whether the next build may take the run as it is: none of its parts was given up."""
    return _is_text(member.place.real_path) and not (member.built and member.built.lost)


def _is_text(path: str) -> bool:
    """Whether *path* is UTF-8; of others nothing is remembered."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(value))
