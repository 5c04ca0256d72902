"""What the Evals tab of an experiment calls its runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sitegen.pages.experiment.evals import distinct_names
from tests.derive.test_card import card_of
from tests.factories import write_run


def test_runs_of_one_name_are_told_apart_where_one_is_chosen(tmp_path: Path) -> None:
    """Inspect names a run after its task and model: each repeat is called the same."""
    write_run(tmp_path / "runs" / "a")
    card, _ = card_of(tmp_path / "runs")
    names = [("gpt", "x/gpt-1"), ("gpt", "x/gpt-2"), ("other", "x/other-1")]

    cards = [replace(card, name=name, id=id) for name, id in names]

    assert distinct_names(cards) == ["gpt (x/gpt-1)", "gpt (x/gpt-2)", "other"]
