"""Tests find what is not there about as often as they say, and intervals hold what they promise.

McNemar's and Wilson's rates are summed over all outcomes, the others are simulated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from sitegen.derive.evals.differences import mcnemar_mid_p, paired_difference, unpaired_difference
from sitegen.derive.statistics import mean_estimate, wilson_interval

ALPHA = 0.05
MOST, LEAST = 0.065, 0.04
REPEATS = 4_000
FEW_REPEATS = 400
FEW_MOST = 0.09
"""What 400 repeats of a rate of 6.5 % stay below in 98 of 100 cases."""
SEEN = pytest.mark.parametrize(
    "repeats", [FEW_REPEATS, pytest.param(REPEATS, marks=pytest.mark.slow)]
)

Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray | None]]
"""Scores of two runs that are alike, and clusters."""


def mcnemar_rate(n: int, discordance: float) -> float:
    """How often the mid-p is at most 5 % for *n* pairs of which a share flips, either way alike."""
    rate = 0.0
    for flips in range(n + 1):
        of_flips = stats.binom.pmf(flips, n, discordance)
        if of_flips > 1e-9:
            k = np.arange(flips + 1)
            found = [mcnemar_mid_p(int(one), flips - int(one)) <= ALPHA for one in k]
            rate += of_flips * float(stats.binom.pmf(k, flips, 0.5)[found].sum())
    return rate


@pytest.mark.parametrize(
    ("n", "discordance"),
    [(100, 0.3), (100, 0.5), (200, 0.2), pytest.param(1_000, 0.1, marks=pytest.mark.slow)],
)
def test_mcnemars_mid_p_keeps_its_rate(n: int, discordance: float) -> None:
    assert LEAST <= mcnemar_rate(n, discordance) <= MOST


@pytest.mark.parametrize("n", [10, 25, 50])
@pytest.mark.parametrize("discordance", [0.05, 0.3, 0.9])
def test_mcnemars_mid_p_is_never_far_too_bold_with_few_pairs(n: int, discordance: float) -> None:
    assert mcnemar_rate(n, discordance) <= MOST


@pytest.mark.parametrize("n", [10, 30, 100, 237, 1_000])
def test_wilsons_interval_covers_94_percent_on_average(n: int) -> None:
    ratios = np.linspace(0.05, 0.95, 181)
    low, high = np.array([wilson_interval(k, n) for k in range(n + 1)]).T

    coverage = [
        stats.binom.pmf(np.arange(n + 1), n, p)[(low <= p) & (p <= high)].sum() for p in ratios
    ]

    assert np.mean(coverage) >= 0.94


def normal(n: int) -> Draw:
    return lambda rng: (rng.normal(size=n), rng.normal(size=n), None)


def skewed(n: int) -> Draw:
    return lambda rng: (rng.exponential(size=n), rng.exponential(size=n), None)


def ratings(n: int) -> Draw:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, None]:
        sample = rng.normal(size=n)
        one, other = (np.clip(np.round(3 + sample + rng.normal(size=n)), 1, 5) for _ in range(2))
        return one, other, None

    return draw


def clustered(n: int, count: int) -> Draw:
    """Differences share most of their spread within a cluster; clusters differ in size."""

    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        clusters = np.concatenate([np.arange(count), rng.integers(0, count, n - count)])
        shared = rng.normal(size=count)[clusters]
        return rng.normal(size=n), rng.normal(size=n) + 1.5 * shared, clusters

    return draw


def clustered_passes(n: int, count: int) -> Draw:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        clusters = np.arange(n) % count
        ease = rng.normal(size=count)[clusters]
        one, other = (
            (rng.normal(size=n) + rng.normal(size=count)[clusters] + ease > 0).astype(float)
            for _ in range(2)
        )
        return one, other, clusters

    return draw


DRAWS: dict[str, tuple[Draw, bool, float]] = {
    "numbers": (normal(100), False, LEAST),
    "skewed numbers": (skewed(150), False, LEAST),
    "ratings": (ratings(400), False, LEAST),
    "fewer ratings": (ratings(120), False, 0.03),  # sums of whole numbers often tie: cautious
    "few numbers": (normal(8), False, 0.0),
    "clusters": (clustered(300, 100), False, LEAST),
    "few clusters": (clustered(120, 8), False, 0.0),
    "clusters of passes": (clustered_passes(400, 100), True, LEAST),
    "few clusters of passes": (clustered_passes(60, 10), True, 0.0),
}


@SEEN
@pytest.mark.parametrize("name", DRAWS)
def test_the_test_and_the_interval_of_paired_runs_keep_their_rates(name: str, repeats: int) -> None:
    draw, is_boolean, least = DRAWS[name]
    rng = np.random.default_rng(20261121)
    found = covered = 0

    for repeat in range(repeats):
        a, b, clusters = draw(rng)
        one = paired_difference(a, b, clusters, is_boolean=is_boolean, key=(repeat, 1))
        found += one.p is not None and one.p <= ALPHA
        covered += one.ci_low is None or one.ci_low <= 0 <= one.ci_high

    most = MOST if repeats == REPEATS else FEW_MOST
    assert found / repeats <= most
    assert covered / repeats >= 1 - most
    if repeats == REPEATS:
        assert found / repeats >= least


@pytest.mark.slow
@pytest.mark.parametrize("draw", [normal(2_200), clustered(4_500, 2_200)])
def test_the_t_test_of_many_differences_keeps_its_rate(draw: Draw) -> None:
    rng = np.random.default_rng(5)
    found = 0

    for _ in range(REPEATS):
        a, b, clusters = draw(rng)
        one = paired_difference(a, b, clusters, is_boolean=False, key=(0, 0))
        assert one.test.startswith("paired t")
        found += one.p <= ALPHA

    assert LEAST <= found / REPEATS <= MOST


@SEEN
@pytest.mark.parametrize("clusters", [None, np.arange(150) // 3])
def test_welchs_test_of_runs_without_shared_samples_keeps_its_rate(
    repeats: int, clusters: np.ndarray | None
) -> None:
    rng = np.random.default_rng(6)
    found = 0

    for _ in range(repeats):
        shared = 0 if clusters is None else rng.normal(size=50)[clusters]
        a, b = rng.normal(size=150) + shared, 3 * rng.normal(size=100)
        found += unpaired_difference(a, clusters, b, None).p <= ALPHA

    assert found / repeats <= (MOST if repeats == REPEATS else FEW_MOST)
    if repeats == REPEATS:
        assert found / repeats >= LEAST


@SEEN
@pytest.mark.parametrize(("count", "size"), [(50, 10), (8, 15)])
def test_clustered_intervals_of_a_mean_cover_what_they_promise(
    repeats: int, count: int, size: int
) -> None:
    rng = np.random.default_rng(7)
    covered = naive = 0

    for _ in range(repeats):
        clusters = np.repeat(np.arange(count), size)
        values = rng.normal(size=count)[clusters] + rng.normal(size=count * size)
        one = mean_estimate(values, clusters, is_proportion=False)
        other = mean_estimate(values, None, is_proportion=False)
        covered += one.ci_low <= 0 <= one.ci_high
        naive += other.ci_low <= 0 <= other.ci_high

    assert 1 - covered / repeats <= (MOST if repeats == REPEATS else FEW_MOST)
    assert naive / repeats < 0.75  # what forgetting the clusters costs


@pytest.mark.slow
def test_a_difference_of_the_detectable_size_is_found_in_80_percent() -> None:
    rng = np.random.default_rng(8)
    found = 0

    for repeat in range(1_500):
        a = rng.normal(size=200)
        noise = rng.normal(size=200)
        size = paired_difference(a, a + noise, None, is_boolean=False, key=(0, 0)).detectable
        b = a + rng.normal(size=200) + size
        found += paired_difference(a, b, None, is_boolean=False, key=(repeat, 0)).p <= ALPHA

    assert 0.77 <= found / 1_500 <= 0.83
