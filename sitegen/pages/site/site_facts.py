"""What the footer of a page on the whole site says: digest, runs, problems. Floor 4."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sitegen import units
from sitegen.derive.card import Card
from sitegen.errors import Problem
from sitegen.pages.frame import PageFrame, Site, page_frame
from sitegen.pages.links import INDEX
from sitegen.records import dataclass

if TYPE_CHECKING:
    from sitegen.pages.site.index import IndexEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the footer of a page on the whole site says."""

    digest: str
    """Digest of all runs."""
    summary: str
    """`226 runs · 20 Nov 2026`."""
    problems: int
    """Problems of severity error and warning."""


def site_facts(entries: Iterable[IndexEntry], site_problems: Sequence[Problem]) -> SiteFacts:
    """The footer's facts over all experiments."""
    entries = tuple(entries)
    latest_ns = max((one.latest_ns for one in entries), default=0)
    runs_text = units.plural(sum(one.row.run_count for one in entries), "run")
    return SiteFacts(
        digest=_site_digest(entries),
        summary=f"{runs_text} · {units.date_text(latest_ns)}" if latest_ns else runs_text,
        problems=sum(one.errors + one.warnings for one in entries) + len(site_problems),
    )


def runs_frame(
    site: Site,
    cards: Sequence[Card],
    *,
    kind: str,
    path: str,
    section: str,
    files: Mapping[str, str] | None = None,
) -> PageFrame:
    """The frame of a *section* of the site, whose page is about the runs of *cards*."""
    return page_frame(
        site,
        kind=kind,
        path=path,
        title=section,
        breadcrumb=(),
        digest=input_digest(cards),
        summary=units.plural(len(cards), "run") if cards else "",
        problems_url=f"{INDEX}#problems",
        problems_count=sum(one.problem_errors + one.problem_warnings for one in cards),
        section=section,
        files=files,
    )


def input_digest(cards: Iterable[Card]) -> str:
    """One digest over the digests of all bundles."""
    return _digest(f"{card.id} {card.input_digest}" for card in sorted(cards, key=lambda c: c.id))


def _site_digest(entries: Iterable[IndexEntry]) -> str:
    """One digest over those of the experiments."""
    return _digest(sorted(f"{one.row.name} {one.digest}" for one in entries))


def _digest(lines: Iterable[str]) -> str:
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
