"""The run table of an experiment: its columns, those shown at first, and its cells. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sitegen.derive.card import Card
from sitegen.derive.experiment import Experiment
from sitegen.derive.metric_cards import MetricCard
from sitegen.pages.experiment.run_cells import (
    Cell,
    Column,
    column_cell,
    column_decimals,
    is_numeric,
)
from sitegen.pages.experiment.run_metrics import key_metrics, metric_goals, metric_names
from sitegen.pages.figures import spark
from sitegen.pages.grid import GridColumn
from sitegen.pages.links import run_page
from sitegen.pages.parts import Spark, Text, duration_part, time_part
from sitegen.records import dataclass

_SHOWN_PARAMS = 6
_FIRST_PARAMS = 2
"""Params that come before the second metric where room is short."""
_MOST_PARAMS = 60
_SHOWN_METRICS = 3
_MOST_METRICS = 40

_WIDTH_PX = 1376
"""Room for the table in a window of 1,440 px, less a sort mark."""
_LETTER_PX = 7.2
"""A letter at 13 px of the widest of the system fonts (DejaVu Sans), on average."""
_HEAD_PX = 6.7
"""The same at 12 px, in the heads of columns."""
_PADDING_PX = 16
_CHECK_PX = 58
_STATUS_PX = 112
_SPARK_PX = 100
_MOST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run in the table."""

    key: str
    """Its ten digits in the URL."""
    name: str
    """Its name."""
    url: str
    """Its page."""
    status: str
    """How it ended."""
    is_best: bool
    """Whether it has the best value of the objective."""
    is_baseline: bool
    """Whether it is the baseline."""
    problem_errors: int
    """Problems of severity error."""
    spark: Spark | None
    """Small line of the objective."""
    duration: Text | None
    """How long it ran."""
    started: Text | None
    """When it started."""
    user: str | None
    """Who ran it."""
    tags: tuple[str, ...]
    """Labels."""
    cells: tuple[Cell, ...]
    """One per column."""
    problems: int
    """Problems of severity error and warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTable:
    """The run table of an experiment."""

    columns: tuple[Column, ...]
    """Columns between status and duration, in order."""
    rows: tuple[RunRow, ...]
    """Runs, newest first."""
    has_sparks: bool
    """Whether any run has a small line."""
    has_users: bool
    """Whether any run names a user."""
    has_durations: bool
    """Whether any run says how long it took."""
    has_starts: bool
    """Whether any run says when it started."""


def run_table(
    experiment: Experiment,
    cards: Sequence[Card],
    differing: Sequence[str],
    same: Sequence[str],
    *,
    root: str,
    year: int | None,
) -> RunTable:
    """The table of *cards*; *differing* and *same* are the names of the experiment's params."""
    columns = _columns(experiment, differing, same)
    decimals = [column_decimals(cards, experiment, column) for column in columns]
    cells = [
        tuple(
            column_cell(card, experiment, column, places)
            for column, places in zip(columns, decimals, strict=True)
        )
        for card in cards
    ]
    table = RunTable(
        columns=tuple(columns),
        rows=tuple(
            _row(card, experiment, of_card, root, year)
            for card, of_card in zip(cards, cells, strict=True)
        ),
        has_sparks=any(_objective_metric(card, experiment) for card in cards),
        has_users=any(card.user for card in cards),
        has_durations=any(card.duration_ns is not None for card in cards),
        has_starts=any(card.started_at_ns is not None for card in cards),
    )
    return replace(table, columns=_fitting(table))


def _fitting(table: RunTable) -> tuple[Column, ...]:
    """The columns, those off that have no room: the objective and some params come first."""
    room = _WIDTH_PX - _fixed_px(table)
    chosen: set[str] = set()
    wanted = [(index, column) for index, column in enumerate(table.columns) if not column.is_off]
    wanted.sort(key=lambda one: _rank(*one))
    for index, column in wanted:
        texts = [row.cells[index].text for row in table.rows]
        label = len(column.label) + (3 if column.goal else 0)
        widest = max(label * _HEAD_PX, max(map(len, texts), default=0) * _LETTER_PX)
        width = widest + _PADDING_PX
        if width <= room or column.is_objective:
            room -= width
            chosen.add(column.key)
    return tuple(replace(column, is_off=column.key not in chosen) for column in table.columns)


def _rank(index: int, column: Column) -> int:
    if column.is_objective:
        return 0
    if column.is_delta:
        return 1
    if column.key.startswith("params."):
        return 2 if index < _FIRST_PARAMS else 4
    return 3


def _fixed_px(table: RunTable) -> float:
    """Width of the columns that are always there."""
    names = [
        min(_MOST_NAME, len(row.name)) + (9 if row.is_best or row.is_baseline else 0)
        for row in table.rows
    ]
    users = [len(row.user or "") for row in table.rows] if table.has_users else []
    durations = [len(row.duration.text) for row in table.rows if row.duration]
    starts = [len(row.started.text) for row in table.rows if row.started]
    columns = [
        max(of_column) * _LETTER_PX + _PADDING_PX
        for of_column in (names, users, durations, starts)
        if of_column
    ]
    return _CHECK_PX + _STATUS_PX + (_SPARK_PX if table.has_sparks else 0) + sum(columns)


