"""What a run is, once read and before anything is computed from it.

Floor 1. Frozen values only: no file format, no I/O, no numbers derived from others. Words are those
of the glossary (docs/bundle.md, "Words"). Times are nanoseconds since the epoch, UTC. Mappings keep
the order of the input unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Json: TypeAlias = Any
"""A JSON value as decoded: None, bool, int, float, str, list or dict with string keys."""

Status = Literal["running", "completed", "failed", "killed", "interrupted"]
STATUSES: tuple[Status, ...] = ("completed", "running", "failed", "killed", "interrupted")
Goal = Literal["minimize", "maximize"]
GOALS: tuple[Goal, ...] = ("minimize", "maximize")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that the run's author logged."""

    title: str
    """What the link is called."""
    url: str
    """Address as written; only `safe_url` may turn it into an href."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """What the author says of one metric."""

    goal: Goal | None
    """Which direction is better, None if not said."""
    unit: str | None
    """Unit of the values, as written."""
    description: str | None
    """One sentence on what is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The code that ran."""

    entrypoint: str | None = None
    """Script or module, relative to the repository."""
    repository: str | None = None
    """Address of the repository."""
    commit: str | None = None
    """Commit hash."""
    branch: str | None = None
    """Branch checked out."""
    dirty: bool | None = None
    """Whether there were uncommitted changes."""
    diff: str | None = None
    """The uncommitted changes, or the attachment that holds them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Where the code ran."""

    python: str | None = None
    """Python version."""
    platform: str | None = None
    """Operating system and architecture."""
    packages: Mapping[str, Json]
    """Version by package name."""
    hardware: Mapping[str, Json]
    """Free facts about the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A data set that the run used."""

    name: str
    """Name of the data set."""
    version: str | None = None
    """Its version."""
    uri: str | None = None
    """Where it lies."""
    digest: str | None = None
    """Digest of its content, as logged."""
    description: str | None = None
    """What it is."""
    rows: int | None = None
    """Number of rows."""
    split: str | None = None
    """`train`, `test`, …"""
    context: str | None = None
    """What the run used it for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModel:
    """A model that the run produced."""

    name: str
    """Name of the model."""
    version: str | None = None
    """Its version."""
    path: str | None = None
    """File in the bundle."""
    uri: str | None = None
    """Where else it lies."""
    digest: str | None = None
    """Digest of its content, as logged."""
    flavor: str | None = None
    """Framework or file format."""
    size_bytes: int | None = None
    """Size."""
    stage: str | None = None
    """`staging`, `production`, …"""
    tags: tuple[str, ...] = ()
    """Labels."""
    description: str | None = None
    """What it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A condition on metrics that the author wanted to hear of."""

    condition: str
    """`val_loss > 2.0`, in the grammar of `bundle/conditions.py`."""
    message: str | None = None
    """What to tell."""
    level: str | None = None
    """`info`, `warning` or `error`, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a run failed."""

    type: str | None = None
    """Class of the exception."""
    message: str | None = None
    """Its text."""
    traceback: str | None = None
    """Its traceback, innermost frame last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTrial:
    """The trial of a sweep that this run is."""

    id: str
    """Id of the sweep."""
    trial: str | None = None
    """Id of the trial in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What run.json says, every field checked; unknown keys in `other`."""

    id: str
    """Identity of the run in the site."""
    name: str
    """What people call it."""
    experiment: str
    """Name of the experiment it belongs to."""
    project: str | None = None
    """Project above the experiment."""
    status: Status
    """How the run ended, or `running`."""
    created_at_ns: int | None = None
    """When it was created."""
    started_at_ns: int | None = None
    """When it started."""
    ended_at_ns: int | None = None
    """When it ended."""
    user: str | None = None
    """Who ran it."""
    description: str | None = None
    """One or more sentences."""
    tags: tuple[str, ...] = ()
    """Labels."""
    links: tuple[Link, ...] = ()
    """Links."""
    params: Mapping[str, Json]
    """Params as written, nested."""
    metric_specs: Mapping[str, MetricSpec]
    """What is said of metrics, by name."""
    summary: Mapping[str, float]
    """Scalars logged by name, may be NaN or infinite."""
    source: Source
    """The code."""
    environment: Environment
    """The machine."""
    datasets: tuple[Dataset, ...] = ()
    """Data sets used."""
    models: tuple[LoggedModel, ...] = ()
    """Models produced."""
    parent: str | None = None
    """Id of the run that started this one."""
    sweep: SweepTrial | None = None
    """Trial of a sweep."""
    alerts: tuple[Alert, ...] = ()
    """Conditions to check."""
    error: RunError | None = None
    """Why it failed."""
    other: Mapping[str, Json]
    """Keys that the format does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points of one metric, ordered by (step, file order); the three columns have one length."""

    name: str
    """Name of the metric."""
    steps: NDArray[np.int64]
    """Steps, ascending; may repeat and be negative."""
    times_us: NDArray[np.int64] | None
    """Wall times in µs since the epoch, `NO_TIME` where not logged; None if none was logged."""
    values: NDArray[np.float64]
    """Values; NaN and ±Inf are data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlocks:
    """All points of one metric in order of (step, file order), never all of them in memory."""

    name: str
    """Name of the metric."""
    count: int
    """Points."""
    out_of_order: int
    """Points logged after a point of a later step."""
    blocks: Callable[[], Iterator[Series]]
    """Gives the points anew: blocks of `BLOCK_POINTS`, the last one shorter."""


