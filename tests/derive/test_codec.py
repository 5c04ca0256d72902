"""Encoded columns give back every value; the forms are chosen as the module says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sitegen.derive.codec import (
    decode_column,
    encode_float_list,
    encode_floats,
    encode_int_list,
    encode_ints,
)

LENGTHS = st.sampled_from([0, 1, 2, 3, 63, 64, 65, 300])
INTS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-1000, 1000),
    st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**31, 2**32, -(2**63), 2**63 - 1]),
)


def through_json(column):
    return decode_column(json.loads(json.dumps(column, allow_nan=False)))


@given(LENGTHS.flatmap(lambda n: arrays(np.int64, n, elements=INTS)))
def test_integers_come_back_exactly(values):
    decoded = through_json(encode_ints(values))

    assert decoded.tolist() == values.tolist()


@given(LENGTHS.flatmap(lambda n: arrays(np.float64, n, elements=st.floats(width=64))))
def test_floats_come_back_with_nan_infinities_and_the_sign_of_zero(values):
    decoded = through_json(encode_floats(values)).astype(np.float64)

    assert [repr(value) for value in decoded.tolist()] == [repr(v) for v in values.tolist()]


@given(LENGTHS.flatmap(lambda n: arrays(np.int64, n, elements=st.integers(-(2**40), 2**40))))
def test_sorted_and_descending_steps_come_back_exactly(values):
    ascending = np.sort(values)
    descending = ascending[::-1].copy()

    assert through_json(encode_ints(ascending)).tolist() == ascending.tolist()
    assert through_json(encode_ints(descending)).tolist() == descending.tolist()


@given(
    start=st.integers(-(2**40), 2**40),
    step=st.integers(-1000, 1000),
    count=st.integers(3, 500),
)
def test_an_arithmetic_progression_is_stored_as_start_and_step(start, step, count):
    values = np.array([start + step * index for index in range(count)], dtype=np.int64)

    column = encode_ints(values)

    assert column == {"k": "range", "start": start, "step": step, "n": count}


def test_differences_that_wrap_around_are_no_progression():
    # Each difference is 2^62 modulo 2^64, but the values are not in a line.
    values = np.array([-(2**63), -(2**62), 0, 2**62, -(2**63)], dtype=np.int64)

    assert encode_ints(values)["k"] == "json"
    assert through_json(encode_ints(values)).tolist() == values.tolist()


@pytest.mark.parametrize(("count", "form"), [(63, "json"), (64, "f64")])
def test_fewer_than_64_values_are_json(count, form):
    assert encode_floats(np.linspace(0, 1, count))["k"] == form


def test_wall_times_a_second_apart_take_four_bytes_each():
    times = 1_763_000_000_000_000 + np.cumsum(np.arange(100) % 7 + 10**6)

    column = encode_ints(times)

    assert (column["k"], column["w"], column["start"]) == ("int", 4, 1_763_000_001_000_000)
    assert through_json(column).tolist() == times.tolist()


def test_first_values_beyond_2_to_the_53_are_text():
    values = np.arange(64, dtype=np.int64) ** 2 + 2**60

    assert encode_ints(values)["start"] == str(2**60)


def test_noise_is_no_larger_and_regular_values_are_much_smaller_than_raw_bytes():
    noise = np.random.default_rng(0).normal(size=4096)
    regular = np.arange(4096) % 50 / 10

    assert len(encode_floats(noise)["b"]) < 4096 * 8 * 4 / 3
    assert len(encode_floats(regular)["b"]) < 4096


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="unknown form"):
        decode_column({"k": "delta"})


INT64 = st.integers(-(2**63), 2**63 - 1)
COUNTS = [0, 1, 2, 3, 63, 64, 65, 1_000, 4_095, 4_096, 16_384, 16_385]


@given(st.lists(INT64 | st.integers(-9, 9), max_size=130))
def test_a_list_of_integers_gives_the_column_of_the_array(values):
    assert encode_int_list(values) == encode_ints(np.array(values, dtype=np.int64))


@given(st.lists(st.floats(), max_size=130))
def test_a_list_of_floats_gives_the_column_of_the_array(values):
    assert encode_float_list(values) == encode_floats(np.array(values, dtype=np.float64))


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("step", [0, 1, 7, 2**40])
def test_longer_lists_give_the_columns_of_the_arrays(count, step):
    rising = [index * step - (index % 97 == 5) for index in range(count)]
    regular = [step * index for index in range(count)]
    noise = np.random.default_rng(count).standard_normal(count)

    for values in (rising, regular):
        assert encode_int_list(values) == encode_ints(np.array(values, dtype=np.int64))
    assert encode_float_list(noise.tolist()) == encode_floats(noise)
    assert encode_float_list(regular) == encode_floats(np.array(regular, dtype=np.float64))
