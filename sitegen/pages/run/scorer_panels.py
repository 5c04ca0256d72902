"""What the page says of one scorer: the number, its interval, its denominator, its distribution.

Floor 4. Drawings are geometry for SVG attributes, 250 px wide; each has its words beside it.
"""

from __future__ import annotations

from sitegen.derive.evals.scores import Histogram, ScorerFacts
from sitegen.model import Goal
from sitegen.pages.figures import decimal, whisker
from sitegen.pages.parts import Whisker
from sitegen.records import dataclass
from sitegen.units import count_text, exact_text, number_text, percent_text, plural

WIDTH = 250
HEIGHT = 50
_MOST_LABELS = 5
_LABEL_BAR = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A rectangle of a drawing."""

    x: str
    """Left end."""
    y: str
    """Upper end."""
    width: str
    """Width."""
    height: str
    """Height."""
    ink: str
    """Class of its colour."""
    title: str
    """What it counts, for a tooltip."""
    count: int
    """How many samples."""
    value: str | None = None
    """What they have in common: yes, no, errored, missing; None for a range of numbers."""
    low: str | None = None
    """The lowest number it counts, exact."""
    high: str | None = None
    """The end of its range, exact: in the last bar counted too."""
    is_last: bool = False
    """Whether it is the last of a histogram."""
    whole: str | None = None
    """The whole number it stands for, where each has a bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A word under a drawing."""

    x: str
    """Place on the drawing."""
    text: str
    """The word."""
    anchor: str
    """start, middle or end: which part of the word stands at x."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Bars with words under them."""

    label: str
    """The same in words."""
    bars: tuple[Bar, ...]
    """The bars."""
    ticks: tuple[Tick, ...]
    """Words under them."""
    notes: tuple[str, ...]
    """Counts under a stacked bar: `202 yes`, `35 no`."""
    height: int
    """Height of the drawing in px, ticks included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCount:
    """How often a label stands."""

    label: str
    """The label."""
    count: int
    """How often."""
    count_text: str
    """The same as text."""
    share_text: str
    """Share of the scored samples."""
    width: str
    """Width of its bar, of 120."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerPanel:
    """One scorer above the table of samples."""

    name: str
    """Name of the scorer."""
    kind: str
    """boolean, number, label, mixed or unscored."""
    goal: Goal | None
    """Which direction is better."""
    kind_text: str
    """`boolean`, `number, 0 to 1`."""
    description: str | None
    """What it measures."""
    figure: str
    """The mean, or what stands for it."""
    figure_exact: str
    """The mean with all its digits."""
    is_number: bool
    """Whether the figure is a mean."""
    interval_text: str | None
    """`95 % CI 79.0 to 88.2 (Wilson)`."""
    interval_exact: str
    """The interval and the standard error with all their digits."""
    scored_text: str
    """`202 of 240 scored; 3 errored, 35 missing`."""
    bounds_text: str | None
    """What the share would be if the rest had failed or passed."""
    repeats_text: str | None
    """How the epochs of a sample agree: what passed in all of them, or how far numbers spread."""
    whisker: Whisker | None
    """The interval on the scale of the drawing."""
    drawing: Drawing | None
    """Bar of a boolean, histogram of numbers."""
    labels: tuple[LabelCount, ...]
    """The most frequent labels."""
    labels_more: str | None
    """What the list of labels leaves out."""


def scorer_panel(scorer: ScorerFacts) -> ScorerPanel:
    """The panel of *scorer*."""
    scale = scale_of(scorer)
    is_boolean = scorer.kind == "boolean"
    labels = _labels(scorer) if scorer.kind in {"label", "mixed"} else ()
    return ScorerPanel(
        name=scorer.name,
        kind=scorer.kind,
        goal=scorer.goal,
        kind_text=_kind_text(scorer),
        description=scorer.description,
        figure=_figure(scorer),
        is_number=scorer.mean is not None,
        figure_exact="" if scorer.mean is None else exact_text(scorer.mean),
        interval_text=_interval_text(scorer),
        interval_exact=_interval_exact(scorer),
        scored_text=scored_text(scorer),
        bounds_text=_bounds_text(scorer),
        repeats_text=_repeats_text(scorer),
        whisker=_whisker(scorer, scale),
        drawing=_boolean_drawing(scorer) if is_boolean else _histogram_drawing(scorer),
        labels=labels,
        labels_more=_labels_more(scorer, labels),
    )


