"""The page of all annotations: figures by name, then every one, newest first. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sitegen import units
from sitegen.derive.agreement import Agreement
from sitegen.derive.annotations import ResolvedAnnotation, target_key
from sitegen.derive.csvtext import csv_line
from sitegen.derive.reviews import NameReview, ReviewedRun, name_reviews
from sitegen.model import Json
from sitegen.pages.frame import PageFrame, PageLink, Site, page_frame
from sitegen.pages.links import ANNOTATIONS, ANNOTATIONS_CSV, INDEX, run_page, state_hash
from sitegen.pages.parts import Text
from sitegen.pages.run.annotations import AnnotationView, annotation_view
from sitegen.pages.site.index import MOST_ROWS, input_digest

_BAR = 120
_CSV_HEAD = (
    "id", "experiment", "run", "kind", "target", "name", "value", "rationale", "user", "created_at",
    "updated_at", "state",
)  # fmt: skip


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
class ReviewRow:
    """One annotation in the table."""

    view: AnnotationView
    """What it says."""
    run: PageLink
    """The run that it is about."""
    experiment: str
    """That run's experiment."""
    target: Text
    """What of it, as a link."""
    value_key: str
    """The value, sortable."""
    date_key: str
    """When it was written, sortable."""
    fields: Mapping[str, Json]
    """What the filter looks at."""
    search: str
    """Text that the search looks at."""


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
    rows: tuple[ReviewRow, ...]
    """At most `MOST_ROWS` annotations, newest first."""
    total: int
    """Annotations in all."""
    foot: str
    """What the table leaves out; empty if it leaves out nothing."""
    csv_url: str
    """All annotations as CSV."""


def reviews_page(site: Site, runs: Sequence[ReviewedRun]) -> ReviewsPage:
    """The page over the annotations of all *runs*."""
    said = _newest_first(runs)
    cards = [run.card for run in runs]
    return ReviewsPage(
        page=page_frame(
            site,
            kind="listing",
            path=ANNOTATIONS,
            title="Annotations",
            breadcrumb=(),
            digest=input_digest(cards),
            summary=units.plural(len(cards), "run"),
            problems_url=f"{INDEX}#problems",
            problems_count=sum(one.problem_errors + one.problem_warnings for one in cards),
            section="Annotations",
        ),
        summary=_summary(runs, said),
        states=_states(said),
        names=tuple(_name_row(one) for one in name_reviews(runs)),
        rows=tuple(_row(site, run, one) for run, one in said[:MOST_ROWS]),
        total=len(said),
        foot=f"Showing the newest {MOST_ROWS} of {units.plural(len(said), 'annotation')}."
        if len(said) > MOST_ROWS
        else "",
        csv_url=ANNOTATIONS_CSV,
    )


def reviews_csv(runs: Sequence[ReviewedRun]) -> str:
    """All annotations, a line each, newest first."""
    return csv_line(_CSV_HEAD) + "".join(_csv_row(run, one) for run, one in _newest_first(runs))


def _newest_first(runs: Sequence[ReviewedRun]) -> list[tuple[ReviewedRun, ResolvedAnnotation]]:
    said = [(run, one) for run in runs for one in run.annotations]
    return sorted(
        said, key=lambda pair: (-(pair[1].annotation.created_at_ns or 0), pair[1].annotation.id)
    )


def _csv_row(run: ReviewedRun, one: ResolvedAnnotation) -> str:
    said = one.annotation
    times = (said.created_at_ns, said.updated_at_ns)
    created, updated = (units.rfc3339(time) if time is not None else None for time in times)
    return csv_line(
        (said.id, run.card.experiment, run.card.id, said.kind, target_key(said.target), said.name,
         said.value, said.rationale, said.user, created, updated, one.state)
    )  # fmt: skip


def _summary(
    runs: Sequence[ReviewedRun], said: Sequence[tuple[ReviewedRun, ResolvedAnnotation]]
) -> str:
    if not said:
        return "none yet"
    people = {one.annotation.user for _, one in said if one.annotation.user}
    kinds = [one.annotation.kind for _, one in said]
    counts = [
        f"{units.count_text(kinds.count('feedback'))} feedback",
        units.plural(kinds.count("expectation"), "expectation"),
    ]
    by = f" by {units.plural(len(people), 'person', 'people')}" if people else ""
    over = units.plural(len(runs), "run")
    return f"{units.count_text(len(said))}{by} over {over} · {', '.join(counts)}"


def _states(said: Sequence[tuple[ReviewedRun, ResolvedAnnotation]]) -> tuple[PageLink, ...]:
    states = [one.state for _, one in said]
    links = [PageLink(label=f"All {units.count_text(len(said))}", url="#", is_current=True)]
    for state in ("stale", "orphaned"):
        if count := states.count(state):
            url = state_hash(filter=f'state = "{state}"')
            links.append(PageLink(label=f"{state.title()} {units.count_text(count)}", url=url))
    return tuple(links)


def _name_row(review: NameReview) -> NameRow:
    feedback = review.yes + review.no
    quoted = review.name.replace('"', '""')
    return NameRow(
        name=review.name,
        url=state_hash(filter=f'name = "{quoted}"'),
        yes=review.yes,
        no=review.no,
        expectations=review.expectations,
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


def _row(site: Site, run: ReviewedRun, one: ResolvedAnnotation) -> ReviewRow:
    said = one.annotation
    view = annotation_view(one, site.sidecar_folder(run.relative, run.card.id))
    page = run_page(run.card.id)
    target = Text(text=one.target_label, url=page + (view.target.url or ""))
    return ReviewRow(
        view=view,
        run=PageLink(label=f"{run.card.experiment} / {run.card.name}", url=page),
        experiment=run.card.experiment,
        target=target,
        value_key=view.value_text,
        date_key=f"{said.created_at_ns or 0:020d}",
        fields={
            "id": said.id,
            "name": said.name,
            "kind": said.kind,
            "value": said.value,
            "user": said.user,
            "state": one.state,
            "target": said.target.type,
            "run": run.card.name,
            "run_id": run.card.id,
            "experiment": run.card.experiment,
            "created": units.rfc3339(said.created_at_ns) if said.created_at_ns else None,
        },
        search=" ".join(
            (
                said.name, view.value_text, said.user or "", said.rationale or "", one.state,
                one.target_label, run.card.name, run.card.experiment,
            )
        ),
    )  # fmt: skip
