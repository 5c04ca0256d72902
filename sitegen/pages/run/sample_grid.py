"""The table of an eval's samples as data: its columns, and those shown at first. Floor 4."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from sitegen.derive.evals.one_pass import EvalFacts
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.pages.grid import GridColumn, GridSchema
from sitegen.pages.run.sample_rows import RIGHT_KINDS
from sitegen.pages.run.scorer_panels import scale_of
from sitegen.units import count_text

MOST_SCORE_COLUMNS = 8
_SCORES_BESIDE_TARGETS = 3
"""Scores shown at first."""
_SCORES_ON_A_PHONE = 3


def sample_grid(one: EvalFacts, slug: str, *, said: Collection[str]) -> GridSchema:
    """The columns of *one*, in the order in which the server writes those of its rows; *said* are
    those of what people said.
    """
    names = set(one.table.names)
    before = [
        GridColumn(name="id", label="Sample", group="core", kind="sample", is_shown=True,
                   is_fixed=True, place="value"),
        _number("epoch", "Epoch", "epoch", is_shown=one.epochs > 1, place="sub"),
        GridColumn(name="input", label="Input", group="text", kind="input", is_shown=True,
                   place="lead", style="sg-evals__textcol"),
        GridColumn(name="output", label="Output", group="text", kind="output", is_shown=True,
                   style="sg-evals__textcol"),
    ]  # fmt: skip
    target = GridColumn(name="target", label="Target", group="text", kind="target",
                        is_shown=shows_target(one), style="sg-evals__textcol sg-evals__aside",
                        )  # fmt: skip
    annotated = [
        GridColumn(name="annotations", label="Annotations", group="core", kind="said",
                   is_shown=True, place="aside"),
        GridColumn(name="since_base", label="Since the base", group="core", kind="text"),
    ]  # fmt: skip
    columns = [
        *before,
        *([target] if "target" in names else []),
        *(_score(index, scorer) for index, scorer in enumerate(one.scorers)),
        *(column for column in annotated if column.name in said),
        *(column for column in _after() if column.name in names),
        *(GridColumn(name=name, label=name, group="metadata", kind="value",
                     note=_in_some(one, name))
          for name in one.table.names if name.startswith("metadata.")),
    ]  # fmt: skip
    return GridSchema(
        n=one.samples,
        prefix=f"{slug}/evals-{one.number}-",
        groups=one.table.starts,
        order="",
        baseline=None,
        columns=tuple(columns),
    )


def shows_target(one: EvalFacts) -> bool:
    """Whether targets stand in the table at first: where more than three scores leave no room for
    them they are shown when chosen.
    """
    return len(one.scorers) <= _SCORES_BESIDE_TARGETS


def _in_some(one: EvalFacts, name: str) -> str | None:
    """`13 of 128`: how many samples have a value, if not all."""
    count = one.table.counts.get(name, 0)
    return None if count == one.samples else f"{count_text(count)} of {count_text(one.samples)}"


def _after() -> Iterator[GridColumn]:
    yield GridColumn(name="tags", label="Tags", group="core", kind="tags")
    yield _number("tokens", "Tokens", "compact", is_shown=True)
    yield _number("duration_s", "Duration", "seconds", is_shown=True)
    yield _number("cost_usd", "Cost", "money")
    yield GridColumn(name="cluster", label="Cluster", group="core", kind="code")
    yield GridColumn(name="error", label="Error", group="core", kind="text")
    yield GridColumn(name="errored", label="Errored", group="core", kind="value")
    yield GridColumn(name="trace", label="Trace", group="text", kind="trace")


def _number(
    name: str, label: str, kind: str, *, is_shown: bool = False, place: str | None = None
) -> GridColumn:
    is_figure = name != "epoch"
    return GridColumn(
        name=name,
        label=label,
        group="core",
        kind=kind,
        is_number=True,
        is_shown=is_shown,
        place=place,
        first="desc" if is_figure else None,
        style="sg-evals__aside" if is_figure else None,
    )


def _score(index: int, scorer: ScorerFacts) -> GridColumn:
    scale = scale_of(scorer)
    has_bar = scale is not None and 0 < scale[1] - scale[0] < math.inf
    return GridColumn(
        name=f"scores.{scorer.name}",
        label=scorer.name,
        group="core",
        kind="score",
        is_number=scorer.kind in RIGHT_KINDS,
        goal=scorer.goal,
        is_shown=index < MOST_SCORE_COLUMNS,
        place="sub" if index < _SCORES_ON_A_PHONE else None,
        style="sg-evals__scorecol",
        values=scorer.kind,
        scale=scale if has_bar else None,
    )
