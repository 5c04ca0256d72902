"""The scripts of served pages: apart from those of built pages, which may not ask anybody."""

from __future__ import annotations

import re

import pytest

from sitegen.render.theme import default_theme_directory
from sitegen.serve.live_page import LiveAssets, live_assets
from tests.theme.test_scripts import FORBIDDEN, FORBIDDEN_STRINGS, MOST_LINES

ROOT = default_theme_directory() / "serve"
SCRIPTS = sorted(path.name for path in ROOT.glob("*.js"))

MAY_NAME = {"serve.js": {"the network"}, "renew.js": {"markup from text"}}
"""The one asks; the other reads a page as a document that runs nothing and takes its text only."""


@pytest.fixture(scope="module")
def assets() -> LiveAssets:
    return live_assets(None, "token")


def code_of(name: str) -> str:
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//.*$", "", text)


def test_every_file_is_served_and_named_by_its_content(assets: LiveAssets) -> None:
    served = {re.sub(r"-[0-9a-f]{10}\.", ".", path.rpartition("/")[2]) for path in assets.own}

    assert served | {"waiting.html"} == {path.name for path in ROOT.iterdir()}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_strict_classic_and_short(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")

    assert text.startswith("/*")
    assert re.match(r"\(\(\) => \{\s+\"use strict\";", code_of(name).strip())
    assert len(text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_runs_no_text_and_only_one_asks_the_server(name: str) -> None:
    found = {
        what
        for what, pattern in (FORBIDDEN | FORBIDDEN_STRINGS).items()
        for line in code_of(name).splitlines()
        if re.search(pattern, line)
    }

    assert found == MAY_NAME.get(name, set())
    assert code_of(name).count("fetch(") == (1 if name == "serve.js" else 0)


@pytest.mark.parametrize("name", SCRIPTS)
def test_keys_in_storage_carry_the_prefix_of_the_site(name: str) -> None:
    for call in re.findall(r"Storage\.(?:get|set|remove)Item\(([^,)]*)", code_of(name)):
        assert call.startswith("`${site}-serve-")


def test_a_page_that_is_read_gives_text_only() -> None:
    code = code_of("renew.js")

    assert len(re.findall(r"parseFromString", code)) == 1
    assert not re.search(r"\b(importNode|adoptNode|cloneNode|append|replaceChildren)\b", code)


def test_a_theme_may_replace_them(tmp_path) -> None:
    (tmp_path / "serve").mkdir()
    (tmp_path / "serve" / "serve.css").write_text(".sg-serve { color: red; }")

    own = live_assets(tmp_path, "token").own

    assert b".sg-serve { color: red; }" in own.values()
