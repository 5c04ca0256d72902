"""Looking for many known keys in the attributes of a span."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.llm.attributes import Attributes
from sitegen.derive.llm.flattened import MOST_MEMBERS, unflattened

KEYS = ("a", "b", "a.b", "a.c", "n")


def test_keys_are_found_in_the_order_in_which_they_are_wanted() -> None:
    attributes = Attributes({"a.c": 1, "b": "x", "a": "y"})

    assert attributes.among(("n", "a", "b")) == ("a", "b")
    assert attributes.among("a.") == ("a.c",)
    assert attributes.text(("n", "b", "a")) == "x"


def test_texts_that_are_empty_or_no_texts_are_passed_over() -> None:
    assert Attributes({"a": '""', "b": 7, "n": '"x"'}).text(KEYS) == "x"
    assert Attributes({"a": "", "b": None}).text(KEYS) is None


@given(st.dictionaries(st.sampled_from(KEYS), st.text()), st.lists(st.sampled_from(KEYS)))
def test_spans_with_the_same_keys_keep_their_own_values(
    values: dict[str, str], wanted: list[str]
) -> None:
    keys = tuple(wanted)

    assert Attributes(values).among(keys) == tuple(key for key in keys if key in values)
    assert set(Attributes(values).among("a")) == {key for key in values if key.startswith("a")}
    assert Attributes(values).values is values


def test_a_span_of_many_keys_is_looked_through_all_the_same() -> None:
    attributes = Attributes({f"key.{number}": number for number in range(100_000)})

    assert len(attributes.among("key.")) == 100_000
    assert attributes.among(("key.7", "n")) == ("key.7",)


def test_of_a_long_list_the_first_members_are_read_whatever_their_order() -> None:
    numbers = range(2 * MOST_MEMBERS - 1, -1, -1)
    found = unflattened(Attributes({f"m.{number}.text": number for number in numbers}), "m.")

    assert found == [{"text": number} for number in range(MOST_MEMBERS)]


def test_many_keys_that_are_no_list_are_none() -> None:
    values = {f"m.{number}.text": number for number in range(2 * MOST_MEMBERS)}

    assert unflattened(Attributes(values | {"m.x": 1}), "m.") == []
