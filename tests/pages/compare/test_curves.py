"""Curves of several runs over each other, as the server draws them."""

from __future__ import annotations

import math

import pytest

from sitegen.derive.metric_cards import MetricCard
from sitegen.pages.compare.curves import HEIGHT, Curve, CurveChart, curve_chart


def metric(*values: float, steps: tuple[int, ...] | None = None) -> MetricCard:
    return MetricCard(
        name="loss", count=len(values), goal="minimize", unit=None, last=values[-1], min=None,
        max=None, best=None, best_step=None, last_step=None, non_finite=0, spark=values,
        spark_steps=steps or tuple(range(len(values))),
    )  # fmt: skip


def chart(*metrics: MetricCard | None) -> CurveChart:
    curves = [
        Curve(series=f"s{at + 1}", letter="ABCDEFGH"[at], metric=one)
        for at, one in enumerate(metrics)
    ]
    found = curve_chart("loss", "minimize", curves)
    assert found is not None
    return found


def test_runs_share_axes_with_round_marks() -> None:
    found = chart(metric(0.0, 10.0), metric(5.0, 2.0, steps=(0, 100)))

    assert [tick.text for tick in found.values] == ["0", "2.5", "5", "7.5", "10"]
    assert [tick.text for tick in found.steps] == ["0", "25", "50", "75", "100"]
    assert found.lines[0].paths == ("M52 190L55.4 14",)
    assert found.lines[1].paths[0].endswith("L392 154.8")
    assert found.label == "loss of 2 runs, steps 0 to 100: between 0 and 10"


def test_letters_of_lines_that_end_together_stand_below_each_other() -> None:
    nearly = metric(3.0, 0.0, steps=(0, 99))
    found = chart(*[metric(one, 0.0, steps=(0, 100)) for one in (1.0, 2.0)], nearly)

    places = sorted(float(line.end.y) for line in found.lines if line.end)
    assert places == [places[0], places[0] + 11, places[0] + 22]
    assert max(places) <= HEIGHT - 26 + 4


def test_a_run_that_diverged_makes_the_axis_logarithmic() -> None:
    found = chart(metric(1.0, 0.5), metric(1.0, 2.0, 1e6))

    assert [tick.text for tick in found.values] == ["1", "100", "10,000", "1\u00a0M"]
    assert found.note == "2 of 2 runs, few points of each, extremes kept; logarithmic"


def test_what_is_not_finite_is_marked_and_leaves_a_gap() -> None:
    found = chart(metric(1.0, math.nan, 2.0, math.inf), None)

    assert len(found.lines[0].paths) == 2
    assert found.lines[0].faults == ("165.3", "392")
    assert found.note.startswith("1 of 2 runs")


def test_large_values_are_short_beside_the_axis() -> None:
    found = chart(metric(-3_000_000.0, 3_000_000.0))

    texts = [tick.text for tick in found.values]
    assert (texts[0], texts[-1]) == ("\u22122\u00a0M", "2\u00a0M")


@pytest.mark.parametrize("values", [(5.0, 5.0), (-1e308, 1e308), (1e-300, 1e300)])
def test_any_range_has_places_within_the_drawing(values: tuple[float, float]) -> None:
    found = chart(metric(*values))

    places = [float(tick.at) for tick in found.values]
    assert places
    assert all(0 <= one <= HEIGHT for one in places)


@pytest.mark.parametrize("values", [(math.nan, math.inf), (1.0,)])
def test_without_two_finite_points_there_is_no_chart(values: tuple[float, ...]) -> None:
    assert (
        curve_chart("loss", None, [Curve(series="s1", letter="A", metric=metric(*values))]) is None
    )
