"""Stretches of arithmetic progressions, from which series are put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitegen.read.points.groups import Stretch

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
