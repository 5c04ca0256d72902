"""The words of a condition, and the error that points at the wrong one.

Floor 1. Scans by hand, left to right, one look at each character: no regular expression ever meets
the input. `js/table/filter.js` is the twin; `tests/bundle/condition_cases.json` holds both to one
table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from sitegen.errors import SitegenError
from sitegen.records import dataclass

TokenKind = Literal["name", "number", "text", "operator", "other", "end"]

_SPACES = frozenset(" \t\r\n\u00a0")
_DIGITS = frozenset("0123456789")
_WORD = _DIGITS | frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_OPERATOR = frozenset("=<>!~&|^")
_LONGEST_COMPARED_NAME = 100

KEYWORDS: Final = frozenset({"and", "or", "not", "in", "like", "contains", "true", "false", "null"})
_HABITS: Final[Mapping[str, str]] = {
    "==": "=", "===": "=", "<<": "<", ">>": ">", "<>": "!=", "!==": "!=", "=<": "<=", "=>": ">=",
    "~": "like", "=~": "like", "~=": "like", "!": "not", "&": "and", "&&": "and", "|": "or",
    "||": "or", "nan": "NaN", "inf": "Infinity", "infinity": "Infinity", "none": "null",
}  # fmt: skip
"""How other languages write what the grammar has; offered as the nearest right word."""


class ConditionError(SitegenError):
    """A condition that does not follow the grammar, with the place and what would be right."""

    def __init__(
        self,
        message: str,
        *,
        column: int,
        expected: str,
        length: int = 1,
        nearest: str | None = None,
    ) -> None:
        super().__init__(
            f"column {column}: {message}; expected {expected}",
            hint=f"did you mean {nearest}?" if nearest else None,
        )
        self.found = message
        self.column = column
        self.length = length
        self.expected = expected
        self.nearest = nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One word of a condition."""

    kind: TokenKind
    """What it is; `other` is a parenthesis, a comma, or what the grammar does not know."""
    text: str
    """As written."""
    value: str
    """Text without its quotes, a name without its backticks, else as written."""
    column: int
    """Where it begins, in code points from 1."""

    @property
    def word(self) -> str:
        """The keyword this may be, in lower case; empty for all but bare names."""
        return self.text.lower() if self.kind == "name" and self.text.isascii() else ""


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """The most similar of *names* by difflib's ratio, None below 0.6."""
    from difflib import get_close_matches

    if len(name) > _LONGEST_COMPARED_NAME:
        return None
    close = [other for other in names if len(other) <= _LONGEST_COMPARED_NAME]
    return next(iter(get_close_matches(name, close, n=1)), None)


def nearest_word(token: Token, words: tuple[str, ...], expected: str) -> str | None:
    """The right word for a habit of another language, a quoted text, or the most similar word."""
    habit = _HABITS.get(token.text.lower())
    if habit is not None and (habit in words or (habit == "null" and habit in expected)):
        return habit
    if token.kind == "name" and token.word not in KEYWORDS and "text" in expected:
        return '"' + (habit or token.value).replace('"', '""') + '"'
    return nearest_name(token.word, words) if token.word else None


def tokens(text: str) -> Iterator[Token]:
    """The words of *text* in order, then one `end`; lazily, so that the first fault is reported."""
    at = 0
    while at < len(text):
        if text[at] in _SPACES:
            at += 1
            continue
        token = _token_at(text, at)
        yield token
        at += len(token.text)
    yield Token(kind="end", text="", value="", column=len(text) + 1)


def _token_at(text: str, at: int) -> Token:
    first = text[at]
    if first in "\"'":
        end = _quoted_end(text, at)
        inner = text[at + 1 : end - 1].replace(first * 2, first)
        return Token(kind="text", text=text[at:end], value=inner, column=at + 1)
    if _starts_number(text, at):
        end = _number_end(text, at)
        return Token(kind="number", text=text[at:end], value=text[at:end], column=at + 1)
    if first == "`" or _is_word(first):
        return _name(text, at)
    if first in _OPERATOR:
        end = at
        while end < len(text) and text[end] in _OPERATOR:
            end += 1
        return Token(kind="operator", text=text[at:end], value=text[at:end], column=at + 1)
    return Token(kind="other", text=first, value=first, column=at + 1)


def _is_word(char: str) -> bool:
    """ASCII letters, digits and `_`, and all beyond Latin-1's signs but general punctuation."""
    if char in _WORD:
        return True
    return char >= "\u00aa" and not ("\u2000" <= char <= "\u206f" or char in "\u2212\u3000\ufeff")


def _starts_number(text: str, at: int) -> bool:
    if text[at] in "+-":
        at += 1
    if text[at : at + 1] == ".":
        at += 1
    return text[at : at + 1] in _DIGITS


def _number_end(text: str, at: int) -> int:
    """Where the number ends: digits, one dot, an exponent, and whatever word clings to it."""
    at += 1
    while at < len(text):
        is_sign = text[at] in "+-" and text[at - 1] in "eE" and text[at + 1 : at + 2] in _DIGITS
        if not (_is_word(text[at]) or text[at] == "." or is_sign):
            break
        at += 1
    return at


def _name(text: str, at: int) -> Token:
    """Parts joined by dots, bare or in backticks: ``metrics.`train/loss` ``.

    Inside a bare part `/` and `-` may stand between word characters (there is no arithmetic).
    """
    parts: list[str] = []
    end = at
    while True:
        if text[end : end + 1] == "`":
            start, end = end, _quoted_end(text, end)
            parts.append(text[start + 1 : end - 1].replace("``", "`"))
        else:
            start, end = end, _bare_end(text, end)
            parts.append(text[start:end])
        follows = text[end + 1 : end + 2]
        if text[end : end + 1] != "." or not (follows == "`" or (follows and _is_word(follows))):
            break
        end += 1
    return Token(kind="name", text=text[at:end], value=".".join(parts), column=at + 1)


def _bare_end(text: str, at: int) -> int:
    while at < len(text):
        follows = text[at + 1 : at + 2]
        is_joint = text[at] in "/-" and follows != "" and _is_word(follows)
        if not (_is_word(text[at]) or is_joint):
            break
        at += 1
    return at


def _quoted_end(text: str, at: int) -> int:
    """One past the closing quote; a doubled quote inside stands for one."""
    quote = text[at]
    end = text.find(quote, at + 1)
    while end != -1 and text[end + 1 : end + 2] == quote:
        end = text.find(quote, end + 2)
    if end == -1:
        what = "name" if quote == "`" else "text"
        raise ConditionError(
            f"the {what} that begins here does not end",
            column=at + 1,
            expected=f"a closing {quote}",
            length=len(text) - at,
        )
    return end + 1
