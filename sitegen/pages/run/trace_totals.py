"""Quantities of the Traces tab, and its tables of span names and models.

Floor 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitegen.derive.traces.totals import Latency, ModelTotals, NameTotals
from sitegen.pages.parts import Whisker
from sitegen.records import dataclass
from sitegen.units import (
    count_text,
    duration_text,
    exact_text,
    money_text,
    percent_text,
    short_count_text,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A value as it is read, as it is exactly, and as it sorts."""

    text: str
    """As it is read; empty if it is not recorded."""
    exact: str
    """As it is exactly, on hover."""
    sort: str
    """As it sorts; empty if it is not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareBar:
    """A part of a whole."""

    text: str
    """`62.1 % of cost`."""
    total: str
    """Width of the whole in px."""
    width: str
    """Width of the part in px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameView:
    """All spans of one name."""

    kind: str
    """Class of operation."""
    name: str
    """Name."""
    count: Quantity
    """Spans."""
    errors: Quantity
    """Those that failed."""
    has_errors: bool
    """Whether any did."""
    total: Quantity
    """Sum of durations."""
    own: Quantity
    """Sum of the time in which no span below them ran."""
    median: Quantity
    """Duration that half of them are not longer than."""
    p95: Quantity
    """Duration that 19 of 20 are not longer than."""
    longest: Quantity
    """Longest duration."""
    latency: Whisker | None
    """Median and the range of nine in ten, on one logarithmic scale for all names."""
    tokens: Quantity
    """Tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    """All calls of one model."""

    name: str
    """Model."""
    provider: str
    """Who runs it; empty if not recorded."""
    calls: Quantity
    """Calls."""
    errors: Quantity
    """Those that failed."""
    has_errors: bool
    """Whether any did."""
    median: Quantity
    """Duration that half of them are not longer than."""
    p95: Quantity
    """Duration that 19 of 20 are not longer than."""
    latency: Whisker | None
    """Median and the range of nine in ten, on one logarithmic scale for all models."""
    share: ShareBar | None
    """Share of all cost, else of all tokens."""
    input: Quantity
    """Tokens read."""
    output: Quantity
    """Tokens written."""
    cached: Quantity
    """Tokens read from a cache."""
    cost: Quantity
    """Recorded cost, else what was estimated."""


_WIDTH = 120
_SHARE_WIDTH = 64


NOT_RECORDED = Quantity(text="", exact="", sort="")


def duration_quantity(duration_ns: int | None) -> Quantity:
    """A duration; sorts by seconds."""
    if duration_ns is None:
        return NOT_RECORDED
    text = exact_text(duration_ns / 10**9)
    return Quantity(text=duration_text(duration_ns), exact=f"{text} s", sort=text)


def count_quantity(count: int | None, *, is_short: bool = False) -> Quantity:
    """A count; `6.1 k` when short."""
    if count is None:
        return NOT_RECORDED
    text = short_count_text(count) if is_short else count_text(count)
    return Quantity(text=text, exact=count_text(count), sort=str(count))


def money_quantity(cost_usd: float | None) -> Quantity:
    """A recorded cost."""
    if cost_usd is None:
        return NOT_RECORDED
    text = exact_text(cost_usd)
    return Quantity(text=money_text(cost_usd), exact=f"${text} recorded", sort=text)


def cost_quantity(cost_usd: float | None, estimated_cost_usd: float | None) -> Quantity:
    """The recorded cost, else the estimated one with a sign that says so."""
    if cost_usd is not None or estimated_cost_usd is None:
        return money_quantity(cost_usd)
    text = exact_text(float(f"{estimated_cost_usd:.12g}"))
    return Quantity(
        text=f"≈ {money_text(estimated_cost_usd)}", exact=f"${text} estimated", sort=text
    )


def error_quantity(errors: int, count: int) -> Quantity:
    """`6, 11.1 %`; a plain 0 when none failed."""
    if not errors:
        return count_quantity(0)
    rate = percent_text(errors / count)
    text = f"{count_text(errors)}, {rate}"
    return Quantity(text=text, exact=f"{errors:,} of {count:,}", sort=str(errors))


def name_views(totals: Sequence[NameTotals]) -> tuple[NameView, ...]:
    """A row a span name."""
    scale = _scale([one.latency for one in totals])
    return tuple(
        NameView(
            kind=one.kind,
            name=one.name or "(no name)",
            count=count_quantity(one.count),
            errors=error_quantity(one.error_count, one.count),
            has_errors=one.error_count > 0,
            total=duration_quantity(one.duration_ns),
            own=duration_quantity(one.self_ns),
            median=duration_quantity(one.latency.p50_ns if one.latency else None),
            p95=duration_quantity(one.latency.p95_ns if one.latency else None),
            longest=duration_quantity(one.longest_ns),
            latency=_whisker(one.latency, scale),
            tokens=count_quantity(one.tokens or None, is_short=True),
        )
        for one in totals
    )


def model_views(totals: Sequence[ModelTotals]) -> tuple[ModelView, ...]:
    """A row a model."""
    scale = _scale([one.latency for one in totals])
    return tuple(
        ModelView(
            name=one.model,
            provider=one.provider or "",
            calls=count_quantity(one.calls),
            errors=error_quantity(one.error_count, one.calls),
            has_errors=one.error_count > 0,
            median=duration_quantity(one.latency.p50_ns if one.latency else None),
            p95=duration_quantity(one.latency.p95_ns if one.latency else None),
            latency=_whisker(one.latency, scale),
            share=share,
            input=count_quantity(one.input_tokens, is_short=True),
            output=count_quantity(one.output_tokens, is_short=True),
            cached=count_quantity(one.cached_tokens, is_short=True),
            cost=cost_quantity(one.cost_usd, one.estimated_cost_usd),
        )
        for one, share in zip(totals, _shares(totals), strict=True)
    )


def _scale(latencies: Sequence[Latency | None]) -> tuple[float, float]:
    """Logarithms of the shortest and the longest duration drawn."""
    known = [one for one in latencies if one is not None]
    low = math.log10(max(1, min((one.p5_ns for one in known), default=1)))
    high = math.log10(max(1, max((one.p95_ns for one in known), default=1)))
    return low, max(high, low + 0.1)


def _whisker(latency: Latency | None, scale: tuple[float, float]) -> Whisker | None:
    if latency is None:
        return None
    low, high = scale

    def x(duration_ns: int) -> str:
        part = (math.log10(max(1, duration_ns)) - low) / (high - low)
        return f"{4 + (_WIDTH - 8) * min(1.0, max(0.0, part)):.1f}"

    texts = [duration_text(one) for one in (latency.p50_ns, latency.p5_ns, latency.p95_ns)]
    return Whisker(
        label=f"median {texts[0]}, nine in ten from {texts[1]} to {texts[2]}",
        width=_WIDTH,
        low=x(latency.p5_ns),
        high=x(latency.p95_ns),
        mean=x(latency.p50_ns),
        baseline=None,
    )


def _shares(totals: Sequence[ModelTotals]) -> list[ShareBar | None]:
    """Of the cost where each model has one, else of the tokens."""
    costs = [one.estimated_cost_usd if one.cost_usd is None else one.cost_usd for one in totals]
    if totals and all(cost is not None for cost in costs):
        word, values = "cost", [cost or 0.0 for cost in costs]
    else:
        word, values = "tokens", [float(one.input_tokens + one.output_tokens) for one in totals]
    whole = math.fsum(values)
    if whole <= 0 or len(totals) < 2:
        return [None] * len(totals)
    return [
        ShareBar(
            text=f"{percent_text(value / whole)} of {word}",
            total=str(_SHARE_WIDTH),
            width=f"{_SHARE_WIDTH * value / whole:.1f}",
        )
        for value in values
    ]
