"""What no template may do, found in their text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from sitegen.render.env import template_environment
from sitegen.render.theme import default_theme_directory

ROOT = default_theme_directory() / "templates"
TEMPLATES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
MOST_LINES = 120


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def markup_of(name: str) -> str:
    """The template with what jinja writes replaced by `x`, and jinja's own tags left out."""
    text = re.sub(r"\{#.*?#\}", "", text_of(name), flags=re.DOTALL)
    text = re.sub(r"\{\{.*?\}\}", "x", text, flags=re.DOTALL)
    return re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def environment():
    return template_environment((default_theme_directory(),))


def test_there_are_templates() -> None:
    assert {"base.html", "pages/run.html", "tabs/overview.html"} <= set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_short(name: str) -> None:
    assert len(text_of(name).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_marked_as_safe(name: str, environment) -> None:
    tree = environment.parse(text_of(name))

    filters = {node.name for node in tree.find_all(nodes.Filter)}
    assert not filters & {"safe", "forceescape", "e", "xmlattr", "striptags", "tojson", "urlize"}
    assert not list(tree.find_all(nodes.ScopedEvalContextModifier))
    assert "autoescape" not in text_of(name)


ARITHMETIC = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow)
COMPUTING = {"sort", "groupby", "map", "select", "selectattr", "reject", "rejectattr", "sum",
             "unique", "batch", "slice", "dictsort", "min", "max", "round", "random"}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_computes_nothing(name: str, environment) -> None:
    """If it does, the page context lacks a field."""
    tree = environment.parse(text_of(name))

    assert [node.lineno for node in tree.find_all(ARITHMETIC)] == []
    assert {node.name for node in tree.find_all(nodes.Filter)} & COMPUTING == set()


@pytest.mark.parametrize("name", TEMPLATES)
def test_there_is_no_inline_style_handler_or_script(name: str) -> None:
    markup = markup_of(name)

    assert not re.search(r"\sstyle\s*=", markup)
    assert not re.search(r"<style\b", markup)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", markup)
    assert "javascript:" not in markup
    for attributes in re.findall(r"<script\b([^>]*)>", markup):
        assert 'type="application/json"' in attributes or 'src="' in attributes
    assert not re.search(r"<(object|embed|base|form)\b", markup)
    for attributes in re.findall(r"<iframe\b([^>]*)>", markup):
        assert ' sandbox="" srcdoc="x"' in attributes
        assert "src=" not in attributes


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_value_in_a_tag_is_quoted(name: str) -> None:
    """`<a title={{ x }}>` would let a space in x begin a new attribute."""
    text = re.sub(r"\{#.*?#\}", "", text_of(name), flags=re.DOTALL)

    assert re.findall(r"=\s*\{\{", re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)) == []
    assert re.findall(r"<[a-z]+[^>\"]*\s[a-z-]+='", markup_of(name)) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_makes_an_address_or_an_absolute_one(name: str) -> None:
    markup = markup_of(name)

    addresses = re.findall(r'\s(?:href|src|action)="([^"]*)"', markup)
    for address in addresses:
        assert not re.match(r"[a-z]+:", address) or address == "data:,", address
        assert not address.startswith("/"), address


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str, environment) -> None:
    environment.get_template(name)


def test_the_policy_stands_first_in_the_head() -> None:
    head = text_of("base.html").partition("<head>")[2].lstrip()

    assert head.startswith('<meta http-equiv="Content-Security-Policy" content="{{ page.csp }}">')


def test_autoescape_is_on_for_every_name(environment) -> None:
    """jinja's own `select_autoescape` is off for `page.html.j2` and `.svg`."""
    assert environment.autoescape is True
    assert environment.from_string("{{ x }}").render(x="<'\"&>") == "&lt;&#39;&#34;&amp;&gt;"


def test_an_input_is_never_a_template(environment) -> None:
    assert environment.from_string("{{ x }}").render(x="{{ 7*7 }}{% raw %}") == "{{ 7*7 }}{% raw %}"


def test_python_never_renders_a_string_from_input() -> None:
    sources = Path(__file__).parents[2] / "sitegen"
    for path in sorted(sources.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "from_string(" not in text, path
        if path.name not in {"payload.py", "markdown.py"}:
            assert "Markup(" not in text, path
