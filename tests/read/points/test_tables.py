"""Row groups of any size are read: small ones together, each with a dictionary of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sitegen.read.points import tables
from tests.read.test_metrics import read, rows_of


def points_in(count: int) -> pa.Table:
    number = np.arange(count)
    return pa.table(
        {
            "name": pa.array([f"m{at * 7 % 5}" for at in range(count)]),
            "step": number,
            "value": number * 0.1,
        }
    )


@pytest.mark.parametrize("rows", [1, 2, 7, 100, 1_000])
@pytest.mark.parametrize(("cells", "whole"), [(30, 30), (90, 300), (1 << 20, 1 << 22)])
def test_row_groups_of_any_size_give_the_same_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, cells: int, whole: int
) -> None:
    monkeypatch.setattr(tables, "_BATCH_CELLS", cells)
    monkeypatch.setattr(tables, "_WHOLE_CELLS", whole)
    table = points_in(1_000)
    pq.write_table(table, tmp_path / "metrics.parquet", row_group_size=rows)

    found, reports = read(tmp_path)

    assert reports == []
    assert {name: rows_of(one) for name, one in found.items()} == {
        f"m{name}": [(at, at * 0.1) for at in range(1_000) if at * 7 % 5 == name]
        for name in range(5)
    }
