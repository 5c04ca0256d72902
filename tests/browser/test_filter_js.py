"""filter.js holds to the same table as the Python grammar."""

from __future__ import annotations

import difflib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

WritePage = Callable[..., str]
TABLE = json.loads(
    (Path(__file__).parents[1] / "bundle" / "condition_cases.json").read_text(encoding="utf-8")
)
SCRIPTS = ("filter-match", "filter")

RUN_CASES = """
(table) => table.cases.map((row) => {
  const fields = new Map(Object.entries(row.fields ?? table.run));
  const { error, test } = sitegen.filter.parse(row.text);
  return error === null ? { expected: test((name) => fields.get(name)) } : { error };
})
"""


def test_every_case_of_the_table_is_judged_as_in_python(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    results = page.evaluate(RUN_CASES, TABLE)

    wrong = [
        (case, result)
        for case, result in zip(TABLE["cases"], results, strict=True)
        if not agrees(case, result)
    ]
    assert wrong == []


def agrees(case: dict[str, Any], result: dict[str, Any]) -> bool:
    if "expected" in case:
        return result.get("expected") is case["expected"]
    error = result.get("error") or {}
    return all(error.get(key) == value for key, value in case["error"].items())


def test_the_fields_named_before_a_mistake_are_known(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    fields = page.evaluate("() => sitegen.filter.parse('a.b = 1 and `c d` << 2').fields")

    assert fields == [{"name": "a.b", "column": 1}, {"name": "c d", "column": 13}]


def test_the_nearest_name_is_the_one_that_difflib_gives(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))
    rng = random.Random(7)
    words = ["".join(rng.choices("abc.é😀", k=rng.randint(1, 9))) for _ in range(300)]
    queries = [(word, rng.sample(words, 12)) for word in words]

    found = page.evaluate(
        "(queries) => queries.map(([name, names]) => sitegen.filter.nearest(name, names))", queries
    )

    assert found == [
        next(iter(difflib.get_close_matches(name, names, n=1)), None) for name, names in queries
    ]
