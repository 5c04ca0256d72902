"""The condition grammar, by the table that the browser's twin is held to as well."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.conditions import (
    MISSING,
    And,
    Comparison,
    Condition,
    ConditionError,
    condition_holds,
    condition_names,
    lookup_in,
    nearest_name,
    parse_alert,
    parse_condition,
)
from sitegen.errors import SitegenError

TABLE = json.loads((Path(__file__).parent / "condition_cases.json").read_text(encoding="utf-8"))
CASES = TABLE["cases"]
WORDS = st.sampled_from(
    ["and", "or", "not", "in", "like", "contains", "(", ")", ",", "=", "!=", "<", ">=", "<<", "x",
     "metrics.`a/b`", "1", "-3e-4",
     '"a"', "'%_'", "`", '"', "true", "null", ".", "-", "é", "\ud800"]
)  # fmt: skip
CONDITION_LIKE = st.lists(WORDS, max_size=30).map(" ".join)
FIELDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.lists(st.text() | st.floats()),
)


def case_name(case: dict[str, Any]) -> str:
    return ascii(case["text"])[:60]


@pytest.mark.parametrize("case", [case for case in CASES if "expected" in case], ids=case_name)
def test_a_condition_holds_as_the_table_says(case: dict[str, Any]) -> None:
    condition = parse_condition(case["text"])

    fields = case.get("fields", TABLE["run"])
    assert condition_holds(condition, lookup_in(fields)) is case["expected"]


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=case_name)
def test_a_wrong_condition_is_told_where_and_why(case: dict[str, Any]) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(case["text"])

    error = caught.value
    known = {
        "column": error.column,
        "length": error.length,
        "message": error.found,
        "expected": error.expected,
        "nearest": error.nearest,
    }
    assert {key: known[key] for key in case["error"]} == case["error"]


def test_the_table_is_large_enough_to_trust() -> None:
    assert len(CASES) >= 120
    assert sum("error" in case for case in CASES) >= 40


def test_the_error_reads_as_one_sentence_with_a_hint() -> None:
    with pytest.raises(SitegenError) as caught:
        parse_condition("loss == 1")

    assert str(caught.value) == (
        "column 6: “==” is not an operator; expected =, !=, <, <=, >, >=, like, in or contains"
    )
    assert caught.value.hint == "did you mean =?"


@pytest.mark.parametrize(
    "text", ["val_loss > 2.0", "train/kl > 0.10", "`a b` <= 1 and (c != 3 or d = 4)", "x >= -1e-3"]
)
def test_an_alert_is_names_compared_with_numbers(text: str) -> None:
    assert parse_alert(text) == parse_condition(text)


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("not x > 1", 1, "a metric or ("),
        ('x = "a"', 5, "a number"),
        ("x = true", 5, "a number"),
        ("x = nan", 5, "a number"),
        ('x like "a"', 3, "=, !=, <, <=, > or >="),
        ("x in (1)", 3, "=, !=, <, <=, > or >="),
        ("x contains 1", 3, "=, !=, <, <=, > or >="),
        ("x > 1 and not y > 1", 11, "a metric or ("),
    ],
)
def test_an_alert_refuses_the_rest_of_the_grammar(text: str, column: int, expected: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_alert(text)

    assert (caught.value.column, caught.value.expected) == (column, expected)
    assert caught.value.hint is None


def test_fields_are_named_in_the_order_written() -> None:
    condition = parse_condition("b = 1 or (not a.`c d` > 2 and b < 3)")

    assert list(condition_names(condition)) == [("b", 1), ("a.c d", 15), ("b", 31)]


def test_and_binds_stronger_than_or() -> None:
    condition = parse_condition("a = 1 and b = 2 and c = 3")

    assert isinstance(condition, And)
    assert [part.name for part in condition.operands if isinstance(part, Comparison)] == [*"abc"]


def test_the_nearest_name_is_difflibs() -> None:
    assert nearest_name("metrics.val_los", ["metrics.val_loss", "metrics.lr"]) == "metrics.val_loss"
    assert nearest_name("zzz", ["metrics.val_loss"]) is None
    assert nearest_name("x" * 1000, ["x" * 1000]) is None


@pytest.mark.parametrize("value", [float("nan"), "NaN"])
def test_a_nan_and_its_text_are_one_value(value: object) -> None:
    fields = lookup_in({"loss": value, "list": [value]})

    assert condition_holds(parse_condition('loss = "NaN" and list contains "nan"'), fields)
    assert not condition_holds(parse_condition("loss != 1 or loss < 1 or loss > 1"), fields)


def test_an_integer_beyond_all_floats_is_infinite() -> None:
    assert condition_holds(parse_condition("x > 1e300"), lookup_in({"x": 10**400}))
    assert condition_holds(parse_condition("x < -1e300"), lookup_in({"x": -(10**400)}))


@given(text=st.text() | CONDITION_LIKE)
def test_arbitrary_text_is_a_condition_or_a_condition_error(text: str) -> None:
    for parse in (parse_condition, parse_alert):
        outcome = parsed_or_error(parse, text)

        if isinstance(outcome, ConditionError):
            assert 1 <= outcome.column <= outcome.column + outcome.length - 1 <= len(text) + 1
        else:
            assert condition_holds(outcome, lambda name: MISSING) in (True, False)


def parsed_or_error(parse: Callable[[str], Condition], text: str) -> Condition | ConditionError:
    try:
        return parse(text)
    except ConditionError as error:
        return error


@given(field=FIELDS, case=st.sampled_from([case["text"] for case in CASES if "expected" in case]))
def test_any_field_can_be_asked_anything(field: object, case: str) -> None:
    assert condition_holds(parse_condition(case), lambda name: field) in (True, False)


@given(
    text=st.text(alphabet="ab%_", max_size=12),
    pattern=st.text(alphabet="ab%_", max_size=8),
)
def test_like_agrees_with_the_definition(text: str, pattern: str) -> None:
    def is_like(text: str, pattern: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "%":
            return is_like(text, pattern[1:]) or (bool(text) and is_like(text[1:], pattern))
        return bool(text) and pattern[0] in ("_", text[0]) and is_like(text[1:], pattern[1:])

    condition = parse_condition(f'x like "{pattern}"')

    assert condition_holds(condition, lookup_in({"x": text})) is is_like(text, pattern)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000,
        "not " * 2_500,
        "x = 1 or " * 1_111,
        '"' * 9_999,
        "`" * 9_999,
        "x" * 10_000,
        "." * 10_000,
        "<" * 10_000,
        "1e" * 5_000,
        "x in (" + "1," * 4_000,
        "a." * 5_000,
        "-" * 10_000,
    ],
    ids=lambda text: text[:8],
)
def test_the_longest_hostile_conditions_are_refused_at_once(text: str) -> None:
    """A bound, not a benchmark: a quadratic scan would take minutes here."""
    started = time.process_time()

    with pytest.raises(ConditionError):
        parse_condition(text)
    assert time.process_time() - started < 2


def test_a_hostile_pattern_takes_one_step_a_character() -> None:
    """Backtracking takes 256 looks at each of these characters, or an exponential number."""
    condition = parse_condition('x like "' + "%a_" * 85 + 'b"')
    started = time.process_time()

    assert not condition_holds(condition, lookup_in({"x": "a" * 100_000}))
    assert time.process_time() - started < 5
