"""Whether run B scores higher than run A: the difference, its interval, a test, what could be seen.

Floor 3. Pure functions of numpy arrays. Sources: E. Miller, "Adding Error Bars to Evals",
arXiv:2411.00640 (paired differences, clusters); Q. McNemar, Psychometrika 12 (1947), with the mid-p
of M. Fagerland et al., BMC Med. Res. Methodol. 13:91 (2013), for samples that pass or fail; H.
Bloom, Evaluation Review 19 (1995), for the smallest difference that would be found; S. Holm, Scand.
J. Stat. 6 (1979), and Y. Benjamini & Y. Hochberg, JRSS B 57 (1995), for several scorers. Not here:
tests that forget the pairing, but for runs that share no sample. `js/evals/statistics.js` is the
twin; `tests/derive/statistics_vectors.json` holds both to values of scipy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sitegen.derive.evals.signflip import MOST_EXACT, MOST_FLIPPED, Key, sign_flip_p
from sitegen.derive.statistics import mean_estimate, t_interval
from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

POWER: Final = 0.8
"""Share of repeats in which the smallest detectable difference would be found."""
_EQUAL: Final = 1e-12
"""Values whose difference is smaller, relative to them, are equal (averages of epochs round)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """Pairs that pass or fail, by what happened to them."""

    both: int
    """Pass in A and in B."""
    only_a: int
    """Pass in A, fail in B."""
    only_b: int
    """Fail in A, pass in B."""
    neither: int
    """Fail in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """B minus A; None where the data cannot tell."""

    n: int
    """Pairs; 0 when no sample is in both."""
    clusters: int
    """Independent groups among the pairs; n when every pair stands alone."""
    mean_a: float | None
    """Mean of A over the pairs (over all of A when there are none)."""
    mean_b: float | None
    """Mean of B, likewise."""
    difference: float | None
    """mean_b - mean_a."""
    se: float | None
    """Standard error of the difference; None below two groups and when all differences are equal,
    which says nothing of their spread."""
    df: float | None
    """Degrees of freedom of se."""
    ci_low: float | None
    """Lower end of the 95 % interval."""
    ci_high: float | None
    """Upper end of the 95 % interval."""
    p: float | None
    """Two-sided p value; 1 when no pair differs."""
    test: str | None
    """Which test: `McNemar, mid-p`, `sign flip, exact`, `sign flip`, `paired t`, `Welch t`, with
    `, clustered` where clusters are the unit."""
    raised: int
    """Pairs where B is higher."""
    lowered: int
    """Pairs where B is lower."""
    flips: Flips | None
    """The 2 x 2 table when all values are 0 or 1."""
    detectable: float | None
    """Smallest difference that would be found in 80 % of repeats."""


def paired_difference(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    clusters: NDArray[np.int64] | None,
    *,
    is_boolean: bool,
    key: Key,
) -> Difference:
    """B minus A over samples that both scored, finite values, one of each per sample.

    *clusters*: a group number for each pair, pairs of one group are not independent.
    *is_boolean*: values are shares of passes; where all are 0 or 1 and no clusters bind them the
    test is McNemar's.
    """
    import numpy as np

    with np.errstate(over="ignore"):  # scores near 1e308: infinite, then told as unknown
        changes = b - a
        changes[np.abs(changes) <= _EQUAL * (np.abs(a) + np.abs(b))] = 0.0
    estimate = mean_estimate(changes, clusters, is_proportion=False)
    is_clustered = estimate.clusters < estimate.n
    se = estimate.se if estimate.se and math.isfinite(estimate.se) else None
    flips = _flips(a, b) if is_boolean else None
    p, test = None, None
    if len(changes) and estimate.mean is not None and math.isfinite(estimate.mean):
        if flips is not None and not is_clustered:
            p, test = mcnemar_mid_p(flips.only_a, flips.only_b), "McNemar, mid-p"
        elif estimate.clusters >= 2:
            p, test = _test_of_changes(changes, clusters, estimate.mean, se, estimate.df, key)
        if test is not None and is_clustered:
            test += ", clustered"
    return Difference(
        n=len(changes),
        clusters=estimate.clusters,
        mean_a=float(np.mean(a)) if len(a) else None,
        mean_b=float(np.mean(b)) if len(b) else None,
        difference=estimate.mean,
        se=se,
        df=estimate.df if se is not None else None,
        ci_low=estimate.ci_low if se is not None else None,
        ci_high=estimate.ci_high if se is not None else None,
        p=p,
        test=test,
        raised=int(np.sum(changes > 0)),
        lowered=int(np.sum(changes < 0)),
        flips=flips,
        detectable=detectable_difference(se, estimate.df),
    )


def _test_of_changes(
    changes: NDArray[np.float64],
    clusters: NDArray[np.int64] | None,
    mean: float,
    se: float | None,
    df: float | None,
    key: Key,
) -> tuple[float | None, str | None]:
    """Sign flips of the changes or of their sums by cluster; the t test when there are too many."""
    import numpy as np

    sums = changes
    if clusters is not None:
        _, places = np.unique(clusters, return_inverse=True)
        sums = np.bincount(places, weights=changes).astype(np.float64)
        sizes = np.bincount(places, weights=np.abs(changes))
        sums[np.abs(sums) <= _EQUAL * sizes] = 0.0
    sums = sums[sums != 0]
    if len(sums) <= MOST_FLIPPED:
        is_exact = len(sums) <= MOST_EXACT
        return sign_flip_p(sums, key), "sign flip, exact" if is_exact else "sign flip"
    if se is None or df is None:
        return None, None
    return t_test_p(mean, se, df), "paired t"


def unpaired_difference(
    a: NDArray[np.float64],
    a_clusters: NDArray[np.int64] | None,
    b: NDArray[np.float64],
    b_clusters: NDArray[np.int64] | None,
) -> Difference:
    """B minus A of runs that share no sample: Welch's interval and test on standard errors."""
    one = mean_estimate(a, a_clusters, is_proportion=False)
    other = mean_estimate(b, b_clusters, is_proportion=False)
    difference = None if one.mean is None or other.mean is None else other.mean - one.mean
    se: float | None = None
    df: float | None = None
    if difference is not None and one.df and other.df:
        variance_a, variance_b = (one.se or 0.0) ** 2, (other.se or 0.0) ** 2
        if 0 < variance_a + variance_b < math.inf:
            se = math.sqrt(variance_a + variance_b)
            df = (variance_a + variance_b) ** 2 / (
                variance_a**2 / one.df + variance_b**2 / other.df
            )
    low, high, p = None, None, None
    if difference is not None and se is not None and df is not None:
        low, high = t_interval(difference, se, df)
        p = t_test_p(difference, se, df)
    is_clustered = one.clusters < one.n or other.clusters < other.n
    return Difference(
        n=0,
        clusters=0,
        mean_a=one.mean,
        mean_b=other.mean,
        difference=difference,
        se=se,
        df=df,
        ci_low=low,
        ci_high=high,
        p=p,
        test=("Welch t, clustered" if is_clustered else "Welch t") if p is not None else None,
        raised=0,
        lowered=0,
        flips=None,
        detectable=detectable_difference(se, df),
    )


