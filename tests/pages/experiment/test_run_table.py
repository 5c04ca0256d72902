"""The run table of an experiment: which columns have room, and what its cells say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import write_run


@pytest.fixture
def heads(build, tmp_path: Path):
    """Heads of the run table of an experiment whose two runs differ in *params*, and those off."""

    def of(params: dict[str, tuple[object, object]]) -> tuple[list[str], list[str]]:
        for index, name in enumerate(("a", "b")):
            chosen = {key: values[index] for key, values in params.items()}
            write_run(tmp_path / "runs" / name, id=name, name=name, params=chosen)
        build(tmp_path / "runs")
        page = next((tmp_path / "site" / "experiments").glob("*.html")).read_text()
        table = page.partition('id="runs-table"')[2].partition("</thead>")[0]
        found = [part.partition(">")[0] for part in table.split("<th ")[1:]]
        names = [part.partition('data-col="')[2].partition('"')[0] for part in found]
        off = [name for name, part in zip(names, found, strict=True) if "data-off" in part]
        return [name for name in names if name not in off], off

    return of


def test_params_that_differ_are_columns_and_equal_ones_are_off(heads) -> None:
    shown, off = heads({"lr": (0.1, 0.2), "seed": (1, 1)})

    assert "params.lr" in shown
    assert "params.seed" in off


def test_columns_without_room_are_off(heads) -> None:
    wide = "w" * 200
    shown, off = heads({"first": (1, 2), wide: (1, 2), "third": (1, 2)})

    assert {"params.first", "params.third"} <= set(shown)
    assert f"params.{wide}" in off
