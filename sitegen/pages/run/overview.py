"""The Overview tab of a run: key metrics, evals, params, alerts, data, notes, source. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sitegen import units
from sitegen.derive.evals.comparison import EvalComparison
from sitegen.derive.run_facts import RunFacts, all_metrics
from sitegen.model import Manifest, RunError
from sitegen.pages.frame import PageLink
from sitegen.pages.parts import (
    Figure,
    Pair,
    ProblemRow,
    Text,
    problem_rows,
)
from sitegen.pages.run.overview_data import (
    DatasetRow,
    LineageStep,
    ModelRow,
    dataset_row,
    lineage_steps,
    model_row,
)
from sitegen.pages.run.overview_facts import fact_pairs, source_pairs
from sitegen.pages.run.overview_values import (
    AlertRow,
    EvalRow,
    MetricRow,
    alert_rows,
    alerts_note,
    eval_rows,
    goal_of,
    key_figures,
    metric_row,
)
from sitegen.pages.run.surroundings import Surroundings
from sitegen.records import dataclass

_KEY_FIGURES = 4
_OPEN_PARAMS = 40
_OPEN_FRAMES = 12
_FIGURE_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBox:
    """Why the run failed."""

    type: str
    """Class of the exception."""
    message: str
    """Its text."""
    frames_hidden: str | None
    """`8 more frames`, None if all are shown."""
    hidden: str
    """The older part of the traceback."""
    shown: str
    """The newer part of the traceback, without its last line."""
    last: str
    """Its last line."""
    links: tuple[PageLink, ...]
    """Where to look next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The context of tabs/overview.html."""

    error: ErrorBox | None
    """Above everything on a failed run."""
    unreadable: ProblemRow | None
    """Why run.json could not be read; None if it was."""
    is_unexplained: bool
    """Whether the run failed and run.json, which was read, does not say why."""
    error_spans: str | None
    """`1 span with an error`: where to look then; None without any."""
    description: str | None
    """What the run is."""
    figures: tuple[Figure, ...]
    """At most four key metrics."""
    evals: tuple[EvalRow, ...]
    """Scorers of all evals."""
    compared_with: str | None
    """Name of the baseline that scorers are held against, None without one."""
    params: tuple[Pair, ...]
    """The first params."""
    more_params: tuple[Pair, ...]
    """The rest, folded."""
    params_json: str
    """All params as written, for the clipboard."""
    param_count: int
    """Flat params."""
    metrics: tuple[MetricRow, ...]
    """Summaries of all metrics."""
    alerts: tuple[AlertRow, ...]
    """Alerts in the order of run.json."""
    alerts_note: str
    """`1 of 2 fired`."""
    datasets: tuple[DatasetRow, ...]
    """Data sets used."""
    models: tuple[ModelRow, ...]
    """Models logged."""
    notes: str | None
    """Markdown source of notes.md."""
    lineage: tuple[LineageStep, ...]
    """From data to model; empty if it would hold nothing but this run."""
    facts: tuple[Pair, ...]
    """Id, status, times, duration, user, tags, links."""
    source: tuple[Pair, ...]
    """Code and machine."""
    packages: tuple[Pair, ...]
    """Versions by package."""
    diff: str | None
    """Uncommitted changes, if run.json holds them."""
    other: str | None
    """Keys that the format does not know, as JSON."""


def overview(
    facts: RunFacts,
    surroundings: Surroundings,
    comparison: Sequence[EvalComparison] = (),
    *,
    root: str,
) -> Overview:
    """The Overview tab of the run that *facts* describe."""
    manifest = facts.manifest.manifest
    params = [
        Pair(name=name, parts=(Text(text=units.param_text(value)),))
        for name, value in facts.manifest.params.items()
    ]
    unreadable = next((one for one in facts.problems if one.code == "run-unreadable"), None)
    is_failed = manifest.status == "failed" and unreadable is None
    return Overview(
        error=_error(manifest),
        unreadable=None if unreadable is None else problem_rows((unreadable,))[0],
        is_unexplained=is_failed and manifest.error is None,
        error_spans=units.plural(facts.traces.error_count, "span") + " with an error"
        if facts.traces.error_count
        else None,
        description=manifest.description,
        figures=key_figures(facts, surroundings),
        evals=tuple(eval_rows(facts, comparison)),
        compared_with=surroundings.baseline.name if comparison and surroundings.baseline else None,
        params=tuple(params[:_OPEN_PARAMS]),
        more_params=tuple(params[_OPEN_PARAMS:]),
        params_json=json.dumps(manifest.params, ensure_ascii=False, indent=2),
        param_count=len(params),
        metrics=tuple(
            metric_row(metric, goal_of(facts, surroundings, metric.name))
            for metric in all_metrics(facts)
        ),
        alerts=tuple(alert_rows(facts)),
        alerts_note=alerts_note(facts),
        datasets=tuple(dataset_row(one, surroundings, root) for one in manifest.datasets),
        models=tuple(model_row(one, surroundings, root) for one in manifest.models),
        notes=facts.manifest.notes,
        lineage=lineage_steps(manifest, surroundings, root),
        facts=tuple(fact_pairs(manifest, facts)),
        source=tuple(source_pairs(manifest)),
        packages=tuple(
            Pair(name=name, parts=(Text(text=str(version)),))
            for name, version in sorted(manifest.environment.packages.items())
        ),
        diff=manifest.source.diff,
        other=json.dumps(manifest.other, ensure_ascii=False, indent=2) if manifest.other else None,
    )


def _error(manifest: Manifest) -> ErrorBox | None:
    error = manifest.error
    if error is None:
        return None
    lines = (error.traceback or "").rstrip().split("\n")
    frames = [index for index, line in enumerate(lines) if line.startswith("  File ")]
    cut = frames[-_OPEN_FRAMES] if len(frames) > _OPEN_FRAMES else 0
    return ErrorBox(
        type=error.type or "Error",
        message=error.message or "",
        frames_hidden=units.plural(len(frames) - _OPEN_FRAMES, "older frame") if cut else None,
        hidden="\n".join(lines[:cut]),
        shown="\n".join(lines[cut:-1]),
        last=lines[-1] or _last_line(error),
        links=(PageLink(label="Metrics", url="#tab=metrics"),),
    )


def _last_line(error: RunError) -> str:
    return ": ".join(part for part in (error.type, error.message) if part)
