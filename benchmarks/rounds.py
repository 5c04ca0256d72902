"""Interleaved rounds and what they come to: medians, and ratios of medians with their spread.

Whatever else the machine does falls on both sides of a ratio alike when runs take turns; two
blocks, one after the other, would compare two moments.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Action = Callable[[], float]
"""Does something once and returns what it measured, mostly seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The values of one action, in the order of the rounds."""

    values: tuple[float, ...]
    """One value a round."""

    @property
    def median(self) -> float:
        """The middle value."""
        return median(self.values)

    @property
    def min(self) -> float:
        """The smallest value."""
        return min(self.values)

    @property
    def max(self) -> float:
        """The largest value."""
        return max(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Some actions that took turns."""

    by_name: Mapping[str, Measured]
    """What each measured."""
    loads: tuple[float, ...]
    """Load average of the last minute before each round; what is measured is part of it."""

    def __getitem__(self, name: str) -> Measured:
        return self.by_name[name]

    @property
    def load_text(self) -> str:
        """Load before the first round and its range."""
        return f"{self.loads[0]:.1f} ({min(self.loads):.1f}–{max(self.loads):.1f})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One action divided by another."""

    value: float
    """Ratio of the medians."""
    min: float
    """Smallest ratio within a round."""
    max: float
    """Largest ratio within a round."""

    @property
    def text(self) -> str:
        """As `1.42 (1.39–1.50)`."""
        return f"{self.value:.2f} ({self.min:.2f}–{self.max:.2f})"


def interleaved(count: int, actions: Mapping[str, Action]) -> Rounds:
    """*count* rounds of all *actions*, after one that does not count; who is first rotates."""
    names = list(actions)
    values: dict[str, list[float]] = {name: [] for name in names}
    for action in actions.values():
        action()
    loads = []
    for number in range(count):
        loads.append(os.getloadavg()[0])
        first = number % len(names)
        for name in names[first:] + names[:first]:
            values[name].append(actions[name]())
    return Rounds(
        by_name={name: Measured(values=tuple(found)) for name, found in values.items()},
        loads=tuple(loads),
    )


def ratio(above: Measured, below: Measured) -> Ratio:
    """*above* ÷ *below*, of values that were measured round by round."""
    each = _quotients(above.values, below.values)
    return Ratio(value=above.median / below.median, min=min(each), max=max(each))


def _quotients(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(above, below, strict=True)]
