"""How a run ends: what was logged is on the disk, run.json says how, journals become Parquet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sitegen.sdk.compact import CompactionError, compact_metrics
from sitegen.sdk.document import Document
from sitegen.sdk.recorded import error_facts
from sitegen.units import rfc3339

if TYPE_CHECKING:
    from sitegen.sdk.opening import RunParts


def end_run(
    parts: RunParts,
    closers: Sequence[Callable[[], None]],
    status: str,
    error: BaseException | None,
) -> None:
    """End the run in this process; its owner says how it ended, and is the owner until `settle`.

    Whatever a closer raises is raised after all else was done.
    """
    with ExitStack() as last:
        if parts.ownership.is_held:
            last.callback(_tell, parts, status, error)
        last.callback(parts.journal.close)
        last.callback(parts.sync)
        last.callback(parts.tracing.close)
        for close in closers:
            last.callback(close)
        if parts.heartbeat is not None:
            parts.heartbeat.stop()


def settle(parts: RunParts, *, compact: bool) -> None:
    """Put the files of a run in order that has ended, and give it up."""
    try:
        if compact:
            _compact(parts)
    finally:
        _release(parts)


def _tell(parts: RunParts, status: str, error: BaseException | None) -> None:
    """run.json says how the run ended, and what it lacks."""
    facts: Document = {"status": status, "ended_at": rfc3339(time.time_ns() // 10**6 * 10**6)}
    if error is not None:
        facts["error"] = error_facts(error)
    document, faults = parts.document, parts.faults

    def tell(known: Document) -> None:
        known.update(facts)
        if faults.lost:
            known["lost_records"] = faults.document()

    if not document.change(tell, sync=True):
        parts.ownership.make_room()
        document.change(lambda _: None, sync=True)


def _compact(parts: RunParts) -> None:
    """Journals become Parquet; where that fails they are as good."""
    try:
        compact_metrics(parts.directory)
    except OSError as error:
        parts.faults.add("metrics.parquet", error, count=0)
    except (CompactionError, ImportError) as error:
        parts.faults.add("metrics.parquet", OSError(0, str(error)), count=0)


def _release(parts: RunParts) -> None:
    with parts.faults.guard("run"):
        parts.ownership.release()
