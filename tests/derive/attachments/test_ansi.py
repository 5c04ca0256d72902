from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.attachments.ansi import terminal_pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("plain", (("", "plain"),)),
        ("\x1b[31mred\x1b[0m.", (("sg-ansi--red", "red"), ("", "."))),
        ("\x1b[1;91;43mx", (("sg-ansi--bright-red sg-ansi--on-yellow sg-ansi--bold", "x"),)),
        ("\x1b[1mx\x1b[22my", (("sg-ansi--bold", "x"), ("", "y"))),
        ("\x1b[mx", (("", "x"),)),
        ("\x1b[31mx\x1b[39my", (("sg-ansi--red", "x"), ("", "y"))),
        ("\x1b[38;5;9mx", (("sg-ansi--red", "x"),)),
        ("\x1b[38;5;208mx", (("sg-ansi--yellow", "x"),)),
        ("\x1b[38;2;10;200;30mx", (("sg-ansi--green", "x"),)),
        ("\x1b[48;5;21mx", (("sg-ansi--on-blue", "x"),)),
        ("\x1b[38;5mx", (("", "x"),)),
        ("\x1b[2K\x1b[1Gdone\x1b[?25h", (("", "done"),)),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x07", (("", "link"),)),
        ("\x1b]0;title\x07x", (("", "x"),)),
        ("\x1b(Bx\x1b=y\x1bc", (("", "xy"),)),
        ("\x1b", ()),
        ("a\x1b[999999999999mb", (("", "ab"),)),
        ("10%\r50%\r100%\nnext", (("", "100%\nnext"),)),
        ("kept\r", (("", "kept"),)),
    ],
)
def test_a_log_is_shown_as_a_terminal_leaves_it(
    text: str, expected: tuple[tuple[str, str], ...]
) -> None:
    assert terminal_pieces(text) == expected


@given(st.text(alphabet="ab\x1b[]0123456789;:mKHc\\\x07\r\n?<\x9b\x9d "))
def test_no_escape_character_gets_through(text: str) -> None:
    pieces = terminal_pieces(text)

    assert all("\x1b" not in shown and "\x9b" not in shown for _, shown in pieces)
    assert all(name == "" or name.startswith("sg-ansi--") for name, _ in pieces)
