"""Digests are over RFC 8785 JSON, so that any other tool can make the same ones."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive import anchors as module
from sitegen.derive.anchors import canonical_json, content_digest


def digest_of(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


# RFC 8785, Appendix B: IEEE 754 bits and the text that ECMAScript writes
NUMBERS = [
    ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"), ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"), ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"), ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"), ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"), ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"), ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"), ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"), ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]  # fmt: skip


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_the_number_vectors_of_the_standard(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))

    assert content_digest(number) == digest_of(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"), (True, "true"), (False, "false"), (0, "0"), (-0.0, "0"), (1, "1"),
        (1.0, "1"),
        (-7, "-7"), (2**53, "9007199254740992"), (2**53 + 1, '"9007199254740993"'),
        (-(2**63), '"-9223372036854775808"'), (1.5, "1.5"), (100, "100"), (1e-7, "1e-7"),
        (123456789.0, "123456789"), (0.001, "0.001"), (1e20, "100000000000000000000"),
        (math.nan, '"NaN"'), (math.inf, '"Infinity"'), (-math.inf, '"-Infinity"'),
        ("", '""'), ("a", '"a"'), ([], "[]"), ((), "[]"), ({}, "{}"), ([1, [2]], "[1,[2]]"),
        ({"b": 1, "a": [True, None]}, '{"a":[true,null],"b":1}'),
    ],
)  # fmt: skip
def test_values_have_one_form(value: Any, text: str) -> None:
    assert content_digest(value) == digest_of(text)


def test_keys_are_sorted_by_utf_16_code_units_as_in_the_standard() -> None:
    """RFC 8785, 3.2.3: by code points the emoji would come last."""
    value = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    text = ",".join(
        f"{json.dumps(key, ensure_ascii=False)}:{json.dumps(value[key])}" for key in order
    )

    assert content_digest(value) == digest_of(f"{{{text}}}")


def test_strings_are_escaped_as_in_the_standard() -> None:
    """RFC 8785, 3.2.2.2."""
    value = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/\b\t\f\r\x7f\u2028"

    assert content_digest(value) == digest_of(
        '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\x7f\u2028"'
    )


def test_lone_surrogates_have_a_digest() -> None:
    assert content_digest({"\ud800": "\udfff"}).startswith("sha256:")


def test_only_json_has_a_digest() -> None:
    with pytest.raises(TypeError):
        content_digest({"a": {1, 2}})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_form_of_a_number_reads_back_as_the_number(number: float) -> None:
    from sitegen.derive.anchors import _ecmascript_number

    assert float(_ecmascript_number(number)) == number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_has_a_digest_whatever_the_order_of_its_keys(value: Any) -> None:
    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(part)}
        return [turned(one) for one in part] if isinstance(part, list) else part

    digest = content_digest(value)

    assert len(digest) == len("sha256:") + 32
    assert content_digest(turned(value)) == digest


@given(JSON)
def test_the_fast_way_writes_the_same_canonical_json(value: Any) -> None:
    assert module._canonical(value).encode("utf-8", "replace") == canonical_json(value)
