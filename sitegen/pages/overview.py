"""The Overview tab of a run: key metrics, evals, params, alerts, data, notes, source. Floor 4."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from sitegen import units
from sitegen.derive.card import MetricCard, RunFacts, all_metrics, best_of, metric_cards
from sitegen.derive.metrics import MetricFacts
from sitegen.derive.scores import ScorerFacts
from sitegen.model import Goal, Json, Manifest, RunError
from sitegen.pages.figures import spark, whisker
from sitegen.pages.frame import PageLink
from sitegen.pages.links import commit_url, repository_name, repository_url, state_hash
from sitegen.pages.overview_data import (
    DatasetRow,
    LineageStep,
    ModelRow,
    dataset_row,
    lineage_steps,
    model_row,
)
from sitegen.pages.parts import (
    Figure,
    Pair,
    Text,
    Whisker,
    condition_text,
    duration_part,
    param_text,
    value_text,
)
from sitegen.pages.surroundings import Surroundings

_KEY_FIGURES = 4
_OPEN_PARAMS = 40
_OPEN_FRAMES = 12
_FIGURE_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """A metric in the table of summaries."""

    name: str
    """Name of the metric."""
    url: str
    """Its chart."""
    goal: Goal | None
    """Which direction is better."""
    last: str
    """Last value."""
    last_exact: str
    """The same, exact."""
    is_fault: bool
    """Whether the last value is not finite."""
    min: str
    """Smallest finite value; empty without points."""
    min_exact: str
    """The same, exact."""
    max: str
    """Largest finite value."""
    max_exact: str
    """The same, exact."""
    best: str
    """Best value; empty without a goal or points."""
    best_step: str
    """`at step 1,912`, empty without a step."""
    best_exact: str
    """The best value, exact."""
    count: str
    """Points logged."""
    count_exact: str
    """The same, plain."""
    has_points: bool
    """Whether any point was logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRow:
    """A scorer of an eval."""

    eval: str
    """Name of the eval."""
    url: str
    """The eval in the Evals tab."""
    scorer: str
    """Name of the scorer."""
    goal: Goal | None
    """Which direction is better."""
    scored: str
    """`202 of 240`: n of N."""
    mean: str
    """Mean, share, or counts of labels."""
    mean_exact: str
    """The mean, exact."""
    interval: str
    """`79.0 to 88.2`, empty without one."""
    method: str
    """How the interval was made."""
    whisker: Whisker | None
    """The interval on the scorer's range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert of the run."""

    is_fired: bool
    """Whether its condition was met."""
    word: str
    """fired, quiet or unchecked."""
    condition: str
    """As read, names without their backticks."""
    written: str
    """As written."""
    text: str
    """How often, first step, message."""
    url: str | None
    """The chart at that step."""


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
    is_unexplained: bool
    """Whether the run failed and run.json does not say why."""
    error_spans: str | None
    """`1 span with an error`: where to look then; None without any."""
    description: str | None
    """What the run is."""
    figures: tuple[Figure, ...]
    """At most four key metrics."""
    evals: tuple[EvalRow, ...]
    """Scorers of all evals."""
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


