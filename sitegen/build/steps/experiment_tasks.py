"""What a worker does for one experiment: render its pages. Floor 6."""

from __future__ import annotations

from sitegen.build.data_files.compared import read_compared
from sitegen.build.output.output_file import OutputFile
from sitegen.build.steps.comparisons import ComparedRun, take_comparison
from sitegen.build.steps.pages import render_experiment
from sitegen.build.workers.workplace import Workplace
from sitegen.derive.experiment import Experiment
from sitegen.pages.compare.declared import declared_comparisons
from sitegen.pages.frame import Site
from sitegen.records import dataclass
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
    """The page, its newest runs held against its baseline, their columns, and the pages of the
    comparisons it declares; all by path.
    """
    place = task.place
    comparisons = {
        (one.plan.run_id, other.plan.run_id): take_comparison(place, one, other)
        for one, other in task.pairs
    }
    places = (place.staging, place.output)
    compared = [
        (one, tuple(read_compared(places, card) for card in one.cards))
        for one in declared_comparisons(task.experiment)
    ]
    return render_experiment(
        place.staging,
        task.templates,
        task.site,
        task.experiment,
        comparisons,
        compared,
        task.present,
    )
