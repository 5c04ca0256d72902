"""The page of all data sets: by name and digest, and which runs used each. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitegen import units
from sitegen.derive.csvtext import csv_line
from sitegen.derive.lineage import DatasetRecord
from sitegen.model import Json
from sitegen.pages.frame import PageFrame, Site
from sitegen.pages.links import DATASETS
from sitegen.pages.parts import Text, time_part
from sitegen.pages.site.index import MOST_ROWS
from sitegen.pages.site.lineage import RunsCell, digest_note, runs_cell
from sitegen.pages.site.site_facts import runs_frame
from sitegen.records import dataclass

_CSV_HEAD = (
    "name", "version", "uri", "rows", "digest", "digests_of_name", "roles", "experiments", "runs",
    "models", "first_used_at", "last_used_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """One data set in the table."""

    name: str
    """Its name."""
    version: str
    """Its version."""
    uri: str | None
    """Where it lies, as written."""
    description: str | None
    """What it is."""
    roles: tuple[str, ...]
    """Splits and what runs used it for."""
    row_count: str
    """Number of rows."""
    row_key: int | None
    """The same, sortable."""
    digest: str | None
    """Its digest, short."""
    digest_exact: str | None
    """Its digest."""
    warning: str
    """Why its digest is doubted; empty if it is not."""
    runs: RunsCell
    """Runs that used it."""
    experiments: tuple[str, ...]
    """Experiments of these runs."""
    model_count: int
    """Models these runs logged."""
    last_used: Text | None
    """When it was used last."""
    last_used_key: str
    """The same, sortable."""
    fields: Mapping[str, Json]
    """What the filter looks at."""
    search: str
    """Text that the search looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetsPage:
    """The context of pages/datasets.html."""

    page: PageFrame
    """The frame."""
    summary: str
    """`5 data sets of 3 names, used by 20 runs`."""
    warning: str
    """How many have digests that disagree; empty without any."""
    rows: tuple[DatasetRow, ...]
    """At most `MOST_ROWS` data sets, by name, the one used last first."""
    total: int
    """Data sets in all."""
    foot: str
    """What the table leaves out; empty if it leaves out nothing."""
    csv_url: str
    """All data sets as CSV."""


def datasets_page(site: Site, records: Sequence[DatasetRecord], csv_url: str) -> DatasetsPage:
    """The page over the data sets of all runs."""
    cards = list({card.id: card for one in records for card in one.cards}.values())
    changed = sum(one.digest_count > 1 for one in records)
    return DatasetsPage(
        page=runs_frame(site, cards, kind="listing", path=DATASETS, section="Datasets"),
        summary=_summary(records),
        warning=f"{units.plural(changed, 'dataset')} with a name that has several digests"
        if changed
        else "",
        rows=tuple(_row(one) for one in records[:MOST_ROWS]),
        total=len(records),
        foot=f"Showing {MOST_ROWS} of {units.plural(len(records), 'dataset')}."
        if len(records) > MOST_ROWS
        else "",
        csv_url=csv_url,
    )


def datasets_csv(records: Sequence[DatasetRecord]) -> str:
    """All data sets, a line each."""
    return csv_line(_CSV_HEAD) + "".join(_csv_row(one) for one in records)


def _csv_row(record: DatasetRecord) -> str:
    dataset = record.dataset
    first_ns, last_ns = record.cards[0].activity_ns, record.cards[-1].activity_ns
    return csv_line(
        (
            dataset.name,
            dataset.version,
            dataset.uri,
            dataset.rows,
            dataset.digest,
            record.digest_count,
            list(record.roles),
            _experiments(record),
            [card.id for card in record.cards],
            record.model_count,
            units.rfc3339(first_ns) if first_ns is not None else None,
            units.rfc3339(last_ns) if last_ns is not None else None,
        )
    )


def _summary(records: Sequence[DatasetRecord]) -> str:
    if not records:
        return "none named"
    names = len({one.dataset.name for one in records})
    runs = len({card.id for one in records for card in one.cards})
    return (
        f"{units.plural(len(records), 'dataset')} of {units.plural(names, 'name')}"
        f" · used by {units.plural(runs, 'run')}"
    )


def _row(record: DatasetRecord) -> DatasetRow:
    dataset = record.dataset
    last_ns = record.cards[-1].activity_ns
    experiments = _experiments(record)
    return DatasetRow(
        name=dataset.name,
        version=dataset.version or "",
        uri=dataset.uri,
        description=dataset.description,
        roles=record.roles,
        row_count="" if dataset.rows is None else units.count_text(dataset.rows),
        row_key=dataset.rows,
        digest=units.short_digest(dataset.digest) if dataset.digest else None,
        digest_exact=dataset.digest,
        warning=digest_note(record.digest_count, "name"),
        runs=runs_cell(record.cards),
        experiments=tuple(experiments),
        model_count=record.model_count,
        last_used=time_part(last_ns),
        last_used_key=f"{last_ns or 0:020d}",
        fields={
            "name": dataset.name,
            "version": dataset.version,
            "uri": dataset.uri,
            "digest": dataset.digest,
            "rows": dataset.rows,
            "roles": list(record.roles),
            "runs": len(record.cards),
            "experiments": list(experiments),
            "models": record.model_count,
            "digests": record.digest_count,
        },
        search=" ".join(
            (
                dataset.name,
                dataset.version or "",
                dataset.uri or "",
                dataset.digest or "",
                dataset.description or "",
                *record.roles,
                *experiments,
            )
        ),
    )


def _experiments(record: DatasetRecord) -> list[str]:
    return sorted({card.experiment for card in record.cards})