def overview(facts: RunFacts, surroundings: Surroundings, *, root: str) -> Overview:
    """The Overview tab of the run that *facts* describe."""
    manifest = facts.manifest.manifest
    params = [
        Pair(name=name, parts=(Text(text=param_text(value)),))
        for name, value in facts.manifest.params.items()
    ]
    return Overview(
        error=_error(manifest),
        is_unexplained=manifest.status == "failed" and manifest.error is None,
        error_spans=units.plural(facts.traces.error_count, "span") + " with an error"
        if facts.traces.error_count
        else None,
        description=manifest.description,
        figures=_figures(facts, surroundings),
        evals=tuple(_eval_rows(facts)),
        params=tuple(params[:_OPEN_PARAMS]),
        more_params=tuple(params[_OPEN_PARAMS:]),
        params_json=json.dumps(manifest.params, ensure_ascii=False, indent=2),
        param_count=len(params),
        metrics=tuple(_metric_row(metric, _goal(facts, surroundings, metric.name))
                      for metric in all_metrics(facts)),
        alerts=tuple(_alert_rows(facts)),
        alerts_note=_alerts_note(facts),
        datasets=tuple(dataset_row(one, surroundings, root) for one in manifest.datasets),
        models=tuple(model_row(one, surroundings, root) for one in manifest.models),
        notes=facts.manifest.notes,
        lineage=lineage_steps(manifest, surroundings, root),
        facts=tuple(_fact_pairs(manifest, facts)),
        source=tuple(_source_pairs(manifest)),
        packages=tuple(
            Pair(name=name, parts=(Text(text=str(version)),))
            for name, version in sorted(manifest.environment.packages.items())
        ),
        diff=manifest.source.diff,
        other=json.dumps(manifest.other, ensure_ascii=False, indent=2) if manifest.other else None,
    )


def _goal(facts: RunFacts, surroundings: Surroundings, name: str) -> Goal | None:
    spec = facts.manifest.manifest.metric_specs.get(name)
    if spec and spec.goal:
        return spec.goal
    return surroundings.goal if name == surroundings.objective else None


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


def key_metric_names(facts: RunFacts, surroundings: Surroundings) -> list[str]:
    """The experiment's key metrics, else its objective and the shortest names; at most four."""
    cards = {card.name: card for card in metric_cards(facts)}
    names = [surroundings.objective] if surroundings.objective else []
    names += surroundings.key_metrics
    if not surroundings.key_metrics:
        with_goal = sorted(name for name, card in cards.items() if card.goal)
        rest = sorted(
            (name for name in cards if not name.startswith(("system/", "_sys."))),
            key=lambda name: (len(name), name),
        )
        names += [*with_goal, *rest]
    return [name for name in dict.fromkeys(names) if name in cards][:_KEY_FIGURES]


def _figures(facts: RunFacts, surroundings: Surroundings) -> tuple[Figure, ...]:
    cards = {card.name: card for card in metric_cards(facts)}
    by_name = {metric.name: metric for metric in facts.metrics.metrics}
    figures = []
    for name in key_metric_names(facts, surroundings):
        card, goal = cards[name], _goal(facts, surroundings, name)
        overview_values = by_name[name].overview.values if name in by_name else ()
        figures.append(
            Figure(
                name=name,
                goal=goal,
                value=value_text(card.last, unit=card.unit, digits=_FIGURE_DIGITS),
                value_title="" if card.last is None else units.exact_text(card.last),
                note=_figure_note(card, by_name.get(name), goal),
                spark=spark(
                    card.spark or overview_values, goal=goal, width=146, height=24,
                    label=f"{name} over {units.plural(card.count, 'point')}",
                ),
            )
        )
    return tuple(figures)


def _figure_note(card: MetricCard, metric: MetricFacts | None, goal: Goal | None) -> str:
    if metric is None:
        return "logged as a summary"
    best, best_step = best_of(metric, goal)
    parts = []
    if best is not None and best_step is not None:
        value = units.number_text(best, _FIGURE_DIGITS)
        parts.append(f"best {value} at step {units.count_text(best_step)}")
    elif metric.min is not None and metric.max is not None:
        low = units.number_text(metric.min, _FIGURE_DIGITS)
        high = units.number_text(metric.max, _FIGURE_DIGITS)
        parts.append(f"min {low}, max {high}")
    if metric.non_finite and metric.first_non_finite_step is not None:
        parts.append(
            f"{non_finite_text(metric)}, first at step"
            f" {units.count_text(metric.first_non_finite_step)}"
        )
    return " · ".join(parts) or units.plural(card.count, "point")


