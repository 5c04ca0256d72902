"""What a run says when it is held against any others: one small data file of its own.

Floor 3. compare.html loads it by the run's key, whatever experiment the run is of. Params are
texts, as people wrote them; numbers of metrics are as logged. What is cut is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import islice
from typing import Any, Final, TypeVar

from sitegen.bundle.paths import slug
from sitegen.derive.metrics.facts import MetricFacts
from sitegen.derive.run_facts import RunFacts, all_metrics, best_of
from sitegen.derive.traces.columns import TRACE_LIST
from sitegen.derive.traces.part import TracesFacts
from sitegen.model import Json, Manifest, MetricSpec
from sitegen.records import dataclass
from sitegen.units import NS_PER_S, param_text, rfc3339

NAME: Final = "compare"
"""Name of the data file within the run."""
MOST_PARAMS = 1_000
MOST_METRICS = 1_000
MOST_PACKAGES = 1_000
MOST_FILES = 500
MOST_LISTED = 100
"""Most data sets and models."""
MOST_SAMPLES = 2_000
"""Most samples whose traces are named."""
_MOST_TEXT = 20_000
"""Most characters of a param's text."""

Value = TypeVar("Value")


Number = float | int | str | None
"""A number; non-finite ones are texts, as in every data file."""
Facts = dict[str, Any]
"""Facts by name, texts and numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricValues:
    """One metric of a run."""

    last: Number
    """Last value."""
    min: Number
    """Smallest finite value."""
    max: Number
    """Largest finite value."""
    best: Number
    """The best by goal; None without one."""
    step: int | None
    """Its step."""
    goal: str | None
    """Which direction is better."""
    unit: str | None
    """Unit of the values."""
    count: int
    """Points logged."""
    series: str | None
    """Name of the data file with its points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerValues:
    """One scorer of one eval of a run."""

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
    mean: Number
    """Mean over n."""
    ci_low: Number
    """Lower end of the 95 % interval."""
    ci_high: Number
    """Upper end of it."""
    goal: str | None
    """Which direction is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAttachment:
    """A file of a run, to be held against those of the same path."""

    path: str
    """Path below attachments/."""
    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None if it cannot be read."""
    file: str | None
    """Its copy in the site."""
    data: str | None
    """Name of the data file that holds its preview."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedSample:
    """A sample and the trace that was recorded for it."""

    eval: str
    """Name of the eval."""
    id: str
    """The sample's id."""
    epoch: int
    """Repeat of the sample."""
    trace: str
    """The trace's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """A run as comparisons see it."""

    id: str
    """Identity."""
    slug: str
    """Safe name of its files, the beginning of the keys of its data files."""
    name: str
    """What people call it."""
    experiment: str
    """Name of its experiment."""
    status: str
    """How it ended."""
    facts: Facts
    """Who, when, how long, tags."""
    params: dict[str, str]
    """Flat params as they were written."""
    metrics: dict[str, MetricValues]
    """Metrics by name."""
    scorers: tuple[ScorerValues, ...]
    """Scorers by eval and name."""
    source: Facts
    """The code that ran."""
    environment: Facts
    """Python, platform and hardware."""
    packages: dict[str, str]
    """Version by package."""
    datasets: tuple[Facts, ...]
    """Data sets used."""
    models: tuple[Facts, ...]
    """Models produced."""
    traces: Facts
    """Counts of traces, tokens and cost."""
    attachments: tuple[ListedAttachment, ...]
    """Its files."""
    traced: tuple[TracedSample, ...]
    """Samples with traces, of those that the run's page lists."""
    trace_starts: tuple[int, ...]
    """First row of each block of the list of traces."""
    evals: dict[str, str]
    """Name of the data file with the scores, by eval."""
    sample_traces: tuple[str, ...]
    """Names of the data files that say which trace belongs to which sample."""
    files: dict[str, str]
    """Path of each data file named here, by its name."""
    left_out: dict[str, int]
    """How many of a list are not here, by the list's name."""


