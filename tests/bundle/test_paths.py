"""No relative path leaves its root, and no identity becomes an unsafe or shared name."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.paths import PathError, check_relative, resolve_inside, sha10, slug

GOOD = ["a", "a.txt", "a/b/c.txt", "with space.txt", "ünï/é.txt", "a..b", "..a", "...a/x", "-o",
        "%2e%2e/x", "~root", "a/.hidden", "$HOME", "CON"]  # fmt: skip

BAD = ["", "/", "//", "/etc/passwd", "//etc/passwd", "//proc/self/root", "..", "../x", "a/../b",
       "a/..", "a/../../x", "./a", "a/./b", "a//b", "a/", "\\x", "..\\x", "a\\..\\..\\x",
       "\\\\server\\share\\x", "C:\\x", "C:/x", "C:x", "c:", "file:///etc/passwd", "http://x/y",
       "a:stream", "a\0b", "a\nb", "a\x7f", "a.", "a ", "a/b./c", "a/b /c", ". .", ".. ", ". ./x",
       "..%00/x\0"]  # fmt: skip


@pytest.mark.parametrize("relative", GOOD)
def test_a_path_downwards_is_accepted(tmp_path: Path, relative: str) -> None:
    path = tmp_path / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("here")

    assert resolve_inside(tmp_path, relative).read_text() == "here"


@pytest.mark.parametrize("relative", BAD)
def test_every_other_path_is_refused(tmp_path: Path, relative: str) -> None:
    with pytest.raises(PathError):
        resolve_inside(tmp_path, relative)


def test_no_line_of_the_traversal_corpus_leaves_the_root(
    tmp_path: Path, hostile_data: Path
) -> None:
    corpus = hostile_data / "traversal" / "directory_traversal.txt"
    lines = corpus.read_text(errors="replace").splitlines()
    root = tmp_path / "deep" / "er" / "root"
    root.mkdir(parents=True)

    for line in lines:
        for relative in (line, line.strip(), f"a/{line}", line.replace("{FILE}", "etc/passwd")):
            try:
                found = resolve_inside(root, relative)
            except PathError:
                continue
            assert root in found.parents, relative
            assert os.path.normpath(found) == str(found), relative
    assert len(lines) > 100


@given(st.text(alphabet=st.sampled_from("ab./\\:\0 ~%é-"), max_size=12))
def test_what_is_accepted_lies_below_the_root(relative: str) -> None:
    root = Path("/nowhere/root")

    try:
        found = resolve_inside(root, relative)
    except PathError:
        return

    assert root in found.parents
    assert os.path.normpath(found) == str(found)


@given(st.text(max_size=30))
def test_any_text_is_accepted_or_refused_and_never_crashes(relative: str) -> None:
    try:
        check_relative(relative)
    except PathError as error:
        assert str(error).isprintable()  # noqa: PT017 - most texts are accepted


def test_a_symlink_anywhere_on_the_way_is_refused(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "real").mkdir(parents=True)
    outside.mkdir()
    (outside / "x").write_text("secret")
    (root / "real" / "x").write_text("mine")
    (root / "file").symlink_to(outside / "x")
    (root / "folder").symlink_to(outside)
    (root / "inside").symlink_to(root / "real")
    (root / "loop").symlink_to(root / "loop")

    assert resolve_inside(root, "real/x").read_text() == "mine"
    for relative in ("file", "folder/x", "inside/x", "loop", "loop/x"):
        with pytest.raises(PathError, match="symbolic link"):
            resolve_inside(root, relative)


def test_the_root_itself_may_be_reached_through_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_text("mine")
    (tmp_path / "root").symlink_to(tmp_path / "real")

    assert resolve_inside(tmp_path / "root", "x").read_text() == "mine"


SAFE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{name}{at}" for name in ("com", "lpt") for at in range(10)),
}


def is_safe(name: str) -> bool:
    return bool(SAFE.fullmatch(name)) and len(name) <= 59 and name not in RESERVED


def test_slugs_of_the_naughty_strings_are_safe_and_never_clash(hostile_data: Path) -> None:
    texts = json.loads((hostile_data / "blns" / "blns.json").read_text(encoding="utf-8"))
    more = [
        "CON",
        "con",
        "NUL.tar.gz",
        "COM\u00b9",
        "A/B",
        "a/b",
        "a-b",
        "é",
        "e\u0301",
        "",
        " ",
        ".",
    ]
    distinct = list(dict.fromkeys([*texts, *more]))

    slugs = [slug(text) for text in distinct]

    assert [name for name in slugs if not is_safe(name)] == []
    assert len({name.lower() for name in slugs}) == len(distinct)


@given(st.text())
def test_every_text_has_a_safe_slug(text: str) -> None:
    assert is_safe(slug(text))


@given(st.text(alphabet=st.characters(categories=["Cs"]), min_size=1))
def test_lone_surrogates_have_a_safe_slug(text: str) -> None:
    assert is_safe(slug(text))


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("Bert/lr 3e-4", "bert-lr-3e-4"), ("é", "e"), ("日本", ""), ("--a--", "a"),
        ("x" * 100, "x" * 48), (f"{'x' * 47} y", "x" * 47),
    ],
)  # fmt: skip
def test_a_slug_keeps_the_words_and_ends_in_ten_digits(identity: str, words: str) -> None:
    digits = sha10(identity)

    assert slug(identity) == (f"{words}-{digits}" if words else digits)
    assert re.fullmatch("[0-9a-f]{10}", digits)
