"""Samples of evals and their scores. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from sitegen.model.words import Goal, Json
from sitegen.records import dataclass

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
