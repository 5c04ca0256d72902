"""The Evals tab of a run: what its template may see.

Floor 4. Numbers become texts, and rows become cells with the value that sorts them. Whole samples are
not here: the script loads them from the data files named in each panel.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.eval_pass import EvalFacts, target_key
from sitegen.derive.evals import EvalsFacts
from sitegen.derive.samples import SampleRow, ScoreCell
from sitegen.derive.scores import ScorerFacts
from sitegen.model import Goal
from sitegen.pages.figures import decimal
from sitegen.pages.links import state_hash
from sitegen.pages.parts import Empty, Text
from sitegen.pages.scorer_panels import ScorerPanel, scale_of, scorer_panel
from sitegen.units import (
    MINUS,
    NS_PER_S,
    count_text,
    duration_text,
    exact_text,
    money_text,
    number_text,
    plural,
    short_count_text,
)

_MOST_SCORE_COLUMNS = 8
_MOST_PANELS = 6
_MOST_SEGMENTS = 6
_BAR_WIDTH = 64
_MOST_TAGS = 3
_RIGHT = frozenset({"boolean", "number", "unscored"})
"""Kinds of scorers whose columns are set right."""
_LOG_EXAMPLE = """run.log_eval("support-eval", [
    {"id": "s-0142", "input": "Where is my parcel?", "output": "In Leipzig.",
     "scores": {"resolved": True, "tone": 4}},
])"""


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
    """Id of the element: the hash of the sample's link, so that the link works without a script too."""
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
    chunk: int
    """Number of its data file."""
    place: int
    """Index in that file."""
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
    cluster: str
    """Its cluster; empty without."""
    annotation_text: str
    """`helpful: 1 yes`; empty without."""
    fields_json: str
    """Fields of the filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreColumnView:
    """A column of scores."""

    name: str
    """Name of the scorer."""
    col: str
    """Name of the column for sorting and filters."""
    type: str
    """number or text."""
    goal: Goal | None
    """Which direction is better."""
    is_off: bool
    """Hidden until chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalPanel:
    """One eval of the run."""

    name: str
    """Name of the eval."""
    number: int
    """Place by name, from 0."""
    href: str
    """Hash of its link."""
    anchor: str
    """Id of its section: the hash without the #."""
    description: str | None
    """What it asks."""
    samples_text: str
    """`240`."""
    facts: tuple[Text, ...]
    """The line beside its name."""
    panels: tuple[ScorerPanel, ...]
    """Its scorers, drawn; empty when there are too many."""
    rows_of_scorers: tuple[ScorerPanel, ...]
    """Its scorers as a table when there are more than six."""
    columns: tuple[ScoreColumnView, ...]
    """Columns of scores."""
    rows: tuple[SampleView, ...]
    """Samples shown."""
    total: int
    """Samples in all."""
    errors: int
    """Samples that errored."""
    filter_example: str
    """What the filter may hold: `scores.tone < 3`."""
    has_epochs: bool
    """Whether samples repeat."""
    has_annotations: bool
    """Whether any row has one."""
    has_tokens: bool
    """Whether any row has tokens."""
    has_durations: bool
    """Whether any row has a duration."""
    has_costs: bool
    """Whether any row has a cost."""
    has_targets: bool
    """Whether any row has a target."""
    has_tags: bool
    """Whether any row has a tag."""
    foot_text: str
    """`Showing 500 of 1,319 samples: errored ones, then the worst.`"""
    csv_url: str
    """All samples as CSV."""
    data_key: str
    """`<run slug>/evals-<number>`, the beginning of the keys of its data files."""
    chunk_starts_json: str
    """Ordinals of the first samples of its data files."""
    id_files: int
    """Number of its files with ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalsTab:
    """The Evals tab."""

    count: int
    """Number of evals."""
    evals: tuple[EvalPanel, ...]
    """By name."""
    has_segments: bool
    """Whether the choice is a row of buttons; else a list."""
    empty: Empty | None
    """What stands here without evals."""


def evals_tab(
    facts: EvalsFacts, *, slug: str, annotations: ResolvedAnnotations, root: str
) -> EvalsTab:
    """The tab of a run whose data files stand under *slug*; *root* leads to the site's root."""
    summaries = annotations.summary_by_target
    return EvalsTab(
        count=len(facts.evals),
        evals=tuple(_eval_panel(one, slug, root, summaries) for one in facts.evals),
        has_segments=len(facts.evals) <= _MOST_SEGMENTS,
        empty=None if facts.evals else Empty(
            title="This run has no evals.",
            text="An eval appears here for every evals/<eval>.jsonl of the bundle: a line a sample "
            "with its input, output, target and scores.",
            code=_LOG_EXAMPLE,
        ),
    )


