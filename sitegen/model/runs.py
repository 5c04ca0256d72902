"""A run's manifest: what run.json says. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.model.words import Goal, Json, Status
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that the run's author logged."""

    title: str
    """What the link is called."""
    url: str
    """Address as written; only `safe_url` may turn it into an href."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """What the author says of one metric."""

    goal: Goal | None
    """Which direction is better, None if not said."""
    unit: str | None
    """Unit of the values, as written."""
    description: str | None
    """One sentence on what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The code that ran."""

    entrypoint: str | None = None
    """Script or module, relative to the repository."""
    repository: str | None = None
    """Address of the repository."""
    commit: str | None = None
    """Commit hash."""
    branch: str | None = None
    """Branch checked out."""
    dirty: bool | None = None
    """Whether there were uncommitted changes."""
    diff: str | None = None
    """The uncommitted changes, or the attachment that holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where the code ran."""

    python: str | None = None
    """Python version."""
    platform: str | None = None
    """Operating system and architecture."""
    packages: Mapping[str, Json]
    """Version by package name."""
    hardware: Mapping[str, Json]
    """Free facts about the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set that the run used."""

    name: str
    """Name of the data set."""
    version: str | None = None
    """Its version."""
    uri: str | None = None
    """Where it lies."""
    digest: str | None = None
    """Digest of its content, as logged."""
    description: str | None = None
    """What it is."""
    rows: int | None = None
    """Number of rows."""
    split: str | None = None
    """`train`, `test`, …"""
    context: str | None = None
    """What the run used it for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModel:
    """A model that the run produced."""

    name: str
    """Name of the model."""
    version: str | None = None
    """Its version."""
    path: str | None = None
    """File in the bundle."""
    uri: str | None = None
    """Where else it lies."""
    digest: str | None = None
    """Digest of its content, as logged."""
    flavor: str | None = None
    """Framework or file format."""
    size_bytes: int | None = None
    """Size."""
    stage: str | None = None
    """`staging`, `production`, …"""
    tags: tuple[str, ...] = ()
    """Labels."""
    description: str | None = None
    """What it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition on metrics that the author wanted to hear of."""

    condition: str
    """`val_loss > 2.0`, in the grammar of `bundle/conditions.py`."""
    message: str | None = None
    """What to tell."""
    level: str | None = None
    """`info`, `warning` or `error`, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed."""

    type: str | None = None
    """Class of the exception."""
    message: str | None = None
    """Its text."""
    traceback: str | None = None
    """Its traceback, innermost frame last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTrial:
    """The trial of a sweep that this run is."""

    id: str
    """Id of the sweep."""
    trial: str | None = None
    """Id of the trial in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What run.json says, every field checked; unknown keys in `other`."""

    id: str
    """Identity of the run in the site."""
    name: str
    """What people call it."""
    experiment: str
    """Name of the experiment it belongs to."""
    project: str | None = None
    """Project above the experiment."""
    status: Status
    """How the run ended, or `running`."""
    created_at_ns: int | None = None
    """When it was created."""
    started_at_ns: int | None = None
    """When it started."""
    ended_at_ns: int | None = None
    """When it ended."""
    user: str | None = None
    """Who ran it."""
    description: str | None = None
    """One or more sentences."""
    tags: tuple[str, ...] = ()
    """Labels."""
    links: tuple[Link, ...] = ()
    """Links."""
    params: Mapping[str, Json]
    """Params as written, nested."""
    metric_specs: Mapping[str, MetricSpec]
    """What is said of metrics, by name."""
    summary: Mapping[str, float]
    """Scalars logged by name, may be NaN or infinite."""
    source: Source
    """The code."""
    environment: Environment
    """The machine."""
    datasets: tuple[Dataset, ...] = ()
    """Data sets used."""
    models: tuple[LoggedModel, ...] = ()
    """Models produced."""
    parent: str | None = None
    """Id of the run that started this one."""
    sweep: SweepTrial | None = None
    """Trial of a sweep."""
    alerts: tuple[Alert, ...] = ()
    """Conditions to check."""
    error: RunError | None = None
    """Why it failed."""
    other: Mapping[str, Json]
    """Keys that the format does not know."""
