"""Annotations of a run as a build keeps them: flat, since their targets are a union. Floor 6.

What a page of the whole site says is kept; the anchor, which only resolving needs, is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Literal

import msgspec

from sitegen.derive.annotations import ResolvedAnnotation, State
from sitegen.model import (
    Annotation,
    MetricTarget,
    RunTarget,
    SampleTarget,
    SpanTarget,
    Target,
)

_TARGETS: dict[str, Callable[..., Target]] = {
    "span": SpanTarget,
    "sample": SampleTarget,
    "run": RunTarget,
    "metric": MetricTarget,
}


class KeptAnnotation(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One annotation and what became of its target."""

    id: str
    kind: Literal["feedback", "expectation"]
    target: dict[str, str | int]
    name: str
    value: bool | int | str
    rationale: str | None
    user: str | None
    created_at_ns: int | None
    updated_at_ns: int | None
    path: str
    text: str | None
    target_key: str
    target_label: str
    state: State
    is_met: bool | None


def kept_annotations(resolved: Iterable[ResolvedAnnotation]) -> tuple[KeptAnnotation, ...]:
    """*resolved* as they are kept."""
    return tuple(_kept(one) for one in resolved)


def _kept(one: ResolvedAnnotation) -> KeptAnnotation:
    said = one.annotation
    return KeptAnnotation(
        id=said.id,
        kind=said.kind,
        target=asdict(said.target),
        name=said.name,
        value=said.value,
        rationale=said.rationale,
        user=said.user,
        created_at_ns=said.created_at_ns,
        updated_at_ns=said.updated_at_ns,
        path=said.path,
        text=said.text,
        target_key=one.target_key,
        target_label=one.target_label,
        state=one.state,
        is_met=one.is_met,
    )


def as_resolved(kept: Iterable[KeptAnnotation]) -> tuple[ResolvedAnnotation, ...]:
    """What was kept, as it was but for its anchor."""
    return tuple(_resolved(one) for one in kept)


def _resolved(one: KeptAnnotation) -> ResolvedAnnotation:
    return ResolvedAnnotation(
        annotation=Annotation(
            id=one.id,
            kind=one.kind,
            target=_TARGETS[str(one.target["type"])](**one.target),
            anchor=None,
            name=one.name,
            value=one.value,
            rationale=one.rationale,
            user=one.user,
            created_at_ns=one.created_at_ns,
            updated_at_ns=one.updated_at_ns,
            path=one.path,
            text=one.text,
        ),
        target_key=one.target_key,
        target_label=one.target_label,
        state=one.state,
        is_met=one.is_met,
    )