BLOCK_POINTS = 2**17
"""Points of a block: 3 MB, and whole buckets of every size up to it."""


NO_TIME = -(2**63)
"""A point's wall time when it has none (the smallest int64)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanEvent:
    """Something that happened during a span."""

    time_ns: int | None
    """When, None if not recorded."""
    name: str
    """What."""
    attributes: Mapping[str, Json]
    """Values by key, AnyValue unwrapped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanLink:
    """A reference to a span of this or another trace."""

    trace_id: str
    """Trace id, lower-case hex."""
    span_id: str
    """Span id, lower-case hex."""
    attributes: Mapping[str, Json]
    """Values by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The instrumentation that wrote a span."""

    name: str
    """Name of the library."""
    version: str
    """Its version."""
    attributes: Mapping[str, Json]
    """Values by key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One operation as OpenTelemetry names it."""

    trace_id: str
    """Lower-case hex, or the text found when it is no valid id."""
    span_id: str
    """Lower-case hex, or the text found when it is no valid id."""
    parent_span_id: str | None
    """None for a root."""
    name: str
    """Name of the operation."""
    kind: int
    """0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer."""
    start_ns: int | None
    """Start, None if not recorded."""
    end_ns: int | None
    """End, None if unfinished."""
    attributes: Mapping[str, Json]
    """Values by key, AnyValue unwrapped; int64 as int, bytes as base64 text."""
    events: tuple[SpanEvent, ...]
    """In file order."""
    links: tuple[SpanLink, ...]
    """In file order."""
    status_code: int
    """0 unset, 1 ok, 2 error."""
    status_message: str | None
    """Text of the status."""
    trace_state: str | None
    """W3C trace state."""
    resource: Mapping[str, Json]
    """Attributes of the resource, shared between spans of one batch."""
    scope: Scope
    """Instrumentation scope, shared between spans of one batch."""
    dropped_attributes: int
    """Attributes the SDK dropped."""
    dropped_events: int
    """Events the SDK dropped."""
    dropped_links: int
    """Links the SDK dropped."""
    path: str
    """File it was read from, relative to the bundle."""
    line: int | None
    """Line in that file, where it has lines."""


ScoreValue: TypeAlias = float | bool | str | None
"""A number, a boolean or a label; None when missing."""


