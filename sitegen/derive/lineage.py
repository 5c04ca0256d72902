"""Models and data sets over all runs: where each came from, who used it, where digests disagree.

Floor 3. Computed from cards alone, so it never costs a read of a run's files. One thing is one
name, version and digest. A model without a digest is one of its run, since nothing says that
another run's is the same; data sets without one are the same by name, version and address.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sitegen.derive.card import Card
from sitegen.model import Dataset, LoggedModel
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A logged model."""

    model: LoggedModel
    """As its first run logged it."""
    card: Card
    """The run that logged it first."""
    used_by: tuple[Card, ...]
    """Other runs that name its digest, and runs that its own started; oldest first."""
    digest_count: int
    """Digests that go by its name and version; 1 if all runs agree or none names a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """A data set."""

    dataset: Dataset
    """As its first run named it, with what only later ones say."""
    cards: tuple[Card, ...]
    """Runs that used it, oldest first."""
    roles: tuple[str, ...]
    """`test, evaluation`: splits and contexts, as the runs name them."""
    model_count: int
    """Models that these runs logged."""
    digest_count: int
    """Digests that go by its name, version and split; 1 if all runs agree."""


def model_records(cards: Iterable[Card]) -> tuple[ModelRecord, ...]:
    """Every logged model by name, the newest first within a name."""
    oldest_first = _oldest_first(cards)
    children: dict[str, list[Card]] = defaultdict(list)
    users: dict[str, dict[str, Card]] = defaultdict(dict)
    groups: dict[tuple[str | None, ...], list[tuple[LoggedModel, Card]]] = defaultdict(list)
    digests: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for card in oldest_first:
        if card.parent and card.parent != card.id:
            children[card.parent].append(card)
        named = [model.digest for model in card.models] + [data.digest for data in card.datasets]
        for digest in filter(None, named):
            users[digest][card.id] = card
        for model in card.models:
            own = None if model.digest else card.id
            groups[model.name, model.version, model.digest, own].append((model, card))
            if model.digest:
                digests[model.name, model.version].add(model.digest)
    found = [_model_record(members, users, children, digests) for members in groups.values()]
    found.sort(key=lambda one: (one.card.activity_ns or 0, one.card.id), reverse=True)
    return tuple(sorted(found, key=lambda one: (one.model.name.casefold(), one.model.name)))


def _model_record(
    members: list[tuple[LoggedModel, Card]],
    users: dict[str, dict[str, Card]],
    children: dict[str, list[Card]],
    digests: dict[tuple[str, str | None], set[str]],
) -> ModelRecord:
    model, card = members[0]
    others = dict(users[model.digest]) if model.digest else {}
    others |= {child.id: child for child in children.get(card.id, [])}
    others.pop(card.id, None)
    count = len(digests[model.name, model.version]) if model.version and model.digest else 1
    return ModelRecord(
        model=model,
        card=card,
        used_by=tuple(_oldest_first(others.values())),
        digest_count=count,
    )


def dataset_records(cards: Iterable[Card]) -> tuple[DatasetRecord, ...]:
    """Every data set by name, the one used last first within a name."""
    groups: dict[tuple[str | None, ...], list[tuple[Dataset, Card]]] = defaultdict(list)
    digests: dict[tuple[str | None, ...], set[str]] = defaultdict(set)
    for card in _oldest_first(cards):
        for dataset in card.datasets:
            address = None if dataset.digest else dataset.uri
            groups[dataset.name, dataset.version, dataset.digest, address].append((dataset, card))
            if dataset.digest:
                digests[dataset.name, dataset.version, dataset.split].add(dataset.digest)
    found = [_dataset_record(members, digests) for members in groups.values()]
    found.sort(key=lambda one: (one.cards[-1].activity_ns or 0, one.cards[-1].id), reverse=True)
    return tuple(sorted(found, key=lambda one: (one.dataset.name.casefold(), one.dataset.name)))


def _dataset_record(
    members: list[tuple[Dataset, Card]], digests: dict[tuple[str | None, ...], set[str]]
) -> DatasetRecord:
    first = _filled(members)
    cards = {card.id: card for _, card in members}
    roles = {
        ", ".join(part for part in (dataset.split, dataset.context) if part)
        for dataset, _ in members
    }
    models = {
        (model.name, model.version, model.digest or card.id)
        for card in cards.values()
        for model in card.models
    }
    names = [(one.name, one.version, one.split) for one, _ in members]
    return DatasetRecord(
        dataset=first,
        cards=tuple(cards.values()),
        roles=tuple(sorted(roles - {""})),
        model_count=len(models),
        digest_count=max(1, *(len(digests[name]) for name in names)) if first.digest else 1,
    )


def _filled(members: list[tuple[Dataset, Card]]) -> Dataset:
    """The data set as its first run named it; what that run left out, as the next one says."""
    named = [dataset for dataset, _ in members]
    return replace(
        named[0],
        uri=next((one.uri for one in named if one.uri), None),
        description=next((one.description for one in named if one.description), None),
        rows=next((one.rows for one in named if one.rows is not None), None),
    )


def _oldest_first(cards: Iterable[Card]) -> list[Card]:
    return sorted(cards, key=lambda card: (card.started_at_ns or card.activity_ns or 0, card.id))