def _columns(experiment: Experiment, differing: Sequence[str], same: Sequence[str]) -> list[Column]:
    columns = [
        _param_column(experiment, name, is_off=index >= _SHOWN_PARAMS, title=f"param {name}")
        for index, name in enumerate(differing[:_MOST_PARAMS])
    ]
    key_names = key_metrics(experiment)
    goals = metric_goals(experiment)
    for index, name in enumerate(metric_names(experiment, goals, _MOST_METRICS)):
        is_objective = index == 0 and experiment.objective is not None
        goal = goals.get(name)
        is_shown = index < _SHOWN_METRICS and (name in key_names or goal is not None)
        columns.append(
            Column(
                key=f"metrics.{name}",
                label=name,
                is_number=True,
                goal=goal,
                is_off=not is_shown,
                is_code=False,
                is_objective=is_objective,
                title=f"{'best' if goal else 'last'} value of {name}",
            )
        )
        if is_objective and experiment.baseline is not None:
            columns.append(_delta_column(name))
    return columns + [
        _param_column(experiment, name, is_off=True, title=f"param {name}, the same in all runs")
        for name in same[: max(0, _MOST_PARAMS - len(differing))]
    ]


def _delta_column(objective: str) -> Column:
    return Column(
        key=f"delta.metrics.{objective}",
        label="Δ baseline",
        is_number=True,
        goal=None,
        is_off=False,
        is_code=False,
        is_objective=False,
        title="difference to the baseline's value",
    )


def _param_column(experiment: Experiment, name: str, *, is_off: bool, title: str) -> Column:
    return Column(
        key=f"params.{name}",
        label=name,
        is_number=is_numeric(experiment.cards, name),
        goal=None,
        is_off=is_off,
        is_code=True,
        is_objective=False,
        title=title,
    )


def _row(
    card: Card, experiment: Experiment, cells: tuple[Cell, ...], root: str, year: int | None
) -> RunRow:
    metric = _objective_metric(card, experiment)
    goal = experiment.objective.goal if experiment.objective else None
    return RunRow(
        key=card.slug[-10:],
        name=card.name,
        url=root + run_page(card.id),
        status=card.status,
        is_best=card is experiment.best,
        is_baseline=card is experiment.baseline,
        problem_errors=card.problem_errors,
        spark=spark(metric.spark, goal=goal, label=f"{metric.name} over the run")
        if metric
        else None,
        duration=duration_part(card.duration_ns),
        started=time_part(card.started_at_ns, short_year=year),
        user=card.user,
        tags=card.tags,
        cells=cells,
        problems=card.problem_errors + card.problem_warnings,
    )


def _objective_metric(card: Card, experiment: Experiment) -> MetricCard | None:
    metric = card.metric(experiment.objective.name) if experiment.objective else None
    return metric if metric and metric.spark else None


def table_columns(experiment: Experiment, table: RunTable) -> tuple[GridColumn, ...]:
    """All columns of *table* as the page's scripts know them, in the order of its cells."""
    before = [
        GridColumn(name="name", label="Run", group="core", kind="name", is_shown=True,
                   is_fixed=True, place="lead"),
        GridColumn(name="status", label="Status", group="core", kind="status", is_shown=True,
                   place="sub"),
    ]  # fmt: skip
    between = [_grid_column(experiment, column) for column in table.columns]
    objective = experiment.objective
    spark_of = f"spark.{objective.name}" if objective and table.has_sparks else None
    after = [
        GridColumn(name=spark_of or "", label="over steps", group="spark-0", kind="spark",
                   goal=objective.goal if objective else None, is_shown=True) if spark_of else None,
        GridColumn(name="problems", label="Problems", group="core", kind="count", is_number=True),
        GridColumn(name="tags", label="Tags", group="core", kind="tags"),
        GridColumn(name="user", label="User", group="core", kind="text", is_shown=True)
        if table.has_users else None,
        GridColumn(name="duration_s", label="Duration", group="core", kind="duration",
                   is_number=True, first="desc", is_shown=True) if table.has_durations else None,
        GridColumn(name="started_at", label="Started", group="core", kind="time", is_number=True,
                   first="desc", is_shown=True, place="aside") if table.has_starts else None,
    ]  # fmt: skip
    return (*before, *between, *(column for column in after if column is not None))


def _grid_column(experiment: Experiment, column: Column) -> GridColumn:
    group, _, rest = column.key.partition(".")
    objective = experiment.objective
    is_ratio = bool(objective and objective.is_ratio)
    kinds = {"params": "param", "delta": "points" if is_ratio else "delta"}
    kind = "ratio" if column.is_objective and is_ratio else "metric"
    return GridColumn(
        name=column.key,
        label=column.label,
        group="params" if group == "params" else "metrics",
        kind=kinds.get(group, kind),
        is_number=column.is_number,
        goal=objective.goal if objective and group == "delta" else column.goal,
        title=column.title,
        of=rest if group == "delta" else None,
        is_shown=not column.is_off,
        place="value" if column.is_objective else None,
    )
