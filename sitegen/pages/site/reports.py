"""report.json and runs/<slug>.json: the same facts for machines, as typed structs. Floor 4.

Their JSON Schema is `sitegen schema report` and `sitegen schema run-report`. Derived floats are
written to 12 significant digits, non-finite numbers as strings.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from sitegen import units
from sitegen.derive.annotations import AnnotationCounts
from sitegen.derive.card import Card
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.derive.experiment import Experiment
from sitegen.derive.run_facts import RunFacts, all_metrics, best_of
from sitegen.errors import Problem
from sitegen.pages.links import experiment_page, run_page

Number = float | int | Literal["NaN", "Infinity", "-Infinity"]
Whole = int | Annotated[str, Meta(pattern="^-?[0-9]+$", description="Beyond 2^53 as text.")]


class ProblemReport(Struct, frozen=True, kw_only=True):
    """A problem of the input."""

    code: str
    severity: Literal["error", "warning"]
    path: str
    line: int | None
    message: str
    hint: str | None
    run: str | None = None


class SeverityCounts(Struct, frozen=True, kw_only=True):
    """Problems by severity."""

    error: int
    warning: int


class ExperimentReport(Struct, frozen=True, kw_only=True):
    """An experiment in report.json."""

    name: str
    url: str
    runs: int


class RunSummary(Struct, frozen=True, kw_only=True):
    """A run in report.json."""

    id: str
    name: str
    experiment: str
    status: str
    url: str
    started_at: str | None
    duration_s: Number | None
    tags: list[str]
    metrics: dict[str, Number | None]
    evals: dict[str, dict[str, Number | None]]
    traces: int
    problems: SeverityCounts
    bytes: int


class SiteReport(Struct, frozen=True, kw_only=True):
    """report.json."""

    format: Literal[1]
    title: str
    experiments: list[ExperimentReport]
    runs: list[RunSummary]
    problems: list[ProblemReport]


class MetricReport(Struct, frozen=True, kw_only=True):
    """A metric of a run."""

    count: int
    last: Number | None
    min: Number | None
    max: Number | None
    best: Number | None
    first_step: Whole | None
    last_step: Whole | None
    non_finite: int


class TracesReport(Struct, frozen=True, kw_only=True):
    """The traces of a run."""

    count: int
    spans: int
    errors: int
    input_tokens: Whole | None
    output_tokens: Whole | None
    cost_usd: Number | None


class ScorerReport(Struct, frozen=True, kw_only=True):
    """A scorer of an eval; `n` scored of `N` samples."""

    kind: str
    n: int
    N: int
    missing: int
    errors: int
    mean: Number | None
    ci_low: Number | None
    ci_high: Number | None
    counts: dict[str, int]


class EvalReport(Struct, frozen=True, kw_only=True):
    """An eval of a run."""

    samples: int
    errors: int
    scores: dict[str, ScorerReport]


class AttachmentReport(Struct, frozen=True, kw_only=True):
    """An attachment of a run."""

    path: str
    bytes: int
    sha256: str | None
    file: str | None


class AnnotationsReport(Struct, frozen=True, kw_only=True):
    """Annotations of a run by kind and state."""

    feedback: int
    expectation: int
    orphaned: int
    stale: int


class RunReport(Struct, frozen=True, kw_only=True):
    """runs/<slug>.json."""

    format: Literal[1]
    id: str
    name: str
    experiment: str
    status: str
    url: str
    started_at: str | None
    ended_at: str | None
    params: dict[str, Any]
    metrics: dict[str, MetricReport]
    traces: TracesReport
    evals: dict[str, EvalReport]
    attachments: list[AttachmentReport]
    annotations: AnnotationsReport
    problems: list[ProblemReport]
    bytes: int


def number(value: float | None) -> Number | None:
    """*value* to 12 significant digits; non-finite numbers as their texts."""
    if value is None or isinstance(value, int):
        return value
    if math.isfinite(value):
        return float(f"{value:.12g}")
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else units.rfc3339(time_ns)


def _seconds(duration_ns: int | None) -> Number | None:
    return None if duration_ns is None else number(duration_ns / units.NS_PER_S)


class ExperimentSummary(Struct, frozen=True, kw_only=True):
    """What report.json says of an experiment and its runs."""

    entry: ExperimentReport
    """The experiment."""
    runs: tuple[RunSummary, ...]
    """Its runs."""
    problems: tuple[ProblemReport, ...]
    """The first problems of its runs, run by run."""


def experiment_summary(experiment: Experiment) -> ExperimentSummary:
    """The part of *experiment* in report.json."""
    names = _key_names(experiment)
    url = experiment_page(experiment.name)
    return ExperimentSummary(
        entry=ExperimentReport(name=experiment.name, url=url, runs=len(experiment.cards)),
        runs=tuple(_run_summary(card, names) for card in experiment.cards),
        problems=tuple(
            problem_report(problem, card.id)
            for card in experiment.cards
            for problem in card.problems
        ),
    )


def _key_names(experiment: Experiment) -> tuple[str, ...]:
    objective = (experiment.objective.name,) if experiment.objective else ()
    return (*objective, *experiment.spec.key_metrics)


def _run_summary(card: Card, key_names: tuple[str, ...]) -> RunSummary:
    evals: dict[str, dict[str, Number | None]] = {}
    for one in card.scorers:
        evals.setdefault(one.eval, {})[one.scorer] = number(one.mean)
    metrics = {metric.name: metric for metric in card.metrics}
    shown = [name for name in key_names if name in metrics] or [
        metric.name for metric in card.metrics if metric.goal
    ]
    return RunSummary(
        id=card.id,
        name=card.name,
        experiment=card.experiment,
        status=card.status,
        url=run_page(card.id),
        started_at=_time(card.started_at_ns),
        duration_s=_seconds(card.duration_ns),
        tags=list(card.tags),
        metrics={name: number(metrics[name].last) for name in shown},
        evals=evals,
        traces=card.trace_count,
        problems=SeverityCounts(error=card.problem_errors, warning=card.problem_warnings),
        bytes=card.input_bytes,
    )


def problem_report(problem: Problem, run: str | None = None) -> ProblemReport:
    """A problem as machines read it."""
    return ProblemReport(
        code=problem.code,
        severity=problem.severity,
        path=problem.path,
        line=problem.line,
        message=problem.message,
        hint=problem.hint,
        run=run,
    )


def run_report(facts: RunFacts, annotations: AnnotationCounts) -> RunReport:
    """Everything of one run but its points, spans and samples."""
    manifest, traces = facts.manifest.manifest, facts.traces
    return RunReport(
        format=1,
        id=manifest.id,
        name=manifest.name,
        experiment=manifest.experiment,
        status=manifest.status,
        url=run_page(manifest.id),
        started_at=_time(manifest.started_at_ns),
        ended_at=_time(manifest.ended_at_ns),
        params=facts.manifest.params,
        metrics=_metrics(facts),
        traces=TracesReport(
            count=traces.count,
            spans=traces.span_count,
            errors=traces.error_count,
            input_tokens=traces.input_tokens,
            output_tokens=traces.output_tokens,
            cost_usd=number(traces.cost_usd),
        ),
        evals={
            one.name: EvalReport(
                samples=one.samples,
                errors=one.errors,
                scores={scorer.name: _scorer(scorer) for scorer in one.scorers},
            )
            for one in facts.evals.evals
        },
        attachments=[
            AttachmentReport(
                path=one.path,
                bytes=one.size_bytes,
                sha256=one.sha256,
                file=one.published.file if one.published else None,
            )
            for one in facts.attachments.files_listed
        ],
        annotations=AnnotationsReport(
            feedback=annotations.feedback,
            expectation=annotations.expectation,
            orphaned=annotations.orphaned,
            stale=annotations.stale,
        ),
        problems=[problem_report(problem) for problem in facts.problems],
        bytes=facts.input_bytes,
    )


def _metrics(facts: RunFacts) -> dict[str, MetricReport]:
    specs = facts.manifest.manifest.metric_specs
    found = {}
    for metric in all_metrics(facts):
        spec = specs.get(metric.name)
        best, _ = best_of(metric, spec.goal if spec else None)
        found[metric.name] = MetricReport(
            count=metric.count,
            last=number(metric.last),
            min=number(metric.min),
            max=number(metric.max),
            best=number(best),
            first_step=metric.first_step,
            last_step=metric.last_step,
            non_finite=metric.non_finite,
        )
    return found


def _scorer(scorer: ScorerFacts) -> ScorerReport:
    return ScorerReport(
        kind=scorer.kind,
        n=scorer.n,
        N=scorer.total,
        missing=scorer.missing,
        errors=scorer.errors,
        mean=number(scorer.mean),
        ci_low=number(scorer.ci_low),
        ci_high=number(scorer.ci_high),
        counts=dict(scorer.counts),
    )


def problems_by_severity(problems: Iterable[Problem]) -> SeverityCounts:
    """Counts by severity."""
    counts = Counter(problem.severity for problem in problems)
    return SeverityCounts(error=counts["error"], warning=counts["warning"])
