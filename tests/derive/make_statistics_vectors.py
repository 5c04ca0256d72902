"""Makes statistics_vectors.json: what scipy says of cases that Python and the pages must equal.

    python -m tests.derive.make_statistics_vectors

Nothing of sitegen is imported: means, clusters and the stream of bits are written down again from
their definitions, tests and quantiles are scipy's.
"""

# ruff: noqa: E501 - tables of cases read better in long lines
from __future__ import annotations

import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

VECTORS = Path(__file__).parent / "statistics_vectors.json"
RANDOM = np.random.default_rng(20261121)
LEVEL = 0.975
Json = dict[str, Any]


def clustered_se(values: np.ndarray, clusters: list[int] | None) -> tuple[float | None, int]:
    """The sandwich formula with C/(C - 1), in a loop."""
    groups: dict[int, float] = {}
    mean = math.fsum(values) / len(values)
    for index, value in enumerate(values):
        name = index if clusters is None else clusters[index]
        groups[name] = groups.get(name, 0.0) + value - mean
    count = len(groups)
    if count < 2:
        return None, count
    squares = math.fsum(total**2 for total in groups.values())
    return math.sqrt(count / (count - 1) * squares) / len(values), count


def estimate_case(values: list[float], clusters: list[int] | None, *, is_proportion: bool) -> Json:
    array = np.array(values)
    se, groups = clustered_se(array, clusters)
    mean = math.fsum(values) / len(values)
    low = high = None
    is_clustered = groups < len(values)
    if is_proportion and (not is_clustered or np.ptp(array) == 0):
        # Wilson's two solutions of |p - mean| = z·√(p(1 - p)/n), as roots of the quadratic
        square = stats.norm.ppf(LEVEL) ** 2
        coefficients = [1 + square / groups, -(2 * mean + square / groups), mean**2]
        low, high = sorted(np.clip(np.roots(coefficients).real, 0, 1).tolist())
    elif se is not None:
        low, high = stats.t.interval(0.95, groups - 1, loc=mean, scale=se) if se else (mean, mean)
        if is_proportion:
            low, high = max(low, 0.0), min(high, 1.0)
    return {
        "given": {"values": values, "clusters": clusters, "is_proportion": is_proportion},
        "expected": {"n": len(values), "clusters": groups, "mean": mean, "se": se,
                     "ci_low": low, "ci_high": high},
    }  # fmt: skip


def philox_words(key: tuple[int, int], count: int) -> list[int]:
    """Philox4x32-10 one counter after another, from the definition in the paper."""
    words: list[int] = []
    counter = 0
    while len(words) < count:
        c = [counter & 0xFFFFFFFF, counter >> 32, 0, 0]
        k = list(key)
        for _ in range(10):
            one, other = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [other >> 32 ^ c[1] ^ k[0], other & 0xFFFFFFFF,
                 one >> 32 ^ c[3] ^ k[1], one & 0xFFFFFFFF]  # fmt: skip
            k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
        words += c
        counter += 1
    return words[:count]


