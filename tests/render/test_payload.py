"""The one encoder: safe in a page, exact for machines, never a bare NaN."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from sitegen.render.payload import (
    content_hash,
    data_script,
    json_text,
    page_json,
    plain,
    report_text,
)

FORBIDDEN = "<>&\u2028\u2029"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("</script>", r'"\u003c/script\u003e"'),
        ("<!--", r'"\u003c!--"'),
        ("]]>", r'"]]\u003e"'),
        ("&amp;", r'"\u0026amp;"'),
        ("a\u2028b\u2029c", r'"a\u2028b\u2029c"'),
        ("'\"\\", r'''"'\"\\"'''),
        ("\x00\x1f\x7f", '"\\u0000\\u001f\x7f"'),
        ("é😀", '"é😀"'),
        ("a\ud800b", '"a�b"'), ("\ud83d\ude00", '"😀"'),
        (math.nan, '"NaN"'), (math.inf, '"Infinity"'), (-math.inf, '"-Infinity"'),
        (2**53, "9007199254740992"), (2**53 + 1, '"9007199254740993"'),
        (-(2**53) - 1, '"-9007199254740993"'), (10**400, f'"{10**400}"'),
        (0.1, "0.1"), (1.0, "1.0"), (True, "true"), (None, "null"),
        ({"b": 1, "a": (2, [3])}, '{"a":[2,[3]],"b":1}'),
        ({"</script>": "x"}, r'{"\u003c/script\u003e":"x"}'),
        ({1: 2}, '{"1":2}'),
    ],
)  # fmt: skip
def test_values_are_one_line_of_json_that_is_safe_in_a_page(value: Any, text: str) -> None:
    assert json_text(value) == text


def test_a_lone_surrogate_never_stops_a_file_from_being_written() -> None:
    value = {"\ud800": ["\udfff", {"a": "\ud83d"}]}

    for text in (json_text(value), report_text(value), data_script("\ud800", value).decode()):
        text.encode()


@dataclass(frozen=True)
class Thing:
    name: str
    number: float


def test_dataclasses_are_objects() -> None:
    assert plain([Thing(name="a", number=math.nan)]) == [{"name": "a", "number": "NaN"}]


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), Thing])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        json_text(value)


def test_a_report_is_sorted_indented_and_ends_in_a_line_feed() -> None:
    assert report_text({"b": [1], "a": "é<"}) == '{\n  "a": "é<",\n  "b": [\n    1\n  ]\n}\n'


def test_keys_in_order_and_one_more_are_sorted_in_time() -> None:
    """msgspec's own sort would take 40 s for these."""
    names = [f"k{number:06}" for number in range(200_000)]

    lines = report_text(dict.fromkeys([*names, "a"], 1)).splitlines()

    assert lines[1] == '  "a": 1,'
    assert lines[2:-1] == [f'  "{name}": 1,' for name in names[:-1]] + [f'  "{names[-1]}": 1']


@pytest.mark.parametrize("value", [[2**60, 1], [1, "a", 2**60], {"a": [[-(2**60)]]}, (2**60,)])
def test_integers_that_a_browser_rounds_are_texts_wherever_they_stand(value: Any) -> None:
    assert f'"{2**60}"'.replace('"', "") in json_text(value).replace("-", "").split('"')


def test_a_data_file_is_one_call() -> None:
    assert data_script("run/a</script>", {"x": math.nan}) == (
        b'sitegen.data("run/a\\u003c/script\\u003e",{"x":"NaN"});\n'
    )


def test_a_file_is_named_by_its_content() -> None:
    assert content_hash(b"") == "e3b0c44298fc"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.sampled_from(["</script>", "<!--", "<script", "]]>", "\u2028", "'", "&lt;", "{{7*7}}"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


class _Script(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(JSON)
def test_any_json_stands_safely_in_a_page_and_reads_back(value: Any) -> None:
    text = json_text(value)

    assert not any(letter in text for letter in FORBIDDEN)
    parser = _Script()
    parser.feed(f'<script type="application/json">{page_json(value)}</script>')
    parser.close()
    assert parser.tags == ["script"]
    assert json.loads(parser.text) == json.loads(text) == json.loads(report_text(value))
    json.loads(text, parse_constant=pytest.fail)


@given(JSON)
def test_any_json_stands_safely_in_an_attribute(value: Any) -> None:
    environment = Environment(autoescape=True)
    environment.filters["json"] = json_text
    found: dict[str, str | None] = {}

    class Attributes(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(attrs)

    parser = Attributes()
    parser.feed(environment.from_string('<p data-x="{{ value|json }}">').render(value=value))
    parser.close()

    assert list(found) == ["data-x"]
    assert json.loads(found["data-x"] or "") == json.loads(json_text(value))


def test_only_the_json_of_a_script_element_is_markup() -> None:
    assert isinstance(page_json("x"), Markup)
    assert not isinstance(json_text("x"), Markup)
