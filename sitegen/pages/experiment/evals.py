"""The Evals tab of an experiment: means of its runs, what differs from the baseline, history.

Floor 4. From cards and comparisons alone; what the reader chooses to compare is computed in the
page from the same columns (js/evals/eval-compare.js).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from sitegen import units
from sitegen.derive.card import Card, ScorerCard
from sitegen.derive.evals.comparison import EvalComparison
from sitegen.derive.experiment import Experiment
from sitegen.model import Goal, Json
from sitegen.pages.compare.declared import Declared, declared_comparisons
from sitegen.pages.compare.difference_text import (
    NO_CHANGE,
    ChangeText,
    Compared,
    Verdict,
    change_of,
    difference_text,
    verdict_of,
)
from sitegen.pages.experiment.eval_history import EvalHistory, eval_histories
from sitegen.pages.links import run_page
from sitegen.records import dataclass

_MOST_SCORERS = 12
_FIRST_VERDICTS = 3
_MOST_VERDICTS = 30

RunPair = tuple[str, str]
"""Ids of two runs, the one that the other is held against first."""
Comparisons = Mapping[RunPair, tuple[EvalComparison, ...]]
"""What was compared, by pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerColumn:
    """A scorer in the table of evals."""

    eval: str
    """Name of the eval."""
    scorer: str
    """Name of the scorer."""
    goal: Goal | None
    """Which direction is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalCell:
    """A run's mean by one scorer."""

    text: str
    """The mean; empty if the run has none."""
    value: str | None
    """The same, exact."""
    interval: str
    """`79.0 to 88.2`: its 95 % interval; empty without one."""
    title: str
    """How many samples were scored."""
    change: ChangeText
    """Difference to the baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRow:
    """A run in the table of evals."""

    name: str
    """Its name."""
    url: str
    """Its Evals tab."""
    status: str
    """How it ended."""
    is_baseline: bool
    """Whether the others are held against it."""
    cells: tuple[EvalCell, ...]
    """One per scorer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineVerdict:
    """What is said of a run against the baseline, by one scorer."""

    run: str
    """Name of the run."""
    url: str
    """Its Evals tab."""
    verdict: Verdict
    """What may be claimed."""
    sentence: str
    """The difference."""
    rest: str
    """What else there is to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredVerdicts:
    """A comparison that experiment.toml declares."""

    name: str
    """Its name."""
    url: str
    """Its page."""
    first: str
    """Name of the run that the others are held against."""
    verdicts: tuple[BaselineVerdict, ...]
    """The others, by every scorer that differs, else by the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentEvals:
    """The Evals tab of an experiment."""

    scorers: tuple[ScorerColumn, ...]
    """Columns of the table; at most 12."""
    scorers_left_out: int
    """Scorers beyond those."""
    rows: tuple[EvalRow, ...]
    """Runs with evals, newest first."""
    baseline: str | None
    """Name of the run that the others are held against."""
    verdicts: tuple[BaselineVerdict, ...]
    """The newest runs against the baseline."""
    more_verdicts: tuple[BaselineVerdict, ...]
    """Earlier runs against the baseline."""
    declared: tuple[DeclaredVerdicts, ...]
    """Comparisons that experiment.toml declares, of runs with evals in common."""
    histories: tuple[EvalHistory, ...]
    """Scorers over the runs by start time."""
    can_compare: bool
    """Whether two runs have an eval in common."""
    compare: Mapping[str, Json]
    """What the page needs to compare runs: their names, pages and data files."""


def compared_pairs(experiment: Experiment, shown: Sequence[Card]) -> tuple[RunPair, ...]:
    """Pairs of runs that the page holds against each other: linear in the number of runs."""
    pairs = []
    if experiment.baseline is not None:
        pairs = [(experiment.baseline.id, card.id) for card in shown]
    for _, first, others in _declared(experiment):
        pairs += [(first.id, card.id) for card in others]
    with_evals = {card.id for card in experiment.cards if card.scorers}
    return tuple(
        pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1] and with_evals.issuperset(pair)
    )


def _declared(experiment: Experiment) -> Iterator[tuple[Declared, Card, tuple[Card, ...]]]:
    """Each declared comparison of two runs or more, its first run and the others."""
    for one in declared_comparisons(experiment):
        if len(one.cards) > 1:
            yield one, one.cards[0], one.cards[1:]


def declared_verdicts(
    cards: Sequence[Card], comparisons: Comparisons, root: str
) -> tuple[BaselineVerdict, ...]:
    """What may be said of the runs after the first against it, by their evals."""
    first, others = cards[:1], cards[1:]
    return _verdicts(
        others,
        {card.id: comparisons.get((one.id, card.id), ()) for one in first for card in others},
        first[0].name if first else "",
        root,
    )


