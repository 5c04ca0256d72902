"""An experiment's page: what it asks, its runs, their params that differ, its notes. Floor 4."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sitegen import units
from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment, differing_params, has_repeats, objective_value
from sitegen.model import Goal, Json
from sitegen.pages.compare.page import DeclaredLink, declared_links
from sitegen.pages.experiment.chart_marks import alert_lines, run_key, step_marks
from sitegen.pages.experiment.charts import ExperimentCharts, experiment_charts
from sitegen.pages.experiment.evals import (
    Comparisons,
    ExperimentEvals,
    compare_files,
    experiment_evals,
)
from sitegen.pages.experiment.run_columns import MOST_PARAMS, RunColumns, run_columns
from sitegen.pages.experiment.run_metrics import key_metrics
from sitegen.pages.experiment.run_table import RunTable, run_table
from sitegen.pages.figures import status_counts
from sitegen.pages.frame import PageFrame, PageLink, Site, page_frame
from sitegen.pages.links import INDEX, compare_url, experiment_page, root_of, run_page
from sitegen.pages.objective import best_value, objective_text
from sitegen.pages.parts import ProblemRow, StatusCount, problem_rows
from sitegen.pages.site.index import MOST_ROWS
from sitegen.pages.site.site_facts import input_digest
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentPage:
    """The context of pages/experiment.html."""

    page: PageFrame
    """The frame."""
    name: str
    """Name that runs refer to."""
    status: str
    """archived, active or completed."""
    tags: tuple[str, ...]
    """Labels."""
    description: str | None
    """What it asks."""
    objective: str | None
    """What is optimised."""
    objective_goal: Goal | None
    """Which direction is better."""
    is_objective_declared: bool
    """Whether experiment.toml names the objective."""
    best: str | None
    """Best value of the objective."""
    best_run: PageLink | None
    """The run that has it."""
    baseline: PageLink | None
    """The run others are held against."""
    baseline_missing: str | None
    """Id of a baseline that is no run of the experiment."""
    counts: tuple[StatusCount, ...]
    """Runs by status."""
    table: RunTable
    """The run table: at most `MOST_ROWS` runs, newest first."""
    grid: Mapping[str, Json]
    """The table as columnar data: what js/table/grid.js must know of it."""
    total: int
    """Runs in all."""
    foot: str
    """What the table leaves out; empty if it leaves out nothing."""
    same_params: tuple[tuple[str, str], ...]
    """Params that are the same in all runs, with their value."""
    comparisons: tuple[DeclaredLink, ...]
    """Comparisons that it declares."""
    explore_url: str | None
    """Charts of all its runs over params and metrics; None for fewer than two runs."""
    evals: ExperimentEvals
    """The Evals tab."""
    notes: str | None
    """Markdown source of its notes."""
    problems: tuple[ProblemRow, ...]
    """Faults in its experiment.toml."""
    overlay: Mapping[str, Json]
    """What overlay and charts draw: runs with their series by metric, best runs first, alert lines
    and annotated steps by metric, and params that differ.
    """
    chart_metrics: tuple[str, ...]
    """Metrics that the overlay can draw, the objective first."""
    charts: ExperimentCharts
    """The Charts tab."""
    export_name: str
    """Name of the table's CSV, without its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentTable:
    """The run table as the server writes it, and as data."""

    table: RunTable
    """At most `MOST_ROWS` rows, newest first."""
    columns: RunColumns
    """Every run and every column."""


def experiment_table(experiment: Experiment) -> ExperimentTable:
    """The run table of *experiment*."""
    path = experiment_page(experiment.name)
    latest_ns = experiment.activity_ns
    differing, same = differing_params(experiment.cards)
    table = run_table(
        experiment,
        experiment.cards[:MOST_ROWS],
        differing,
        same,
        root=root_of(path),
        year=units.year_of(latest_ns) if latest_ns else None,
    )
    return ExperimentTable(table=table, columns=run_columns(experiment, table))


