"""What people say of runs, samples, spans and steps of metrics. Floor 1."""

from __future__ import annotations

from typing import Literal

from sitegen.records import dataclass


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
