"""From a bundle's files to a run's facts, part by part: read, then derive.

Floor 6. `derive_part` is a pure function of a `PartInput` (the files of the part and a few
values), so that a part may be kept in a cache under their digest, or made by another process or
machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sitegen.build.output.sink import StagedSink
from sitegen.build.plan import RunPlan
from sitegen.build.problems import lost_problem
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.derive.annotations import ResolvedAnnotations, resolve_annotations
from sitegen.derive.attachments.facts import AttachmentsFacts
from sitegen.derive.attachments.part import derive_attachments
from sitegen.derive.evals.part import EvalsFacts, derive_evals
from sitegen.derive.llm.prices import NO_PRICES, PriceTable
from sitegen.derive.manifest import ManifestFacts, derive_manifest
from sitegen.derive.metrics.part import MetricsFacts, derive_metrics
from sitegen.derive.run_facts import RunFacts
from sitegen.derive.sink import Sink
from sitegen.derive.traces.part import TracesFacts, derive_traces
from sitegen.derive.traces.shares import TracesShare, derive_shares
from sitegen.derive.traces.store import shares_of
from sitegen.errors import Problem
from sitegen.model import Alert, Annotation, MetricTarget
from sitegen.read.annotations import read_annotations
from sitegen.read.bundle import PARTS, Bundle, Group, Part
from sitegen.read.files import FileError, Report, file_sha256, unreadable
from sitegen.read.manifest import read_manifest, read_notes
from sitegen.records import dataclass

GROUPS: tuple[Group, ...] = (*PARTS[1:], "annotations")
"""What of a run can be given up and leave a page: all but run.json."""
_ALIKE: tuple[Part, ...] = ("traces", "evals", "attachments")
"""Parts whose facts are the same for all runs that have no files of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartInput:
    """All that a part's facts depend on besides its files."""

    root: Path
    """The bundle's directory."""
    files: tuple[str, ...]
    """Paths of the part's files, sorted."""
    size_bytes: int = 0
    """Their size; of the traces' facts only, which a large part has in shares."""
    limits: Limits
    """Limits on input."""
    run_id: str
    """Id of the run; of the manifest's facts only."""
    experiment: str
    """Experiment by the run's place; of the manifest's facts only."""
    alerts: tuple[Alert, ...] = ()
    """Conditions to check; of the metrics' facts only."""
    summary: Mapping[str, float]
    """Scalars of run.json that alerts may ask for; of the metrics' facts only."""
    prices: PriceTable = NO_PRICES
    """What models cost; of the traces' facts only."""
    annotated_steps: Mapping[str, tuple[int, ...]]
    """Steps that sidecars speak of, by metric; of the metrics' facts only."""


def derive_part(part: Part, given: PartInput, sink: Sink, report: Report) -> Any:
    """The facts of one part of a bundle; their type is the part's own."""
    match part:
        case "manifest":
            return _manifest(given, report)
        case "metrics":
            return _metrics(given, sink, report)
        case "traces":
            from sitegen.read.traces import read_traces

            spans = read_traces(given.root, given.files, given.limits, report)
            return derive_traces(
                spans,
                sink=sink,
                limits=given.limits,
                report=report,
                prices=given.prices,
                shares=shares_of(given.size_bytes),
            )
        case "evals":
            from sitegen.read.evals import read_evals

            evals = read_evals(given.root, given.files, given.limits, report)
            return derive_evals(evals, sink=sink, report=report)
        case "attachments":
            from sitegen.read.attachments import read_attachments
            from sitegen.render.document import MarkupDocuments

            attachments = read_attachments(given.root, given.files, given.limits, report)
            return derive_attachments(
                attachments,
                sink=sink,
                limits=given.limits,
                report=report,
                documents=MarkupDocuments(given.limits),
            )


def _manifest(given: PartInput, report: Report) -> ManifestFacts:
    manifest = read_manifest(
        given.root,
        default_id=given.run_id,
        experiment=given.experiment,
        limits=given.limits,
        report=report,
    )
    notes = read_notes(given.root, given.limits, report)
    return derive_manifest(
        replace(manifest, id=given.run_id), notes, limits=given.limits, report=report
    )


