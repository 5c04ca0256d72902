from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.pages.figures import (
    best_so_far,
    curve_paths,
    decimal,
    paths_of,
    places_of,
    spark,
    status_bar,
    status_counts,
    whisker,
)
from sitegen.pages.parts import Point

NUMBER = r"-?\d+(\.\d)?"
PATH = re.compile(rf"M{NUMBER} {NUMBER}(L{NUMBER} {NUMBER})+")
VALUES = st.lists(
    st.floats() | st.sampled_from([0.0, 1e308, -1e308, math.nan, math.inf]), min_size=1, max_size=60
)


def test_a_line_runs_from_the_left_to_the_right_and_up_is_more() -> None:
    found = spark([0.0, 1.0, 0.5], goal="maximize", label="loss", width=84, height=20)

    assert found is not None
    assert found.paths == ("M3 17L42 3L81 10",)
    assert found.mark == Point(x="42", y="3")
    assert (found.width, found.height, found.label) == (84, 20, "loss")
    assert found.non_finite == ()


@pytest.mark.parametrize(("goal", "x"), [("minimize", "3"), ("maximize", "42"), (None, "81")])
def test_the_best_value_is_marked_else_the_last(goal: str | None, x: str) -> None:
    found = spark([0.0, 1.0, 0.5], goal=goal, label="")

    assert found is not None
    assert found.mark is not None
    assert found.mark.x == x


def test_gaps_break_the_line_and_are_marked() -> None:
    found = spark([1.0, math.nan, 2.0, 3.0, math.inf], goal=None, label="")

    assert found is not None
    assert len(found.paths) == 2
    assert found.paths[0].startswith("M3 17L3 17")
    assert found.non_finite == ("22.5", "81")
    assert found.mark == Point(x="61.5", y="3")


@given(steps=st.lists(st.integers(-(2**62), 2**62), max_size=60), values=VALUES, even=st.booleans())
def test_a_curve_has_the_paths_of_its_places(steps: list[int], values: list[float], *, even: bool):
    xs = range(len(values)) if even else sorted([*steps, *range(len(values))])[: len(values)]
    if not any(map(math.isfinite, values)):
        return

    assert curve_paths(xs, values, 400, 140) == paths_of(places_of(xs, values, 400, 140))


@pytest.mark.parametrize("values", [[], [math.nan], [math.inf, -math.inf]])
def test_without_a_number_there_is_no_line(values: list[float]) -> None:
    assert spark(values, goal=None, label="") is None


def test_equal_values_lie_in_the_middle() -> None:
    found = spark([2.0, 2.0], goal=None, label="", height=20)

    assert found is not None
    assert found.paths == ("M3 10L81 10",)


@given(VALUES)
def test_every_place_lies_in_the_box(values: list[float]) -> None:
    found = spark(values, goal="minimize", label="")

    if found is None:
        assert not any(map(math.isfinite, values))
        return
    for path in found.paths:
        assert PATH.fullmatch(path), path
        for place in path.removeprefix("M").split("L"):
            x, y = map(float, place.split())
            assert 3 <= x <= 81
            assert 3 <= y <= 17
    assert len(found.non_finite) <= 20


@given(VALUES)
def test_places_stand_where_values_are_finite(values: list[float]) -> None:
    if not any(map(math.isfinite, values)):
        return

    places = places_of(range(len(values)), values, 100, 30)

    assert [place is not None for place in places] == [math.isfinite(value) for value in values]
    for place in places:
        assert place is None or (3 <= float(place.x) <= 97 and 3 <= float(place.y) <= 27)


def test_best_so_far_is_a_stair() -> None:
    found = best_so_far([3.0, 4.0, 1.0, 2.0], "minimize", width=102, height=26)

    assert found is not None
    assert found.paths == ("M3 9.7L35 9.7L67 9.7L67 23L99 23",)
    assert found.mark == Point(x="67", y="23")
    assert len(found.dots) == 4
    assert found.label == "best so far over 4 runs"


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan]])
def test_one_run_has_no_best_so_far(values: list[float]) -> None:
    assert best_so_far(values, "minimize") is None


def test_many_runs_have_a_bounded_number_of_dots() -> None:
    found = best_so_far([float(at % 13) for at in range(10_000)], "maximize")

    assert found is not None
    assert len(found.dots) <= 400


def test_statuses_are_counted_in_their_order() -> None:
    counts = {"failed": 3, "completed": 60, "running": 0, "killed": 1}

    assert [one.label for one in status_counts(counts)] == ["60 completed", "3 failed", "1 killed"]
    assert [one.status for one in status_counts(counts, leave_out="completed")] == [
        "failed",
        "killed",
    ]


def test_the_bar_is_filled_and_shows_the_smallest_part() -> None:
    bar = status_bar({"completed": 10_000, "failed": 1}, width=88)

    assert bar.label == "10000 completed, 1 failed"
    first, last = bar.segments
    assert float(last.width) >= 1.5
    assert float(last.x) + float(last.width) == pytest.approx(87, abs=0.2)
    assert first.x == "0"


def test_a_bar_of_nothing_is_empty() -> None:
    assert status_bar({}).segments == ()


@pytest.mark.parametrize(
    ("mean", "low", "high", "xs"),
    [(0.5, 0.0, 1.0, ("88", "4", "172")), (2.0, -1.0, 3.0, ("172", "4", "172"))],
)
def test_a_whisker_ends_at_the_ends_of_its_scale(
    mean: float, low: float, high: float, xs: tuple[str, str, str]
) -> None:
    found = whisker(mean, low, high, scale=(0.0, 1.0), label="x", width=176)

    assert (found.mean, found.low, found.high) == xs
    assert found.baseline is None


def test_a_scale_without_length_has_its_place_in_the_middle() -> None:
    assert whisker(1, 1, 1, scale=(1, 1), label="", baseline=1).baseline == "88"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (1.25, "1.2"), (-0.04, "-0"), (10.06, "10.1")]
)
def test_decimals(value: float, text: str) -> None:
    assert decimal(value) == text


def test_a_path_of_gaps_is_none() -> None:
    assert paths_of([None, None]) == ()
