"""Row groups of any size are read: small ones together, each with a dictionary of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sitegen.read.points import row_groups
from sitegen.read.points.batches import long_batches, renumbered, wide_batches
from sitegen.read.points.groups import Column, PointBatch, Ramps, Rows, grouped
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
@pytest.mark.parametrize(("cells", "whole"), [(30, 30), (90, 300), (1 << 20, 1 << 21)])
@pytest.mark.parametrize("large", [300, 1 << 22])
def test_row_groups_of_any_size_give_the_same_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, cells: int, whole: int, large: int
) -> None:
    monkeypatch.setattr(row_groups, "_BATCH_CELLS", cells)
    monkeypatch.setattr(row_groups, "_WHOLE_CELLS", whole)
    monkeypatch.setattr(row_groups, "_LARGE_CELLS", large)
    table = points_in(1_000)
    pq.write_table(table, tmp_path / "metrics.parquet", row_group_size=rows)

    found, reports = read(tmp_path)

    assert reports == []
    assert {name: rows_of(one) for name, one in found.items()} == {
        f"m{name}": [(at, at * 0.1) for at in range(1_000) if at * 7 % 5 == name]
        for name in range(5)
    }


def test_a_name_that_stands_in_a_dictionary_twice_is_one_metric(tmp_path: Path) -> None:
    names = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2] * 4, pa.int8()), pa.array(["a", "b", "a"])
    )
    batch = pa.record_batch({"name": names, "step": list(range(12)), "value": [0.5] * 12})

    made = long_batches(batch)

    assert made.names == {0: "a", 1: "b"}
    [one] = made.batches
    assert [one.ids.tolist(), one.lengths.tolist()] == [[0, 1], [8, 4]]
    assert whole_column(one.steps, one)[:8] == [0, 2, 3, 5, 6, 8, 9, 11]


def test_metrics_that_the_store_leaves_out_or_makes_one_leave_the_others_whole() -> None:
    many = wide_batches(
        pa.record_batch({"step": [1, 2], "a": [1.0, 2.0], "b": [3.0, None], "c": [5.0, 6.0]})
    )

    found = list(renumbered(many, np.array([7, -1, 7], dtype=np.int32)))

    assert [one.ids.tolist() for one in found] == [[7], [7]]
    assert [one.values.tolist() for one in found] == [[1, 2], [5, 6]]
    assert [whole_column(one.steps, one) for one in found] == [[1, 2], [1, 2]]


def test_a_name_beyond_the_dictionary_is_refused() -> None:
    rows = Rows(
        codes=np.array([0, 1, 2, 0, 1, 2]),
        steps=np.arange(6),
        times_us=None,
        values=np.zeros(6),
    )

    with pytest.raises(ValueError, match="beyond their dictionary"):
        grouped(rows, np.arange(2, dtype=np.int32))


def whole_column(column: Column, batch: PointBatch) -> list[int]:
    if not isinstance(column, Ramps):
        return column.tolist()
    return [
        value
        for group, length in enumerate(batch.lengths.tolist())
        for value in column.part(group, 0, length).values().tolist()
    ]


@pytest.mark.parametrize("rows", [3, 1_000])
def test_many_columns_are_read_in_slices_and_what_is_odd_of_steps_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(row_groups, "_SLICE_COLUMNS", 3)
    monkeypatch.setattr(row_groups, "_BATCH_CELLS", 40)
    steps = np.arange(100) + 0.5
    columns = {f"m{number}": np.arange(100) * 10 + number for number in range(10)}
    table = pa.table({"m10": np.zeros(100), "step": steps, **columns})
    pq.write_table(table, tmp_path / "metrics.parquet", row_group_size=rows)

    found, reports = read(tmp_path)

    assert [problem.message for problem in reports] == ["100 steps are no whole numbers"]
    assert len(found) == 11
    for number in range(10):
        expected = [(at, at * 10 + number) for at in range(100)]
        assert rows_of(found[f"m{number}"]) == expected
