"""A whole build: plan, derive every run, render every page, put the site in place.

Floor 6. Runs are derived in any order and by any number of workers; everything that is written is
computed from values in a fixed order, so that the bytes do not depend on it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sitegen.build.pages import (
    RunPageTask,
    asset_links,
    render_run,
    write_experiment,
    write_index,
)
from sitegen.build.parts import derive_run
from sitegen.build.plan import RunPlan, plan_runs, shared_ids
from sitegen.build.pool import Pool, default_workers, worker_pool
from sitegen.build.progress import Progress
from sitegen.build.sink import StagedSink
from sitegen.build.store import Written, check_output, publish, staging_directory
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.card import Card, derive_card
from sitegen.derive.experiment import Experiment, derive_experiments
from sitegen.errors import Problem
from sitegen.pages.frame import Site
from sitegen.pages.surroundings import all_surroundings
from sitegen.read.experiments import ExperimentSpec, read_experiments
from sitegen.render.theme import Theme, read_theme
from sitegen.units import year_of

CACHE = ".sitegen-cache"
_POOL_FROM_BYTES = 8_000_000
_POOL_FROM_RUNS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build made."""

    output: Path
    """The site."""
    experiments: tuple[Experiment, ...]
    """All experiments with their cards."""
    site_problems: tuple[Problem, ...]
    """Problems that belong to no run."""
    shown_paths: dict[str, str]
    """Directory of each run by id, as the user would type it."""
    problems: dict[str, tuple[Problem, ...]]
    """Problems by run id."""
    problem_errors: int
    """Problems of severity error."""
    problem_warnings: int
    """Problems of severity warning."""
    written: Written
    """What changed on disk."""
    seconds: float
    """How long it took; for the terminal, never for a page."""

    @property
    def run_count(self) -> int:
        """Runs in the site."""
        return sum(len(experiment.cards) for experiment in self.experiments)


