"""What a run's page says of its annotations beside the annotations themselves. Floor 4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from sitegen import units
from sitegen.derive.annotations import ResolvedAnnotation, ResolvedAnnotations, met_text
from sitegen.derive.since import WORDS, SinceBase
from sitegen.model import Json
from sitegen.pages.frame import PageLink
from sitegen.pages.links import ANNOTATIONS, state_hash
from sitegen.pages.run.surroundings import Surroundings

MOST_ANNOTATIONS = 200
"""Annotations that the page holds; all are in data files and in annotations.html."""


def annotations_foot(run_id: str, annotations: ResolvedAnnotations, root: str) -> PageLink | None:
    """What the page leaves out of a run's annotations; None if it holds all."""
    count = len(annotations.annotations)
    if count <= MOST_ANNOTATIONS:
        return None
    quoted = run_id.replace('"', '""')
    return PageLink(
        label=f"The newest {MOST_ANNOTATIONS} of {units.plural(count, 'annotation')}.",
        url=root + ANNOTATIONS + state_hash(filter=f'run_id = "{quoted}"'),
    )


def annotate_facts(
    folder: str, surroundings: Surroundings, annotations: ResolvedAnnotations, root: str
) -> dict[str, Json]:
    """What scripts must know of annotations on the run's page."""
    found: dict[str, Json] = {"folder": folder}
    if annotations.changes:
        found["changes"] = dict(annotations.changes)
    if annotations.removed:
        found["removed"] = [_record(one) for one in annotations.removed[:MOST_ANNOTATIONS]]
    for name, said in (("own", surroundings.own_said), ("older", surroundings.older_said)):
        if said is not None:
            found[name] = {
                "slug": said.slug,
                "run": said.run.name,
                "url": root + said.run.path,
                "firsts": [one.first for one in said.files],
            }
    return found


def _record(one: ResolvedAnnotation) -> dict[str, Json]:
    """One that only the base has, as scripts show it; keys without a value are left out."""
    said = one.annotation
    created = None if said.created_at_ns is None else units.rfc3339(said.created_at_ns)
    record: dict[str, Json] = {
        "id": said.id, "key": one.target_key, "label": one.target_label, "kind": said.kind,
        "name": said.name, "value": said.value, "user": said.user, "created": created,
        "why": said.rationale, "change": "removed",
    }  # fmt: skip
    return {name: value for name, value in record.items() if value is not None}


def since_links(
    run_id: str, annotations: ResolvedAnnotations, since: SinceBase | None, root: str
) -> tuple[PageLink, ...]:
    """`2 new`, `1 changed`, `none removed since main`; of those that are there with a link."""
    if since is None:
        return ()
    words = list(since.changes.values())
    counts = {one: words.count(one) for one in ("new", "changed")}
    counts["removed"] = len(annotations.removed)
    quoted = run_id.replace('"', '""')
    links = []
    for word, count in counts.items():
        text = f"{units.count_text(count)} {word}"
        is_there = count and word != "removed"
        condition = f'run_id = "{quoted}" and change = "{word}"'
        url = root + ANNOTATIONS + state_hash(filter=condition) if is_there else None
        links.append(PageLink(label=text, url=url))
    return (*links[:-1], replace(links[-1], label=f"{links[-1].label} since {since.label}"))


def said_files(surroundings: Surroundings) -> dict[str, str]:
    """The data files with what is said of the run and of an older one, by key."""
    return {
        f"{said.slug}/{one.name}": one.file
        for said in (surroundings.own_said, surroundings.older_said)
        if said is not None
        for one in said.files
    }


def aggregate_lines(annotations: ResolvedAnnotations) -> list[str]:
    """`helpful: 3 yes, 1 no` of each name."""
    lines = []
    for one in annotations.names:
        parts = []
        if one.yes or one.no:
            parts.append(f"{one.yes} yes, {one.no} no")
        if one.expectations:
            parts.append(units.plural(one.expectations, "expectation"))
        parts += met_text(one.met, one.compared)
        lines.append(f"{one.name}: {', '.join(parts)}")
    return lines


def since_filters(
    texts: Iterable[str], prefix: str, **state: str | int | None
) -> tuple[PageLink, ...]:
    """`New 3` and its like for a table whose filter stands under *prefix* in the hash; *texts* are
    what became of each row's annotations.
    """
    counts = Counter(word for text in texts for word in WORDS if f" {word}" in text)
    return tuple(
        PageLink(
            label=f"{word.title()} {units.count_text(counts[word])}",
            url=state_hash(**state, **{f"{prefix}.filter": f'since_base contains "{word}"'}),
        )
        for word in WORDS
        if counts[word]
    )
