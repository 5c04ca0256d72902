"""Whatever is drawn of a long series, its extremes, its faults and its ends are there."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sitegen.bundle.limits import Limits
from sitegen.derive.codec import decode_column
from sitegen.derive.metrics.buckets import buckets_of, drawn_points, merged
from sitegen.derive.metrics.part import derive_metrics
from sitegen.derive.metrics.pyramid import (
    BUCKET_POINTS,
    EXACT_TILE_POINTS,
    TOP_BUCKETS,
    Ramp,
    top_size,
)
from sitegen.derive.metrics.series_files import EXACT_POINTS
from tests.factories import MemorySink, Reports, in_blocks, series

VALUES = arrays(
    np.float64,
    st.integers(1, 400),
    elements=st.floats(width=64) | st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0]),
)


@example(np.array([math.inf] + [1.797e308] * 3), 2, 2)
@given(VALUES, st.sampled_from([1, 2, 8]), st.sampled_from([1, 2, 16]))
def test_buckets_of_any_size_hold_every_extreme_fault_and_point(values, size, factor) -> None:
    times = np.arange(len(values)) * 5 + 3
    one = series("a", values, steps=np.arange(len(values)) // 3, times_us=times.tolist())

    buckets = merged(buckets_of(one, 0, size), factor)

    whole = size * factor
    assert (buckets.size, buckets.first, len(buckets)) == (whole, 0, -(-len(values) // whole))
    faults = iter(range(len(buckets.faults.at)))
    for number in range(len(buckets)):
        part = values[number * whole : (number + 1) * whole]
        at = np.flatnonzero(np.isfinite(part))
        assert buckets.finite[number] == len(at)
        assert buckets.step[number] == one.steps[number * whole]
        if len(at):
            low = number * whole + at[part[at].argmin()]
            high = number * whole + at[part[at].argmax()]
            assert (buckets.low_at[number], buckets.high_at[number]) == (low, high)
            assert repr(buckets.low[number]) == repr(values[low])
            assert repr(buckets.high[number]) == repr(values[high])
            assert buckets.low_step[number] == one.steps[low]
            assert buckets.high_time_us[number] == times[high]
            assert values[low] <= buckets.mean[number] <= values[high]
            scale = np.abs(part[at]).max()
            mean = float(sum(map(Fraction, part[at].tolist())) / len(at))  # no sum overflows
            assert buckets.mean[number] == pytest.approx(mean, rel=1e-9, abs=scale * 1e-9)
        else:
            assert math.isnan(buckets.low[number])
            assert math.isnan(buckets.mean[number])
        if len(at) < len(part):
            row, first = next(faults), np.flatnonzero(~np.isfinite(part))[0]
            assert buckets.faults.at[row] == number * whole + first
            counts = [buckets.faults.nan[row], buckets.faults.high[row], buckets.faults.low[row]]
            assert counts == [np.isnan(part).sum(), (part == np.inf).sum(), (part == -np.inf).sum()]
    assert next(faults, None) is None


@given(VALUES, st.sampled_from([4, 64]))
def test_no_downsampling_loses_an_extreme_a_fault_or_an_end(values, size) -> None:
    one = series("a", values)
    ends = [(0, 0, values[0]), (len(values) - 1, len(values) - 1, values[-1])]

    steps, drawn = drawn_points(buckets_of(one, 0, size), ends)

    assert (np.diff(steps) > 0).all()
    assert [repr(value) for value in drawn] == [repr(value) for value in values[steps]]
    assert (steps[0], steps[-1]) == (0, len(values) - 1)
    finite, shown = values[np.isfinite(values)], drawn[np.isfinite(drawn)]
    assert len(finite) == 0 or (shown.min(), shown.max()) == (finite.min(), finite.max())
    odd = np.flatnonzero(~np.isfinite(values))
    assert len(odd) == 0 or odd[0] in steps


def published(one, **more):
    sink = MemorySink()
    facts = derive_metrics(
        [in_blocks(one)], points=len(one.values), sink=sink, limits=more.get("limits", Limits()),
        report=Reports(),
    )  # fmt: skip
    return facts, sink.payloads["metrics-0"]["series"][one.name], sink.payloads


@pytest.mark.parametrize("count", [EXACT_POINTS + 1, 65_536, 65_537, 300_000, 700_001])
def test_tiles_hold_every_point_and_levels_the_same_extremes(count: int) -> None:
    random = np.random.default_rng(count)
    values = random.normal(size=count)
    steps = np.cumsum(random.integers(0, 4, count))
    one = series("loss", values, steps=steps, times_us=(steps * 7).tolist())

    facts, payload, payloads = published(one)

    exact, top = payload["exact"], payload["top"]
    tiles = [payloads[f"{exact['key']}{number}"] for number in range(len(exact["files"]))]
    assert [tile["n"] for tile in tiles[:-1]] == [EXACT_TILE_POINTS] * (len(tiles) - 1)
    for name, expected in (("value", values), ("step", steps), ("time_us", steps * 7)):
        found = np.concatenate([decode_column(tile[name]) for tile in tiles])
        np.testing.assert_array_equal(found, expected)
    assert TOP_BUCKETS // 2 < top["n"] <= TOP_BUCKETS or top["size"] == BUCKET_POINTS
    assert payload["count"] == count
    assert decode_column(top["low"]).min() == values.min()
    sizes = [level["size"] for level in payload["levels"]]
    assert sizes == sorted(sizes, reverse=True)
    assert all(4 * size <= top["size"] for size in sizes)
    for level in payload["levels"]:
        parts = [payloads[f"{level['key']}{number}"] for number in range(len(level["files"]))]
        assert sum(part["n"] for part in parts) == -(-count // level["size"])
        high = np.concatenate([decode_column(part["high"]) for part in parts])
        expected = np.maximum.reduceat(values, np.arange(0, count, level["size"]))
        np.testing.assert_array_equal(high, expected)
    assert facts.metrics[0].is_exact
    assert facts.metrics[0].overview.values[0] == values[0]
    assert max(facts.metrics[0].overview.values) == values.max()


def test_steps_and_times_that_progress_are_not_written_for_each_bucket() -> None:
    count = 300_000
    steps = 5 + 10 * np.arange(count)
    one = series("a", np.sin(steps), steps=steps, times_us=(steps * 1000).tolist())

    _, payload, payloads = published(one)

    top = payload["top"]
    assert top["steps"] == {"start": 5, "stride": 10}
    assert top["times_us"] == {"start": 5_000, "stride": 10_000}
    assert (top["low_step"], top["low_time"], top["step"], top["time_us"]) == (None,) * 4
    second = payloads[f"{payload['levels'][0]['key']}1"]
    assert second["steps"] == {"start": 5 + 10 * 4096 * 64, "stride": 10}


def test_beyond_the_limit_points_are_in_buckets_only() -> None:
    one = series("a", np.random.default_rng(0).normal(size=20_000))

    facts, payload, _ = published(one, limits=Limits(exact_points=19_999))

    assert payload["exact"] is None
    assert facts.metrics[0].is_exact is False


def test_tiles_are_named_by_the_metric_not_by_its_place_among_others() -> None:
    long, short = series("b", range(20_000)), series("a", [1.0])
    alone, among = MemorySink(), MemorySink()
    for many, sink in (([long], alone), ([short, long], among)):
        derive_metrics(
            map(in_blocks, many), points=30_000, sink=sink, limits=Limits(), report=Reports()
        )

    assert set(alone.payloads) <= set(among.payloads)


@pytest.mark.parametrize("count", [1, 64, 65_536, 65_537, 10**7, 10**9])
def test_the_first_view_has_some_hundred_buckets(count: int) -> None:
    buckets = -(-count // top_size(count))

    assert buckets <= TOP_BUCKETS
    assert buckets > TOP_BUCKETS // 2 or top_size(count) == BUCKET_POINTS


@settings(max_examples=200)
@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=30) | st.just([2**62] * 4),
    st.lists(st.integers(1, 9), max_size=5), st.booleans(),
)  # fmt: skip
def test_a_progression_is_told_however_it_is_cut(column, cuts, is_even) -> None:
    values = np.arange(len(column)) * column[0] + 7 if is_even else np.array(column)
    ramp = Ramp()
    for part in np.split(values, np.minimum(np.cumsum(cuts), len(values)).astype(int)):
        ramp.add(part)

    given_by = ramp.json
    is_exact = max(abs(value) for value in values.tolist()) <= 2**53
    is_progression = is_exact and len(set(np.diff(values).tolist())) <= 1
    assert (given_by is not None) == is_progression
    if given_by is not None:
        expected = given_by["start"] + given_by["stride"] * np.arange(len(values))
        assert expected.tolist() == values.tolist()