def scale_of(scorer: ScorerFacts) -> tuple[float, float] | None:
    """The range on which values are drawn: as declared, 0 to 1 if they fit, else theirs."""
    if scorer.kind == "boolean":
        return 0.0, 1.0
    if scorer.min is None or scorer.max is None:
        return None
    if scorer.range_low is not None and scorer.range_high is not None:
        return min(scorer.range_low, scorer.min), max(scorer.range_high, scorer.max)
    if scorer.min >= 0 and scorer.max <= 1:
        return 0.0, 1.0
    return scorer.min, scorer.max


def scored_text(scorer: ScorerFacts) -> str:
    """`202 of 240 scored; 3 errored, 35 missing`."""
    parts = (
        (scorer.errors, "errored"),
        (scorer.missing, "missing"),
        (scorer.non_finite, "not finite"),
    )
    rest = ", ".join(f"{count_text(count)} {word}" for count, word in parts if count)
    text = f"{count_text(scorer.n)} of {count_text(scorer.total)} scored"
    return f"{text}; {rest}" if rest else text


def _kind_text(scorer: ScorerFacts) -> str:
    text = {"unscored": "no scores", "mixed": "mixed values"}.get(scorer.kind, scorer.kind)
    if scorer.unit:
        text += f", {scorer.unit}"
    if scorer.range_low is not None and scorer.range_high is not None:
        text += f", {number_text(scorer.range_low)} to {number_text(scorer.range_high)}"
    return text


def _figure(scorer: ScorerFacts) -> str:
    if scorer.mean is not None:
        return _value_text(scorer, scorer.mean)
    if scorer.kind == "label":
        return plural(len(scorer.counts) + scorer.counts_other, "label")
    return {"mixed": "no mean", "unscored": "not scored"}.get(scorer.kind, "no mean")


def _value_text(scorer: ScorerFacts, value: float) -> str:
    return percent_text(value) if scorer.kind == "boolean" else number_text(value, 3)


def _interval_text(scorer: ScorerFacts) -> str | None:
    if scorer.mean is None:
        return None
    if scorer.ci_low is None or scorer.ci_high is None or scorer.method is None:
        return "one sample, no interval" if scorer.n == 1 else "one cluster, no interval"
    if scorer.se == 0 and scorer.kind == "number":
        return "no spread, no interval"
    if scorer.kind == "boolean":
        low, high = f"{100 * scorer.ci_low:.1f}", f"{100 * scorer.ci_high:.1f}"
    else:
        low, high = number_text(scorer.ci_low, 3), number_text(scorer.ci_high, 3)
    method = scorer.method
    if scorer.clusters < scorer.n:
        method = f"{method.partition(',')[0].removesuffix(' over clusters')}, " + plural(
            scorer.clusters, "cluster"
        )
    return f"95\u202f% CI {low} to {high} ({method})"


def _interval_exact(scorer: ScorerFacts) -> str:
    if scorer.ci_low is None or scorer.ci_high is None:
        return ""
    text = f"{exact_text(scorer.ci_low)} to {exact_text(scorer.ci_high)}"
    if scorer.se is None:
        return text
    return f"{text}; standard error {exact_text(scorer.se)}, {scorer.df} degrees of freedom"


def _bounds_text(scorer: ScorerFacts) -> str | None:
    if scorer.bound_low is None or scorer.bound_high is None:
        return None
    low, high = percent_text(scorer.bound_low), percent_text(scorer.bound_high)
    return f"{low} if the rest failed, {high} if it passed"


def _repeats_text(scorer: ScorerFacts) -> str | None:
    """`65.6 % of 64 samples passed in all epochs, 82.8 % in some`."""
    found = scorer.repeats
    if found is None:
        return None
    samples = plural(found.ids, "sample")
    if found.passed_all is not None and found.passed_some is not None:
        always, sometimes = found.passed_all / found.ids, found.passed_some / found.ids
        return (
            f"{percent_text(always)} of {samples} passed in all epochs,"
            f" {percent_text(sometimes)} in some"
        )
    if found.sd_within is None:
        return None
    text = f"SD {number_text(found.sd_within, 2)} within a sample"
    if found.sd_between is None:
        return text
    return f"{text}, {number_text(found.sd_between, 2)} between {samples}"


def _whisker(scorer: ScorerFacts, scale: tuple[float, float] | None) -> Whisker | None:
    if scale is None or scorer.mean is None or scorer.ci_low is None or scorer.ci_high is None:
        return None
    if scorer.ci_low == scorer.ci_high:
        return None
    return whisker(
        scorer.mean,
        scorer.ci_low,
        scorer.ci_high,
        scale=scale,
        width=WIDTH,
        label=f"{_value_text(scorer, scorer.mean)}, {_interval_text(scorer)}",
    )


