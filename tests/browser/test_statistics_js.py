"""statistics.js and differences.js pass the vectors that Python passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from sitegen.bundle.paths import slug
from sitegen.derive.evals.differences import Difference, paired_difference
from sitegen.derive.evals.signflip import seed_of
from tests.factories import REPOSITORY
from tests.vectors import differing

WritePage = Callable[..., str]
VECTORS = json.loads(
    (REPOSITORY / "tests/derive/statistics_vectors.json").read_text(encoding="utf-8")
)
FUNCTIONS = {
    "t_cdf": "statistics.tCdf(...given)",
    "t_quantile": "statistics.tQuantile(...given)",
    "wilson": "statistics.wilson(...given)",
    "mcnemar": "differences.mcnemar(...given)",
    "philox": "[...differences.philox(given[0], 0, given[1])]",
    "holm": "differences.holm(given)",
    "benjamini_hochberg": "differences.benjaminiHochberg(given)",
    "estimate": "statistics.estimate(given.values, given.clusters, given.is_proportion)",
    "sign_flip": "differences.signFlip(given.sums, given.key)",
    "paired": "differences.paired(given.a, given.b, given.clusters,"
    " { isBoolean: given.is_boolean, key: given.key })",
    "unpaired": "differences.unpaired(given.a, null, given.b, null)",
}
NAMES = {
    "mean_a": "meanA", "mean_b": "meanB", "ci_low": "low", "ci_high": "high",
}  # fmt: skip


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_page_computes_what_scipy_computes(
    page: Page, write_page: WritePage, function: str
) -> None:
    cases = VECTORS[function]
    page.goto(write_page("", scripts=("core", "statistics", "differences")))

    script = (
        f"(cases) => {{ const {{ statistics, differences }} = sitegen;"
        f" return cases.map(({{ given }}) => {FUNCTIONS[function]}); }}"
    )
    results = page.evaluate(script, cases)

    assert len(results) == len(cases) > 0
    for case, result in zip(cases, results, strict=True):
        expected: Any = case["expected"]
        found = result
        if isinstance(expected, dict):
            found = {name: result[NAMES.get(name, name)] for name in expected}
        assert differing(found, expected) == [], case["given"]


RANDOM = np.random.default_rng(8)
PAIRS = {
    "one cluster": ([0, 1, 1], [1, 1, 1], [0, 0, 0], True),
    "clustered booleans": (
        RANDOM.integers(0, 2, 90), RANDOM.integers(0, 2, 90), RANDOM.integers(0, 30, 90), True,
    ),
    "ratings": (RANDOM.integers(1, 6, 300), RANDOM.integers(1, 6, 300), None, False),
    "averages of epochs": ([1 / 3, 0.5, 2 / 3], [2 / 3, 0.5, 1 / 3], None, True),
    "all equal": ([0.5] * 4, [0.75] * 4, None, False),
    "none": ([], [], None, False),
    "one": ([0], [1], None, True),
    "large": ([1e308, -1e308], [-1e308, 1e308], None, False),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_both_sides_say_the_same_of_a_pair_of_runs(
    page: Page, write_page: WritePage, name: str
) -> None:
    a, b, clusters, is_boolean = PAIRS[name]
    ids = "runs/a", "runs/ü"
    page.goto(write_page("", scripts=("core", "statistics", "differences")))

    result = page.evaluate(
        "([a, b, clusters, isBoolean, slugs]) => sitegen.differences.paired(a, b, clusters,"
        " { isBoolean, key: sitegen.differences.keyOf(...slugs) })",
        [*(None if x is None else [float(v) for v in x] for x in (a, b, clusters)), is_boolean,
         [slug(one)[-10:] for one in ids]],
    )  # fmt: skip

    found = paired_difference(
        np.array(a, float),
        np.array(b, float),
        None if clusters is None else np.array(clusters, np.int64),
        is_boolean=is_boolean,
        key=seed_of(*ids),
    )
    flips = found.flips and {
        "both": found.flips.both, "onlyA": found.flips.only_a,
        "onlyB": found.flips.only_b, "neither": found.flips.neither,
    }  # fmt: skip
    assert result["flips"] == flips
    for field in Difference.__dataclass_fields__:
        if field != "flips":
            assert differing(result[NAMES.get(field, field)], getattr(found, field), field) == []