def non_finite_text(metric: MetricFacts) -> str:
    """`2 NaN`, `1 NaN and 3 infinite`."""
    parts = []
    if metric.nan_count:
        parts.append(f"{units.count_text(metric.nan_count)} NaN")
    if metric.infinite_count:
        parts.append(f"{units.count_text(metric.infinite_count)} infinite")
    return " and ".join(parts)


def _metric_row(metric: MetricFacts, goal: Goal | None) -> MetricRow:
    best, best_step = best_of(metric, goal)
    if best_step is None:  # a summary has no best among points
        best = None
    return MetricRow(
        name=metric.name,
        url=state_hash(tab="metrics", metric=metric.name),
        goal=goal,
        last="" if metric.last is None else units.number_text(metric.last),
        last_exact="" if metric.last is None else units.exact_text(metric.last),
        is_fault=metric.last is not None and not math.isfinite(metric.last),
        min="" if metric.min is None else units.number_text(metric.min),
        min_exact="" if metric.min is None else units.exact_text(metric.min),
        max="" if metric.max is None else units.number_text(metric.max),
        max_exact="" if metric.max is None else units.exact_text(metric.max),
        best="" if best is None else units.number_text(best),
        best_step="" if best_step is None else f"at step {units.count_text(best_step)}",
        best_exact="" if best is None else units.exact_text(best),
        count=units.count_text(metric.count) if metric.count else "summary only",
        count_exact=str(metric.count),
        has_points=metric.count > 0,
    )


def _eval_rows(facts: RunFacts) -> list[EvalRow]:
    return [
        _eval_row(one.name, scorer) for one in facts.evals.evals for scorer in one.scorers
    ]


def _eval_row(name: str, scorer: ScorerFacts) -> EvalRow:
    is_ratio = scorer.kind == "boolean"
    form = units.percent_text if is_ratio else units.number_text
    interval, drawn = "", None
    if scorer.mean is not None and scorer.ci_low is not None and scorer.ci_high is not None:
        interval = f"{form(scorer.ci_low)} to {form(scorer.ci_high)}"
        low, high = _scale(scorer, is_ratio=is_ratio)
        drawn = whisker(
            scorer.mean, scorer.ci_low, scorer.ci_high, scale=(low, high), width=120,
            label=f"{form(scorer.mean)}, 95 % CI {interval}, on {form(low)} to {form(high)}",
        )
    return EvalRow(
        eval=name,
        url=state_hash(tab="evals", eval=name),
        scorer=scorer.name,
        goal=scorer.goal,
        scored=f"{units.count_text(scorer.n)} of {units.count_text(scorer.total)}",
        mean=form(scorer.mean) if scorer.mean is not None else _labels(scorer),
        mean_exact="" if scorer.mean is None else units.exact_text(scorer.mean),
        interval=interval,
        method=scorer.method or "",
        whisker=drawn,
    )


def _scale(scorer: ScorerFacts, *, is_ratio: bool) -> tuple[float, float]:
    if is_ratio:
        return 0.0, 1.0
    lows = (scorer.range_low, scorer.min, scorer.ci_low)
    highs = (scorer.range_high, scorer.max, scorer.ci_high)
    low = next(value for value in lows if value is not None)
    high = next(value for value in highs if value is not None)
    return low, high


def _labels(scorer: ScorerFacts) -> str:
    shown = list(scorer.counts.items())[:3]
    text = ", ".join(f"{label} {count}" for label, count in shown)
    return f"{text}, …" if len(scorer.counts) > len(shown) else text or "no scores"


def _alert_rows(facts: RunFacts) -> list[AlertRow]:
    rows = []
    for alert in facts.metrics.alerts:
        text = units.plural(alert.count, "point" if len(alert.metrics) < 2 else "step")
        if alert.fault:
            text = f"not checked: {alert.fault}"
        elif alert.first_step is not None:
            text += f", first at step {units.count_text(alert.first_step)}"
        if alert.message:
            text += f" · “{alert.message}”"
        rows.append(
            AlertRow(
                is_fired=bool(alert.count),
                word="unchecked" if alert.fault else "fired" if alert.count else "quiet",
                condition=condition_text(alert.condition),
                written=alert.condition,
                text=text,
                url=state_hash(tab="metrics", metric=alert.metrics[0]) if alert.count else None,
            )
        )
    return rows


