"""metrics.parquet, metrics/*.parquet and journals become one series per metric.

Floor 2. All points are kept, ordered by (step, file order); a missing step counts up per name. No
file is held whole (`point_store`), whatever its size, its row groups or the order of its steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from sitegen.bundle.limits import Limits
from sitegen.model import NO_TIME
from sitegen.read.files import Report
from sitegen.read.journal import JournalRow, read_journal
from sitegen.read.points.groups import Rows, grouped, small_codes
from sitegen.read.points.store import NO_STEP, PointStore
from sitegen.read.points.tables import read_metrics_table
from sitegen.read.scratch import OpenScratch

_JOURNAL_ROWS = 1 << 17


def read_metrics(
    root: Path, files: Sequence[str], limits: Limits, report: Report, open_scratch: OpenScratch
) -> PointStore:
    """All points of the run; what memory has no room for lies in a file of *open_scratch*."""
    points = PointStore(limits, report, open_scratch)
    compacted: dict[str, int] = {}
    for path in sorted((path for path in files if path.endswith(".parquet")), key=_file_order):
        compacted |= read_metrics_table(root, path, points, limits, report)
    for path in sorted((path for path in files if path.endswith(".jsonl")), key=_file_order):
        writer = path.rpartition("/")[2].removesuffix(".jsonl")
        rows = iter(read_journal(root, path, limits, report, after_seq=compacted.get(writer)))
        while some := list(islice(rows, _JOURNAL_ROWS)):
            _add_rows(points, path, some)
    return points


def _file_order(path: str) -> tuple[bool, bytes]:
    return path != "metrics.parquet", path.encode("utf-8", "surrogateescape")


def _add_rows(points: PointStore, path: str, rows: Iterable[JournalRow]) -> None:
    numbers, steps, times, values = [], [], [], []
    for name, step, time_us, value in rows:
        number = points.number_of(name, path)
        if number >= 0:
            numbers.append(number)
            steps.append(NO_STEP if step is None else step)
            times.append(NO_TIME if time_us is None else time_us)
            values.append(value)
    ids = np.array(sorted(set(numbers)), dtype=np.int32)
    codes = np.searchsorted(ids, np.array(numbers, dtype=np.int32))
    columns = Rows(
        codes=small_codes(codes, len(ids)),
        steps=np.array(steps, dtype=np.int64),
        times_us=np.array(times, dtype=np.int64),
        values=np.array(values, dtype=np.float64),
    )
    for batch in grouped(columns, ids):
        points.add(batch)
