"""The card of a run: what every page but its own may know of it.

Floor 3. Index, experiment and compare pages come from cards alone, so that a change of theme,
settings or annotations opens no Parquet, trace or eval file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from sitegen.bundle.paths import slug
from sitegen.derive.annotations import AnnotationCounts
from sitegen.derive.evals.part import EvalsFacts
from sitegen.derive.metric_cards import MetricCard, metric_cards
from sitegen.derive.run_facts import RunFacts
from sitegen.derive.sink import DataFile
from sitegen.errors import Problem
from sitegen.model import Dataset, Goal, Json, LoggedModel, Status
from sitegen.records import dataclass

_CARD_PROBLEMS = 5
_CARD_ALERTS = 50
_CARD_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerCard:
    """One scorer of one eval of a run, in short."""

    eval: str
    """Name of the eval."""
    scorer: str
    """Name of the scorer."""
    kind: str
    """boolean, number, label or mixed."""
    n: int
    """Samples scored."""
    total: int
    """Samples in all."""
    mean: float | None
    """Mean over n."""
    ci_low: float | None
    """Lower end of the 95 % interval."""
    ci_high: float | None
    """Upper end of the 95 % interval."""
    goal: Goal | None
    """Which direction is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidFile:
    """A data file with annotations of a run."""

    first: str
    """The first target key in it."""
    name: str
    """Name within the run; pages load it as `<run slug>/<name>`."""
    file: str
    """Path in the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A run as other pages see it."""

    id: str
    """Identity."""
    slug: str
    """Safe name of its files."""
    name: str
    """What people call it."""
    experiment: str
    """Name of its experiment."""
    project: str | None
    """Project above it."""
    status: Status
    """How it ended."""
    is_readable: bool
    """False if run.json could not be read."""
    created_at_ns: int | None
    """When it was created."""
    started_at_ns: int | None
    """When it started."""
    ended_at_ns: int | None
    """When it ended."""
    last_record_ns: int | None
    """Wall time of its last metric point."""
    user: str | None
    """Who ran it."""
    description: str | None
    """What it is."""
    tags: tuple[str, ...]
    """Labels."""
    params: dict[str, Json]
    """Flat params."""
    metrics: tuple[MetricCard, ...]
    """Metrics by name."""
    scorers: tuple[ScorerCard, ...]
    """Scorers by eval and name."""
    trace_count: int
    """Traces."""
    span_count: int
    """Spans."""
    trace_errors: int
    """Spans with an error."""
    input_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    cost_usd: float | None
    """Cost, None if unknown."""
    attachment_count: int
    """Attachments."""
    datasets: tuple[Dataset, ...]
    """Data sets used."""
    models: tuple[LoggedModel, ...]
    """Models produced."""
    parent: str | None
    """Id of the parent run."""
    repository: str | None
    """Where the code lies, as written."""
    commit: str | None
    """Commit of the code."""
    is_dirty: bool
    """Whether the code had uncommitted changes."""
    alerts: tuple[str, ...]
    """Conditions to check, the first few."""
    alerts_fired: tuple[str, ...]
    """Conditions that were met."""
    annotated_steps: dict[str, tuple[int, ...]]
    """The first steps that people speak of, ascending, by metric; those that it has."""
    annotations: AnnotationCounts
    """Annotations by kind and state."""
    problem_errors: int
    """Problems of severity error."""
    problem_warnings: int
    """Problems of severity warning."""
    problems: tuple[Problem, ...]
    """The first few, errors first."""
    input_digest: str
    """Digest of the bundle."""
    input_bytes: int
    """Size of the bundle."""
    files: dict[str, str]
    """Path of each data file with series by its name."""
    series: dict[str, str]
    """Name of the data file by metric."""
    eval_columns: dict[str, DataFile]
    """Data file with the scores of each eval."""
    compared_file: str
    """Path of the data file that comparisons load; empty if none was written."""
    said_files: tuple[SaidFile, ...]
    """Data files with what people say of it, by target key."""

    @property
    def duration_ns(self) -> int | None:
        """From start to end, None while either is unknown."""
        if self.started_at_ns is None or self.ended_at_ns is None:
            return None
        return self.ended_at_ns - self.started_at_ns

    @property
    def activity_ns(self) -> int | None:
        """The latest time that the run names."""
        times = (self.ended_at_ns, self.last_record_ns, self.started_at_ns, self.created_at_ns)
        return max((time for time in times if time is not None), default=None)

    @property
    def activity_start_ns(self) -> int | None:
        """When it started, else when it was created, else its latest time."""
        return self.started_at_ns or self.created_at_ns or self.activity_ns

    def metric(self, name: str) -> MetricCard | None:
        """The metric *name*, None if the run has none."""
        return next((metric for metric in self.metrics if metric.name == name), None)


