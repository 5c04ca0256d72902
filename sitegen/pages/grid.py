"""A table whose rows are columnar data, as its page tells js/table/grid.js of it. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from sitegen.model import Goal, Json
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GridColumn:
    """A column that a table can show."""

    name: str
    """Its name in the filter, the URL and the data."""
    label: str
    """Its head."""
    group: str
    """The group of data files that holds it."""
    kind: str
    """How its cells are drawn: name, status, param, metric, ratio, delta, spark, score, text …"""
    is_number: bool = False
    """Whether its cells are set right."""
    goal: Goal | None = None
    """Which direction is better."""
    title: str | None = None
    """More about it."""
    note: str | None = None
    """Said beside its name in the menu of columns."""
    of: str | None = None
    """The column that this one is computed from."""
    is_shown: bool = False
    """Whether it is shown at first."""
    is_fixed: bool = False
    """Whether it is always shown."""
    place: str | None = None
    """Where it stands in a row on a phone: lead, value, sub, aside."""
    first: str | None = None
    """`desc` when a first click sorts downward."""
    style: str | None = None
    """Class of its head."""
    values: str | None = None
    """What the scores are: boolean, number, label, mixed, unscored."""
    scale: tuple[float, float] | None = None
    """Lowest and highest value of a score, for its bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridSchema:
    """A table as data: its rows, groups and columns."""

    n: int
    """Rows in all."""
    prefix: str
    """The beginning of the keys of its data files: `<prefix><group>-<block>`."""
    groups: Mapping[str, tuple[int, ...]]
    """First row of each block, by group."""
    order: str
    """The order in which the server wrote its rows, as the URL says it; empty for another."""
    baseline: str | None
    """Key of the row that differences are to."""
    columns: tuple[GridColumn, ...]
    """All columns in order."""

    def for_page(self) -> dict[str, Json]:
        """As JSON, without what is not set, for the script element beside the table."""
        return {
            "n": self.n,
            "prefix": self.prefix,
            "groups": {name: list(starts) for name, starts in self.groups.items()},
            "order": self.order,
            "baseline": self.baseline,
            "columns": [_set_only(column) for column in self.columns],
        }


def _set_only(column: GridColumn) -> dict[str, Json]:
    values = {field.name: getattr(column, field.name) for field in fields(column)}
    return {name: value for name, value in values.items() if value not in (None, False)}
