"""Rows of the page of all annotations, as the server writes them. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sitegen import units
from sitegen.derive.annotations import ResolvedAnnotation, resolve_annotations
from sitegen.derive.reviews import ReviewedRun
from sitegen.model import Json
from sitegen.pages.frame import PageLink, Site
from sitegen.pages.links import commit_url, run_page
from sitegen.pages.parts import Text
from sitegen.pages.run.annotations import AnnotationView, annotation_view
from sitegen.read.git_authors import Committed
from sitegen.records import dataclass


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
    committed: Text | None
    """Who committed it, and when; None where git does not tell."""
    has_sidecar: bool
    """Whether scripts may change it: the row carries the sidecar's text."""


def review_row(
    site: Site, run: ReviewedRun, one: ResolvedAnnotation, *, has_sidecar: bool
) -> ReviewRow:
    """One annotation of *run*; with *has_sidecar* scripts can change it."""
    said = one.annotation
    folder = site.sidecar_folder(run.relative, run.card.id)
    view = annotation_view(one, folder, run.changes.get(said.id))
    page = run_page(run.card.id)
    committed = run.committed.get(said.id)
    return ReviewRow(
        view=view,
        run=PageLink(label=f"{run.card.experiment} / {run.card.name}", url=page),
        experiment=run.card.experiment,
        target=Text(text=one.target_label, url=page + (view.target.url or "")),
        value_key=view.value_text,
        date_key=f"{said.created_at_ns or 0:020d}",
        fields=review_fields(run, one),
        search=search_text(run, one, view.value_text),
        committed=committed_text(site, committed) if committed else None,
        has_sidecar=has_sidecar and view.sidecar is not None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedRow:
    """One annotation that only the base has."""

    view: AnnotationView
    """What it said."""
    run: PageLink
    """The run that it was about."""


def removed_rows(runs: Sequence[ReviewedRun], most: int) -> tuple[RemovedRow, ...]:
    """At most *most* of what the base has and the runs have not, newest first."""
    found = [(run, one) for run in runs for one in resolve_annotations(run.removed, {}).annotations]
    found.sort(key=lambda pair: (-(pair[1].annotation.created_at_ns or 0), pair[1].annotation.id))
    return tuple(_removed_row(run, one) for run, one in found[:most])


def _removed_row(run: ReviewedRun, one: ResolvedAnnotation) -> RemovedRow:
    page = run_page(run.card.id)
    view = annotation_view(replace(one, state="exact"), "", "removed")
    target = Text(text=one.target_label, url=page + (view.target.url or ""))
    return RemovedRow(
        view=replace(view, target=target, sidecar=None),
        run=PageLink(label=f"{run.card.experiment} / {run.card.name}", url=page),
    )


def review_fields(run: ReviewedRun, one: ResolvedAnnotation) -> dict[str, Json]:
    """What the filter looks at; the columns of the long table have the same names."""
    said, committed = one.annotation, run.committed.get(one.annotation.id)
    changed = committed.changed or committed.added if committed else None
    return {
        "id": said.id,
        "name": said.name,
        "kind": said.kind,
        "value": said.value,
        "user": said.user,
        "state": one.state,
        "met": one.is_met,
        "change": run.changes.get(said.id),
        "target": said.target.type,
        "run": run.card.name,
        "run_id": run.card.id,
        "experiment": run.card.experiment,
        "created": _time(said.created_at_ns),
        "committed_by": committed.added.author if committed else None,
        "committed": _time(committed.added.time_ns) if committed else None,
        "changed_by": changed.author if changed else None,
    }


def search_text(run: ReviewedRun, one: ResolvedAnnotation, value: str) -> str:
    """What a search in plain text looks at."""
    said = one.annotation
    return " ".join(
        (
            said.name, value, said.user or "", said.rationale or "", one.state,
            one.target_label, run.card.name, run.card.experiment,
        )
    )  # fmt: skip


def committed_text(site: Site, committed: Committed) -> Text:
    """`Mara K.`, with the dates of the first and the last commit as its title."""
    added, changed = committed.added, committed.changed
    title = f"added {units.date_text(added.time_ns)} in {added.id[:10]}"
    if changed is not None:
        title += f"; changed {units.date_text(changed.time_ns)} by {changed.author}"
        title += f" in {changed.id[:10]}"
    url = commit_url(site.repository.url if site.repository else None, (changed or added).id)
    name = added.author or "someone"
    if changed is not None and changed.author != added.author:
        name += f", {changed.author or 'someone'}"
    return Text(text=name, url=url, title=title)


def _time(time_ns: int | None) -> str | None:
    return units.rfc3339(time_ns) if time_ns else None
