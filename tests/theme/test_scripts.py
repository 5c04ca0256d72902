"""What no script of the theme may do, and that every one of them is used."""

from __future__ import annotations

import re
import tomllib

import pytest

from sitegen.render.theme import default_theme_directory

ROOT = default_theme_directory()
SCRIPTS = sorted(path.relative_to(ROOT / "js").as_posix() for path in (ROOT / "js").rglob("*.js"))
SPEC = tomllib.loads((ROOT / "theme.toml").read_text(encoding="utf-8"))
MOST_LINES = 250

FORBIDDEN = {
    "markup from text": r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment"
    r"|setHTMLUnsafe|parseFromString|srcdoc)\b",
    "document.write": r"\bdocument\.(write|writeln)\b",
    "code from text": r"\beval\s*\(|\bnew Function\b|\bset(Timeout|Interval)\s*\(\s*['\"`]",
    "the network": r"\b(fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b",
    "modules": r"^\s*(import|export)\s",
    "cookies": r"\bdocument\.cookie\b",
    "the console": r"\bconsole\.(log|debug|info)\b",
    "a debugger": r"\bdebugger\b",
    "var": r"^\s*var\s",
    "loose equality": r"[^=!<>]==[^=]|!=[^=]",
}
FORBIDDEN_STRINGS = {
    "handlers as attributes": r"\.setAttribute\s*\(\s*['\"]on",
    "javascript addresses": r"javascript:",
}
MAY_NAME = {
    "page/core.js": {"javascript addresses"},
    "attachments/attachments-document.js": {"markup from text"},
}
"""core.js names what it refuses; the other fills a frame that can run nothing, tested below."""
MAY_SET = {"attachments/attachments-figure.js": {"Plotly"}}
"""Two chart libraries have one name: the script gives it back to the one that had it."""


def code_of(name: str) -> str:
    """The script without comments."""
    text = (ROOT / "js" / name).read_text(encoding="utf-8")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//.*$", "", text)


def bare_code_of(name: str) -> str:
    """The script without comments and without what stands in quotes."""
    return re.sub(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", '""', code_of(name))


def test_every_file_that_the_theme_names_exists() -> None:
    named = [f"css/{name}" for name in SPEC["styles"]]
    named += [f"js/{name}" for names in SPEC["scripts"].values() for name in names]

    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_every_script_and_style_is_used_and_none_twice() -> None:
    styles = SPEC["styles"]
    used = {name for names in SPEC["scripts"].values() for name in names}

    assert sorted(path.name for path in (ROOT / "css").glob("*.css")) == sorted(styles)
    assert set(SCRIPTS) == used
    for kind, names in SPEC["scripts"].items():
        loaded = names if kind in {"head", "all"} else [*SPEC["scripts"]["all"], *names]
        assert len(loaded) == len(set(loaded)), kind


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_strict_classic_and_short(name: str) -> None:
    text = (ROOT / "js" / name).read_text(encoding="utf-8")
    code = code_of(name).strip()

    assert '"use strict";' in code
    assert re.match(r"(\(\(\) => \{|\(function \(\) \{|\"use strict\";)", code), code[:60]
    assert len(text.splitlines()) <= MOST_LINES
    assert text.endswith("\n")
    assert text.startswith(("/*", "//")), "its head says what it is"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_nothing_that_runs_text_or_loads_over_the_network(name: str) -> None:
    bare, code = bare_code_of(name), code_of(name)
    patterns = [(what, pattern, bare) for what, pattern in FORBIDDEN.items()]
    patterns += [(what, pattern, code) for what, pattern in FORBIDDEN_STRINGS.items()]

    found = [
        f"{what}: {line.strip()}"
        for what, pattern, text in patterns
        if what not in MAY_NAME.get(name, ())
        for line in text.splitlines()
        if re.search(pattern, line)
    ]

    assert found == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_makes_no_global_but_the_namespace(name: str) -> None:
    code = code_of(name)

    assert set(re.findall(r"\bwindow\.([A-Za-z_]\w*)\s*=[^=]", code)) <= {
        "sitegen", *MAY_SET.get(name, ()),
    }  # fmt: skip
    assert not re.search(r"(?m)^(const|let|function|class)\s", code)


@pytest.mark.parametrize("name", SCRIPTS)
def test_keys_in_storage_carry_the_prefix_of_the_site(name: str) -> None:
    for call in re.findall(r"localStorage\.(?:get|set|remove)Item\(([^,)]*)", code_of(name)):
        assert not re.match(r"\s*['\"]", call), call


def test_the_one_frame_with_markup_has_every_right_taken_before_it_is_filled() -> None:
    code = code_of("attachments/attachments-document.js")
    (body,) = re.findall(r"function frame\(.*?\n  \}", code, re.DOTALL)

    assert len(re.findall(r"srcdoc", code)) == 1
    assert body.index('setAttribute("sandbox", "")') < body.index("srcdoc")
