"""What targets are now: the parts of a run that annotations speak of, read as a build reads them.

Floor 7. Only the parts that are asked for are read: an annotation of a sample opens no trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sitegen.build.output.measure import MeasuringSink
from sitegen.build.parts import derive_part, part_files, part_input, with_manifest
from sitegen.build.plan import RunPlan
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.annotations import ResolvedAnnotations, resolve_annotations
from sitegen.derive.llm.prices import NO_PRICES
from sitegen.errors import Problem
from sitegen.model import Annotation
from sitegen.read.bundle import Part
from sitegen.records import dataclass

_PART: Mapping[str, Part] = {"span": "traces", "sample": "evals", "metric": "metrics"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """The targets of a run as they are now, as far as they were asked for."""

    by_key: Mapping[str, AnchorFacts]
    """Every span, sample and annotated step by target key."""
    metric_names: tuple[str, ...]
    """The run's metrics; empty if no step was asked for."""

    def resolved(self, annotations: Iterable[Annotation]) -> ResolvedAnnotations:
        """*annotations* with the state of their targets."""
        return resolve_annotations(annotations, self.by_key, metric_names=self.metric_names)


def anchors_for(plan: RunPlan, annotations: Iterable[Annotation], limits: Limits) -> Anchors:
    """The targets of the run's parts that *annotations* speak of; faults of files are not told."""
    said = tuple(annotations)
    sink = MeasuringSink(slug(plan.run_id), plan.bundle.root)
    given = part_input(plan, limits, said, NO_PRICES)
    found: dict[str, AnchorFacts] = {}
    names: tuple[str, ...] = ()
    for kind in sorted({one.target.type for one in said} & _PART.keys()):
        part = _PART[kind]
        if part == "metrics":
            manifest = derive_part("manifest", given, sink, _nothing)
            given = with_manifest(given, manifest)
        files = part_files(plan, part)
        facts = derive_part(part, replace(given, files=files), sink, _nothing)
        found |= facts.anchors
        if part == "metrics":
            names = tuple(metric.name for metric in facts.metrics)
    return Anchors(by_key=found, metric_names=names)


def _nothing(problem: Problem) -> None:
    """`sitegen check` tells the faults of a run."""
