"""A whole build: plan, derive what changed, render what changed, put the site in place.

Floor 6. Runs are derived in any order and by any number of workers; everything that is written
is computed from values in a fixed order, so that the bytes depend neither on that nor on what an
earlier build left in the cache.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from sitegen.build.cache import Cache, directory_key, locked
from sitegen.build.inputs import file_count, known_id, known_inputs, reasons
from sitegen.build.keys import base_key, digest_of, pages_key, run_key
from sitegen.build.pages import asset_links, render_experiment, render_index, write_file
from sitegen.build.part_cache import KIND
from sitegen.build.parts import sidecar_digests
from sitegen.build.plan import RunPlan, plan_runs, shared_ids
from sitegen.build.pool import worker_pool
from sitegen.build.problems import experiment_problems, flat, typed_problems
from sitegen.build.progress import Progress
from sitegen.build.run_tasks import (
    DerivedCard,
    DeriveTask,
    PageTask,
    Workplace,
    derive_card_of,
    encoded,
    render_page_of,
)
from sitegen.build.state import (
    STATE_FORMAT,
    BuildState,
    InputFile,
    OutputFile,
    RunCard,
    RunState,
    forget_state,
    read_cards,
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
    staged_files,
    staging_directory,
    unchanged,
)
from sitegen.build.unchanged import forget_snapshots
from sitegen.build.workload import worker_count
from sitegen.bundle.settings import Settings
from sitegen.derive.experiment import Experiment, derive_experiments
from sitegen.errors import Problem, SitegenError
from sitegen.pages.frame import Site
from sitegen.pages.links import INDEX, REPORT, experiment_page
from sitegen.pages.surroundings import all_surroundings
from sitegen.read.experiments import read_experiments
from sitegen.render.theme import Theme, read_theme
from sitegen.units import year_of

CACHE = ".sitegen-cache"
_DROP_EVERY = 10  # builds between two looks for entries to drop, which cost a stat each
RunTask = TypeVar("RunTask", DeriveTask, PageTask)
Result = TypeVar("Result")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A run of this build, derived or kept."""

    plan: RunPlan
    """The run."""
    run_key: str
    """Digest of everything its card depends on."""
    card: RunCard
    """Its card and its problems."""
    inputs: dict[str, InputFile]
    """Its files."""
    outputs: dict[str, OutputFile]
    """Its data files and attachments in the site."""
    is_shared: bool
    """Whether another bundle has the same id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What the steps of one build share."""

    place: Workplace
    """Directories, limits, versions."""
    site: Site
    """What all pages share."""
    theme: Theme
    """The theme."""
    theme_key: str
    """Digest of what all pages depend on."""
    last: BuildState
    """The build before."""
    progress: Progress
    """Is told how far it is."""
    workers: int | None
    """Processes asked for."""
    rendered: list[str] = field(default_factory=list)
    """Paths of the pages rendered so far."""


