"""All annotations of a site: who agrees with whom, and what is left out."""

from __future__ import annotations

from sitegen.derive.annotations import ResolvedAnnotation, State
from sitegen.derive.reviews import JudgedPairs, ReviewedRun, name_reviews
from sitegen.model import Annotation, RunTarget
from tests.derive.test_experiment import card
from tests.factories import ulid


def said(
    number: int, user: str | None, value: bool, key: str = "run", state: State = "exact"
) -> ResolvedAnnotation:
    annotation = Annotation(
        id=ulid(number), kind="feedback", target=RunTarget(), anchor=None, name="helpful",
        value=value, rationale=None, user=user, created_at_ns=number, updated_at_ns=None,
        path="annotations/x.json",
    )  # fmt: skip
    return ResolvedAnnotation(
        annotation=annotation, target_key=key, target_label=key, state=state, is_met=None
    )


def run(*annotations: ResolvedAnnotation, judged: tuple[JudgedPairs, ...] = ()) -> ReviewedRun:
    return ReviewedRun(
        card=card("a"), relative="a", annotations=annotations, judged=judged,
        committed={}, changes={},
    )  # fmt: skip


def test_two_people_are_a_pair_for_each_target_that_both_judged() -> None:
    first = [said(4, "mara", True, "s1"), said(3, "jonas", True, "s1"), said(2, "mara", True, "s2")]
    second = [said(1, "jonas", False, "s2")]

    (one,) = name_reviews([run(*first, *second)])

    assert one.people is not None
    assert (one.people.n, one.people.agreed) == (2, 1)
    assert (one.yes, one.no, one.users) == (3, 1, ("jonas", "mara"))


def test_the_same_target_key_in_two_runs_is_two_targets() -> None:
    other = ReviewedRun(
        card=card("b"), relative="b", annotations=(said(2, "jonas", True),), judged=(),
        committed={}, changes={},
    )  # fmt: skip

    (one,) = name_reviews([run(said(1, "mara", True)), other])

    assert one.people is None


def test_stale_orphaned_and_unnamed_ones_are_counted_but_agree_with_nobody() -> None:
    annotations = [
        said(3, "mara", True), said(2, "jonas", True, state="stale"), said(1, None, True)
    ]  # fmt: skip

    (one,) = name_reviews([run(*annotations)])

    assert (one.yes, one.people) == (3, None)


def test_a_person_counts_once_with_the_latest_word() -> None:
    annotations = [said(3, "mara", False), said(2, "jonas", False), said(1, "mara", True)]

    (one,) = name_reviews([run(*annotations)])

    assert one.people is not None
    assert (one.people.n, one.people.agreed) == (1, 1)


def test_labels_against_a_scorer_are_summed_over_runs() -> None:
    judged = (JudgedPairs(name="helpful", scorer="judge", counts=(("yes", "no", 2),)),)
    other = (JudgedPairs(name="helpful", scorer="judge", counts=(("yes", "yes", 3),)),)

    (one,) = name_reviews([run(said(1, "m", True), judged=judged), run(judged=other)])

    ((scorer, found),) = one.judges
    assert (scorer, found.n, found.agreed) == ("judge", 5, 3)
