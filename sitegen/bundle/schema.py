"""The files of a bundle as typed structs; decoding, validation and JSON Schema come from these.

Floor 1. One struct per kind of file, field for field as format version 1 has them
(docs/bundle.md). `read/` converts them once into the values of `model/`. Unknown keys are not an
error here: `read/` keeps and shows them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

FORMAT = 1
NonFinite = Literal["NaN", "Infinity", "-Infinity"]
Number = float | NonFinite
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Time = Annotated[str, Meta(description="RFC 3339; UTC if it names no zone.")]
Status = Literal["running", "completed", "failed", "killed", "interrupted"]
Goal = Literal["minimize", "maximize"]


class LinkEntry(Struct, frozen=True, kw_only=True):
    """A link of a run."""

    url: str
    title: str | None = None


class MetricEntry(Struct, frozen=True, kw_only=True):
    """What run.json says of one metric."""

    goal: Goal | None = None
    unit: str | None = None
    description: str | None = None


class SourceEntry(Struct, frozen=True, kw_only=True):
    """The code that ran."""

    entrypoint: str | None = None
    repository: str | None = None
    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    diff: str | None = None


class EnvironmentEntry(Struct, frozen=True, kw_only=True):
    """The machine it ran on."""

    python: str | None = None
    platform: str | None = None
    packages: dict[str, Any] = {}
    hardware: dict[str, Any] = {}


class DatasetEntry(Struct, frozen=True, kw_only=True):
    """A data set used."""

    name: str
    version: str | int | float | None = None
    uri: str | None = None
    digest: str | None = None
    description: str | None = None
    rows: Count | None = None
    split: str | None = None
    context: str | None = None


class ModelEntry(Struct, frozen=True, kw_only=True):
    """A model logged."""

    name: str
    version: str | int | float | None = None
    path: Annotated[str, Meta(description="File in the bundle.")] | None = None
    uri: str | None = None
    digest: str | None = None
    flavor: str | None = None
    size_bytes: Count | None = None
    stage: str | None = None
    tags: list[str] = []
    description: str | None = None


class SweepEntry(Struct, frozen=True, kw_only=True):
    """The trial of a sweep."""

    id: str
    trial: str | int | None = None


class AlertEntry(Struct, frozen=True, kw_only=True):
    """A condition on metrics."""

    condition: Annotated[str, Meta(description="`val_loss > 2.0`, joined by and/or.")]
    message: str | None = None
    level: str | None = None


class ErrorEntry(Struct, frozen=True, kw_only=True):
    """Why a run failed."""

    type: str | None = None
    message: str | None = None
    traceback: str | None = None


class RunFile(Struct, frozen=True, kw_only=True):
    """run.json, the one file a bundle must have."""

    format: Literal[1] = 1
    id: str | None = None
    name: str | None = None
    experiment: str | None = None
    project: str | None = None
    status: Status | None = None
    created_at: Time | None = None
    started_at: Time | None = None
    ended_at: Time | None = None
    user: str | None = None
    description: str | None = None
    tags: list[str] = []
    links: list[LinkEntry] = []
    params: dict[str, Any] = {}
    metrics: dict[str, MetricEntry] = {}
    summary: dict[str, Number] = {}
    source: SourceEntry | None = None
    environment: EnvironmentEntry | None = None
    datasets: list[DatasetEntry] = []
    models: list[ModelEntry] = []
    parent: str | None = None
    sweep: SweepEntry | None = None
    alerts: list[AlertEntry] = []
    error: ErrorEntry | None = None


class ScoreEntry(Struct, frozen=True, kw_only=True):
    """A score with more than its value."""

    value: Number | bool | str | None = None
    rationale: str | None = None
    error: str | None = None
    metadata: dict[str, Any] | None = None


class UsageEntry(Struct, frozen=True, kw_only=True):
    """Tokens and cost of a sample."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    model: str | None = None