def _alerts_note(facts: RunFacts) -> str:
    alerts = facts.metrics.alerts
    return f"{sum(bool(alert.count) for alert in alerts)} of {len(alerts)} fired"


_STATUS_TONES = {"failed": "bad", "killed": "warn", "interrupted": "odd"}


def _fact_pairs(manifest: Manifest, facts: RunFacts) -> list[Pair]:
    pairs = [
        ("id", Text(text=manifest.id, is_code=True)),
        ("status", Text(text=manifest.status, tone=_STATUS_TONES.get(manifest.status))),
    ]
    if manifest.project:
        pairs.append(("project", Text(text=manifest.project)))
    for label, time_ns in (
        ("created", manifest.created_at_ns), ("started", manifest.started_at_ns),
        ("ended", manifest.ended_at_ns),
    ):
        if time_ns is not None:
            pairs.append(
                (label, Text(text=units.time_text(time_ns), datetime=units.rfc3339(time_ns)))
            )
    if manifest.started_at_ns is not None and manifest.ended_at_ns is not None:
        duration = duration_part(manifest.ended_at_ns - manifest.started_at_ns)
        pairs += [("duration", duration)] if duration else []
    if manifest.user:
        pairs.append(("user", Text(text=manifest.user)))
    if manifest.tags:
        pairs.append(("tags", Text(text=", ".join(manifest.tags))))
    if manifest.sweep:
        trial = f", trial {manifest.sweep.trial}" if manifest.sweep.trial else ""
        pairs.append(("sweep", Text(text=f"{manifest.sweep.id}{trial}")))
    pairs += [
        ("link", Text(text=link.title, url=link.url, is_external=True)) for link in manifest.links
    ]
    size = Text(text=units.bytes_text(facts.input_bytes), title=f"{facts.input_bytes:,} bytes")
    pairs.append(("bundle", size))
    return [Pair(name=name, parts=(text,)) for name, text in pairs]


def _source_pairs(manifest: Manifest) -> list[Pair]:
    source, environment = manifest.source, manifest.environment
    pairs: list[Pair] = []
    if source.entrypoint:
        pairs.append(Pair(name="entrypoint", parts=(Text(text=source.entrypoint, is_code=True),)))
    if source.repository:
        pairs.append(
            Pair(
                name="repository",
                parts=(
                    Text(
                        text=repository_name(source.repository),
                        url=repository_url(source.repository),
                        is_external=True,
                    ),
                ),
            )
        )
    if source.commit:
        pairs.append(Pair(name="commit", parts=commit_parts(manifest, length=11)))
    python = " · ".join(part for part in (environment.python, environment.platform) if part)
    if python:
        pairs.append(Pair(name="python", parts=(Text(text=python),)))
    pairs += [
        Pair(name=name, parts=(Text(text=_hardware_text(value)),))
        for name, value in environment.hardware.items()
    ]
    return pairs


def commit_parts(manifest: Manifest, *, length: int) -> tuple[Text, ...]:
    """The commit as a link, its branch, and whether it was dirty."""
    source = manifest.source
    commit = source.commit or ""
    parts = [
        Text(
            text=commit[:length], url=commit_url(source.repository, commit), is_code=True,
            is_external=True, title=commit,
        )
    ]
    if length > 7 and source.branch:
        parts.append(Text(text=f"on {source.branch}"))
    if source.dirty:
        parts.append(
            Text(text="dirty: uncommitted changes" if length > 7 else "dirty", tone="warn")
        )
    return tuple(parts)


def _hardware_text(value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_hardware_text(member)}" for key, member in value.items())
    return json.dumps(value, ensure_ascii=False)
