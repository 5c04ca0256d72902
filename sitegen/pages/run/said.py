"""What a run's page says of its annotations beside the annotations themselves. Floor 4."""

from __future__ import annotations

from sitegen import units
from sitegen.derive.annotations import ResolvedAnnotations, met_text
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


def annotate_facts(folder: str, surroundings: Surroundings, root: str) -> dict[str, Json]:
    """What scripts must know of annotations on the run's page."""
    found: dict[str, Json] = {"folder": folder}
    for name, said in (("own", surroundings.own_said), ("older", surroundings.older_said)):
        if said is not None:
            found[name] = {
                "slug": said.slug,
                "run": said.run.name,
                "url": root + said.run.path,
                "firsts": [one.first for one in said.files],
            }
    return found


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
