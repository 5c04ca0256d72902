"""What a condition may ask of a run: the names of `--select` and of the run table. Floor 4.

One table for both; docs/settings.md lists it. Of a metric it is the value that the run table shows:
the best by its goal, the last without one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sitegen import units
from sitegen.bundle.conditions import nearest_name
from sitegen.derive.card import Card
from sitegen.derive.experiment import Objective, objective_value
from sitegen.model import Json

FACTS: Final[Mapping[str, Callable[[Card], Json]]] = {
    "id": lambda card: card.id,
    "name": lambda card: card.name,
    "experiment": lambda card: card.experiment,
    "project": lambda card: card.project,
    "status": lambda card: card.status,
    "user": lambda card: card.user,
    "tags": lambda card: list(card.tags),
    "parent": lambda card: card.parent,
    "started_at": lambda card: _second(card.started_at_ns),
    "duration_s": lambda card: (
        None if card.duration_ns is None else card.duration_ns / units.NS_PER_S
    ),
    "commit": lambda card: card.commit,
    "dataset": lambda card: [one.name for one in card.datasets],
    "model": lambda card: [one.name for one in card.models],
    "alerts": lambda card: list(card.alerts_fired),
    "traces": lambda card: card.trace_count,
    "spans": lambda card: card.span_count,
    "span_errors": lambda card: card.trace_errors,
    "input_tokens": lambda card: card.input_tokens,
    "output_tokens": lambda card: card.output_tokens,
    "cost_usd": lambda card: card.cost_usd,
    "attachments": lambda card: card.attachment_count,
    "problems": lambda card: card.problem_errors + card.problem_warnings,
    "errors": lambda card: card.problem_errors,
}
"""A run's facts by name; None is nothing, and its comparisons are false."""

PREFIXES: Final = ("params.", "metrics.", "evals.")
"""What the run's own names follow: `params.lr`, `metrics.val/loss`, `evals.qa/correct`."""

MANIFEST_FACTS: Final = frozenset(
    {"id", "name", "experiment", "project", "status", "user", "tags", "parent", "started_at",
     "duration_s", "commit", "dataset", "model"}
)  # fmt: skip
"""Facts of run.json alone, for which nothing else need be read; so are the params."""


def _second(time_ns: int | None) -> Json:
    """The time to the second, as js/grid.js gives it: such texts stand in the order of time."""
    return None if time_ns is None else units.rfc3339(time_ns // units.NS_PER_S * units.NS_PER_S)


def is_of_manifest(name: str) -> bool:
    """Whether run.json tells the field *name*."""
    return name in MANIFEST_FACTS or name.startswith("params.")


def is_field(name: str) -> bool:
    """Whether any run may have a field *name*."""
    return name in FACTS or (name.startswith(PREFIXES) and name not in PREFIXES)


def nearest_field(name: str) -> str:
    """The fact or the kind of field that *name* may stand for, as a hint."""
    head, dot, tail = name.partition(".")
    if dot and (prefix := nearest_name(head, [one[:-1] for one in PREFIXES])):
        return f"{prefix}.{tail}"
    return nearest_name(name, FACTS) or f"params.{name}, metrics.{name} or one of {_list(FACTS)}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def run_fields(card: Card, objective: Objective | None) -> dict[str, Json]:
    """The fields of a run by name; those it does not have are absent."""
    found = {name: fact(card) for name, fact in FACTS.items()}
    found |= {f"params.{name}": value for name, value in card.params.items()}
    for metric in card.metrics:
        is_objective = objective is not None and objective.name == metric.name
        shown = metric.last if metric.best is None else metric.best
        value = objective_value(card, objective) if objective and is_objective else shown
        found[f"metrics.{metric.name}"] = value
    found |= {f"evals.{one.eval}/{one.scorer}": one.mean for one in card.scorers}
    return {name: value for name, value in found.items() if value is not None}