class SampleLine(Struct, frozen=True, kw_only=True):
    """One line of evals/<eval>.jsonl."""

    id: str | int
    epoch: Annotated[int, Meta(ge=1)] = 1
    input: Any = None
    output: Any = None
    target: Any = None
    scores: dict[str, float | bool | str | ScoreEntry | None] = {}
    error: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, Any] | None = None
    trace_ids: list[str] | None = None
    trace_id: str | None = None
    duration_s: float | None = None
    usage: UsageEntry | None = None
    cluster: str | int | None = None


class ScorerEntry(Struct, frozen=True, kw_only=True):
    """What meta.json says of one scorer."""

    goal: Goal | None = None
    unit: str | None = None
    description: str | None = None
    range: tuple[float, float] | None = None


class EvalMetaFile(Struct, frozen=True, kw_only=True):
    """evals/<eval>.meta.json."""

    dataset: str | None = None
    description: str | None = None
    scorers: dict[str, ScorerEntry] = {}


TraceId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
SpanId = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]


class SpanTargetEntry(Struct, frozen=True, kw_only=True, tag_field="type", tag="span"):
    """A span as target."""

    trace_id: str
    span_id: str


class SampleTargetEntry(Struct, frozen=True, kw_only=True, tag_field="type", tag="sample"):
    """A sample as target."""

    eval: str
    sample_id: str | int
    epoch: Annotated[int, Meta(ge=1)] = 1


class RunTargetEntry(Struct, frozen=True, kw_only=True, tag_field="type", tag="run"):
    """The run as target."""


class MetricTargetEntry(Struct, frozen=True, kw_only=True, tag_field="type", tag="metric"):
    """A step of a metric as target."""

    name: str
    step: int


class AnchorEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the target was when the annotation was written."""

    digest: Annotated[str, Meta(pattern="^sha256:[0-9a-f]{32}$")] | None = None
    path: list[str] = []
    ordinal: Annotated[int, Meta(ge=0)] | None = None


class AnnotationFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """annotations/<ulid>.json, one file per annotation."""

    format: Literal[1]
    id: Annotated[str, Meta(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
    kind: Literal["feedback", "expectation"]
    target: SpanTargetEntry | SampleTargetEntry | RunTargetEntry | MetricTargetEntry
    anchor: AnchorEntry | None = None
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    value: bool | int | str
    rationale: str | None = None
    user: str | None = None
    created_at: Time | None = None
    updated_at: Time | None = None


class ObjectiveEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the experiment optimises."""

    metric: str
    goal: Goal | None = None


class ComparisonEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comparison that the experiment declares."""

    name: str
    runs: list[str] = []
    filter: str | None = None


class ExperimentFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """experiment.toml."""

    name: str | None = None
    title: str | None = None
    project: str | None = None
    description: str | None = None
    tags: list[str] = []
    archived: bool = False
    created_at: Any = None
    objective: ObjectiveEntry | None = None
    baseline: str | None = None
    key_metrics: list[str] = []
    comparison: list[ComparisonEntry] = []


class SiteTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[site]` of sitegen.toml."""

    title: str | None = None
    description: str | None = None
    url: str | None = None
    repository: str | None = None
    repository_path: str | None = None
    branch: str | None = None
    runs: list[str] = []
    output: str | None = None
    theme: str | None = None
    annotations_dir: str | None = None
    index: bool = False
    git_authors: bool = False


class PriceEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """US dollars per million tokens of one model."""

    input: float | None = None
    output: float | None = None
    cached: float | None = None


class SearchTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[search]` of sitegen.toml."""

    text: bool | list[str] | UnsetType = UNSET


class SettingsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """sitegen.toml."""

    site: SiteTable = SiteTable()
    limits: dict[str, Annotated[int, Meta(ge=0)]] = {}
    prices: dict[str, PriceEntry] = {}
    search: SearchTable = SearchTable()
