"""Columns of any values: what goes in comes out, by row, with its type."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.codec import decode_column
from sitegen.derive.columns import (
    ColumnBlocks,
    ColumnValues,
    block_payload,
    decode_values,
    points_column,
)
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.model import Json

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats() | st.text()
VALUES = SCALARS | st.lists(st.text(max_size=4), max_size=3)


class Kept:
    """A sink that keeps payloads."""

    def __init__(self) -> None:
        self.payloads: dict[str, Mapping[str, Json]] = {}

    def data(self, name: str, payload: Mapping[str, Json]) -> DataFile:
        self.payloads[name] = payload
        return DataFile(name=name, file=f"data/{name}.js", size_bytes=0)

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        raise NotImplementedError

    def copy(self, path: str, extension: str) -> PublishedFile:
        raise NotImplementedError


def column_of(value_by_row: Mapping[int, Json], count: int) -> Any:
    values = ColumnValues()
    for row, value in value_by_row.items():
        values.add(row, value)
    return values.encoded(count)


def same(left: Json, right: Json) -> bool:
    """Whether a value came back; what a browser cannot hold as a number comes back as text."""
    if isinstance(left, float) and not math.isfinite(left):
        return repr(right) == repr(left) or right in ("NaN", "Infinity", "-Infinity")
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


@given(st.dictionaries(st.integers(0, 200), VALUES, min_size=1))
def test_every_value_comes_back_at_its_row(value_by_row: dict[int, Json]) -> None:
    ordered = dict(sorted(value_by_row.items()))
    column = json.loads(json.dumps(column_of(ordered, 201)))

    found = decode_values(column, 201)

    assert list(found) == list(ordered)
    assert all(same(value, found[row]) for row, value in ordered.items())


@pytest.mark.parametrize(
    ("values", "form"),
    [
        ([1, 2, 3], "number"),
        ([0.5, math.nan, math.inf], "number"),
        ([1, 2.5], "number"),
        ([True, False], "value"),
        ([1, True], "value"),
        ([1, "1"], "value"),
        ([2**60], "value"),
        ([None], "value"),
    ],
)
def test_only_numbers_that_are_exact_in_a_browser_are_numbers(
    values: Sequence[Json], form: str
) -> None:
    column = column_of(dict(enumerate(values)), len(values))

    assert column["t"] == form
    assert "rows" not in column


def test_a_word_that_comes_often_is_written_once() -> None:
    column = column_of({row: "adam" if row % 2 else "sgd" for row in range(1000)}, 1000)

    assert column["words"] == ["sgd", "adam"]
    assert len(json.dumps(column)) < 300


def test_long_lists_of_words_are_deflated() -> None:
    texts = {row: f"sample {row} " + "of the same words " * 5 for row in range(1000)}
    column = column_of(texts, 1000)

    assert column["words"]["n"] == 1000
    assert len(column["words"]["b"]) < 20_000
    assert decode_values(column, 1000) == texts


def test_a_column_without_a_value_is_left_out() -> None:
    values = ColumnValues()
    values.add(0, 1)

    assert set(block_payload({"a": values, "b": ColumnValues()}, 2)["columns"]) == {"a"}


def test_blocks_close_by_rows_and_by_bytes_and_say_where_they_begin() -> None:
    sink = Kept()
    blocks = ColumnBlocks("evals-0-core", sink, most_rows=3, most_bytes=100)
    for row in range(7):
        blocks.add({"id": str(row), **({"odd": True} if row % 2 else {})}, 60 if row == 4 else 1)
    blocks.add({"id": "big"}, 500)
    blocks.close()

    assert blocks.starts == [0, 3, 6]
    assert [file.name for file in blocks.files] == [f"evals-0-core-{at}" for at in range(3)]
    second = sink.payloads["evals-0-core-1"]
    assert second["n"] == 3
    assert decode_values(second["columns"]["odd"], 3) == {0: True, 2: True}


def test_small_lines_stand_end_to_end_with_their_counts() -> None:
    column = points_column([(1.0, 2.123456), (), (math.nan,)])

    assert decode_column(column["counts"]).tolist() == [2, 0, 1]
    assert decode_column(column["v"]).tolist()[:2] == [1.0, 2.123]
