from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.read.journal import read_journal
from tests.factories import START_NS, Reports, record, write_file, write_journal

LIMITS = Limits()
TIME_US = START_NS // 1000


def read(
    tmp_path: Path, lines: list[Any], after_seq: int | None = None
) -> tuple[list[tuple[str, int | None, int | None, float]], Reports]:
    write_journal(tmp_path, lines, "w")
    reports = Reports()
    rows = list(read_journal(tmp_path, "metrics/w.jsonl", LIMITS, reports, after_seq=after_seq))
    return rows, reports


def test_each_value_of_a_record_is_a_point(tmp_path: Path) -> None:
    rows, reports = read(tmp_path, [record(0, 5, loss=0.3, acc=1), record(1, None, loss=0.2)])

    assert rows == [
        ("loss", 5, TIME_US, 0.3), ("acc", 5, TIME_US, 1.0), ("loss", None, TIME_US + 1, 0.2)
    ]  # fmt: skip
    assert reports == []


def test_only_values_are_required(tmp_path: Path) -> None:
    assert read(tmp_path, [{"values": {"a": 1}}]) == ([("a", None, None, 1.0)], [])


def test_null_is_no_value_and_unknown_keys_are_passed_over(tmp_path: Path) -> None:
    lines = [{"values": {"a": None, "b": 2}, "step": 1.0, "time": 7.0, "pid": 4}]

    assert read(tmp_path, lines) == ([("b", 1, 7, 2.0)], [])


def test_numbers_that_json_lacks_are_read_bare_and_as_strings(tmp_path: Path) -> None:
    rows, reports = read(
        tmp_path,
        [
            '{"values": {"a": NaN, "b": Infinity, "c": -Infinity}, "step": 1}',
            record(1, 2, a="NaN", b="Infinity", c="-Infinity"),
        ],
    )

    values = [value for _, _, _, value in rows]
    assert [math.isnan(value) for value in values] == [True, False, False] * 2
    assert [values[at] for at in (1, 2, 4, 5)] == [math.inf, -math.inf] * 2
    assert reports == []


@pytest.mark.parametrize("torn", ['{"seq": 2, "val', "{", '{"values": {"a": 1', '"', "nul"])
def test_a_torn_last_line_is_no_fault(tmp_path: Path, torn: str) -> None:
    rows, reports = read(tmp_path, [record(1, 1, a=1.0), torn])

    assert len(rows) == 1
    assert reports == []


BAD = [
    "{", "[]", "3", '"x"', "null", "{}", '{"values": []}', '{"values": {"a": "high"}}',
    '{"values": {"a": [1]}}', '{"values": {"a": true}}', '{"values": {"a": 1}, "step": "one"}',
    '{"values": {"a": 1}, "step": 9223372036854775808}', '{"values": {"a": 1}, "step": NaN}',
    '{"values": {"a": 1}, "time": 1e300}', '{"values": {"a": 1}, "time": Infinity}', "\x00",
    '{"values": {"a": ' + "9" * 5000 + "}}", "[" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("line", BAD)
def test_a_bad_line_before_the_last_is_a_problem_and_costs_itself_only(
    tmp_path: Path, line: str
) -> None:
    rows, reports = read(tmp_path, [record(1, 1, a=1.0), line, record(2, 2, a=2.0)])

    assert [row[1] for row in rows] == [1, 2]
    assert [(problem.code, problem.path, problem.line) for problem in reports] == [
        ("journal-line", "metrics/w.jsonl", 2)
    ]
    assert reports[0].message.isprintable()
    assert reports[0].hint == "The line is left out."


def test_a_line_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    rows, reports = read(tmp_path, ['{"values": {"a": 1, "b": "high"}}', record(1, 1, a=2.0)])

    assert rows == [("a", 1, TIME_US + 1, 2.0)]
    assert reports.codes == ["journal-line"]


def test_many_bad_lines_are_told_twenty_times_and_counted(tmp_path: Path) -> None:
    _, reports = read(tmp_path, ["x"] * 1000 + [record(1, 1, a=1.0)])

    assert len(reports) == 21
    assert reports[-1].message == "980 more lines like it"


def test_what_was_compacted_is_skipped(tmp_path: Path) -> None:
    lines = [record(seq, seq, a=float(seq)) for seq in range(5)] + [{"values": {"b": 1}}]

    rows, _ = read(tmp_path, lines, after_seq=2)

    assert [(name, value) for name, _, _, value in rows] == [("a", 3.0), ("a", 4.0), ("b", 1.0)]


@given(
    st.lists(
        st.tuples(
            st.integers(-(2**53), 2**53) | st.none(),
            st.dictionaries(st.text(max_size=5), st.floats(), max_size=3),
        ),
        max_size=6,
    )
)
def test_what_was_written_is_read(
    tmp_path: Path, records: list[tuple[int | None, dict[str, float]]]
) -> None:
    """`json` writes bare NaN and Infinity, which readers accept."""
    lines = [
        json.dumps({"seq": at, "step": step, "values": values})
        for at, (step, values) in enumerate(records)
    ]

    rows, reports = read(tmp_path, lines)

    expected = [
        (name, step, repr(value)) for step, values in records for name, value in values.items()
    ]
    assert [(name, step, repr(value)) for name, step, _, value in rows] == expected
    assert reports == []


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_points_or_problems(tmp_path: Path, content: bytes) -> None:
    write_file(tmp_path, "metrics/w.jsonl", content + b"\n{}\n{}")
    reports = Reports()

    for name, step, time_us, value in read_journal(
        tmp_path, "metrics/w.jsonl", LIMITS, reports, after_seq=None
    ):
        assert isinstance(name, str)
        assert step is None or abs(step) < 2**63
        assert time_us is None or abs(time_us) < 2**63
        assert isinstance(value, float)

    assert set(reports.codes) <= {"journal-line", "file-unreadable"}
