from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.read.json_places import line_of_path, parse_path, path_text

TEXT = """{
  "a": [1, {"b": "} , \\" :"},
    [2,
     3]],
  "c": {},
  "a2":
    null
}"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 1),
        (("a",), 2),
        (("a", 1, "b"), 2),
        (("a", 2), 3),
        (("a", 2, 1), 4),
        (("a", 2, 9), 3),
        (("c",), 5),
        (("c", "missing"), 5),
        (("a2",), 7),
        (("missing",), 1),
        (("a", "b"), 2),
    ],
)
def test_a_value_has_the_line_it_begins_on(path: tuple[str | int, ...], line: int) -> None:
    assert line_of_path(TEXT, path) == line


def test_of_a_key_given_twice_the_last_counts() -> None:
    assert line_of_path('{"a": 1,\n"a": 2}', ("a",)) == 2


def test_a_path_is_written_as_msgspec_writes_it() -> None:
    assert path_text(("anchor", "path", 1)) == "$.anchor.path[1]"
    assert parse_path("$.anchor.path[1]") == ("anchor", "path", 1)
    assert parse_path("$") == ()


VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.lists(st.text() | st.integers(0, 3), max_size=4))
def test_any_path_in_any_document_has_a_line_of_it(value: object, path: list[str | int]) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)

    assert 1 <= line_of_path(text, tuple(path)) <= text.count("\n") + 1
