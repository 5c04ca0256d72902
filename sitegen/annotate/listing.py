"""`sitegen annotate list`: all sidecars below some runs, and on request what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sitegen.annotate.anchored import anchors_for
from sitegen.annotate.places import Folder, folders_of, runs_below
from sitegen.build.plan import RunPlan, shared_ids
from sitegen.bundle.settings import Settings
from sitegen.derive.annotations import State
from sitegen.errors import Problem
from sitegen.model import Annotation
from sitegen.read.annotations import read_annotations
from sitegen.records import dataclass

DEFAULTS = Settings(prices={})
"""Settings without a sitegen.toml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAnnotation:
    """One annotation and where it lies."""

    run: str
    """Id of the run."""
    file: Path
    """The sidecar."""
    annotation: Annotation
    """What it says."""
    state: State | None
    """exact, stale or orphaned; None if the runs were not read."""


def list_annotations(
    runs: Sequence[Path], *, settings: Settings = DEFAULTS, has_states: bool = False
) -> tuple[list[ListedAnnotation], list[tuple[str, Problem]]]:
    """All annotations below *runs* in order of run and file; and their faults by directory.

    Raises:
        NothingBuiltError: if there is no run.
    """
    plans = runs_below(runs, settings)
    shared = shared_ids(plans)
    found: list[ListedAnnotation] = []
    problems: list[tuple[str, Problem]] = []
    for plan in plans:
        if plan.run_id in shared:
            continue
        for folder, said in sidecars_of(plan, settings, problems):
            found += _listed(folder, said, settings, has_states=has_states)
    return found, problems


def sidecars_of(
    plan: RunPlan, settings: Settings, problems: list[tuple[str, Problem]]
) -> Iterator[tuple[Folder, tuple[Annotation, ...]]]:
    """The right sidecars of each folder of the run; faults are added to *problems*."""
    for folder in folders_of(plan, settings):
        told: list[Problem] = []
        yield folder, read_annotations(folder.root, folder.names(), settings.limits, told.append)
        shown = plan.bundle.shown_path if folder.prefix else str(folder.root)
        problems.extend((shown, problem) for problem in told)


def _listed(
    folder: Folder, annotations: Sequence[Annotation], settings: Settings, *, has_states: bool
) -> list[ListedAnnotation]:
    states: dict[str, State] = {}
    if has_states and annotations:
        anchors = anchors_for(folder.plan, annotations, settings.limits)
        resolved = anchors.resolved(annotations).annotations
        states = {one.annotation.id: one.state for one in resolved}
    return [
        ListedAnnotation(
            run=folder.plan.run_id,
            file=_shown(folder, one),
            annotation=one,
            state=states.get(one.id),
        )
        for one in annotations
    ]


def _shown(folder: Folder, annotation: Annotation) -> Path:
    root = Path(folder.plan.bundle.shown_path) if folder.prefix else folder.root
    return root / annotation.path
