"""A theme directory wins file by file; what it lacks comes from the default theme."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.build.site import BuildResult
from sitegen.errors import SitegenError
from sitegen.render.theme import default_theme_directory, read_theme
from tests.factories import write_full_run, write_run

Build = Callable[..., BuildResult]
DEFAULT = default_theme_directory()


def page(tmp_path: Path, pattern: str = "runs/*.html") -> str:
    (found,) = (tmp_path / "site").glob(pattern)
    return found.read_text(encoding="utf-8")


def test_the_default_theme_is_found_and_whole() -> None:
    theme = read_theme(None)

    assert theme.directories == (DEFAULT,)
    assert set(theme.scripts) == {
        "index", "experiment", "listing", "annotations", "compare", "comparison", "run",
    }  # fmt: skip
    for asset in theme.assets():
        assert asset.path.startswith("assets/")
        assert asset.content or asset.path.endswith(".css")
    assert len({asset.path for asset in theme.assets()}) == len(theme.assets())


def test_one_template_may_be_overridden(build: Build, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")
    theme = tmp_path / "theme"
    (theme / "templates" / "parts").mkdir(parents=True)
    (theme / "templates" / "parts" / "empty.html").write_text(
        "{% macro empty(e) %}nothing{% endmacro %}"
    )
    (theme / "templates" / "pages").mkdir()
    text = (DEFAULT / "templates" / "pages" / "run.html").read_text()
    (theme / "templates" / "pages" / "run.html").write_text(
        text.replace(
            '{% extends "base.html" %}',
            '{% extends "base.html" %}\n{% block footer %}Ours{% endblock %}',
        )
    )

    build(tmp_path / "runs", theme=theme)

    assert "Ours" in page(tmp_path)
    assert "sg-footer" not in page(tmp_path)
    assert "sg-footer" in page(tmp_path, "index.html")


def test_one_token_file_may_be_overridden(build: Build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    theme = tmp_path / "theme"
    (theme / "css").mkdir(parents=True)
    tokens = (DEFAULT / "css" / "tokens.css").read_text()
    (theme / "css" / "tokens.css").write_text(f"{tokens}\n:root {{ --gutter: 99px; }}\n")

    build(tmp_path / "runs", theme=theme)

    (style,) = (tmp_path / "site" / "assets").glob("sitegen-*.css")
    text = style.read_text()
    assert "--gutter: 99px" in text
    assert (DEFAULT / "css" / "base.css").read_text() in text
    assert f"../assets/{style.name}" in page(tmp_path)
    assert style.name != Path(read_theme(None).style.path).name


def test_one_script_may_be_overridden(build: Build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    theme = tmp_path / "theme"
    (theme / "js" / "page").mkdir(parents=True)
    (theme / "js" / "page" / "tabs.js").write_text('"use strict";\n')

    build(tmp_path / "runs", theme=theme)

    (script,) = (tmp_path / "site" / "assets").glob("sitegen-*.js")
    before, after = (DEFAULT / "js" / name for name in ("page/menus.js", "table/filter.js"))
    assert f'{before.read_text()}\n"use strict";\n\n' in script.read_text()
    assert after.read_text() in script.read_text()
    assert f"../assets/{script.name}" in page(tmp_path)


def test_a_page_loads_its_scripts_as_two_files_in_the_order_of_the_list() -> None:
    theme = read_theme(None)
    spec = tomllib.loads((DEFAULT / "theme.toml").read_text())["scripts"]

    for kind, assets in theme.scripts.items():
        lists = [names for names in (spec["all"], spec[kind]) if names]
        assert len(assets) == len(lists)
        for asset, names in zip(assets, lists, strict=True):
            texts = [(DEFAULT / "js" / name).read_text() for name in names]
            assert asset.content.decode() == "\n".join(texts)


def test_the_list_of_files_may_be_overridden(build: Build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    theme = tmp_path / "theme"
    (theme / "js").mkdir(parents=True)
    (theme / "js" / "mine.js").write_text('"use strict";\n')
    spec = (DEFAULT / "theme.toml").read_text()
    (theme / "theme.toml").write_text(
        spec.replace('head = ["page/theme.js"]', 'head = ["page/theme.js", "mine.js"]')
    )

    build(tmp_path / "runs", theme=theme)

    assert "../assets/mine-" in page(tmp_path)


def test_a_theme_changes_nothing_but_what_it_overrides(build: Build, tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "theme").mkdir()
    build(tmp_path / "runs")
    first = page(tmp_path)

    build(tmp_path / "runs", theme=tmp_path / "theme")

    assert page(tmp_path) == first


def test_a_missing_directory_and_a_missing_file_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SitegenError, match="no such theme directory"):
        read_theme(tmp_path / "none")
    (tmp_path / "theme.toml").write_text(
        (DEFAULT / "theme.toml").read_text().replace('"base.css"', '"gone.css"')
    )
    with pytest.raises(SitegenError, match=r"css/gone\.css is missing"):
        read_theme(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["styles = [", "", 'styles = "tokens.css"', "styles = []\n[scripts]\nhead = []\n", "\xff"],
)
def test_a_broken_list_of_files_is_an_error_with_its_path(tmp_path: Path, text: str) -> None:
    (tmp_path / "theme.toml").write_bytes(text.encode("latin-1"))

    with pytest.raises(SitegenError) as caught:
        read_theme(tmp_path)

    assert caught.value.path == str(tmp_path / "theme.toml")


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{{ nobody }}", "nobody"),
        ("{% if %}", "Expected an expression"),
        ("{% include 'x' %}", "x"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_an_error_with_its_name(
    build: Build, tmp_path: Path, template: str, told: str
) -> None:
    write_run(tmp_path / "runs" / "a")
    (tmp_path / "theme" / "templates" / "tabs").mkdir(parents=True)
    (tmp_path / "theme" / "templates" / "tabs" / "evals.html").write_text(template)

    with pytest.raises(SitegenError) as caught:
        build(tmp_path / "runs", theme=tmp_path / "theme")

    assert told in str(caught.value)
    assert "template run" in str(caught.value)
    assert not (tmp_path / "site").exists()


def test_a_copied_theme_is_the_theme(tmp_path: Path, build: Build) -> None:
    """Who starts from a copy of the whole theme gets the same site."""
    write_run(tmp_path / "runs" / "a")
    build(tmp_path / "runs")
    first = page(tmp_path)
    shutil.copytree(DEFAULT, tmp_path / "theme")
    os.utime(tmp_path / "theme")

    build(tmp_path / "runs", theme=tmp_path / "theme")

    assert page(tmp_path) == first
