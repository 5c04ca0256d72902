"""What may be logged, and what is said of what may not."""

from __future__ import annotations

import dataclasses
import enum
import math
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.sdk.faults import LogTypeError, LogValueError
from sitegen.sdk.values import json_object, name_of, number, plain, tags, time_us, whole


class Tensor:
    """A stand-in for a scalar of torch: `item()` and nothing of NumPy."""

    def __init__(self, value: object) -> None:
        self.value = value

    def item(self) -> object:
        if isinstance(self.value, list):
            raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")
        return self.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1), (0.5, 0.5), (True, 1), (np.float32(0.5), 0.5), (np.float64(0.5), 0.5),
        (np.int64(7), 7), (np.bool_(True), 1), (np.array(3.0), 3.0), (np.array([3.0]), 3.0),
        (Decimal("0.5"), 0.5), (Fraction(1, 2), 0.5), (Tensor(0.25), 0.25), (10**30, 1e30),
        (math.inf, math.inf),
    ],
)  # fmt: skip
def test_numbers_of_any_library_are_numbers(value: object, expected: float) -> None:
    found = number("loss", value)

    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(
    "value", ["0.3", None, b"1", 1j, [1.0], {"a": 1}, np.zeros(2), Tensor([1, 2]), float, object()]
)
def test_what_is_no_number_is_told_with_its_key_and_what_is_accepted(value: object) -> None:
    with pytest.raises(LogTypeError, match=r"“train/loss”: .* is not a number: int, float, bool"):
        number("train/loss", value)


def test_a_type_error_is_one_of_pythons_own() -> None:
    with pytest.raises(TypeError):
        number("loss", "0.3")


def test_a_number_beyond_a_double_is_refused() -> None:
    with pytest.raises(LogValueError, match=r"“loss”.*beyond"):
        number("loss", 10**400)


@pytest.mark.parametrize("value", [0.5, math.nan, "3", None])
def test_a_step_is_a_whole_number(value: object) -> None:
    with pytest.raises(LogTypeError, match="step"):
        whole("step", value)


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Config:
    lr: float
    colour: Colour


def test_params_are_json_whatever_holds_them() -> None:
    params = {
        "config": Config(lr=math.nan, colour=Colour.RED), "path": PurePosixPath("a/b"), 3: (1, 2),
        "array": np.array([[1, 2]]), "scalar": np.float32(0.5), "set": {"b", "a"},
        "at": datetime(2026, 11, 21, tzinfo=UTC), "huge": 2**70,
    }  # fmt: skip

    assert json_object("params", params) == {
        "config": {"lr": "NaN", "colour": "red"}, "path": "a/b", "3": [1, 2],
        "array": [[1, 2]], "scalar": 0.5, "set": ["a", "b"],
        "at": "2026-11-21T00:00:00+00:00", "huge": str(2**70),
    }  # fmt: skip


def test_a_param_that_is_no_json_is_told_with_its_whole_path() -> None:
    with pytest.raises(LogTypeError, match=r"“optimizer\.layers\[1\]\.f”: a function"):
        json_object("params", {"optimizer": {"layers": [1, {"f": lambda: None}]}})


def test_what_contains_itself_is_refused() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless

    with pytest.raises(LogValueError, match="nested"):
        plain("params", endless)


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
))  # fmt: skip
def test_any_plain_value_becomes_json_that_strict_readers_take(value: object) -> None:
    encoded = msgspec.json.encode(plain("value", value))

    assert b"\xed\xa0" not in encoded
    msgspec.json.decode(encoded)


def test_times_are_datetimes_or_seconds() -> None:
    moment = datetime(2026, 11, 21, 12, tzinfo=UTC)

    assert time_us("time", moment) == time_us("time", moment.timestamp()) == 1795262400000000


def test_tags_are_strings_each_once() -> None:
    assert tags(["a", "b", "a"]) == ("a", "b")
    with pytest.raises(LogTypeError, match=r"list of strings, got 'ab' \(str\)"):
        tags("ab")


@pytest.mark.parametrize("name", ["", " \n", 3, None])
def test_a_name_is_a_string_that_can_be_seen(name: object) -> None:
    with pytest.raises((LogTypeError, LogValueError), match="the name of a metric"):
        name_of("a metric", name)
