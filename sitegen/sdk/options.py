"""What `start_run` was asked for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The arguments of `start_run`, of the right types."""

    experiment: str
    """Name of the experiment."""
    name: str | None
    """Name; None: made from the time."""
    tags: tuple[str, ...] | None
    """Labels; None: not given."""
    params: Mapping[str, Any]
    """Params to begin with, the seed included."""
    description: str | None
    """What the run is about."""
    project: str | None
    """Project of the experiment."""
    id: str | None
    """Id; None: made from the name."""
    resume: bool | Literal["allow"]
    """Whether the run of that id is there already; `allow`: perhaps."""
    parent: str | None
    """Id of the run that started this one."""
    sweep: tuple[str, str | int] | None
    """Id of a sweep and of its trial."""
    user: str | None
    """Who started it, if they want to be named."""
    runs: Path
    """Directory of experiments."""
    git: bool
    """Whether commit, branch, dirty flag and remote are recorded."""
    entrypoint: bool
    """Whether the script is recorded."""
    packages: bool
    """Whether versions of Python and of packages are recorded."""
    hardware: bool
    """Whether platform, CPU, memory and GPUs are recorded."""
    host: bool
    """Whether the name of the machine is recorded."""
    system_metrics_s: float | None
    """Interval of the system's metrics; None: off."""
    set_global_tracer: bool
    """Whether OpenTelemetry's global tracer provider becomes the run's."""
