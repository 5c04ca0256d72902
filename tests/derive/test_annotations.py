from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.anchors import AnchorFacts, answer_digest
from sitegen.derive.annotations import (
    NO_ANNOTATIONS,
    AnnotationCounts,
    resolve_annotations,
    step_digest,
    target_key,
    value_text,
)
from sitegen.model import (
    Anchor,
    Annotation,
    MetricTarget,
    RunTarget,
    SampleTarget,
    SpanTarget,
    Target,
)

SPAN = SpanTarget(trace_id="a" * 32, span_id="b" * 16)
SAMPLE = SampleTarget(eval="gsm8k", sample_id="q/17", epoch=2)
STEP = MetricTarget(name="train/loss", step=600)
BASE = Annotation(
    id="01KB3Q7ZM4V0A1B2C3D4E5F6G8", kind="feedback", target=SPAN, anchor=None, name="helpful",
    value=True, rationale=None, user="maria.k", created_at_ns=1, updated_at_ns=None,
    path="annotations/01KB3Q7ZM4V0A1B2C3D4E5F6G8.json",
)  # fmt: skip


def anchor(digest: str = "sha256:1") -> AnchorFacts:
    return AnchorFacts(digest=digest, label="span chat")


@pytest.mark.parametrize(
    ("target", "key"),
    [
        (RunTarget(), "run"),
        (SPAN, "span:" + "a" * 32 + "/" + "b" * 16),
        (SAMPLE, "sample:gsm8k/q/17/2"),
        (STEP, "metric:train/loss/600"),
    ],
)
def test_a_target_has_its_key(target: Target, key: str) -> None:
    assert target_key(target) == key


def test_a_target_that_is_there_is_exact_and_named() -> None:
    resolved = resolve_annotations([BASE], {target_key(SPAN): anchor()})

    assert [one.state for one in resolved.annotations] == ["exact"]
    assert resolved.annotations[0].target_label == "span chat"


def test_a_target_that_changed_is_stale() -> None:
    judged = replace(BASE, anchor=Anchor(digest="sha256:0"))

    resolved = resolve_annotations([judged], {target_key(SPAN): anchor()})

    assert [one.state for one in resolved.annotations] == ["stale"]
    assert resolved.counts == AnnotationCounts(feedback=1, stale=1)


@pytest.mark.parametrize("judged", [None, Anchor(), Anchor(digest="sha256:1")])
def test_without_a_digest_or_with_the_same_it_is_never_stale(judged: Anchor | None) -> None:
    resolved = resolve_annotations([replace(BASE, anchor=judged)], {target_key(SPAN): anchor()})

    assert [one.state for one in resolved.annotations] == ["exact"]


@pytest.mark.parametrize("target", [SPAN, SAMPLE])
def test_a_target_that_is_gone_leaves_an_orphan(target: Target) -> None:
    resolved = resolve_annotations([replace(BASE, target=target)], {})

    assert [one.state for one in resolved.annotations] == ["orphaned"]
    assert resolved.counts == AnnotationCounts(feedback=1, orphaned=1)


def test_a_run_is_always_there() -> None:
    resolved = resolve_annotations([replace(BASE, target=RunTarget())], {})

    assert [one.state for one in resolved.annotations] == ["exact"]


def test_a_step_follows_its_metric_and_its_values() -> None:
    on_step = replace(BASE, target=STEP, anchor=Anchor(digest=step_digest([0.5, float("nan")])))
    same = {target_key(STEP): anchor(step_digest([0.5, float("nan")]))}
    other = {target_key(STEP): anchor(step_digest([0.25]))}

    states = [
        resolve_annotations([on_step], {}).annotations[0].state,
        resolve_annotations([on_step], {}, metric_names={"train/loss"}).annotations[0].state,
        resolve_annotations([on_step], {}, metric_names={"val/loss"}).annotations[0].state,
        resolve_annotations([on_step], same).annotations[0].state,
        resolve_annotations([on_step], other).annotations[0].state,
    ]

    assert states == ["exact", "exact", "orphaned", "exact", "stale"]


