"""What a worker does for one run: derive its card, or render its page. Floor 6.

Both go through the part cache, so that the second finds what the first derived, in whichever
process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from sitegen.build.cache.entries import Cache
from sitegen.build.cache.kept_annotations import kept_annotations
from sitegen.build.cache.keys import digest_of, run_key
from sitegen.build.cache.parts import PartCache, files_by_path
from sitegen.build.data_files.annotations import write_annotations
from sitegen.build.data_files.compared import compared_script
from sitegen.build.last_build.state import InputFile, RunCard
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.sink import StagedSink
from sitegen.build.output.store import has_files
from sitegen.build.parts import (
    DerivedRun,
    bundle_bytes,
    derive_run,
    file_digests,
    of_part,
    part_input,
    sidecar_digests,
)
from sitegen.build.plan import RunPlan
from sitegen.build.steps.comparisons import ComparedRun, take_comparison
from sitegen.build.steps.one_part import derive_one_part
from sitegen.build.steps.pages import render_run, write_file
from sitegen.build.workers.workplace import Workplace
from sitegen.bundle.paths import slug
from sitegen.derive.annotations import NO_ANNOTATIONS
from sitegen.derive.card import SaidFile, derive_card
from sitegen.derive.compared_run import NAME as COMPARED
from sitegen.derive.compared_run import compared_run
from sitegen.derive.reviews import judged_pairs
from sitegen.derive.run_facts import RunFacts
from sitegen.pages.frame import Site
from sitegen.pages.run.surroundings import Surroundings
from sitegen.read.bundle import Group, Part
from sitegen.records import dataclass
from sitegen.render.env import Templates
from sitegen.render.payload import content_hash

_KEPT_BYTES = 8_000
"""Most that a build holds of a run's facts until its page is rendered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeriveTask:
    """A run to derive."""

    place: Workplace
    """Shared by all tasks."""
    plan: RunPlan
    """The run."""
    known: dict[str, InputFile]
    """Files that need no hashing."""
    present: dict[str, OutputFile]
    """What the last build put into the site for it, by path."""
    is_shared: bool
    """Whether another bundle has the same id."""

    lost: Mapping[Group, str]
    """What became of the process that read a part, by part; these are not read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTask:
    """One part of a run to derive, for the cache."""

    run: DeriveTask
    """The run."""
    part: Part
    """The part."""

    @property
    def plan(self) -> RunPlan:
        """The run."""
        return self.run.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesTask:
    """Some shares of a run's traces to derive, for the cache."""

    run: DeriveTask
    """The run."""
    wanted: tuple[int, ...]
    """Numbers of the shares."""

    @property
    def plan(self) -> RunPlan:
        """The run."""
        return self.run.plan

    @property
    def part(self) -> Part:
        """The part."""
        return "traces"


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedPart:
    """What a worker sends back of a part; its facts are in the cache."""

    inputs: dict[str, InputFile]
    """The part's files with their digests."""
    outputs: dict[str, OutputFile]
    """Its data files and attachments by path in the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedCard:
    """What a worker sends back of a run."""

    run_key: str
    """Digest of everything the card depends on."""
    card: bytes
    """The card and the problems, a `RunCard` as it is kept."""
    facts: bytes | None
    """All facts, encoded, for the task that renders the page; None if the parts are read again for
    it: of a large run, of one with annotations."""
    inputs: dict[str, InputFile]
    """All files of the bundle with their digests."""
    outputs: dict[str, OutputFile]
    """Data files and attachments by path in the site."""
    lost: Mapping[Group, str]
    """What became of the process that read a part, by part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTask:
    """A run's page to render."""

    place: Workplace
    """Shared by all tasks."""
    plan: RunPlan
    """The run."""
    digest_by_path: dict[str, str]
    """SHA-256 of its files."""
    present: dict[str, OutputFile]
    """Its data files and attachments, staged or in the site, by path."""
    is_shared: bool
    """Whether another bundle has the same id."""
    site: Site
    """What all pages share."""
    templates: Templates
    """Where templates come from."""
    surroundings: Surroundings
    """Its neighbourhood."""
    lost: Mapping[Group, str]
    """What became of the process that read a part, by part."""
    baseline: ComparedRun | None
    """The run that its evals are held against, None if there is none."""
    own_evals: ComparedRun | None
    """Itself, for that."""
    facts: bytes | None
    """Its facts if they were kept, encoded."""


def derive_card_of(task: DeriveTask) -> DerivedCard:
    """Derive the run, as far as its parts are not in the cache."""
    inputs = _inputs(task, tuple(task.plan.bundle.files))
    digests = {path: file.sha256 for path, file in inputs.items()}
    run, parts = _derived(task, digests)
    compared, file = _compared(task, run.facts)
    said = _sink(task)
    card = derive_card(
        run.facts,
        run.annotations.counts,
        is_readable=run.is_readable,
        compared_file=compared,
        said_files=_said_files(task, run, said) if run.annotations.annotations else (),
        annotated_steps=run.annotations.annotated_steps(),
    )
    key = run_key(
        task.place.base,
        task.plan,
        digests,
        sidecar_digests(task.place.annotations_dir, task.plan.run_id),
        is_shared=task.is_shared,
        prices=task.place.prices,
    )
    if task.lost or not parts.is_settled:  # not what the files would give
        key = digest_of(key, task.lost, parts.is_settled)
    return DerivedCard(
        run_key=key,
        card=msgspec.msgpack.encode(
            RunCard(
                card,
                run.facts.problems,
                tuple(sorted(parts.used)),
                kept_annotations(run.annotations.annotations),
                judged_pairs(run.facts.evals.evals, run.annotations.annotations),
            )
        ),
        facts=_encoded_facts(task, run),
        inputs=inputs,
        outputs=parts.outputs | {compared: file} | said.outputs,
        lost=task.lost,
    )