def _metrics(given: PartInput, sink: Sink, report: Report) -> MetricsFacts:
    derive = partial(
        derive_metrics,
        sink=sink,
        limits=given.limits,
        report=report,
        alerts=given.alerts,
        summary=given.summary,
        annotated_steps=given.annotated_steps,
    )
    if not given.files:
        return derive((), points=0)
    from sitegen.read.metrics import read_metrics  # and with it pyarrow

    store = read_metrics(given.root, given.files, given.limits, report, sink.scratch)
    with closing(store):
        return derive(store.series(), points=store.count)


@lru_cache(maxsize=len(_ALIKE))
def _nothing(part: Part, limits: Limits) -> Any:
    """The facts of a *part* that has no files."""
    given = PartInput(
        root=Path(), files=(), limits=limits, run_id="", experiment="", summary={},
        annotated_steps={},
    )  # fmt: skip
    problems: list[Problem] = []
    facts = derive_part(part, given, StagedSink(Path(), "", Path()), problems.append)
    assert not problems
    return facts


TakePart = Callable[[Part, PartInput, Sink, Report], Any]
"""How a part's facts are come by: derived, or taken from a cache that holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedRun:
    """A run derived whole."""

    facts: RunFacts
    """Facts of its parts."""
    annotations: ResolvedAnnotations
    """Its sidecars, held against the facts."""
    is_readable: bool
    """False if run.json could not be read."""


def derive_run(
    plan: RunPlan,
    limits: Limits,
    sink: Sink,
    *,
    annotations_dir: Path | None,
    is_shared: bool,
    prices: PriceTable = NO_PRICES,
    digest_by_path: Mapping[str, str] | None = None,
    take_part: TakePart = derive_part,
    lost: Mapping[Group, str] = MappingProxyType({}),
) -> DerivedRun:
    """All facts of a run; faults of its files become problems, never exceptions.

    *digest_by_path* holds the SHA-256 of the run's files where they are known already, *lost* what
    became of the process that read a part: that one is not read again.
    """
    problems: list[Problem] = list(plan.problems)
    bundle, report = plan.bundle, problems.append
    sidecars = frozenset(part_files(plan, "annotations"))  # which tell it themselves
    digests = digest_by_path or file_digests(bundle, dict.fromkeys(sidecars, ""))
    problems += [
        _unreadable(path)
        for path, digest in sorted(digests.items())
        if not digest and path not in sidecars
    ]
    problems += [
        lost_problem(part, part_files(plan, part), reason) for part, reason in sorted(lost.items())
    ]
    annotations = read_sidecars(plan, annotations_dir, limits, report, lost, is_shared=is_shared)
    base = part_input(plan, limits, annotations, prices)

    def part(name: Part, given: PartInput) -> Any:
        if name in _ALIKE and (name in lost or name not in bundle.files):
            return _nothing(name, limits)
        chosen = replace(given, files=()) if name in lost else of_part(given, plan, name)
        return take_part(name, chosen, sink, report)

    manifest: ManifestFacts = part("manifest", base)
    metrics: MetricsFacts = part("metrics", with_manifest(base, manifest))
    traces: TracesFacts = part("traces", base)
    evals: EvalsFacts = part("evals", base)
    attachments: AttachmentsFacts = part("attachments", base)
    resolved = resolve_annotations(
        annotations,
        traces.anchors | evals.anchors | metrics.anchors,
        metric_names=[metric.name for metric in metrics.metrics],
    )
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    return DerivedRun(
        facts=RunFacts(
            manifest=manifest,
            metrics=metrics,
            traces=traces,
            evals=evals,
            attachments=attachments,
            problems=tuple(ordered[: limits.problems]),
            problem_count=len(ordered),
            input_digest=_input_digest(plan, digests),
            input_bytes=bundle_bytes(bundle),
        ),
        annotations=resolved,
        is_readable=all(problem.code != "run-unreadable" for problem in problems),
    )


def part_input(
    plan: RunPlan, limits: Limits, annotations: Sequence[Annotation], prices: PriceTable
) -> PartInput:
    """What the parts of a run share."""
    return PartInput(
        root=plan.bundle.root,
        files=(),
        limits=limits,
        run_id=plan.run_id,
        experiment=plan.experiment,
        prices=prices,
        annotated_steps=_annotated_steps(annotations),
        summary={},
    )


def with_manifest(given: PartInput, facts: ManifestFacts) -> PartInput:
    """*given* with what the metrics need of run.json."""
    return replace(given, alerts=facts.manifest.alerts, summary=facts.manifest.summary)


def of_part(given: PartInput, plan: RunPlan, part: Part) -> PartInput:
    """*given* with the files of *part*."""
    files = part_files(plan, part)
    size_bytes = sum(file.size_bytes for file in plan.bundle.files.get(part, ()))
    return replace(given, files=files, size_bytes=size_bytes)


def derive_traces_shares(
    given: PartInput, wanted: tuple[int, ...], sink: Sink
) -> list[TracesShare]:
    """The shares *wanted* of a large run's traces, for another process to join."""
    from sitegen.read.traces import read_traces

    problems: list[Problem] = []
    spans = read_traces(given.root, given.files, given.limits, problems.append)
    made = derive_shares(
        spans,
        sink=sink,
        limits=given.limits,
        report=problems.append,
        prices=given.prices,
        shares=replace(shares_of(given.size_bytes), wanted=wanted),
    )
    shares = list(made)
    if wanted[0] == 0:
        shares[0] = replace(shares[0], file_problems=tuple(problems))
    return shares


