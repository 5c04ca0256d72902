"""Several series side by side: at each step that all have, the last value logged there.

Floor 3. A merge of streams: of each series a block is held, whatever its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sitegen.model import SeriesBlocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Column: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.float64]]"
"""Steps, each once, ascending, and the value at each."""
_NONE: _Column = (np.empty(0, dtype=np.int64), np.empty(0))


def shared_steps(
    many: Sequence[SeriesBlocks],
) -> Iterator[tuple[NDArray[np.int64], list[NDArray[np.float64]]]]:
    """The shared steps in order, some at a time, and the value of each series at them."""
    streams = [_last_by_step(one) for one in many]
    held = [next(stream, None) for stream in streams]
    while not any(column is None for column in held):
        columns = [column for column in held if column is not None]
        bound = min(int(steps[-1]) for steps, _ in columns)
        cuts = [int(np.searchsorted(steps, bound, side="right")) for steps, _ in columns]
        ready = [
            (steps[:cut], values[:cut]) for (steps, values), cut in zip(columns, cuts, strict=True)
        ]
        shared = reduce(np.intersect1d, [steps for steps, _ in ready])
        if len(shared):
            yield shared, [values[np.searchsorted(steps, shared)] for steps, values in ready]
        held = [
            (steps[cut:], values[cut:]) if cut < len(steps) else next(stream, None)
            for stream, (steps, values), cut in zip(streams, columns, cuts, strict=True)
        ]


def _last_by_step(one: SeriesBlocks) -> Iterator[_Column]:
    """The series with one value a step; a step that goes on in the next block waits for it."""
    rest = _NONE
    for block in one.blocks():
        steps = np.concatenate([rest[0], block.steps])
        values = np.concatenate([rest[1], block.values])
        is_last = np.append(steps[1:] != steps[:-1], False)
        if is_last.any():
            yield steps[is_last], values[is_last]
        rest = steps[-1:], values[-1:]
    if len(rest[0]):
        yield rest