def _eval_panel(
    one: EvalFacts, slug: str, root: str, summaries: Mapping[str, str]
) -> EvalPanel:
    panels = tuple(scorer_panel(scorer) for scorer in one.scorers)
    decimals = {scorer.name: _decimals(scorer, one.rows) for scorer in one.scorers}
    rows = tuple(_sample_view(row, one, summaries, decimals) for row in one.rows)
    href = state_hash(tab="evals", eval=one.name)
    return EvalPanel(
        name=one.name, number=one.number, href=href, anchor=href.removeprefix("#"),
        description=one.description, samples_text=count_text(one.samples), facts=_facts(one),
        panels=panels if len(panels) <= _MOST_PANELS else (),
        rows_of_scorers=panels if len(panels) > _MOST_PANELS else (),
        columns=tuple(_column(index, scorer) for index, scorer in enumerate(one.scorers)),
        rows=rows, filter_example=_filter_example(one.scorers), total=one.samples, errors=one.errors, has_epochs=one.epochs > 1,
        has_annotations=any(row.annotation_text for row in rows),
        has_tokens=any(row.tokens for row in rows),
        has_durations=any(row.duration_s for row in rows),
        has_costs=any(row.cost_usd for row in rows),
        has_targets=any(row.target_text for row in rows),
        has_tags=any(row.tags for row in rows),
        foot_text=_foot_text(one), csv_url=root + one.csv.file,
        data_key=f"{slug}/evals-{one.number}",
        chunk_starts_json=json.dumps(one.chunk_starts), id_files=one.id_files,
    )


def _facts(one: EvalFacts) -> tuple[Text, ...]:
    """`Data set support-tickets`, `240 samples, 1 epoch`, `3 errored`, cost, tokens, time."""
    facts = []
    if one.dataset:
        facts.append(Text(text=f"Data set {one.dataset}"))
    epochs = plural(one.epochs, "epoch")
    if one.ids == one.samples:
        facts.append(Text(text=f"{plural(one.samples, 'sample')}, {epochs}"))
    else:
        facts.append(Text(text=f"{plural(one.samples, 'sample')} of {plural(one.ids, 'id')}, {epochs}"))
    if one.duplicates:
        facts.append(Text(text=f"{count_text(one.duplicates)} twice", tone="warn"))
    if one.clusters:
        facts.append(Text(text=plural(one.clusters, "cluster")))
    if one.errors:
        facts.append(Text(text=f"{count_text(one.errors)} errored", tone="bad"))
    if one.models:
        shown = list(one.models)
        more = f" and {len(shown) - 2} more" if len(shown) > 2 else ""
        facts.append(Text(text=", ".join(shown[:2]) + more, is_code=True))
    if one.cost_usd is not None:
        text = money_text(one.cost_usd) + _partly(one.cost_samples, one.samples)
        facts.append(Text(text=text, title=f"recorded: {exact_text(one.cost_usd)} US dollars"))
    facts.extend(_token_facts(one))
    if one.duration_s is not None:
        text = duration_text(_ns(one.duration_s)) + _partly(one.duration_samples, one.samples)
        title = f"sum over samples: {exact_text(one.duration_s)} s"
        facts.append(Text(text=text, title=title))
    return tuple(facts)


def _token_facts(one: EvalFacts) -> list[Text]:
    if one.input_tokens is None and one.output_tokens is None:
        return []
    read, written = one.input_tokens or 0, one.output_tokens or 0
    title = f"{count_text(read)} input and {count_text(written)} output tokens"
    return [Text(text=f"{short_count_text(read + written)} tokens", title=title)]


def _partly(count: int, total: int) -> str:
    return "" if count == total else f" in {count_text(count)} of {count_text(total)}"


def _ns(seconds: float) -> int:
    return round(min(max(seconds, -1e9), 1e12) * NS_PER_S)


def _foot_text(one: EvalFacts) -> str:
    if len(one.rows) == one.samples:
        return f"All {plural(one.samples, 'sample')}."
    return (
        f"{count_text(len(one.rows))} of {plural(one.samples, 'sample')}: "
        "errored ones, then those with the worst scores."
    )