def build_site(
    roots: Sequence[Path],
    output: Path,
    settings: Settings,
    *,
    workers: int | None,
    progress: Progress,
    cache_directory: Path | None = None,
) -> BuildResult:
    """Build the site of all runs below *roots* into *output*.

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
    with locked(directory, output), staging_directory(output) as staging:
        job = _job(settings, theme, last, directory, staging, output, progress, workers)
        runs, why = _derive(job, plans)
        experiments = derive_experiments((run.card.card for run in runs), specs)
        _check_names(experiments)
        names = {experiment.name for experiment in experiments}
        problems = flat(experiment_problems(specs, names))
        pages = _render_runs(job, runs, experiments)
        others = _render_others(job, runs, experiments, problems)
        expected = _expected(runs, pages, others) | _assets(job)
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
        shown_paths={plan.run_id: plan.bundle.shown_path for plan in plans},
        problems=by_run,
        problem_errors=errors,
        problem_warnings=len(every) - errors,
        reasons=why,
        rendered=tuple(job.rendered),
        written=written,
        cache=directory,
        scanned_ns=scanned_ns,
        seconds=time.perf_counter() - started,
    )


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
) -> _Job:
    site = Site(
        title=settings.title,
        description=settings.description,
        is_indexed=settings.is_indexed,
        assets=asset_links(theme),
    )
    base = base_key(settings.limits)
    return _Job(
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
        theme_key=pages_key(site, theme.templates_digest()),
        last=last,
        progress=progress,
        workers=workers,
    )


def _derive(job: _Job, plans: Sequence[RunPlan]) -> tuple[list[_Run], dict[str, str]]:
    """Every run of the build in the order of *plans*, and why those that changed were derived."""
    shared = shared_ids(plans)
    cards = read_cards(Cache(job.place.cache), job.place.output) if job.last.runs else {}
    kept: dict[str, _Run] = {}
    tasks = []
    for plan in plans:
        seen = job.last.runs.get(directory_key(plan.bundle.root))
        known = known_inputs(plan.bundle, seen, job.last.scanned_ns)
        task = DeriveTask(
            place=job.place,
            plan=plan,
            known=known,
            is_shared=plan.run_id in shared,
            present=seen.outputs if seen else {},
        )
        run = _kept(job, task, seen, cards)
        if run is None:
            tasks.append(task)
        else:
            kept[plan.run_id] = run
    job.progress.stage("Reading runs", len(tasks))
    results = _map(job, derive_card_of, tasks)
    derived = {
        task.plan.run_id: _run(task, result) for task, result in zip(tasks, results, strict=True)
    }
    why = {}
    for run_id, run in derived.items():
        before = job.last.runs.get(directory_key(run.plan.bundle.root))
        if before is None or before.run_key != run.run_key:  # else only hashed again
            why[run_id] = reasons(before, run.inputs)
    return [kept.get(plan.run_id) or derived[plan.run_id] for plan in plans], why


def _kept(
    job: _Job, task: DeriveTask, before: RunState | None, cards: dict[str, msgspec.Raw]
) -> _Run | None:
    """The run as it was, if none of its files changed and all it put into the site is there."""
    plan = task.plan
    if before is None or not task.known or len(task.known) != file_count(plan.bundle):
        return None
    digests = {path: file.sha256 for path, file in task.known.items()}
    sidecars = sidecar_digests(job.place.annotations_dir, plan.run_id)
    key = run_key(job.place.base, plan, digests, sidecars, is_shared=task.is_shared)
    if key != before.run_key or len(task.known) != len(before.inputs) or key not in cards:
        return None
    if not has_files(job.place.output, before.outputs):
        return None
    try:
        card = msgspec.msgpack.decode(cards[key], type=RunCard)
    except msgspec.MsgspecError:
        return None
    return _Run(
        plan=plan,
        run_key=key,
        card=card,
        inputs=task.known,
        outputs=before.outputs,
        is_shared=task.is_shared,
    )


def _run(task: DeriveTask, derived: DerivedCard) -> _Run:
    return _Run(
        plan=task.plan,
        run_key=derived.run_key,
        card=derived.card,
        inputs=derived.inputs,
        outputs=derived.outputs,
        is_shared=task.is_shared,
    )


def _map(
    job: _Job, function: Callable[[RunTask], Result], tasks: Sequence[RunTask]
) -> list[Result]:
    """Results of *function* over *tasks*, by as many workers as the work is worth."""
    workers = worker_count(job.workers, [task.plan for task in tasks])
    with worker_pool(min(workers, max(1, len(tasks)))) as pool:
        return pool.run(
            function,
            tasks,
            name_of=lambda task: task.plan.bundle.shown_path,
            on_done=lambda task: job.progress.step(task.plan.run_id),
        )


def _render_runs(
    job: _Job, runs: Sequence[_Run], experiments: tuple[Experiment, ...]
) -> dict[str, tuple[str, dict[str, OutputFile]]]:
    """Key and files of each run's page by run id; only pages whose key changed are rendered."""
    latest_ns = max((one.activity_ns or 0 for one in experiments), default=0)
    surroundings = all_surroundings(experiments, year_of(latest_ns))
    found: dict[str, tuple[str, dict[str, OutputFile]]] = {}
    tasks, keys = [], []
    for run in runs:
        run_id, around = run.plan.run_id, surroundings[run.plan.run_id]
        key = digest_of(job.theme_key, run.run_key, around)
        before = job.last.runs.get(directory_key(run.plan.bundle.root))
        if before and before.page_key == key and has_files(job.place.output, before.pages):
            found[run_id] = key, before.pages
            continue
        keys.append(key)
        tasks.append(
            PageTask(
                place=job.place,
                plan=run.plan,
                is_shared=run.is_shared,
                site=job.site,
                present=run.outputs,
                digest_by_path={path: file.sha256 for path, file in run.inputs.items()},
                theme_directories=job.theme.directories,
                surroundings=around,
            )
        )
    job.progress.stage("Rendering pages", len(tasks))
    for task, key, files in zip(tasks, keys, _map(job, render_page_of, tasks), strict=True):
        found[task.plan.run_id] = key, files
        job.rendered.extend(files)
    return found


def _render_others(
    job: _Job,
    runs: Sequence[_Run],
    experiments: tuple[Experiment, ...],
    problems: tuple[Problem, ...],
) -> dict[str, tuple[str, OutputFile]]:
    """Key and file of the experiments' pages, the index and the report, by path."""
    key_by_id = {run.plan.run_id: run.run_key for run in runs}
    staging, directories = job.place.staging, job.theme.directories
    found: dict[str, tuple[str, OutputFile]] = {}

    def page(paths: tuple[str, ...], key: str, render: Callable[[], dict[str, OutputFile]]) -> None:
        before = {path: job.last.pages[path] for path in paths if path in job.last.pages}
        files = {path: file for path, (_, file) in before.items()}
        is_same = len(before) == len(paths) and all(one == key for one, _ in before.values())
        if not is_same or not has_files(job.place.output, files):
            files = render()
            job.rendered.extend(files)
        found.update({path: (key, file) for path, file in files.items()})

    for one in experiments:
        keys = [key_by_id[card.id] for card in one.cards]
        page(
            (experiment_page(one.name),),
            digest_of(job.theme_key, one.spec, keys),
            partial(render_experiment, staging, directories, job.site, one),
        )
    specs = [one.spec for one in experiments]
    page(
        (INDEX, REPORT),
        digest_of(job.theme_key, specs, sorted(key_by_id.items()), problems),
        lambda: render_index(staging, directories, job.site, experiments, problems),
    )
    return found


def _expected(
    runs: Sequence[_Run],
    pages: dict[str, tuple[str, dict[str, OutputFile]]],
    others: dict[str, tuple[str, OutputFile]],
) -> dict[str, OutputFile]:
    """Every file of the new site but assets, by path."""
    expected = {path: file for path, (_, file) in others.items()}
    for run in runs:
        expected |= run.outputs
        expected |= pages[run.plan.run_id][1]
    return expected


def _assets(job: _Job) -> dict[str, OutputFile]:
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


def _kept_files(job: _Job, expected: dict[str, OutputFile]) -> dict[str, OutputFile]:
    """Files that lie in the output already and were not made again, by path."""
    staged = set(staged_files(job.place.staging))
    return {path: file for path, file in expected.items() if path not in staged}


def _remember(
    job: _Job,
    cache: Cache,
    runs: Sequence[_Run],
    pages: dict[str, tuple[str, dict[str, OutputFile]]],
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
    if number % _DROP_EVERY == 0:
        cache.drop_old(KIND)
