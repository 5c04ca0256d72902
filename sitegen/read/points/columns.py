"""Columns of metrics files as numbers: steps, wall times and values of any Arrow type.

Floor 2. A fraction of a step is cut off and told; a column of a wrong type costs itself only. What
is odd is gathered over all batches of a file and told once.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sitegen.errors import Problem
from sitegen.model import NO_TIME
from sitegen.read.files import Report
from sitegen.read.points.store import NO_STEP
from sitegen.records import dataclass


@dataclass(slots=True)
class TableFaults:
    """What is odd in a file, counted while it is read."""

    unnamed: int = 0
    """Points without a name."""
    fractions: int = 0
    """Steps that are no whole numbers."""
    wrong: dict[str, str] = field(default_factory=dict)
    """What was expected and found, by column."""

    def take(self, other: TableFaults) -> None:
        """Count those of another batch of the file."""
        self.unnamed += other.unnamed
        self.fractions += other.fractions
        self.wrong |= other.wrong

    def tell(self, path: str, report: Report) -> None:
        """Report all of it."""
        for column, text in self.wrong.items():
            is_step = column == "step"
            report(
                Problem(
                    code="metrics-columns",
                    severity="error",
                    path=path,
                    message=f"column {column}: {text}",
                    hint="Points count up instead." if is_step else "Times are left out.",
                )
            )
        if self.fractions:
            report(
                Problem(
                    code="metric-step",
                    severity="warning",
                    path=path,
                    message=f"{self.fractions:,} steps are no whole numbers",
                    hint="The fraction is cut off.",
                )
            )
        if self.unnamed:
            report(
                Problem(
                    code="metric-name",
                    severity="error",
                    path=path,
                    message=f"{self.unnamed:,} points have no name",
                    hint="They are left out.",
                )
            )


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of *kind* holds plain strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def is_name(kind: pa.DataType) -> bool:
    """Whether a column of *kind* may name metrics."""
    return is_text(kind) or (pa.types.is_dictionary(kind) and is_text(kind.value_type))


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of *kind* may hold values."""
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
    )


def numbers_of(column: pa.Array) -> NDArray[np.float64]:
    """The values as doubles, 0 where there is none."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return filled(_cast(column, pa.float64()), 0.0)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """The column as *kind*; nothing is imported for one that is of it (pyarrow.compute: 40 ms)."""
    return column if column.type == kind else column.cast(kind, safe=False)


def filled(column: pa.Array, value: float) -> NDArray[Any]:
    """The column with *value* where there is none; not copied if there is one everywhere."""
    whole = column.fill_null(value) if column.null_count else column
    numbers: NDArray[Any] = whole.to_numpy(zero_copy_only=False)
    return numbers


def steps_of(batch: pa.RecordBatch, faults: TableFaults) -> NDArray[np.int64]:
    """Steps with `NO_STEP` where there is none; a fraction is cut off."""
    if "step" not in batch.schema.names:
        return np.full(batch.num_rows, NO_STEP, dtype=np.int64)
    column = batch.column("step")
    if pa.types.is_integer(column.type):
        return filled(_cast(column, pa.int64()), NO_STEP)
    if not pa.types.is_floating(column.type):
        faults.wrong["step"] = f"expected an integer, got {_kind_text(column.type)}"
        return np.full(batch.num_rows, NO_STEP, dtype=np.int64)
    floats = filled(column.cast(pa.float64()), np.nan)
    missing = ~np.isfinite(floats)
    floats = np.where(missing, 0.0, floats)
    faults.fractions += int((floats != np.floor(floats)).sum())
    steps = np.clip(np.floor(floats), -(2.0**62), 2.0**62).astype(np.int64)
    return np.where(missing, NO_STEP, steps)


def times_us_of(batch: pa.RecordBatch, faults: TableFaults) -> NDArray[np.int64] | None:
    """Wall times in µs with `NO_TIME` where there is none; None if the column holds none at all."""
    if "time" not in batch.schema.names:
        return None
    column = batch.column("time")
    if column.null_count == len(column):
        return None
    if not pa.types.is_timestamp(column.type):
        faults.wrong["time"] = f"expected a timestamp, got {_kind_text(column.type)}"
        return None
    if column.type.unit != "us":
        column = column.cast(pa.timestamp("us"), safe=False)
    return filled(column.view(pa.int64()), NO_TIME)


def _kind_text(kind: pa.DataType) -> str:
    return str(kind.value_type if pa.types.is_dictionary(kind) else kind)
