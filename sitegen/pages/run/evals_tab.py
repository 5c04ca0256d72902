"""The Evals tab of a run: what its template may see.

Floor 4. Numbers become texts, and rows cells with the value that sorts them. Whole samples are not
here: the script loads them from the data files named in each panel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sitegen.derive.annotations import ResolvedAnnotations
from sitegen.derive.evals.one_pass import EvalFacts
from sitegen.derive.evals.part import EvalsFacts
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.model import Goal, Json
from sitegen.pages.frame import PageLink
from sitegen.pages.links import state_hash
from sitegen.pages.parts import Empty, Text
from sitegen.pages.run.judges import JudgesView, judges_view
from sitegen.pages.run.said import since_filters
from sitegen.pages.run.sample_grid import MOST_SCORE_COLUMNS, sample_grid, shows_target
from sitegen.pages.run.sample_rows import RIGHT_KINDS, SampleView, duration_ns, sample_views
from sitegen.pages.run.scorer_panels import ScorerPanel, scorer_panel
from sitegen.records import dataclass
from sitegen.units import (
    count_text,
    duration_text,
    exact_text,
    money_text,
    number_text,
    plural,
    short_count_text,
)

_MOST_PANELS = 6
_MOST_SEGMENTS = 6
_LOG_EXAMPLE = """run.log_sample("support", "s-0142", input="Where is my parcel?",
               output="In Leipzig.", scores={"resolved": True, "tone": 4})"""


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
    shows_targets: bool
    """Whether the column of targets is shown at first."""
    has_tags: bool
    """Whether any row has a tag."""
    none_text: str | None
    """What to say in place of rows; None if there are samples."""
    foot_text: str
    """`Showing 500 of 1,319 samples: errored ones, then the worst.`"""
    csv_url: str
    """All samples as CSV."""
    data_key: str
    """`<run slug>/evals-<number>`, the beginning of the keys of its data files."""
    chunk_starts_json: str
    """Ordinals of the first samples of its data files."""
    grid: Mapping[str, Json]
    """The table as columnar data: what js/table/grid.js must know of it."""
    said: Mapping[str, Mapping[str, str]]
    """What people said of its samples, and what of it is new since the base, by column and by id
    and epoch: `s-1/1`."""
    since: tuple[PageLink, ...]
    """The samples of which something is new, changed or removed since the base, as filters."""
    judges: JudgesView | None
    """People against its scorers, None without labels."""


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
    return EvalsTab(
        count=len(facts.evals),
        evals=tuple(_eval_panel(one, slug, root, annotations) for one in facts.evals),
        has_segments=len(facts.evals) <= _MOST_SEGMENTS,
        empty=None
        if facts.evals
        else Empty(
            title="This run has no evals.",
            text="An eval appears here for every evals/<eval>.jsonl of the bundle: a line a sample "
            "with its input, output, target and scores.",
            code=_LOG_EXAMPLE,
        ),
    )


def _eval_panel(
    one: EvalFacts, slug: str, root: str, annotations: ResolvedAnnotations
) -> EvalPanel:
    panels = tuple(scorer_panel(scorer) for scorer in one.scorers)
    summaries = annotations.summary_by_target
    rows = sample_views(one, summaries)
    start = f"sample:{one.name}/"
    said = {
        name: {
            key.removeprefix(start): text
            for key, text in texts.items()
            if key.startswith(start)
        }
        for name, texts in (("annotations", summaries), ("since_base", annotations.since_by_target))
    }  # fmt: skip
    href = state_hash(tab="evals", eval=one.name)
    return EvalPanel(
        name=one.name,
        number=one.number,
        href=href,
        anchor=href.removeprefix("#"),
        description=one.description,
        samples_text=count_text(one.samples),
        facts=_facts(one),
        panels=panels if len(panels) <= _MOST_PANELS else (),
        rows_of_scorers=panels if len(panels) > _MOST_PANELS else (),
        columns=tuple(_column(index, scorer) for index, scorer in enumerate(one.scorers)),
        rows=rows,
        filter_example=_filter_example(one.scorers),
        total=one.samples,
        errors=one.errors,
        has_epochs=one.epochs > 1,
        has_annotations=bool(said["annotations"]),
        has_tokens="tokens" in one.table.names,
        has_durations="duration_s" in one.table.names,
        has_costs="cost_usd" in one.table.names,
        has_targets="target" in one.table.names,
        shows_targets=shows_target(one),
        has_tags="tags" in one.table.names,
        none_text=None if one.samples else f"{one.path} holds no sample: nothing was scored.",
        foot_text=_foot_text(one),
        csv_url=root + one.csv.file,
        data_key=f"{slug}/evals-{one.number}",
        chunk_starts_json=json.dumps(one.chunk_starts),
        grid=sample_grid(one, slug, said=[name for name in said if said[name]]).for_page(),
        said=said,
        since=since_filters(said["since_base"].values(), "samples", tab="evals", eval=one.name),
        judges=judges_view(one, annotations.annotations),
    )


def _facts(one: EvalFacts) -> tuple[Text, ...]:
    """`Data set support-tickets`, `240 samples, 1 epoch`, `3 errored`, cost, tokens, time."""
    facts = []
    if one.dataset:
        facts.append(Text(text=f"Data set {one.dataset}"))
    epochs = f", {plural(one.epochs, 'epoch')}" if one.epochs else ""
    ids = "" if one.ids == one.samples else f" of {plural(one.ids, 'id')}"
    facts.append(Text(text=f"{plural(one.samples, 'sample')}{ids}{epochs}"))
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
        text = duration_text(duration_ns(one.duration_s))
        text += _partly(one.duration_samples, one.samples)
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
        name=scorer.name,
        col=f"scores.{scorer.name}",
        type="number" if scorer.kind in RIGHT_KINDS else "text",
        goal=scorer.goal,
        is_off=index >= MOST_SCORE_COLUMNS,
    )
