"""What a scorer says over all samples of an eval: kind, denominators, mean, interval, distribution.

Floor 3. Scores are held as two machine numbers each (value and group), so that 10^6 samples of
eight scorers take 128 MB at most. An errored or unscored sample counts in `total`, never in `n`.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from sitegen.derive.evals.repeats import Repeats
from sitegen.derive.statistics import Estimate, mean_estimate
from sitegen.model import Goal, Score, ScorerSpec, ScoreValue
from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["boolean", "number", "label", "mixed", "unscored"]
MOST_BINS = 20
_MOST_LABELS = 50
_MOST_LABELS_HELD = 10_000
_LONGEST_LABEL = 200
_LARGEST_DRAWN = 1e300


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """How many finite values lie in each bin."""

    edges: tuple[float, ...]
    """One more than bins, ascending; a bin holds its lower edge, the last one both."""
    counts: tuple[int, ...]
    """Values in each bin."""
    is_whole: bool
    """Whether each bin stands for one whole number, in its middle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerFacts:
    """One scorer over one eval. n + missing + errors + non_finite = total."""

    name: str
    """Name of the scorer."""
    kind: Kind
    """What its values are; `mixed` when they are of several kinds, `unscored` without any."""
    n: int
    """Samples scored with a value that counts."""
    total: int
    """All samples of the eval, N."""
    missing: int
    """Samples without a value, neither they nor the scorer errored."""
    errors: int
    """Samples that errored, or whose scorer did."""
    non_finite: int
    """Values NaN or infinite: shown, in no mean."""
    mean: float | None
    """Mean over n; a share for booleans; None for labels and mixed values."""
    se: float | None
    """Standard error of the mean, clustered by `cluster`, else by sample id."""
    df: int | None
    """Degrees of freedom of se."""
    clusters: int
    """Independent groups among the n."""
    ci_low: float | None
    """Lower end of the 95 % interval."""
    ci_high: float | None
    """Upper end of the 95 % interval."""
    method: str | None
    """What the interval is: `Wilson`, `t`, `t, clustered`, `Wilson over clusters`."""
    bound_low: float | None
    """Booleans with n < total: the share if all others had failed."""
    bound_high: float | None
    """Booleans with n < total: the share if all others had passed."""
    counts: dict[str, int]
    """Booleans: `true` and `false`; labels, and mixed values as text: the most frequent first."""
    counts_other: int
    """Values whose label is not in counts."""
    min: float | None
    """Smallest number."""
    max: float | None
    """Largest number."""
    histogram: Histogram | None
    """Distribution of numbers."""
    goal: Goal | None
    """Which direction is better."""
    unit: str | None
    """Unit of the values."""
    description: str | None
    """What it measures."""
    range_low: float | None
    """Smallest possible value, as declared."""
    range_high: float | None
    """Largest possible value, as declared."""
    repeats: Repeats | None
    """How the epochs of samples agree; None without repeats, for labels and mixed values."""


@dataclass(slots=True)
class ScoreColumn:
    """The scores of one scorer while samples stream by (it holds them in their order)."""

    values: array[float] = field(default_factory=lambda: array("d"))
    """Finite numbers, and booleans as 0 and 1."""
    groups: array[int] = field(default_factory=lambda: array("q"))
    """The independent group of each value."""
    labels: Counter[str] = field(default_factory=Counter)
    """How often each label stands."""
    booleans: int = 0
    """How many values are booleans."""
    numbers: int = 0
    """How many values are numbers, non-finite ones included."""
    non_finite: int = 0
    """How many values are NaN or infinite."""
    errors: int = 0
    """How many samples errored, or their scorer did."""

    def add(self, said: Score | ScoreValue, group: int, *, has_error: bool) -> None:
        """Count the score of a sample of *group*; *has_error*: the sample itself errored."""
        value, error = (said.value, said.error) if isinstance(said, Score) else (said, None)
        if has_error or error is not None:
            self.errors += 1
            return
        match value:
            case None:
                return
            case str():
                self._add_label(value[:_LONGEST_LABEL])
                return
            case bool():
                self.booleans += 1
            case _:
                self.numbers += 1
                if not math.isfinite(value):
                    self.non_finite += 1
                    return
        self.values.append(value)
        self.groups.append(group)

    def _add_label(self, label: str) -> None:
        if len(self.labels) < _MOST_LABELS_HELD or label in self.labels:
            self.labels[label] += 1
        else:
            self.labels[""] += 1

    @property
    def kind(self) -> Kind:
        """What the values are."""
        kinds: list[Kind] = []
        if self.booleans:
            kinds.append("boolean")
        if self.numbers:
            kinds.append("number")
        if self.labels:
            kinds.append("label")
        if not kinds:
            return "unscored"
        return kinds[0] if len(kinds) == 1 else "mixed"