def part_files(plan: RunPlan, part: Group) -> tuple[str, ...]:
    """Paths of the part's files, sorted."""
    return tuple(file.path for file in plan.bundle.files.get(part, ()))


def bundle_bytes(bundle: Bundle) -> int:
    """Bytes of all files of the bundle."""
    return sum(file.size_bytes for files in bundle.files.values() for file in files)


def file_digests(bundle: Bundle, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Hex SHA-256 by path of every file of the bundle; empty for one that cannot be read.

    Files in *known* are not opened.
    """
    digests = dict(known or {})
    for files in bundle.files.values():
        for file in files:
            if file.path in digests:
                continue
            try:
                digests[file.path] = file_sha256(bundle.root, file.path)
            except FileError:
                digests[file.path] = ""
    return digests


def _unreadable(path: str) -> Problem:
    return unreadable(
        path, "cannot be read: it is gone, or no permission is given", hint="The file is left out."
    )


def read_sidecars(
    plan: RunPlan,
    annotations_dir: Path | None,
    limits: Limits,
    report: Report,
    lost: Mapping[Group, str],
    *,
    is_shared: bool,
) -> tuple[Annotation, ...]:
    """The run's sidecars, those outside of its bundle too; none for an id that bundles share."""
    if is_shared or "annotations" in lost:
        return ()
    found = read_annotations(plan.bundle.root, part_files(plan, "annotations"), limits, report)
    if annotations_dir is None:
        return found
    folder = annotations_dir / slug(plan.run_id)
    return (*found, *read_annotations(folder, _sidecar_names(folder), limits, report))


def sidecar_digests(annotations_dir: Path | None, run_id: str) -> dict[str, str]:
    """SHA-256 by name of the run's sidecars that lie outside its bundle."""
    if annotations_dir is None:
        return {}
    folder = annotations_dir / slug(run_id)
    digests = {}
    for name in _sidecar_names(folder):
        try:
            digests[name] = file_sha256(folder, name)
        except FileError:
            digests[name] = ""
    return digests


def _sidecar_names(folder: Path) -> list[str]:
    """Names of the sidecars in *folder*, which comes with reviews: a link is not followed."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path.name for path in folder.glob("*.json"))


def _annotated_steps(annotations: Sequence[Annotation]) -> dict[str, tuple[int, ...]]:
    steps: dict[str, set[int]] = {}
    for annotation in annotations:
        if isinstance(annotation.target, MetricTarget):
            steps.setdefault(annotation.target.name, set()).add(annotation.target.step)
    return {name: tuple(sorted(found)) for name, found in sorted(steps.items())}


def _input_digest(plan: RunPlan, digest_by_path: Mapping[str, str]) -> str:
    """One digest over all files of the bundle but its sidecars, which come and go with reviews."""
    sidecars = {file.path for file in plan.bundle.files.get("annotations", ())}
    text = "\n".join(
        f"{digest}  {path}"
        for path, digest in sorted(digest_by_path.items())
        if path not in sidecars
    )
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
