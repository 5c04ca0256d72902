"""What is said of a difference, and when it is claimed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sitegen.derive.evals.comparison import EvalComparison, ScorerComparison
from sitegen.derive.evals.differences import Difference, Flips
from sitegen.pages.compare.difference_text import change_of, difference_text, p_text, verdict_of

FOUND = Difference(
    n=1319, clusters=1319, mean_a=0.612, mean_b=0.646, difference=0.034, se=0.0148, df=1318,
    ci_low=0.005, ci_high=0.063, p=0.025, test="McNemar, mid-p", raised=214, lowered=169,
    flips=Flips(both=638, only_a=169, only_b=214, neither=298), detectable=0.0415,
)  # fmt: skip
BETTER = ScorerComparison(
    eval="gsm8k", scorer="correct", kind="boolean", goal="maximize", difference=FOUND, holm=0.05,
    bh=0.04, family=2, worse=169, better=214, lost=0, gained=0, unscored=0,
    failed_difference=None, worst=(),
)  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_difference_that_is_shown_is_said_in_one_sentence() -> None:
    said = difference_text(BETTER, only_a=0, only_b=2)

    assert plain(said.sentence) == (
        "B − A = +3.4 pts on gsm8k correct, 95 % CI 0.5 to 6.3, p = .025 (Holm .05), 1,319 pairs"
    )
    assert said.verdict == "better"
    assert said.rest == (
        "B is better. 214 samples got better and 169 got worse; 936 kept their score. "
        "McNemar, mid-p. p by Benjamini–Hochberg over 2 scorers: .04. "
        "0 samples only in A, 2 only in B."
    )


def test_samples_without_a_score_in_one_run_are_told_with_what_they_could_change() -> None:
    one = replace(BETTER, lost=40, gained=3, unscored=1, failed_difference=0.004)

    assert (
        "936 kept their score. Left out of 1,363 samples in both, by where they have a score:"
        " 40 only in A, 3 only in B, 1 in neither. If they had failed: B − A = +0.4 pts."
    ) in plain(difference_text(one, only_a=0, only_b=0).rest)


def test_a_difference_that_is_not_shown_comes_with_what_could_have_been_seen() -> None:
    found = replace(FOUND, n=1316, clusters=40, difference=0.03, ci_low=-0.04, ci_high=0.1, p=0.4,
                    test="sign flip, clustered", flips=None, detectable=0.1)  # fmt: skip
    said = difference_text(
        replace(BETTER, kind="number", difference=found, holm=0.4), only_a=0, only_b=0
    )

    assert said.sentence == (
        "No difference shown: B − A = +0.03 on gsm8k correct, 95 % CI −0.04 to 0.1, p = .40,"
        " 1,316 pairs"
    )
    assert (
        "With 1,316 pairs a difference of 0.1 or more would be found in 80 % of repeats."
        " Sign flip, clustered over 40 clusters." in said.rest
    )


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "better"),
        ({"goal": "minimize"}, "worse"),
        ({"goal": None}, "differs"),
        ({"holm": 0.0501}, "open"),
        ({"holm": None}, "better"),
        ({"difference": replace(FOUND, ci_low=-0.001)}, "open"),
        ({"difference": replace(FOUND, ci_low=0.0)}, "open"),
        ({"difference": replace(FOUND, ci_low=None, ci_high=None)}, "open"),
        ({"difference": replace(FOUND, p=None), "holm": None}, "open"),
    ],
)
def test_a_winner_needs_an_interval_without_0_and_a_p_value_after_holm(
    changes: dict[str, object], verdict: str
) -> None:
    assert verdict_of(replace(BETTER, **changes)) == verdict


def test_an_interval_without_0_and_a_large_p_value_are_told_apart() -> None:
    said = difference_text(replace(BETTER, holm=0.08), only_a=0, only_b=0)

    assert said.sentence.startswith("No difference shown")
    assert "The interval leaves out 0, but the p value is above .05." in said.rest


def test_runs_without_a_pair_in_common_say_so() -> None:
    found = replace(FOUND, n=0, clusters=0, test="Welch t", raised=0, lowered=0, flips=None)
    said = difference_text(replace(BETTER, difference=found, family=1), only_a=3, only_b=4)

    assert said.sentence.endswith("no sample in both")
    assert said.rest == "B is better. Welch t. 3 samples only in A, 4 only in B."


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.025, ".025"), (0.05, ".05"), (0.4, ".40"), (0.0999, ".10"), (0.0994, ".099"),
     (0.001, ".001"), (0.00099, "< .001"), (0.9999, "1"), (1.0, "1")],
)  # fmt: skip
def test_p_values_are_short_and_never_round_to_0(p: float, text: str) -> None:
    assert p_text(p) == text


def test_a_cell_of_a_table_holds_size_and_p() -> None:
    whole = EvalComparison(eval="gsm8k", matched=1319, only_a=0, only_b=0, scorers=(BETTER,))

    change = change_of((whole, BETTER))

    assert (plain(change.text), change.tone) == ("+3.4 pts, p .05", "good")
    assert change.title.startswith("this run − baseline = +3.4")
    assert change_of(None).text == ""
