"""JSON of spans: exact numbers, and texts that UTF-8 can hold."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.traces.encoding import encoded, exact

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_exact_is_read_as_it_was_written(value: Any) -> None:
    made = exact(value)

    assert made == json.loads(encoded(made))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(math.nan, b'"NaN"'), (-math.inf, b'"-Infinity"'), (2**53 + 1, b'"9007199254740993"'),
     (2**80, b'"1208925819614629174706176"'), ("a\ud800b", '"a\ufffdb"'.encode()),
     ({"b": 1, "a": True}, b'{"a":true,"b":1}')],
)  # fmt: skip
def test_what_a_browser_would_lose_is_text(value: Any, expected: bytes) -> None:
    assert expected == encoded(exact(value))
