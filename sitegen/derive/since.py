"""What became of a run's annotations since the base that its site is built against. Floor 3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.annotations import ResolvedAnnotations, resolve_annotations, sum_keys
from sitegen.model import Annotation
from sitegen.records import dataclass

Change = Literal["new", "changed"]
"""What became of an annotation that is there."""

WORDS = ("new", "changed", "removed")
"""What became of annotations, in the order in which they are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceBase:
    """The differences between a run's annotations and those of the base."""

    label: str
    """What the base is called."""
    changes: Mapping[str, Change]
    """Which are new or changed, by id."""
    removed: tuple[Annotation, ...]
    """Those that only the base has, by file."""


def marked(
    resolved: ResolvedAnnotations, since: SinceBase | None, anchors: Mapping[str, AnchorFacts]
) -> ResolvedAnnotations:
    """*resolved* with what became of them: `helpful: 3 yes · 1 new, 1 removed` at each target."""
    if since is None:
        return resolved
    removed = resolve_annotations(since.removed, anchors).annotations
    counts: dict[str, Counter[str]] = {}
    known = [(one, since.changes.get(one.annotation.id)) for one in resolved.annotations]
    for one, word in (*known, *((one, "removed") for one in removed)):
        if word is not None:
            for key in sum_keys(one):
                counts.setdefault(key, Counter())[word] += 1
    texts = {key: since_text(found) for key, found in sorted(counts.items())}
    summaries = resolved.summary_by_target
    return replace(
        resolved,
        summary_by_target={
            key: " · ".join(filter(None, (summaries.get(key), texts.get(key))))
            for key in sorted(summaries.keys() | texts.keys())
        },
        since_by_target=texts,
        changes=dict(since.changes),
        removed=removed,
    )


def since_text(counts: Mapping[str, int]) -> str:
    """`2 new, 1 removed`; empty if nothing changed."""
    return ", ".join(f"{counts[word]:,} {word}" for word in WORDS if counts.get(word))
