"""What became of annotations since a base, counted at their targets."""

from __future__ import annotations

from sitegen.derive.annotations import resolve_annotations
from sitegen.derive.since import SinceBase, marked, since_text
from sitegen.model import Annotation, RunTarget, SampleTarget, SpanTarget, Target
from tests.factories import ulid

SAMPLE = SampleTarget(eval="qa", sample_id="q-1", epoch=1)
SPAN = SpanTarget(trace_id="a" * 32, span_id="b" * 16)


def said(number: int, target: Target) -> Annotation:
    return Annotation(
        id=ulid(number), kind="feedback", target=target, anchor=None, name="helpful", value=True,
        rationale=None, user=None, created_at_ns=number, updated_at_ns=None,
        path=f"annotations/{ulid(number)}.json",
    )  # fmt: skip


def test_without_a_base_nothing_is_said_of_it() -> None:
    resolved = resolve_annotations([said(1, SAMPLE)], {})

    assert marked(resolved, None, {}) is resolved


def test_changes_stand_at_their_targets_and_traces_also_where_all_was_removed() -> None:
    resolved = resolve_annotations([said(1, SAMPLE), said(2, SAMPLE), said(3, RunTarget())], {})
    since = SinceBase(
        label="main",
        changes={ulid(1): "new", ulid(2): "changed"},
        removed=(said(4, SAMPLE), said(5, SPAN)),
    )

    found = marked(resolved, since, {})

    span = f"span:{SPAN.trace_id}/{SPAN.span_id}"
    assert found.since_by_target == {
        "sample:qa/q-1/1": "1 new, 1 changed, 1 removed",
        span: "1 removed",
        f"trace:{SPAN.trace_id}": "1 removed",
    }
    assert found.summary_by_target == {
        "run": "helpful: 1 yes",
        "sample:qa/q-1/1": "helpful: 2 yes · 1 new, 1 changed, 1 removed",
        span: "1 removed",
        f"trace:{SPAN.trace_id}": "1 removed",
    }
    assert [one.annotation.id for one in found.removed] == [ulid(5), ulid(4)]
    assert found.counts == resolved.counts


def test_what_did_not_happen_is_not_counted() -> None:
    assert since_text({"removed": 1_000, "new": 0}) == "1,000 removed"
    assert since_text({}) == ""
