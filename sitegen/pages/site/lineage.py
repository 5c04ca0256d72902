"""What the pages of models and of data sets share: links to runs, commits, warnings. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from sitegen import units
from sitegen.derive.card import Card
from sitegen.pages.frame import PageLink
from sitegen.pages.links import DATASETS, MODELS, commit_url, run_page, state_hash
from sitegen.pages.parts import Text
from sitegen.records import dataclass

_SHOWN_RUNS = 3
_FOLDED_RUNS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsCell:
    """Runs in a cell: the first few as links, more of them folded."""

    count: int
    """Runs in all."""
    shown: tuple[PageLink, ...]
    """The newest of them."""
    more: str
    """`and 9 more`, empty without more."""
    folded: tuple[PageLink, ...]
    """These, the newest first, as far as a page holds them."""
    left_out: str
    """`and 200 in the CSV`, empty if it leaves out none."""


def runs_cell(oldest_first: Sequence[Card]) -> RunsCell:
    """The newest of these runs as links; for a page in the site's root."""
    newest = list(reversed(oldest_first))
    rest = len(newest) - _SHOWN_RUNS
    left_out = rest - _FOLDED_RUNS
    return RunsCell(
        count=len(newest),
        shown=tuple(run_link_of(card) for card in newest[:_SHOWN_RUNS]),
        more=f"and {units.count_text(rest)} more" if rest > 0 else "",
        folded=tuple(map(run_link_of, newest[_SHOWN_RUNS : _SHOWN_RUNS + _FOLDED_RUNS])),
        left_out=f"and {units.count_text(left_out)} in the CSV" if left_out > 0 else "",
    )


def run_link_of(card: Card) -> PageLink:
    """The run as a link; for a page in the site's root."""
    return PageLink(label=card.name, url=run_page(card.id))


def commit_text(card: Card) -> Text | None:
    """The commit of a run's code, short, as a link where its host is known."""
    if not card.commit:
        return None
    return Text(
        text=card.commit[:7],
        url=commit_url(card.repository, card.commit),
        is_code=True,
        is_external=True,
        title=card.commit,
    )


def digest_note(count: int, names: str) -> str:
    """`3 digests go by this name and version`; empty while all runs agree."""
    return f"{units.count_text(count)} digests go by this {names}" if count > 1 else ""


def model_url(name: str, digest: str | None) -> str:
    """The page of models, filtered to this one; from the site's root."""
    return MODELS + state_hash(filter=_condition(name, digest))


def dataset_url(name: str, digest: str | None) -> str:
    """The page of data sets, filtered to this one; from the site's root."""
    return DATASETS + state_hash(filter=_condition(name, digest))


def _condition(name: str, digest: str | None) -> str:
    if digest:
        return f"digest = {_literal(digest)}"
    return f"name = {_literal(name)}"


def _literal(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
