"""The list of a run's traces as columns, for the table that sorts, filters and exports all of them.

Floor 3. One group, `core`, in blocks `trace-list-core-<n>`; row is the place by start. `file` is no
column of the table: it names the data file with the trace's tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from sitegen.derive.columns import ColumnBlocks
from sitegen.derive.sink import DataFile, Sink
from sitegen.derive.traces.rows import TraceRow
from sitegen.model import Json
from sitegen.records import dataclass

TRACE_LIST = "trace-list-"
"""The beginning of the names of its data files."""
_ROWS = 65_536
_BYTES = 32_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceList:
    """What a page must know to load the columns."""

    starts: tuple[int, ...]
    """First row of each block."""
    names: tuple[str, ...]
    """Columns that some trace has."""
    files: tuple[DataFile, ...]
    """Data files."""


def write_list(rows: Sequence[TraceRow], sink: Sink) -> TraceList:
    """The columns of *rows*, which stand by start."""
    blocks = ColumnBlocks(f"{TRACE_LIST}core", sink, most_rows=_ROWS, most_bytes=_BYTES)
    names: dict[str, None] = {}
    for row in rows:
        values = _values(row)
        names.update(dict.fromkeys(values))
        blocks.add(values, 300)
    blocks.close()
    names.pop("file", None)
    return TraceList(starts=tuple(blocks.starts), names=tuple(names), files=tuple(blocks.files))


def write_index(
    trace_list: TraceList, count: int, files: Sequence[DataFile], sink: Sink
) -> DataFile:
    """The data file `trace-files`: {"n", "starts", "names", "files": {name: path}}.

    A page of its own run knows all of this; one that holds runs against each other loads it when a
    trace is asked for.
    """
    payload: dict[str, Json] = {
        "n": count,
        "starts": list(trace_list.starts),
        "names": list(trace_list.names),
        "files": {one.name: one.file for one in files},
    }
    return sink.data("trace-files", payload)


def _values(row: TraceRow) -> dict[str, Json]:
    values: dict[str, Json] = {
        "name": row.name or "(no name)",
        "id": row.trace_id,
        "started_at": None if row.start_ns is None else row.start_ns / 10**6,
        "duration_s": None if row.duration_ns is None else row.duration_ns / 10**9,
        "spans": row.span_count,
        "errors": row.error_count,
        "models": list(row.models) or None,
        "tokens": row.tokens,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "cached_tokens": row.cached_tokens,
        "cost_usd": row.cost_usd,
        "estimated_cost_usd": row.estimated_cost_usd,
        "session": row.session,
        "user": row.user,
        "file": row.file,
    }
    return {name: value for name, value in values.items() if value is not None}
