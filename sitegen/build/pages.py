"""Rendering one page each, in whichever process: context, template, text. Floor 6."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment

from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.card import RunFacts
from sitegen.derive.experiment import Experiment
from sitegen.errors import Problem
from sitegen.pages.experiment import experiment_context
from sitegen.pages.frame import AssetLinks, Site
from sitegen.pages.index import index_page
from sitegen.pages.links import INDEX, REPORT, experiment_page, run_page, run_report
from sitegen.pages.reports import run_report as run_report_of
from sitegen.pages.reports import site_report
from sitegen.pages.run import run_context
from sitegen.pages.surroundings import Surroundings
from sitegen.render.env import render_page, template_environment
from sitegen.render.payload import report_text
from sitegen.render.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPageTask:
    """All that a run's page depends on, with the way to its facts."""

    site: Site
    """What all pages share."""
    theme_directories: tuple[Path, ...]
    """Where templates are looked for."""
    staging: Path
    """The staged site."""
    facts_file: Path
    """Encoded facts of the run."""
    run_id: str
    """Id of the run."""
    slug: str
    """Safe name of the run."""
    surroundings: Surroundings
    """Its neighbourhood."""
    annotations: ResolvedAnnotations
    """Its sidecars."""


@lru_cache(maxsize=2)
def _environment(directories: tuple[Path, ...]) -> Environment:
    """One environment a process: compiling the templates takes 10 ms."""
    return template_environment(directories)


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


def render_run(task: RunPageTask) -> str:
    """Write the run's page and its facts for machines; the page's path."""
    facts = msgspec.msgpack.decode(task.facts_file.read_bytes(), type=RunFacts)
    context = run_context(
        task.site, facts, task.surroundings, task.annotations, slug=task.slug
    )
    path = run_page(task.run_id)
    _write(task.staging, path, _rendered(task.theme_directories, "run", context))
    report = run_report_of(facts, task.annotations.counts)
    _write(task.staging, run_report(task.run_id), report_text(msgspec.to_builtins(report)))
    return path


def write_experiment(
    staging: Path, theme: Theme, site: Site, experiment: Experiment
) -> None:
    """Write an experiment's page."""
    context = experiment_context(site, experiment)
    _write(
        staging, experiment_page(experiment.name),
        _rendered(theme.directories, "experiment", context),
    )


def write_index(
    staging: Path,
    theme: Theme,
    site: Site,
    experiments: tuple[Experiment, ...],
    problems: tuple[Problem, ...],
) -> None:
    """Write the index and report.json."""
    context = index_page(site, experiments, problems)
    _write(staging, INDEX, _rendered(theme.directories, "index", context))
    report = site_report(site.title, experiments, problems)
    _write(staging, REPORT, report_text(msgspec.to_builtins(report)))


def _rendered(directories: tuple[Path, ...], template: str, context: Any) -> str:
    names = {field.name: getattr(context, field.name) for field in fields(context)}
    return render_page(_environment(directories), template, names)


def _write(staging: Path, path: str, text: str) -> None:
    target = staging / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