def _boolean_drawing(scorer: ScorerFacts) -> Drawing:
    """One bar over all samples: yes, no, errored, missing."""
    parts = (
        (scorer.counts.get("true", 0), "yes", "s1"),
        (scorer.counts.get("false", 0), "no", "s2"),
        (scorer.errors, "errored", "bad"),
        (scorer.missing, "missing", "track"),
    )
    shown = [part for part in parts if part[0]]
    widths = [max(2.0, WIDTH * count / scorer.total) for count, _, _ in shown]
    scale = WIDTH / sum(widths)
    bars, x = [], 0.0
    for (count, word, ink), width in zip(shown, widths, strict=True):
        bars.append(
            Bar(
                x=decimal(x),
                y="0",
                width=decimal(max(1.0, width * scale - 1)),
                height="18",
                ink=ink,
                title=f"{count_text(count)} {word}",
                count=count,
                value=word,
            )
        )
        x += width * scale
    notes = tuple(bar.title for bar in bars)
    return Drawing(label=", ".join(notes), bars=tuple(bars), ticks=(), notes=notes, height=18)


def _histogram_drawing(scorer: ScorerFacts) -> Drawing | None:
    bins = scorer.histogram
    scale = scale_of(scorer)
    if bins is None or scale is None:
        return None
    most = max(bins.counts)
    low, high = bins.edges[0], bins.edges[-1]
    span = high - low
    bars = []
    for index, count in enumerate(bins.counts):
        left, right = bins.edges[index], bins.edges[index + 1]
        x = (left - low) / span * WIDTH if span else WIDTH / 2 - 6
        width = (right - left) / span * WIDTH if span else 12.0
        height = 0.0 if count == 0 else max(1.0, HEIGHT * count / most)
        bars.append(
            Bar(
                x=decimal(x),
                y=decimal(HEIGHT - height),
                width=decimal(max(1.0, width - 1)),
                height=decimal(height),
                ink="s1",
                title=f"{_bin_text(bins, index)}: {count_text(count)}",
                count=count,
                low=exact_text(bins.edges[index]),
                high=exact_text(bins.edges[index + 1]),
                is_last=index == len(bins.counts) - 1,
                whole=exact_text(bins.edges[index] + 0.5) if bins.is_whole else None,
            )
        )
    return Drawing(
        label=f"histogram of {plural(scorer.n, 'value')}, "
        f"{number_text(scorer.min or 0.0)} to {number_text(scorer.max or 0.0)}",
        bars=tuple(bars),
        ticks=_ticks(bins),
        notes=(),
        height=HEIGHT + 14,
    )


def _bin_text(bins: Histogram, index: int) -> str:
    if bins.is_whole:
        return number_text(bins.edges[index] + 0.5)
    return f"{number_text(bins.edges[index], 3)} to {number_text(bins.edges[index + 1], 3)}"


def _ticks(bins: Histogram) -> tuple[Tick, ...]:
    low, high = bins.edges[0], bins.edges[-1]
    if bins.is_whole and len(bins.counts) <= 10:
        step = WIDTH / len(bins.counts)
        return tuple(
            Tick(x=decimal((i + 0.5) * step), text=number_text(low + 0.5 + i), anchor="middle")
            for i in range(len(bins.counts))
        )
    if low == high:
        return (Tick(x=str(WIDTH // 2), text=number_text(low, 3), anchor="middle"),)
    half = 0.5 if bins.is_whole else 0.0
    places = [(0, low + half, "start"), (WIDTH, high - half, "end")]
    if not bins.is_whole:
        places.insert(1, (WIDTH // 2, low / 2 + high / 2, "middle"))
    return tuple(
        Tick(x=str(x), text=number_text(value, 3), anchor=anchor) for x, value, anchor in places
    )


def _labels(scorer: ScorerFacts) -> tuple[LabelCount, ...]:
    shown = list(scorer.counts.items())[:_MOST_LABELS]
    most = max((count for _, count in shown), default=1)
    return tuple(
        LabelCount(
            label=label or "other labels",
            count=count,
            count_text=count_text(count),
            share_text=percent_text(count / scorer.n),
            width=decimal(max(1.0, _LABEL_BAR * count / most)),
        )
        for label, count in shown
    )


def _labels_more(scorer: ScorerFacts, shown: tuple[LabelCount, ...]) -> str | None:
    rest = list(scorer.counts.values())[len(shown) :]
    count = sum(rest) + scorer.counts_other
    if not count or not shown:
        return None
    return f"{count_text(count)} with other labels"
