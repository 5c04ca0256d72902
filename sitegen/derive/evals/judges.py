"""People's labels of samples against scorers, and against each other.

Floor 3. Feedback that is yes or no is held against scorers that give yes or no; an expectation
against scorers whose values are of its kind. A person's label counts once per sample and name, the
latest one. Labels whose output has changed since (stale), or whose sample is gone, are left out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from sitegen.derive.agreement import Agreement, agreement
from sitegen.derive.annotations import ResolvedAnnotation
from sitegen.derive.evals.one_pass import EvalFacts
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.model import Annotation, SampleTarget
from sitegen.records import dataclass
from sitegen.units import exact_text

_MOST_QUEUED = 100
_NOBODY = ""
_KIND_OF: Mapping[type, str] = {bool: "boolean", int: "number", str: "label"}

Place = tuple[str, int]
"""Sample id and epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """A sample that a person and a scorer label differently."""

    sample_id: str
    """Id of the sample."""
    epoch: int
    """Its epoch."""
    user: str
    """Who labelled it; empty if unnamed."""
    person: str
    """The person's label."""
    scorer: str
    """The scorer's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedScorer:
    """A scorer against the labels of one name."""

    scorer: str
    """Name of the scorer."""
    name: str
    """Name of the annotations."""
    agreement: Agreement
    """Rows are people, columns the scorer."""
    queue: tuple[Disagreement, ...]
    """Where they differ, in order of sample; at most 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedUsers:
    """Two people on the samples that both labelled."""

    name: str
    """Name of the annotations."""
    users: tuple[str, str]
    """Who."""
    agreement: Agreement
    """Rows are the first, columns the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalJudges:
    """What people say of an eval's samples, against its scorers and each other."""

    scorers: tuple[JudgedScorer, ...]
    """Scorers with labels of their own name first, then by name."""
    users: tuple[JudgedUsers, ...]
    """Pairs of people with samples in common, by name."""
    left_out: int
    """Labels that are stale or whose sample is gone."""


def eval_judges(one: EvalFacts, annotations: Sequence[ResolvedAnnotation]) -> EvalJudges | None:
    """The judges of *one* among the run's *annotations*, newest first; None without labels."""
    labels: dict[str, dict[tuple[Place, str], bool | int | str]] = defaultdict(dict)
    left_out = 0
    for each in annotations:
        said, target = each.annotation, each.annotation.target
        if not isinstance(target, SampleTarget) or target.eval != one.name:
            continue
        if each.state != "exact":
            left_out += 1
            continue
        who = _user(said, each.target_key)
        labels[said.name].setdefault(((target.sample_id, target.epoch), who), said.value)
    if not labels and not left_out:
        return None
    scored = _scored(one, {place for found in labels.values() for place, _ in found})
    judged = [
        found
        for name, by_place in labels.items()
        for scorer in one.scorers
        if (found := _judged(scorer, name, by_place, scored.get(scorer.name, {}))) is not None
    ]
    return EvalJudges(
        scorers=tuple(
            sorted(judged, key=lambda each: (each.scorer != each.name, each.name, each.scorer))
        ),
        users=tuple(pair for name in sorted(labels) for pair in _pairs(name, labels[name])),
        left_out=left_out,
    )


def _user(said: Annotation, target_key: str) -> str:
    """Who says it; unnamed people are not taken for one, but for one per sample."""
    return said.user or f"{_NOBODY}\0{target_key}"


def _scored(one: EvalFacts, wanted: set[Place]) -> dict[str, dict[Place, str]]:
    """Labels that scorers give to the *wanted* samples."""
    columns = one.columns
    epochs = columns.epochs or (1,) * len(columns.ids)
    rows: dict[Place, int] = {}
    for row, place in enumerate(zip(columns.ids, epochs, strict=True)):
        if place in wanted:
            rows.setdefault(place, row)
    found: dict[str, dict[Place, str]] = {}
    for scorer in one.scorers:
        if scorer.name not in columns.scores:
            continue
        values, words = columns.values(scorer.name), columns.words.get(scorer.name)
        by_place = {place: float(values[row]) for place, row in rows.items()}
        found[scorer.name] = {
            place: words[int(value)] if words else _label(value, scorer.kind)
            for place, value in by_place.items()
            if math.isfinite(value)
        }
    return found


def _label(value: float | str, kind: str) -> str:
    if isinstance(value, str):
        return value
    if kind == "boolean":
        return "yes" if value else "no"
    return exact_text(float(value))


def _judged(
    scorer: ScorerFacts,
    name: str,
    labels: Mapping[tuple[Place, str], bool | int | str],
    scored: Mapping[Place, str],
) -> JudgedScorer | None:
    """*scorer* against labels of its kind; of another kind only where it has their name."""
    pairs = [
        (place, who, _label(value, scorer.kind), scored[place])
        for (place, who), value in labels.items()
        if place in scored and _KIND_OF[type(value)] == scorer.kind
    ]
    if not pairs or (scorer.kind != "boolean" and scorer.name != name):
        return None
    queue = [
        Disagreement(
            sample_id=place[0],
            epoch=place[1],
            user="" if who.startswith(f"{_NOBODY}\0") else who,
            person=person,
            scorer=told,
        )
        for place, who, person, told in sorted(pairs)
        if person != told
    ]
    return JudgedScorer(
        scorer=scorer.name,
        name=name,
        agreement=agreement((person, told) for _, _, person, told in pairs),
        queue=tuple(queue[:_MOST_QUEUED]),
    )


def _pairs(name: str, labels: Mapping[tuple[Place, str], bool | int | str]) -> list[JudgedUsers]:
    by_user: dict[str, dict[Place, str]] = defaultdict(dict)
    for (place, who), value in labels.items():
        if not who.startswith(f"{_NOBODY}\0"):
            by_user[who][place] = _label(value, _KIND_OF[type(value)])
    found = []
    for one, other in combinations(sorted(by_user), 2):
        shared = sorted(by_user[one].keys() & by_user[other].keys())
        if shared:
            pairs = ((by_user[one][place], by_user[other][place]) for place in shared)
            found.append(JudgedUsers(name=name, users=(one, other), agreement=agreement(pairs)))
    return found
