"""Small contexts that many pages share; the macros of templates/parts/ take these. Floor 4."""

from __future__ import annotations

import re

from sitegen import units
from sitegen.errors import Problem
from sitegen.model import Goal
from sitegen.records import dataclass

Tone = str
"""none, good, bad, warn, odd or muted: a class of the interface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A piece of text, perhaps a link, a time or code."""

    text: str
    """What is shown."""
    url: str | None = None
    """Where it leads."""
    datetime: str | None = None
    """RFC 3339, if it is a time."""
    is_code: bool = False
    """Whether a person typed it."""
    is_external: bool = False
    """Whether it leads out of the site."""
    tone: Tone | None = None
    """What its colour says."""
    title: str | None = None
    """The exact value, on hover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact in the line under a title."""

    parts: tuple[Text, ...]
    """Its text."""
    label: str | None = None
    """A word before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A name and its value in a list."""

    name: str
    """The name."""
    parts: tuple[Text, ...]
    """The value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place in a small figure."""

    x: str
    """Distance from the left."""
    y: str
    """Distance from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A small line with a mark."""

    label: str
    """What it shows, for those who do not see it."""
    width: int
    """Width in px."""
    height: int
    """Height in px."""
    paths: tuple[str, ...]
    """`d` of one path per stretch without a gap."""
    mark: Point | None
    """The best or the last value."""
    dots: tuple[Point, ...]
    """Further values, not joined."""
    non_finite: tuple[str, ...]
    """x of each NaN or ±Inf."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One stretch of a stacked bar."""

    status: str
    """Status that gives its colour."""
    x: str
    """Left end."""
    width: str
    """Width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """Runs of one status."""

    status: str
    """The status."""
    count: int
    """How many."""
    label: str
    """`3 failed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusBar:
    """Runs by status as a stacked bar."""

    label: str
    """`60 completed, 3 failed`."""
    width: int
    """Width in px."""
    segments: tuple[Segment, ...]
    """In the order of the statuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """A mean with its interval on a scale."""

    label: str
    """The same in words."""
    width: int
    """Width in px."""
    low: str
    """x of the interval's lower end."""
    high: str
    """x of its upper end."""
    mean: str
    """x of the mean."""
    baseline: str | None
    """x of the baseline's mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A key figure: the number, its uncertainty or best value, a small line."""

    name: str
    """Name of the metric."""
    goal: Goal | None
    """Which direction is better."""
    value: str
    """The value as read."""
    value_title: str
    """The exact value."""
    note: str
    """What stands under it."""
    spark: Spark | None
    """Its small line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """A problem in a table."""

    severity: str
    """error or warning."""
    where: str
    """`path:line`."""
    message: str
    """What was found and expected."""
    hint: str | None
    """What to do."""
    code: str
    """Its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """What an empty place says."""

    title: str
    """What is not there."""
    text: str
    """What would appear and where it is read from."""
    code: str | None = None
    """How to log it."""
    more_url: str | None = None
    """Where more is told."""
    more_label: str = ""
    """Text of that link."""


def time_part(time_ns: int | None, *, short_year: int | None = None) -> Text | None:
    """A time with its exact form; short within *short_year* where that is given."""
    if time_ns is None:
        return None
    text = units.time_text(time_ns)
    if short_year is not None:
        text = units.short_time_text(time_ns, short_year)
    return Text(text=text, datetime=units.rfc3339(time_ns))


def duration_part(duration_ns: int | None) -> Text | None:
    """A duration with its exact seconds on hover."""
    if duration_ns is None:
        return None
    return Text(
        text=units.duration_text(duration_ns),
        title=f"{units.exact_text(duration_ns / units.NS_PER_S)} s",
    )


def problem_rows(problems: tuple[Problem, ...]) -> tuple[ProblemRow, ...]:
    """Rows of the problem table."""
    return tuple(
        ProblemRow(
            severity=problem.severity,
            where=problem.place,
            message=problem.message,
            hint=problem.hint,
            code=problem.code,
        )
        for problem in problems
    )


def problem_counts(errors: int, warnings: int) -> str:
    """`1 error, 3 warnings`; the empty string without any."""
    parts = [
        units.plural(count, word)
        for count, word in ((errors, "error"), (warnings, "warning"))
        if count
    ]
    return ", ".join(parts)


def value_text(value: float | None, *, unit: str | None = None, digits: int = 4) -> str:
    """A metric's value as read, `no value` if there is none."""
    if value is None:
        return "no value"
    text = units.number_text(value, digits)
    return f"{text}{units.SPACE}{unit}" if unit else text


def condition_text(condition: str) -> str:
    """A condition as read: names that hold no space stand without their backticks."""
    return re.sub(r"`([^`\s]+)`", r"\1", condition)
