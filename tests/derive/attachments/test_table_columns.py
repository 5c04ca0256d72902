from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.attachments.table_columns import BARS, column_of, type_of
from sitegen.derive.attachments.views import Column
from sitegen.read.documents.tables import ColumnScan


def column(*cells: str | None, stated: str | None = None) -> Column:
    return column_of("x", stated, ColumnScan(texts=cells, missing=0, numbers=None))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2", "+3"], "int"),
        (["1", "2.5"], "float"),
        (["1e5", "nan", "-inf"], "float"),
        (["true", "FALSE"], "bool"),
        (["007", "12"], "text"),
        (["1", "x"], "text"),
        ([], "text"),
    ],
)
def test_a_column_has_the_narrowest_type_that_fits(cells: list[str], kind: str) -> None:
    assert type_of(cells) == kind


def test_numbers_have_range_mean_and_absences() -> None:
    assert column("1", "2", "6", "", None, "NaN").summary == (
        "1 to 6, mean 3, 1 not finite, 2 missing"
    )
    assert column("5", "5").summary == "all 5"


def test_texts_say_which_or_how_many_there_are() -> None:
    assert column("a", "b", "a").summary == "a 2 · b 1"
    assert column(*"abcdefg").summary == "all different"
    assert column(*"abcdefga").summary == "7 different"
    assert column("a", "a").summary == "all a"
    assert column("", "").summary == "2 missing"


def test_a_histogram_shows_every_bar_that_holds_anything() -> None:
    found = column(*(str(value) for value in [*[0] * 999, *range(16)]))

    assert len(found.bars) == BARS
    assert max(found.bars) == 100
    assert min(found.bars) == 1


def test_few_values_have_no_histogram() -> None:
    assert column("1", "2", "3").bars == ()


def test_numbers_of_a_parquet_column_are_taken_as_they_are() -> None:
    scan = ColumnScan(texts=(), missing=3, numbers=np.array([1.0, np.inf, 2.0]))

    found = column_of("x", "float", scan)

    assert found.summary == "1 to 2, mean 1.5, 1 not finite, 3 missing"


def test_the_largest_numbers_do_not_overflow() -> None:
    assert "mean" in column("1.7e308", "-1.7e308", "1.6e308").summary


@given(st.lists(st.none() | st.text(max_size=4) | st.floats().map(str) | st.integers().map(str)))
def test_any_cells_have_a_column(cells: list[str | None]) -> None:
    found = column(*cells)

    assert all(0 <= bar <= 100 for bar in found.bars)
