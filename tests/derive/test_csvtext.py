"""CSV lines read back as written, and no cell of text is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.derive.csvtext import csv_line


def cells_of(line: str) -> list[str]:
    return next(csv.reader(io.StringIO(line, newline="")))


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["a", 1, 2.5], "a,1,2.5\n"),
        ([None, True, False, 0], ",true,false,0\n"),
        (['say "hi"', "a,b", "two\nlines"], '"say ""hi""","a,b","two\nlines"\n'),
        ([-1.5, -3, 1e-7, 0.1 + 0.2], "-1.5,-3,1e-07,0.30000000000000004\n"),
        ([float("nan"), float("inf"), float("-inf")], "NaN,Infinity,-Infinity\n"),
        ([{"a": [1, "é"]}], '"{""a"":[1,""é""]}"\n'),
        ([12345678901234567890], "12345678901234567890\n"),
        ([], "\n"),
    ],
)
def test_cells_become_one_line(cells: list[object], line: str) -> None:
    assert csv_line(cells) == line


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =cmd|' /C calc'!A0",
        "\u00a0=1",
        "\n=1+1",
        "\x00=1",
        "\ufeff=1",
        "\uff1d1+1",
        "\ttext",
    ],
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert cells_of(csv_line([text])) == [f"'{text}"]


@pytest.mark.parametrize("text", ["1-2", "a=b", "mail@example.org", "", " x", "a list\n- one"])
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert cells_of(csv_line(["", text])) == ["", text]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2))
def test_a_csv_reader_gets_every_cell_back(texts: list[str]) -> None:
    cells = cells_of(csv_line(texts))

    assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_exactly(value: float) -> None:
    assert float(csv_line([value])) == value
