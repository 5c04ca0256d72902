"""A declared comparison's page: complete as the server writes it, no script needed.

Floor 4. From the small files of its runs (`derive/compared_run.py`) and the comparisons of their
evals, so it says what compare.html says of the same runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitegen import units
from sitegen.derive.card import Card
from sitegen.derive.compared_run import ComparedRun
from sitegen.derive.experiment import Experiment
from sitegen.pages.compare.curves import Curve, CurveChart, curve_chart
from sitegen.pages.compare.declared import Declared
from sitegen.pages.compare.rows import ComparisonSection, comparison_sections, sectioned_markdown
from sitegen.pages.experiment.evals import BaselineVerdict, Comparisons, declared_verdicts
from sitegen.pages.frame import PageFrame, PageLink, Site, page_frame
from sitegen.pages.links import (
    INDEX,
    commit_range_url,
    compare_url,
    experiment_page,
    root_of,
    run_page,
)
from sitegen.pages.site.site_facts import input_digest
from sitegen.records import dataclass

_LETTERS = "ABCDEFGH"
_SERIES = 8
_SHORT = 12
_MOST_CURVES = 24
_MOST_PICTURES = 24
"""Most paths of pictures."""
_PICTURES = (".png", ".jpg", ".gif", ".webp")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedColumn:
    """A run of the comparison."""

    name: str
    """Its name."""
    url: str
    """Its page."""
    status: str
    """How it ended."""
    letter: str
    """`A` to `H`; empty if there are more runs."""
    series: str
    """Class of its series: `s1` to `s8`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedPicture:
    """One run's picture of a path."""

    name: str
    """Letter and name of the run."""
    url: str
    """The picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """Pictures of one path that are not the same."""

    path: str
    """Path below attachments/."""
    pictures: tuple[ComparedPicture, ...]
    """One for each run that has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRange:
    """What changed in the code between the first run and another."""

    name: str
    """Name of the other run."""
    text: str
    """`3fa9…c1d2`, both ends short."""
    url: str | None
    """Where the changes are shown; None where the host is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage:
    """The context of pages/comparison.html."""

    page: PageFrame
    """The frame."""
    experiment: PageLink
    """The experiment that declares it."""
    filter: str | None
    """The condition that chooses its runs."""
    fault: str | None
    """What is wrong with the condition."""
    missing: tuple[str, ...]
    """Ids that no run of the experiment has."""
    left_out: int
    """Runs beyond those compared."""
    compare_url: str
    """The same runs on compare.html."""
    columns: tuple[ComparedColumn, ...]
    """Its runs, the one that the others are held against first."""
    verdicts: tuple[BaselineVerdict, ...]
    """What may be said of the others by their evals."""
    sections: tuple[ComparisonSection, ...]
    """Tables with a row a fact and a column a run."""
    curves: tuple[CurveChart, ...]
    """Metrics over steps, the objective first, those with a goal before others."""
    pictures: tuple[PictureRow, ...]
    """Attached pictures beside each other."""
    ranges: tuple[CommitRange, ...]
    """What changed in the code."""
    markdown: str
    """The comparison as a Markdown table."""


def comparison_context(
    site: Site,
    experiment: Experiment,
    declared: Declared,
    runs: Sequence[ComparedRun],
    comparisons: Comparisons,
) -> ComparisonPage:
    """The page of *declared*; *runs* are its runs in order, *comparisons* hold their evals."""
    root, cards = root_of(declared.path), declared.cards
    sections = comparison_sections(runs)
    runs_text = units.plural(len(cards), "run")
    latest_ns = max((card.activity_ns or 0 for card in cards), default=0)
    parent = PageLink(label=experiment.title, url=root + experiment_page(experiment.name))
    return ComparisonPage(
        page=page_frame(
            site,
            kind="comparison",
            path=declared.path,
            title=declared.name,
            breadcrumb=(
                PageLink(label=site.title, url=root + INDEX),
                parent,
                PageLink(label=declared.name, url=None),
            ),
            digest=input_digest(cards),
            summary=f"{runs_text} · {units.date_text(latest_ns)}" if latest_ns else runs_text,
            problems_url=f"{root}{INDEX}#problems",
            problems_count=sum(card.problem_errors + card.problem_warnings for card in cards),
            section="Compare",
        ),
        experiment=parent,
        filter=declared.filter,
        fault=declared.fault,
        missing=declared.missing,
        left_out=declared.left_out,
        compare_url=root + compare_url(card.slug[-10:] for card in cards),
        columns=tuple(_column(card, at, len(cards), root) for at, card in enumerate(cards)),
        verdicts=declared_verdicts(cards, comparisons, root),
        sections=sections,
        curves=_curves(experiment, cards),
        pictures=_pictures(runs, root),
        ranges=_ranges(runs),
        markdown=sectioned_markdown(runs, sections),
    )


def _column(card: Card, at: int, count: int, root: str) -> ComparedColumn:
    return ComparedColumn(
        name=card.name,
        url=root + run_page(card.id),
        status=card.status,
        letter=_letter(at, count),
        series=_series(at),
    )


def _curves(experiment: Experiment, cards: Sequence[Card]) -> tuple[CurveChart, ...]:
    goals = {one.name: one.goal for card in cards for one in card.metrics if len(one.spark) > 1}
    objective = experiment.objective.name if experiment.objective else None
    names = sorted(goals, key=lambda name: (name != objective, goals[name] is None, name))
    charts = (
        curve_chart(
            name,
            goals[name],
            [
                Curve(series=_series(at), letter=_letter(at, len(cards)), metric=card.metric(name))
                for at, card in enumerate(cards)
            ],
        )
        for name in names[:_MOST_CURVES]
    )
    return tuple(chart for chart in charts if chart)


def _pictures(runs: Sequence[ComparedRun], root: str) -> tuple[PictureRow, ...]:
    found: dict[str, dict[ComparedPicture, str | None]] = {}
    for at, run in enumerate(runs):
        name = f"{_letter(at, len(runs))} {run.name}".strip()
        for one in run.attachments:
            if one.file and one.file.endswith(_PICTURES):
                picture = ComparedPicture(name=name, url=root + one.file)
                found.setdefault(one.path, {})[picture] = one.sha256
    rows = [
        PictureRow(path=path, pictures=tuple(pictures))
        for path, pictures in sorted(found.items())
        if len(set(pictures.values())) > 1
    ]
    return tuple(rows[:_MOST_PICTURES])


def _letter(at: int, count: int) -> str:
    return _LETTERS[at] if count <= len(_LETTERS) else ""


def _series(at: int) -> str:
    return f"s{at % _SERIES + 1}"


def _ranges(runs: Sequence[ComparedRun]) -> tuple[CommitRange, ...]:
    """From the first run's commit to each other one, once."""
    found: dict[str, CommitRange] = {}
    for run in runs[1:]:
        before, after = runs[0].source, run.source
        first, last = before.get("commit"), after.get("commit")
        if not first or not last or first == last or last in found:
            continue
        if before.get("repository") != after.get("repository"):
            continue
        found[last] = CommitRange(
            name=run.name,
            text=f"{first[:_SHORT]}…{last[:_SHORT]}",
            url=commit_range_url(before.get("repository"), first, last),
        )
    return tuple(found.values())
