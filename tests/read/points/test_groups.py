"""Stretches of arithmetic progressions, from which series are put together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sitegen.read.points.groups import Ramps, Stretch, narrowed
from sitegen.read.points.progressions import Progressions

STRETCHES = st.builds(
    Stretch, st.integers(-5, 5), st.integers(-2, 2), st.integers(min_value=1, max_value=4)
)


@given(STRETCHES, STRETCHES)
def test_stretches_that_are_made_one_have_the_values_of_both(one: Stretch, after: Stretch) -> None:
    both = one.with_next(after)

    if both is not None:
        assert both.values().tolist() == [*one.values().tolist(), *after.values().tolist()]


@given(STRETCHES, st.integers(1, 4))
def test_a_stretch_that_goes_on_is_made_one_with_the_first(one: Stretch, length: int) -> None:
    after = Stretch(one.first + one.stride * one.length, one.stride, length)

    assert one.with_next(after) == one._replace(length=one.length + length)


VALUES = st.lists(
    st.floats() | st.floats(width=32) | st.sampled_from([5e-324, 1e-40, 1e39, -0.0, 2.0**-149]),
    max_size=40,
)


@given(VALUES, st.booleans())
def test_values_are_narrowed_only_where_every_bit_is_kept(values: list[float], is_long) -> None:
    wide = np.array(values * 1_000 if is_long else values, dtype=np.float64)

    narrow = narrowed(wide)

    assert narrow.astype(np.float64).tobytes() == wide.tobytes()


def test_what_is_logged_from_32_bits_takes_half_of_the_memory() -> None:
    wide = np.arange(100_000, dtype=np.float32).astype(np.float64) / 8

    assert narrowed(wide).dtype == np.float32
    assert narrowed(np.append(wide, 0.1)).dtype == np.float64


BATCHES = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(-2, 2), st.integers(1, 3), st.booleans()),
    min_size=1, max_size=6,
)  # fmt: skip


@given(BATCHES)
def test_a_column_is_a_progression_over_its_batches_or_none_at_all(batches) -> None:
    followed, values = Progressions(), []
    for start, stride, length, goes_on in batches:
        first, step = start, stride
        if goes_on and len(values) > 1:
            step = values[1] - values[0]
            first = values[-1] + step
        part = first + step * np.arange(length)
        values += part.tolist()
        ramps = Ramps(part[:1], np.array([step if length > 1 else 0]))
        followed.add(np.array([2], dtype=np.int32), np.array([length]), ramps)

    found = followed.part(2, 0, len(values))

    is_one = len({after - before for before, after in pairwise(values)}) <= 1
    assert (found is not None) == is_one
    assert found is None or found.values().tolist() == values
