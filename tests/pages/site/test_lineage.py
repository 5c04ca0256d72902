"""Runs in a cell of the pages of models and of data sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sitegen.derive.lineage import model_records
from sitegen.pages.site.lineage import runs_cell
from sitegen.pages.site.models import models_page
from tests.derive.test_card import card_of
from tests.factories import write_run
from tests.pages.site.test_index import SITE


@pytest.mark.parametrize(
    ("count", "shown", "more", "folded", "left_out"),
    [
        (0, 0, "", 0, ""),
        (3, 3, "", 0, ""),
        (5, 3, "and 2 more", 2, ""),
        (1_203, 3, "and 1,200 more", 100, "and 1,100 in the CSV"),
    ],
)
def test_every_run_is_listed_folded_or_counted(
    tmp_path: Path, count: int, shown: int, more: str, folded: int, left_out: str
) -> None:
    write_run(tmp_path / "runs" / "a")
    card, _ = card_of(tmp_path / "runs")
    cards = [replace(card, name=f"run {number}") for number in range(count)]

    cell = runs_cell(cards)

    assert (cell.count, len(cell.shown), cell.more) == (count, shown, more)
    assert (len(cell.folded), cell.left_out) == (folded, left_out)
    names = [link.label for link in (*cell.shown, *cell.folded)]
    assert names == [f"run {number}" for number in reversed(range(count))][: len(names)]


@pytest.mark.parametrize(("count", "more"), [(20, []), (21, ["1 more"]), (1_000, ["980 more"])])
def test_a_model_names_twenty_data_sets_of_its_run(
    tmp_path: Path, count: int, more: list[str]
) -> None:
    names = [f"set {number}" for number in range(count)]
    write_run(
        tmp_path / "runs" / "a", models=[{"name": "m"}], datasets=[{"name": name} for name in names]
    )
    card, _ = card_of(tmp_path / "runs")

    site = replace(SITE, assets=replace(SITE.assets, scripts={"listing": ()}))

    [row] = models_page(site, model_records([card]), "models.csv").rows

    assert [link.label for link in row.datasets] == names[:20] + more
    assert row.datasets[-1].url == row.run.url or not more
