from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.derive.manifest import derive_manifest, flat_params
from tests.factories import Reports, manifest


def flat(params: dict[str, Any], limits: Limits | None = None) -> tuple[dict[str, Any], Reports]:
    reports = Reports()
    return flat_params(params, limits or Limits(), reports), reports


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {}),
        ({"lr": 0.1, "n": 0, "on": False, "none": None, "text": ""},
         {"lr": 0.1, "n": 0, "on": False, "none": None, "text": ""}),
        ({"a": {"b": {"c": 1}, "d": 2}, "e": 3}, {"a.b.c": 1, "a.d": 2, "e": 3}),
        ({"list": [1, {"x": 2}], "empty": [], "object": {}},
         {"list": [1, {"x": 2}], "empty": [], "object": {}}),
        ({"a.b": 1}, {"a.b": 1}),
        ({"": {"": 1}}, {".": 1}),
    ],
)  # fmt: skip
def test_params_are_flattened_to_their_leaves(
    params: dict[str, Any], expected: dict[str, Any]
) -> None:
    found, reports = flat(params)

    assert found == expected
    assert list(found) == list(expected)
    assert [type(value) for value in found.values()] == [type(value) for value in expected.values()]
    assert reports == []


@pytest.mark.parametrize("is_first", [True, False])
def test_a_literal_dotted_key_wins_over_a_nested_one(is_first: bool) -> None:
    literal: dict[str, Any] = {"a.b": "literal"}
    nested: dict[str, Any] = {"a": {"b": "nested"}}

    found, reports = flat(literal | nested if is_first else nested | literal)

    assert found == {"a.b": "literal"}
    assert reports.codes == ["param-collision"]
    assert "“a.b”" in reports[0].message


def test_a_dotted_key_deeper_down_is_a_literal_too() -> None:
    found, reports = flat({"x": {"a": {"b": 1}, "a.b": 2}})

    assert found == {"x.a.b": 2}
    assert reports.codes == ["param-collision"]


def test_numbers_that_json_lacks_become_their_names() -> None:
    found, _ = flat({"a": math.nan, "b": {"c": -math.inf}, "d": [math.nan, {"e": math.inf}]})

    assert found == {"a": "NaN", "b.c": "-Infinity", "d": ["NaN", {"e": "Infinity"}]}


def test_params_beyond_the_limit_are_cut_and_told_once() -> None:
    found, reports = flat({f"p{at}": at for at in range(100)}, Limits(params=10))

    assert list(found) == [f"p{at}" for at in range(10)]
    assert reports.codes == ["too-many-params"]


def test_many_collisions_are_no_flood() -> None:
    params: dict[str, Any] = {"a": {f"k{at}": 1 for at in range(1000)}}
    params |= {f"a.k{at}": 2 for at in range(1000)}

    found, reports = flat(params)

    assert set(found.values()) == {2}
    assert len(reports) <= 21


def test_the_facts_are_the_manifest_its_params_and_the_notes() -> None:
    read = manifest(params={"a": {"b": 1}})

    facts = derive_manifest(read, "# Notes", limits=Limits(), report=Reports())

    assert facts.manifest.name == "a"
    assert facts.params == {"a.b": 1}
    assert facts.notes == "# Notes"


LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers())
)
PARAMS = st.recursive(
    st.dictionaries(st.text(max_size=4), LEAVES, max_size=4),
    lambda inner: st.dictionaries(st.text(max_size=4), inner | LEAVES, max_size=4),
    max_leaves=10,
)


@given(PARAMS)
def test_any_params_are_flat_json(params: dict[str, Any]) -> None:
    found, _ = flat(params)

    json.dumps(found, allow_nan=False)
    assert not any(isinstance(value, dict) and value for value in found.values())
