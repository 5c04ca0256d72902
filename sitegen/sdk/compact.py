"""Journals become Parquet: `metrics.parquet`, or a file in `metrics/` if there is one already.

The new file is written beside its place, flushed to the disk, its rows are counted, and only then
it takes its place and the journals go. After a crash at any moment each point is still read once:
the metadata `sitegen.journal` names what the file has taken in. A journal whose writer lives, that
holds a bad line, or whose records have no `seq`, stays.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import field
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from sitegen.errors import SitegenError
from sitegen.records import dataclass
from sitegen.sdk.journal import FOLDER, writer_name
from sitegen.sdk.places import replacing, sync_path

METADATA_KEY = b"sitegen.journal"
_BATCH_ROWS = 1 << 17
_INT64 = 2**63


class CompactionError(SitegenError):
    """The file that was written does not hold what the journals hold; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compaction:
    """What was put in order."""

    points: int
    """Points that the new file holds."""
    journals: int
    """Journals that it took in."""
    living: tuple[str, ...]
    """Journals whose writers live."""
    last_us: int | None
    """Time of the last record taken in, µs since 1970."""


class _Record(msgspec.Struct, frozen=True):
    """One line of a journal."""

    values: dict[str, float | str | None]
    seq: int | None = None
    time: int | float | None = None
    step: int | float | None = None


@dataclass(slots=True)
class _Journal:
    """A journal whose writer does not live, as far as it was read."""

    path: Path
    """The file."""
    is_locked: bool
    """Whether we hold its lock; a disk without locks gives none."""
    taken_seq: int = 0
    """Records up to this one are in a Parquet file, after which a crash left the journal."""
    last_seq: int = 0
    """Highest seq so far."""
    last_us: int | None = None
    """Latest time so far."""
    has_bad_line: bool = False
    """Whether a line before the last is no record."""


@dataclass(slots=True)
class _Columns:
    """Points that wait to be written."""

    names: list[str] = field(default_factory=list)
    """Metric of each."""
    steps: list[int | None] = field(default_factory=list)
    """Step of each."""
    times: list[int | None] = field(default_factory=list)
    """Time of each in µs."""
    values: list[float] = field(default_factory=list)
    """Value of each."""


class _UnnumberedError(Exception):
    """A record has no seq: reading its journal twice could not be avoided."""

    def __init__(self, path: Path) -> None:
        self.path = path


_DECODER = msgspec.json.Decoder(_Record)


def compact_metrics(bundle: Path, *, leave: Sequence[Path] = ()) -> Compaction:
    """The journals of *bundle* whose writers have ended, as one Parquet file.

    Raises:
        CompactionError: if the written file has another number of rows.
        OSError: if the disk is full or read-only; the journals are as they were.
    """
    with ExitStack() as locks:
        journals, living = _ended_journals(bundle, leave, locks)
        if not journals:
            return Compaction(points=0, journals=0, living=living, last_us=None)
        _skip_what_was_taken(bundle, journals)
        try:
            points = _write_parquet(bundle, journals)
        except _UnnumberedError as found:
            locks.close()
            return compact_metrics(bundle, leave=[*leave, found.path])
        taken = [one for one in journals if one.is_locked and not one.has_bad_line]
        for journal in taken:
            journal.path.unlink()
        _remove_if_empty(bundle / FOLDER)
    times = [one.last_us for one in journals if one.last_us is not None]
    return Compaction(
        points=points, journals=len(taken), living=living, last_us=max(times, default=None)
    )


