"""Differences, tests and corrections equal scipy's, and say nothing where the data say nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.derive import statistics
from sitegen.derive.evals import differences, signflip
from sitegen.derive.evals.differences import benjamini_hochberg, holm, paired_difference
from tests.vectors import differing

VECTORS = json.loads((Path(__file__).parents[1] / "statistics_vectors.json").read_text("utf-8"))
KEY = (17, 4)
scores = st.floats(-100, 100).map(lambda value: round(value, 3))
CALLS = {
    "t_cdf": lambda t, df: _scipy().stdtr(df, t),
    "t_quantile": lambda p, df: _scipy().stdtrit(df, p),
    "wilson": statistics.wilson_interval,
    "mcnemar": differences.mcnemar_mid_p,
    "philox": lambda key, count: signflip.philox(tuple(key), 0, count).tolist(),
    "holm": lambda *ps: holm(ps),
    "benjamini_hochberg": lambda *ps: benjamini_hochberg(ps),
}


def _scipy() -> Any:
    from scipy import special

    return special


def fields(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__dataclass_fields__}


def array(values: list[float] | None, kind: type = float) -> Any:
    return None if values is None else np.array(values, dtype=kind)


@pytest.mark.parametrize("function", CALLS)
def test_functions_equal_their_vectors(function: str) -> None:
    for case in VECTORS[function]:
        assert differing(CALLS[function](*case["given"]), case["expected"]) == [], case["given"]


@pytest.mark.parametrize("case", VECTORS["estimate"])
def test_estimates_equal_their_vectors(case: dict[str, Any]) -> None:
    given = case["given"]

    found = statistics.mean_estimate(
        array(given["values"]),
        array(given["clusters"], np.int64),
        is_proportion=given["is_proportion"],
    )

    assert differing(fields(found), case["expected"]) == []


@pytest.mark.parametrize("case", VECTORS["sign_flip"])
def test_sign_flips_equal_their_vectors(case: dict[str, Any]) -> None:
    p = signflip.sign_flip_p(array(case["given"]["sums"]), tuple(case["given"]["key"]))

    assert differing(p, case["expected"]) == []


@pytest.mark.parametrize("case", VECTORS["paired"])
def test_paired_differences_equal_their_vectors(case: dict[str, Any]) -> None:
    given = case["given"]

    found = paired_difference(
        array(given["a"]),
        array(given["b"]),
        array(given["clusters"], np.int64),
        is_boolean=given["is_boolean"],
        key=tuple(given["key"]),
    )

    assert differing(fields(found), case["expected"]) == []


@pytest.mark.parametrize("case", VECTORS["unpaired"])
def test_unpaired_differences_equal_welchs(case: dict[str, Any]) -> None:
    found = differences.unpaired_difference(
        array(case["given"]["a"]), None, array(case["given"]["b"]), None
    )

    assert differing(fields(found), case["expected"]) == []
    assert (found.n, found.test) == (0, "Welch t")


@settings(max_examples=40)
@given(st.lists(st.tuples(scores, scores), min_size=1, max_size=40))
def test_to_swap_the_runs_turns_the_sign_and_keeps_the_p_value(
    pairs: list[tuple[float, float]],
) -> None:
    a, b = (np.array(values) for values in zip(*pairs, strict=True))

    one = paired_difference(a, b, None, is_boolean=False, key=KEY)
    other = paired_difference(b, a, None, is_boolean=False, key=KEY)

    assert one.difference == pytest.approx(-other.difference, abs=1e-12)
    assert (one.p, one.test) == (other.p, other.test)
    assert (one.raised, one.lowered) == (other.lowered, other.raised)


def test_the_flip_table_counts_every_pair_once() -> None:
    a, b = np.array([1.0, 1, 1, 0, 0]), np.array([1.0, 0, 1, 1, 0])

    found = paired_difference(a, b, None, is_boolean=True, key=KEY)

    assert found.flips == differences.Flips(both=2, only_a=1, only_b=1, neither=1)
    assert (found.test, found.p) == ("McNemar, mid-p", 1.0)


def test_clusters_of_passes_and_failures_take_the_sign_flip_of_cluster_sums() -> None:
    a, b = np.zeros(12), np.array([1.0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    clusters = np.repeat(np.arange(6), 2)

    found = paired_difference(a, b, clusters, is_boolean=True, key=KEY)

    assert (found.test, found.p) == ("sign flip, exact, clustered", 0.25)
    assert found.flips is not None


def test_epochs_that_disagree_leave_no_flip_table() -> None:
    found = paired_difference(
        np.array([0.5, 1, 0]), np.array([1.0, 1, 0.5]), None, is_boolean=True, key=KEY
    )

    assert (found.flips, found.test, found.p) == (None, "sign flip, exact", 0.5)


def test_beyond_2000_differences_the_t_test_is_named() -> None:
    values = np.random.default_rng(1).normal(0.1, 1, 2001)

    found = paired_difference(np.zeros(2001), values, None, is_boolean=False, key=KEY)

    assert found.test == "paired t"


def test_rounding_in_averages_of_epochs_is_no_change() -> None:
    found = paired_difference(
        np.array([0.1 + 0.2, 0.5]), np.array([0.3, 0.5]), None, is_boolean=False, key=KEY
    )

    assert (found.raised, found.lowered, found.p, found.se) == (0, 0, 1.0, None)


def test_differences_that_are_all_equal_have_no_interval() -> None:
    found = paired_difference(np.zeros(8), np.full(8, 0.5), None, is_boolean=False, key=KEY)

    assert (found.difference, found.ci_low, found.detectable) == (0.5, None, None)
    assert found.p == 2 / 2**8


@pytest.mark.parametrize("n", [0, 1])
def test_none_and_one_pair_have_no_interval(n: int) -> None:
    found = paired_difference(np.zeros(n), np.ones(n) * 0.5, None, is_boolean=False, key=KEY)

    assert (found.n, found.se, found.ci_low, found.p) == (n, None, None, None)


def test_one_cluster_has_no_test() -> None:
    found = paired_difference(
        np.zeros(5), np.ones(5), np.zeros(5, dtype=np.int64), is_boolean=True, key=KEY
    )

    assert (found.p, found.test, found.ci_low) == (None, None, None)


def test_values_near_the_largest_double_give_no_interval_and_no_fault() -> None:
    found = paired_difference(
        np.array([1e308, -1e308]), np.array([-1e308, 1e308]), None, is_boolean=False, key=KEY
    )

    assert found.ci_low is None


def test_missing_p_values_stay_missing_and_do_not_count() -> None:
    assert holm([None, 0.02, 0.03]) == (None, 0.04, 0.04)
    assert benjamini_hochberg([0.02, None, 0.04]) == (0.04, None, 0.04)


def test_the_key_is_that_of_the_pair_in_whichever_order() -> None:
    assert signflip.seed_of("a", "b") == signflip.seed_of("b", "a") == (0x3E23E816, 0xCA978112)


def test_words_do_not_depend_on_where_one_starts() -> None:
    words = signflip.philox(KEY, 0, 40)

    assert signflip.philox(KEY, 7, 9).tolist() == words[7:16].tolist()
