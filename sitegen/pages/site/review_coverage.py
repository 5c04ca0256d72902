"""How far people have come with the samples and traces of each run. Floor 4."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sitegen import units
from sitegen.derive.reviews import ReviewedRun
from sitegen.model import SampleTarget, SpanTarget
from sitegen.pages.frame import PageLink
from sitegen.pages.links import run_page, state_hash
from sitegen.records import dataclass

MOST_COVERED = 50
"""Rows of the table."""
_MOST_PEOPLE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """One eval, or the traces, of one run."""

    run: PageLink
    """The run."""
    what: str
    """`eval support`, `traces`."""
    done: int
    """Samples or traces that somebody annotated."""
    total: int | None
    """How many there are; None if that is not known."""
    people: str
    """`mara 31, jonas 12`: how many each did."""
    review: PageLink
    """The queue of those that the reader has not annotated."""


def coverage_rows(runs: Sequence[ReviewedRun]) -> tuple[CoverageRow, ...]:
    """What is annotated of each run that anybody annotated, runs with the latest activity first."""
    ordered = sorted(runs, key=lambda run: (-(run.card.activity_ns or 0), run.card.id))
    return tuple(row for run in ordered for row in _rows(run))[:MOST_COVERED]


def _rows(run: ReviewedRun) -> Iterator[CoverageRow]:
    targets: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in run.annotations:
        target, user = one.annotation.target, one.annotation.user or "someone"
        if one.state == "orphaned":
            continue
        if isinstance(target, SampleTarget):
            targets[target.eval][user].add(f"{target.sample_id}/{target.epoch}")
        elif isinstance(target, SpanTarget):
            targets[""][user].add(target.trace_id)
    totals = {scorer.eval: scorer.total for scorer in run.card.scorers}
    page = run_page(run.card.id)
    for name, by_user in sorted(targets.items()):
        tab = state_hash(tab="evals", eval=name, review=1) if name else state_hash(
            tab="traces", review=1
        )  # fmt: skip
        yield CoverageRow(
            run=PageLink(label=f"{run.card.experiment} / {run.card.name}", url=page),
            what=f"eval {name}" if name else "traces",
            done=len(set().union(*by_user.values())),
            total=totals.get(name) if name else run.card.trace_count,
            people=_people({user: len(keys) for user, keys in by_user.items()}),
            review=PageLink(label="Review", url=page + tab),
        )


def _people(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [f"{user} {units.count_text(count)}" for user, count in ordered[:_MOST_PEOPLE]]
    if more := len(ordered) - len(shown):
        shown.append(f"{more} more")
    return ", ".join(shown)
