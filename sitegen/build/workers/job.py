"""What the steps of one build share, and how they hand out work. Floor 6."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from sitegen.build.last_build.state import InputFile, LastBuild, RunCard
from sitegen.build.output.output_file import OutputFile
from sitegen.build.plan import RunPlan
from sitegen.build.progress import Progress
from sitegen.build.reviewing import Reviewing
from sitegen.build.steps.run_tasks import DeriveTask, PageTask, PartTask, SharesTask
from sitegen.build.workers.pool import Lost, Pool
from sitegen.build.workers.workload import worker_count
from sitegen.build.workers.workplace import Workplace
from sitegen.pages.frame import Site
from sitegen.read.bundle import Group
from sitegen.records import dataclass
from sitegen.render.env import Templates
from sitegen.render.theme import Theme

RunTask = TypeVar("RunTask", bound=DeriveTask | PageTask | PartTask | SharesTask)
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltRun:
    """A run of this build, derived or kept."""

    plan: RunPlan
    """The run."""
    run_key: str
    """Digest of everything its card depends on."""
    card: RunCard
    """Its card and its problems."""
    encoded: bytes
    """The same as it is kept."""
    facts: bytes | None
    """All its facts, encoded, if they are at hand."""
    inputs: dict[str, InputFile]
    """Its files."""
    outputs: dict[str, OutputFile]
    """Its data files and attachments in the site."""
    is_shared: bool
    """Whether another bundle has the same id."""
    lost: Mapping[Group, str]
    """What became of the process that read a part, by part; empty but for an accident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the steps of one build share."""

    place: Workplace
    """Directories, limits, versions."""
    site: Site
    """What all pages share."""
    theme: Theme
    """The theme."""
    templates: Templates
    """Where its templates come from."""
    theme_key: str
    """Digest of what all pages depend on."""
    last: LastBuild
    """The build before."""
    progress: Progress
    """Is told how far it is."""
    workers: int | None
    """Processes asked for."""
    pool: Pool
    """The processes."""
    reviewing: Reviewing
    """What is known of sidecars beside their text."""
    rendered: list[str] = field(default_factory=list)
    """Paths of the pages rendered so far."""


def map_tasks(
    job: Job,
    function: Callable[[RunTask], Result],
    tasks: Sequence[RunTask],
    size_of: Callable[[RunTask], int],
) -> list[Result | Lost]:
    """Results of *function* over *tasks*, by as many workers as the work is worth."""
    plan_by_id = {task.plan.run_id: task.plan for task in tasks}
    return job.pool.run(
        function,
        tasks,
        workers=worker_count(job.workers, plan_by_id.values()),
        name_of=lambda task: task.plan.bundle.shown_path,
        size_of=size_of,
        on_done=lambda task: job.progress.step(task.plan.run_id),
    )
