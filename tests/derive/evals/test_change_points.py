"""Changes of level are found where they last, and not in noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.evals.change_points import change_points


def test_a_lasting_step_is_found_where_it_begins() -> None:
    values = [0.61, 0.60, 0.62, 0.61, 0.71, 0.70, 0.72, 0.71]

    assert change_points(values, [0.01] * 8) == (4,)


def test_two_steps_are_two_changes() -> None:
    values = [1.0, 1.1, 0.9, 1.0, 3.0, 3.1, 2.9, 3.0, 2.0, 2.1, 1.9, 2.0]

    assert change_points(values, [None] * 12) == (4, 8)


def test_one_run_alone_is_no_change() -> None:
    values = [0.6, 0.61, 0.6, 0.95, 0.61, 0.6, 0.6, 0.61]

    assert change_points(values, [0.02] * 8) == ()


def test_a_step_within_the_standard_errors_is_no_change() -> None:
    values = [0.60] * 5 + [0.62] * 5

    assert change_points(values, [0.03] * 10) == ()


def test_levels_without_noise_change_where_they_do() -> None:
    assert change_points([1.0, 1, 1, 2, 2, 2], [None] * 6) == (3,)
    assert change_points([1.0, 1, 1, 2, 1, 1], [None] * 6) == ()


@given(st.lists(st.floats(-1e3, 1e3), max_size=3))
def test_three_runs_show_no_change(values: list[float]) -> None:
    assert change_points(values, [None] * len(values)) == ()


def test_noise_is_rarely_cut() -> None:
    rng = np.random.default_rng(3)

    cut = sum(bool(change_points(rng.normal(size=40).tolist(), [1.0] * 40)) for _ in range(300))

    assert cut / 300 <= 0.1


@pytest.mark.parametrize("size", [4.0, 8.0])
def test_a_step_of_several_standard_errors_is_nearly_always_found(size: float) -> None:
    rng = np.random.default_rng(4)
    found = 0

    for _ in range(100):
        values = [*rng.normal(size=12), *(rng.normal(size=12) + size)]
        found += 12 in change_points(values, [1.0] * 24) or 11 in change_points(values, [1.0] * 24)

    assert found >= 90


def test_only_the_latest_thousand_runs_are_looked_at() -> None:
    values = [0.0] * 10 + [1.0] * 10 + [0.0] * 990 + [1.0] * 5

    assert change_points(values, [None] * len(values)) == (20, 1010)
