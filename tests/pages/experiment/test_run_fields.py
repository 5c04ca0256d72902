"""The names that conditions ask for are one table, which the README lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sitegen.pages.experiment.run_fields import (
    FACTS,
    MANIFEST_FACTS,
    is_field,
    nearest_field,
    run_fields,
)
from tests.derive.test_card import card_of
from tests.factories import REPOSITORY, write_run


def test_the_documentation_lists_every_fact_in_order() -> None:
    text = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| runs | `id`"))

    assert re.findall(r"`([a-z_]+)`", row) == list(FACTS)


def test_what_run_json_tells_is_among_the_facts() -> None:
    assert FACTS.keys() > MANIFEST_FACTS


@pytest.mark.parametrize(
    ("name", "expected"),
    [("status", True), ("params.lr", True), ("metrics.a.b", True), ("params", False),
     ("params.", False), ("lr", False)],
)  # fmt: skip
def test_a_field_is_a_fact_or_one_of_the_runs_own(name: str, expected: bool) -> None:
    assert is_field(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("statsu", "status"), ("param.lr", "params.lr"), ("eval.x", "evals.x")]
)
def test_the_nearest_field_is_offered(name: str, expected: str) -> None:
    assert nearest_field(name) == expected


@pytest.mark.parametrize("fraction", ["", ".001", ".999999999"])
def test_times_are_told_to_the_second_so_that_their_texts_are_in_order(
    tmp_path: Path, fraction: str
) -> None:
    write_run(tmp_path / "runs" / "a", started_at=f"2026-11-17T14:31:04{fraction}Z")

    card, _ = card_of(tmp_path / "runs")

    assert run_fields(card, None)["started_at"] == "2026-11-17T14:31:04Z"