class Score(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """What one scorer says of one sample, where it says more than a value.

    A struct, as `Usage` and `Sample`: lines are decoded into them. A dataclass takes six times as
    long to make.
    """

    value: ScoreValue
    """What it comes to."""
    rationale: str | None = None
    """Why, as written by the scorer."""
    error: str | None = None
    """Why the scorer failed."""
    metadata: Mapping[str, Json] = {}
    """What else it says."""


TokenCount: TypeAlias = Annotated[int, Meta(ge=0, le=10**12)]
"""Tokens; sums of them stay exact in int64."""


class Usage(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """Tokens and money."""

    input_tokens: TokenCount | None = None
    """Tokens read, cached ones included."""
    output_tokens: TokenCount | None = None
    """Tokens written."""
    cached_tokens: TokenCount | None = None
    """Tokens read from a cache."""
    cost_usd: float | None = None
    """Recorded cost in US dollars."""
    model: str | None = None
    """Model that was used."""


class Sample(Struct, frozen=True):
    """One item of an eval in one epoch."""

    id: str
    """Decimal text when it was an integer."""
    epoch: int
    """Repeat, from 1."""
    input: Json
    """Text, object or messages."""
    output: Json
    """What the run produced."""
    target: Json
    """What was expected."""
    scores: Mapping[str, Score | ScoreValue]
    """Score by scorer; the value alone where a scorer says no more."""
    error: str | None
    """Why the sample has no output."""
    tags: tuple[str, ...]
    """Labels."""
    metadata: Mapping[str, Json]
    """Unknown keys of the line included."""
    trace_ids: tuple[str, ...]
    """Traces recorded for the sample, lower-case hex."""
    duration_s: float | None
    """Seconds taken."""
    usage: Usage | None
    """Tokens and cost."""
    cluster: str | None
    """Samples of one cluster are not independent."""
    line: int
    """Line in the file."""


def score_of(said: Score | ScoreValue) -> Score:
    """The score that *said* stands for in `Sample.scores`."""
    return said if isinstance(said, Score) else Score(value=said)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerSpec:
    """What meta.json says of one scorer."""

    goal: Goal | None = None
    """Which direction is better."""
    unit: str | None = None
    """Unit of the values."""
    description: str | None = None
    """What it measures."""
    range: tuple[float, float] | None = None
    """Smallest and largest possible value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalMeta:
    """What evals/<eval>.meta.json says."""

    dataset: str | None = None
    """Name of the data set."""
    description: str | None = None
    """What the eval asks."""
    scorers: Mapping[str, ScorerSpec]
    """Spec by scorer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanTarget:
    """An annotation's target that is a span."""

    trace_id: str
    """Trace id, lower-case hex."""
    span_id: str
    """Span id, lower-case hex."""
    type: Literal["span"] = "span"
    """Tag of the variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleTarget:
    """An annotation's target that is a sample."""

    eval: str
    """Name of the eval."""
    sample_id: str
    """Id of the sample."""
    epoch: int = 1
    """Epoch of the sample."""
    type: Literal["sample"] = "sample"
    """Tag of the variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTarget:
    """An annotation's target that is the run itself."""

    type: Literal["run"] = "run"
    """Tag of the variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricTarget:
    """An annotation's target that is a step of a metric."""

    name: str
    """Name of the metric."""
    step: int
    """The step."""
    type: Literal["metric"] = "metric"
    """Tag of the variant."""


Target = SpanTarget | SampleTarget | RunTarget | MetricTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What the target was when the annotation was written."""

    digest: str | None = None
    """Digest of the target's content, `sha256:` + 32 hex."""
    path: tuple[str, ...] = ()
    """Span names from the root."""
    ordinal: int | None = None
    """Index among spans of that path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What a person says about a target: feedback (a boolean) or an expectation."""

    id: str
    """ULID, equal to the file's name."""
    kind: Literal["feedback", "expectation"]
    """feedback: a judgement; expectation: what should have been."""
    target: Target
    """What it is about."""
    anchor: Anchor | None
    """None: never stale."""
    name: str
    """What is judged: `helpful`."""
    value: bool | int | str
    """feedback: boolean; expectation: text, integer or boolean."""
    rationale: str | None
    """Why, as Markdown."""
    user: str | None
    """Who says so."""
    created_at_ns: int | None
    """When it was written."""
    updated_at_ns: int | None
    """When it was changed last."""
    path: str
    """Sidecar's path relative to the bundle or annotations_dir."""
    text: str | None = None
    """The sidecar as it was read, which a patch has to name; None for a long one."""
