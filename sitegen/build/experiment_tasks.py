"""What a worker does for one experiment: render its page. Floor 6."""

from __future__ import annotations

from dataclasses import dataclass

from sitegen.build.comparisons import ComparedRun, take_comparison
from sitegen.build.pages import render_experiment
from sitegen.build.state import OutputFile
from sitegen.build.workplace import Workplace
from sitegen.derive.experiment import Experiment
from sitegen.pages.frame import Site
from sitegen.render.env import Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentTask:
    """An experiment's page to render."""

    place: Workplace
    """Shared by all tasks."""
    site: Site
    """What all pages share."""
    templates: Templates
    """Where templates come from."""
    experiment: Experiment
    """The experiment."""
    pairs: tuple[tuple[ComparedRun, ComparedRun], ...]
    """Runs whose evals are compared on the page, each after its baseline."""
    present: dict[str, OutputFile]
    """Its columns that lie in the site, by path."""


def render_experiment_of(task: ExperimentTask) -> dict[str, OutputFile]:
    """The page, its newest runs held against its baseline, and their columns; all by path."""
    comparisons = {
        (one.plan.run_id, other.plan.run_id): take_comparison(task.place, one, other)
        for one, other in task.pairs
    }
    return render_experiment(
        task.place.staging, task.templates, task.site, task.experiment, comparisons, task.present
    )
