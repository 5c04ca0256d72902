"""Samples as rows of the Evals tab: texts for people, values for sorting, fields for the filter.

Floor 4. What is missing is the word `missing`; 0 and false are shown as such.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sitegen.derive.evals.one_pass import EvalFacts, target_key
from sitegen.derive.evals.samples import SampleRow, ScoreCell
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.pages.figures import decimal
from sitegen.pages.links import state_hash
from sitegen.pages.run.scorer_panels import scale_of
from sitegen.records import dataclass
from sitegen.units import (
    MINUS,
    NS_PER_S,
    duration_text,
    exact_text,
    money_text,
    number_text,
    short_count_text,
)

RIGHT_KINDS = frozenset({"boolean", "number", "unscored"})
"""Kinds of scorers whose columns are set right."""
_BAR_WIDTH = 64
_MOST_TAGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreBar:
    """A number on its scorer's scale."""

    total: str
    """Width of the scale in px."""
    width: str
    """Width of the bar in px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCellView:
    """A score in the table."""

    kind: str
    """boolean, number, label, missing or error: how it is drawn."""
    text: str
    """The value, `missing` or `error`."""
    is_right: bool
    """Whether the column is of numbers."""
    is_yes: bool
    """The value of a boolean."""
    is_fault: bool
    """NaN or infinite."""
    sort_value: str
    """Value that sorts the column; empty when there is none."""
    label: str
    """Name of the scorer, for the phone."""
    bar: ScoreBar | None
    """Its bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleView:
    """A sample in the table."""

    anchor: str
    """Id of the element: the hash of the sample's link, so that the link works without script."""
    href: str
    """Hash of the sample's link."""
    key: str
    """Key by which annotations find it."""
    id: str
    """Id of the sample."""
    epoch: int
    """Its epoch."""
    ordinal: int
    """Place in the file."""
    input_text: str
    """Preview of the input."""
    output_text: str
    """Preview of the output."""
    target_text: str
    """Preview of the target."""
    error_text: str | None
    """Preview of the error."""
    cells: tuple[ScoreCellView, ...]
    """One for each scorer."""
    tags: tuple[str, ...]
    """The first three labels."""
    tags_more: int
    """How many more there are."""
    trace_href: str | None
    """Hash of the first trace."""
    tokens_text: str
    """`6.1 k`."""
    tokens: str
    """Exact count; empty when not recorded."""
    duration_text: str
    """`4.82 s`."""
    duration_s: str
    """Exact seconds; empty when not recorded."""
    cost_text: str
    """`$0.0184`."""
    cost_usd: str
    """Exact cost; empty when not recorded."""
    annotation_text: str
    """`helpful: 1 yes`; empty without."""


def sample_views(one: EvalFacts, summaries: Mapping[str, str]) -> tuple[SampleView, ...]:
    """The rows of *one*; *summaries* says what people said, by target key."""
    decimals = {scorer.name: _decimals(scorer, one.rows) for scorer in one.scorers}
    return tuple(_sample_view(row, one, summaries, decimals) for row in one.rows)


def _decimals(scorer: ScorerFacts, rows: Sequence[SampleRow]) -> int | None:
    """Decimals that all numbers of the column get; None where sizes differ too much for one."""
    cells = (row.scores.get(scorer.name) for row in rows)
    values = [cell.value for cell in cells if cell is not None and isinstance(cell.value, float)]
    finite = [value for value in values if math.isfinite(value)]
    if any(value and not 1e-3 <= abs(value) < 1e4 for value in finite):
        return None
    texts = [number_text(value, 3) for value in finite]
    return max((len(text.partition(".")[2]) for text in texts), default=0)


def _sample_view(
    row: SampleRow,
    one: EvalFacts,
    summaries: Mapping[str, str],
    decimals: Mapping[str, int | None],
) -> SampleView:
    href = state_hash(tab="evals", eval=one.name, sample=row.id, epoch=row.epoch)
    key = target_key(one.name, row.id, row.epoch)
    return SampleView(
        anchor=href.removeprefix("#"),
        href=href,
        key=key,
        id=row.id,
        epoch=row.epoch,
        ordinal=row.ordinal,
        input_text=row.input_text,
        output_text=row.output_text,
        target_text=row.target_text,
        error_text=row.error_text,
        cells=tuple(
            _cell(row.scores.get(scorer.name), scorer, decimals[scorer.name])
            for scorer in one.scorers
        ),
        tags=row.tags[:_MOST_TAGS],
        tags_more=max(0, len(row.tags) - _MOST_TAGS),
        trace_href=state_hash(tab="traces", trace=row.trace_ids[0]) if row.trace_ids else None,
        tokens_text="" if row.tokens is None else short_count_text(row.tokens),
        tokens="" if row.tokens is None else str(row.tokens),
        duration_text="" if row.duration_s is None else duration_text(duration_ns(row.duration_s)),
        duration_s="" if row.duration_s is None else exact_text(row.duration_s),
        cost_text="" if row.cost_usd is None else money_text(row.cost_usd),
        cost_usd="" if row.cost_usd is None else exact_text(row.cost_usd),
        annotation_text=summaries.get(key, ""),
    )


def _cell(cell: ScoreCell | None, scorer: ScorerFacts, decimals: int | None) -> ScoreCellView:
    if cell is None or cell.state != "value" or cell.value is None:
        word = "error" if cell is not None and cell.state == "error" else "missing"
        return _cell_view(scorer, kind=word, text=word, sort_value="")
    value = cell.value
    match value:
        case bool():
            text = "yes" if value else "no"
            return _cell_view(
                scorer, kind="boolean", text=text, sort_value="1" if value else "0", is_yes=value
            )
        case str():
            return _cell_view(scorer, kind="label", text=value, sort_value=value)
    text = number_text(value)
    if decimals is not None and math.isfinite(value):
        text = f"{value:,.{decimals}f}".replace("-", MINUS)
    return _cell_view(
        scorer,
        kind="number",
        text=text,
        sort_value=exact_text(value),
        bar=_bar(value, scorer),
        is_fault=not math.isfinite(value),
    )


def _cell_view(
    scorer: ScorerFacts,
    *,
    kind: str,
    text: str,
    sort_value: str,
    is_yes: bool = False,
    is_fault: bool = False,
    bar: ScoreBar | None = None,
) -> ScoreCellView:
    return ScoreCellView(
        kind=kind,
        text=text,
        is_right=scorer.kind in RIGHT_KINDS,
        is_yes=is_yes,
        is_fault=is_fault,
        sort_value=sort_value,
        label=scorer.name,
        bar=bar,
    )


def _bar(value: float, scorer: ScorerFacts) -> ScoreBar | None:
    scale = scale_of(scorer)
    if scale is None or not math.isfinite(value) or not 0 < scale[1] - scale[0] < math.inf:
        return None
    ratio = (value - scale[0]) / (scale[1] - scale[0])
    return ScoreBar(total=str(_BAR_WIDTH), width=decimal(_BAR_WIDTH * ratio))


def duration_ns(seconds: float) -> int:
    """Whole nanoseconds, kept within what a duration can say."""
    return round(min(max(seconds, -1e9), 1e12) * NS_PER_S)
