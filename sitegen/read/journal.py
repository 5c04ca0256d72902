"""Journals: metrics/<writer>.jsonl, what a running or killed process has logged.

Floor 2. One record a line: {"seq": 7, "time": 1795224679721379, "step": 7, "values": {"loss":
0.3}}. A torn last line is what a killed process leaves and is no fault; a bad line before it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.read.files import Report
from sitegen.read.lines import iter_lines

JournalRow: TypeAlias = tuple[str, int | None, int | None, float]
"""Name, step, time in µs and value of one point."""

_INT64 = 2**63
_MOST_PROBLEMS = 20


class _Record(msgspec.Struct, frozen=True):
    """One line."""

    values: dict[str, float | str | None]
    seq: int | None = None
    time: int | float | None = None
    step: int | float | None = None


_DECODER = msgspec.json.Decoder(_Record)


def read_journal(
    root: Path, path: str, limits: Limits, report: Report, *, after_seq: int | None
) -> Iterator[JournalRow]:
    """The points of the records after *after_seq*, in file order."""
    pending: Problem | None = None
    faults = 0
    for number, line in iter_lines(root, path, limits, report):
        if pending is not None:
            faults += 1
            if faults <= _MOST_PROBLEMS:
                report(pending)
            pending = None
        try:
            record = _decode(line)
            if after_seq is not None and record.seq is not None and record.seq <= after_seq:
                continue
            rows = list(_rows(record))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            pending = Problem(
                code="journal-line",
                severity="error",
                path=path,
                line=number,
                message=f"is no journal record: {str(error)[:200]}",
                hint="The line is left out.",
            )
        else:
            yield from rows
    if faults > _MOST_PROBLEMS:
        report(
            Problem(
                code="journal-line",
                severity="error",
                path=path,
                message=f"{faults - _MOST_PROBLEMS:,} more lines like it",
                hint="They are left out.",
            )
        )


def _decode(line: bytes) -> _Record:
    try:
        return _DECODER.decode(line)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        loose: Any = json.loads(line)  # accepts the bare NaN and Infinity that msgspec refuses
        return msgspec.convert(loose, _Record)


def _rows(record: _Record) -> Iterator[JournalRow]:
    step = _whole(record.step, "step")
    time_us = _whole(record.time, "time")
    for name, value in record.values.items():
        if value is not None:
            yield name, step, time_us, _number(name, value)


def _whole(value: float | None, field: str) -> int | None:
    if value is None:
        return None
    if math.isnan(value) or abs(value) >= _INT64:  # NaN or beyond 64 bits
        raise ValueError(f"{field} must be an integer, got {value}")
    return int(value)


def _number(name: str, value: float | str) -> float:
    if isinstance(value, str):
        if value not in {"NaN", "Infinity", "-Infinity"}:
            raise ValueError(f"value of “{name[:80]}” must be a number, got “{value[:80]}”")
        return float(value)
    return float(value)
