"""Bundles whose processes were killed: marked interrupted, their journals made Parquet.

A bundle whose writer lives is left alone. Our own writers hold locks, which die with them; of a
bundle by other hands, which has none, a file that was written in the last minute says so.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Literal

from sitegen.records import dataclass
from sitegen.sdk.compact import compact_metrics
from sitegen.sdk.document import Document, RunDocument, parse
from sitegen.sdk.faults import Faults, LogValueError
from sitegen.sdk.journal import FOLDER
from sitegen.sdk.ownership import OWNER, Ownership, living_writer
from sitegen.sdk.places import MANIFEST
from sitegen.units import rfc3339

_QUIET_S = 60.0
_TEMPORARY = re.compile(r"\..+\.\d+-[0-9a-z]{4}")
Outcome = Literal["interrupted", "compacted", "unchanged", "living"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of one bundle."""

    outcome: Outcome
    """interrupted: it never ended and says so now; compacted: it had ended; living: left alone."""
    points: int = 0
    """Points that went from journals into Parquet."""
    reason: str | None = None
    """What says that a writer lives."""


def settle_bundle(bundle: Path) -> Settled:
    """What became of *bundle*.

    Raises:
        LogValueError: if its run.json is no JSON object.
        OSError: if it cannot be written.
    """
    is_running = _status(bundle) == "running"
    has_journals = any((bundle / FOLDER).glob("*.jsonl"))
    if not is_running and not has_journals:
        return Settled(outcome="unchanged")
    reason = living_writer(bundle) or (_recent_change(bundle) if is_running else None)
    ownership = Ownership(bundle)
    if reason is not None or not ownership.take():
        return Settled(outcome="living", reason=reason or "another process has just taken it")
    try:
        compaction = compact_metrics(bundle)
        if is_running:
            _interrupt(bundle, compaction.last_us)
        _remove_temporary_files(bundle)
    finally:
        ownership.release()
    outcome: Outcome = "interrupted" if is_running else "compacted"
    if outcome == "compacted" and not compaction.points:
        outcome = "unchanged"
    return Settled(outcome=outcome, points=compaction.points)


def _status(bundle: Path) -> str:
    try:
        document = parse((bundle / MANIFEST).read_bytes())
    except ValueError as error:
        raise LogValueError("is not JSON; mend it first", path=str(bundle / MANIFEST)) from error
    if not isinstance(document, dict):
        raise LogValueError("is no JSON object; mend it first", path=str(bundle / MANIFEST))
    return str(document.get("status", "running"))


def _recent_change(bundle: Path) -> str | None:
    """The file that a writer without locks has just written."""
    if (bundle / OWNER).exists():
        return None
    for path in (*sorted((bundle / FOLDER).glob("*.jsonl")), bundle / MANIFEST):
        if time.time() - path.stat().st_mtime < _QUIET_S:
            return f"{path.relative_to(bundle).as_posix()} was written less than a minute ago"
    return None


def _interrupt(bundle: Path, last_us: int | None) -> None:
    """run.json says that the run was interrupted, when it last logged a point."""

    def interrupt(document: Document) -> None:
        document["status"] = "interrupted"
        if last_us is not None:
            document.setdefault("ended_at", rfc3339(last_us * 1000))

    document = RunDocument(bundle, Faults(bundle.name))
    if not document.change(interrupt, sync=True):
        raise OSError(f"{MANIFEST} cannot be written")


def _remove_temporary_files(bundle: Path) -> None:
    """What a killed process was about to put in place."""
    for folder in (bundle, bundle / FOLDER):
        names = os.listdir(folder) if folder.is_dir() else []  # noqa: PTH208
        for name in names:
            if _TEMPORARY.fullmatch(name):
                (folder / name).unlink(missing_ok=True)