def test_counts_are_per_name_and_per_target() -> None:
    said = [
        BASE,
        replace(BASE, id="2", user="jonas.w"),
        replace(BASE, id="3", value=False, target=replace(SPAN, span_id="c" * 16)),
        replace(BASE, id="4", name="answer", kind="expectation", value=18),
        replace(BASE, id="5", name="answer", kind="expectation", value=18),
        replace(BASE, id="6", name="answer", kind="expectation", value=False, target=RunTarget()),
        replace(BASE, id="7", name="tone", kind="expectation", value="a", target=SAMPLE),
        replace(BASE, id="8", name="tone", kind="expectation", value="b", target=SAMPLE),
    ]

    resolved = resolve_annotations(said, {})

    trace, first = "a" * 32, "b" * 16
    assert resolved.summary_by_target == {
        "run": "answer: expected false",
        "sample:gsm8k/q/17/2": "tone: 2 expectations",
        f"span:{trace}/{first}": "answer: expected 18 (2×); helpful: 2 yes",
        f"span:{trace}/{'c' * 16}": "helpful: 1 no",
        f"trace:{trace}": "answer: expected 18 (2×); helpful: 2 yes, 1 no",
    }
    assert [(one.name, one.yes, one.no, one.expectations) for one in resolved.names] == [
        ("answer", 0, 0, 3), ("helpful", 2, 1, 0), ("tone", 0, 0, 2),
    ]  # fmt: skip
    assert resolved.names[1].users == ("jonas.w", "maria.k")
    assert (resolved.counts.feedback, resolved.counts.expectation) == (3, 5)


def test_the_newest_is_first_and_the_undated_last() -> None:
    said = [replace(BASE, id=f"{n}", created_at_ns=time) for n, time in enumerate([5, None, 9])]

    resolved = resolve_annotations(said, {})

    assert [one.annotation.id for one in resolved.annotations] == ["2", "0", "1"]


def test_nothing_said_resolves_to_nothing() -> None:
    assert resolve_annotations([], {}) == NO_ANNOTATIONS


TARGETS = st.one_of(
    st.just(RunTarget()),
    st.builds(SpanTarget, trace_id=st.text(max_size=3), span_id=st.text(max_size=3)),
    st.builds(SampleTarget, eval=st.text(max_size=3), sample_id=st.text(max_size=3)),
    st.builds(MetricTarget, name=st.text(max_size=3), step=st.integers(-(2**63), 2**63 - 1)),
)


@given(
    st.lists(
        st.builds(
            replace,
            st.just(BASE),
            target=TARGETS,
            name=st.text(min_size=1, max_size=4),
            id=st.text(max_size=4),
            value=st.booleans(),
            created_at_ns=st.none() | st.integers(0, 9),
        )
    )
)
def test_none_is_lost_and_the_order_does_not_matter(
    said: list[Annotation],
) -> None:
    resolved = resolve_annotations(said, {})

    assert len(resolved.annotations) == len(said) == resolved.counts.feedback
    assert sum(one.yes + one.no for one in resolved.names) == len(said)
    assert msgspec.msgpack.encode(resolved)
    assert resolve_annotations(said[::-1], {}).summary_by_target == resolved.summary_by_target


@pytest.mark.parametrize(
    ("value", "output", "met"),
    [
        ("42", "42\n", True), (42, "42", True), (42, 42.0, True), (True, True, True),
        (True, "true", True), ("42", "43", False), (42, None, None), ("42", {"answer": 42}, None),
        ("42", [{"role": "user", "content": "?"}, {"role": "assistant", "content": "42"}], True),
        ("42", [], None), (1, True, False),
    ],
)  # fmt: skip
def test_an_expectation_is_held_against_an_output_that_is_one_value(
    value: bool | int | str, output: Any, met: bool | None
) -> None:
    target = SampleTarget(eval="e", sample_id="s", epoch=1)
    said = replace(BASE, target=target, kind="expectation", value=value, name="answer")
    anchor = AnchorFacts(digest="sha256:0", label="s", answer=answer_digest(output))

    found = resolve_annotations([said], {target_key(target): anchor})

    assert found.annotations[0].is_met is met
    assert (found.names[0].met, found.names[0].compared) == (int(met is True), int(met is not None))
    (summary,) = found.summary_by_target.values()
    word = {True: ", met", False: ", not met", None: ""}[met]
    assert summary == f"answer: expected {value_text(value)}{word}"
