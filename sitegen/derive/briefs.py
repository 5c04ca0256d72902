"""What pages of the whole site must know of every run, small enough to be kept for all. Floor 3."""

from __future__ import annotations

from typing import NamedTuple

from sitegen.derive.card import Card
from sitegen.model import Status


class RunBrief(NamedTuple):
    """A run as pages of other runs see it."""

    id: str
    """Identity."""
    name: str
    """What people call it."""
    experiment: str
    """Name of its experiment."""
    status: Status
    """How it ended."""
    parent: str | None
    """Id of the parent run."""
    datasets: tuple[str, ...]
    """Digests of the data sets it used."""
    models: tuple[str, ...]
    """Digests of the models it logged or used."""
    has_lineage: bool
    """Whether it names a data set, a model or a parent."""
    has_annotations: bool
    """Whether anybody said anything of it."""


def brief_of(card: Card) -> RunBrief:
    """The run of *card*, in brief."""
    return RunBrief(
        id=card.id,
        name=card.name,
        experiment=card.experiment,
        status=card.status,
        parent=card.parent,
        datasets=tuple(dict.fromkeys(one.digest for one in card.datasets if one.digest)),
        models=tuple(dict.fromkeys(one.digest for one in card.models if one.digest)),
        has_lineage=bool(card.datasets or card.models or card.parent),
        has_annotations=bool(card.annotations.feedback or card.annotations.expectation),
    )
