"""Conditions: what alerts, filters and declared comparisons say about a run, a sample or a span.

Floor 1. `js/table/filter.js` is the twin; `tests/bundle/condition_cases.json` holds both to one
table. No evaluation of code, no regular expressions, linear time, bounded length, size and depth.

    status = "failed" and (metrics.`train/loss` < 0.3 or not tags contains "smoke")

    condition  = all { "or" all }            all = one { "and" one }
    one        = "not" one | "(" condition ")" | comparison
    comparison = name ( "=" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "like" ) literal
               | name "in" "(" literal { "," literal } ")"
    literal    = number | "text" | 'text' | true | false | null

*Names* are parts joined by dots. Letters, digits and `_` stand bare, `/` and `-` between them too;
other characters need backticks. In quotes and backticks a doubled quote stands for one; there is
no backslash escape. *Numbers* are decimal (`-3`, `.5`, `3e-4`); NaN and Infinity are no literals.

*Case*: keywords in any case; names exact; `contains` and `like` ignore case, all others do not.

*A missing field* makes its comparison false, `!=` too: `x != 1` is false without x, and so
`not (x != null)` finds what has no x. *NaN* compared with a number is false, `!=` too.
Non-finite numbers lie in files as the texts "NaN", "Infinity" and "-Infinity" and are one value
with them: `loss = "NaN"` finds NaN, `loss > 5` finds Infinity.
*Types* differ: 1, true and "1" are three values; unlike types are unequal and have no order.
Texts are ordered by code point. `contains` looks for a text in a text or for an element of a list;
`like` matches a text, or an element of a list, as a whole: `%` any run, `_` any one character.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Final
from typing import Literal as OneOf

from sitegen.bundle.condition_match import Literal, matches
from sitegen.bundle.condition_tokens import (
    KEYWORDS,
    ConditionError,
    Token,
    nearest_name,
    nearest_word,
    tokens,
)
from sitegen.records import dataclass

__all__ = [
    "MISSING",
    "And",
    "Comparison",
    "Condition",
    "ConditionError",
    "Not",
    "Or",
    "condition_holds",
    "condition_names",
    "lookup_in",
    "nearest_name",
    "parse_alert",
    "parse_condition",
]

MAX_LENGTH = 10_000
MAX_NODES = 1_000
MAX_DEPTH = 50
MAX_PATTERN = 256

Operator = OneOf["=", "!=", "<", "<=", ">", ">=", "contains", "like", "in"]

_ALERT_OPERATORS: Final[tuple[Operator, ...]] = ("=", "!=", "<", "<=", ">", ">=")
_OPERATORS: Final[tuple[Operator, ...]] = (*_ALERT_OPERATORS, "like", "in", "contains")
_ORDERINGS: Final = ("<", "<=", ">", ">=")
_CONSTANTS: Final[Mapping[str, Literal]] = {"true": True, "false": False, "null": None}


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""What a lookup returns for a field that is not there; None is a value (null)."""

