"""The page of all logged models: from which run, data and code, and who used them. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sitegen import units
from sitegen.derive.csvtext import csv_line
from sitegen.derive.lineage import ModelRecord
from sitegen.model import Dataset, Json, LoggedModel
from sitegen.pages.frame import PageFrame, PageLink, Site
from sitegen.pages.links import MODELS, run_page, state_hash
from sitegen.pages.parts import Text, time_part
from sitegen.pages.site.index import MOST_ROWS
from sitegen.pages.site.lineage import (
    RunsCell,
    commit_text,
    dataset_url,
    digest_note,
    run_link_of,
    runs_cell,
)
from sitegen.pages.site.site_facts import runs_frame
from sitegen.records import dataclass

_CSV_HEAD = (
    "name", "version", "stage", "flavor", "size_bytes", "digest", "digests_of_version", "run",
    "experiment", "logged_at", "datasets", "repository", "commit", "dirty", "used_by",
)  # fmt: skip

_MOST_DATASETS = 20
"""Data sets of a model's run that stand in its row: 1,000 of each would be a million."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One logged model in the table."""

    name: str
    """Its name."""
    version: str
    """Its version."""
    stage: str | None
    """Its stage."""
    description: str | None
    """What it is."""
    place: str | None
    """Its file in the bundle, or where else it lies."""
    place_url: str | None
    """Its file in the Attachments tab of the run."""
    flavor: str
    """Framework or file format."""
    size: str
    """Its size."""
    size_bytes: int | None
    """The same, sortable."""
    digest: str | None
    """Its digest, short."""
    digest_exact: str | None
    """Its digest."""
    warning: str
    """Why its digest is doubted; empty if it is not."""
    run: PageLink
    """The run that logged it first."""
    run_status: str
    """How that run ended."""
    experiment: str
    """That run's experiment."""
    date: Text | None
    """When that run ended."""
    date_key: str
    """The same, sortable."""
    datasets: tuple[PageLink, ...]
    """Data that run used; beyond `_MOST_DATASETS` how many more, with the run's page."""
    commit: Text | None
    """Code of that run."""
    is_dirty: bool
    """Whether that code had uncommitted changes."""
    used_by: RunsCell
    """Other runs that used it."""
    fields: Mapping[str, Json]
    """What the filter looks at."""
    search: str
    """Text that the search looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsPage:
    """The context of pages/models.html."""

    page: PageFrame
    """The frame."""
    summary: str
    """`12 models of 4 names, from 9 runs`."""
    warning: str
    """How many have digests that disagree; empty without any."""
    rows: tuple[ModelRow, ...]
    """At most `MOST_ROWS` models, by name, the newest first."""
    total: int
    """Models in all."""
    foot: str
    """What the table leaves out; empty if it leaves out nothing."""
    csv_url: str
    """All models as CSV."""


def models_page(site: Site, records: Sequence[ModelRecord], csv_url: str) -> ModelsPage:
    """The page over the models of all runs."""
    cards = list({card.id: card for one in records for card in (one.card, *one.used_by)}.values())
    changed = sum(one.digest_count > 1 for one in records)
    return ModelsPage(
        page=runs_frame(site, cards, kind="listing", path=MODELS, section="Models"),
        summary=_summary(records),
        warning=f"{units.plural(changed, 'model')} of a version that has several digests"
        if changed
        else "",
        rows=tuple(_row(one) for one in records[:MOST_ROWS]),
        total=len(records),
        foot=f"Showing {MOST_ROWS} of {units.plural(len(records), 'model')}."
        if len(records) > MOST_ROWS
        else "",
        csv_url=csv_url,
    )


def models_csv(records: Sequence[ModelRecord]) -> str:
    """All models, a line each."""
    return csv_line(_CSV_HEAD) + "".join(_csv_row(one) for one in records)


def _csv_row(record: ModelRecord) -> str:
    model, card = record.model, record.card
    time_ns = card.ended_at_ns or card.activity_ns
    return csv_line(
        (
            model.name,
            model.version,
            model.stage,
            model.flavor,
            model.size_bytes,
            model.digest,
            record.digest_count,
            card.id,
            card.experiment,
            units.rfc3339(time_ns) if time_ns is not None else None,
            [_dataset_label(one) for one in card.datasets],
            card.repository,
            card.commit,
            card.is_dirty if card.commit else None,
            [one.id for one in record.used_by],
        )
    )


def _summary(records: Sequence[ModelRecord]) -> str:
    if not records:
        return "none logged"
    names = len({one.model.name for one in records})
    runs = len({one.card.id for one in records})
    return (
        f"{units.plural(len(records), 'model')} of {units.plural(names, 'name')}"
        f" · from {units.plural(runs, 'run')}"
    )


def _row(record: ModelRecord) -> ModelRow:
    model, card = record.model, record.card
    time_ns = card.ended_at_ns or card.activity_ns
    shown = card.datasets[:_MOST_DATASETS]
    datasets = [_dataset_label(one) for one in shown]
    more = len(card.datasets) - len(shown)
    run = run_link_of(card)
    return ModelRow(
        name=model.name,
        version=model.version or "",
        stage=model.stage,
        description=model.description,
        place=model.path or model.uri,
        place_url=_place_url(model, card.id),
        flavor=model.flavor or "",
        size="" if model.size_bytes is None else units.bytes_text(model.size_bytes),
        size_bytes=model.size_bytes,
        digest=units.short_digest(model.digest) if model.digest else None,
        digest_exact=model.digest,
        warning=digest_note(record.digest_count, "name and version"),
        run=run,
        run_status=card.status,
        experiment=card.experiment,
        date=time_part(time_ns),
        date_key=f"{time_ns or 0:020d}",
        datasets=(
            *(
                PageLink(label=label, url=dataset_url(one.name, one.digest))
                for label, one in zip(datasets, shown, strict=True)
            ),
            *([PageLink(label=f"{more:,} more", url=run.url)] if more else ()),
        ),
        commit=commit_text(card),
        is_dirty=card.is_dirty,
        used_by=runs_cell(record.used_by),
        fields=_fields(record, datasets),
        search=" ".join(
            (
                model.name,
                model.version or "",
                model.stage or "",
                model.flavor or "",
                model.description or "",
                model.digest or "",
                *model.tags,
                card.name,
                card.experiment,
                card.commit or "",
                *datasets,
            )
        ),
    )


def _fields(record: ModelRecord, datasets: list[str]) -> dict[str, Json]:
    model, card = record.model, record.card
    return {
        "name": model.name,
        "version": model.version,
        "stage": model.stage,
        "flavor": model.flavor,
        "digest": model.digest,
        "size_bytes": model.size_bytes,
        "tags": list(model.tags),
        "run": card.name,
        "run_id": card.id,
        "status": card.status,
        "experiment": card.experiment,
        "datasets": list(datasets),
        "commit": card.commit,
        "dirty": card.is_dirty,
        "used_by": len(record.used_by),
        "digests": record.digest_count,
    }


def _dataset_label(dataset: Dataset) -> str:
    return " ".join(part for part in (dataset.name, dataset.version, dataset.split) if part)


def _place_url(model: LoggedModel, run_id: str) -> str | None:
    if not model.path:
        return None
    file = model.path.removeprefix("attachments/")
    return run_page(run_id) + state_hash(tab="attachments", file=file)
