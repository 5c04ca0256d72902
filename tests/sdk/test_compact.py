"""Compaction changes where points lie and nothing else, whenever it is cut short."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.sdk.compact import METADATA_KEY, compact_metrics
from sitegen.sdk.faults import Faults
from sitegen.sdk.journal import Journal
from tests.sdk.conftest import names, series_of

RECORDS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**62), 2**62),
        st.dictionaries(st.sampled_from(["a", "b/c", "Ünï"]), st.floats(), min_size=1),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def log(bundle: Path, records: list[tuple[int | None, dict[str, float]]]) -> Path:
    """The journal of a writer that has ended."""
    journal = Journal(bundle, Faults("test"))
    for step, values in records:
        assert journal.points(values, step, 1795224679721379)
    path = journal.path
    journal.close()
    assert path is not None
    return path


def points(bundle: Path) -> dict[str, list[str]]:
    """Every point as text, NaN included."""
    return {
        name: [repr(pair) for pair in zip(one.steps.tolist(), one.values.tolist(), strict=True)]
        for name, one in series_of(bundle).items()
    }


@given(journals=st.lists(RECORDS, min_size=1, max_size=3))
def test_points_are_the_same_before_and_after_and_after_a_crash(
    journals: list[list[tuple[int | None, dict[str, float]]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    bundle = tmp_path_factory.mktemp("bundle")
    for records in journals:
        log(bundle, records)
    before = points(bundle)
    shutil.copytree(bundle / "metrics", bundle / "kept")

    compaction = compact_metrics(bundle)

    assert compaction.journals == len(journals)
    assert names(bundle) == ["kept", "metrics.parquet"]
    assert points(bundle) == before
    (bundle / "kept").rename(bundle / "metrics")  # a crash before the journals were removed
    assert points(bundle) == before
    assert compact_metrics(bundle).points == 0
    assert names(bundle) == ["metrics.parquet"]
    assert points(bundle) == before


def test_the_file_says_what_it_has_taken_in(tmp_path: Path) -> None:
    path = log(tmp_path, [(0, {"a": 1.0}), (1, {"a": 2.0, "b": 3.0})])

    assert compact_metrics(tmp_path).points == 3
    metadata = pq.ParquetFile(tmp_path / "metrics.parquet").schema_arrow.metadata
    assert json.loads(metadata[METADATA_KEY]) == {path.stem: 2}


def test_a_second_compaction_adds_a_file_and_reads_none(tmp_path: Path) -> None:
    log(tmp_path, [(None, {"a": 1.0})])
    compact_metrics(tmp_path)
    first = (tmp_path / "metrics.parquet").read_bytes()
    log(tmp_path, [(None, {"a": 2.0})])
    compact_metrics(tmp_path)

    assert (tmp_path / "metrics.parquet").read_bytes() == first
    assert points(tmp_path) == {"a": ["(0, 1.0)", "(1, 2.0)"]}


def test_a_journal_whose_writer_lives_is_left_as_it_is(tmp_path: Path) -> None:
    living = Journal(tmp_path, Faults("test"))
    living.point("a", 1.0, 0, None)
    log(tmp_path, [(5, {"a": 2.0})])

    compaction = compact_metrics(tmp_path)

    assert living.path is not None
    assert compaction.living == (living.path.name,)
    living.point("a", 1.5, 1, None)
    living.close()
    assert points(tmp_path) == {"a": ["(0, 1.0)", "(1, 1.5)", "(5, 2.0)"]}


def test_a_disk_that_is_full_leaves_journals_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log(tmp_path, [(0, {"a": 1.0})])
    tmp_path.chmod(0o500)
    try:
        (tmp_path / "probe").touch()
    except PermissionError:
        with pytest.raises(OSError, match="denied"):
            compact_metrics(tmp_path)
    finally:
        tmp_path.chmod(0o700)

    (tmp_path / "probe").unlink(missing_ok=True)
    assert names(tmp_path) == ["metrics"]
    assert path.exists()


def test_nothing_is_written_for_no_journals(tmp_path: Path) -> None:
    assert compact_metrics(tmp_path).points == 0
    assert names(tmp_path) == []
