"""Whether one field matches one comparison of a condition; the rules stand in `conditions.py`.

Floor 1. Fields are what JSON holds, lists and objects too; nothing else is known about them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypeVar

Literal = float | str | bool | None

_NON_FINITE: Final[Mapping[str, float]] = {
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}
_Ordered = TypeVar("_Ordered", float, str)


def matches(field: object, operator: str, values: tuple[Literal, ...]) -> bool:
    """Whether *field*, which is there, stands in the relation *operator* to the literals."""
    first = values[0]
    match operator:
        case "=" | "in":
            return any(_is_equal(field, value) for value in values)
        case "!=":
            is_nan = _is_number(first) and math.isnan(_number(field) or 0.0)
            return not is_nan and not _is_equal(field, first)
        case "contains":
            return _contains(field, first)
        case "like":
            texts = map(_text, _elements(field))
            return any(text is not None and _is_like(text, str(first)) for text in texts)
        case _:
            return _is_ordered(field, operator, first)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(field: object) -> float | None:
    """A number field as float, also written as text when it is not finite."""
    if isinstance(field, str):
        return _NON_FINITE.get(field)
    if not isinstance(field, int | float) or isinstance(field, bool):
        return None
    try:
        return float(field)
    except OverflowError:
        return math.inf if field > 0 else -math.inf


def _text(field: object) -> str | None:
    """A text field, or a number that is not finite as the text it has in files."""
    if isinstance(field, float) and not math.isfinite(field):
        return "NaN" if math.isnan(field) else "Infinity" if field > 0 else "-Infinity"
    return field if isinstance(field, str) else None


def _is_equal(field: object, literal: Literal) -> bool:
    if literal is None or isinstance(literal, bool):
        return field is literal
    if isinstance(literal, str):
        return _text(field) == literal
    return _number(field) == literal


def _is_ordered(field: object, operator: str, literal: Literal) -> bool:
    if isinstance(literal, str):
        text = _text(field)
        return text is not None and _in_order(text, operator, literal)
    number = _number(field)
    return number is not None and literal is not None and _in_order(number, operator, literal)


def _in_order(left: _Ordered, operator: str, right: _Ordered) -> bool:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case _:
            return left >= right


def _elements(field: object) -> tuple[object, ...]:
    return tuple(field) if isinstance(field, list | tuple) else (field,)


def _contains(field: object, literal: Literal) -> bool:
    if isinstance(field, list | tuple):
        return any(_is_equal(_folded(element), _folded_literal(literal)) for element in field)
    text = _text(field)
    return text is not None and isinstance(literal, str) and fold(literal) in fold(text)


def _folded(element: object) -> object:
    text = _text(element)
    return fold(text) if text is not None else element


def _folded_literal(literal: Literal) -> Literal:
    return fold(literal) if isinstance(literal, str) else literal


def fold(text: str) -> str:
    """Lower case, with one sigma: JavaScript and Python then agree whatever follows it."""
    return text.lower().replace("ς", "σ")


def _is_like(text: str, pattern: str) -> bool:
    """Whether the whole *text* matches: `%` any run, `_` any one character, case ignored.

    Bit-parallel simulation of the pattern's automaton (Baeza-Yates and Gonnet, "A new approach to
    text searching", 1992): bit i is set when the first i parts of the pattern match so far. One
    step a character whatever the pattern, where backtracking would take their product.
    """
    parts = fold(pattern)
    while "%%" in parts:
        parts = parts.replace("%%", "%")
    runs = sum(1 << i for i, part in enumerate(parts) if part == "%")
    any_one = sum(1 << i for i, part in enumerate(parts) if part == "_")
    bits_by_char: dict[str, int] = {}
    for i, part in enumerate(parts):
        if part not in "%_":
            bits_by_char[part] = bits_by_char.get(part, 0) | 1 << i
    state = 1 | (1 & runs) << 1
    for char in fold(text):
        steps = state & (any_one | bits_by_char.get(char, 0))
        state = steps << 1 | state & runs
        state |= (state & runs) << 1
    return bool(state >> len(parts) & 1)
