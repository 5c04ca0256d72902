"""Where a score changed its level over the runs of an experiment.

Floor 3. The values are cut into stretches of one level each so that the squared distances from the
levels plus a price per cut are least: optimal partitioning (B. Jackson et al., IEEE Signal Process.
Lett. 12, 2005). The price is 3·σ²·ln n, a little more than Schwarz's criterion asks for a cut and a
level, so that noise is rarely cut. σ² is what neighbours differ by (median, which changes of level
do not move), but at least the median squared standard error. A level lasts two runs at least; one
run alone is an outlier, not a change: a running median over three takes it out first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

MOST_RUNS = 1_000
"""Values looked at, the latest ones: the time grows with their square."""
_FEWEST = 4
_SHORTEST = 2
_PRICE = 3.0
_MAD_OF_DIFFERENCES = 0.6745 * math.sqrt(2)
"""Median absolute difference of neighbours, in standard deviations of a normal value."""


def change_points(values: Sequence[float], errors: Sequence[float | None]) -> tuple[int, ...]:
    """Places in *values*, finite and in order of time, where a new level begins.

    *errors* are their standard errors where known.
    """
    skipped = max(0, len(values) - MOST_RUNS)
    shown = values[skipped:]
    variance = _variance(shown, errors[skipped:])
    if len(shown) < _FEWEST or variance == 0:
        return tuple(skipped + place for place in _exact_changes(shown))
    price = _PRICE * variance * math.log(len(shown))
    return tuple(skipped + place for place in _best_cuts(_without_outliers(shown), price))


def _without_outliers(values: Sequence[float]) -> list[float]:
    """The median of each value and its neighbours; steps that last two values stay in place."""
    last = len(values) - 1
    return [
        sorted(values[max(0, min(place - 1, last - 2)) :][:3])[1] for place in range(len(values))
    ]


def _variance(values: Sequence[float], errors: Sequence[float | None]) -> float:
    """Square of the spread of one value around its level."""
    steps = sorted(abs(after - before) for before, after in pairwise(values))
    if not steps:
        return 0.0
    known = sorted(error * error for error in errors if error is not None)
    spread = steps[len(steps) // 2] / _MAD_OF_DIFFERENCES
    return max(spread * spread, known[len(known) // 2] if known else 0.0)


def _exact_changes(values: Sequence[float]) -> list[int]:
    """Changes of values without noise: every step that lasts."""
    if len(values) < _FEWEST:
        return []
    return [
        place
        for place in range(_SHORTEST, len(values) - _SHORTEST + 1)
        if values[place - 1] != values[place] == values[place + 1]
        and values[place - 2] == values[place - 1]
    ]


def _best_cuts(values: Sequence[float], price: float) -> list[int]:
    sums, squares = [0.0], [0.0]
    middle = values[0]
    for value in values:
        sums.append(sums[-1] + value - middle)
        squares.append(squares[-1] + (value - middle) ** 2)
    best = [-price, *([math.inf] * len(values))]
    start_of = [0] * (len(values) + 1)
    for end in range(_SHORTEST, len(values) + 1):
        for start in range(end - _SHORTEST + 1):
            if best[start] == math.inf:
                continue
            total = sums[end] - sums[start]
            cost = squares[end] - squares[start] - total * total / (end - start)
            if best[start] + cost + price < best[end]:
                best[end], start_of[end] = best[start] + cost + price, start
    cuts, end = [], len(values)
    while end:
        end = start_of[end]
        if end:
            cuts.append(end)
    return cuts[::-1]
