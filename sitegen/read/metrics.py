"""metrics.parquet, metrics/*.parquet and journals become one `Series` per metric.

Floor 2. Long and wide tables are told by their columns. Strings are read as dictionaries and in
small batches, because a Parquet file of 824 bytes can decode to a terabyte. All points are kept,
ordered by (step, file order); a missing step counts up per name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.model import NO_TIME, Series
from sitegen.read.files import FileError, Report, open_file
from sitegen.read.journal import JournalRow, read_journal

PARQUET_FAULTS = (pa.ArrowException, OSError, ValueError, MemoryError)
JOURNAL_KEY = b"sitegen.journal"
_BATCH_ROWS = 1 << 18
_NO_STEP = -(2**63)
_LAST_STEP = 2**63 - 1


class MetricPoints:
    """Points of one run by metric, in file order until `series` sorts them."""

    def __init__(self, limits: Limits, report: Report) -> None:
        self._columns: dict[str, list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]] = {}
        self._next_step: dict[str, int] = {}
        self._limits = limits
        self._report = report
        self._is_full = False
        self.out_of_order: dict[str, int] = {}
        """Points logged after a point of a later step, by metric; known after `series`."""

    def add(
        self,
        name: str,
        steps: NDArray[np.int64],
        times_us: NDArray[np.int64],
        values: NDArray[np.float64],
        path: str,
    ) -> None:
        """Take points in file order; `_NO_STEP` marks a missing step."""
        if name not in self._columns and len(self._columns) >= self._limits.metrics:
            if not self._is_full:
                self._report(_too_many_metrics(path, self._limits))
                self._is_full = True
            return
        if len(values):
            self._columns.setdefault(name, []).append(
                (self._counted(name, steps), times_us, values)
            )

    def _counted(self, name: str, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        """*steps* with missing ones counting up from the step before them."""
        missing = steps == _NO_STEP
        upcoming = self._next_step.get(name, 0)
        if missing.all():
            upcoming = min(upcoming, _LAST_STEP - len(steps))
            steps = np.arange(upcoming, upcoming + len(steps), dtype=np.int64)
        elif missing.any():
            steps = steps.copy()
            for index in range(len(steps)):
                if missing[index]:
                    steps[index] = upcoming
                upcoming = min(int(steps[index]) + 1, _LAST_STEP)
        self._next_step[name] = min(int(steps[-1]) + 1, _LAST_STEP)
        return steps

    def series(self) -> Iterator[Series]:
        """One series per metric, in order of names; each is let go once it was given."""
        for name in sorted(self._columns):
            columns = self._columns.pop(name)
            steps, times, values = (
                np.concatenate([part[index] for part in columns]) for index in range(3)
            )
            self.out_of_order[name] = int((steps < np.maximum.accumulate(steps)).sum())
            if self.out_of_order[name]:
                order = np.argsort(steps, kind="stable")
                steps, times, values = steps[order], times[order], values[order]
            yield Series(
                name=name,
                steps=steps,
                times_us=None if (times == NO_TIME).all() else times,
                values=values,
            )


def read_metrics(root: Path, files: Sequence[str], limits: Limits, report: Report) -> MetricPoints:
    """All points of the run, by metric."""
    points = MetricPoints(limits, report)
    compacted: dict[str, int] = {}
    for path in sorted((path for path in files if path.endswith(".parquet")), key=_file_order):
        compacted |= _read_parquet(root, path, points, limits, report)
    for path in sorted((path for path in files if path.endswith(".jsonl")), key=_file_order):
        writer = path.rpartition("/")[2].removesuffix(".jsonl")
        rows = read_journal(root, path, limits, report, after_seq=compacted.get(writer))
        _add_rows(points, path, rows)
    return points


def _file_order(path: str) -> tuple[bool, bytes]:
    return path != "metrics.parquet", path.encode("utf-8", "surrogateescape")


def _read_parquet(
    root: Path, path: str, points: MetricPoints, limits: Limits, report: Report
) -> dict[str, int]:
    """The journal positions that the file has taken in, by writer."""
    try:
        with open_file(root, path) as stream:
            schema_file = pq.ParquetFile(stream)
            schema = schema_file.schema_arrow
            _check_size(schema_file.metadata, path, limits)
            strings = [field.name for field in schema if _is_text(field.type)]
            stream.seek(0)
            table = pq.ParquetFile(stream, read_dictionary=strings)
            _read_tables(table, schema, path, points, report)
            return _journal_positions(schema.metadata or {}, path, report)
    except FileError as error:
        report(
            Problem(
                code="parquet-unreadable",
                severity="error",
                path=path,
                message=error.message,
                hint="The file is left out.",
            )
        )
    except PARQUET_FAULTS as error:
        report(_parquet_problem(root, path, error))
    return {}


def _check_size(metadata: pq.FileMetaData, path: str, limits: Limits) -> None:
    if metadata.num_columns > limits.parquet_columns:
        raise FileError(
            f"has {metadata.num_columns:,} columns, more than the limit of"
            f" {limits.parquet_columns:,}",
            path=path,
        )
    if metadata.num_rows > limits.metric_rows:
        raise FileError(
            f"has {metadata.num_rows:,} rows, more than the limit of {limits.metric_rows:,}",
            path=path,
        )


def _parquet_problem(root: Path, path: str, error: BaseException) -> Problem:
    with open_file(root, path) as stream:
        size_bytes = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(4)
        stream.seek(max(0, size_bytes - 4))
        tail = stream.read(4)
    if head == b"PAR1" and tail != b"PAR1":
        return Problem(
            code="parquet-truncated",
            severity="error",
            path=path,
            message=f"file ends after {size_bytes:,} bytes without the Parquet footer",
            hint="The points of this file are lost. Copy it again, or log the run again.",
        )
    first_line = str(error).partition("\n")[0][:200]
    if head != b"PAR1":
        message = f"is not a Parquet file: expected it to begin with PAR1, got {head!r}"
    else:
        message = f"cannot be decoded: {first_line}"
    return Problem(
        code="parquet-unreadable",
        severity="error",
        path=path,
        message=message,
        hint="Points read before the fault are kept.",
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_name(kind: pa.DataType) -> bool:
    return _is_text(kind) or (pa.types.is_dictionary(kind) and _is_text(kind.value_type))


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def _read_tables(
    table: pq.ParquetFile, schema: pa.Schema, path: str, points: MetricPoints, report: Report
) -> None:
    kinds = {field.name: field.type for field in schema}
    is_long = _is_name(kinds.get("name", pa.null())) and _is_number(kinds.get("value", pa.null()))
    names = [name for name, kind in kinds.items() if name in {"step", "time"} or _is_number(kind)]
    if is_long:
        names = [name for name in ("name", "step", "time", "value") if name in kinds]
    elif "step" not in kinds or len(set(names) - {"step", "time"}) == 0:
        report(
            Problem(
                code="metrics-columns",
                severity="error",
                path=path,
                message="holds no metrics: expected columns name, step, time, value or step and"
                f" numeric columns, got {', '.join(list(kinds)[:12]) or 'none'}",
                hint="The file is left out.",
            )
        )
        return
    twice = sorted({name for name in names if schema.names.count(name) > 1})
    if twice:
        report(
            Problem(
                code="metrics-columns",
                severity="error",
                path=path,
                message=f"two columns are called {', '.join(twice[:12])}; expected one of a name",
                hint="The file is left out.",
            )
        )
        return
    for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=names):
        if is_long:
            _add_long(batch, path, points, report)
        else:
            _add_wide(batch, path, points, report)


def _add_long(batch: pa.RecordBatch, path: str, points: MetricPoints, report: Report) -> None:
    steps = _steps(batch, path, report)
    times = _times_us(batch, path, report)
    name_column, values = batch.column("name"), batch.column("value")
    keep = pc.and_(pc.is_valid(values), pc.is_valid(name_column)).to_numpy(zero_copy_only=False)
    unnamed = int(pc.sum(pc.and_(pc.is_null(name_column), pc.is_valid(values))).as_py() or 0)
    if unnamed:
        report(
            Problem(
                code="metric-name",
                severity="error",
                path=path,
                message=f"{unnamed:,} points have no name",
                hint="They are left out.",
            )
        )
    if not pa.types.is_dictionary(name_column.type):
        name_column = name_column.dictionary_encode()
    names = name_column.dictionary.to_pylist()
    codes = name_column.indices.fill_null(0).to_numpy(zero_copy_only=False)[keep]
    numbers = _numbers(values)[keep]
    steps, times = steps[keep], times[keep]
    codes = codes.astype(np.uint16 if len(names) < 2**16 else np.int64)
    order = np.argsort(codes, kind="stable")  # radix sort on 16 bits: 3 times faster than on 32
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    for code, name in enumerate(names):
        rows = order[edges[code] : edges[code + 1]]
        if len(rows):
            points.add(name, steps[rows], times[rows], numbers[rows], path)


def _add_wide(batch: pa.RecordBatch, path: str, points: MetricPoints, report: Report) -> None:
    steps, times = _steps(batch, path, report), _times_us(batch, path, report)
    for name in batch.schema.names:
        if name in {"step", "time"}:
            continue
        column = batch.column(name)
        keep = pc.is_valid(column).to_numpy(zero_copy_only=False)
        points.add(name, steps[keep], times[keep], _numbers(column)[keep], path)


def _numbers(column: pa.Array) -> NDArray[np.float64]:
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    numbers: NDArray[np.float64] = (
        column.cast(pa.float64(), safe=False).fill_null(0.0).to_numpy(zero_copy_only=False)
    )
    return numbers


def _steps(batch: pa.RecordBatch, path: str, report: Report) -> NDArray[np.int64]:
    """Steps with `_NO_STEP` where there is none; a fraction is cut off and told."""
    if "step" not in batch.schema.names:
        return np.full(batch.num_rows, _NO_STEP, dtype=np.int64)
    column = batch.column("step")
    if pa.types.is_integer(column.type):
        filled = column.cast(pa.int64(), safe=False).fill_null(_NO_STEP)
        whole: NDArray[np.int64] = filled.to_numpy(zero_copy_only=False)
        return whole
    if not pa.types.is_floating(column.type):
        report(_wrong_column(path, "step", "an integer", column.type, "Points count up instead."))
        return np.full(batch.num_rows, _NO_STEP, dtype=np.int64)
    floats = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    missing = ~np.isfinite(floats)
    floats = np.where(missing, 0.0, floats)
    fractions = int((floats != np.floor(floats)).sum())
    if fractions:
        report(
            Problem(
                code="metric-step",
                severity="warning",
                path=path,
                message=f"{fractions:,} steps are no whole numbers",
                hint="The fraction is cut off.",
            )
        )
    steps = np.clip(np.floor(floats), -(2.0**62), 2.0**62).astype(np.int64)
    return np.where(missing, _NO_STEP, steps)


def _times_us(batch: pa.RecordBatch, path: str, report: Report) -> NDArray[np.int64]:
    nothing = np.full(batch.num_rows, NO_TIME, dtype=np.int64)
    if "time" not in batch.schema.names:
        return nothing
    column = batch.column("time")
    if not pa.types.is_timestamp(column.type):
        if column.null_count < len(column):
            report(_wrong_column(path, "time", "a timestamp", column.type, "Times are left out."))
        return nothing
    times = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64()).fill_null(NO_TIME)
    result: NDArray[np.int64] = times.to_numpy(zero_copy_only=False)
    return result


def _wrong_column(path: str, name: str, expected: str, kind: pa.DataType, hint: str) -> Problem:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return Problem(
        code="metrics-columns",
        severity="error",
        path=path,
        message=f"column {name}: expected {expected}, got {kind}",
        hint=hint,
    )


def _journal_positions(metadata: dict[bytes, bytes], path: str, report: Report) -> dict[str, int]:
    import msgspec

    if JOURNAL_KEY not in metadata:
        return {}
    try:
        return msgspec.json.decode(metadata[JOURNAL_KEY], type=dict[str, int])
    except msgspec.DecodeError as error:
        report(
            Problem(
                code="journal-position",
                severity="warning",
                path=path,
                message=f"metadata {JOURNAL_KEY.decode()}: {error}",
                hint="Journals beside it are read from their beginning.",
            )
        )
        return {}


def _add_rows(points: MetricPoints, path: str, rows: Iterable[JournalRow]) -> None:
    columns: dict[str, tuple[list[int], list[int], list[float]]] = {}
    for name, step, time_us, value in rows:
        steps, times, values = columns.setdefault(name, ([], [], []))
        steps.append(_NO_STEP if step is None else step)
        times.append(NO_TIME if time_us is None else time_us)
        values.append(value)
    for name, (steps, times, values) in columns.items():
        points.add(
            name,
            np.array(steps, dtype=np.int64),
            np.array(times, dtype=np.int64),
            np.array(values, dtype=np.float64),
            path,
        )


def _too_many_metrics(path: str, limits: Limits) -> Problem:
    return Problem(
        code="too-many-metrics",
        severity="error",
        path=path,
        message=f"more than the limit of {limits.metrics:,} metrics",
        hint="The rest is left out; raise metrics under [limits] in sitegen.toml.",
    )
