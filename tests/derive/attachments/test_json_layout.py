from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.attachments.json_layout import lay_out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "{}"),
        ('{"a":1}', '{\n  "a": 1\n}'),
        ('{"a":[1,2.50,1e-5],"b":{}}', '{\n  "a": [1, 2.50, 1e-5],\n  "b": {}\n}'),
        ('[{"a":null}]', '[\n  {\n    "a": null\n  }\n]'),
        ('{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'),
        ('"a, {b}: \\" c"', '"a, {b}: \\" c"'),
    ],
)
def test_json_is_laid_out_without_changing_a_token(text: str, expected: str) -> None:
    assert lay_out(text) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_the_value_stays_the_same(value: object) -> None:
    assert json.loads(lay_out(json.dumps(value))) == value
