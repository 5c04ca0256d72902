"""What a build leaves for the next one, and which files its site is made of. Floor 6."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from sitegen.build.cache.entries import Cache, directory_key
from sitegen.build.cache.keys import digest_of, known_key
from sitegen.build.cache.retention import drop_unused, is_due
from sitegen.build.data_files.columns import schema_file
from sitegen.build.data_files.compared import compared_part
from sitegen.build.data_files.reports import report_part
from sitegen.build.last_build.known import Known, sidecars_digest
from sitegen.build.last_build.making import Member, grouped
from sitegen.build.last_build.members import Membership
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
from sitegen.build.output.site_files import LastFiles, SiteFiles
from sitegen.build.workers.job import BuiltRun, Job
from sitegen.bundle.paths import slug
from sitegen.pages.links import run_prefixes
from sitegen.pages.site.index import index_entry
from sitegen.read.bundle import ExperimentPath
from sitegen.render.theme import ASSETS

Pages = Mapping[str, tuple[str, dict[str, OutputFile]]]
"""Key and files of runs' pages by run id."""
Others = Mapping[str, dict[str, tuple[str, OutputFile]]]
"""Key and file of experiments' pages by experiment and path."""


def experiment_states(job: Job, made: Membership, others: Others) -> dict[str, ExperimentState]:
    """Every experiment as the next build will want to know it, by name."""
    groups = grouped(made.members)
    changed = {
        one.name: ExperimentState(
            facts_key=made.facts_keys[one.name],
            pages_key=made.pages_keys[one.name],
            records=digest_of(directory_key(job.place.output), one.name),
            pages=others[one.name],
            assets=_shared_assets(made, one.name),
            activity_ns=one.activity_ns,
            run_count=len(groups[one.name]),
            has_problems=any(run.built.card.problems for run in groups[one.name] if run.built),
            runs=_runs(job, groups[one.name]),
            index=msgspec.msgpack.encode(index_entry(one)),
            report=msgspec.msgpack.encode(report_part(one)),
            compared=msgspec.msgpack.encode(
                compared_part(one, schema_file(one.name, others[one.name]))
            ),
        )
        for one in made.experiments
    }
    return {
        name: changed.get(name) or _again(job, name, groups.get(name, ())) for name in made.names()
    }


def _again(job: Job, name: str, members: Sequence[Member]) -> ExperimentState:
    """An experiment of which all facts are as they were; its bundles may lie elsewhere."""
    last = job.last.state.experiments[name]
    if all(one.kept for one in members):
        return last
    return msgspec.structs.replace(last, runs=_runs(job, members))


def _runs(job: Job, members: Iterable[Member]) -> bytes:
    return msgspec.msgpack.encode([_run_state(job, one) for one in members if _is_kept(one)])


def site_files(
    job: Job,
    known: Known,
    made: Membership,
    runs: Sequence[BuiltRun],
    pages: Pages,
    others: Others,
    front: Mapping[str, OutputFile],
) -> SiteFiles:
    """The files of the new site; *front* are those that belong to no experiment."""
    last, changed = job.last.state, {one.name for one in made.experiments}
    kept = {
        name: one
        for name, one in last.experiments.items()
        if name in made.facts_keys and name not in changed
    }
    after = {path: file for one in kept.values() for path, file in one.assets.items()}
    for found in others.values():
        after |= {path: file for path, (_, file) in found.items()}
    for run in runs:
        after |= run.outputs
        after |= pages[run.plan.run_id][1]
    before: dict[str, OutputFile] = {}
    if known.files is not None:
        before = {path: file for path, (_, file) in last.pages.items()} | last.assets
        for name, one in last.experiments.items():
            before |= one.assets if name in kept else _files_of(job, known.files, name)
    return SiteFiles(last=known.files, before=before, after={**after, **front})


def _files_of(job: Job, files: LastFiles, name: str) -> dict[str, OutputFile]:
    """All files of the last build that belong to the experiment *name*."""
    experiment, records = job.last.state.experiments[name], job.last.records_of(name)
    found = {path: file for path, (_, file) in experiment.pages.items()} | experiment.assets
    for record in records.values():
        found |= record.outputs
        found |= record.pages
    for run in job.last.runs_of(name):
        if run.real_path not in records:  # its record is lost
            for prefix in run_prefixes(run.slug):
                found |= files.manifest.below(prefix)
    return found


def _shared_assets(made: Membership, experiment: str) -> dict[str, OutputFile]:
    """Assets that runs of *experiment* asked for, which those of others may load as well."""
    return {
        path: file
        for one in made.members
        if one.built and one.brief.experiment == experiment
        for path, file in one.built.outputs.items()
        if path.startswith(f"{ASSETS}/")
    }


def remember(
    job: Job,
    made: Membership,
    pages: Pages,
    experiments: dict[str, ExperimentState],
    front: dict[str, tuple[str, OutputFile]],
    assets: dict[str, OutputFile],
    *,
    size_bytes: int,
    scanned_ns: int,
    asked: str,
    experiment_files: Iterable[ExperimentPath],
) -> None:
    """Keep the state of this build, which is an answer to what was *asked* (empty if it is of some
    runs only), and drop what no recent build used.
    """
    cache, output, last = Cache(job.place.cache), job.place.output, job.last.state
    groups = grouped(made.members)
    for one in made.experiments:
        write_records(cache, experiments[one.name].records, _records(groups[one.name], pages))
    for name in last.experiments.keys() - experiments.keys():
        cache.remove(RECORDS, last.experiments[name].records)
    state = BuildState(
        format=STATE_FORMAT,
        number=last.number + 1,
        scanned_ns=scanned_ns,
        base=known_key(job.place.base, job.place.prices)
        if all(_is_text(one.place.real_path) for one in made.members)
        else "",
        question=asked if all(map(_is_kept, made.members)) else "",
        experiments=experiments,
        homes=_homes(job, made, experiments),
        experiment_files=tuple((str(one.path), one.root, one.relative) for one in experiment_files),
        theme_key=job.theme_key,
        lineage_key=made.lineage_key,
        reviews_key=made.reviews_key,
        latest_year=made.latest_year,
        parents=made.parents,
        pages=front,
        assets=assets,
        size_bytes=size_bytes,
    )
    write_state(cache, output, state)
    if is_due(state.number):
        drop_unused(cache, output, (key for one in made.every() for key in _used(job, one)))


def _homes(job: Job, made: Membership, names: Iterable[str]) -> bytes:
    """The number of each run's experiment among all *names*, which are sorted."""
    number = {name: at for at, name in enumerate(names)}
    if not made.unseen:
        return array("I", (number[one.brief.experiment] for one in made.members)).tobytes()
    now = [number.get(name, -1) for name in job.last.names]
    homes = [now[home] for home in job.last.homes]
    for one in made.members:
        homes[one.order] = number[one.brief.experiment]
    return array("I", homes).tobytes()


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
            card=msgspec.Raw(run.encoded),
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
        problems=msgspec.Raw(msgspec.msgpack.encode(run.card.problems)),
    )


def _is_kept(member: Member) -> bool:
    """Whether the next build may take the run as it is: none of its parts was given up."""
    return _is_text(member.place.real_path) and not (member.built and member.built.lost)


def _is_text(path: str) -> bool:
    """Whether *path* is UTF-8; of others nothing is remembered, and no site of which one is part
    is known again.
    """
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
