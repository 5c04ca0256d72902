"""Rendering one page each, in whichever process: context, template, text. Floor 6."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment

from sitegen.build.data_files.columns import column_files, schema_script
from sitegen.build.data_files.compared import REGISTRY, ComparedPart, registry_script
from sitegen.build.data_files.reports import ReportPart, site_report
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.sink import StagedSink
from sitegen.build.parts import DerivedRun
from sitegen.derive.compared_run import ComparedRun
from sitegen.derive.evals.comparison import EvalComparison
from sitegen.derive.experiment import Experiment
from sitegen.derive.lineage import DatasetRecord, ModelRecord
from sitegen.derive.reviews import ReviewedRun
from sitegen.errors import Problem
from sitegen.pages.compare.declared import Declared
from sitegen.pages.compare.page import compare_page
from sitegen.pages.experiment.evals import Comparisons
from sitegen.pages.experiment.page import experiment_context, experiment_table
from sitegen.pages.frame import AssetLinks, Site
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
    run_page,
    run_report,
)
from sitegen.pages.run.page import run_context
from sitegen.pages.run.surroundings import Surroundings
from sitegen.pages.site.datasets import datasets_csv, datasets_page
from sitegen.pages.site.index import MOST_ROWS, IndexEntry, index_page
from sitegen.pages.site.models import models_csv, models_page
from sitegen.pages.site.reports import run_report as run_report_of
from sitegen.pages.site.review_table import NAME as REVIEWS
from sitegen.pages.site.review_table import write_review_table
from sitegen.pages.site.reviews import BaseSummary, newest_first, reviews_csv, reviews_page
from sitegen.render.env import Templates, render_page, template_environment
from sitegen.render.payload import content_hash, report_text
from sitegen.render.theme import Theme


@lru_cache(maxsize=2)
def _environment(templates: Templates) -> Environment:
    """One environment a process, so that no template is loaded twice."""
    return template_environment(templates.directories, templates.compiled)


def asset_links(theme: Theme) -> AssetLinks:
    """Paths of the theme's files."""
    return AssetLinks(
        style=theme.style.path,
        head_scripts=tuple(asset.path for asset in theme.head_scripts),
        scripts={
            kind: tuple(asset.path for asset in group) for kind, group in theme.scripts.items()
        },
        plotly=theme.plotly.path,
        plotly_style=theme.plotly_style.path,
    )


def render_run(
    staging: Path,
    templates: Templates,
    site: Site,
    run: DerivedRun,
    surroundings: Surroundings,
    comparison: tuple[EvalComparison, ...],
    *,
    slug: str,
    relative: str,
) -> dict[str, OutputFile]:
    """Write the run's page and its facts for machines; both by path in the site."""
    run_id = run.facts.manifest.manifest.id
    context = run_context(
        site,
        run.facts,
        surroundings,
        run.annotations,
        slug=slug,
        relative=relative,
        comparison=comparison,
    )
    report = run_report_of(run.facts, run.annotations.counts)
    return _written(
        staging,
        {
            run_page(run_id): _rendered(templates, "run", context),
            run_report(run_id): report_text(msgspec.to_builtins(report)),
        },
    )


def render_experiment(
    staging: Path,
    templates: Templates,
    site: Site,
    experiment: Experiment,
    comparisons: Comparisons,
    compared: Sequence[tuple[Declared, tuple[ComparedRun, ...]]],
    present: Mapping[str, OutputFile],
) -> dict[str, OutputFile]:
    """Write an experiment's page, those of its declared comparisons with the runs *compared*, and
    the columns of its runs that are not *present* already.
    """
    runs = experiment_table(experiment)
    files: dict[str, OutputFile] = {}
    file_by_key: dict[str, str] = {}
    for keys, path, content in column_files(experiment.name, runs.columns.payloads):
        files[path] = present[path] if path in present else write_file(staging, path, content)
        file_by_key |= dict.fromkeys(keys, path)
    path, content = schema_script(
        experiment.name, runs.columns.schema.for_page(), dict(file_by_key)
    )
    files[path] = present[path] if path in present else write_file(staging, path, content)
    context = experiment_context(site, experiment, runs, file_by_key, comparisons)
    text = _rendered(templates, "experiment", context)
    pages = {experiment_page(experiment.name): text}
    if compared:
        from sitegen.pages.compare.comparison import comparison_context
    for one, compared_runs in compared:
        comparison = comparison_context(site, experiment, one, compared_runs, comparisons)
        pages[one.path] = _rendered(templates, "comparison", comparison)
    return files | _written(staging, pages)


def render_index(
    staging: Path,
    templates: Templates,
    site: Site,
    entries: Sequence[IndexEntry],
    parts: Sequence[ReportPart],
    compared: Sequence[ComparedPart],
    problems: tuple[Problem, ...],
) -> dict[str, OutputFile]:
    """Write the index, report.json, the page that compares runs and the registry of all runs."""
    registry = registry_script(compared)
    path = f"{REGISTRY}{content_hash(registry)}.js"
    comparing = compare_page(
        site,
        entries,
        tuple(link for one in compared for link in one.declared),
        registry=path,
        problems=problems,
    )
    context = index_page(site, entries, problems)
    return _written(
        staging,
        {
            INDEX: _rendered(templates, "index", context),
            REPORT: site_report(site.title, parts, problems),
            COMPARE: _rendered(templates, "compare", comparing),
        },
    ) | {path: write_file(staging, path, registry)}


def render_models(
    staging: Path,
    templates: Templates,
    site: Site,
    records: tuple[ModelRecord, ...],
) -> dict[str, OutputFile]:
    """Write the page of models and their CSV."""
    context = models_page(site, records, MODELS_CSV)
    return _written(
        staging,
        {
            MODELS: _rendered(templates, "models", context),
            MODELS_CSV: models_csv(records),
        },
    )


def render_datasets(
    staging: Path,
    templates: Templates,
    site: Site,
    records: tuple[DatasetRecord, ...],
) -> dict[str, OutputFile]:
    """Write the page of data sets and their CSV."""
    context = datasets_page(site, records, DATASETS_CSV)
    return _written(
        staging,
        {
            DATASETS: _rendered(templates, "datasets", context),
            DATASETS_CSV: datasets_csv(records),
        },
    )


def render_annotations(
    staging: Path,
    templates: Templates,
    site: Site,
    runs: Sequence[ReviewedRun],
    base: BaseSummary | None,
) -> dict[str, OutputFile]:
    """Write the page of all annotations, their CSV, and the columns of a long table."""
    sink = StagedSink(staging, REVIEWS, staging)
    said = newest_first(runs)
    table = write_review_table(site, said, sink) if len(said) > MOST_ROWS else None
    context = reviews_page(site, runs, base, table)
    return sink.outputs | _written(
        staging,
        {
            ANNOTATIONS: _rendered(templates, "annotations", context),
            ANNOTATIONS_CSV: reviews_csv(runs),
        },
    )


def _rendered(templates: Templates, template: str, context: Any) -> str:
    names = {field.name: getattr(context, field.name) for field in fields(context)}
    return render_page(_environment(templates), template, names)


def _written(staging: Path, text_by_path: Mapping[str, str]) -> dict[str, OutputFile]:
    return {path: write_file(staging, path, text.encode()) for path, text in text_by_path.items()}


def write_file(staging: Path, path: str, content: bytes) -> OutputFile:
    """Write one file of the staged site."""
    target = staging / path
    try:
        target.write_bytes(content)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return OutputFile(len(content), hashlib.sha256(content).hexdigest())
