"""How far two judges agree on the same samples: share, Cohen's kappa, who said what.

Floor 3. J. Cohen, Educ. Psychol. Meas. 20 (1960). Kappa sets the agreement seen against the one
that two judges would reach who label at random, each with their own frequencies; it is undefined
when both use one and the same label throughout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sitegen.derive.statistics import wilson_interval
from sitegen.records import dataclass

_MOST_LABELS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two judges on the samples that both labelled."""

    n: int
    """Samples that both labelled."""
    agreed: int
    """Samples with one label from both."""
    ratio: float | None
    """agreed of n; None without samples."""
    ci_low: float | None
    """Lower end of Wilson's 95 % interval of the ratio."""
    ci_high: float | None
    """Upper end of the interval."""
    kappa: float | None
    """Cohen's kappa; None where it is undefined."""
    labels: tuple[str, ...]
    """Labels in either, sorted; beyond 12 the rest is not tabulated."""
    counts: tuple[tuple[int, ...], ...]
    """Rows by the first judge's label, columns by the second's, in the order of labels."""


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """The agreement over *pairs* of labels, one of each judge."""
    counted = Counter(pairs)
    n = counted.total()
    agreed = sum(count for (one, other), count in counted.items() if one == other)
    first, second = Counter[str](), Counter[str]()
    for (one, other), count in counted.items():
        first[one] += count
        second[other] += count
    by_use = first + second
    used = sorted(by_use, key=lambda label: (-by_use[label], label))
    labels = tuple(sorted(used[:_MOST_LABELS], key=_label_order))
    low, high = wilson_interval(agreed, n) if n else (None, None)
    chance = sum(first[label] * second[label] for label in first)
    return Agreement(
        n=n,
        agreed=agreed,
        ratio=agreed / n if n else None,
        ci_low=low,
        ci_high=high,
        kappa=(agreed * n - chance) / (n * n - chance) if n * n > chance else None,
        labels=labels,
        counts=tuple(tuple(counted[one, other] for other in labels) for one in labels),
    )


def _label_order(label: str) -> tuple[bool, float, str]:
    """Numbers by value before words; `yes` before `no`."""
    try:
        return False, float(label), label
    except ValueError:
        return True, {"yes": 0.0, "true": 0.0}.get(label, 1.0), label
