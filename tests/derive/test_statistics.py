"""Intervals and standard errors equal scipy's, and keep the properties their sources promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sitegen.derive.statistics import mean_estimate, t_interval, wilson_interval

finite = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))


@given(st.integers(1, 3000), st.data())
def test_wilson_equals_scipy(n: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    expected = stats.binomtest(successes, n).proportion_ci(method="wilson")

    low, high = wilson_interval(successes, n)

    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (1, 1, 0.2065, 1.0), (202, 237, 0.8015, 0.8919)],
)
def test_wilson_at_the_edges(successes: int, n: int, low: float, high: float) -> None:
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


@given(st.lists(finite, min_size=2, max_size=60))
def test_the_interval_of_unclustered_numbers_is_scipys_t_interval(values: list[float]) -> None:
    se = stats.sem(values)

    estimate = mean_estimate(np.array(values), None, is_proportion=False)

    assert estimate.se == pytest.approx(se, abs=1e-9)
    assert estimate.df == len(values) - 1
    assert estimate.method == "t"
    if se > 0:
        expected = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=se)
        assert (estimate.ci_low, estimate.ci_high) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.lists(finite, min_size=2, max_size=40))
def test_clusters_of_one_give_the_plain_standard_error(values: list[float]) -> None:
    plain = mean_estimate(np.array(values), None, is_proportion=False)

    clustered = mean_estimate(np.array(values), np.arange(len(values)), is_proportion=False)

    assert clustered.se == pytest.approx(plain.se, abs=1e-9)
    assert clustered.method == "t"


@given(st.integers(2, 5), st.lists(finite, min_size=2, max_size=15))
def test_copies_of_a_sample_add_no_certainty(copies: int, values: list[float]) -> None:
    plain = mean_estimate(np.array(values), None, is_proportion=False)

    repeated = mean_estimate(
        np.repeat(values, copies), np.repeat(np.arange(len(values)), copies), is_proportion=False
    )

    assert repeated.mean == pytest.approx(plain.mean, rel=1e-9, abs=1e-7)
    assert repeated.se == pytest.approx(plain.se, rel=1e-9, abs=1e-7)
    assert repeated.df == plain.df


def test_equal_epochs_equal_averaging_within_the_sample_first() -> None:
    rng = np.random.default_rng(7)
    values = rng.normal(size=(30, 4)) + rng.normal(size=(30, 1))
    averages = values.mean(axis=1)

    estimate = mean_estimate(values.ravel(), np.repeat(np.arange(30), 4), is_proportion=False)

    assert estimate.mean == pytest.approx(averages.mean())
    assert estimate.se == pytest.approx(stats.sem(averages))
    assert (estimate.clusters, estimate.df, estimate.method) == (30, 29, "t, clustered")


def test_uneven_clusters_follow_the_formula_by_hand() -> None:
    # mean 0.5; sums of deviations 1.5 - 0.5 = 1, -0.5, -0.5: se = sqrt(3/2 * 1.5) / 5
    values = np.array([1.0, 1.0, 0.5, 0.0, 0.0])

    estimate = mean_estimate(values, np.array([0, 0, 0, 1, 2]), is_proportion=False)

    assert estimate.se == pytest.approx(math.sqrt(1.5 * (1.0 + 0.25 + 0.25)) / 5)


def test_the_order_of_values_and_the_names_of_clusters_do_not_matter() -> None:
    values, clusters = np.array([1.0, 2.0, 4.0, 8.0]), np.array([0, 0, 1, 2])
    order = np.array([3, 1, 0, 2])

    expected = mean_estimate(values, clusters, is_proportion=False)

    assert mean_estimate(
        values[order], 90 - 7 * clusters[order], is_proportion=False
    ).se == pytest.approx(expected.se)


def test_a_proportion_without_repeats_has_wilsons_interval() -> None:
    values = np.array([1.0] * 202 + [0.0] * 35)

    estimate = mean_estimate(values, None, is_proportion=True)

    assert estimate.method == "Wilson"
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx(wilson_interval(202, 237))
    assert estimate.se == pytest.approx(stats.sem(values))


def test_a_clustered_proportion_stays_between_0_and_1() -> None:
    values = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0])

    estimate = mean_estimate(values, np.array([0, 0, 1, 1, 2, 2]), is_proportion=True)

    assert estimate.method == "t, clustered"
    assert estimate.ci_low == pytest.approx(0.1162, abs=1e-4)
    assert estimate.ci_high == 1.0


def test_a_clustered_proportion_where_all_pass_is_not_certain() -> None:
    estimate = mean_estimate(np.ones(20), np.repeat(np.arange(10), 2), is_proportion=True)

    assert estimate.method == "Wilson over clusters"
    assert (estimate.ci_low, estimate.ci_high) == pytest.approx(wilson_interval(10, 10))


def test_no_values_give_no_estimate() -> None:
    estimate = mean_estimate(np.array([]), None, is_proportion=True)

    assert (estimate.n, estimate.mean, estimate.se, estimate.ci_low) == (0, None, None, None)


@pytest.mark.parametrize("clusters", [None, np.array([3])])
def test_one_number_has_a_mean_and_no_interval(clusters: np.ndarray | None) -> None:
    estimate = mean_estimate(np.array([0.25]), clusters, is_proportion=False)

    assert (estimate.mean, estimate.se, estimate.df, estimate.ci_low) == (0.25, None, None, None)
    assert estimate.method is None


def test_one_cluster_has_no_interval() -> None:
    estimate = mean_estimate(np.array([1.0, 0.0, 1.0]), np.zeros(3, int), is_proportion=True)

    assert (estimate.se, estimate.ci_low, estimate.method) == (None, None, None)


@pytest.mark.parametrize("df", [1, 4, 29, 1000])
def test_t_interval_equals_scipy(df: int) -> None:
    assert t_interval(2.0, 0.5, df) == pytest.approx(stats.t.interval(0.95, df, loc=2.0, scale=0.5))
