"""All facts of a run, and its metrics with and without a series. Floor 3."""

from __future__ import annotations

from sitegen.derive.attachments.facts import AttachmentsFacts
from sitegen.derive.evals.part import EvalsFacts
from sitegen.derive.manifest import ManifestFacts
from sitegen.derive.metrics.facts import MetricFacts, summary_metric
from sitegen.derive.metrics.part import MetricsFacts
from sitegen.derive.sink import DataFile
from sitegen.derive.traces.part import TracesFacts
from sitegen.errors import Problem
from sitegen.model import Goal
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Everything derived from one bundle but its annotations, which are resolved against it."""

    manifest: ManifestFacts
    """run.json and notes.md."""
    metrics: MetricsFacts
    """Series."""
    traces: TracesFacts
    """Traces."""
    evals: EvalsFacts
    """Evals."""
    attachments: AttachmentsFacts
    """Attachments."""
    problems: tuple[Problem, ...]
    """Faults found while reading, errors first."""
    problem_count: int
    """All faults, the ones beyond the limit included."""
    input_digest: str
    """`sha256:` over paths and contents of all files of the bundle."""
    input_bytes: int
    """Bytes of all files of the bundle."""

    def data_files(self) -> tuple[DataFile, ...]:
        """Every data file that the run's page may load."""
        return (*self.metrics.files, *self.traces.files, *self.evals.files, *self.attachments.files)


def all_metrics(facts: RunFacts) -> tuple[MetricFacts, ...]:
    """The metrics with series and the summaries without one, by name."""
    names = {metric.name for metric in facts.metrics.metrics}
    summaries = [
        summary_metric(name, value)
        for name, value in facts.manifest.manifest.summary.items()
        if name not in names
    ]
    return tuple(sorted((*facts.metrics.metrics, *summaries), key=lambda metric: metric.name))


def best_of(metric: MetricFacts, goal: Goal | None) -> tuple[float | None, int | None]:
    """The best value and its step by *goal*; a summary without a series is its own best."""
    if goal is None:
        return None, None
    if not metric.count:
        return metric.last, None
    if goal == "minimize":
        return metric.min, metric.min_step
    return metric.max, metric.max_step
