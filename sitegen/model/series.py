"""Points of metrics. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points of one metric, ordered by (step, file order); the three columns have one length."""

    name: str
    """Name of the metric."""
    steps: NDArray[np.int64]
    """Steps, ascending; may repeat and be negative."""
    times_us: NDArray[np.int64] | None
    """Wall times in µs since the epoch, `NO_TIME` where not logged; None if none was logged."""
    values: NDArray[np.float64]
    """Values; NaN and ±Inf are data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlocks:
    """All points of one metric in order of (step, file order), never all of them in memory."""

    name: str
    """Name of the metric."""
    count: int
    """Points."""
    out_of_order: int
    """Points logged after a point of a later step."""
    blocks: Callable[[], Iterator[Series]]
    """Gives the points anew: blocks of `BLOCK_POINTS`, the last one shorter."""


BLOCK_POINTS = 2**17
"""Points of a block: 3 MB, and whole buckets of every size up to it."""


NO_TIME = -(2**63)
"""A point's wall time when it has none (the smallest int64)."""