def experiment_evals(
    experiment: Experiment, shown: Sequence[Card], comparisons: Comparisons, root: str
) -> ExperimentEvals:
    """The tab for the runs *shown*, newest first."""
    with_evals = [card for card in shown if card.scorers]
    columns = _columns(experiment.cards)
    baseline = experiment.baseline
    against: dict[str, tuple[EvalComparison, ...]] = {}
    if baseline is not None:
        against = {card.id: comparisons.get((baseline.id, card.id), ()) for card in with_evals}
    counts: dict[str, int] = {}
    for card in with_evals:
        for name in card.eval_columns:
            counts[name] = counts.get(name, 0) + 1
    verdicts = _verdicts(with_evals, against, "baseline", root)
    return ExperimentEvals(
        scorers=columns[:_MOST_SCORERS],
        scorers_left_out=max(0, len(columns) - _MOST_SCORERS),
        rows=tuple(
            _row(card, columns[:_MOST_SCORERS], baseline, against.get(card.id, ()), root)
            for card in with_evals
        ),
        baseline=baseline.name if baseline is not None and baseline.scorers else None,
        verdicts=verdicts[:_FIRST_VERDICTS],
        more_verdicts=verdicts[_FIRST_VERDICTS:],
        declared=tuple(
            DeclaredVerdicts(
                name=one.name,
                url=root + one.path,
                first=first.name,
                verdicts=declared_verdicts(one.cards, comparisons, root),
            )
            for one, first, others in _declared(experiment)
            if any(comparisons.get((first.id, card.id)) for card in others)
        ),
        histories=eval_histories(
            with_evals, [(one.eval, one.scorer) for one in columns[:_MOST_SCORERS]], root
        ),
        can_compare=any(count > 1 for count in counts.values()),
        compare={
            "baseline": baseline.slug[-10:] if baseline is not None and baseline.scorers else None,
            "objective": experiment.objective.name if experiment.objective else None,
            "runs": [
                _chosen_run(card, name, root)
                for card, name in zip(with_evals, distinct_names(with_evals), strict=True)
            ],
        },
    )


def compare_files(cards: Sequence[Card]) -> dict[str, str]:
    """The data files that comparisons in the page read, by key."""
    return {
        f"{card.slug}/{file.name}": file.file
        for card in cards
        for file in card.eval_columns.values()
    }


def distinct_names(cards: Sequence[Card]) -> list[str]:
    """The names of the runs; of those that share one, with the id: `gpt-4o (qa/gpt-4o-2)`."""
    counts = Counter(card.name for card in cards)
    return [card.name if counts[card.name] == 1 else f"{card.name} ({card.id})" for card in cards]


def _chosen_run(card: Card, name: str, root: str) -> Mapping[str, Json]:
    return {
        "key": card.slug[-10:],
        "name": name,
        "url": root + run_page(card.id),
        "status": card.status,
        "evals": {name: f"{card.slug}/{file.name}" for name, file in card.eval_columns.items()},
    }


def _columns(cards: Sequence[Card]) -> tuple[ScorerColumn, ...]:
    found: dict[tuple[str, str], Goal | None] = {}
    for card in cards:
        for one in card.scorers:
            key = (one.eval, one.scorer)
            found[key] = found.get(key) or one.goal
    return tuple(
        ScorerColumn(eval=name, scorer=scorer, goal=goal)
        for (name, scorer), goal in sorted(found.items())
    )


def _row(
    card: Card,
    columns: Sequence[ScorerColumn],
    baseline: Card | None,
    compared: Sequence[EvalComparison],
    root: str,
) -> EvalRow:
    scores = {(one.eval, one.scorer): one for one in card.scorers}
    found = {(one.eval, scorer.scorer): (one, scorer) for one in compared for scorer in one.scorers}
    return EvalRow(
        name=card.name,
        url=f"{root}{run_page(card.id)}#tab=evals",
        status=card.status,
        is_baseline=baseline is card,
        cells=tuple(
            _cell(scores.get((one.eval, one.scorer)), found.get((one.eval, one.scorer)))
            for one in columns
        ),
    )


def _cell(score: ScorerCard | None, compared: Compared | None) -> EvalCell:
    if score is None or score.mean is None:
        title = "" if score is None else f"{score.kind}: no mean"
        return EvalCell(text="", value=None, interval="", title=title, change=NO_CHANGE)
    is_ratio = score.kind == "boolean"
    form = units.percent_text if is_ratio else units.number_text
    interval = ""
    if score.ci_low is not None and score.ci_high is not None:
        ends = (
            form(end).removesuffix(f"{units.NARROW_SPACE}%")
            for end in (score.ci_low, score.ci_high)
        )
        interval = " to ".join(ends)
    return EvalCell(
        text=form(score.mean),
        value=units.exact_text(score.mean),
        interval=interval,
        title=f"{units.exact_text(score.mean)}, {score.n:,} of {score.total:,} scored",
        change=change_of(compared),
    )


def _verdicts(
    cards: Sequence[Card],
    against: Mapping[str, tuple[EvalComparison, ...]],
    first: str,
    root: str,
) -> tuple[BaselineVerdict, ...]:
    """Of the newest runs the scorers that differ from *first*, else their first one."""
    found = []
    for card in cards:
        scorers = [(one, scorer) for one in against.get(card.id, ()) for scorer in one.scorers]
        told = [pair for pair in scorers if verdict_of(pair[1]) != "open"] or scorers[:1]
        for one, scorer in told:
            said = difference_text(
                scorer, only_a=one.only_a, only_b=one.only_b, names=(first, "this run")
            )
            found.append(
                BaselineVerdict(
                    run=card.name,
                    url=f"{root}{run_page(card.id)}#tab=evals",
                    verdict=said.verdict,
                    sentence=said.sentence,
                    rest=said.rest,
                )
            )
    return tuple(found[:_MOST_VERDICTS])
