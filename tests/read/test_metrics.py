"""Parquet files and journals as one series per metric: every point, in order of (step, file)."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.model import NO_TIME, Series
from sitegen.read.metrics import read_metrics
from tests.factories import (
    START_NS,
    Reports,
    long_table,
    points,
    record,
    whole,
    write_file,
    write_journal,
    write_metrics,
    write_table,
)

TIME_US = START_NS // 1000


def read(bundle: Path, limits: Limits | None = None) -> tuple[dict[str, Series], Reports]:
    """Series by name, with what was reported."""
    reports = Reports()
    files = [path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()]
    found = read_metrics(bundle, files, limits or Limits(), reports, TemporaryFile)
    return {one.name: whole(one) for one in found.series()}, reports


def rows_of(series: Series) -> list[tuple[int, float]]:
    return list(zip(series.steps.tolist(), series.values.tolist(), strict=True))


def wide(**columns: pa.Array) -> pa.Table:
    return pa.table(columns)


def test_a_long_table_is_one_series_per_name(tmp_path: Path) -> None:
    write_metrics(tmp_path, loss=[3.0, 2.0, 1.0], acc=[0.5, 0.6])

    found, reports = read(tmp_path)

    assert list(found) == ["acc", "loss"]
    assert rows_of(found["loss"]) == [(0, 3.0), (1, 2.0), (2, 1.0)]
    assert found["loss"].times_us is not None
    assert found["loss"].times_us.tolist() == [TIME_US, TIME_US + 1_000_000, TIME_US + 2_000_000]
    assert reports == []


@pytest.mark.parametrize("is_dictionary", [False, True])
@pytest.mark.parametrize(
    "step_type", [pa.int8(), pa.int32(), pa.int64(), pa.uint64(), pa.float64()]
)
@pytest.mark.parametrize("value_type", [pa.float64(), pa.float32(), pa.int64(), pa.float16()])
def test_columns_may_have_any_width(
    tmp_path: Path, is_dictionary: bool, step_type: pa.DataType, value_type: pa.DataType
) -> None:
    table = long_table(
        points("loss", [3.0, 2.0]), step_type=step_type, value_type=value_type,
        is_dictionary=is_dictionary,
    )  # fmt: skip
    write_table(tmp_path, table)

    found, reports = read(tmp_path)

    assert rows_of(found["loss"]) == [(0, 3.0), (1, 2.0)]
    assert reports == []


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Kolkata"])
def test_times_of_any_unit_and_zone_are_instants(
    tmp_path: Path, unit: str, zone: str | None
) -> None:
    table = long_table(points("loss", [1.0, 2.0]), time_type=pa.timestamp(unit, tz=zone))
    write_table(tmp_path, table)

    found, reports = read(tmp_path)

    times = found["loss"].times_us
    assert times is not None
    assert times.tolist() == [TIME_US, TIME_US + 1_000_000]
    assert reports == []


def test_missing_times_are_marked_and_none_at_all_is_none(tmp_path: Path) -> None:
    rows = [("a", 0, TIME_US, 1.0), ("a", 1, None, 2.0), ("b", 0, None, 1.0)]
    write_table(tmp_path, long_table(rows))

    found, _ = read(tmp_path)

    assert found["a"].times_us is not None
    assert found["a"].times_us.tolist() == [TIME_US, NO_TIME]
    assert found["b"].times_us is None


def test_missing_steps_count_up_per_name(tmp_path: Path) -> None:
    rows = [("a", None, None, 1.0), ("b", None, None, 5.0), ("a", None, None, 2.0),
            ("a", 10, None, 3.0), ("a", None, None, 4.0), ("b", None, None, 6.0)]  # fmt: skip
    write_table(tmp_path, long_table(rows))

    found, _ = read(tmp_path)

    assert rows_of(found["a"]) == [(0, 1.0), (1, 2.0), (10, 3.0), (11, 4.0)]
    assert rows_of(found["b"]) == [(0, 5.0), (1, 6.0)]


def test_missing_steps_go_on_counting_in_the_next_file(tmp_path: Path) -> None:
    write_table(tmp_path, long_table([("a", None, None, 1.0), ("a", None, None, 2.0)]))
    write_table(tmp_path, long_table([("a", None, None, 3.0)]), "metrics/more.parquet")

    assert rows_of(read(tmp_path)[0]["a"]) == [(0, 1.0), (1, 2.0), (2, 3.0)]


@pytest.mark.parametrize("last", [2**63 - 1, 2**63 - 2, -(2**63) + 1])
def test_steps_at_the_ends_of_64_bits_are_survived(tmp_path: Path, last: int) -> None:
    rows = [("a", last, None, 1.0), ("a", None, None, 2.0), ("a", None, None, 3.0)]
    write_table(tmp_path, long_table(rows))
    write_table(tmp_path, long_table([("a", None, None, 4.0)] * 3), "metrics/b.parquet")

    found, _ = read(tmp_path)

    assert sorted(found["a"].values.tolist()) == [1.0, 2.0, 3.0, 4.0, 4.0, 4.0]


def test_non_finite_values_are_data_and_null_is_no_value(tmp_path: Path) -> None:
    write_metrics(tmp_path, a=[math.nan, None, math.inf, -math.inf, 1.0], b=[None, None])

    found, reports = read(tmp_path)

    assert found["a"].steps.tolist() == [0, 2, 3, 4]
    assert math.isnan(found["a"].values[0])
    assert found["a"].values[1:].tolist() == [math.inf, -math.inf, 1.0]
    assert "b" not in found
    assert reports == []


def test_duplicate_negative_and_unordered_steps_are_kept_in_order_of_step_then_file(
    tmp_path: Path,
) -> None:
    rows = [("a", 5, None, 1.0), ("a", -3, None, 2.0), ("a", 5, None, 3.0), ("a", 5, None, 4.0)]
    write_table(tmp_path, long_table(rows))
    reports = Reports()
    found = read_metrics(tmp_path, ["metrics.parquet"], Limits(), reports, TemporaryFile)

    ((rows, out_of_order),) = [(rows_of(whole(one)), one.out_of_order) for one in found.series()]

    assert rows == [(-3, 2.0), (5, 1.0), (5, 3.0), (5, 4.0)]
    assert out_of_order == 1
    assert reports == []


def test_files_are_read_in_order_of_their_names_and_the_main_one_first(tmp_path: Path) -> None:
    write_table(tmp_path, long_table([("a", 0, None, 3.0)]), "metrics/b.parquet")
    write_table(tmp_path, long_table([("a", 0, None, 2.0)]), "metrics/B.parquet")
    write_table(tmp_path, long_table([("a", 0, None, 1.0)]))
    write_journal(tmp_path, [record(0, 0, a=4.0)])

    assert read(tmp_path)[0]["a"].values.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_a_wide_table_is_one_series_per_numeric_column(tmp_path: Path) -> None:
    table = wide(
        step=pa.array([0, 1, 2]),
        time=pa.array([TIME_US, None, TIME_US + 5], pa.timestamp("us")),
        loss=pa.array([3.0, None, 1.0]),
        flag=pa.array([True, False, None]),
        name=pa.array([1, 2, 3]),
        note=pa.array(["x", "y", "z"]),
        price=pa.array([1, 2, 3]).cast(pa.decimal128(30, 2)),
    )
    write_table(tmp_path, table)

    found, reports = read(tmp_path)

    assert list(found) == ["flag", "loss", "name", "price"]
    assert rows_of(found["loss"]) == [(0, 3.0), (2, 1.0)]
    assert found["loss"].times_us is not None
    assert found["loss"].times_us.tolist() == [TIME_US, TIME_US + 5]
    assert rows_of(found["flag"]) == [(0, 1.0), (1, 0.0)]
    assert reports == []


def test_fractions_of_steps_are_cut_off_and_told(tmp_path: Path) -> None:
    table = wide(step=pa.array([0.0, 1.5, 2.7, None, math.nan]), loss=pa.array([1.0] * 5))
    write_table(tmp_path, table)

    found, reports = read(tmp_path)

    assert found["loss"].steps.tolist() == [0, 1, 2, 3, 4]
    assert [(problem.code, problem.message) for problem in reports] == [
        ("metric-step", "2 steps are no whole numbers")
    ]


COLUMNS = [
    wide(a=pa.array(["x"]), b=pa.array(["y"])),
    wide(loss=pa.array([1.0])),
    wide(step=pa.array([1])),
    wide(name=pa.array(["x"]), value=pa.array(["high"])),
    wide(name=pa.array(["x"]), step=pa.array([1])),
    pa.table({}),
]


@pytest.mark.parametrize("table", COLUMNS, ids=lambda table: "-".join(table.column_names) or "none")
def test_a_table_without_metrics_is_told_with_its_columns(tmp_path: Path, table: pa.Table) -> None:
    write_table(tmp_path, table)

    found, reports = read(tmp_path)

    assert found == {}
    assert reports.codes == ["metrics-columns"]
    assert (", ".join(table.column_names) or "none") in reports[0].message


def test_a_step_or_time_of_another_type_costs_itself_only(tmp_path: Path) -> None:
    table = pa.table(
        {
            "name": ["a"] * 3,
            "step": ["0", "1", "2"],
            "time": [1.0, 2.0, 3.0],
            "value": [1.0, 2.0, 3.0],
        }
    )
    write_table(tmp_path, table)

    found, reports = read(tmp_path)

    assert rows_of(found["a"]) == [(0, 1.0), (1, 2.0), (2, 3.0)]
    assert [problem.message for problem in reports] == [
        "column step: expected an integer, got string",
        "column time: expected a timestamp, got double",
    ]


def test_points_without_a_name_are_counted_and_left_out(tmp_path: Path) -> None:
    write_table(
        tmp_path, long_table([(None, 0, None, 1.0), ("a", 0, None, 2.0), (None, 1, None, 3.0)])
    )

    found, reports = read(tmp_path)

    assert list(found) == ["a"]
    assert [problem.message for problem in reports] == ["2 points have no name"]


def test_two_columns_of_one_name_are_told(tmp_path: Path) -> None:
    table = pa.Table.from_arrays(
        [pa.array([0, 1]), pa.array([1.0, 2.0]), pa.array([3.0, 4.0])],
        names=["step", "loss", "loss"],
    )
    write_table(tmp_path, table)

    _, reports = read(tmp_path)

    assert reports.codes != []
    assert "loss" in reports[0].message


def test_names_that_are_texts_are_cut_and_stay_apart(tmp_path: Path) -> None:
    names = ["x" * 2_000, "x" * 1_999 + "y", "short"]
    write_table(tmp_path, long_table([(name, 0, None, 1.0) for name in names * 2]))
    for name in names:
        record = json.dumps({"seq": 1, "step": 1, "values": {name: 2.0}})
        write_file(tmp_path, f"metrics/{len(name)}{name[-1]}.jsonl", record.encode())

    found, reports = read(tmp_path)

    assert len(found) == 3
    assert {len(name) for name in found} == {5, 1_000 + len("… ") + 10}
    assert {len(one.values) for one in found.values()} == {3}
    assert [one.code for one in reports] == ["name-too-long"]


def test_names_with_dots_slashes_and_odd_letters_are_kept(tmp_path: Path) -> None:
    names = ["a.b", "a/b", "", " ", "é", "\u202e", "step", "constructor", "__proto__", "x" * 1000]
    write_table(tmp_path, long_table([(name, 0, None, 1.0) for name in names]))
    write_table(tmp_path, wide(step=pa.array([0]), **{"w.x": pa.array([1.0])}), "metrics/w.parquet")

    found, reports = read(tmp_path)

    assert sorted(found) == sorted([*names, "w.x"])
    assert reports == []


def test_metrics_beyond_the_limit_are_told_once(tmp_path: Path) -> None:
    write_table(tmp_path, long_table([(f"m{at}", 0, None, 1.0) for at in range(50)]))

    found, reports = read(tmp_path, Limits(metrics=10))

    assert len(found) == 10
    assert reports.codes == ["too-many-metrics"]
    assert "10 metrics" in reports[0].message


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(parquet_columns=3), "4 columns, more than the limit of 3"),
        (Limits(metric_rows=1), "2 rows, more than the limit of 1"),
        (Limits(footer_bytes=100), "bytes, more than the limit of 100"),
    ],
)
def test_a_table_beyond_the_limits_is_left_out(
    tmp_path: Path, limits: Limits, message: str
) -> None:
    write_metrics(tmp_path, loss=[1.0, 2.0])

    found, reports = read(tmp_path, limits)

    assert found == {}
    assert reports.codes == ["parquet-unreadable"]
    assert message in reports[0].message


def test_a_parquet_cut_anywhere_is_told_and_never_a_crash(tmp_path: Path) -> None:
    path = write_metrics(tmp_path, loss=[float(at) for at in range(300)])
    content = path.read_bytes()

    for length in range(0, len(content), max(1, len(content) // 60)):
        path.write_bytes(content[:length])
        found, reports = read(tmp_path)

        assert found == {}
        expected = "parquet-truncated" if length >= 4 else "parquet-unreadable"
        assert reports.codes == [expected], length


def test_the_other_files_are_read_where_one_is_broken(tmp_path: Path) -> None:
    write_file(tmp_path, "metrics.parquet", "name,step,value\n")
    write_table(tmp_path, long_table(points("a", [1.0])), "metrics/b.parquet")
    write_journal(tmp_path, [record(0, 0, c=1.0)])

    found, reports = read(tmp_path)

    assert sorted(found) == ["a", "c"]
    assert [(problem.code, problem.path) for problem in reports] == [
        ("parquet-unreadable", "metrics.parquet")
    ]
    assert "expected it to begin with PAR1, got b'name'" in reports[0].message


def test_what_a_parquet_has_taken_in_is_not_read_from_the_journal_again(tmp_path: Path) -> None:
    table = long_table(points("a", [0.0, 1.0, 2.0]))
    table = table.replace_schema_metadata({b"sitegen.journal": b'{"rank-0": 2, "gone": 9}'})
    write_table(tmp_path, table)
    write_journal(tmp_path, [record(seq, seq, a=float(seq)) for seq in range(5)])
    write_journal(tmp_path, [record(seq, seq, b=1.0) for seq in range(2)], "rank-1")

    found, reports = read(tmp_path)

    assert rows_of(found["a"]) == [(at, float(at)) for at in range(5)]
    assert found["b"].values.tolist() == [1.0, 1.0]
    assert reports == []


@pytest.mark.parametrize("metadata", [b"{", b"[]", b'{"a": "x"}', b"\xff"])
def test_a_broken_journal_position_is_told_and_the_journal_read_whole(
    tmp_path: Path, metadata: bytes
) -> None:
    table = long_table(points("a", [0.0])).replace_schema_metadata({b"sitegen.journal": metadata})
    write_table(tmp_path, table)
    write_journal(tmp_path, [record(0, 1, a=1.0)])

    found, reports = read(tmp_path)

    assert len(found["a"].values) == 2
    assert reports.codes == ["journal-position"]


def test_symlinked_files_are_refused(tmp_path: Path) -> None:
    write_metrics(tmp_path / "elsewhere", loss=[1.0])
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "metrics.parquet").symlink_to(tmp_path / "elsewhere" / "metrics.parquet")

    found, reports = read(tmp_path / "bundle")

    assert found == {}
    assert reports.codes == ["parquet-unreadable"]


def corpus(shared_data: Path) -> list[Path]:
    """Every broken and every odd Parquet file there is."""
    folders = ("hostile/parquet-bad", "hostile/arrow-fuzzing", "attachments/parquet")
    return sorted(
        path
        for folder in folders
        for path in (shared_data / folder).rglob("*")
        if path.is_file() and path.suffix not in {".md", ".txt"}
    )


def test_every_file_of_the_corpora_is_read_or_told(tmp_path: Path, shared_data: Path) -> None:
    files = corpus(shared_data)

    for file in files:
        write_file(tmp_path, "metrics.parquet", file.read_bytes())
        started = time.monotonic()
        found, reports = read(tmp_path)
        assert found or reports.codes, file.name
        assert time.monotonic() - started < 20, file.name
        for problem in reports:
            assert problem.message.isprintable(), file.name
    assert len(files) >= 6


def test_a_dictionary_bomb_is_survived(tmp_path: Path) -> None:
    """One megabyte of text repeated a million times by a file of a few kB."""
    text = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(1_000_000, np.int32)), ["x" * 1_000_000]
    )
    path = tmp_path / "metrics.parquet"
    pq.write_table(pa.table({"name": text, "value": np.zeros(1_000_000)}), path, compression="zstd")
    assert path.stat().st_size < 200_000

    found, _ = read(tmp_path)

    assert [len(series.values) for series in found.values()] == [1_000_000]


finite_or_not = st.floats() | st.sampled_from([0.0, -0.0, math.nan, math.inf])
steps = st.integers(-(2**62), 2**62) | st.none()
rows = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c/d"]), steps, st.none(), finite_or_not | st.none()),
    max_size=40,
)


@settings(max_examples=80)
@given(rows, st.booleans(), st.integers(1, 4))
def test_every_point_that_was_written_is_read(
    tmp_path: Path, written: list, is_dictionary: bool, parts: int
) -> None:
    for path in tmp_path.rglob("*.parquet"):
        path.unlink()
    size = -(-len(written) // parts) or 1
    for part in range(parts):
        table = long_table(written[part * size : (part + 1) * size], is_dictionary=is_dictionary)
        write_table(tmp_path, table, f"metrics/{part}.parquet")

    found, reports = read(tmp_path)

    upcoming: dict[str, int] = {}
    expected: dict[str, list[tuple[int, str]]] = {}
    for name, step, _, value in written:
        if value is not None:
            place = upcoming.get(name, 0) if step is None else step
            upcoming[name] = place + 1
            expected.setdefault(name, []).append((place, repr(value)))
    assert {
        name: [(step, repr(value)) for step, value in rows_of(series)]
        for name, series in found.items()
    } == {name: sorted(points, key=lambda point: point[0]) for name, points in expected.items()}
    assert reports == []


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_told(tmp_path: Path, content: bytes) -> None:
    for framed in (content, b"PAR1" + content + b"PAR1", b"PAR1" + content):
        write_file(tmp_path, "metrics.parquet", framed)
        found, reports = read(tmp_path)

        assert found == {}
        assert len(reports) == 1


@settings(max_examples=150)
@given(st.data())
def test_a_parquet_with_flipped_bytes_is_read_or_told(tmp_path: Path, data: st.DataObject) -> None:
    path = write_metrics(tmp_path, loss=[1.0, 2.0, 3.0], acc=[0.5] * 5)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)

    _, reports = read(tmp_path)

    assert all(problem.severity in ("error", "warning") for problem in reports)
