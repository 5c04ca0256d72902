"""experiment.toml and the notes.md beside it become an `ExperimentSpec`.

Floor 2. Unlike sitegen.toml it comes with the bundles and is not trusted: a fault is a problem
and the experiment is shown without what the file says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from sitegen.bundle import schema
from sitegen.bundle.limits import Limits
from sitegen.errors import Problem, SitegenError
from sitegen.model import Goal
from sitegen.read.bundle import EXPERIMENT, ExperimentPath, clean_name
from sitegen.read.files import Report, read_bytes
from sitegen.read.manifest import read_notes
from sitegen.read.settings import explain_toml_error, parse_toml
from sitegen.records import dataclass
from sitegen.units import parse_rfc3339_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonSpec:
    """A comparison that an experiment declares."""

    name: str
    """Its name."""
    runs: tuple[str, ...]
    """Ids of runs."""
    filter: str | None
    """A condition that chooses runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSpec:
    """What experiment.toml says of the experiment *name*."""

    name: str
    """Name that runs refer to."""
    title: str | None = None
    """What people call it."""
    project: str | None = None
    """Project above it."""
    description: str | None = None
    """What it asks."""
    tags: tuple[str, ...] = ()
    """Labels."""
    is_archived: bool = False
    """Whether it is put away."""
    created_at_ns: int | None = None
    """When it was created."""
    objective: str | None = None
    """Metric to optimise."""
    goal: Goal | None = None
    """Which direction of the objective is better."""
    baseline: str | None = None
    """Id of the run others are held against."""
    key_metrics: tuple[str, ...] = ()
    """Metrics shown first."""
    comparisons: tuple[ComparisonSpec, ...] = ()
    """Declared comparisons."""
    notes: str | None = None
    """Markdown source of notes.md beside it."""
    root: str = ""
    """The RUNS argument that the file lies below, as typed; for the terminal only."""
    path: str = ""
    """The file, below the argument."""
    problems: tuple[Problem, ...] = ()
    """Faults found in the file."""


def read_experiments(files: Iterable[ExperimentPath], limits: Limits) -> dict[str, ExperimentSpec]:
    """Specs by name; of two *files* for one name the first counts, with a problem."""
    specs: dict[str, ExperimentSpec] = {}
    for found in files:
        spec = _read(found, limits)
        if spec.name not in specs:
            specs[spec.name] = spec
            continue
        first = specs[spec.name]
        problem = Problem(
            code="duplicate-experiment",
            severity="warning",
            path=found.relative,
            message=f"describes “{spec.name}”, as {first.path} does",
            hint="The first by path is used.",
        )
        specs[spec.name] = replace(first, problems=(*first.problems, problem))
    return specs


def name_beside(directory: Path, limits: Limits) -> str | None:
    """The `name` in *directory*/experiment.toml, None if there is none that says one."""
    try:
        name = _document(directory / EXPERIMENT, limits).get("name")
    except SitegenError:
        return None
    return name if isinstance(name, str) and name else None


def _read(found: ExperimentPath, limits: Limits) -> ExperimentSpec:
    problems: list[Problem] = []
    path = found.path
    file = _file(found, limits, problems.append)
    objective = file.objective
    return ExperimentSpec(
        name=file.name or clean_name(path.resolve().parent.name),
        title=file.title,
        project=file.project,
        description=file.description,
        tags=tuple(file.tags[: limits.tags]),
        is_archived=file.archived,
        created_at_ns=_time(file.created_at, found.relative, problems.append),
        objective=objective.metric if objective else None,
        goal=objective.goal if objective else None,
        baseline=file.baseline,
        key_metrics=tuple(file.key_metrics),
        comparisons=tuple(
            ComparisonSpec(name=one.name, runs=tuple(one.runs), filter=one.filter)
            for one in file.comparison
        ),
        notes=read_notes(path.parent, limits, problems.append),
        root=found.root,
        path=found.relative,
        problems=tuple(problems),
    )


def _document(path: Path, limits: Limits) -> dict[str, Any]:
    """The document in *path*.

    Raises:
        SitegenError: if it is missing, a symlink, too large, or no TOML.
    """
    return parse_toml(read_bytes(path.parent, path.name, limits.json_bytes), path)


def _file(found: ExperimentPath, limits: Limits, report: Report) -> schema.ExperimentFile:
    """The file's struct; unknown keys and wrong types are told and left out."""
    path, shown = found.path, found.relative
    try:
        document = _document(path, limits)
    except SitegenError as error:
        report(
            Problem(
                code="experiment-unreadable",
                severity="error",
                path=shown,
                line=error.line,
                message=error.message,
                hint="The experiment is shown without it.",
            )
        )
        return schema.ExperimentFile()
    kept: dict[str, Any] = {}
    for key, value in document.items():
        try:
            msgspec.convert({key: value}, schema.ExperimentFile, strict=True)
        except msgspec.ValidationError as error:
            fault = explain_toml_error(error, {key: value}, path, schema.ExperimentFile)
            report(
                Problem(
                    code="experiment-key",
                    severity="warning",
                    path=shown,
                    message=fault.message,
                    hint=fault.hint or "The key is left out.",
                )
            )
        else:
            kept[key] = value
    return msgspec.convert(kept, schema.ExperimentFile, strict=True)


def _time(value: Any, shown: str, report: Report) -> int | None:
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        text = f"{value.isoformat()}T00:00:00Z"
    time_ns = parse_rfc3339_ns(text)
    if time_ns is None:
        report(
            Problem(
                code="experiment-key",
                severity="warning",
                path=shown,
                message=f"created_at: must be a time, got {text[:80]!r}",
                hint="Write it as 2026-11-20T14:02:00Z.",
            )
        )
    return time_ns
