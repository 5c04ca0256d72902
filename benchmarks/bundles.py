"""Bundles to measure with: the same arguments give the same bytes and the same time stamps.

Time stamps lie in the past, so that neither git nor the build takes a file for one that may still
be changing. Runs lie in experiments of a hundred, as `experiment-007/run-00742/`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MODIFIED_S = 1_790_000_000
"""Modification time of every file: 21 September 2026."""
RUNS_PER_EXPERIMENT = 100
_STARTED_US = 1_780_000_000_000_000
_BATCH_ROWS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a metrics.parquet holds."""

    points: int
    """Rows."""
    metrics: int
    """Names."""
    order: str
    """`regular`: every metric at every step in turn; `irregular`: any metric at any time;
    `sorted`: metric by metric; `descending`: as regular, from the last step to the first;
    `uneven`: as irregular, with steps, and so times, at odd distances."""
    row_group_rows: int = 1_000_000
    """Rows of a row group."""
    has_times: bool = True
    """Whether points carry a time."""
    is_noise: bool = False
    """Whether values are doubles of noise, of which no two bits follow from each other; else what
    a training loop logs: a falling curve with noise, of 32 bits."""


def write_runs(
    root: Path, count: int, *, metrics: Shape | None = None, has_notes: bool = False
) -> None:
    """Write *count* bundles below *root*; each of run.json and what else is asked for."""
    for number in range(count):
        write_run(run_directory(root, number), number, metrics=metrics, has_notes=has_notes)
    for directory in {root, *root.glob("experiment-*")}:
        _set_time(directory, 0)


def run_directory(root: Path, number: int) -> Path:
    """Where the run *number* lies."""
    return root / f"experiment-{number // RUNS_PER_EXPERIMENT:03}" / f"run-{number:05}"


def write_run(directory: Path, number: int, *, metrics: Shape | None, has_notes: bool) -> None:
    """Write one bundle."""
    directory.mkdir(parents=True, exist_ok=True)
    write_manifest(directory, number)
    if metrics is not None:
        write_metrics(directory / "metrics.parquet", metrics, seed=number)
    if has_notes:
        (directory / "notes.md").write_text(_notes(number), encoding="utf-8")
        _set_time(directory / "notes.md", 0)
    _set_time(directory, 0)


def write_manifest(directory: Path, number: int, *, edit: int = 0) -> None:
    """Write run.json; another *edit* gives another value of one param and another time stamp."""
    path = directory / "run.json"
    path.write_text(json.dumps(_manifest(number, edit), indent=2) + "\n", encoding="utf-8")
    _set_time(path, edit)


def _manifest(number: int, edit: int) -> dict[str, Any]:
    day, minute = 1 + number % 28, number % 60
    return {
        "format": 1,
        "name": f"run {number}",
        "status": "failed" if number % 20 == 19 else "completed",
        "started_at": f"2026-08-{day:02}T10:{minute:02}:00Z",
        "ended_at": f"2026-08-{day:02}T11:{minute:02}:30Z",
        "user": ("ada", "grace", "alan")[number % 3],
        "tags": ["baseline"] if number % 10 == 0 else ["sweep"],
        "params": {
            "learning_rate": 10.0 ** -(1 + number % 5),
            "seed": number,
            "optimizer": {"name": ("adam", "sgd")[number % 2], "weight_decay": 0.01},
            "edit": edit,
        },
        "metrics": {"metric/0": {"goal": "minimize"}},
        "summary": {"test_accuracy": round(0.5 + number % 97 / 200, 4)},
    }


def _notes(number: int) -> str:
    return (
        f"# Run {number}\n\nA run of a *benchmark*. What was tried:\n\n"
        "- a smaller learning rate\n- another optimizer, see `params`\n\n"
        "The loss falls as expected; nothing here was trained.\n"
    )


def write_metrics(path: Path, shape: Shape, *, seed: int) -> None:
    """Write a metrics file batch by batch, so that writing 1e8 points needs little memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [("name", pa.string()), ("step", pa.int64()), ("value", pa.float64())]
        + ([("time", pa.timestamp("us", tz="UTC"))] if shape.has_times else [])
    )
    names = pa.array([f"metric/{number}" for number in range(shape.metrics)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _row_groups(shape, seed):
            codes, steps, values = (np.concatenate(column) for column in zip(*group, strict=True))
            name_column = pa.DictionaryArray.from_arrays(codes, names).cast(pa.string())
            columns = [name_column, steps, values]
            if shape.has_times:
                times = pa.array(_STARTED_US + steps * 1_000_000).cast(schema.field("time").type)
                columns.append(times)
            writer.write_table(pa.table(columns, schema=schema), row_group_size=len(codes))
    _set_time(path, 0)


Columns = tuple["NDArray[np.int32]", "NDArray[np.int64]", "NDArray[np.float64]"]


def _row_groups(shape: Shape, seed: int) -> Iterator[Sequence[Columns]]:
    """Columns (name codes, steps, values) of each row group in pieces of a million rows."""
    random = np.random.default_rng(seed)
    next_steps = np.zeros(shape.metrics, dtype=np.int64)
    for start in range(0, shape.points, shape.row_group_rows):
        end = min(start + shape.row_group_rows, shape.points)
        yield [
            _columns(shape, at, min(at + _BATCH_ROWS, end), next_steps, random)
            for at in range(start, end, _BATCH_ROWS)
        ]


def _columns(
    shape: Shape, start: int, end: int, next_steps: NDArray[np.int64], random: np.random.Generator
) -> Columns:
    rows = np.arange(start, end)
    steps_per_metric = -(-shape.points // shape.metrics)
    match shape.order:
        case "regular":
            codes, steps = rows % shape.metrics, rows // shape.metrics
        case "descending":
            codes, steps = rows % shape.metrics, steps_per_metric - rows // shape.metrics
        case "sorted":
            codes, steps = rows // steps_per_metric, rows % steps_per_metric
        case "irregular":
            codes = random.integers(0, shape.metrics, end - start)
            steps = _counted_up(codes, next_steps)
        case "uneven":
            codes = random.integers(0, shape.metrics, end - start)
            steps = next_steps[0] + np.cumsum(random.integers(0, 5, end - start))
            next_steps[0] = steps[-1]
        case _:
            raise ValueError(shape.order)
    if shape.is_noise:
        return codes.astype(np.int32), steps, random.standard_normal(end - start)
    noise = random.standard_normal(end - start, dtype=np.float32)
    values = (2.0 / (1.0 + steps / 1_000) + codes + noise / 10).astype(np.float32)
    return codes.astype(np.int32), steps, values.astype(np.float64)


def _counted_up(codes: NDArray[np.int64], next_steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The next step of each row's metric; *next_steps* is moved on."""
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=len(next_steps))
    starts = np.cumsum(counts) - counts
    steps = np.empty(len(codes), dtype=np.int64)
    steps[order] = np.arange(len(codes)) - np.repeat(starts - next_steps, counts)
    next_steps += counts
    return steps


def _set_time(path: Path, edit: int) -> None:
    os.utime(path, (MODIFIED_S + edit, MODIFIED_S + edit))
