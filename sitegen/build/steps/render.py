"""The second step of a build: pages whose key changed are rendered, the others kept. Floor 6."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sitegen.build.cache.kept_annotations import as_resolved
from sitegen.build.cache.keys import digest_of
from sitegen.build.data_files.compared import REGISTRY
from sitegen.build.last_build.state import ExperimentState
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.store import (
    has_files,
)
from sitegen.build.parts import bundle_bytes
from sitegen.build.reviewing import Reviewing
from sitegen.build.steps.comparisons import ComparedRun
from sitegen.build.steps.experiment_tasks import ExperimentTask, render_experiment_of
from sitegen.build.steps.pages import (
    render_annotations,
    render_datasets,
    render_index,
    render_models,
)
from sitegen.build.steps.run_tasks import (
    PageTask,
    render_page_of,
)
from sitegen.build.workers.job import BuiltRun, Job, map_tasks
from sitegen.build.workers.pool import Lost
from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment
from sitegen.derive.lineage import dataset_records, model_records
from sitegen.derive.reviews import ReviewedRun
from sitegen.derive.since import SinceBase
from sitegen.errors import Problem
from sitegen.pages.experiment.evals import compared_pairs
from sitegen.pages.links import (
    ANNOTATIONS,
    ANNOTATIONS_CSV,
    COMPARE,
    DATASETS,
    DATASETS_CSV,
    INDEX,
    MODELS,
    MODELS_CSV,
    REPORT,
    experiment_page,
)
from sitegen.pages.run.surroundings import Relations, all_surroundings
from sitegen.pages.site.index import MOST_ROWS
from sitegen.pages.site.review_table import NAME as REVIEWS
from sitegen.read.bundle import Place

_CARD_BYTES = 10_000  # of input that takes as long as a run's row
DATA = "data/"
"""Below this lie the files that pages load."""

RunPages = dict[str, tuple[str, dict[str, OutputFile]]]
"""Key and files of each run's page by run id."""


def render_runs(
    job: Job,
    runs: Sequence[BuiltRun],
    experiments: Sequence[Experiment],
    relations: Relations,
    latest_year: int | None,
) -> tuple[RunPages, dict[str, str]]:
    """The pages of *runs*, of which only those whose key changed are rendered; and what became of
    the process of those that could not be, by run id.
    """
    surroundings = all_surroundings(experiments, latest_year, relations)
    baselines = _baselines(runs, experiments)
    found: RunPages = {}
    lost: dict[str, str] = {}
    tasks, keys = [], []
    for run in runs:
        run_id = run.plan.run_id
        around = replace(surroundings[run_id], since=_since(job, run))
        baseline = baselines.get(run.plan.run_id) if run.card.card.scorers else None
        of_baseline = baseline and (baseline.plan.run_id, baseline.digest_by_path)
        key = digest_of(job.theme_key, run.run_key, around, of_baseline)
        before = job.last.record(run.plan.bundle.real_path)
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
                templates=job.templates,
                surroundings=around,
                lost=run.lost,
                baseline=baseline,
                own_evals=_compared(run) if baseline else None,
                facts=run.facts,
            )
        )
    job.progress.stage("Rendering pages", len(tasks))
    made = map_tasks(job, render_page_of, tasks, lambda task: bundle_bytes(task.plan.bundle))
    for task, key, files in zip(tasks, keys, made, strict=True):
        if isinstance(files, Lost):
            lost[task.plan.run_id] = files.reason
        else:
            found[task.plan.run_id] = key, files
            job.rendered.extend(files)
    return found, lost


def _since(job: Job, run: BuiltRun) -> SinceBase | None:
    """What became of the run's annotations; None for a site that is built against no base."""
    if job.reviewing.base is None:
        return None
    bundle = run.plan.bundle
    place = Place(str(bundle.root), bundle.relative, bundle.real_path)
    said = [one.annotation for one in as_resolved(run.card.annotations)]
    return job.reviewing.since(place, run.plan.run_id, said)


def _baselines(
    runs: Sequence[BuiltRun], experiments: Sequence[Experiment]
) -> dict[str, ComparedRun]:
    """The baseline with evals that each run's evals are held against, by run id."""
    run_by_id = {run.plan.run_id: run for run in runs}
    found: dict[str, ComparedRun] = {}
    for one in experiments:
        if one.baseline is not None and one.baseline.scorers:
            baseline = _compared(run_by_id[one.baseline.id])
            found |= {card.id: baseline for card in one.cards if card is not one.baseline}
    return found


def _compared(run: BuiltRun) -> ComparedRun:
    """Its evals; of a part whose process was lost nothing is read again."""
    files = () if "evals" in run.lost else run.plan.bundle.files.get("evals", ())
    return ComparedRun(
        plan=run.plan,
        digest_by_path={file.path: run.inputs[file.path].sha256 for file in files},
        present=run.outputs,
    )


def _experiment_task(
    job: Job, experiment: Experiment, run_by_id: Mapping[str, BuiltRun]
) -> ExperimentTask:
    last = job.last.state.experiments.get(experiment.name)
    pairs = compared_pairs(experiment, experiment.cards[:MOST_ROWS])
    return ExperimentTask(
        place=job.place,
        site=job.site,
        templates=job.templates,
        experiment=experiment,
        pairs=tuple(
            (_compared(run_by_id[one]), _compared(run_by_id[other])) for one, other in pairs
        ),
        present={
            path: file
            for path, (_, file) in (last.pages if last else {}).items()
            if path.startswith(DATA) and has_files(job.place.output, {path: file})
        },
    )


