"""format.js says the same as sitegen/units.py."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from sitegen import units

WritePage = Callable[..., str]
CASES = json.loads((Path(__file__).parent / "format_cases.json").read_text(encoding="utf-8"))
PYTHON = {
    "number": units.number_text,
    "percent": units.percent_text,
    "duration_ns": units.duration_text,
    "bytes": units.bytes_text,
    "count": units.count_text,
    "compact": units.short_count_text,
    "money": units.money_text,
    "exact": units.exact_text,
    "param": units.short_param_text,
}
NON_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


@pytest.mark.parametrize(("function", "value", "text"), CASES)
def test_python_writes_what_the_table_says(function: str, value: object, text: str) -> None:
    number = NON_FINITE.get(value, value) if isinstance(value, str) else value

    assert PYTHON[function](number) == text


def formatted(page: Page, cases: list[tuple[str, object]]) -> list[str]:
    script = "(cases) => cases.map(([name, value]) => sitegen.format[name](value))"
    return list(page.evaluate(script, cases))


def test_the_page_writes_what_the_table_says(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=("core", "format")))

    found = formatted(page, [(function, value) for function, value, _ in CASES])

    assert list(zip(CASES, found, strict=True)) == [(case, case[2]) for case in CASES]


def test_random_values_read_the_same_on_both_sides(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=("core", "format")))
    rng = random.Random(20261121)
    cases: list[tuple[str, object]] = []
    for _ in range(2000):
        value = rng.choice([-1, 1]) * rng.random() * 10.0 ** rng.randint(-7, 9)
        half = rng.randint(0, 10**6) + rng.choice([0.5, 0.25, 0.125, 0.0625])
        whole = int(10 ** (rng.random() * 15))
        cases += [("number", value), ("number", half), ("percent", value), ("duration_ns", whole)]
        cases += [("bytes", whole), ("compact", whole), ("count", whole), ("money", value)]

    found = formatted(page, cases)

    expected = [PYTHON[function](value) for function, value in cases]
    assert [row for row in zip(cases, expected, found, strict=True) if row[1] != row[2]] == []


PAGE_ALONE = [
    ("number(null)", ""),
    ("number(undefined)", ""),
    ("number(0.3, { decimals: 4 })", "0.3000"),
    ("number(-1234.5, { decimals: 2 })", "−1,234.50"),
    ("number(1e-6, { decimals: 2 })", "1e-6"),
    ("number(0.73149, { digits: 3 })", "0.731"),
    ("decimals([0.3, 0.2143, 'NaN', null, 12])", 4),
    ("signed(0.0086)", "+0.0086"),
    ("signed(-0.0123)", "−0.0123"),
    ("signed(0)", "0"),
    ("signed('Infinity')", "+∞"),
    ("points(0.034)", "+3.4\u00a0pts"),
    ("points(-0.034)", "−3.4\u00a0pts"),
    ("duration_s(4.82)", "4.82\u00a0s"),
    ("duration_s(0)", "0\u00a0s"),
    ("duration_s('NaN')", "NaN"),
    ("date('2026-11-20T14:02:00Z')", "20 Nov 2026, 14:02 UTC"),
    ("date('2026-11-20T23:30:00-02:00')", "21 Nov 2026, 01:30 UTC"),
    ("date(0)", "1 Jan 1970, 00:00 UTC"),
    ("date('2026-11-20T14:02:00Z', { time: false })", "20 Nov 2026"),
    ("date('2026-11-20T14:02:00Z', { year: false, zone: false })", "20 Nov 14:02"),
    ("date('yesterday')", "yesterday"),
    ("date(null)", ""),
]


def test_the_formats_of_the_page_alone(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=("core", "format")))

    found = [page.evaluate(f"() => sitegen.format.{call}") for call, _ in PAGE_ALONE]

    assert list(zip(PAGE_ALONE, found, strict=True)) == [(row, row[1]) for row in PAGE_ALONE]
