"""Figures from files: what is drawn stands on our lists, what is refused says why."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.attachments.plotly_figures import (
    LARGE_TYPES,
    SMALL_TYPES,
    CheckedFigure,
    FigureRefusedError,
    check_figure,
    safe_text,
)
from tests.factories import REPOSITORY


def check(*traces: dict[str, Any], **layout: Any) -> CheckedFigure:
    return check_figure({"data": list(traces), "layout": layout}, DEFAULT_LIMITS)


def test_traces_and_layout_are_kept() -> None:
    found = check({"type": "bar", "x": ["a"], "y": [1], "marker": {"color": "red"}},
                  title={"text": "T"}, xaxis2={"title": "x"}, height=300)  # fmt: skip

    assert found.data == [{"type": "bar", "x": ["a"], "y": [1], "marker": {"color": "red"}}]
    assert found.layout == {"title": {"text": "T"}, "xaxis2": {"title": "x"}}
    assert (found.height, found.needs_library, found.notes) == (300, False, ())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("images", [{"source": "https://x"}]),
        ("template", {"layout": {"images": []}}),
        ("mapbox", {"style": "https://x"}),
        ("__proto__", {"x": 1}),
        ("geo", {}),
    ],
)
def test_what_loads_or_pollutes_is_left_out_of_a_layout(key: str, value: Any) -> None:
    assert key not in json.dumps(check({"y": [1]}, **{key: value}).layout)


@pytest.mark.parametrize("key", ["source", "xsrc", "href", "customUrl", "__proto__", "constructor",
                                 "onclick", "a.b"])  # fmt: skip
def test_what_loads_or_pollutes_is_left_out_of_a_trace(key: str) -> None:
    assert check({"y": [1], "marker": {key: "https://x"}}).data[0]["marker"] == {}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>x</b><br>y", "<b>x</b><br>y"),
        ('<a href="https://x">y</a>', '&lt;a href="https://x"&gt;y&lt;/a&gt;'),
        ("<img src=x onerror=1>", "&lt;img src=x onerror=1&gt;"),
        ("<b onclick=1>", "&lt;b onclick=1&gt;"),
        ("%{y}<extra></extra>", "%{y}<extra></extra>"),
        ("a < b", "a &lt; b"),
    ],
)
def test_only_tags_that_change_letters_stay(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_a_type_beyond_the_small_library_needs_the_large_one() -> None:
    assert check({"type": "pie", "values": [1]}).needs_library
    assert check({"type": "scatter", "y": [1]}, polar={}).needs_library


def test_webgl_scatter_is_drawn_as_scatter() -> None:
    found = check({"type": "scattergl", "y": [1]})

    assert found.data[0]["type"] == "scatter"
    assert found.notes == ("WebGL traces are drawn as plain ones.",)


@pytest.mark.parametrize(
    ("kind", "said"),
    [("surface", "WebGL"), ("parcoords", "WebGL"), ("choropleth", "maps"), ("scattermap", "maps"),
     ("image", "not drawn here"), ("<b>", "not drawn here"), (7, "not drawn here")],
)  # fmt: skip
def test_a_type_that_is_not_drawn_is_refused_by_name(kind: Any, said: str) -> None:
    with pytest.raises(FigureRefusedError, match=said):
        check({"type": kind})


def test_typed_arrays_stay_if_they_are_what_they_say() -> None:
    binary = {"dtype": "f8", "bdata": "AAAAAAAA8D8=", "shape": "1, 1"}

    assert check({"y": binary}).data[0]["y"] == binary
    assert check({"y": {"dtype": "x", "bdata": "!"}}).data[0]["y"] is None


@pytest.mark.parametrize("values", [[0] * 200, {"dtype": "f8", "bdata": "A" * 4000}])
def test_values_beyond_the_limit_refuse_the_figure(values: Any) -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, figure_values=100)

    with pytest.raises(FigureRefusedError, match="more than 100 values"):
        check_figure({"data": [{"y": values}], "layout": {}}, limits)


@pytest.mark.parametrize("height", ["x", -5, 10**9, True, float("nan"), float("inf")])
def test_a_height_is_bounded(height: Any) -> None:
    assert 120 <= check({"y": [1]}, height=height).height <= 2_000


def test_the_small_types_are_those_of_the_script_that_draws_them() -> None:
    script = (REPOSITORY / "themes" / "default" / "js" / "charts" / "figure.js").read_text(
        encoding="utf-8"
    )
    (listed,) = re.findall(r"const TYPES = \[(.*?)\]", script)

    assert set(re.findall(r'"(\w+)"', listed)) == SMALL_TYPES < LARGE_TYPES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats()
    | st.text(max_size=6) | st.sampled_from(["bar", "pie", "<a href=x>", "scatter"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "x", "y", "data", "layout", "__proto__", "source", "bdata",
                         "dtype",
                         "title", "text", "xaxis", "height", "marker"]), inner, max_size=4),
)  # fmt: skip


@given(st.lists(st.dictionaries(st.text(max_size=6), JSON, max_size=4), max_size=3), JSON)
def test_any_figure_is_drawn_or_refused(traces: list[dict[str, Any]], layout: Any) -> None:
    try:
        found = check_figure({"data": traces, "layout": layout}, DEFAULT_LIMITS)
    except FigureRefusedError:
        return
    text = json.dumps([found.data, found.layout])
    assert "__proto__" not in text
    assert "<a" not in text
    assert set(found.types) <= LARGE_TYPES