def flip_case(sums: list[float], key: tuple[int, int]) -> Json:
    """All patterns up to 14 values, by scipy; beyond, 9,999 drawn ones, held near scipy's own."""
    array = np.array(sums)
    if len(sums) <= 14:
        patterns = [abs(sum(s * v for s, v in zip(signs, sums, strict=True)))
                    for signs in product((1, -1), repeat=len(sums))]  # fmt: skip
        p = np.mean(np.array(patterns) >= abs(array.sum()) * (1 - 1e-9) - 1e-12)
        if len(sums) > 1:
            test = stats.permutation_test(
                (array,), np.sum, permutation_type="samples", n_resamples=np.inf
            )
            assert math.isclose(p, test.pvalue, abs_tol=1e-9), (p, test.pvalue)
    else:
        width = -(-len(sums) // 32)
        words = philox_words(key, 9_999 * width)
        as_far = 0
        for draw in range(9_999):
            bits = [words[draw * width + i // 32] >> (i % 32) & 1 for i in range(len(sums))]
            sizes = sorted(map(abs, sums))
            total = math.fsum(v if bit else -v for v, bit in zip(sizes, bits, strict=True))
            as_far += abs(total) >= abs(math.fsum(sums)) * (1 - 1e-9)
        p = (as_far + 1) / 10_000
        test = stats.permutation_test(
            (array,), np.sum, permutation_type="samples", n_resamples=9_999,
            rng=np.random.default_rng(1),
        )  # fmt: skip
        assert abs(p - test.pvalue) < 0.03, (p, test.pvalue)
    return {"given": {"sums": sums, "key": list(key)}, "expected": float(p)}


def paired_case(a: list[float], b: list[float], clusters: list[int] | None, kind: str) -> Json:
    """*kind*: boolean, or t for more than 2,000 differences; sign flips are vectors of their own."""
    first, second = np.array(a), np.array(b)
    changes = second - first
    se, groups = clustered_se(changes, clusters)
    expected: Json = {
        "n": len(a), "clusters": groups, "mean_a": first.mean(), "mean_b": second.mean(),
        "difference": math.fsum(changes) / len(changes), "se": se or None, "ci_low": None,
        "ci_high": None, "detectable": None, "raised": int((changes > 0).sum()),
        "lowered": int((changes < 0).sum()),
    }  # fmt: skip
    if se:
        df = groups - 1
        low, high = stats.t.interval(0.95, df, loc=expected["difference"], scale=se)
        power = (stats.t.ppf(LEVEL, df) + stats.t.ppf(0.8, df)) * se
        expected |= {"ci_low": low, "ci_high": high, "detectable": power}
    if kind == "boolean" and groups == len(a):
        k, n = min(expected["raised"], expected["lowered"]), int((changes != 0).sum())
        mid = 2 * stats.binom.cdf(k, n, 0.5) - stats.binom.pmf(k, n, 0.5) if n else 1.0
        expected["p"] = min(1.0, mid)
    elif kind == "t" and clusters is None:
        expected["p"] = stats.ttest_rel(second, first).pvalue
    elif kind == "t" and se:
        expected["p"] = 2 * stats.t.sf(abs(expected["difference"]) / se, groups - 1)
    return {
        "given": {"a": a, "b": b, "clusters": clusters, "is_boolean": kind == "boolean",
                  "key": [17, 4]},
        "expected": {name: _plain(value) for name, value in expected.items()},
    }  # fmt: skip


def welch_case(a: list[float], b: list[float]) -> Json:
    test = stats.ttest_ind(b, a, equal_var=False)
    interval = test.confidence_interval(0.95)
    return {
        "given": {"a": a, "b": b},
        "expected": {"difference": np.mean(b) - np.mean(a), "df": test.df, "p": test.pvalue,
                     "ci_low": interval.low, "ci_high": interval.high},
    }  # fmt: skip


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def normal(n: int, mean: float = 0.0, sd: float = 1.0) -> list[float]:
    return np.round(RANDOM.normal(mean, sd, n), 6).tolist()


def coins(n: int, p: float) -> list[float]:
    return (RANDOM.random(n) < p).astype(float).tolist()


def clusters_of(n: int, count: int) -> list[int]:
    return RANDOM.integers(0, count, n).tolist()


def vectors() -> Json:
    booleans = [(coins(n, 0.6), coins(n, q)) for n, q in [(40, 0.7), (300, 0.6), (25, 0.0)]]
    ratings = [RANDOM.integers(1, 6, 60).astype(float).tolist() for _ in range(2)]
    many = np.round([normal(2_600), normal(2_600, 0.05)], 2).tolist()
    ps = [[0.01, 0.04, 0.03, 0.2], [0.5], [0.05, 0.05, 0.05], [0.9, 1.0, 1e-12, 0.02, 0.02, 0.3]]
    return {
        "estimate": [
            *(estimate_case(normal(n), None, is_proportion=False) for n in (1, 2, 3, 17, 400)),
            estimate_case([1e8 + x for x in normal(50)], None, is_proportion=False),
            *(estimate_case(normal(90), clusters_of(90, c), is_proportion=False)
              for c in (1, 2, 8, 60)),
            *(estimate_case(coins(n, p), None, is_proportion=True)
              for n, p in [(1, 1.0), (10, 1.0), (10, 0.0), (37, 0.5), (1_000, 0.95)]),
            estimate_case(coins(80, 0.9), clusters_of(80, 12), is_proportion=True),
            estimate_case([1.0] * 20, [i // 4 for i in range(20)], is_proportion=True),
        ],
        "t_quantile": [{"given": [p, df], "expected": float(stats.t.ppf(p, df))}
                       for p in (0.5, 0.8, 0.95, 0.975, 0.995, 0.9999)
                       for df in (1, 2, 3.7, 10, 29, 100.5, 1_318, 1e5)],
        "t_cdf": [{"given": [t, df], "expected": float(stats.t.cdf(t, df))}
                  for t in (-40.0, -6.5, -2.0, -1e-3, 0.0, 0.7, 3.0) for df in (1, 2.5, 30, 2e4)],
        "wilson": [{"given": [k, n],
                    "expected": list(stats.binomtest(k, n).proportion_ci(method="wilson"))}
                   for k, n in [(0, 1), (1, 1), (3, 7), (10, 10), (202, 237), (9_500, 10_000)]],
        "mcnemar": [{"given": [b, c], "expected": float(min(1.0,
                     2 * stats.binom.cdf(min(b, c), b + c, 0.5)
                     - stats.binom.pmf(min(b, c), b + c, 0.5)) if b + c else 1.0)}
                    for b, c in [(0, 0), (0, 1), (3, 12), (5, 5), (169, 214), (0, 40), (1_200, 1_290),
                                 (50_000, 50_400)]],
        "philox": [{"given": [[0, 0], 4], "expected": [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]},
                   {"given": [[0xDEADBEEF, 7], 11], "expected": philox_words((0xDEADBEEF, 7), 11)}],
        "sign_flip": [flip_case(sums, key) for sums, key in [
            ([0.5], (0, 0)), ([1.0, -1.0], (0, 0)), ([1.0, 1.0, 1.0, -1.0], (0, 0)),
            (normal(9, 0.5), (0, 0)), (normal(14, 0.3), (0, 0)), (normal(15, 0.5), (1, 2)),
            (normal(33, 0.3), (0xFFFFFFFF, 0)), ([1.0] * 30 + [-1.0] * 18, (3, 9)),
            (normal(200, 0.1), (12345, 678910))]],
        "paired": [
            *(paired_case(a, b, None, "boolean") for a, b in booleans),
            paired_case(coins(30, 0.5), coins(30, 0.5), [i // 3 for i in range(30)], "boolean"),
            paired_case(*ratings, None, "number"), paired_case(*ratings, clusters_of(60, 9), "number"),
            paired_case([1.0, 1.0], [1.0, 1.0], None, "boolean"),
            paired_case([0.25], [0.5], None, "number"),
            paired_case(*many, None, "t"), paired_case(*many, [i % 2_450 for i in range(2_600)], "t"),
            paired_case(coins(3_000, 0.5), coins(3_000, 0.52), None, "boolean"),
        ],
        "unpaired": [welch_case(normal(12), normal(40, 0.4, 3.0)), welch_case(normal(5), normal(4))],
        "holm": [{"given": one, "expected": _holm(one)} for one in ps],
        "benjamini_hochberg": [{"given": one,
                                "expected": stats.false_discovery_control(one).tolist()}
                               for one in ps],
    }  # fmt: skip


def _holm(ps: list[float]) -> list[float]:
    """The definition: the largest, over p values at most as large, of their rank's bound."""
    ordered = sorted(ps)
    return [max(min(1.0, (len(ps) - rank) * p) for rank, p in enumerate(ordered) if p <= own)
            for own in ps]  # fmt: skip


if __name__ == "__main__":
    text = json.dumps(vectors(), default=_plain)
    VECTORS.write_text(
        text.replace('], "', '],\n"').replace("}, {", "},\n{") + "\n", encoding="utf-8"
    )
