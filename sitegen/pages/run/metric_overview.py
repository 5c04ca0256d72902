"""The small picture of a series that the server draws, for readers without script and for print.

Floor 4. Geometry only, in a drawing that the page stretches to its frame; the texts at its edges
are beside it, so that they are not stretched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sitegen.derive.metrics.facts import MetricFacts
from sitegen.pages.figures import curve_paths, decimal
from sitegen.records import dataclass
from sitegen.units import count_text, number_text

WIDTH = 400
HEIGHT = 140
_MARGIN = 3
"""Left free around the curve by `curve_paths`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricOverview:
    """At most 200 points of a series, its extremes among them."""

    width: int
    """Width of the drawing."""
    height: int
    """Height of the drawing."""
    paths: tuple[str, ...]
    """`d` of one path per stretch without a gap."""
    faults: tuple[str, ...]
    """x of every NaN or ±Inf among the points."""
    top_text: str
    """Largest value."""
    bottom_text: str
    """Smallest value."""
    left_text: str
    """First step."""
    right_text: str
    """Last step."""
    label: str
    """What the picture shows, in words."""


def metric_overview(metric: MetricFacts) -> MetricOverview | None:
    """The overview of *metric*; None without a series."""
    steps, values = metric.overview.steps, metric.overview.values
    if not steps:
        return None
    has_curve = any(math.isfinite(value) for value in values)
    return MetricOverview(
        width=WIDTH,
        height=HEIGHT,
        paths=curve_paths(steps, values, WIDTH, HEIGHT) if has_curve else (),
        faults=_fault_places(steps, values),
        top_text="" if metric.max is None else number_text(metric.max, 3),
        bottom_text="" if metric.min in (None, metric.max) else number_text(metric.min or 0.0, 3),
        left_text=count_text(steps[0]),
        right_text="" if steps[-1] == steps[0] else count_text(steps[-1]),
        label=_label(metric),
    )


def _fault_places(steps: Sequence[int], values: Sequence[float]) -> tuple[str, ...]:
    """Where the values are not finite, as x on the scale of the curve."""
    if all(map(math.isfinite, values)):
        return ()
    first, last = steps[0], steps[-1]
    ratios = [
        (step - first) / (last - first) if last > first else 0.5
        for step, value in zip(steps, values, strict=True)
        if not math.isfinite(value)
    ]
    return tuple(decimal(_MARGIN + ratio * (WIDTH - 2 * _MARGIN)) for ratio in ratios)


def _label(metric: MetricFacts) -> str:
    """What it shows: `train/loss from step 0 to 2,000: between 0.0312 and 0.09, last 0.0312.`."""
    steps = f"{metric.name} from step {count_text(metric.first_step or 0)}"
    steps += f" to {count_text(metric.last_step or 0)}"
    last = f"last {number_text(metric.last or 0.0, 3)}"
    if metric.min is None or metric.max is None:
        return f"{steps}: no finite value, {last}."
    between = f"between {number_text(metric.min, 3)} and {number_text(metric.max, 3)}"
    return f"{steps}: {between}, {last}."
