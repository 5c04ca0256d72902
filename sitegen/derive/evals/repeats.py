"""How the epochs of a sample agree: what passes always, what sometimes, how far numbers spread.

Floor 3. Over samples with two scores or more; duplicates of an (id, epoch) count as repeats. Not
here: pass@k as an estimate for other k than the epochs there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """One scorer over the samples that it scored more than once."""

    ids: int
    """Such samples."""
    passed_all: int | None
    """Booleans: samples that passed in every epoch."""
    passed_some: int | None
    """Booleans: samples that passed in one epoch at least."""
    sd_within: float | None
    """Numbers: standard deviation of the scores of one sample, pooled over the samples."""
    sd_between: float | None
    """Numbers: standard deviation of the samples' means; None with one sample."""


def repeats_of(
    ids: Sequence[str], values: NDArray[np.float64], *, is_boolean: bool
) -> Repeats | None:
    """How repeats agree; None if no sample has two scores.

    *values*: float64 in the order of *ids*, NaN without a score; booleans as 0 and 1.
    """
    import numpy as np

    numbers: dict[str, int] = {}
    places = np.array([numbers.setdefault(one, len(numbers)) for one in ids], dtype=np.int64)
    is_scored = np.isfinite(values)
    places, scored = places[is_scored], values[is_scored]
    counts = np.bincount(places, minlength=len(numbers))
    is_repeated = counts >= 2
    if not is_repeated.any():
        return None
    with np.errstate(over="ignore", invalid="ignore"):  # scores near 1e308 have no deviation
        sums = np.bincount(places, scored, minlength=len(numbers))
        means = np.divide(sums, counts, out=np.zeros(len(numbers)), where=counts > 0)
        squares = np.bincount(places, (scored - means[places]) ** 2, minlength=len(numbers))
        within = float(np.sum(squares[is_repeated])) / float(np.sum(counts[is_repeated] - 1))
        repeated = means[is_repeated]
        between = float(np.std(repeated, ddof=1)) if len(repeated) > 1 else math.nan
    return Repeats(
        ids=int(is_repeated.sum()),
        passed_all=int(np.sum(repeated == 1)) if is_boolean else None,
        passed_some=int(np.sum(repeated > 0)) if is_boolean else None,
        sd_within=None if is_boolean else _finite(math.sqrt(within)),
        sd_between=None if is_boolean else _finite(between),
    )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