def _encoded_facts(task: DeriveTask, run: DerivedRun) -> bytes | None:
    """The facts of a small run: to decode them takes 3 µs, to read its run.json again 250."""
    is_small = bundle_bytes(task.plan.bundle) <= _KEPT_BYTES
    if not is_small or run.annotations.annotations or not run.is_readable:
        return None
    content = msgspec.msgpack.encode(run.facts)
    return content if len(content) <= _KEPT_BYTES else None


def _said_files(task: DeriveTask, run: DerivedRun, sink: StagedSink) -> tuple[SaidFile, ...]:
    """The data files of the run's annotations."""
    from sitegen.render.document import MarkupDocuments  # and with it an HTML parser

    documents = MarkupDocuments(task.place.limits)
    return write_annotations(run.annotations.annotations, run.facts.evals.anchors, documents, sink)


def derive_part_of(task: PartTask) -> DerivedPart:
    """Derive one part of a run, if it is not in the cache."""
    run, place = task.run, task.run.place
    groups: tuple[Group, ...] = (task.part,)
    if task.part == "metrics":
        groups = ("metrics", "manifest", "annotations")  # alerts, summary, annotated steps
    inputs = _inputs(run, groups)
    parts = _parts(run, {path: file.sha256 for path, file in inputs.items()})
    derive_one_part(
        task.plan,
        task.part,
        place.limits,
        _sink(run),
        annotations_dir=place.annotations_dir,
        is_shared=run.is_shared,
        prices=place.prices,
        take_part=parts.take,
    )
    return DerivedPart(inputs=inputs, outputs=parts.outputs)


def derive_shares_of(task: SharesTask) -> DerivedPart:
    """Derive shares of a run's traces, unless the part is in the cache."""
    run, place = task.run, task.run.place
    inputs = _inputs(run, ("traces",))
    parts = _parts(run, {path: file.sha256 for path, file in inputs.items()})
    given = part_input(task.plan, place.limits, (), place.prices)
    parts.keep_shares(of_part(given, task.plan, "traces"), task.wanted, _sink(run))
    return DerivedPart(inputs=inputs, outputs=parts.outputs)


def render_page_of(task: PageTask) -> dict[str, OutputFile]:
    """Write the run's page and report into the staged site; both by path."""
    if task.facts is None:
        run, _ = _derived(task, task.digest_by_path)
    else:
        facts = msgspec.msgpack.decode(task.facts, type=RunFacts)
        run = DerivedRun(facts=facts, annotations=NO_ANNOTATIONS, is_readable=True)
    return render_run(
        task.place.staging,
        task.templates,
        task.site,
        run,
        task.surroundings,
        take_comparison(task.place, task.baseline, task.own_evals)
        if task.baseline and task.own_evals
        else (),
        slug=slug(task.plan.run_id),
        relative=task.plan.bundle.relative,
    )


def _derived(task: DeriveTask | PageTask, digests: dict[str, str]) -> tuple[DerivedRun, PartCache]:
    parts = _parts(task, digests)
    run = derive_run(
        task.plan,
        task.place.limits,
        _sink(task),
        annotations_dir=task.place.annotations_dir,
        is_shared=task.is_shared,
        prices=task.place.prices,
        digest_by_path=digests,
        take_part=parts.take,
        lost=task.lost,
    )
    return run, parts


def _compared(task: DeriveTask, facts: RunFacts) -> tuple[str, OutputFile]:
    """Path of the data file that comparisons load, staged if the site lacks it."""
    folder = slug(task.plan.run_id)
    content = compared_script(compared_run(facts))
    path = f"data/{folder}/{COMPARED}-{content_hash(content)}.js"
    present = task.present.get(path)
    if present is not None and has_files(task.place.output, {path: present}):
        return path, present
    return path, write_file(task.place.staging, path, content)


def _sink(task: DeriveTask | PageTask) -> StagedSink:
    return StagedSink(task.place.staging, slug(task.plan.run_id), task.plan.bundle.root)


def _parts(task: DeriveTask | PageTask, digests: dict[str, str]) -> PartCache:
    place = task.place
    return PartCache(
        Cache(place.cache),
        place.base,
        digests,
        places=(place.staging, place.output),
        present=task.present,
        listed=files_by_path(task.plan.bundle),
    )


def _inputs(task: DeriveTask, groups: tuple[Group, ...]) -> dict[str, InputFile]:
    """The files of *groups*; those not known are hashed now."""
    bundle = task.plan.bundle
    files = [file for group in groups for file in bundle.files.get(group, ())]
    known = {file.path: task.known[file.path] for file in files if file.path in task.known}
    if len(known) == len(files):
        return known
    members = replace(bundle, files={group: bundle.files.get(group, ()) for group in groups})
    digests = file_digests(members, known={path: one.sha256 for path, one in known.items()})
    return {
        file.path: InputFile(
            file.size_bytes, file.mtime_ns, file.ctime_ns, file.inode, digests[file.path]
        )
        for file in files
    }