Lookup = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One field against one literal, or against the literals of `in`."""

    name: str
    """The field, without backticks: `metrics.train/loss`."""
    operator: Operator
    """How it is compared."""
    values: tuple[Literal, ...]
    """One literal; one or more for `in`."""
    column: int
    """Where the name stands, in code points from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite of a condition."""

    operand: Condition
    """What must not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of several conditions."""

    operands: tuple[Condition, ...]
    """Two or more, in the order written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Any of several conditions."""

    operands: tuple[Condition, ...]
    """Two or more, in the order written."""


Condition = Comparison | Not | And | Or


def parse_condition(text: str) -> Condition:
    """The condition that *text* says.

    Raises:
        ConditionError: with column, what was found, what was expected and the nearest right word.
    """
    return _Parser(text, is_alert=False).parsed()


def parse_alert(text: str) -> Condition:
    """The condition of an alert: `name op number`, joined by and/or.

    Raises:
        ConditionError: also for `not`, `like`, `in`, `contains` and any value but a number.
    """
    return _Parser(text, is_alert=True).parsed()


def condition_holds(condition: Condition, lookup: Lookup) -> bool:
    """Whether *condition* is true of the fields that *lookup* gives, `MISSING` if it has none."""
    match condition:
        case Comparison():
            field = lookup(condition.name)
            return field is not MISSING and matches(field, condition.operator, condition.values)
        case Not():
            return not condition_holds(condition.operand, lookup)
        case And():
            return all(condition_holds(operand, lookup) for operand in condition.operands)
        case Or():
            return any(condition_holds(operand, lookup) for operand in condition.operands)


def condition_names(condition: Condition) -> Iterator[tuple[str, int]]:
    """The fields a condition asks for, with their columns, in the order written."""
    match condition:
        case Comparison():
            yield condition.name, condition.column
        case Not():
            yield from condition_names(condition.operand)
        case And() | Or():
            for operand in condition.operands:
                yield from condition_names(operand)


def lookup_in(fields: Mapping[str, object]) -> Lookup:
    """A lookup over a mapping of full field names."""
    return lambda name: fields.get(name, MISSING)


class _Parser:
    """Recursive descent with one token of lookahead; its state is the place in the text."""

    def __init__(self, text: str, *, is_alert: bool) -> None:
        if len(text) > MAX_LENGTH:
            raise ConditionError(
                "the condition is too long",
                column=MAX_LENGTH + 1,
                expected=f"at most {MAX_LENGTH:,} characters",
            )
        self._tokens = tokens(text)
        self._token = next(self._tokens)
        self._is_alert = is_alert
        self._operators = _ALERT_OPERATORS if is_alert else _OPERATORS
        self._nodes = 0
        self._depth = 0

    def parsed(self) -> Condition:
        condition = self._any()
        if self._token.kind != "end":
            raise self._wrong("does not belong here", "and, or or the end", ("and", "or"))
        return condition

    def _any(self) -> Condition:
        operands = [self._all()]
        while self._token.word == "or":
            self._advance()
            operands.append(self._all())
        return operands[0] if len(operands) == 1 else Or(operands=tuple(operands))

    def _all(self) -> Condition:
        operands = [self._one()]
        while self._token.word == "and":
            self._advance()
            operands.append(self._one())
        return operands[0] if len(operands) == 1 else And(operands=tuple(operands))

    def _one(self) -> Condition:
        token = self._token
        is_not = token.word == "not" and not self._is_alert
        if not is_not and not (token.kind == "other" and token.text == "("):
            return self._comparison()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._over("the condition is nested too deeply", f"at most {MAX_DEPTH} levels")
        self._advance()
        inner: Condition = Not(operand=self._one()) if is_not else self._closed(self._any())
        self._depth -= 1
        return inner

    def _closed(self, inner: Condition) -> Condition:
        if not (self._token.kind == "other" and self._token.text == ")"):
            raise self._wrong("does not belong here", "and, or or )", ("and", "or"))
        self._advance()
        return inner

    def _comparison(self) -> Comparison:
        name = self._token
        if name.kind != "name" or name.word in KEYWORDS:
            if self._is_alert:
                raise self._wrong("is not a metric", "a metric or (", ())
            raise self._wrong("is not a field", "a field, not or (", ("not",))
        self._count()
        self._advance()
        operator = self._operator()
        values = self._list() if operator == "in" else (self._literal(operator),)
        return Comparison(name=name.value, operator=operator, values=values, column=name.column)

    def _operator(self) -> Operator:
        found = self._token.word or self._token.text
        for operator in self._operators:
            if found == operator and self._token.kind in ("name", "operator"):
                self._advance()
                return operator
        expected = f"{', '.join(self._operators[:-1])} or {self._operators[-1]}"
        raise self._wrong("is not an operator", expected, self._operators)

    def _list(self) -> tuple[Literal, ...]:
        self._punctuation("(", "( and a list of values")
        values = [self._literal("in")]
        while self._token.kind == "other" and self._token.text == ",":
            self._advance()
            self._count()
            values.append(self._literal("in"))
        self._punctuation(")", ", or )")
        return tuple(values)

    def _punctuation(self, mark: str, expected: str) -> None:
        if not (self._token.kind == "other" and self._token.text == mark):
            raise self._wrong("does not belong here", expected, ())
        self._advance()

    def _literal(self, operator: Operator) -> Literal:
        token = self._token
        expected = self._expected_literal(operator)
        if token.kind == "number" and "a number" in expected:
            value: Literal = self._number(token)
        elif token.kind == "text" and "text" in expected:
            if operator == "like" and len(token.value) > MAX_PATTERN:
                raise self._over("the pattern is too long", f"at most {MAX_PATTERN} characters")
            value = token.value
        elif token.word in _CONSTANTS and "null" in expected:
            value = _CONSTANTS[token.word]
        else:
            raise self._wrong(f"is not a value for {operator}", expected, ())
        self._advance()
        return value

    def _expected_literal(self, operator: Operator) -> str:
        if self._is_alert:
            return "a number"
        if operator == "like":
            return "text in quotes"
        if operator in _ORDERINGS:
            return "a number or text in quotes"
        return "a number, text in quotes, true, false or null"

    def _number(self, token: Token) -> float:
        try:
            value = float(token.text) if token.text.isascii() and "_" not in token.text else None
        except ValueError:
            value = None
        if value is None or value in (float("inf"), float("-inf")):
            raise self._wrong("is not a number", "a number such as 0.5 or 3e-4", ())
        return value

    def _advance(self) -> None:
        self._token = next(self._tokens)

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._over("the condition has too many parts", f"at most {MAX_NODES:,} parts")

    def _over(self, found: str, expected: str) -> ConditionError:
        return ConditionError(
            found, column=self._token.column, expected=expected, length=len(self._token.text)
        )

    def _wrong(self, what: str, expected: str, words: tuple[str, ...]) -> ConditionError:
        token = self._token
        if token.kind == "end":
            return ConditionError("the condition ends here", column=token.column, expected=expected)
        return ConditionError(
            f"“{token.text}” {what}",
            column=token.column,
            expected=expected,
            length=len(token.text),
            nearest=nearest_word(token, words, expected),
        )
