"""Geometry of the small marks that the server draws: lines, bars, whiskers. Floor 4.

Coordinates are texts with at most one decimal, ready for SVG attributes; the y axis points down.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from sitegen.model import STATUSES, Goal
from sitegen.pages.parts import Point, Segment, Spark, StatusBar, StatusCount, Whisker
from sitegen.units import plural

_MARGIN = 3.0
_MOST_DOTS = 300


def spark(
    values: Sequence[float],
    *,
    goal: Goal | None,
    label: str,
    width: int = 84,
    height: int = 20,
) -> Spark | None:
    """A line through *values* at even distances, the best (or the last) marked.

    None if no value is finite.
    """
    finite = [index for index, value in enumerate(values) if math.isfinite(value)]
    if not finite:
        return None
    places = places_of(range(len(values)), values, width, height)
    pick = {"minimize": min, "maximize": max}.get(goal or "")
    marked = pick(finite, key=lambda index: values[index]) if pick else finite[-1]
    gaps = [index for index, place in enumerate(places) if place is None]
    span = max(1, len(values) - 1)
    return Spark(
        label=label,
        width=width,
        height=height,
        paths=paths_of(places),
        mark=places[marked],
        dots=(),
        non_finite=tuple(
            decimal(_MARGIN + index / span * (width - 2 * _MARGIN)) for index in gaps[:20]
        ),
    )


def best_so_far(
    values: Sequence[float], goal: Goal | None, *, width: int = 108, height: int = 26
) -> Spark | None:
    """The best of *values*, which come in order of time, as a stepped line over one dot per run."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) < 2:
        return None
    places = [place for place in places_of(range(len(finite)), finite, width, height) if place]
    steps, best = [places[0]], 0
    for index, value in enumerate(finite[1:], start=1):
        steps.append(Point(x=places[index].x, y=places[best].y))
        if (value < finite[best]) if goal == "minimize" else (value > finite[best]):
            best = index
            steps.append(places[best])
    return Spark(
        label=f"best so far over {plural(len(finite), 'run')}",
        width=width,
        height=height,
        paths=paths_of(steps),
        mark=places[best],
        dots=tuple(places[:: max(1, len(places) // _MOST_DOTS)]),
        non_finite=(),
    )


def places_of(
    xs: Sequence[float], ys: Sequence[float], width: int, height: int
) -> list[Point | None]:
    """Places in the view box; None where y is not finite.

    Values are halved before they are subtracted, so that a range from -1e308 to 1e308 stays finite.
    """
    finite = [y for y in ys if math.isfinite(y)]
    low, high = min(finite), max(finite)
    first, last = xs[0], xs[-1]
    half_span = high / 2 - low / 2  # 0 also for a span below the smallest double
    places: list[Point | None] = []
    for x, y in zip(xs, ys, strict=True):
        if not math.isfinite(y):
            places.append(None)
            continue
        right = (x - first) / (last - first) if last > first else 0.5
        up = (y / 2 - low / 2) / half_span if half_span > 0 else 0.5
        places.append(
            Point(
                x=decimal(_MARGIN + right * (width - 2 * _MARGIN)),
                y=decimal(height - _MARGIN - up * (height - 2 * _MARGIN)),
            )
        )
    return places


def paths_of(places: Sequence[Point | None]) -> tuple[str, ...]:
    """`d` of one path per stretch without a gap; a single point becomes a line of no length."""
    stretches: list[list[Point]] = [[]]
    for place in places:
        if place is None:
            stretches.append([])
        else:
            stretches[-1].append(place)
    return tuple(
        "M" + "L".join(f"{at.x} {at.y}" for at in stretch * (2 if len(stretch) == 1 else 1))
        for stretch in stretches
        if stretch
    )


def curve_paths(
    xs: Sequence[float], ys: Sequence[float], width: int, height: int
) -> tuple[str, ...]:
    """What `paths_of` gives of `places_of` in a third of the time: a run may have 1,000 curves."""
    gaps = [index for index, y in enumerate(ys) if not math.isfinite(y)]
    finite = [y for y in ys if math.isfinite(y)] if gaps else ys
    low, high, first, last = min(finite), max(finite), xs[0], xs[-1]
    half, half_span = low / 2, high / 2 - low / 2
    across, up = width - 2 * _MARGIN, height - 2 * _MARGIN
    bottom = height - _MARGIN

    def place(start: int, stop: int) -> Iterator[float]:
        for x, y in zip(xs[start:stop], ys[start:stop], strict=True):
            yield _MARGIN + ((x - first) / (last - first) if last > first else 0.5) * across
            yield bottom - ((y / 2 - half) / half_span if half_span > 0 else 0.5) * up

    paths = []
    for start, stop in zip([0, *(gap + 1 for gap in gaps)], [*gaps, len(ys)], strict=True):
        if start < stop:
            places = (*place(start, stop),)
            text = "L%.1f %.1f" * (stop - start) % places
            text = f"{text if stop - start > 1 else text * 2}L"  # a point is a line of no length
            paths.append("M" + text.replace(".0 ", " ").replace(".0L", "L")[1:-1])
    return tuple(paths)


def decimal(value: float) -> str:
    """At most one decimal, no trailing zero."""
    return f"{value:.1f}".removesuffix(".0")


def status_counts(
    counts: Mapping[str, int], *, leave_out: str | None = None
) -> tuple[StatusCount, ...]:
    """Counts above zero in the order of the statuses."""
    return tuple(
        StatusCount(status=status, count=counts[status], label=f"{counts[status]} {status}")
        for status in STATUSES
        if counts.get(status) and status != leave_out
    )


def status_bar(counts: Mapping[str, int], *, width: int = 88) -> StatusBar:
    """The stacked bar of *counts* by status; no stretch is narrower than 3 px, gaps are 1 px."""
    shown = status_counts(counts)
    total = sum(one.count for one in shown)
    widths = [max(3.0, width * one.count / total) for one in shown]
    scale = width / sum(widths) if widths else 1.0
    segments, x = [], 0.0
    for one, part in zip(shown, widths, strict=True):
        segments.append(
            Segment(status=one.status, x=decimal(x), width=decimal(max(1.0, part * scale - 1)))
        )
        x += part * scale
    return StatusBar(
        label=", ".join(one.label for one in shown), width=width, segments=tuple(segments)
    )


def whisker(
    mean: float,
    low: float,
    high: float,
    *,
    scale: tuple[float, float],
    label: str,
    baseline: float | None = None,
    width: int = 176,
) -> Whisker:
    """The interval on *scale*, the lowest and highest value shown.

    What lies outside is drawn at the end.
    """

    def place(value: float) -> str:
        span = scale[1] - scale[0]
        ratio = (value - scale[0]) / span if span > 0 else 0.5
        return decimal(4 + min(1.0, max(0.0, ratio)) * (width - 8))

    return Whisker(
        label=label,
        width=width,
        low=place(low),
        high=place(high),
        mean=place(mean),
        baseline=None if baseline is None else place(baseline),
    )
