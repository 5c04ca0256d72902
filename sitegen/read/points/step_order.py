"""One series by (step, file order), however it was logged: an external merge sort.

Floor 2. Runs of half a million points are sorted in memory, stably; more than one run goes to a
scratch file, and a little of each is held while they are merged. Points of one step stay in file
order, because runs lie in file order and the earlier run gives its points first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sitegen.model import BLOCK_POINTS, Series
from sitegen.read.scratch import OpenScratch, ScratchFile, StoredColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RUN_BLOCKS = 4
_MERGED_POINTS = 1 << 18
_FEWEST = 4_096
_Columns: TypeAlias = "tuple[NDArray[Any], ...]"
"""Steps, values, and times where there are any."""


def late_points(blocks: Iterator[Series]) -> int:
    """How many points come after a point of a later step."""
    late, highest = 0, -(2**63)
    for block in blocks:
        later = np.maximum.accumulate(np.maximum(block.steps, highest))
        late += int((block.steps < later).sum())
        highest = int(later[-1])
    return late


def in_step_order(
    blocks: Callable[[], Iterator[Series]], count: int, open_scratch: OpenScratch
) -> Iterator[Series]:
    """The series of *count* points that *blocks* gives in file order."""
    if count <= _RUN_BLOCKS * BLOCK_POINTS:
        group = list(blocks())
        yield from _series(group[0].name, iter([_run(group)]))
        return
    with closing(ScratchFile(open_scratch)) as scratch:
        runs = []
        name = ""
        for group in _groups(blocks()):
            name = group[0].name
            runs.append(tuple(scratch.keep(column) for column in _run(group)))
        yield from _series(name, _merged(runs))


def _run(group: list[Series]) -> _Columns:
    """The points of the blocks in order of their steps."""
    steps = np.concatenate([block.steps for block in group])
    order = np.argsort(steps, kind="stable")
    return (steps[order], *_rest(group, order))


def _groups(blocks: Iterator[Series]) -> Iterator[list[Series]]:
    """The blocks of each run."""
    group: list[Series] = []
    for block in blocks:
        group.append(block)
        if len(group) == _RUN_BLOCKS:
            yield group
            group = []
    if group:
        yield group


def _rest(group: list[Series], order: NDArray[np.int64]) -> Iterator[NDArray[Any]]:
    yield np.concatenate([block.values for block in group])[order]
    times = [block.times_us for block in group if block.times_us is not None]
    if times:
        yield np.concatenate(times)[order]


def _merged(runs: list[tuple[StoredColumn, ...]]) -> Iterator[_Columns]:
    """The rows of all *runs* by (step, run), some at a time.

    Of each run a piece is held. Up to the smallest (last step, run) of the pieces, of runs that
    have more, all rows are at hand.
    """
    size = max(_FEWEST, _MERGED_POINTS // len(runs))
    taken = [0] * len(runs)
    pieces: list[_Columns] = [_piece(run, 0, size) for run in runs]
    while any(len(piece[0]) for piece in pieces):
        bounds = [
            (int(piece[0][-1]), number)
            for number, piece in enumerate(pieces)
            if taken[number] + len(piece[0]) < runs[number][0].count
        ]
        bound = min(bounds, default=None)
        ready = [
            len(piece[0]) if bound is None else _up_to(piece[0], number, bound)
            for number, piece in enumerate(pieces)
        ]
        given = [
            tuple(column[:rows] for column in piece)
            for piece, rows in zip(pieces, ready, strict=True)
        ]
        steps = np.concatenate([columns[0] for columns in given])
        order = np.argsort(steps, kind="stable")
        yield tuple(np.concatenate(columns)[order] for columns in zip(*given, strict=True))
        for number, rows in enumerate(ready):
            taken[number] += rows
            pieces[number] = _refilled(runs[number], pieces[number], rows, taken[number], size)


def _piece(run: tuple[StoredColumn, ...], start: int, size: int) -> _Columns:
    return tuple(column.rows(start, min(start + size, column.count)) for column in run)


def _refilled(
    run: tuple[StoredColumn, ...], piece: _Columns, rows: int, taken: int, size: int
) -> _Columns:
    """What is left of *piece* after its first *rows*; the next one if that is nothing."""
    if rows < len(piece[0]):
        return tuple(column[rows:] for column in piece)
    return _piece(run, taken, size)


def _up_to(steps: NDArray[np.int64], number: int, bound: tuple[int, int]) -> int:
    """Rows whose (step, run *number*) are at most *bound*."""
    step, run = bound
    return int(np.searchsorted(steps, step, side="right" if number <= run else "left"))


def _series(name: str, parts: Iterator[_Columns]) -> Iterator[Series]:
    """Blocks of one length of rows that come in other lengths."""
    held: list[_Columns] = []
    count = 0
    for part in parts:
        held.append(part)
        count += len(part[0])
        if count < BLOCK_POINTS:
            continue
        whole = tuple(np.concatenate(columns) for columns in zip(*held, strict=True))
        for start in range(0, count - BLOCK_POINTS + 1, BLOCK_POINTS):
            yield _block(name, tuple(column[start : start + BLOCK_POINTS] for column in whole))
        rest = count - count % BLOCK_POINTS
        held = [tuple(column[rest:].copy() for column in whole)] if rest < count else []
        count -= rest
    if held:
        yield _block(name, tuple(np.concatenate(columns) for columns in zip(*held, strict=True)))


def _block(name: str, columns: _Columns) -> Series:
    times = columns[2] if len(columns) > 2 else None
    return Series(name=name, steps=columns[0], times_us=times, values=columns[1])
