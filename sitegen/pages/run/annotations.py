"""Annotations as the page shows them, each once. Floor 4."""

from __future__ import annotations

from dataclasses import replace

from sitegen import units
from sitegen.derive.annotations import ResolvedAnnotation, ResolvedAnnotations, value_text
from sitegen.pages.links import target_hash
from sitegen.pages.parts import Text
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A word on what became of an annotation's target."""

    text: str
    """stale or orphaned."""
    tone: str
    """Class of its colour."""
    is_open: bool
    """Whether its border is dashed."""
    title: str
    """The same as a sentence; empty where the word says it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationView:
    """The context of the macro `annotation`."""

    id: str
    """ULID."""
    target_key: str
    """What it is about, as scripts look it up."""
    name: str
    """What is judged."""
    kind: str
    """feedback or expectation."""
    value: bool | None
    """The judgement; None for an expectation."""
    value_text: str
    """What was expected."""
    user: str | None
    """Who says so."""
    created: Text | None
    """When it was written."""
    rationale: str | None
    """Why, as Markdown source."""
    badges: tuple[Badge, ...]
    """What became of the target."""
    target: Text
    """What it is about, as a link."""
    file: str
    """Its sidecar in the repository."""
    sidecar: str | None
    """The sidecar's text, which a patch has to name; None for a long one."""


_BADGES = {
    "stale": Badge(
        text="stale",
        tone="warn",
        is_open=False,
        title="What this was about changed after it was written.",
    ),
    "orphaned": Badge(
        text="orphaned",
        tone="odd",
        is_open=True,
        title="What this was about is no longer in the run.",
    ),
}


_CHANGES = {
    "new": Badge(text="new", tone="accent", is_open=True, title=""),
    "changed": Badge(text="changed", tone="accent", is_open=False, title=""),
    "removed": Badge(text="removed", tone="bad", is_open=True, title=""),
}


_MET: dict[bool | None, Badge] = {
    True: Badge(text="met", tone="good", is_open=False, title=""),
    False: Badge(text="not met", tone="bad", is_open=False, title=""),
}


def annotation_views(
    annotations: ResolvedAnnotations, folder: str = "", most: int | None = None
) -> tuple[AnnotationView, ...]:
    """At most *most* of them, newest first, whose sidecars lie in *folder* of the repository."""
    changes = annotations.changes
    return tuple(
        annotation_view(one, folder, changes.get(one.annotation.id))
        for one in annotations.annotations[:most]
    )


def removed_views(annotations: ResolvedAnnotations, most: int) -> tuple[AnnotationView, ...]:
    """At most *most* of those that only the base has; there is nothing to edit."""
    return tuple(
        replace(annotation_view(one, "", "removed"), sidecar=None)
        for one in annotations.removed[:most]
    )


def annotation_view(
    resolved: ResolvedAnnotation, folder: str, change: str | None = None
) -> AnnotationView:
    """One annotation, whose sidecar lies in *folder* of the repository; *change* is what became of
    it since the base.
    """
    annotation = resolved.annotation
    badge = _BADGES.get(resolved.state)
    created_ns = annotation.created_at_ns
    is_feedback = annotation.kind == "feedback"
    return AnnotationView(
        id=annotation.id,
        target_key=resolved.target_key,
        name=annotation.name,
        kind=annotation.kind,
        value=bool(annotation.value) if is_feedback else None,
        value_text=value_text(annotation.value),
        user=annotation.user,
        created=None
        if created_ns is None
        else Text(text=units.date_text(created_ns), datetime=units.rfc3339(created_ns)),
        rationale=annotation.rationale,
        badges=tuple(
            one for one in (_CHANGES.get(change or ""), badge, _MET.get(resolved.is_met)) if one
        ),
        target=Text(text=resolved.target_label, url=target_hash(annotation.target)),
        file=f"{folder}{annotation.id}.json",
        sidecar=annotation.text,
    )