def derive_card(
    facts: RunFacts,
    annotations: AnnotationCounts,
    *,
    is_readable: bool,
    compared_file: str = "",
    said_files: tuple[SaidFile, ...] = (),
    annotated_steps: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> Card:
    """The card of the run that *facts* describe.

    *compared_file* is what comparisons load of it, *said_files* hold its annotations,
    *annotated_steps* are the steps of each metric that these speak of.
    """
    manifest = facts.manifest.manifest
    last_us = facts.metrics.last_time_us
    severity = Counter(problem.severity for problem in facts.problems)
    return Card(
        id=manifest.id,
        slug=slug(manifest.id),
        name=manifest.name,
        experiment=manifest.experiment,
        project=manifest.project,
        status=manifest.status,
        is_readable=is_readable,
        created_at_ns=manifest.created_at_ns,
        started_at_ns=manifest.started_at_ns,
        ended_at_ns=manifest.ended_at_ns,
        last_record_ns=None if last_us is None else last_us * 1000,
        user=manifest.user,
        description=manifest.description,
        tags=manifest.tags,
        params=facts.manifest.params,
        metrics=metric_cards(facts),
        scorers=_scorer_cards(facts.evals),
        trace_count=facts.traces.count,
        span_count=facts.traces.span_count,
        trace_errors=facts.traces.error_count,
        input_tokens=facts.traces.input_tokens or 0,
        output_tokens=facts.traces.output_tokens or 0,
        cost_usd=facts.traces.cost_usd,
        attachment_count=facts.attachments.count,
        datasets=manifest.datasets,
        models=manifest.models,
        parent=manifest.parent,
        repository=manifest.source.repository,
        commit=manifest.source.commit,
        is_dirty=bool(manifest.source.dirty),
        alerts=tuple(alert.condition for alert in facts.metrics.alerts[:_CARD_ALERTS]),
        alerts_fired=tuple(alert.condition for alert in facts.metrics.alerts if alert.count),
        annotated_steps={
            name: steps[:_CARD_STEPS]
            for name, steps in sorted(annotated_steps.items())[:_CARD_STEPS]
        },
        annotations=annotations,
        problem_errors=severity["error"],
        problem_warnings=severity["warning"],
        problems=facts.problems[:_CARD_PROBLEMS],
        input_digest=facts.input_digest,
        input_bytes=facts.input_bytes,
        files={file.name: file.file for file in facts.metrics.files},
        series={
            metric.name: metric.data_name
            for metric in facts.metrics.metrics
            if metric.data_name is not None
        },
        eval_columns={one.name: one.columns_file for one in facts.evals.evals},
        compared_file=compared_file,
        said_files=said_files,
    )


def _scorer_cards(evals: EvalsFacts) -> tuple[ScorerCard, ...]:
    return tuple(
        ScorerCard(
            eval=one.name,
            scorer=scorer.name,
            kind=scorer.kind,
            n=scorer.n,
            total=scorer.total,
            mean=scorer.mean,
            ci_low=scorer.ci_low,
            ci_high=scorer.ci_high,
            goal=scorer.goal,
        )
        for one in evals.evals
        for scorer in one.scorers
    )