def experiment_context(
    site: Site,
    experiment: Experiment,
    runs: ExperimentTable,
    column_files: Mapping[str, str],
    comparisons: Comparisons | None = None,
) -> ExperimentPage:
    """The page of *experiment*; *column_files* names the file of each of the table's data keys,
    *comparisons* hold its runs against its baseline.
    """
    path = experiment_page(experiment.name)
    root, cards = root_of(path), experiment.cards
    shown, charted = cards[:MOST_ROWS], _charted(experiment)
    differing, same = differing_params(cards)
    latest_ns = experiment.activity_ns
    runs_text = units.plural(len(cards), "run")
    problems = experiment.spec.problems
    spec, objective = experiment.spec, experiment.objective
    metrics = _chart_metrics(experiment)
    value = best_value(experiment)
    return ExperimentPage(
        page=page_frame(
            site,
            kind="experiment",
            path=path,
            title=experiment.title,
            breadcrumb=(
                PageLink(label=site.title, url=root + INDEX),
                PageLink(label=experiment.name, url=None),
            ),
            digest=input_digest(cards),
            summary=f"{runs_text} · {units.date_text(latest_ns)}" if latest_ns else runs_text,
            problems_url="#panel-runs",
            problems_count=sum(card.problem_errors + card.problem_warnings for card in cards)
            + len(problems),
            files=_chart_files(charted) | compare_files(shown) | dict(column_files),
            has_charts=any(card.files for card in cards),
        ),
        name=experiment.name,
        status=experiment.status,
        tags=experiment.tags,
        description=spec.description,
        objective=objective.name if objective else None,
        objective_goal=objective.goal if objective else None,
        is_objective_declared=bool(objective and objective.is_declared),
        best=objective_text(experiment, value) or None,
        best_run=_run_link(experiment.best, root),
        baseline=_run_link(experiment.baseline, root),
        baseline_missing=spec.baseline if spec.baseline and not experiment.baseline else None,
        counts=status_counts(experiment.status_counts),
        table=runs.table,
        grid=runs.columns.schema.for_page(),
        total=len(cards),
        foot=_foot(len(cards)),
        same_params=tuple((name, units.param_text(cards[0].params[name])) for name in same),
        comparisons=declared_links(experiment),
        explore_url=_explore_url(experiment, root),
        evals=experiment_evals(experiment, shown, comparisons or {}, root),
        notes=spec.notes,
        problems=problem_rows(problems),
        overlay=_overlay(experiment, charted, root)
        | {"params": _param_columns(differing), "hasRepeats": has_repeats(cards, differing)},
        chart_metrics=metrics,
        charts=experiment_charts(experiment, metrics, charted, root),
        export_name=f"{experiment.name}-runs",
    )


def _foot(total: int) -> str:
    if total > MOST_ROWS:
        runs = units.plural(total, "run")
        return f"Showing the newest {MOST_ROWS} of {runs}; report.json has all."
    return ""


def _explore_url(experiment: Experiment, root: str) -> str | None:
    """The charts of compare.html, which are over all runs; baseline and best are chosen."""
    marked = [one for one in (experiment.baseline, experiment.best, *experiment.cards[:2]) if one]
    keys = list(dict.fromkeys(card.slug[-10:] for card in marked))[:2]
    return f"{root}{compare_url(keys)}&tab=charts" if len(keys) > 1 else None


def _run_link(card: Card | None, root: str) -> PageLink | None:
    return PageLink(label=card.name, url=root + run_page(card.id)) if card else None


def _chart_files(cards: Sequence[Card]) -> dict[str, str]:
    return {
        f"{card.slug}/{name}": file for card in cards for name, file in sorted(card.files.items())
    }


def _charted(experiment: Experiment) -> tuple[Card, ...]:
    """Runs whose series the page knows: the best by the objective first, then newest first; and
    the baseline.
    """
    objective = experiment.objective
    sign = -1 if objective and objective.goal == "maximize" else 1

    def rank(card: Card) -> tuple[bool, float]:
        value = objective_value(card, objective) if objective and objective.goal else None
        is_ranked = value is not None and math.isfinite(value)
        return not is_ranked, sign * value if is_ranked and value is not None else 0.0

    ranked = sorted((card for card in experiment.cards if card.series), key=rank)
    baseline = experiment.baseline
    rest = [card for card in ranked[MOST_ROWS:] if baseline and card.slug == baseline.slug]
    return (*ranked[:MOST_ROWS], *rest)


def _overlay(experiment: Experiment, charted: Sequence[Card], root: str) -> dict[str, Json]:
    objective = experiment.objective
    return {
        "goal": objective.goal if objective else None,
        "baseline": experiment.baseline.slug[-10:] if experiment.baseline else None,
        "total": len(experiment.cards),
        "runs": [_chart_run(card, root) for card in charted],
        "alerts": alert_lines(charted),
        "marks": step_marks(charted),
    }


def _param_columns(differing: Sequence[str]) -> list[Json]:
    """Columns of the params that curves can be grouped and coloured by."""
    return [f"params.{name}" for name in differing[:MOST_PARAMS]]


def _chart_run(card: Card, root: str) -> Mapping[str, Json]:
    return {
        "key": run_key(card),
        "name": card.name,
        "url": root + run_page(card.id),
        "series": {metric: f"{card.slug}/{name}" for metric, name in card.series.items()},
    }


def _chart_metrics(experiment: Experiment) -> tuple[str, ...]:
    names = sorted({name for card in experiment.cards for name in card.series})
    first = [name for name in key_metrics(experiment) if name in names]
    return tuple(dict.fromkeys([*first, *names]))
