"""At which points the condition of an alert holds. Floor 3; block by block."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sitegen.bundle.conditions import And, Comparison, Condition, Not
from sitegen.derive.metrics.shared_steps import shared_steps
from sitegen.model import SeriesBlocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COMPARE = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}

_Hit: TypeAlias = "tuple[int | None, float | None]"
"""Step and value of a point that met the condition."""


def points_met(condition: Comparison, series: SeriesBlocks) -> tuple[int, _Hit | None]:
    """How many points meet *condition*, and the first of them."""
    count, first = 0, None
    for block in series.blocks():
        met = np.flatnonzero(_holds(condition, {condition.name: block.values}))
        if len(met) and first is None:
            first = int(block.steps[met[0]]), float(block.values[met[0]])
        count += len(met)
    return count, first


def steps_met(
    condition: Condition, many: list[SeriesBlocks], constants: Mapping[str, float]
) -> tuple[int, _Hit | None]:
    """At how many of the steps that all series have *condition* is met, and the first of them."""
    count, first = 0, None
    for steps, columns in shared_steps(many):
        fields = dict(zip((one.name for one in many), columns, strict=True))
        fields |= {name: np.full(len(steps), value) for name, value in constants.items()}
        met = np.flatnonzero(_holds(condition, fields))
        if len(met) and first is None:
            first = int(steps[met[0]]), None
        count += len(met)
    return count, first


def _holds(condition: Condition, fields: Mapping[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Where *condition* is true of columns of values; NaN compares false, also with !=."""
    match condition:
        case Comparison():
            values = fields[condition.name]
            with np.errstate(invalid="ignore"):
                met = _COMPARE[condition.operator](values, float(str(condition.values[0])))
            return np.asarray(met & ~np.isnan(values), dtype=np.bool_)
        case Not():
            return ~_holds(condition.operand, fields)
        case _:
            joined = np.logical_and if isinstance(condition, And) else np.logical_or
            return reduce(joined, [_holds(operand, fields) for operand in condition.operands])
