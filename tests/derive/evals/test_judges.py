"""People against scorers: which labels are held against which scores, and which are left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sitegen.derive.annotations import ResolvedAnnotation, State, target_key
from sitegen.derive.evals.judges import EvalJudges, eval_judges
from sitegen.model import Annotation, SampleTarget, SpanTarget, Target
from sitegen.pages.run.judges import judges_view
from tests.derive.evals.test_comparison import facts_of

SAMPLES = [
    {"id": "x", "scores": {"ok": True, "tone": 4, "kind": "A"}},
    {"id": "y", "scores": {"ok": False, "tone": 2, "kind": "B"}},
    {"id": "z", "scores": {"ok": True}},
    {"id": "z", "epoch": 2, "scores": {"ok": False}},
]


def said(
    sample: str, name: str, value: Any, user: str | None = "ann", *, epoch: int = 1,
    state: State = "exact", target: Target | None = None,
) -> ResolvedAnnotation:  # fmt: skip
    target = target or SampleTarget(eval="e", sample_id=sample, epoch=epoch)
    return ResolvedAnnotation(
        annotation=Annotation(
            id="01", kind="feedback", target=target, anchor=None, name=name, value=value,
            rationale=None, user=user, created_at_ns=None, updated_at_ns=None, path="a.json",
        ),
        target_key=target_key(target), target_label="", state=state, is_met=None,
    )  # fmt: skip


def judged(tmp_path: Path, *annotations: ResolvedAnnotation) -> EvalJudges | None:
    (one,) = facts_of(tmp_path, SAMPLES).evals
    return eval_judges(one, annotations)


def test_labels_are_held_against_the_scorers_of_their_kind(tmp_path: Path) -> None:
    found = judged(
        tmp_path, said("x", "ok", True), said("y", "ok", True), said("x", "tone", 4),
        said("y", "tone", 5), said("x", "kind", "A"), said("y", "helpful", False),
    )  # fmt: skip

    assert found is not None
    counts = [
        (one.scorer, one.name, one.agreement.agreed, one.agreement.n) for one in found.scorers
    ]
    assert counts == [
        ("kind", "kind", 1, 1), ("ok", "ok", 1, 2), ("tone", "tone", 1, 2), ("ok", "helpful", 1, 1),
    ]  # fmt: skip
    (wrong,) = found.scorers[1].queue
    assert (wrong.sample_id, wrong.user, wrong.person, wrong.scorer) == ("y", "ann", "yes", "no")


def test_each_epoch_has_its_own_labels(tmp_path: Path) -> None:
    found = judged(tmp_path, said("z", "ok", True), said("z", "ok", False, epoch=2))

    assert found is not None
    assert (found.scorers[0].agreement.agreed, found.scorers[0].agreement.n) == (2, 2)


def test_of_two_labels_by_one_person_the_latest_counts(tmp_path: Path) -> None:
    found = judged(tmp_path, said("x", "ok", False), said("x", "ok", True))

    assert found is not None
    assert (found.scorers[0].agreement.agreed, found.scorers[0].agreement.n) == (0, 1)


def test_stale_and_orphaned_labels_are_left_out_and_counted(tmp_path: Path) -> None:
    found = judged(
        tmp_path, said("x", "ok", True), said("y", "ok", True, state="stale"),
        said("gone", "ok", True, state="orphaned"),
    )  # fmt: skip

    assert found is not None
    assert (found.scorers[0].agreement.n, found.left_out) == (1, 2)


def test_two_people_are_held_against_each_other(tmp_path: Path) -> None:
    found = judged(
        tmp_path, said("x", "ok", True, "ann"), said("x", "ok", True, "bob"),
        said("y", "ok", True, "ann"), said("y", "ok", False, "bob"), said("z", "ok", True, None),
        said("z", "ok", True, "cy"),
    )  # fmt: skip

    assert found is not None
    (pair,) = found.users
    assert (pair.users, pair.agreement.agreed, pair.agreement.n) == (("ann", "bob"), 1, 2)


def test_what_is_about_something_else_is_no_label(tmp_path: Path) -> None:
    span = SpanTarget(trace_id="a" * 32, span_id="b" * 16)
    other = SampleTarget(eval="other", sample_id="x")

    assert (
        judged(tmp_path, said("", "ok", True, target=span), said("", "ok", True, target=other))
        is None
    )


def test_the_view_says_it_in_words_and_links_each_disagreement(tmp_path: Path) -> None:
    (one,) = facts_of(tmp_path, SAMPLES).evals

    view = judges_view(one, [said("x", "ok", True), said("y", "ok", True, None)])

    assert view is not None
    assert view.note == "ok agrees with ok in 1 of 2 (κ 0.00)"
    assert view.scorers[0].queue_text == "1 disagreement"
    assert view.scorers[0].queue[0].href == "#tab=evals&eval=e&sample=y&epoch=1"
    assert view.scorers[0].queue[0].user == ""
    assert view.scorers[0].agreement.rows[0] == ("yes", (("1", "strong"), ("1", "bad")))
