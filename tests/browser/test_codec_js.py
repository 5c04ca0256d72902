"""codec.js and smoothing.js give the numbers that Python gives, bit for bit."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from sitegen.derive.codec import encode_floats, encode_ints

WritePage = Callable[..., str]

# The bits of each value: a NaN or a -0 would not survive the way out of the page as a number.
DECODE = """
async (columns) => {
  const decoded = await Promise.all(columns.map((column) => sitegen.codec.decode(column)));
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  const bits = (values) => {
    const numbers = Float64Array.from(values, (value) => (Object.is(value, NaN) ? NaN : value));
    return [...new Uint8Array(numbers.buffer)].map(hex).join("");
  };
  return decoded.map(bits);
}
"""

RANDOM = np.random.default_rng(7)
INTS = {
    "empty": [],
    "one": [5],
    "range": range(10, 5000, 7),
    "descending": range(100, -100, -1),
    "short": [3, -1, 2**53, -(2**53)],
    "steps": np.cumsum(RANDOM.integers(0, 9, 500)),
    "negative": RANDOM.integers(-1000, 0, 500),
    "wall times": 1_763_000_000_000_000 + np.cumsum(RANDOM.integers(0, 10**7, 500)),
    "wide": RANDOM.integers(-(2**63), 2**63 - 1, 200),
    "beyond exact": 2**60 + RANDOM.integers(0, 2**20, 200),
    "missing times": [-(2**63), *range(0, 600, 3), -(2**63)],
}
FLOATS = {
    "empty": [],
    "short with faults": [0.1, math.nan, math.inf, -math.inf, -0.0, 5e-324],
    "noise": RANDOM.normal(size=1000),
    "regular": np.arange(1000) % 7 / 4,
    "float32": RANDOM.normal(size=1000).astype(np.float32),
    "faults": np.where(RANDOM.random(1000) < 0.1, np.inf, -np.inf),
    "nan": np.full(100, np.nan),
    "extremes": [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -0.0] * 30,
}


def bits(values):
    return struct.pack(f"<{len(values)}d", *values).hex()


@pytest.mark.parametrize("name", INTS)
def test_integers_are_read_as_the_nearest_doubles(
    page: Page, write_page: WritePage, name: str
) -> None:
    values = np.array(INTS[name], dtype=np.int64)
    page.goto(write_page("", scripts=("codec",)))

    (decoded,) = page.evaluate(DECODE, [encode_ints(values)])

    assert decoded == bits([float(value) for value in values.tolist()])


@pytest.mark.parametrize("name", FLOATS)
def test_floats_are_read_bit_for_bit(page: Page, write_page: WritePage, name: str) -> None:
    values = np.array(FLOATS[name], dtype=np.float64)
    page.goto(write_page("", scripts=("codec",)))

    (decoded,) = page.evaluate(DECODE, [encode_floats(values)])

    assert decoded == bits(values.tolist())


def test_an_unknown_form_is_an_error_that_names_it(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=("codec",)))

    message = page.evaluate(
        "() => sitegen.codec.decode({ k: 'constructor' }).catch((error) => error.message)"
    )

    assert message == 'unknown form of column "constructor"'


def tensorboard_smoothing(values, weight):
    """The formula of TensorBoard's classicSmoothing, written again from its definition."""
    finite = [value for value in values if math.isfinite(value)]
    if len(finite) == len(values) and len(set(values)) == 1:
        return values
    smoothed, seen = [], []
    for value in values:
        if not math.isfinite(value):
            smoothed.append(value)
            continue
        seen.append(value)
        weights = [(1 - weight) * weight**age for age in reversed(range(len(seen)))]
        total = math.fsum(w * x for w, x in zip(weights, seen, strict=True))
        smoothed.append(total / (1 - weight ** len(seen)))
    return smoothed


@pytest.mark.parametrize("weight", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    "values",
    [
        RANDOM.normal(size=300).tolist(),
        [1.0, math.nan, 2.0, math.inf, 3.0, -math.inf, 4.0],
        [0.1] * 50,
        [math.nan] * 3,
        [],
    ],
)
def test_smoothing_is_tensorboards_and_keeps_faults_in_their_places(
    page: Page, write_page: WritePage, values: list[float], weight: float
) -> None:
    page.goto(write_page("", scripts=("smoothing",)))

    smoothed = page.evaluate(
        "([values, weight]) => [...sitegen.smoothing.ema(values, weight)]", [values, weight]
    )

    assert smoothed == pytest.approx(tensorboard_smoothing(values, weight), rel=1e-12, nan_ok=True)
