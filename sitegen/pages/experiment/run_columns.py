"""The columns of the run table as data: every param, metric, eval and fact of every run. Floor 4.

A group of columns is one data file (`derive/columns.py`), which the page loads when one of them is
shown, sorted, filtered or searched. Names are those of the filter: `params.lr`, `metrics.loss`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from sitegen.derive.card import Card
from sitegen.derive.columns import ColumnValues, block_payload, points_column, steps_column
from sitegen.derive.experiment import Experiment, objective_value
from sitegen.derive.metric_cards import MetricCard
from sitegen.model import Goal, Json
from sitegen.pages.experiment.run_cells import is_numeric, shown_value
from sitegen.pages.experiment.run_metrics import metric_goals, metric_names
from sitegen.pages.experiment.run_table import RunTable, table_columns
from sitegen.pages.grid import GridColumn, GridSchema
from sitegen.pages.links import columns_of, run_page
from sitegen.records import dataclass
from sitegen.units import NS_PER_S, param_text

MOST_PARAMS = 500
MOST_METRICS = 300
_MOST_SPARKS = 20
_NS_PER_MS = 1_000_000
_LEAST_PLAIN, _PLAIN_BELOW = 1e-4, 1e16

Facts = Mapping[str, Callable[[Card], Json]]
"""What a run says under each name; None is nothing."""

_FACTS: Facts = {
    "dataset": lambda card: ", ".join(dict.fromkeys(one.name for one in card.datasets)) or None,
    "model": lambda card: ", ".join(dict.fromkeys(one.name for one in card.models)) or None,
    "commit": lambda card: card.commit,
    "alerts": lambda card: list(card.alerts_fired) or None,
    "traces": lambda card: card.trace_count or None,
    "spans": lambda card: card.span_count or None,
    "span_errors": lambda card: card.trace_errors if card.span_count else None,
    "input_tokens": lambda card: card.input_tokens or None,
    "output_tokens": lambda card: card.output_tokens or None,
    "cost_usd": lambda card: card.cost_usd,
    "attachments": lambda card: card.attachment_count or None,
}
_FACT_COLUMNS = (
    ("dataset", "Data set", "text"),
    ("model", "Model", "text"),
    ("commit", "Commit", "code"),
    ("alerts", "Alerts", "tags"),
    ("traces", "Traces", "count"),
    ("spans", "Spans", "count"),
    ("span_errors", "Failed spans", "count"),
    ("input_tokens", "Input tokens", "count"),
    ("output_tokens", "Output tokens", "count"),
    ("cost_usd", "Cost", "money"),
    ("attachments", "Attachments", "count"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunColumns:
    """All columns of an experiment's runs."""

    schema: GridSchema
    """What the page must know to load and show them."""
    payloads: Mapping[str, Mapping[str, Json]]
    """The data file of each group, by its key."""


def run_columns(experiment: Experiment, table: RunTable) -> RunColumns:
    """The columns of *experiment*: those of *table* in its order, then all others."""
    cards, prefix = experiment.cards, f"{columns_of(experiment.name)}/"
    goals = metric_goals(experiment)
    metrics = metric_names(experiment, goals, MOST_METRICS)
    params = list(dict.fromkeys(name for card in cards for name in card.params))[:MOST_PARAMS]
    groups = {
        "core": _columns(cards, _core(experiment)),
        "params": _params(cards, params),
        **_metric_groups(experiment, metrics),
        "evals": _evals(cards),
        "facts": _columns(cards, _FACTS),
    }
    blocks = {name: block_payload(one, len(cards)) for name, one in groups.items() if one}
    sparks = _sparks(experiment, metrics)
    for index, (name, lines) in enumerate(sparks.items()):
        columns: dict[str, Json] = {
            f"spark.{name}": points_column(line for line, _ in lines),
            f"steps.{name}": steps_column(steps for _, steps in lines),
        }
        blocks[f"spark-{index}"] = {"n": len(cards), "columns": columns}
    have = {name for block in blocks.values() for name in block["columns"]}
    others = _others(experiment, params, {name: goals.get(name) for name in metrics}, sparks)
    shown = table_columns(experiment, table)
    known = {column.name for column in shown}
    return RunColumns(
        schema=GridSchema(
            n=len(cards),
            prefix=prefix,
            groups=dict.fromkeys(blocks, (0,)),
            order="started_at:desc" if table.has_starts else "",
            baseline=experiment.baseline.slug[-10:] if experiment.baseline else None,
            columns=(
                *shown,
                *(one for one in others if one.name not in known and (one.of or one.name) in have),
            ),
        ),
        payloads={f"{prefix}{name}-0": block for name, block in blocks.items()},
    )


def _core(experiment: Experiment) -> Facts:
    def marks(card: Card) -> list[str] | None:
        found = ["best"] if card is experiment.best else []
        return [*found, "baseline"] if card is experiment.baseline else found or None

    return {
        "key": lambda card: card.slug[-10:],
        "url": lambda card: run_page(card.id),
        "id": lambda card: card.id,
        "name": lambda card: card.name,
        "status": lambda card: card.status,
        "user": lambda card: card.user,
        "tags": lambda card: list(card.tags),
        "parent": lambda card: card.parent,
        "duration_s": lambda card: (
            None if card.duration_ns is None else card.duration_ns / NS_PER_S
        ),
        "started_at": lambda card: (
            None if card.started_at_ns is None else card.started_at_ns // _NS_PER_MS
        ),
        "problems": lambda card: card.problem_errors + card.problem_warnings,
        "errors": lambda card: card.problem_errors or None,
        "marks": marks,
    }


