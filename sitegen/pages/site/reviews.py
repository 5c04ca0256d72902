"""The page of all annotations: figures by name, then every one, newest first. Floor 4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from sitegen import units
from sitegen.derive.agreement import Agreement
from sitegen.derive.annotations import ResolvedAnnotation, met_text, target_key
from sitegen.derive.csvtext import csv_line
from sitegen.derive.reviews import NameReview, ReviewedRun, name_reviews
from sitegen.model import Json
from sitegen.pages.frame import PageFrame, PageLink, Site
from sitegen.pages.links import ANNOTATIONS, ANNOTATIONS_CSV, state_hash
from sitegen.pages.site.review_coverage import CoverageRow, coverage_rows
from sitegen.pages.site.review_rows import RemovedRow, ReviewRow, removed_rows, review_row
from sitegen.pages.site.review_table import ReviewTable
from sitegen.pages.site.site_facts import runs_frame
from sitegen.read.git_authors import Committed
from sitegen.records import dataclass

_BAR = 120
LONG_ROWS = 200
"""Rows that the page holds where all rows are data."""
_SEGMENTS = (("state", "stale"), ("state", "orphaned"), ("change", "new"), ("change", "changed"))
_CSV_HEAD = (
    "id", "experiment", "run", "kind", "target", "name", "value", "rationale", "user", "created_at",
    "updated_at", "state",
)  # fmt: skip
_CSV_COMMITS = (
    "committed_by", "committed_at", "commit", "changed_by", "changed_at", "changed_commit",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseSummary:
    """What changed against the base that a site is built against."""

    label: str
    """What the base is called."""
    new: int
    """Annotations that it does not have."""
    changed: int
    """Annotations of which it has another text."""
    removed: int
    """Annotations that it alone has."""

    @property
    def text(self) -> str:
        """`3 new, 1 changed, none removed since main`."""
        pairs = ((self.new, "new"), (self.changed, "changed"), (self.removed, "removed"))
        counts = ", ".join(f"{units.count_text(count)} {word}" for count, word in pairs)
        return f"{counts} since {self.label}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRow:
    """The figures of one name."""

    name: str
    """The name."""
    url: str
    """The page, filtered to it."""
    yes: int
    """Feedback that is true."""
    no: int
    """Feedback that is false."""
    expectations: int
    """Expectations."""
    met: str
    """`2 of 3 met`; empty where no output can be compared."""
    bar_width: int
    """Width of the bar of yes and no, in px; 0 without feedback."""
    yes_width: int
    """Its part that is yes."""
    bar_label: str
    """The same in words."""
    people: int
    """How many people."""
    users: str
    """Who."""
    agreement: str
    """`κ 0.78 on 44 pairs, 40 agree`, or why there is none."""
    judges: tuple[str, ...]
    """`correct: 41 of 48, κ 0.71`, at most two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewsPage:
    """The context of pages/annotations.html."""

    page: PageFrame
    """The frame."""
    summary: str
    """`128 by 3 people over 9 runs · 96 feedback, 32 expectations`."""
    states: tuple[PageLink, ...]
    """All, stale and orphaned ones, with their counts."""
    names: tuple[NameRow, ...]
    """Figures by name."""
    coverage: tuple[CoverageRow, ...]
    """How many samples of each eval are annotated, and by whom."""
    rows: tuple[ReviewRow, ...]
    """The newest annotations: all, or of a long table the first `LONG_ROWS`."""
    has_commits: bool
    """Whether git says who committed any of them."""
    grid: Mapping[str, Json] | None
    """The columns of a long table, whose rows are data; None if the page holds all rows."""
    total: int
    """Annotations in all."""
    foot: str
    """What the table leaves out; empty if it leaves out nothing."""
    removed: tuple[RemovedRow, ...]
    """At most `LONG_ROWS` of the annotations that only the base has, newest first."""
    removed_note: str
    """How many there are, and since when; empty without any."""
    csv_url: str
    """All annotations as CSV."""


def reviews_page(
    site: Site, runs: Sequence[ReviewedRun], base: BaseSummary | None, table: ReviewTable | None
) -> ReviewsPage:
    """The page over the annotations of all *runs*; *table* has those of a long one as data."""
    removed = removed_rows(runs, LONG_ROWS)
    runs = [run for run in runs if run.annotations]
    said = newest_first(runs)
    cards = [run.card for run in runs]
    shown = said if table is None else said[:LONG_ROWS]
    return ReviewsPage(
        page=runs_frame(
            site,
            cards,
            kind="annotations",
            path=ANNOTATIONS,
            section="Annotations",
            files=dict(table.files) if table else None,
        ),
        summary=_summary(runs, said, base),
        states=_states(runs, said),
        names=tuple(_name_row(one) for one in name_reviews(runs)),
        coverage=coverage_rows(runs),
        rows=tuple(review_row(site, run, one, has_sidecar=table is None) for run, one in shown),
        has_commits=any(run.committed for run in runs),
        grid=table.schema.for_page() if table else None,
        total=len(said),
        foot=f"Showing the newest {len(shown)} of {units.plural(len(said), 'annotation')}."
        if len(said) > len(shown)
        else "",
        removed=removed,
        removed_note=_removed_note(len(removed), base),
        csv_url=ANNOTATIONS_CSV,
    )


