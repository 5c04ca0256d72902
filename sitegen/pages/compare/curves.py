"""Curves of several runs over each other, drawn by the server: geometry for one SVG a metric.

Floor 4. From the few points that a card holds, which keep the extremes. A y axis is logarithmic
where one run is a thousand times the others, as a run that diverged is; the note says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

from sitegen.derive.metric_cards import MetricCard
from sitegen.model import Goal
from sitegen.pages.figures import decimal, paths_of
from sitegen.pages.parts import Point
from sitegen.records import dataclass
from sitegen.units import MINUS, number_text, plural, short_count_text

WIDTH, HEIGHT = 420, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52.0, 28.0, 14.0, 26.0
_TICKS = 4
_STEPS = (1, 2, 2.5, 5, 10)
_LETTER_PX = 11.0
_SPREAD = 1_000.0
_MOST_FAULTS = 20
_LONG, _EXPONENT = 1e6, 1e7
"""From where a value is too long for its room, and from where `number_text` has an exponent."""

Scale = Callable[[float], float]
"""A value to its place in px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark of an axis."""

    at: str
    """Its place along the axis."""
    text: str
    """Its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveLine:
    """One run."""

    series: str
    """Class of its series: `s1` to `s8`."""
    letter: str
    """`A` to `H`; empty if there are more runs."""
    paths: tuple[str, ...]
    """`d` of one path per stretch without a gap."""
    end: Point | None
    """Where its letter stands; None without a finite value."""
    faults: tuple[str, ...]
    """x of every NaN or ±Inf among its points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveChart:
    """One metric of the runs over steps."""

    name: str
    """Name of the metric."""
    goal: Goal | None
    """Which direction is better."""
    width: int
    """Width of the drawing."""
    height: int
    """Height of the drawing."""
    left: str
    """x of the left end of the axes."""
    right: str
    """x of their right end."""
    bottom: str
    """y of the x axis."""
    steps: tuple[Tick, ...]
    """Marks of the x axis."""
    values: tuple[Tick, ...]
    """Marks of the y axis."""
    lines: tuple[CurveLine, ...]
    """The runs that have the metric."""
    label: str
    """What the picture shows, in words."""
    note: str
    """How many runs, and how the axis is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A run and its metric, to be drawn."""

    series: str
    """Class of its series."""
    letter: str
    """Its letter; may be empty."""
    metric: MetricCard | None
    """None if the run does not have it."""


def curve_chart(
    name: str, goal: Goal | None, curves: Sequence[Curve], *, runs: int | None = None
) -> CurveChart | None:
    """The chart of the metric *name*; None if no run has two finite points. *runs* is of how many
    the note says that they are, if of more than *curves*.
    """
    drawn = [(one, one.metric) for one in curves if one.metric and len(one.metric.spark) > 1]
    values = sorted(v for _, metric in drawn for v in metric.spark if math.isfinite(v))
    steps = [step for _, metric in drawn for step in metric.spark_steps]
    if len(values) < 2:
        return None
    is_log = values[0] > 0 and values[-1] / median(values) > _SPREAD
    across = _linear(min(steps), max(steps), _LEFT, WIDTH - _RIGHT)
    up = _axis(values[0], values[-1], is_log=is_log)
    lines = [_line(one, metric, across, up) for one, metric in drawn]
    of = plural(len(curves) if runs is None else runs, "run")
    return CurveChart(
        name=name,
        goal=goal,
        width=WIDTH,
        height=HEIGHT,
        left=decimal(_LEFT),
        right=decimal(WIDTH - _RIGHT),
        bottom=decimal(HEIGHT - _BOTTOM),
        steps=_ticks(_round_steps(min(steps), max(steps)), across, _step_text),
        values=_ticks(
            _powers(values[0], values[-1]) if is_log else _round(values[0], values[-1]),
            up,
            _value_text,
        ),
        lines=_apart(lines),
        label=_label(name, values, steps, len(drawn)),
        note=f"{len(drawn)} of {of}, few points of each, extremes kept{_log_note(is_log)}",
    )


def _log_note(is_log: bool) -> str:
    return "; logarithmic" if is_log else ""


def _label(name: str, values: Sequence[float], steps: Sequence[int], runs: int) -> str:
    between = f"between {number_text(values[0], 3)} and {number_text(values[-1], 3)}"
    return f"{name} of {plural(runs, 'run')}, steps {min(steps):,} to {max(steps):,}: {between}"


def _linear(low: float, high: float, start: float, end: float) -> Scale:
    """Halved before they are subtracted: a range from -1e308 to 1e308 stays finite."""
    half = high / 2 - low / 2
    if half <= 0:
        return lambda _: (start + end) / 2
    return lambda value: start + (value / 2 - low / 2) / half * (end - start)


def _axis(low: float, high: float, *, is_log: bool) -> Scale:
    bottom = HEIGHT - _BOTTOM - 4
    if not is_log:
        return _linear(low, high, bottom, _TOP)
    scale = _linear(math.log10(low), math.log10(high), bottom, _TOP)
    return lambda value: scale(math.log10(value))


def _line(curve: Curve, metric: MetricCard, across: Scale, up: Scale) -> CurveLine:
    points = list(zip(metric.spark_steps, metric.spark, strict=True))
    places = [
        Point(x=decimal(across(step)), y=decimal(up(value))) if math.isfinite(value) else None
        for step, value in points
    ]
    ends = [place for place in places if place is not None]
    faults = [across(step) for step, value in points if not math.isfinite(value)]
    return CurveLine(
        series=curve.series,
        letter=curve.letter,
        paths=paths_of(places),
        end=ends[-1] if ends else None,
        faults=tuple(decimal(one) for one in faults[:_MOST_FAULTS]),
    )


def _apart(lines: Sequence[CurveLine]) -> tuple[CurveLine, ...]:
    """The lines with their letters after their ends, none over another."""
    ends = [(float(one.end.x), float(one.end.y), at) for at, one in enumerate(lines) if one.end]
    groups: list[list[tuple[float, float, int]]] = []
    for end in sorted(ends):
        if not groups or end[0] - groups[-1][0][0] > _LETTER_PX:
            groups.append([])
        groups[-1].append(end)
    places: dict[int, Point] = {}
    for group in groups:
        lowest, placed = -math.inf, []
        for y, x, at in sorted((y, x, at) for x, y, at in group):
            lowest = max(y, lowest + _LETTER_PX)
            placed.append((at, x, lowest))
        over = max(0.0, lowest - (HEIGHT - _BOTTOM))
        places |= {at: Point(x=decimal(x + 6), y=decimal(y - over + 4)) for at, x, y in placed}
    return tuple(replace(line, end=places.get(at)) for at, line in enumerate(lines))


def _value_text(value: float) -> str:
    """Short where all digits have no room beside the axis."""
    if not _LONG <= abs(value) < _EXPONENT:
        return number_text(value, 3)
    return f"{MINUS if value < 0 else ''}{short_count_text(round(abs(value)))}"


def _step_text(step: float) -> str:
    return short_count_text(round(step))


def _ticks(values: Iterable[float], scale: Scale, text: Callable[[float], str]) -> tuple[Tick, ...]:
    return tuple(Tick(at=decimal(scale(value)), text=text(value)) for value in values)


def _round(low: float, high: float) -> list[float]:
    """Round values from *low* to *high*: multiples of 1, 2, 2.5 or 5 times a power of ten."""
    raw = (high / 2 - low / 2) / _TICKS * 2
    if raw <= 0 or not math.isfinite(raw):
        return [low]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in _STEPS if one * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [at * step for at in range(first, last + 1)]


def _round_steps(low: int, high: int) -> list[float]:
    """Round steps, all of them whole."""
    return [value for value in _round(low, high) if value == round(value)]


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten from *low* to *high*, at most one more than the ticks of an axis."""
    first, last = math.ceil(math.log10(low)), math.floor(math.log10(high))
    every = max(1, math.ceil((last - first) / _TICKS))
    return [10.0**power for power in range(first, last + 1, every)] or [low, high]
