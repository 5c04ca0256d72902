"""Annotations brought to what they are about: exact, stale or orphaned, and counted per name.

Floor 3. Nothing is dropped: an annotation whose target changed or went stays and says so. Targets
are named by keys, the same in facts, pages and scripts: `run`, `span:<trace>/<span>`,
`sample:<eval>/<sample>/<epoch>`, `metric:<name>/<step>`, and `trace:<trace>` for sums over spans.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Literal, assert_never

from sitegen.derive.anchors import AnchorFacts, answer_digest, content_digest
from sitegen.model import (
    Annotation,
    MetricTarget,
    RunTarget,
    SampleTarget,
    SpanTarget,
    Target,
)
from sitegen.records import dataclass
from sitegen.units import plural, short_digest

State = Literal["exact", "stale", "orphaned"]
_SHORT = 40  # characters of an expectation that a summary repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedAnnotation:
    """One annotation with what became of its target."""

    annotation: Annotation
    """What was said."""
    target_key: str
    """Key of the target."""
    target_label: str
    """What to call the target."""
    state: State
    """exact: as judged; stale: changed since; orphaned: gone."""
    is_met: bool | None
    """Whether the sample's output is what was expected; None where that cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationCounts:
    """How many annotations a run has."""

    feedback: int = 0
    """Feedback annotations."""
    expectation: int = 0
    """Expectations."""
    stale: int = 0
    """Those whose target changed."""
    orphaned: int = 0
    """Those whose target is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameAggregate:
    """All annotations of one name in a run."""

    name: str
    """The name."""
    yes: int
    """Feedback that is true."""
    no: int
    """Feedback that is false."""
    expectations: int
    """Expectations."""
    met: int
    """Expectations that the output meets."""
    compared: int
    """Expectations of which it can be told."""
    users: tuple[str, ...]
    """Who gave them, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedAnnotations:
    """The annotations of a run, ready to be shown."""

    annotations: tuple[ResolvedAnnotation, ...]
    """All of them, newest first; undated ones last."""
    names: tuple[NameAggregate, ...]
    """Counts per name, sorted by name."""
    summary_by_target: dict[str, str]
    """`helpful: 3 yes, 1 no` by target key, and by `trace:<trace id>` over the spans of a trace."""
    counts: AnnotationCounts
    """Counts by kind and state."""
    since_by_target: dict[str, str] = field(default_factory=dict)
    """`2 new, 1 removed` by the same keys; empty for a site that is built against no base."""
    changes: dict[str, str] = field(default_factory=dict)
    """`new` or `changed` by id, against that base."""
    removed: tuple[ResolvedAnnotation, ...] = ()
    """Those that only the base has, newest first."""

    def annotated_steps(self) -> dict[str, tuple[int, ...]]:
        """Steps that are spoken of, ascending, by metric; without those that are gone."""
        steps: dict[str, set[int]] = defaultdict(set)
        for one in self.annotations:
            target = one.annotation.target
            if isinstance(target, MetricTarget) and one.state != "orphaned":
                steps[target.name].add(target.step)
        return {name: tuple(sorted(found)) for name, found in steps.items()}


NO_ANNOTATIONS = ResolvedAnnotations(
    annotations=(), names=(), summary_by_target={}, counts=AnnotationCounts()
)


def target_key(target: Target) -> str:
    """The key of a target within its run."""
    match target:
        case RunTarget():
            return "run"
        case SpanTarget():
            return f"span:{target.trace_id}/{target.span_id}"
        case SampleTarget():
            return f"sample:{target.eval}/{target.sample_id}/{target.epoch}"
        case MetricTarget():
            return f"metric:{target.name}/{target.step}"
        case _:
            assert_never(target)


def step_digest(values: Sequence[float]) -> str:
    """Digest of a metric's step: of its values in order."""
    return content_digest([float(value) for value in values])


def resolve_annotations(
    annotations: Iterable[Annotation],
    anchors: Mapping[str, AnchorFacts],
    *,
    metric_names: Collection[str] | None = None,
) -> ResolvedAnnotations:
    """Each annotation with the state of its target, newest first, and the counts.

    *anchors* holds every span and sample. A metric's step is exact if the metric is one of
    *metric_names* (None: not known) and its digest, where *anchors* has the step, still holds.
    """
    resolved = [_resolved(one, anchors, metric_names) for one in annotations]
    resolved.sort(
        key=lambda one: (one.annotation.created_at_ns or 0, one.annotation.id), reverse=True
    )
    return ResolvedAnnotations(
        annotations=tuple(resolved),
        names=_names(resolved),
        summary_by_target=_summaries(resolved),
        counts=_counts(resolved),
    )


def _counts(resolved: Sequence[ResolvedAnnotation]) -> AnnotationCounts:
    kinds = [one.annotation.kind for one in resolved]
    states = [one.state for one in resolved]
    return AnnotationCounts(
        feedback=kinds.count("feedback"),
        expectation=kinds.count("expectation"),
        stale=states.count("stale"),
        orphaned=states.count("orphaned"),
    )