def _removed_note(shown: int, base: BaseSummary | None) -> str:
    """`3 since main`, `200 of 3,000 since main`: others are older, or of runs that are gone."""
    if base is None or not base.removed:
        return ""
    count = units.count_text(base.removed)
    of = "" if shown == base.removed else f"{units.count_text(shown)} of "
    return f"{of}{count} since {base.label}"


def reviews_csv(runs: Sequence[ReviewedRun]) -> str:
    """All annotations, a line each, newest first; the last columns only where they are known: who
    committed it and last changed it, what became of it since the base.
    """
    has_commits = any(run.committed for run in runs)
    has_changes = any(run.changes for run in runs)
    head = (*_CSV_HEAD, *(_CSV_COMMITS if has_commits else ()), *(("change",) * has_changes))
    lines = [csv_line(head)]
    for run, one in newest_first(runs):
        cells = _csv_cells(run, one)
        if has_commits:
            cells += _commit_cells(run.committed.get(one.annotation.id))
        if has_changes:
            cells += (run.changes.get(one.annotation.id),)
        lines.append(csv_line(cells))
    return "".join(lines)


def newest_first(runs: Sequence[ReviewedRun]) -> list[tuple[ReviewedRun, ResolvedAnnotation]]:
    """All annotations with the runs that they are of."""
    said = [(run, one) for run in runs for one in run.annotations]
    return sorted(
        said, key=lambda pair: (-(pair[1].annotation.created_at_ns or 0), pair[1].annotation.id)
    )


def _csv_cells(run: ReviewedRun, one: ResolvedAnnotation) -> tuple[Json, ...]:
    said = one.annotation
    return (
        said.id, run.card.experiment, run.card.id, said.kind, target_key(said.target), said.name,
        said.value, said.rationale, said.user, _time(said.created_at_ns), _time(said.updated_at_ns),
        one.state,
    )  # fmt: skip


def _commit_cells(found: Committed | None) -> tuple[Json, ...]:
    """Author, time and id of the first commit, and of the last that changed it."""
    if found is None:
        return (None,) * len(_CSV_COMMITS)
    pair = (found.added, found.changed)
    return tuple(
        cell
        for one in pair
        for cell in ((one.author, _time(one.time_ns), one.id) if one else (None, None, None))
    )


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else units.rfc3339(time_ns)


def _summary(
    runs: Sequence[ReviewedRun],
    said: Sequence[tuple[ReviewedRun, ResolvedAnnotation]],
    base: BaseSummary | None,
) -> str:
    against = "" if base is None else f" · {base.text}"
    if not said:
        return f"none yet{against}"
    people = {one.annotation.user for _, one in said if one.annotation.user}
    kinds = [one.annotation.kind for _, one in said]
    counts = [
        f"{units.count_text(kinds.count('feedback'))} feedback",
        units.plural(kinds.count("expectation"), "expectation"),
    ]
    by = f" by {units.plural(len(people), 'person', 'people')}" if people else ""
    over = units.plural(len(runs), "run")
    return f"{units.count_text(len(said))}{by} over {over} · {', '.join(counts)}{against}"


def _states(
    runs: Sequence[ReviewedRun], said: Sequence[tuple[ReviewedRun, ResolvedAnnotation]]
) -> tuple[PageLink, ...]:
    links = [PageLink(label=f"All {units.count_text(len(said))}", url="#", is_current=True)]
    counts: Counter[tuple[str, str]] = Counter(("state", one.state) for _, one in said)
    counts.update(("change", change) for run in runs for change in run.changes.values())
    for field, word in _SEGMENTS:
        if count := counts[field, word]:
            url = state_hash(filter=f'{field} = "{word}"')
            links.append(PageLink(label=f"{word.title()} {units.count_text(count)}", url=url))
    return tuple(links) if links[1:] else ()


def _name_row(review: NameReview) -> NameRow:
    feedback = review.yes + review.no
    quoted = review.name.replace('"', '""')
    return NameRow(
        name=review.name,
        url=state_hash(filter=f'name = "{quoted}"'),
        yes=review.yes,
        no=review.no,
        expectations=review.expectations,
        met=", ".join(met_text(review.met, review.compared)),
        bar_width=_BAR if feedback else 0,
        yes_width=round(_BAR * review.yes / feedback) if feedback else 0,
        bar_label=f"{review.yes:,} yes, {review.no:,} no",
        people=len(review.users),
        users=", ".join(review.users),
        agreement=_people_text(review),
        judges=tuple(f"{scorer}: {_agreed(found)}" for scorer, found in review.judges[:2]),
    )


def _people_text(review: NameReview) -> str:
    if review.people is None:
        return "one person" if len(review.users) == 1 else "no target in common"
    return f"{_agreed(review.people)} {'pair' if review.people.n == 1 else 'pairs'}"


def _agreed(found: Agreement) -> str:
    """`κ 0.71, 41 of 48`; no kappa where all say the same."""
    kappa = "" if found.kappa is None else f"κ {units.number_text(found.kappa, 2)}, "
    return f"{kappa}{found.agreed:,} of {found.n:,}"
