"""`sitegen annotate carry`: what is said of one run and holds for another, written there. Floor 7.

An expectation is about the input: it holds for the sample of the same id and input. Feedback judges
the output: it holds only if that is the same, too. Both hold for a span if exactly one span of the
other run has its names and content. Everything else is left, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from sitegen.annotate.anchored import Anchors, anchors_for
from sitegen.annotate.listing import DEFAULTS, sidecars_of
from sitegen.annotate.places import run_at
from sitegen.annotate.writing import anchor_entry, write_new
from sitegen.build.plan import RunPlan
from sitegen.bundle.settings import Settings
from sitegen.derive.anchors import content_digest
from sitegen.derive.annotations import target_key
from sitegen.errors import Problem
from sitegen.model import Annotation, RunTarget, SampleTarget, SpanTarget, Target
from sitegen.read.evals import read_evals
from sitegen.records import dataclass
from sitegen.sdk.annotations import new_ulid
from sitegen.units import rfc3339


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What was carried, and what was not."""

    files: tuple[Path, ...]
    """The new sidecars; with `is_dry` those that they would be made from."""
    left: tuple[tuple[Annotation, str], ...]
    """Annotations that were left, and why."""


def carry_annotations(
    source: Path, to: Path, *, settings: Settings = DEFAULTS, is_dry: bool = False
) -> Carried:
    """Write what is said of the run in *source* and holds for the run in *to* into it.

    Raises:
        SitegenError: if either is no bundle.
    """
    (old, _), (new, folder) = run_at(source, settings), run_at(to, settings)
    file_of = _said(old, settings)
    said = list(file_of)
    known = {_sameness(one) for one in _said(new, settings)}
    anchors = anchors_for(new, said, settings.limits)
    inputs = _same_inputs(old, new, said, settings)
    files: list[Path] = []
    left: list[tuple[Annotation, str]] = []
    for one in said:
        target, reason = _target(one, anchors, inputs)
        if target is not None:
            moved = replace(one, target=target)
            if _sameness(moved) not in known:
                known.add(_sameness(moved))
                files.append(
                    file_of[one] if is_dry else write_new(folder, _document(moved, anchors))
                )
                continue
            reason = "it is there already"
        left.append((one, reason))
    return Carried(files=tuple(files), left=tuple(left))


def _said(plan: RunPlan, settings: Settings) -> dict[Annotation, Path]:
    """The right sidecars of a run by what they say."""
    return {
        one: folder.root / one.path
        for folder, each in sidecars_of(plan, settings, [])
        for one in each
    }


def _sameness(one: Annotation) -> tuple[str, str, str, str | None]:
    return one.kind, target_key(one.target), one.name, one.user


def _target(
    one: Annotation, anchors: Anchors, inputs: Mapping[str, bool]
) -> tuple[Target | None, str]:
    """What *one* is about in the other run, or why it is about nothing there."""
    digest = one.anchor.digest if one.anchor else None
    key = target_key(one.target)
    match one.target:
        case SampleTarget():
            if key not in anchors.by_key:
                return None, "no such sample"
            if not inputs.get(key):
                return None, "another input"
            if one.kind == "feedback" and digest != anchors.by_key[key].digest:
                return None, "another output: judge it again"
            return one.target, ""
        case SpanTarget():
            path = one.anchor.path if one.anchor else ()
            same = [
                found
                for found, facts in anchors.by_key.items()
                if found.startswith("span:") and facts.digest == digest and facts.path == path
            ]
            if digest is None or len(same) != 1:
                return None, "no span of the same content" if not same else "several such spans"
            trace_id, _, span_id = same[0].removeprefix("span:").partition("/")
            return SpanTarget(trace_id=trace_id, span_id=span_id), ""
        case RunTarget():
            return None, "it is about the run"
        case _:
            found_step = anchors.by_key.get(key)
            if found_step is None or found_step.digest != digest:
                return None, "another value"
            return one.target, ""


def _same_inputs(
    old: RunPlan, new: RunPlan, said: list[Annotation], settings: Settings
) -> dict[str, bool]:
    """Whether the input of each annotated sample is the same in both runs, by target key."""
    wanted = {target_key(one.target) for one in said if isinstance(one.target, SampleTarget)}
    digests: dict[str, set[str]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for plan in (old, new):
        for key, digest in set(_inputs(plan, wanted, settings)):
            digests[key].add(digest)
            counts[key] += 1
    return {key: counts[key] == 2 and len(digests[key]) == 1 for key in wanted}


def _inputs(plan: RunPlan, wanted: set[str], settings: Settings) -> Iterator[tuple[str, str]]:
    if not wanted:
        return
    files = [file.path for file in plan.bundle.files.get("evals", ())]
    for source in read_evals(plan.bundle.root, files, settings.limits, _nothing):
        for sample in source.samples:
            target = SampleTarget(eval=source.name, sample_id=sample.id, epoch=sample.epoch)
            if target_key(target) in wanted:
                yield target_key(target), content_digest(sample.input)


def _document(one: Annotation, anchors: Anchors) -> dict[str, object]:
    """The new sidecar: what was said, by whom and when, of what is there now."""
    times = (one.created_at_ns, one.updated_at_ns)
    created, updated = (None if time is None else rfc3339(time) for time in times)
    return {
        "format": 1,
        "id": new_ulid(),
        "kind": one.kind,
        "target": asdict(one.target),
        "anchor": anchor_entry(one, anchors),
        "name": one.name,
        "value": one.value,
        "rationale": one.rationale,
        "user": one.user,
        "created_at": created,
        "updated_at": updated,
    }


def _nothing(problem: Problem) -> None:
    """`sitegen check` tells the faults of a run."""
