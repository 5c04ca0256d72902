"""Quantities of the Traces tab, and its tables of span names and models.

Floor 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from sitegen.derive.trace_totals import ModelTotals, NameTotals
from sitegen.units import count_text, duration_text, exact_text, money_text, short_count_text


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
    longest: Quantity
    """Longest duration."""
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
    input: Quantity
    """Tokens read."""
    output: Quantity
    """Tokens written."""
    cached: Quantity
    """Tokens read from a cache."""
    cost: Quantity
    """Recorded cost, else what was estimated."""


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


def name_view(one: NameTotals) -> NameView:
    """The row of a span name."""
    return NameView(
        kind=one.kind,
        name=one.name or "(no name)",
        count=count_quantity(one.count),
        errors=count_quantity(one.error_count),
        has_errors=one.error_count > 0,
        total=duration_quantity(one.duration_ns),
        longest=duration_quantity(one.longest_ns),
        tokens=count_quantity(one.tokens or None, is_short=True),
    )


def model_view(one: ModelTotals) -> ModelView:
    """The row of a model."""
    return ModelView(
        name=one.model,
        provider=one.provider or "",
        calls=count_quantity(one.calls),
        input=count_quantity(one.input_tokens, is_short=True),
        output=count_quantity(one.output_tokens, is_short=True),
        cached=count_quantity(one.cached_tokens, is_short=True),
        cost=cost_quantity(one.cost_usd, one.estimated_cost_usd),
    )
