"""Payloads of spans: the order of attributes, events by the hundred thousand."""

from __future__ import annotations

from sitegen.derive.traces.files import LongTexts, attribute_pairs
from tests.factories import MemorySink


def order_of(*keys: str) -> list[str]:
    return [key for key, _ in attribute_pairs(dict.fromkeys(keys, 1), LongTexts(MemorySink(), "t"))]


def test_numbers_inside_keys_are_sorted_by_their_value_and_before_letters() -> None:
    assert order_of("m.10.a", "m.9.b", "m.x", "m", "m.9.a", "2", "10", "m.٣") == [
        "2", "10", "m", "m.٣", "m.9.a", "m.9.b", "m.10.a", "m.x",
    ]  # fmt: skip


def test_the_order_does_not_depend_on_that_in_the_file() -> None:
    keys = ["m.01", "m.1", "m.001", f"m.{'1' * 30}", f"m.{'1' * 29}2"]

    assert order_of(*keys) == order_of(*reversed(keys))


def test_spans_of_very_many_attributes_have_the_same_order() -> None:
    keys = [f"m.{number}" for number in range(500, -1, -1)]

    assert order_of(*keys) == [f"m.{number}" for number in range(501)]
