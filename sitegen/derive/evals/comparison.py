"""Two runs of an experiment held against each other by their evals, paired by sample id.

Floor 3. Epochs and duplicates of a sample are averaged first, so that a sample counts once; the
cluster of a pair is that of the first run, else of the second, else the sample stands alone. The
twin of `js/evals/eval-columns.js`. p values are adjusted over all scorers of one eval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sitegen.derive.evals.differences import (
    Difference,
    benjamini_hochberg,
    holm,
    paired_difference,
    unpaired_difference,
)
from sitegen.derive.evals.one_pass import EvalFacts
from sitegen.derive.evals.part import EvalsFacts
from sitegen.derive.evals.score_columns import EvalColumns
from sitegen.derive.evals.signflip import Key
from sitegen.model import Goal
from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_CHANGED = 20
_MEASURED = {"boolean", "number"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSample:
    """A sample whose score got worse."""

    id: str
    """Its id."""
    a: float
    """Score in A."""
    b: float
    """Score in B."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerComparison:
    """One scorer of one eval in both runs."""

    eval: str
    """Name of the eval."""
    scorer: str
    """Name of the scorer."""
    kind: str
    """boolean if it is one in both runs, else number."""
    goal: Goal | None
    """Which direction is better; of booleans that yes is."""
    difference: Difference
    """B minus A."""
    holm: float | None
    """p adjusted so that all below α are a false find with chance α at most (Holm)."""
    bh: float | None
    """p adjusted so that of all below α a share of α is false on average (Benjamini-Hochberg)."""
    family: int
    """Scorers of the eval whose p values were adjusted together."""
    worse: int
    """Pairs that got worse by the goal; 0 without one."""
    better: int
    """Pairs that got better."""
    lost: int
    """Samples in both runs with a score in A alone; an errored sample has none."""
    gained: int
    """Samples in both runs with a score in B alone."""
    unscored: int
    """Samples in both runs with a score in neither."""
    failed_difference: float | None
    """Booleans: B minus A over all samples in both if those without a score had failed; None where
    every one has its score."""
    worst: tuple[ChangedSample, ...]
    """The first of those that got worse, by how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalComparison:
    """One eval that both runs have."""

    eval: str
    """Name of the eval."""
    matched: int
    """Sample ids in both."""
    only_a: int
    """Sample ids in A alone."""
    only_b: int
    """Sample ids in B alone."""
    scorers: tuple[ScorerComparison, ...]
    """Scorers that measure in both, in the order of A."""


def compare_evals(a: EvalsFacts, b: EvalsFacts, key: Key) -> tuple[EvalComparison, ...]:
    """B minus A for every eval of that name in both; *key* seeds drawn signs."""
    others = {one.name: one for one in b.evals}
    return tuple(_compare_eval(one, others[one.name], key) for one in a.evals if one.name in others)


def _compare_eval(a: EvalFacts, b: EvalFacts, key: Key) -> EvalComparison:
    rows_a, rows_b = _numbers(a.columns.ids), _numbers(b.columns.ids)
    ids = [name for name in rows_a if name in rows_b]
    kinds_a = {one.name: one for one in a.scorers if one.kind in _MEASURED}
    kinds_b = {one.name: one for one in b.scorers if one.kind in _MEASURED}
    found = []
    for name, one in kinds_a.items():
        other = kinds_b.get(name)
        if other is None or name not in a.columns.scores or name not in b.columns.scores:
            continue
        is_boolean = one.kind == other.kind == "boolean"
        found.append(
            _compare_scorer(
                a,
                b,
                name,
                ids,
                goal=other.goal or one.goal or ("maximize" if one.kind == "boolean" else None),
                is_boolean=is_boolean,
                key=key,
            )
        )
    ps = [one.difference.p for one in found]
    family = sum(p is not None for p in ps)
    adjusted = zip(found, holm(ps), benjamini_hochberg(ps), strict=True)
    return EvalComparison(
        eval=a.name,
        matched=len(ids),
        only_a=len(rows_a) - len(ids),
        only_b=len(rows_b) - len(ids),
        scorers=tuple(
            replace(one, holm=strict, bh=shared, family=family) for one, strict, shared in adjusted
        ),
    )


def _compare_scorer(
    a: EvalFacts,
    b: EvalFacts,
    scorer: str,
    ids: Sequence[str],
    *,
    goal: Goal | None,
    is_boolean: bool,
    key: Key,
) -> ScorerComparison:
    import numpy as np

    values_a, values_b = _averages(a.columns, scorer, ids), _averages(b.columns, scorer, ids)
    both = np.isfinite(values_a) & np.isfinite(values_b)
    if ids:
        difference = paired_difference(
            values_a[both],
            values_b[both],
            _pair_clusters(a.columns, b.columns, ids, both),
            is_boolean=is_boolean,
            key=key,
        )
    else:
        difference = unpaired_difference(*_alone(a.columns, scorer), *_alone(b.columns, scorer))
    is_up = goal == "maximize"
    worse, better = difference.lowered, difference.raised
    sign = {"maximize": 1.0, "minimize": -1.0}.get(goal or "", 0.0)
    changes = np.where(both, sign * (values_b - values_a), 0.0) if ids else np.zeros(0)
    order = np.argsort(changes, kind="stable")[:_MOST_CHANGED]
    return ScorerComparison(
        eval=a.name,
        scorer=scorer,
        kind="boolean" if is_boolean else "number",
        goal=goal,
        difference=difference,
        holm=None,
        bh=None,
        family=1,
        worse=(worse if is_up else better) if goal else 0,
        better=(better if is_up else worse) if goal else 0,
        lost=int(np.sum(np.isfinite(values_a) & ~both)),
        gained=int(np.sum(np.isfinite(values_b) & ~both)),
        unscored=int(np.sum(~np.isfinite(values_a) & ~np.isfinite(values_b))),
        failed_difference=_failed_difference(values_a, values_b)
        if is_boolean and not both.all()
        else None,
        worst=tuple(
            ChangedSample(id=ids[place], a=float(values_a[place]), b=float(values_b[place]))
            for place in order.tolist()
            if changes[place] < 0
        ),
    )


def _failed_difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    import numpy as np

    return float(np.mean(np.nan_to_num(b, nan=0.0)) - np.mean(np.nan_to_num(a, nan=0.0)))


def _numbers(ids: Sequence[str]) -> dict[str, int]:
    """Distinct ids in order of first appearance, numbered."""
    numbers: dict[str, int] = {}
    for name in ids:
        numbers.setdefault(name, len(numbers))
    return numbers


def _averages(columns: EvalColumns, scorer: str, ids: Sequence[str]) -> NDArray[np.float64]:
    """Mean of the finite scores of each of *ids*, NaN without any."""
    import numpy as np

    numbers = _numbers(columns.ids)
    places = np.array([numbers[name] for name in columns.ids], dtype=np.int64)
    values = columns.values(scorer)
    is_scored = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        sums = np.bincount(places[is_scored], values[is_scored], minlength=len(numbers))
        means = sums / np.bincount(places[is_scored], minlength=len(numbers))
    return means[[numbers[name] for name in ids]]


def _pair_clusters(
    a: EvalColumns, b: EvalColumns, ids: Sequence[str], both: NDArray[np.bool_]
) -> NDArray[np.int64] | None:
    import numpy as np

    if not a.clusters and not b.clusters:
        return None
    cluster_a, cluster_b = _first_clusters(a), _first_clusters(b)
    groups: dict[tuple[str, int], int] = {}
    found = []
    for place, name in enumerate(ids):
        own, other = cluster_a.get(name, -1), cluster_b.get(name, -1)
        group = ("a", own) if own >= 0 else ("b", other) if other >= 0 else ("alone", place)
        found.append(groups.setdefault(group, len(groups)))
    return np.array(found, dtype=np.int64)[both]


def _first_clusters(columns: EvalColumns) -> dict[str, int]:
    """Cluster of the first row of each id."""
    return dict(reversed(list(zip(columns.ids, columns.clusters, strict=False))))


def _alone(columns: EvalColumns, scorer: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The finite scores of one run and the group of each: its cluster, else its id."""
    import numpy as np

    numbers = _numbers(columns.ids)
    clusters = columns.clusters or (-1,) * len(columns.ids)
    groups = [
        -2 - numbers[name] if cluster < 0 else cluster
        for name, cluster in zip(columns.ids, clusters, strict=True)
    ]
    values = columns.values(scorer)
    is_scored = np.isfinite(values)
    return values[is_scored], np.array(groups, dtype=np.int64)[is_scored]
