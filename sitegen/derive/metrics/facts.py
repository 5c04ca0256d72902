"""What pages say of one metric without its points. Floor 3; `tally` gathers it."""

from __future__ import annotations

from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewFacts:
    """A few points of a series that keep its extremes; columns of one length."""

    steps: tuple[int, ...]
    """Steps, ascending."""
    values: tuple[float, ...]
    """Values; NaN marks a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFacts:
    """All that pages say of one metric without its points."""

    name: str
    """Name of the metric."""
    count: int
    """Points logged, non-finite ones included; 0 for a summary without a series."""
    first: float | None
    """Value of the first point."""
    last: float | None
    """Value of the last point, may be NaN or infinite; the logged summary if there is no series."""
    min: float | None
    """Smallest finite value."""
    min_step: int | None
    """First step at which it occurs."""
    max: float | None
    """Largest finite value."""
    max_step: int | None
    """First step at which it occurs."""
    mean: float | None
    """Mean of the finite values."""
    first_step: int | None
    """Smallest step."""
    last_step: int | None
    """Largest step."""
    first_time_us: int | None
    """Earliest wall time, µs since the epoch."""
    last_time_us: int | None
    """Latest wall time."""
    nan_count: int
    """Points that are NaN."""
    infinite_count: int
    """Points that are ±Inf."""
    first_non_finite_step: int | None
    """Step of the first NaN or ±Inf."""
    duplicate_steps: int
    """Points whose step a point before them has."""
    out_of_order: int
    """Points logged after a point of a later step."""
    shown_count: int
    """Points that a chart of the whole series draws."""
    is_exact: bool
    """Whether every point is published, in the series or in tiles of it."""
    data_name: str | None
    """Name of the data file that holds the series; None without one."""
    overview: OverviewFacts
    """At most `OVERVIEW_POINTS` points."""

    @property
    def non_finite(self) -> int:
        """Points that are NaN or ±Inf."""
        return self.nan_count + self.infinite_count


def summary_metric(name: str, value: float) -> MetricFacts:
    """A summary that was logged without a series: a metric with no points."""
    return MetricFacts(
        name=name,
        count=0,
        first=None,
        last=value,
        min=None,
        min_step=None,
        max=None,
        max_step=None,
        mean=None,
        first_step=None,
        last_step=None,
        first_time_us=None,
        last_time_us=None,
        nan_count=0,
        infinite_count=0,
        first_non_finite_step=None,
        duplicate_steps=0,
        out_of_order=0,
        shown_count=0,
        is_exact=True,
        data_name=None,
        overview=OverviewFacts(steps=(), values=()),
    )
