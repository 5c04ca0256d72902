"""A whole build: plan, derive what changed, render what changed, put the site in place.

Floor 6. Runs are derived in any order and by any number of workers; everything that is written
is computed from values in a fixed order, so that the bytes depend neither on that nor on what an
earlier build left in the cache.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitegen.build.cache import Cache, directory_key, locked
from sitegen.build.derive_step import derive_runs
from sitegen.build.disk import told_when_full
from sitegen.build.inputs import known_id
from sitegen.build.job import BuiltRun, Job
from sitegen.build.keys import base_key, code_key, pages_key
from sitegen.build.pages import asset_links, write_file
from sitegen.build.parts import GROUPS
from sitegen.build.plan import RunPlan, plan_runs
from sitegen.build.pool import Pool, TaskError, worker_pool
from sitegen.build.problems import experiment_problems, flat, typed_problems
from sitegen.build.progress import Progress
from sitegen.build.render_step import RunPages, render_others, render_runs
from sitegen.build.retention import drop_unused, is_due
from sitegen.build.run_tasks import encoded
from sitegen.build.select import everything, select_runs
from sitegen.build.state import (
    STATE_FORMAT,
    BuildState,
    OutputFile,
    RunState,
    forget_state,
    read_state,
    write_cards,
    write_state,
)
from sitegen.build.store import (
    Written,
    check_output,
    has_files,
    has_manifest,
    publish,
    remove_others,
    staged_files,
    staging_directory,
    unchanged,
)
from sitegen.build.unchanged import forget_snapshots
from sitegen.build.workplace import Workplace
from sitegen.bundle.settings import Settings
from sitegen.derive.experiment import Experiment, derive_experiments
from sitegen.errors import Problem, SitegenError
from sitegen.pages.frame import Site
from sitegen.pages.links import experiment_page
from sitegen.read.bundle import Group
from sitegen.read.experiments import ExperimentSpec, read_experiments
from sitegen.render.env import Templates
from sitegen.render.theme import Theme, read_theme

CACHE = ".sitegen-cache"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildResult:
    """What a build made."""

    output: Path
    """The site."""
    experiments: tuple[Experiment, ...]
    """All experiments with their cards."""
    site_problems: tuple[Problem, ...]
    """Problems that belong to no run."""
    left_out: int
    """Runs that do not meet the condition of `--select`."""
    shown_paths: dict[str, str]
    """Directory of each run by id, as the user would type it."""
    problems: dict[str, tuple[Problem, ...]]
    """Problems by run id."""
    problem_errors: int
    """Problems of severity error."""
    problem_warnings: int
    """Problems of severity warning."""
    has_lost: bool
    """Whether a part was given up since the process that read it died."""
    reasons: dict[str, str]
    """Why a run was derived again, by run id; runs that were not are absent."""
    rendered: tuple[str, ...]
    """Paths of the pages that were rendered."""
    written: Written
    """What changed on disk."""
    cache: Path
    """The cache that was used."""
    scanned_ns: int
    """When the inputs were scanned."""
    seconds: float
    """How long it took; for the terminal, never for a page."""

    @property
    def run_count(self) -> int:
        """Runs in the site."""
        return sum(len(experiment.cards) for experiment in self.experiments)


def build_site(
    roots: Sequence[Path],
    output: Path,
    settings: Settings,
    *,
    workers: int | None,
    progress: Progress,
    cache_directory: Path | None = None,
    compiled: Path | None = None,
) -> BuildResult:
    """Build the site of all runs below *roots* into *output*.

    The templates' code is kept below *compiled*, where nobody but the user may write.

    Raises:
        SitegenError: for arguments, settings, themes and outputs that cannot be used.
        NothingBuiltError: if there is no run.
    """
    started = time.perf_counter()
    check_output(output)
    theme = read_theme(settings.theme)
    directory = cache_directory or output.absolute().parent / CACHE
    typed, output = output, output.resolve() if output.is_symlink() else output
    excluded = (output, directory)
    progress.stage("Finding runs", 0)
    last = read_state(Cache(directory), output)
    scanned_ns = time.time_ns()
    plans = plan_runs(
        roots,
        excluded,
        settings.limits,
        lambda: progress.step(""),
        lambda bundle: known_id(bundle, last),
    )
    specs = read_experiments(roots, excluded, settings.limits, [plan.bundle for plan in plans])
    with (
        told_when_full(str(typed)),
        locked(directory, output),
        staging_directory(output) as staging,
        worker_pool(settings.limits.worker_bytes) as pool,
    ):
        job = _job(
            settings, theme, last, directory, staging, output, progress, workers, compiled, pool
        )
        chosen = everything(plans)
        if settings.select is not None:
            chosen = select_runs(job, plans, specs, settings.select, scanned_ns)
        runs, why, experiments, pages = _run_pages(job, chosen.plans, specs)
        names = {experiment.name for experiment in experiments} | chosen.experiments
        problems = flat(experiment_problems(specs, names))
        others = render_others(job, runs, experiments, problems)
        expected = _expected(runs, pages, others) | _assets(job)
        if chosen.left_out:
            remove_others(job.place.staging, expected)
        kept = _kept_files(job, expected)
        is_same = len(kept) == len(expected) == len(last.files)
        if not is_same or kept != last.files or not has_manifest(output):
            forget_state(Cache(directory), output)  # until it is true again
            forget_snapshots(str(directory))
            written = publish(job.place.staging, output, kept)
        else:
            written = unchanged(output, kept)
        _remember(job, Cache(directory), runs, pages, others, expected, scanned_ns)
    by_run = {run.plan.run_id: run.card.problems for run in runs}
    every = [*problems, *(problem for found in by_run.values() for problem in found)]
    errors = sum(problem.severity == "error" for problem in every)
    return BuildResult(
        output=typed,
        experiments=experiments,
        site_problems=flat(typed_problems(specs, names)),
        left_out=chosen.left_out,
        shown_paths={plan.run_id: plan.bundle.shown_path for plan in plans},
        problems=by_run,
        problem_errors=errors,
        problem_warnings=len(every) - errors,
        has_lost=any(run.lost for run in runs),
        reasons=why,
        rendered=tuple(job.rendered),
        written=written,
        cache=directory,
        scanned_ns=scanned_ns,
        seconds=time.perf_counter() - started,
    )


def _run_pages(
    job: Job, plans: Sequence[RunPlan], specs: Mapping[str, ExperimentSpec]
) -> tuple[list[BuiltRun], dict[str, str], tuple[Experiment, ...], RunPages]:
    """All runs, why those that changed were derived, their experiments and their pages.

    A run whose page cannot be rendered, since its process dies, is derived again without its
    parts; so is nothing else, but pages that show it change with it.
    """
    lost: dict[str, dict[Group, str]] = {}
    for _ in range(2):
        runs, why = derive_runs(job, plans, lost)
        experiments = derive_experiments((run.card.card for run in runs), specs)
        _check_names(experiments)
        pages, dead = render_runs(job, runs, experiments)
        if not dead:
            return runs, why, experiments, pages
        lost = {run_id: dict.fromkeys(GROUPS, reason) for run_id, reason in dead.items()}
    raise TaskError(f"no page of {', '.join(sorted(lost))}: the process that rendered it died")


def _check_names(experiments: Sequence[Experiment]) -> None:
    """Nothing, if no two experiments share a page.

    Raises:
        SitegenError: if they do; 40 bits of SHA-256 do not agree by chance.
    """
    name_by_path: dict[str, str] = {}
    for experiment in experiments:
        path = experiment_page(experiment.name)
        other = name_by_path.setdefault(path, experiment.name)
        if other != experiment.name:
            raise SitegenError(
                f"the experiments “{other}” and “{experiment.name}” have names of one digest",
                path=path,
                hint="Give one of them another name.",
            )


def _job(
    settings: Settings,
    theme: Theme,
    last: BuildState,
    cache: Path,
    staging: Path,
    output: Path,
    progress: Progress,
    workers: int | None,
    compiled: Path | None,
    pool: Pool,
) -> Job:
    site = Site(
        title=settings.title,
        description=settings.description,
        is_indexed=settings.is_indexed,
        assets=asset_links(theme),
    )
    base = base_key(settings.limits)
    return Job(
        place=Workplace(
            cache=cache,
            base=base,
            limits=settings.limits,
            staging=staging / "site",
            output=output,
            annotations_dir=settings.annotations_dir,
        ),
        site=site,
        theme=theme,
        templates=Templates(
            directories=theme.directories,
            compiled=compiled / code_key() if compiled else None,
        ),
        theme_key=pages_key(site, theme.templates_digest()),
        last=last,
        progress=progress,
        workers=workers,
        pool=pool,
    )


def _expected(
    runs: Sequence[BuiltRun],
    pages: RunPages,
    others: dict[str, tuple[str, OutputFile]],
) -> dict[str, OutputFile]:
    """Every file of the new site but assets, by path."""
    expected = {path: file for path, (_, file) in others.items()}
    for run in runs:
        expected |= run.outputs
        expected |= pages[run.plan.run_id][1]
    return expected


def _assets(job: Job) -> dict[str, OutputFile]:
    """The theme's files by path, staged where the output lacks them."""
    found = {}
    contents = [(asset.path, asset.content) for asset in job.theme.assets()]
    for path, content in (*contents, (".nojekyll", b"")):
        file = job.last.files.get(path)
        is_there = file is not None and has_files(job.place.output, {path: file})
        found[path] = (
            file if is_there and file is not None else write_file(job.place.staging, path, content)
        )
    return found