def compared_run(facts: RunFacts) -> ComparedRun:
    """The payload of the data file."""
    manifest, environment = facts.manifest.manifest, facts.manifest.manifest.environment
    params, metrics = facts.manifest.params, all_metrics(facts)
    packages, files = environment.packages, facts.attachments.files_listed
    traced, previews = _traced(facts), {one.path: one.data for one in facts.attachments.rows}
    series = {one.name: one.data_name for one in facts.metrics.metrics}
    return ComparedRun(
        id=manifest.id,
        slug=slug(manifest.id),
        name=manifest.name,
        experiment=manifest.experiment,
        status=manifest.status,
        facts=_facts(manifest),
        params={name: _text(value) for name, value in _first(params, MOST_PARAMS)},
        metrics={
            one.name: _metric(one, manifest.metric_specs.get(one.name), series.get(one.name))
            for one in metrics[:MOST_METRICS]
        },
        scorers=_scorers(facts),
        source=_set_only(manifest.source, but=("diff",)),
        environment=_set_only(environment, but=("packages", "hardware"))
        | _texts(environment.hardware),
        packages=_texts(packages),
        datasets=tuple(_set_only(one) for one in manifest.datasets[:MOST_LISTED]),
        models=tuple(_set_only(one) for one in manifest.models[:MOST_LISTED]),
        traces=_traces(facts.traces),
        attachments=tuple(
            ListedAttachment(
                path=one.path,
                size_bytes=one.size_bytes,
                sha256=one.sha256,
                file=one.published.file if one.published else None,
                data=previews.get(one.path),
            )
            for one in files[:MOST_FILES]
        ),
        traced=traced[:MOST_SAMPLES],
        trace_starts=facts.traces.list_starts,
        evals={one.name: one.columns_file.name for one in facts.evals.evals},
        sample_traces=tuple(one.traces_file.name for one in facts.evals.evals if one.traces_file),
        files=_data_files(facts),
        left_out=_left_out(
            params=(params, MOST_PARAMS),
            metrics=(metrics, MOST_METRICS),
            packages=(packages, MOST_PACKAGES),
            attachments=(files, MOST_FILES),
            datasets=(manifest.datasets, MOST_LISTED),
            models=(manifest.models, MOST_LISTED),
            samples=(traced, MOST_SAMPLES),
        ),
    )


def _data_files(facts: RunFacts) -> dict[str, str]:
    """Path of each data file that a comparison may load, by its name."""
    lists = [one for one in facts.traces.files if one.name.startswith(TRACE_LIST)]
    previews = {one.data for one in facts.attachments.rows[:MOST_FILES]}
    found = [
        *facts.metrics.files,
        *(one.columns_file for one in facts.evals.evals),
        *(one.traces_file for one in facts.evals.evals if one.traces_file),
        *([facts.traces.index_file] if facts.traces.index_file else []),
        *lists,
        *(one for one in facts.attachments.files if one.name in previews),
    ]
    return {one.name: one.file for one in found}


def _traced(facts: RunFacts) -> tuple[TracedSample, ...]:
    """The first trace of each sample that has one."""
    return tuple(
        TracedSample(eval=one.name, id=row.id, epoch=row.epoch, trace=row.trace_ids[0])
        for one in facts.evals.evals
        for row in one.rows
        if row.trace_ids
    )


def _facts(manifest: Manifest) -> Facts:
    started, ended = manifest.started_at_ns, manifest.ended_at_ns
    found = {
        "user": manifest.user,
        "started_at": None if started is None else rfc3339(started),
        "duration_s": None if started is None or ended is None else (ended - started) / NS_PER_S,
        "tags": list(manifest.tags) or None,
        "parent": manifest.parent,
    }
    return {name: value for name, value in found.items() if value is not None}


def _traces(traces: TracesFacts) -> Facts:
    found = {
        "traces": traces.count,
        "spans": traces.span_count,
        "failed spans": traces.error_count,
        "input tokens": traces.input_tokens,
        "output tokens": traces.output_tokens,
        "cost, USD": traces.cost_usd,
    }
    return (
        {name: value for name, value in found.items() if value is not None} if traces.count else {}
    )


def _text(value: Json) -> str:
    return param_text(value)[:_MOST_TEXT]


def _first(values: Mapping[str, Value], most: int) -> Iterable[tuple[str, Value]]:
    return islice(values.items(), most)


def _texts(values: Mapping[str, Json]) -> dict[str, str]:
    """The values as they are if they are texts, else as JSON."""
    return {
        name: value[:_MOST_TEXT] if isinstance(value, str) else _text(value)
        for name, value in _first(values, MOST_PACKAGES)
    }


def _metric(metric: MetricFacts, spec: MetricSpec | None, series: str | None) -> MetricValues:
    goal = spec.goal if spec else None
    best, step = best_of(metric, goal)
    return MetricValues(
        last=metric.last,
        min=metric.min,
        max=metric.max,
        best=best,
        step=step,
        goal=goal,
        unit=spec.unit if spec else None,
        count=metric.count,
        series=series,
    )


def _scorers(facts: RunFacts) -> tuple[ScorerValues, ...]:
    return tuple(
        ScorerValues(
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
        for one in facts.evals.evals
        for scorer in one.scorers
    )


def _set_only(value: Any, but: Sequence[str] = ()) -> Facts:
    """The fields that say something, by name."""
    found = {one.name: getattr(value, one.name) for one in fields(value) if one.name not in but}
    return {name: one for name, one in found.items() if one is not None and one != ()}


def _left_out(**lists: tuple[Sequence[Any] | Mapping[str, Any], int]) -> dict[str, int]:
    """How many of each list are not in the file, where any."""
    return {name: len(every) - most for name, (every, most) in lists.items() if len(every) > most}