def _flips(a: NDArray[np.float64], b: NDArray[np.float64]) -> Flips | None:
    """The 2 x 2 table; None if epochs that disagree left a value between 0 and 1."""
    import numpy as np

    if not (np.all((a == 0) | (a == 1)) and np.all((b == 0) | (b == 1))):
        return None
    passed_a, passed_b = a == 1, b == 1
    return Flips(
        both=int(np.sum(passed_a & passed_b)),
        only_a=int(np.sum(passed_a & ~passed_b)),
        only_b=int(np.sum(~passed_a & passed_b)),
        neither=int(np.sum(~passed_a & ~passed_b)),
    )


def mcnemar_mid_p(only_a: int, only_b: int) -> float:
    """McNemar's mid-p: twice the binomial tail, counting half of the outcome seen.

    2·cdf(k) - pmf(k) with k the rarer flip, which is cdf(k) + cdf(k - 1).
    """
    from scipy.special import bdtr

    rarer, flips = min(only_a, only_b), only_a + only_b
    if flips == 0:
        return 1.0
    below = float(bdtr(rarer - 1, flips, 0.5)) if rarer else 0.0
    return min(1.0, float(bdtr(rarer, flips, 0.5)) + below)


def t_test_p(difference: float, se: float, df: float) -> float:
    """Two-sided p value of Student's t."""
    from scipy.special import stdtr

    return 2 * float(stdtr(df, -abs(difference) / se))


def detectable_difference(se: float | None, df: float | None) -> float | None:
    """The smallest difference that a test at 5 % finds in 80 % of repeats: (t.975 + t.8)·se."""
    if se is None or df is None:
        return None
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.975) + stdtrit(df, POWER)) * se


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Each p value adjusted so that all below α are a false find with chance α at most (Holm)."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, place) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * p))
        adjusted[place] = largest
    return tuple(adjusted)


def benjamini_hochberg(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Each p value adjusted so that of those below α a share α is false on average."""
    known = sorted(((p, place) for place, p in enumerate(p_values) if p is not None), reverse=True)
    adjusted: list[float | None] = [None] * len(p_values)
    smallest = 1.0
    for back, (p, place) in enumerate(known):
        smallest = min(smallest, p * len(known) / (len(known) - back))
        adjusted[place] = smallest
    return tuple(adjusted)