def render_others(
    job: Job, runs: Sequence[BuiltRun], experiments: Sequence[Experiment]
) -> dict[str, dict[str, tuple[str, OutputFile]]]:
    """Key and file of the pages of *experiments* by their names and by path."""
    run_by_id = {run.plan.run_id: run for run in runs}
    found, keys = {}, {}
    tasks: list[ExperimentTask] = []
    for one in experiments:
        run_keys = [run_by_id[card.id].run_key for card in one.cards]
        keys[one.name] = key = digest_of(job.theme_key, one.spec, run_keys)
        last = job.last.state.experiments.get(one.name)
        paths = tuple(last.pages) if last else (experiment_page(one.name),)
        kept = _kept(job, paths, last.pages if last else {}, key)
        if kept is None:
            tasks.append(_experiment_task(job, one, run_by_id))
        else:
            found[one.name] = {path: (key, file) for path, file in kept.items()}
    for task, files in zip(tasks, _experiments_of(job, tasks), strict=True):
        name = task.experiment.name
        found[name] = {path: (keys[name], file) for path, file in files.items()}
        job.rendered.extend(path for path in files if not path.startswith(DATA))
    return found


def _experiments_of(job: Job, tasks: Sequence[ExperimentTask]) -> list[dict[str, OutputFile]]:
    """The pages of each task: by the workers that there are, here if there are none or if the
    process died that rendered one.
    """
    results = job.pool.run(
        render_experiment_of,
        tasks,
        workers=job.pool.running,
        name_of=lambda task: task.experiment.name,
        size_of=lambda task: len(task.experiment.cards) * _CARD_BYTES,
        on_done=lambda _: None,
    )
    return [
        render_experiment_of(task) if isinstance(files, Lost) else files
        for task, files in zip(tasks, results, strict=True)
    ]


def render_front(
    job: Job, experiments: Sequence[ExperimentState], problems: tuple[Problem, ...]
) -> dict[str, tuple[str, OutputFile]]:
    """Key and file of the index, the report, the page that compares runs and its registry."""

    def render() -> dict[str, OutputFile]:
        return render_index(
            job.place.staging,
            job.templates,
            job.site,
            [one.index_entry() for one in experiments],
            [one.report_part() for one in experiments],
            [one.compared_part() for one in experiments],
            problems,
        )

    key = digest_of(job.theme_key, [one.facts_key for one in experiments], problems)
    last = job.last.state.pages
    registry = [path for path in last if path.startswith(REGISTRY)]
    return kept_or_rendered(job, (INDEX, REPORT, COMPARE, *registry), last, key, render)


def render_lineage(
    job: Job, lineage_key: str, cards_of: Callable[[], list[Card]]
) -> dict[str, tuple[str, OutputFile]]:
    """Key and file of the pages of models and of data sets, by path.

    *cards_of* gives the cards of the runs that name any, whose digest is *lineage_key*; it is asked
    only if one of them changed.
    """
    key = digest_of(job.theme_key, lineage_key)
    staging, templates, last = job.place.staging, job.templates, job.last.state.pages

    def models() -> dict[str, OutputFile]:
        return render_models(staging, templates, job.site, model_records(cards_of()))

    def datasets() -> dict[str, OutputFile]:
        return render_datasets(staging, templates, job.site, dataset_records(cards_of()))

    return {
        **kept_or_rendered(job, (MODELS, MODELS_CSV), last, key, models),
        **kept_or_rendered(job, (DATASETS, DATASETS_CSV), last, key, datasets),
    }


def render_reviews(
    job: Job, reviews_key: str, reviewing: Reviewing, runs_of: Callable[[], list[ReviewedRun]]
) -> dict[str, tuple[str, OutputFile]]:
    """Key and file of the page of annotations, by path; *runs_of* gives the runs that have any,
    whose digest is *reviews_key*, and is asked if one changed.
    """
    base_key = reviewing.base and reviewing.base.key
    key = digest_of(job.theme_key, reviews_key, reviewing.commits, base_key)
    staging, templates, last = job.place.staging, job.templates, job.last.state.pages

    def render() -> dict[str, OutputFile]:
        runs = runs_of()
        base = reviewing.summary(runs)
        return render_annotations(staging, templates, job.site, runs, base)

    columns = [path for path in last if path.startswith(f"{DATA}{REVIEWS}/")]
    return kept_or_rendered(job, (ANNOTATIONS, ANNOTATIONS_CSV, *columns), last, key, render)


def kept_or_rendered(
    job: Job,
    paths: tuple[str, ...],
    last: Mapping[str, tuple[str, OutputFile]],
    key: str,
    render: Callable[[], dict[str, OutputFile]],
) -> dict[str, tuple[str, OutputFile]]:
    """Key and file of the pages at *paths*: those of the *last* build if their key is *key*."""
    files = _kept(job, paths, last, key)
    if files is None:
        files = render()
        job.rendered.extend(path for path in files if not path.startswith((DATA, REGISTRY)))
    return {path: (key, file) for path, file in files.items()}


def _kept(
    job: Job, paths: tuple[str, ...], last: Mapping[str, tuple[str, OutputFile]], key: str
) -> dict[str, OutputFile] | None:
    """The pages at *paths* as the *last* build left them; None if not all are of *key*."""
    before = {path: last[path] for path in paths if path in last}
    files = {path: file for path, (_, file) in before.items()}
    is_same = len(before) == len(paths) and all(one == key for one, _ in before.values())
    return files if is_same and has_files(job.place.output, files) else None