def scorer_facts(
    name: str,
    column: ScoreColumn,
    spec: ScorerSpec,
    *,
    total: int,
    errored: int,
    repeats: Repeats | None = None,
) -> ScorerFacts:
    """Everything that is said of a scorer.

    *total*: samples of the eval; *errored*: errored samples that passed before the scorer was first
    seen, which the column has not counted.
    """
    import numpy as np

    kind = column.kind
    values = np.array(column.values, dtype=np.float64)
    is_measured = kind in {"boolean", "number"}
    estimate = mean_estimate(
        values if is_measured else values[:0],
        np.array(column.groups, dtype=np.int64) if is_measured else None,
        is_proportion=kind == "boolean",
    )
    n = len(values) + column.labels.total()
    errors = column.errors + errored
    low, high = _bounds(estimate, total) if kind == "boolean" and n < total else (None, None)
    counts = _counts(kind, values, column)
    return ScorerFacts(
        name=name,
        kind=kind,
        n=n,
        total=total,
        missing=total - n - errors - column.non_finite,
        errors=errors,
        non_finite=column.non_finite,
        mean=estimate.mean,
        se=estimate.se,
        df=estimate.df,
        clusters=estimate.clusters,
        ci_low=estimate.ci_low,
        ci_high=estimate.ci_high,
        method=estimate.method,
        bound_low=low,
        bound_high=high,
        counts=dict(counts[:_MOST_LABELS]),
        counts_other=sum(count for _, count in counts[_MOST_LABELS:]),
        min=float(values.min()) if kind == "number" and len(values) else None,
        max=float(values.max()) if kind == "number" and len(values) else None,
        histogram=histogram(values, spec.range) if kind == "number" else None,
        goal=spec.goal,
        unit=spec.unit,
        description=spec.description,
        range_low=spec.range[0] if spec.range else None,
        range_high=spec.range[1] if spec.range else None,
        repeats=repeats if is_measured else None,
    )


def _bounds(estimate: Estimate, total: int) -> tuple[float, float]:
    """The share of passes if all that were not scored had failed, and if all had passed."""
    passed = round((estimate.mean or 0.0) * estimate.n)
    return passed / total, (passed + total - estimate.n) / total


def _counts(kind: Kind, values: NDArray[np.float64], column: ScoreColumn) -> list[tuple[str, int]]:
    if kind == "boolean":
        passed = int(values.sum())
        return [("true", passed), ("false", len(values) - passed)]
    counts = Counter(column.labels)
    if kind == "mixed":
        if column.booleans:
            counts["a boolean"] += column.booleans
        if column.numbers > column.non_finite:
            counts["a number"] += column.numbers - column.non_finite
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def histogram(values: NDArray[np.float64], limits: tuple[float, float] | None) -> Histogram | None:
    """At most 20 bins over *values*, finite; over *limits* instead if all values lie within.

    Whole numbers that span at most 20 get a bin each. None without values or with any beyond 1e300.
    """
    import numpy as np

    if len(values) == 0:
        return None
    low, high = float(values.min()), float(values.max())
    if limits is not None and limits[0] <= low and high <= limits[1]:
        low, high = limits
    if max(abs(low), abs(high)) > _LARGEST_DRAWN:
        return None
    is_whole = (
        float(low).is_integer()
        and high - low < MOST_BINS
        and abs(low) < 2**52
        and bool(np.all(values == np.floor(values)))
    )
    if is_whole:
        edges = np.arange(math.floor(low), math.floor(high) + 2) - 0.5
    elif high - low <= 1e-9 * max(abs(low), abs(high)):
        return Histogram(edges=(low, high), counts=(len(values),), is_whole=False)
    else:
        bins = min(MOST_BINS, max(5, math.ceil(2 * math.sqrt(len(values)))))
        edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(values, edges)
    return Histogram(
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
        is_whole=is_whole,
    )
