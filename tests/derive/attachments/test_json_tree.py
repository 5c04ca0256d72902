from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.attachments.document import Element, Node, character_count
from sitegen.derive.attachments.json_tree import MOST_MEMBERS, MOST_NODES, json_tree_view


def text_of(node: Node) -> str:
    return node if isinstance(node, str) else "".join(map(text_of, node.children))


def tree(value: Any) -> Element:
    view = json_tree_view(value, [])
    assert view is not None
    (node,) = view.nodes
    assert isinstance(node, Element)
    return node


def test_every_key_and_value_is_there_with_its_type() -> None:
    found = tree({"a": 1, "b": {"c": [True, None, "x<y>", 0.5]}})

    assert text_of(found) == 'a 1b 1 keyc 4 values0 true1 null2 "x<y>"3 0.5'


def test_the_first_levels_stand_open() -> None:
    fold = tree({"a": {"b": {"c": 1}}}).children[0]

    assert isinstance(fold, Element)
    assert "open" in fold.attributes
    inner = fold.children[1].children[0]  # type: ignore[union-attr]
    assert isinstance(inner, Element)
    assert "open" not in inner.attributes


def test_a_single_value_has_no_tree() -> None:
    assert json_tree_view("x", []) is None
    assert json_tree_view([], []) is None


def test_long_lists_and_large_trees_are_cut_and_say_so() -> None:
    assert "… 100 more values" in text_of(tree(list(range(MOST_MEMBERS + 100))))
    view = json_tree_view([[0] * 100] * 100, [])

    assert view is not None
    assert view.note == f"The tree is cut at {MOST_NODES:,} values."


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_any_json_is_a_bounded_tree_or_none(value: Any) -> None:
    view = json_tree_view(value, [])

    assert view is None or character_count(view.nodes) < 10_000_000