@dataclass(frozen=True, slots=True, kw_only=True)
class _DeriveTask:
    """One run to derive."""

    plan: RunPlan
    """The run."""
    limits: Limits
    """Limits on input."""
    staging: Path
    """Where the staged site and the facts go."""
    annotations_dir: Path | None
    """Where further sidecars lie."""
    is_shared: bool
    """Whether another bundle has the same id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """What a worker sends back of a run; its facts stay on disk."""

    card: Card
    """Its card."""
    annotations: ResolvedAnnotations
    """Its sidecars."""
    problems: tuple[Problem, ...]
    """Its problems."""


def build_site(
    roots: Sequence[Path],
    output: Path,
    settings: Settings,
    *,
    workers: int | None,
    progress: Progress,
) -> BuildResult:
    """Build the site of all runs below *roots* into *output*.

    Raises:
        SitegenError: for arguments, settings, themes and outputs that cannot be used.
        NothingBuiltError: if there is no run.
    """
    started = time.perf_counter()
    check_output(output)
    theme = read_theme(settings.theme)
    excluded = (output, output.parent / CACHE)
    progress.stage("Finding runs", 0)
    plans = plan_runs(roots, excluded, settings.limits, lambda: progress.step(""))
    specs = read_experiments(roots, excluded, settings.limits)
    site = Site(
        title=settings.title, description=settings.description, is_indexed=settings.is_indexed,
        assets=asset_links(theme),
    )
    with (
        staging_directory(output) as staging,
        worker_pool(_worker_count(workers, plans)) as pool,
    ):
        derived = _derive_all(pool, plans, settings, staging, progress)
        experiments = derive_experiments((one.card for one in derived.values()), specs)
        problems = _site_problems(specs, experiments)
        _render_all(pool, site, theme, experiments, problems, derived, staging, progress)
        written = publish(staging / "site", output)
    by_run = {run_id: one.problems for run_id, one in derived.items()}
    every = [*problems, *(problem for found in by_run.values() for problem in found)]
    errors = sum(problem.severity == "error" for problem in every)
    return BuildResult(
        output=output, experiments=experiments, site_problems=problems,
        shown_paths={plan.run_id: plan.bundle.shown_path for plan in plans},
        problems=by_run, problem_errors=errors, problem_warnings=len(every) - errors,
        written=written, seconds=time.perf_counter() - started,
    )


def _worker_count(workers: int | None, plans: Sequence[RunPlan]) -> int:
    """Asked for, else one unless there is enough to do to pay for starting processes (about 1 s)."""
    if workers is not None:
        return workers
    size_bytes = sum(
        file.size_bytes for plan in plans for files in plan.bundle.files.values() for file in files
    )
    is_small = size_bytes < _POOL_FROM_BYTES and len(plans) < _POOL_FROM_RUNS
    return 1 if is_small else default_workers()


def _derive_all(
    pool: Pool,
    plans: Sequence[RunPlan],
    settings: Settings,
    staging: Path,
    progress: Progress,
) -> dict[str, _Derived]:
    shared = shared_ids(plans)
    tasks = [
        _DeriveTask(
            plan=plan, limits=settings.limits, staging=staging,
            annotations_dir=settings.annotations_dir, is_shared=plan.run_id in shared,
        )
        for plan in plans
    ]
    progress.stage("Reading runs", len(tasks))
    results = pool.run(
        _derive, tasks, name_of=lambda task: task.plan.bundle.shown_path,
        on_done=lambda task: progress.step(task.plan.run_id),
    )
    return {one.card.id: one for one in results}


def _derive(task: _DeriveTask) -> _Derived:
    run_slug = slug(task.plan.run_id)
    sink = StagedSink(task.staging / "site", run_slug, task.plan.bundle.root)
    run = derive_run(
        task.plan, task.limits, sink, annotations_dir=task.annotations_dir,
        is_shared=task.is_shared,
    )
    _facts_file(task.staging, run_slug).write_bytes(msgspec.msgpack.encode(run.facts))
    return _Derived(
        card=derive_card(run.facts, run.annotations.counts, is_readable=run.is_readable),
        annotations=run.annotations,
        problems=run.facts.problems,
    )


def _facts_file(staging: Path, run_slug: str) -> Path:
    return staging / f"{run_slug}.facts"


def _site_problems(
    specs: dict[str, ExperimentSpec], experiments: Sequence[Experiment]
) -> tuple[Problem, ...]:
    with_runs = {experiment.name for experiment in experiments}
    found = [problem for spec in specs.values() for problem in spec.problems]
    found += [
        Problem(
            code="experiment-empty", severity="warning", path=spec.path,
            message=f"no run belongs to the experiment “{name}”",
            hint="Runs name it in run.json, or lie in its directory.",
        )
        for name, spec in sorted(specs.items())
        if name not in with_runs
    ]
    return tuple(found)


def _render_all(
    pool: Pool,
    site: Site,
    theme: Theme,
    experiments: tuple[Experiment, ...],
    problems: tuple[Problem, ...],
    derived: dict[str, _Derived],
    staging: Path,
    progress: Progress,
) -> None:
    root = staging / "site"
    latest_ns = max((one.activity_ns or 0 for one in experiments), default=0)
    surroundings = all_surroundings(experiments, year_of(latest_ns))
    tasks = [
        RunPageTask(
            site=site, theme_directories=theme.directories, staging=root,
            facts_file=_facts_file(staging, one.card.slug), run_id=run_id, slug=one.card.slug,
            surroundings=surroundings[run_id], annotations=one.annotations,
        )
        for run_id, one in derived.items()
    ]
    progress.stage("Rendering pages", len(tasks))
    pool.run(
        render_run, tasks, name_of=lambda task: task.run_id,
        on_done=lambda task: progress.step(task.run_id),
    )
    for experiment in experiments:
        write_experiment(root, theme, site, experiment)
    write_index(root, theme, site, experiments, problems)
    _write_assets(root, theme)


def _write_assets(root: Path, theme: Theme) -> None:
    for asset in theme.assets():
        path = root / asset.path
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(asset.content)
    (root / ".nojekyll").touch()
