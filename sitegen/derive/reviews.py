"""All annotations of a site: counts by name, agreement of people with each other and with scorers.

Floor 3. Computed from what is kept of each run, so that it never costs a read of a run's files.
Pairs of people are counted over all runs: two who judged the same target under one name are a pair,
the earlier name first. Stale and orphaned annotations are counted, but agree with nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from sitegen.derive.agreement import Agreement, agreement
from sitegen.derive.annotations import ResolvedAnnotation, value_text
from sitegen.derive.card import Card
from sitegen.derive.evals.judges import eval_judges
from sitegen.derive.evals.one_pass import EvalFacts
from sitegen.derive.since import Change
from sitegen.model import Annotation
from sitegen.read.git_authors import Committed
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPairs:
    """Labels of one name against one scorer of one run."""

    name: str
    """Name of the annotations."""
    scorer: str
    """Name of the scorer."""
    counts: tuple[tuple[str, str, int], ...]
    """People's label, the scorer's, and how often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedRun:
    """A run and what people say of it."""

    card: Card
    """The run."""
    relative: str
    """Its bundle below the RUNS argument."""
    annotations: tuple[ResolvedAnnotation, ...]
    """All of them, newest first."""
    judged: tuple[JudgedPairs, ...]
    """Those of samples, against scorers."""
    committed: Mapping[str, Committed]
    """Who committed them, by id; those that git does not tell are missing."""
    changes: Mapping[str, Change]
    """Which of them are new or changed against the site's base, by id."""
    removed: tuple[Annotation, ...] = ()
    """Those that only the base has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReview:
    """All annotations of one name."""

    name: str
    """The name."""
    yes: int
    """Feedback that is true."""
    no: int
    """Feedback that is false."""
    expectations: int
    """Expectations."""
    met: int
    """Expectations that the output meets."""
    compared: int
    """Expectations of which it can be told."""
    users: tuple[str, ...]
    """Who gave them, sorted."""
    people: Agreement | None
    """People with each other; None without a target that two judged."""
    judges: tuple[tuple[str, Agreement], ...]
    """Scorers with people: the scorer of that name first, then by how many labels they share."""


def judged_pairs(
    evals: Iterable[EvalFacts], annotations: Sequence[ResolvedAnnotation]
) -> tuple[JudgedPairs, ...]:
    """The labels of a run's samples against its scorers."""
    return tuple(
        JudgedPairs(
            name=each.name,
            scorer=each.scorer,
            counts=tuple(
                (person, told, count)
                for person, row in zip(each.agreement.labels, each.agreement.counts, strict=True)
                for told, count in zip(each.agreement.labels, row, strict=True)
                if count
            ),
        )
        for one in (evals if annotations else ())
        if (judges := eval_judges(one, annotations)) is not None
        for each in judges.scorers
    )


def name_reviews(runs: Sequence[ReviewedRun]) -> tuple[NameReview, ...]:
    """What is said under each name over all *runs*, by name."""
    by_name: dict[str, list[tuple[str, ResolvedAnnotation]]] = defaultdict(list)
    pairs: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        for one in run.annotations:
            by_name[one.annotation.name].append((run.card.id, one))
        for judged in run.judged:
            for person, told, count in judged.counts:
                pairs[judged.name][judged.scorer] += [(person, told)] * count
    return tuple(_review(name, said, pairs.get(name, {})) for name, said in sorted(by_name.items()))


def _review(
    name: str,
    said: Sequence[tuple[str, ResolvedAnnotation]],
    judged: dict[str, list[tuple[str, str]]],
) -> NameReview:
    annotations = [one.annotation for _, one in said]
    feedback = [one.value for one in annotations if one.kind == "feedback"]
    met = [one.is_met for _, one in said if one.is_met is not None]
    people = agreement(_people(said))
    scorers = sorted(judged, key=lambda scorer: (scorer != name, -len(judged[scorer]), scorer))
    return NameReview(
        name=name,
        yes=feedback.count(True),
        no=feedback.count(False),
        expectations=len(annotations) - len(feedback),
        met=met.count(True),
        compared=len(met),
        users=tuple(sorted({one.user for one in annotations if one.user})),
        people=people if people.n else None,
        judges=tuple((scorer, agreement(judged[scorer])) for scorer in scorers),
    )


def _people(said: Sequence[tuple[str, ResolvedAnnotation]]) -> Iterator[tuple[str, str]]:
    """Labels of each two people who judged one target, the latest of each."""
    labels: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for run_id, one in said:  # newest first within a run
        if one.state == "exact" and one.annotation.user:
            place = (run_id, one.target_key, one.annotation.kind)
            labels[place].setdefault(one.annotation.user, label_of(one.annotation))
    yield from pairs_of_people(labels.values())


def pairs_of_people(labels: Iterable[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Labels of each two people on each target, of which *labels* holds one by user."""
    for by_user in labels:
        for first, second in combinations(sorted(by_user), 2):
            yield by_user[first], by_user[second]


def label_of(said: Annotation) -> str:
    """`yes` or `no` of feedback, the value of an expectation."""
    if said.kind == "feedback":
        return "yes" if said.value else "no"
    return value_text(said.value)
