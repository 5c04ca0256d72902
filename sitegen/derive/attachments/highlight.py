"""Source code as coloured pieces: (class, text), so that whoever writes them writes text.

Floor 3. Pygments' eighty token types fold into seventeen classes; which lexer reads a file
is told by its name alone, never guessed from content (guessing is slow and surprises).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pygments.lexer import Lexer

Piece: TypeAlias = tuple[str, str]
"""(class or the empty string, text)."""

HIGHLIGHT_CHARACTERS = 120_000
"""Longer texts stay plain: Pygments reads 0.3 to 1 MB a second, and some lexers backtrack."""

# Longest prefix first; the classes are Pygments' own short names, styled under `.hl` in code.css.
_CLASS_BY_TOKEN = (
    ("Comment", "c"),
    ("Error", "err"),
    ("Generic.Deleted", "gd"),
    ("Generic.Error", "gr"),
    ("Generic.Heading", "gh"),
    ("Generic.Inserted", "gi"),
    ("Generic.Subheading", "gu"),
    ("Generic.Traceback", "gt"),
    ("Keyword", "k"),
    ("Literal.Date", "m"),
    ("Literal.Number", "m"),
    ("Literal", "s"),
    ("Name.Attribute", "na"),
    ("Name.Class", "nc"),
    ("Name.Decorator", "nd"),
    ("Name.Function", "nf"),
    ("Name.Namespace", "nn"),
    ("Name.Tag", "nt"),
    ("Operator.Word", "k"),
)
CLASSES = tuple(sorted({name for _, name in _CLASS_BY_TOKEN}))
"""Every class that a piece can have."""


def lexer_name(file_name: str) -> str | None:
    """Pygments' alias for a file of this name, None if it knows none (or only plain text)."""
    from pygments.lexers import find_lexer_class_for_filename

    lexer = find_lexer_class_for_filename(file_name)
    if lexer is None or not lexer.aliases or lexer.aliases[0] == "text":
        return None
    return str(lexer.aliases[0])


def highlight(text: str, alias: str | None) -> tuple[Piece, ...]:
    """Pieces that join to *text* (Unix line ends).

    One plain piece if the language is unknown or the text too long.
    """
    lexer = _lexer(alias) if alias and len(text) <= HIGHLIGHT_CHARACTERS else None
    if lexer is None:
        return (("", text),) if text else ()
    pieces: list[Piece] = []
    for token, value in lexer.get_tokens(text):
        name = _class(str(token).removeprefix("Token."))
        if pieces and (pieces[-1][0] == name or not value.strip()):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + value)
        elif value:
            pieces.append((name, value))
    return _ending_like(text, pieces)


def _ending_like(text: str, pieces: list[Piece]) -> tuple[Piece, ...]:
    """Some lexers end with a newline of their own: drop it where the text has none."""
    if pieces and not text.endswith("\n") and pieces[-1][1].endswith("\n"):
        name, value = pieces.pop()
        pieces.extend([(name, value[:-1])] if value[:-1] else [])
    return tuple(pieces)


@cache
def _class(token: str) -> str:
    for prefix, name in _CLASS_BY_TOKEN:
        if token == prefix or token.startswith(f"{prefix}."):
            return name
    return ""


@cache
def _lexer(alias: str) -> Lexer | None:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer: Lexer = get_lexer_by_name(alias, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
    return lexer