def _filter_example(scorers: Sequence[ScorerFacts]) -> str:
    for scorer in scorers:
        name = f"scores.{scorer.name}"
        if not scorer.name.isidentifier() or len(name) > 30:
            continue
        if scorer.kind == "boolean":
            return f"{name} = false"
        if scorer.kind == "number" and scorer.mean is not None:
            return f"{name} < {number_text(scorer.mean, 2)}"
    return "tokens > 1000"


def _column(index: int, scorer: ScorerFacts) -> ScoreColumnView:
    return ScoreColumnView(
        name=scorer.name, col=f"scores.{scorer.name}",
        type="number" if scorer.kind in _RIGHT else "text",
        goal=scorer.goal, is_off=index >= _MOST_SCORE_COLUMNS,
    )


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
    row: SampleRow, one: EvalFacts, summaries: Mapping[str, str],
    decimals: Mapping[str, int | None],
) -> SampleView:
    href = state_hash(tab="evals", eval=one.name, sample=row.id, epoch=row.epoch)
    key = target_key(one.name, row.id, row.epoch)
    return SampleView(
        anchor=href.removeprefix("#"), href=href, key=key, id=row.id, epoch=row.epoch,
        ordinal=row.ordinal, chunk=row.chunk, place=row.place, input_text=row.input_text,
        output_text=row.output_text, target_text=row.target_text, error_text=row.error_text,
        cells=tuple(
            _cell(row.scores.get(scorer.name), scorer, decimals[scorer.name])
            for scorer in one.scorers
        ),
        tags=row.tags[:_MOST_TAGS], tags_more=max(0, len(row.tags) - _MOST_TAGS),
        trace_href=state_hash(tab="traces", trace=row.trace_ids[0]) if row.trace_ids else None,
        tokens_text="" if row.tokens is None else short_count_text(row.tokens),
        tokens="" if row.tokens is None else str(row.tokens),
        duration_text="" if row.duration_s is None else duration_text(_ns(row.duration_s)),
        duration_s="" if row.duration_s is None else exact_text(row.duration_s),
        cost_text="" if row.cost_usd is None else money_text(row.cost_usd),
        cost_usd="" if row.cost_usd is None else exact_text(row.cost_usd),
        cluster=row.cluster or "", annotation_text=summaries.get(key, ""),
        fields_json=_fields_json(row),
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
        scorer, kind="number", text=text, sort_value=exact_text(value),
        bar=_bar(value, scorer), is_fault=not math.isfinite(value),
    )


def _cell_view(
    scorer: ScorerFacts, *, kind: str, text: str, sort_value: str, is_yes: bool = False,
    is_fault: bool = False, bar: ScoreBar | None = None,
) -> ScoreCellView:
    return ScoreCellView(
        kind=kind, text=text, is_right=scorer.kind in _RIGHT, is_yes=is_yes, is_fault=is_fault,
        sort_value=sort_value, label=scorer.name, bar=bar,
    )


def _bar(value: float, scorer: ScorerFacts) -> ScoreBar | None:
    scale = scale_of(scorer)
    if scale is None or not math.isfinite(value) or not 0 < scale[1] - scale[0] < math.inf:
        return None
    ratio = (value - scale[0]) / (scale[1] - scale[0])
    return ScoreBar(total=str(_BAR_WIDTH), width=decimal(_BAR_WIDTH * ratio))


def _fields_json(row: SampleRow) -> str:
    """Values by name of the filter; what is missing is left out."""
    fields: dict[str, object] = {"id": row.id, "epoch": row.epoch}
    optional = {
        "error": row.error_text, "tokens": row.tokens, "duration_s": row.duration_s,
        "cost_usd": row.cost_usd, "cluster": row.cluster, "tags": row.tags or None,
    }
    fields |= {name: value for name, value in optional.items() if value is not None}
    fields["errored"] = row.error_text is not None
    for name, value in row.metadata.items():
        fields[f"metadata.{name}"] = _browser_number(value)
    for name, cell in row.scores.items():
        if cell.state == "value" and cell.value is not None:
            fields[f"scores.{name}"] = _browser_number(cell.value)
    return json.dumps(fields, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _browser_number(value: int | float | bool | str) -> int | float | bool | str:
    if isinstance(value, float) and not math.isfinite(value):
        return exact_text(value)
    return value
