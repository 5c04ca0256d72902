"""compare.html: any runs of the site held against each other, chosen in the page.

Floor 4. The page itself holds no run. Its scripts look the keys of `#runs=` up in the registry,
which names the data file of every run (`derive/compared_run.py`), and load those of the chosen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitegen.derive.experiment import Experiment
from sitegen.errors import Problem
from sitegen.model import Json
from sitegen.pages.compare.declared import declared_comparisons
from sitegen.pages.frame import PageFrame, PageLink, Site, page_frame
from sitegen.pages.links import COMPARE, INDEX, columns_of, experiment_page, run_page
from sitegen.pages.site.index import IndexEntry
from sitegen.pages.site.site_facts import site_facts
from sitegen.records import dataclass
from sitegen.units import plural


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLink:
    """A declared comparison in a list of them."""

    name: str
    """Its name."""
    experiment: str
    """Title of its experiment."""
    path: str
    """Its page, from the site's root."""
    note: str
    """`3 runs`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparePage:
    """The context of pages/compare.html."""

    page: PageFrame
    """The frame."""
    declared: tuple[DeclaredLink, ...]
    """All declared comparisons, for those who come without a choice of runs."""


def declared_links(experiment: Experiment) -> tuple[DeclaredLink, ...]:
    """The comparisons that *experiment* declares."""
    return tuple(
        DeclaredLink(
            name=one.name,
            experiment=experiment.title,
            path=one.path,
            note=plural(len(one.cards), "run"),
        )
        for one in declared_comparisons(experiment)
    )


def registry_entry(experiment: Experiment, schema_file: str) -> Mapping[str, Json]:
    """What compare.html must know of *experiment* to find its runs, newest first: of each its key,
    name, status, page and data file.
    """
    objective, baseline = experiment.objective, experiment.baseline
    return {
        "name": experiment.name,
        "title": experiment.title,
        "url": experiment_page(experiment.name),
        "objective": objective.name if objective else None,
        "goal": objective.goal if objective else None,
        "baseline": baseline.slug[-10:] if baseline else None,
        "columns": f"{columns_of(experiment.name)}/schema",
        "file": schema_file,
        "runs": [
            [card.slug[-10:], card.name, card.status, run_page(card.id), card.compared_file]
            for card in experiment.cards
        ],
    }


def compare_page(
    site: Site,
    entries: Sequence[IndexEntry],
    declared: tuple[DeclaredLink, ...],
    *,
    registry: str,
    problems: Sequence[Problem],
) -> ComparePage:
    """The page; *registry* is the path of the data file that names all runs."""
    facts = site_facts(entries, problems)
    return ComparePage(
        page=page_frame(
            site,
            kind="compare",
            path=COMPARE,
            title="Compare",
            breadcrumb=(
                PageLink(label=site.title, url=INDEX),
                PageLink(label="Compare", url=None),
            ),
            digest=facts.digest,
            summary=facts.summary,
            problems_url=f"{INDEX}#problems",
            problems_count=facts.problems,
            files={"runs": registry},
            has_charts=True,
            section="Compare",
        ),
        declared=declared,
    )
