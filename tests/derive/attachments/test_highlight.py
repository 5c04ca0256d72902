from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.derive.attachments.highlight import (
    CLASSES,
    HIGHLIGHT_CHARACTERS,
    highlight,
    lexer_name,
)


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("train.py", "python"),
        ("config.toml", "toml"),
        ("args.yml", "yaml"),
        ("Dockerfile", "docker"),
        ("run.sh", "bash"),
        ("changes.patch", "diff"),
        ("notes.txt", None),
        ("weights.bin", None),
        ("", None),
    ],
)
def test_the_lexer_is_told_by_the_name(file_name: str, expected: str | None) -> None:
    assert lexer_name(file_name) == expected


def test_python_is_coloured() -> None:
    assert highlight("def f():\n", "python") == (("k", "def "), ("nf", "f"), ("", "():\n"))


def test_an_unknown_language_is_one_plain_piece() -> None:
    assert highlight("a < b", "no-such-language") == (("", "a < b"),)
    assert highlight("a < b", None) == (("", "a < b"),)
    assert highlight("", "python") == ()


def test_a_long_text_stays_plain() -> None:
    text = "x = 1\n" * HIGHLIGHT_CHARACTERS

    assert highlight(text, "python") == (("", text),)


@settings(max_examples=60, deadline=None)
@given(
    st.text(), st.sampled_from(["python", "yaml", "toml", "json", "bash", "diff", "html", "ini"])
)
def test_the_pieces_join_to_the_text_with_unix_line_ends(text: str, alias: str) -> None:
    text = text.replace("\r", "").lstrip("\ufeff")
    pieces = highlight(text, alias)

    assert "".join(piece for _, piece in pieces) == text
    assert {name for name, _ in pieces} <= {"", *CLASSES}
