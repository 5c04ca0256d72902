"""Any points in any order come out as one stable sort by (metric, step) would give them."""

from __future__ import annotations

from tempfile import TemporaryFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.model import NO_TIME
from sitegen.read.points import step_order
from sitegen.read.points import store as point_store
from sitegen.read.points.groups import Ramps, Rows, grouped, ramps_or, small_codes
from sitegen.read.points.store import PointStore
from tests.factories import Reports, whole

NAMES = ("loss", "acc", "kl")


def rows(codes, steps, times=None):
    return Rows(
        codes=small_codes(np.array(codes), len(NAMES)),
        steps=np.array(steps, dtype=np.int64),
        times_us=None if times is None else np.array(times, dtype=np.int64),
        values=np.arange(len(codes), dtype=np.float64),
    )


def store_of(many, open_scratch=TemporaryFile):
    store = PointStore(Limits(), Reports(), open_scratch)
    ids = np.array([store.number_of(name, "metrics.parquet") for name in NAMES], dtype=np.int32)
    offset = 0
    for one in many:
        shifted = Rows(
            codes=one.codes, steps=one.steps, times_us=one.times_us, values=one.values + offset
        )
        offset += len(one.codes)
        for batch in grouped(shifted, ids):
            store.add(batch)
    return store


def expected(many):
    """(step, value) by metric, by a plain sort; values are numbered in file order."""
    codes = np.concatenate([one.codes for one in many])
    steps = np.concatenate([one.steps for one in many])
    points = sorted(zip(codes.tolist(), steps.tolist(), range(len(codes)), strict=True))
    found = {}
    for code, step, value in points:
        found.setdefault(NAMES[code], []).append((step, float(value)))
    return found


def given_by(store):
    found = {}
    for one in store.series():
        series = whole(one)
        found[one.name] = list(zip(series.steps.tolist(), series.values.tolist(), strict=True))
    return found


STEPS = st.integers(-5, 5) | st.integers(-(2**62), 2**62)
ROWS = st.lists(
    st.lists(st.tuples(st.integers(0, 2), STEPS), min_size=1, max_size=60), min_size=1, max_size=5
)


@given(ROWS)
def test_points_come_by_metric_step_and_file_order(many):
    batches = [rows(*zip(*one, strict=True)) for one in many]

    assert given_by(store_of(batches)) == expected(batches)


@given(st.integers(1, 3), st.integers(1, 50), st.integers(0, 3), st.integers(-3, 3))
def test_metrics_that_take_turns_are_grouped_as_any_others(period, count, extra, stride):
    number = np.arange(period * count + extra)
    one = rows(number % period, number // period * stride, number // period * 1_000)

    assert given_by(store_of([one, one])) == expected([one, one])


@pytest.mark.parametrize("is_stored", [False, True])
@pytest.mark.parametrize("order", ["ascending", "descending", "shuffled", "all equal"])
def test_a_long_series_is_ordered_by_parts(monkeypatch, order, is_stored) -> None:
    monkeypatch.setattr(step_order, "_RUN_BLOCKS", 1)
    monkeypatch.setattr(step_order, "_MERGED_POINTS", 10_000)
    if is_stored:
        monkeypatch.setattr(point_store, "_BUDGET_BYTES", 100_000)
    count = 500_000
    steps = {
        "ascending": np.arange(count) // 3,
        "descending": np.arange(count)[::-1] // 3,
        "shuffled": np.random.default_rng(0).integers(0, 1_000, count),
        "all equal": np.zeros(count, dtype=np.int64),
    }[order]
    many = [rows(np.arange(len(part)) % 2, part) for part in np.array_split(steps, 4)]
    opened = []

    def open_scratch():
        opened.append(TemporaryFile())  # noqa: SIM115  # the store closes it
        return opened[-1]

    store = store_of(many, open_scratch)

    assert given_by(store) == expected(many)
    assert bool(opened) == (is_stored or order in {"descending", "shuffled"})
    store.close()
    assert all(file.closed for file in opened)


def test_points_after_a_later_step_are_counted() -> None:
    store = store_of([rows([0] * 5, [3, 1, 2, 3, 4]), rows([0, 1], [0, 9])])

    assert [one.out_of_order for one in store.series()] == [0, 3]


def test_a_metric_without_any_time_has_none(monkeypatch) -> None:
    store = store_of([rows([0, 1, 0], [0, 0, 1], [NO_TIME, 7, NO_TIME]), rows([1], [1])])

    acc, loss = (whole(one) for one in store.series())

    assert acc.times_us.tolist() == [7, NO_TIME]
    assert loss.times_us is None


def test_progressions_are_kept_as_two_numbers_and_nothing_else_is() -> None:
    edges = np.array([0, 3, 4, 7])

    found = ramps_or(np.array([1, 3, 5, 9, 2, 2, 2]), edges)

    assert isinstance(found, Ramps)
    assert found.strides.tolist() == [2, 0, 0]
    for column in ([1, 3, 6, 9, 2, 2, 2], [1, 9, 5, 9, 2, 2, 2], [-(2**63)] * 7):
        assert isinstance(ramps_or(np.array(column), edges), np.ndarray)
