"""How the epochs of samples agree, held against an independent count."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.evals.repeats import Repeats, repeats_of


def test_samples_that_pass_always_and_sometimes_are_counted() -> None:
    ids = ["a", "a", "b", "b", "c", "c", "once", "gone", "gone"]
    values = np.array([1, 1, 1, 0, 0, 0, 1, 1, math.nan])

    assert repeats_of(ids, values, is_boolean=True) == Repeats(
        ids=3, passed_all=1, passed_some=2, sd_within=None, sd_between=None
    )


def test_no_sample_with_two_scores_has_no_repeats() -> None:
    assert repeats_of(["a", "b", "b"], np.array([1.0, 2.0, math.nan]), is_boolean=False) is None


def test_one_sample_has_a_spread_within_and_none_between() -> None:
    found = repeats_of(["a", "a"], np.array([1.0, 3.0]), is_boolean=False)

    assert found is not None
    assert (found.sd_within, found.sd_between) == (math.sqrt(2), None)


def test_numbers_near_the_largest_have_no_spread_and_raise_nothing() -> None:
    found = repeats_of(["a", "a"], np.array([1e308, -1e308]), is_boolean=False)

    assert found is not None
    assert found.sd_within is None


@given(st.lists(st.lists(st.integers(-50, 50), min_size=2, max_size=5), min_size=2, max_size=12))
def test_deviations_are_those_of_the_textbook(samples: list[list[int]]) -> None:
    ids = [str(number) for number, scores in enumerate(samples) for _ in scores]
    values = np.array([score for scores in samples for score in scores], dtype=np.float64)

    found = repeats_of(ids, values, is_boolean=False)

    assert found is not None
    pooled = sum(statistics.variance(scores) * (len(scores) - 1) for scores in samples)
    degrees = sum(len(scores) - 1 for scores in samples)
    assert found.sd_within == pytest.approx(math.sqrt(pooled / degrees))
    between = statistics.stdev(statistics.fmean(scores) for scores in samples)
    assert found.sd_between == pytest.approx(between, abs=1e-9)
