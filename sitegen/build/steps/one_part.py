"""One part of a run alone: a task of its own where the part is large. Floor 6."""

from __future__ import annotations

from pathlib import Path

from sitegen.build.parts import (
    TakePart,
    derive_part,
    of_part,
    part_input,
    read_sidecars,
    with_manifest,
)
from sitegen.build.plan import RunPlan
from sitegen.bundle.limits import Limits
from sitegen.derive.llm.prices import PriceTable
from sitegen.derive.sink import Sink
from sitegen.errors import Problem
from sitegen.model import Annotation
from sitegen.read.bundle import Part


def derive_one_part(
    plan: RunPlan,
    part: Part,
    limits: Limits,
    sink: Sink,
    *,
    annotations_dir: Path | None,
    is_shared: bool,
    prices: PriceTable,
    take_part: TakePart = derive_part,
) -> None:
    """Derive *part* alone, as `derive_run` would; what it finds is told when the run is derived."""
    annotations: tuple[Annotation, ...] = ()
    if part == "metrics":
        annotations = read_sidecars(
            plan, annotations_dir, limits, _nothing, {}, is_shared=is_shared
        )
    given = part_input(plan, limits, annotations, prices)
    if part == "metrics":
        given = with_manifest(given, derive_part("manifest", given, sink, _nothing))
    take_part(part, of_part(given, plan, part), sink, _nothing)


def _nothing(problem: Problem) -> None:
    """Problems are reported when the run is derived as a whole."""