def _ended_journals(
    bundle: Path, leave: Sequence[Path], locks: ExitStack
) -> tuple[list[_Journal], tuple[str, ...]]:
    """Journals to take in, each locked until *locks* closes, and the names of those that live."""
    ended, living = [], []
    for path in sorted((bundle / FOLDER).glob("*.jsonl"), key=lambda one: os.fsencode(one.name)):
        if path in leave or path.name.startswith(".") or path.is_symlink():
            continue
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        locks.callback(os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            living.append(path.name)
        except OSError:
            ended.append(_Journal(path, is_locked=False))
        else:
            ended.append(_Journal(path, is_locked=True))
    return ended, tuple(living)


def _skip_what_was_taken(bundle: Path, journals: list[_Journal]) -> None:
    """Each journal knows how far earlier Parquet files go."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in (bundle / "metrics.parquet", *sorted((bundle / FOLDER).glob("*.parquet"))):
        try:
            metadata = pq.read_metadata(path).metadata or {}
            seqs = msgspec.json.decode(metadata.get(METADATA_KEY, b"{}"), type=dict[str, int])
        except (OSError, ValueError, pa.ArrowException):  # not there, or none of ours
            continue
        for journal in journals:
            journal.taken_seq = max(journal.taken_seq, seqs.get(journal.path.stem, 0))


def _write_parquet(bundle: Path, journals: list[_Journal]) -> int:
    """Rows of the new file, which is in its place; none is written for no points."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("name", pa.string()),
            ("step", pa.int64()),
            ("time", pa.timestamp("us", tz="UTC")),
            ("value", pa.float64()),
        ]
    )
    target = bundle / "metrics.parquet"
    if target.exists():
        target = bundle / FOLDER / f"{writer_name()}.parquet"
    batches = _batches(journals)
    first = next(batches, None)
    if first is None:
        return 0
    rows = 0
    with replacing(target, sync=True) as temporary:
        # without a stored schema, readers find our metadata in that of the file
        with pq.ParquetWriter(temporary, schema, compression="zstd", store_schema=False) as writer:
            for columns in chain([first], batches):
                rows += len(columns.values)
                arrays = [columns.names, columns.steps, columns.times, columns.values]
                typed = [
                    pa.array(one, kind) for one, kind in zip(arrays, schema.types, strict=True)
                ]
                writer.write_batch(pa.record_batch(typed, schema=schema))
            seqs = {one.path.stem: one.last_seq for one in journals}
            writer.add_key_value_metadata({METADATA_KEY: json.dumps(seqs).encode()})
        written = pq.ParquetFile(temporary).metadata.num_rows
        if written != rows:
            raise CompactionError(
                f"expected {rows:,} rows, the file has {written:,}; the journals are kept",
                path=str(bundle),
            )
    return rows


def _batches(journals: list[_Journal]) -> Iterator[_Columns]:
    columns = _Columns()
    for journal in journals:
        for record in _records(journal):
            _add(columns, record)
            if len(columns.values) >= _BATCH_ROWS:
                yield columns
                columns = _Columns()
    if columns.values:
        yield columns


def _records(journal: _Journal) -> Iterator[_Record]:
    """The records of a journal; a torn last line is what a killed process leaves."""
    bad_lines = 0
    with journal.path.open("rb") as stream:
        for line in stream:
            if bad_lines:
                journal.has_bad_line = True
            record = _record(line)
            if record is None:
                bad_lines += 1
                continue
            if record.seq is None:
                raise _UnnumberedError(journal.path)
            journal.last_seq = max(journal.last_seq, record.seq)
            if record.seq <= journal.taken_seq:
                continue
            if record.time is not None:
                journal.last_us = max(journal.last_us or 0, int(record.time))
            yield record


def _record(line: bytes) -> _Record | None:
    """The record of a line, None if it is none or holds what no reader takes."""
    try:
        try:
            record = _DECODER.decode(line)
        except msgspec.ValidationError:
            return None
        except msgspec.DecodeError:
            loose: Any = json.loads(line)  # takes bare NaN and Infinity, which msgspec refuses
            record = msgspec.convert(loose, _Record)
        for value in record.values.values():
            if isinstance(value, str) and value not in {"NaN", "Infinity", "-Infinity"}:
                return None
        fields = (record.step, record.time)
        if any(one is not None and not abs(one) < _INT64 for one in fields):
            return None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return record


def _add(columns: _Columns, record: _Record) -> None:
    step = None if record.step is None else int(record.step)
    moment = None if record.time is None else int(record.time)
    for name, value in record.values.items():
        if value is not None:
            columns.names.append(name)
            columns.steps.append(step)
            columns.times.append(moment)
            columns.values.append(float(value))


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:  # Parquet files or living journals are there
        sync_path(folder)