def _resolved(
    annotation: Annotation,
    anchors: Mapping[str, AnchorFacts],
    metric_names: Collection[str] | None,
) -> ResolvedAnnotation:
    key = target_key(annotation.target)
    anchor = anchors.get(key)
    judged = annotation.anchor.digest if annotation.anchor else None
    state: State
    if anchor is None:
        state = _state_without_anchor(annotation.target, metric_names)
    else:
        state = "exact" if judged in {None, anchor.digest} else "stale"
    return ResolvedAnnotation(
        annotation=annotation,
        target_key=key,
        target_label=anchor.label if anchor else _label(annotation.target),
        state=state,
        is_met=_is_met(annotation, anchor),
    )


def _is_met(annotation: Annotation, anchor: AnchorFacts | None) -> bool | None:
    if annotation.kind != "expectation" or anchor is None or anchor.answer is None:
        return None
    return anchor.answer == answer_digest(annotation.value)


def _state_without_anchor(target: Target, metric_names: Collection[str] | None) -> State:
    match target:
        case RunTarget():
            return "exact"
        case MetricTarget():
            is_known = metric_names is None or target.name in metric_names
            return "exact" if is_known else "orphaned"
        case SpanTarget() | SampleTarget():
            return "orphaned"
        case _:
            assert_never(target)


def _label(target: Target) -> str:
    match target:
        case RunTarget():
            return "the run"
        case SpanTarget():
            return f"span {short_digest(target.span_id)} in trace {short_digest(target.trace_id)}"
        case SampleTarget():
            epoch = f" epoch {target.epoch}" if target.epoch != 1 else ""
            return f"sample {target.eval} {target.sample_id}{epoch}"
        case MetricTarget():
            return f"metric {target.name} at step {target.step:,}"
        case _:
            assert_never(target)


def _names(resolved: Sequence[ResolvedAnnotation]) -> tuple[NameAggregate, ...]:
    return tuple(_aggregate(name, group) for name, group in _by_name(resolved))


def _aggregate(name: str, group: Sequence[ResolvedAnnotation]) -> NameAggregate:
    said = [one.annotation for one in group]
    feedback = [one.value for one in said if one.kind == "feedback"]
    met = [one.is_met for one in group if one.is_met is not None]
    return NameAggregate(
        name=name,
        yes=feedback.count(True),
        no=feedback.count(False),
        expectations=len(said) - len(feedback),
        met=met.count(True),
        compared=len(met),
        users=tuple(sorted({one.user for one in said if one.user})),
    )


def _by_name(
    resolved: Iterable[ResolvedAnnotation],
) -> list[tuple[str, list[ResolvedAnnotation]]]:
    groups: dict[str, list[ResolvedAnnotation]] = {}
    for one in resolved:
        groups.setdefault(one.annotation.name, []).append(one)
    return sorted(groups.items())


def _summaries(resolved: Iterable[ResolvedAnnotation]) -> dict[str, str]:
    groups: dict[str, list[ResolvedAnnotation]] = {}
    for one in resolved:
        for key in sum_keys(one):
            groups.setdefault(key, []).append(one)
    return {
        key: "; ".join(f"{name}: {summary_text(same)}" for name, same in _by_name(group))
        for key, group in sorted(groups.items())
    }


def sum_keys(one: ResolvedAnnotation) -> tuple[str, ...]:
    """The keys under which it is counted: its target's, and its trace's."""
    if isinstance(one.annotation.target, SpanTarget):
        return one.target_key, f"trace:{one.annotation.target.trace_id}"
    return (one.target_key,)


def summary_text(resolved: Sequence[ResolvedAnnotation]) -> str:
    """`3 yes, 1 no`, `expected 18, not met`, `2 yes, 3 expectations` of annotations of one name."""
    annotations = [one.annotation for one in resolved]
    feedback = [one.value for one in annotations if one.kind == "feedback"]
    expected = [value_text(one.value) for one in annotations if one.kind == "expectation"]
    counts = [(feedback.count(True), "yes"), (feedback.count(False), "no")]
    parts = [f"{count} {word}" for count, word in counts if count]
    if len(set(expected)) == 1 and len(expected[0]) <= _SHORT:
        parts.append(f"expected {expected[0]}" + (f" ({len(expected)}×)" if expected[1:] else ""))
    elif expected:
        parts.append(plural(len(expected), "expectation"))
    met = [one.is_met for one in resolved if one.is_met is not None]
    return ", ".join([*parts, *met_text(met.count(True), len(met))])


def met_text(met: int, compared: int) -> tuple[str, ...]:
    """`met`, `not met`, `2 of 3 met`; nothing if no expectation can be compared."""
    if compared == 0:
        return ()
    if compared == 1:
        return ("met" if met else "not met",)
    return (f"{met:,} of {compared:,} met",)


def value_text(value: bool | int | str) -> str:
    """The value of an annotation as written: `18`, `true`, the text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
