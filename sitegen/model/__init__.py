"""What a run is, once read and before anything is computed from it.

Floor 1. Frozen values only: no file format, no I/O, no numbers derived from others. Words are those
of the glossary (docs/bundle.md, "Words"). Times are nanoseconds since the epoch, UTC. Mappings keep
the order of the input unless said otherwise.
"""

from __future__ import annotations

from sitegen.model.annotations import (
    Anchor,
    Annotation,
    MetricTarget,
    RunTarget,
    SampleTarget,
    SpanTarget,
    Target,
)
from sitegen.model.runs import (
    Alert,
    Dataset,
    Environment,
    Link,
    LoggedModel,
    Manifest,
    MetricSpec,
    RunError,
    Source,
    SweepTrial,
)
from sitegen.model.samples import (
    EvalMeta,
    Sample,
    Score,
    ScorerSpec,
    ScoreValue,
    TokenCount,
    Usage,
    score_of,
)
from sitegen.model.series import BLOCK_POINTS, NO_TIME, Series, SeriesBlocks
from sitegen.model.spans import Scope, Span, SpanEvent, SpanLink
from sitegen.model.words import GOALS, STATUSES, Goal, Json, Status

__all__ = [
    "BLOCK_POINTS", "GOALS", "NO_TIME", "STATUSES", "Alert", "Anchor", "Annotation", "Dataset",
    "Environment", "EvalMeta", "Goal", "Json", "Link", "LoggedModel", "Manifest", "MetricSpec",
    "MetricTarget", "RunError", "RunTarget", "Sample", "SampleTarget", "Scope", "Score",
    "ScoreValue", "ScorerSpec", "Series", "SeriesBlocks", "Source", "Span", "SpanEvent",
    "SpanLink", "SpanTarget", "Status", "SweepTrial", "Target", "TokenCount", "Usage",
    "score_of",
]  # fmt: skip
