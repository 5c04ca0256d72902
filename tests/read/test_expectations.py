from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sitegen.bundle import schema
from sitegen.read.expectations import Mismatch, found_text, mismatch


def fault_of(value: Any, kind: Any) -> Mismatch:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, kind, strict=True)
    return mismatch(caught.value, value, kind)


@pytest.mark.parametrize(
    ("value", "kind", "path", "message"),
    [
        (3, str, (), "expected a string, got 3"),
        ({"a": {"goal": 3}}, dict[str, schema.MetricEntry], ("a", "goal"),
         "expected one of maximize, minimize, got 3"),
        ({"a": {"goal": "minimize"}, "b.c": {"goal": None}, "d": {"unit": 1}},
         dict[str, schema.MetricEntry], ("d", "unit"), "expected a string, got 1"),
        ({"limits": {"a": 1, "b": "x", "c": 2}}, schema.SettingsFile, ("limits", "b"),
         "expected an integer from 0, got “x”"),
        ([{"name": "a"}, {"name": "b", "tags": ["x", None]}], list[schema.ModelEntry],
         (1, "tags", 1), "expected a string, got null"),
        ({"id": []}, schema.SampleLine, ("id",), "expected a string or an integer, got a list"),
    ],
)  # fmt: skip
def test_the_fault_is_found_and_said(
    value: Any, kind: Any, path: tuple[str | int, ...], message: str
) -> None:
    fault = fault_of(value, kind)

    assert (fault.path, fault.message) == (path, message)


def test_a_missing_member_is_named() -> None:
    assert fault_of({"title": "x"}, schema.LinkEntry).message == "“url” is missing"


def test_the_nearest_word_is_named() -> None:
    assert fault_of({"goal": "minimise"}, schema.MetricEntry).nearest == "minimize"
    assert fault_of({"goal": "x"}, schema.MetricEntry).nearest is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "“x”"), ("y" * 100, f"“{'y' * 80}…”"), (1, "1"), (1.5, "1.5"), (True, "true"),
        (None, "null"), ([], "a list"), ({}, "an object"), (float("nan"), "NaN"),
        (10**100, f"{str(10**100)[:80]}…"),
    ],
)  # fmt: skip
def test_a_value_is_named_as_it_stands(value: Any, text: str) -> None:
    assert found_text(value) == text