def _kept_files(job: Job, expected: dict[str, OutputFile]) -> dict[str, OutputFile]:
    """Files that lie in the output already and were not made again, by path."""
    staged = set(staged_files(job.place.staging))
    return {path: file for path, file in expected.items() if path not in staged}


def _remember(
    job: Job,
    cache: Cache,
    runs: Sequence[BuiltRun],
    pages: RunPages,
    others: dict[str, tuple[str, OutputFile]],
    expected: dict[str, OutputFile],
    scanned_ns: int,
) -> None:
    """Keep the state of this build, and drop what no recent build used."""
    number = job.last.number + 1
    state = BuildState(
        format=STATE_FORMAT,
        number=number,
        scanned_ns=scanned_ns,
        pages=others,
        files=expected,
        runs={
            directory_key(run.plan.bundle.root): RunState(
                wanted_id=run.plan.wanted_id,
                run_id=run.plan.run_id,
                run_key=run.run_key,
                page_key=pages[run.plan.run_id][0],
                inputs=run.inputs,
                outputs=run.outputs,
                pages=pages[run.plan.run_id][1],
            )
            for run in runs
        },
    )
    write_cards(cache, job.place.output, {run.run_key: encoded(run.card) for run in runs})
    write_state(cache, job.place.output, state)
    if is_due(number):
        drop_unused(cache, job.place.output, (key for run in runs for key in run.card.used))
