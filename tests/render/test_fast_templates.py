"""Templates are escaped and called as Jinja does it, only faster."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from sitegen.render.env import template_environment
from sitegen.render.fast_templates import escaped

TEMPLATE = """\
{% import "parts/mark.html" as marks %}
{{ marks.mark(text, tone="a&b") }} {% call marks.around() %}{{ text }}{% endcall %}
{% set kept %}<i>{{ text }}</i>{% endset %}{{ kept }} {{ kept ~ text }} {{ [text, safe]|join(" ") }}
{% with other = number %}{% include "parts/one.html" %}{% endwith %} {{ pick(text) }}
{% autoescape false %}{{ text }}{{ marks.mark(text) }}{% endautoescape %}{{ text|upper }}
"""
PARTS = {
    "mark.html": '{% macro mark(text, tone="<x>") %}<b class="{{ tone }}">{{ text }}</b>'
    "{% endmacro %}{% macro around() %}<p>{{ caller() }}</p>{% endmacro %}",
    "one.html": "{% for x in [other, text] %}{{ loop.index }}{{ x }}{% endfor %}",
}


class Plain:
    """Neither a text nor HTML."""

    def __str__(self) -> str:
        return "<plain & simple>"


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    """A theme of a page and two parts."""
    templates = tmp_path / "templates"
    (templates / "parts").mkdir(parents=True)
    (templates / "page.html").write_text(TEMPLATE)
    for name, text in PARTS.items():
        (templates / "parts" / name).write_text(text)
    return tmp_path


@given(st.one_of(st.text(), st.text().map(Markup), st.integers(), st.none(), st.floats()))
def test_what_is_escaped_is_what_markupsafe_escapes(value: Any) -> None:
    assert escaped(value) == str(escape(value))


def test_other_values_are_escaped_as_their_text() -> None:
    assert escaped(Plain()) == "&lt;plain &amp; simple&gt;"


def test_a_page_is_what_jinja_itself_makes_of_it(theme: Path) -> None:
    names = {
        "text": "<script>'x' & \"y\"</script>",
        "safe": Markup("<hr>"),
        "number": 1.5,
        "pick": lambda text: f"<{text}",
    }
    ours = template_environment((theme,))
    plain = Environment(
        loader=FileSystemLoader(theme / "templates"), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip

    text = ours.get_template("page.html").render(names)

    assert text == plain.get_template("page.html").render(names)
    assert text.count("<script>") == 1  # where escaping was turned off


def test_an_undefined_name_is_still_an_error(theme: Path) -> None:
    environment = template_environment((theme,))

    assert environment.undefined is StrictUndefined
    with pytest.raises(UndefinedError, match="text"):
        environment.get_template("page.html").render(safe="", number=1, pick=str)
