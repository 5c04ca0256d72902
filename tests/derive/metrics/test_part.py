"""Summaries count every point, and no bucket loses an extreme, a fault or an end."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sitegen.bundle.limits import Limits
from sitegen.derive.anchors import content_digest
from sitegen.derive.codec import decode_column
from sitegen.derive.metrics.facts import MetricFacts, summary_metric
from sitegen.derive.metrics.part import MetricsFacts, derive_metrics
from sitegen.derive.metrics.series_files import EXACT_POINTS
from sitegen.derive.metrics.tally import OVERVIEW_POINTS, bucket_indexes
from sitegen.model import Alert, Series
from tests.factories import MemorySink, Reports, in_blocks, series


def derive(
    *many: Series, late: Mapping[str, int] = {}, limits: Limits | None = None, **more: Any
) -> tuple[MetricsFacts, MemorySink]:
    sink = MemorySink()
    given = [in_blocks(one, out_of_order=late.get(one.name, 0)) for one in many]
    facts = derive_metrics(
        given, points=sum(one.count for one in given), sink=sink, limits=limits or Limits(),
        report=Reports(), **more,
    )  # fmt: skip
    encoded = msgspec.msgpack.encode(facts)
    assert repr(msgspec.msgpack.decode(encoded, type=MetricsFacts)) == repr(facts)
    return facts, sink


def only(one: Series, **more: Any) -> MetricFacts:
    return derive(one, **more)[0].metrics[0]


VALUES = arrays(
    np.float64,
    st.integers(1, 300),
    elements=st.floats(width=64) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0]),
)


@given(VALUES, st.integers(5, 60))
def test_buckets_keep_both_ends_all_extremes_and_a_fault(values: np.ndarray, most: int) -> None:
    chosen = bucket_indexes(values, most).tolist()

    assert chosen == sorted(set(chosen))
    assert len(chosen) <= max(most, 5)
    assert chosen[0] == 0
    assert chosen[-1] == len(values) - 1
    kept, finite = values[chosen], values[np.isfinite(values)]
    if len(finite):
        kept_finite = kept[np.isfinite(kept)]
        assert kept_finite.min() == finite.min()
        assert kept_finite.max() == finite.max()
    assert np.isfinite(kept).all() == np.isfinite(values).all()
    if len(values) <= most:
        assert len(chosen) == len(values)


@given(VALUES)
def test_the_first_point_that_is_no_number_is_always_kept(values: np.ndarray) -> None:
    chosen = bucket_indexes(values, 20)

    faults = np.flatnonzero(~np.isfinite(values))
    assert len(faults) == 0 or faults[0] in chosen


def test_a_summary_counts_every_point() -> None:
    fact = only(
        series(
            "loss", [3.0, math.nan, 1.0, math.inf, 2.0], steps=[-1, 0, 0, 5, 7],
            times_us=[50, None, 20, 30, 40],
        ),
        late={"loss": 2},
    )  # fmt: skip

    assert (fact.count, fact.first, fact.last) == (5, 3.0, 2.0)
    assert (fact.min, fact.min_step, fact.max, fact.max_step) == (1.0, 0, 3.0, -1)
    assert fact.mean == 2.0
    assert (fact.first_step, fact.last_step) == (-1, 7)
    assert (fact.first_time_us, fact.last_time_us) == (20, 50)
    assert (fact.nan_count, fact.infinite_count, fact.non_finite) == (1, 1, 2)
    assert fact.first_non_finite_step == 0
    assert (fact.duplicate_steps, fact.out_of_order) == (1, 2)


def test_the_first_of_equal_extremes_names_the_step() -> None:
    fact = only(series("a", [1.0, 0.0, 0.0, 1.0], steps=[1, 2, 3, 4]))

    assert (fact.min_step, fact.max_step) == (2, 1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_series_without_a_number_has_no_extremes(value: float) -> None:
    fact = only(series("a", [value, value]))

    assert (fact.min, fact.max, fact.mean, fact.min_step) == (None, None, None, None)
    assert repr(fact.last) == repr(value)
    assert fact.non_finite == 2


def test_one_point_is_a_series() -> None:
    fact = only(series("a", [0.0]))

    assert (fact.count, fact.first, fact.last, fact.min, fact.max, fact.mean) == (
        1, 0.0, 0.0, 0.0, 0.0, 0.0
    )  # fmt: skip
    assert fact.overview.values == (0.0,)


def test_huge_values_give_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fact = only(series("a", [1.7e308, 1.7e308, -1.7e308]))

    assert (fact.min, fact.max) == (-1.7e308, 1.7e308)


def test_a_short_series_is_published_as_it_was_logged() -> None:
    values = [math.sin(at) for at in range(EXACT_POINTS)]
    one = series("a", values, times_us=list(range(EXACT_POINTS)))

    facts, sink = derive(one)

    assert facts.metrics[0].shown_count == EXACT_POINTS
    assert facts.metrics[0].is_exact
    column = sink.payloads[facts.metrics[0].data_name]["series"]["a"]
    assert column["bucketed"] is False
    assert decode_column(column["value"]).tolist() == values
    assert decode_column(column["step"]).tolist() == list(range(EXACT_POINTS))
    assert decode_column(column["time_us"]).tolist() == list(range(EXACT_POINTS))


def test_the_overview_is_short_and_keeps_the_extremes() -> None:
    values = [0.0] * 5000
    values[2345] = -9.0

    overview = only(series("a", values)).overview

    assert len(overview.values) <= OVERVIEW_POINTS
    assert len(overview.steps) == len(overview.values)
    assert overview.steps[overview.values.index(-9.0)] == 2345


def test_many_short_series_share_a_data_file() -> None:
    facts, sink = derive(*(series(f"m{at:03}", [1.0, 2.0]) for at in range(300)))

    assert len(facts.files) == len(sink.payloads) < 5
    assert facts.points == 600
    for fact in facts.metrics:
        assert fact.name in sink.payloads[fact.data_name]["series"]


def test_no_metric_at_all_is_a_part_without_facts() -> None:
    facts, sink = derive()

    assert (facts.metrics, facts.points, facts.last_time_us, facts.files) == ((), 0, None, ())
    assert sink.payloads == {}


def test_the_latest_time_is_that_of_any_metric() -> None:
    facts, _ = derive(
        series("a", [1.0], times_us=[5]), series("b", [1.0], times_us=[9]), series("c", [1.0])
    )

    assert facts.last_time_us == 9


def test_annotated_steps_get_an_anchor_over_their_values_in_order() -> None:
    one = series("a", [1.0, 2.0, 3.0, math.nan], steps=[0, 4, 4, 5])

    facts, _ = derive(one, annotated_steps={"a": (4, 5, 99), "other": (0,)})

    assert sorted(facts.anchors) == ["metric:a/4", "metric:a/5"]
    assert facts.anchors["metric:a/4"].digest == content_digest([2.0, 3.0])
    assert facts.anchors["metric:a/4"].label == "metric a at step 4"


def test_alerts_see_every_point_of_a_long_series() -> None:
    values = [0.0] * 50_000
    values[31_337] = 5.0

    facts, _ = derive(series("a", values), alerts=(Alert(condition="a > 4"),))

    assert [(one.count, one.first_step) for one in facts.alerts] == [(1, 31_337)]


def test_a_summary_without_a_series_is_a_metric_without_points() -> None:
    fact = summary_metric("acc", math.inf)

    assert (fact.name, fact.count, fact.last, fact.min) == ("acc", 0, math.inf, None)
    assert fact.non_finite == 0


@given(st.lists(st.floats(width=64), min_size=1, max_size=50))
def test_any_values_have_facts(values: list[float]) -> None:
    facts, sink = derive(series("a", values))

    finite = [value for value in values if math.isfinite(value)]
    fact = facts.metrics[0]
    assert fact.count == len(values)
    assert fact.min == min(finite, default=None)
    assert fact.max == max(finite, default=None)
    shown = decode_column(sink.payloads["metrics-0"]["series"]["a"]["value"])
    assert [repr(float(one)) for one in shown] == [repr(one) for one in values] or 0.0 in finite
