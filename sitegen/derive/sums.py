"""Sums of what some samples record and others do not.

Floor 3. A sum of nothing is None, not 0: "not recorded" and "costs nothing" differ.
"""

from __future__ import annotations

import math
from collections import Counter

_MOST_PARTS = 1_000
_MOST_NAMES = 50


class RecordedSum:
    """The exactly rounded sum of the values that are there (it holds at most 1,000 of them)."""

    def __init__(self) -> None:
        self.count = 0
        self._parts: list[float] = []

    def add(self, value: float | None) -> None:
        """Take in a value; None is not recorded."""
        if value is None:
            return
        self.count += 1
        self._parts.append(value)
        if len(self._parts) > _MOST_PARTS:
            self._parts = [_sum(self._parts)]

    @property
    def value(self) -> float | None:
        """The sum, None if nothing was recorded."""
        return _sum(self._parts) if self.count else None

    @property
    def whole(self) -> int | None:
        """The sum of whole numbers below 2^53."""
        return None if self.value is None else int(self.value)


def _sum(parts: list[float]) -> float:
    try:
        return math.fsum(parts)
    except OverflowError:
        return sum(parts)


def most_frequent(counts: Counter[str]) -> dict[str, int]:
    """The 50 most frequent names with their counts, by count, then by name."""
    pairs = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return dict(pairs[:_MOST_NAMES])