def _columns(cards: Iterable[Card], facts: Facts) -> dict[str, ColumnValues]:
    columns = {name: ColumnValues() for name in facts}
    for row, card in enumerate(cards):
        for name, fact in facts.items():
            value = fact(card)
            if value is not None:
                columns[name].add(row, value)
    return columns


def _params(cards: Iterable[Card], names: Sequence[str]) -> dict[str, ColumnValues]:
    """Params as they are, and `text:params.lr` where a number does not show how it was written."""
    columns: dict[str, ColumnValues] = {}
    for row, card in enumerate(cards):
        for name in names:
            if name not in card.params:
                continue
            value = card.params[name]
            columns.setdefault(f"params.{name}", ColumnValues()).add(row, value)
            if isinstance(value, float) and not _is_plain(value):
                texts = columns.setdefault(f"text:params.{name}", ColumnValues())
                texts.add(row, param_text(value))
    return columns


def _is_plain(value: float) -> bool:
    """Whether a script writes the number as the run did."""
    return not value.is_integer() and _LEAST_PLAIN <= abs(value) < _PLAIN_BELOW


def _metric_groups(
    experiment: Experiment, names: Sequence[str]
) -> dict[str, dict[str, ColumnValues]]:
    """Per metric the value shown (best by goal, else last), and in groups of their own the rest."""
    objective = experiment.objective
    readers: Mapping[str, Callable[[MetricCard], float | None]] = {
        "metrics": shown_value,
        "last": lambda metric: metric.last,
        "min": lambda metric: metric.min,
        "max": lambda metric: metric.max,
    }
    groups: dict[str, dict[str, ColumnValues]] = {name: {} for name in readers}
    wanted = set(names)
    for row, card in enumerate(experiment.cards):
        for metric in card.metrics:
            if metric.name not in wanted:
                continue
            for group, reader in readers.items():
                value = reader(metric)
                if group == "metrics" and objective and objective.name == metric.name:
                    value = objective_value(card, objective)
                _add(groups[group], f"{group}.{metric.name}", row, value)
        if objective and card.metric(objective.name) is None:
            value = objective_value(card, objective)
            _add(groups["metrics"], f"metrics.{objective.name}", row, value)
    return groups


def _evals(cards: Iterable[Card]) -> dict[str, ColumnValues]:
    columns: dict[str, ColumnValues] = {}
    for row, card in enumerate(cards):
        for one in card.scorers:
            _add(columns, f"evals.{one.eval}/{one.scorer}", row, one.mean)
    return columns


def _add(columns: dict[str, ColumnValues], name: str, row: int, value: float | None) -> None:
    if value is not None:
        columns.setdefault(name, ColumnValues()).add(row, value)


_Line = tuple[Sequence[float], Sequence[int]]


def _sparks(experiment: Experiment, metrics: Sequence[str]) -> dict[str, list[_Line]]:
    """Small lines and their steps by metric, those of the table's first metrics."""
    by_card = [
        {metric.name: (metric.spark, metric.spark_steps) for metric in card.metrics}
        for card in experiment.cards
    ]
    found: dict[str, list[_Line]] = {}
    for name in metrics:
        lines: list[_Line] = [sparks.get(name, ((), ())) for sparks in by_card]
        if any(line for line, _ in lines) and len(found) < _MOST_SPARKS:
            found[name] = lines
    return found


def _others(
    experiment: Experiment,
    params: Sequence[str],
    metrics: Mapping[str, Goal | None],
    sparks: Iterable[str],
) -> Iterable[GridColumn]:
    for name in params:
        yield GridColumn(
            name=f"params.{name}",
            label=name,
            group="params",
            kind="param",
            is_number=is_numeric(experiment.cards, name),
        )
    for name, goal in metrics.items():
        yield from _of_metric(name, goal)
    for index, name in enumerate(sparks):
        yield GridColumn(
            name=f"spark.{name}",
            label=f"{name} over steps",
            group=f"spark-{index}",
            kind="spark",
            goal=metrics[name],
        )
    for one in dict.fromkeys(
        (one.eval, one.scorer, one.kind) for card in experiment.cards for one in card.scorers
    ):
        yield GridColumn(
            name=f"evals.{one[0]}/{one[1]}",
            label=f"{one[0]} {one[1]}",
            group="evals",
            kind="ratio" if one[2] == "boolean" else "metric",
            is_number=True,
        )
    yield GridColumn(name="id", label="Id", group="core", kind="code")
    yield GridColumn(name="parent", label="Parent", group="core", kind="code")
    for name, label, kind in _FACT_COLUMNS:
        is_number = kind in {"count", "money"}
        yield GridColumn(name=name, label=label, group="facts", kind=kind, is_number=is_number)


def _of_metric(name: str, goal: Goal | None) -> Iterable[GridColumn]:
    labels = {"metrics": name, "last": f"{name} last", "min": f"{name} min", "max": f"{name} max"}
    for group, label in labels.items():
        yield GridColumn(
            name=f"{group}.{name}",
            label=label,
            group=group,
            kind="metric",
            is_number=True,
            goal=goal if group == "metrics" else None,
        )
    yield GridColumn(
        name=f"delta.metrics.{name}",
        label=f"Δ {name}",
        group="metrics",
        kind="delta",
        is_number=True,
        goal=goal,
        of=f"metrics.{name}",
        title="difference to the baseline’s value",
    )
