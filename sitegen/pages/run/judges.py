"""People against scorers on the Evals tab: what its template may see. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from sitegen import units
from sitegen.derive.agreement import Agreement
from sitegen.derive.annotations import ResolvedAnnotation
from sitegen.derive.evals.judges import JudgedScorer, JudgedUsers, eval_judges
from sitegen.derive.evals.one_pass import EvalFacts
from sitegen.pages.links import state_hash
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView:
    """Two judges, in words and as a table."""

    first: str
    """Whose labels the rows are."""
    second: str
    """Whose labels the columns are."""
    agreed_text: str
    """`41 of 48`."""
    ratio_text: str
    """`85.4 %`."""
    interval_text: str
    """`72.8 to 92.8`: its 95 % interval (Wilson)."""
    kappa_text: str
    """`0.71`, or why there is none."""
    labels: tuple[str, ...]
    """Names of rows and columns."""
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """A label of the first, and for each of the second's labels the count and its tone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedSample:
    """A sample that a person and a scorer label differently."""

    sample: str
    """Its id, with the epoch if there are several."""
    href: str
    """Its link on this page."""
    user: str
    """Who labelled it; empty if unnamed."""
    person: str
    """The person's label."""
    scorer: str
    """The scorer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerJudges:
    """A scorer against people."""

    agreement: AgreementView
    """How far they agree."""
    queue: tuple[QueuedSample, ...]
    """Where they do not."""
    queue_text: str
    """`7 disagreements`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgesView:
    """People and scorers of an eval."""

    note: str
    """`resolved agrees with helpful in 41 of 48 (κ 0.71)`."""
    scorers: tuple[ScorerJudges, ...]
    """Scorers against people."""
    users: tuple[AgreementView, ...]
    """People against each other."""
    left_out: str
    """What was not counted; empty if nothing."""


def judges_view(one: EvalFacts, annotations: Sequence[ResolvedAnnotation]) -> JudgesView | None:
    """People against the scorers of *one*; None if nobody said anything comparable."""
    found = eval_judges(one, annotations)
    if found is None or not (found.scorers or found.users):
        return None
    left_out = ""
    if found.left_out:
        left_out = (
            f"{units.plural(found.left_out, 'label')} left out: the output changed since, or the"
            " sample is gone."
        )
    return JudgesView(
        note=_note(found.scorers, found.users),
        scorers=tuple(_scorer(one, judged) for judged in found.scorers),
        users=tuple(
            _view(f"{pair.users[0]}, {pair.name}", pair.users[1], pair.agreement)
            for pair in found.users
        ),
        left_out=left_out,
    )


def _note(scorers: Sequence[JudgedScorer], users: Sequence[JudgedUsers]) -> str:
    parts = []
    if scorers:
        first = scorers[0]
        parts.append(f"{first.scorer} agrees with {first.name} in {_short(first.agreement)}")
    if users:
        shared = sum(pair.agreement.n for pair in users)
        parts.append(f"{units.plural(shared, 'sample')} labelled by two people")
    return "; ".join(parts)


def _short(found: Agreement) -> str:
    kappa = "" if found.kappa is None else f" (κ {_two(found.kappa)})"
    return f"{found.agreed:,} of {found.n:,}{kappa}"


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", units.MINUS)


def _scorer(one: EvalFacts, judged: JudgedScorer) -> ScorerJudges:
    count = judged.agreement.n - judged.agreement.agreed
    shown = "" if count == len(judged.queue) else f", {len(judged.queue)} shown"
    return ScorerJudges(
        agreement=_view(f"people, {judged.name}", judged.scorer, judged.agreement),
        queue=tuple(
            QueuedSample(
                sample=each.sample_id + (f", epoch {each.epoch}" if one.epochs > 1 else ""),
                href=state_hash(
                    tab="evals", eval=one.name, sample=each.sample_id, epoch=each.epoch
                ),
                user=each.user,
                person=each.person,
                scorer=each.scorer,
            )
            for each in judged.queue
        ),
        queue_text=units.plural(count, "disagreement") + shown,
    )


def _view(first: str, second: str, found: Agreement) -> AgreementView:
    interval = ""
    if found.ci_low is not None and found.ci_high is not None:
        ends = (found.ci_low, found.ci_high)
        interval = " to ".join(
            units.percent_text(end).removesuffix(f"{units.NARROW_SPACE}%") for end in ends
        )
    return AgreementView(
        first=first,
        second=second,
        agreed_text=f"{found.agreed:,} of {found.n:,}",
        ratio_text="" if found.ratio is None else units.percent_text(found.ratio),
        interval_text=interval,
        kappa_text="none: one label throughout" if found.kappa is None else _two(found.kappa),
        labels=found.labels,
        rows=tuple(
            (label, tuple(map(_cell, counts, (other == label for other in found.labels))))
            for label, counts in zip(found.labels, found.counts, strict=True)
        ),
    )


def _cell(count: int, is_same: bool) -> tuple[str, str]:
    return units.count_text(count), "strong" if is_same else "bad" if count else "muted"
