"""Records are whole lines that the reader takes, whatever is logged and whoever forks."""

from __future__ import annotations

import json
import math
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.sdk.faults import Faults, LogTypeError, LostRecordsWarning
from sitegen.sdk.journal import Journal, is_alive
from tests.sdk.conftest import document_of, finished, python, series_of

NAMES = st.text(st.characters(), min_size=1, max_size=20).filter(lambda name: name.strip())
VALUES = st.floats() | st.integers(-(2**70), 2**70) | st.booleans()


def journal_in(directory: Path) -> Journal:
    return Journal(directory, Faults("test"))


@given(records=st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=3), max_size=8))
def test_whatever_is_logged_is_read_back(
    records: list[dict[str, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = tmp_path_factory.mktemp("bundle")
    journal = journal_in(bundle)
    expected: dict[str, list[float]] = {}
    for step, record in enumerate(records):
        assert journal.points(record, step, None)
        for name, value in record.items():
            shown = "".join("�" if "\ud800" <= char <= "\udfff" else char for char in name)
            expected.setdefault(shown, []).append(float(value))
    journal.close()

    found = {name: series.values.tolist() for name, series in series_of(bundle).items()}

    assert {name: list(map(repr, values)) for name, values in found.items()} == {
        name: list(map(repr, values)) for name, values in expected.items()
    }


def test_a_record_is_one_line_with_seq_time_and_step(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)

    journal.point("train/loss", 0.25, 7, 1795224679721379)
    journal.points({"a": math.nan, "b": -math.inf, "c": 2}, None, 5)
    assert journal.path is not None
    lines = journal.path.read_text().splitlines()

    assert lines == [
        '{"seq":1,"time":1795224679721379,"step":7,"values":{"train/loss":0.25}}',
        '{"seq":2,"time":5,"values":{"a":"NaN","b":"-Infinity","c":2}}',
    ]


def test_a_wrong_value_leaves_no_half_record(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)

    with pytest.raises(LogTypeError, match="“b”"):
        journal.points({"a": 1.0, "b": "high"}, 0, None)
    journal.point("a", 1.0, 1, None)

    assert series_of(tmp_path)["a"].steps.tolist() == [1]


def test_threads_share_a_journal_without_mixing_lines(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)

    def log(name: str) -> None:
        for step in range(500):
            journal.point(name, float(step), step, None)

    threads = [threading.Thread(target=log, args=(f"m{index}",)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert journal.path is not None
    seqs = [json.loads(line)["seq"] for line in journal.path.read_text().splitlines()]
    assert seqs == list(range(1, 2001))
    assert [len(series.values) for series in series_of(tmp_path).values()] == [500] * 4


def test_the_lock_says_whether_the_writer_lives(tmp_path: Path) -> None:
    journal = journal_in(tmp_path)
    journal.point("a", 1.0, 0, None)
    path = journal.path
    assert path is not None

    assert is_alive(path)
    journal.close()
    assert not is_alive(path)


def test_a_full_disk_costs_records_and_is_told_once() -> None:
    """/dev/full accepts an open and refuses every write, as a disk does that is full."""
    faults = Faults("test")
    journal = Journal(Path("/nowhere"), faults)
    journal._descriptor = os.open("/dev/full", os.O_WRONLY)

    with pytest.warns(LostRecordsWarning, match="No space left on device") as told:
        for step in range(10):
            assert not journal.point("a", 1.0, step, None)
        assert not journal.points({"a": 1.0, "b": 2.0}, 0, None)

    assert len(told) == 1
    assert faults.lost == 12


LIMITED = """
import resource, sys, warnings
warnings.simplefilter("ignore")
import sitegen
run = sitegen.start_run("exp", "one", directory=sys.argv[1], git=False, system_metrics=False)
run.log_metric("a", 0.0, 0)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 1 << 40))
taken = sum(run._journal.point("a", step / 3, step, None) for step in range(1, 200))
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 40, 1 << 40))
taken += sum(run._journal.point("a", step / 3, step, None) for step in range(200, 210))
run.end()
print(1 + taken, run.faults.lost)
"""


def test_the_part_of_a_record_that_fits_is_taken_back(runs: Path) -> None:
    """A limit of 5,000 bytes makes the kernel write the beginning of a record."""
    code, out, err = finished(python(LIMITED, runs))
    assert code == 0, err
    taken, lost = map(int, out.split())

    series = series_of(runs / "exp" / "one")["a"]
    assert len(series.values) == taken
    assert series.steps[-10:].tolist() == list(range(200, 210))
    assert lost == 210 - taken > 0
    assert document_of(runs / "exp" / "one")["lost_records"] == {
        "count": lost, "first": "metrics: File too large",
    }  # fmt: skip
