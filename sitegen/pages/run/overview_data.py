"""Data sets, logged models and lineage on a run's Overview tab. Floor 4."""

from __future__ import annotations

from sitegen import units
from sitegen.model import Dataset, LoggedModel, Manifest
from sitegen.pages.frame import PageLink
from sitegen.pages.links import state_hash
from sitegen.pages.run.surroundings import RunLink, SharedRuns, Surroundings
from sitegen.pages.site.lineage import dataset_url, model_url
from sitegen.records import dataclass

_SHOWN_SHARED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """A data set of the run."""

    name: str
    """Name and version."""
    url: str | None
    """Address, if it is a safe one."""
    uri: str | None
    """Where it lies, as written."""
    role: str
    """Split and context."""
    rows: str
    """Number of rows."""
    digest: str | None
    """Its digest, short."""
    digest_exact: str | None
    """Its digest."""
    description: str | None
    """What it is."""
    shared: tuple[PageLink, ...]
    """The first other runs that used the same digest."""
    shared_more: str
    """`and 9 more`, empty without more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A logged model of the run."""

    name: str
    """Name of the model."""
    version: str
    """Its version."""
    stage: str | None
    """Its stage."""
    flavor: str
    """Framework or file format."""
    size: str
    """Its size."""
    url: str | None
    """Its file in the Attachments tab."""
    path: str | None
    """Its file, or where else it lies."""
    digest: str | None
    """Its digest, short."""
    digest_exact: str | None
    """Its digest."""
    description: str | None
    """What it is."""
    shared: tuple[PageLink, ...]
    """The first other runs with the same digest."""
    shared_more: str
    """`and 9 more`, empty without more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageStep:
    """A step from data to model."""

    label: str
    """`data set`, `parent run`, `this run`, `model`, `used by`."""
    name: str
    """Name of the thing."""
    url: str | None
    """Where it is shown."""
    note: str
    """A fact about it."""
    note_is_code: bool
    """Whether the fact is a digest."""
    is_this: bool
    """Whether it is this run."""


def _shared(shared: SharedRuns | None, root: str) -> tuple[PageLink, ...]:
    links = shared.first[:_SHOWN_SHARED] if shared else ()
    return tuple(PageLink(label=link.name, url=root + link.path) for link in links)


def _shared_more(shared: SharedRuns | None) -> str:
    rest = shared.count - _SHOWN_SHARED if shared else 0
    return f"and {units.count_text(rest)} more" if rest > 0 else ""


def dataset_row(dataset: Dataset, surroundings: Surroundings, root: str) -> DatasetRow:
    """A data set of the run and who else used it."""
    shared = surroundings.shared_datasets.get(dataset.digest or "")
    return DatasetRow(
        name=" ".join(part for part in (dataset.name, dataset.version) if part),
        url=dataset.uri,
        uri=dataset.uri,
        role=", ".join(part for part in (dataset.split, dataset.context) if part),
        rows="" if dataset.rows is None else units.count_text(dataset.rows),
        digest=units.short_digest(dataset.digest) if dataset.digest else None,
        digest_exact=dataset.digest,
        description=dataset.description,
        shared=_shared(shared, root),
        shared_more=_shared_more(shared),
    )


def model_row(model: LoggedModel, surroundings: Surroundings, root: str) -> ModelRow:
    """A model of the run and who else has it."""
    shared = surroundings.shared_models.get(model.digest or "")
    attachment = model.path.removeprefix("attachments/") if model.path else None
    return ModelRow(
        name=model.name,
        version=model.version or "",
        stage=model.stage,
        flavor=model.flavor or "",
        size="" if model.size_bytes is None else units.bytes_text(model.size_bytes),
        url=state_hash(tab="attachments", file=attachment) if attachment else None,
        path=model.path or model.uri,
        digest=units.short_digest(model.digest) if model.digest else None,
        digest_exact=model.digest,
        description=model.description,
        shared=_shared(shared, root),
        shared_more=_shared_more(shared),
    )


def lineage_steps(
    manifest: Manifest, surroundings: Surroundings, root: str
) -> tuple[LineageStep, ...]:
    """From data to model; empty if it would hold nothing but this run."""
    steps = [
        _step(
            "data set",
            " ".join(part for part in (one.name, one.version, one.split) if part),
            url=root + dataset_url(one.name, one.digest),
            note=units.short_digest(one.digest) if one.digest else "",
            is_code=True,
        )
        for one in manifest.datasets
    ]
    if surroundings.parent:
        steps.append(_run_step("parent run", surroundings.parent, root))
    elif manifest.parent:
        steps.append(_step("parent run", manifest.parent, note="not in this site"))
    this = ", ".join(
        part
        for part in (
            (manifest.source.commit or "")[:7],
            "dirty" if manifest.source.dirty else "",
        )
        if part
    )
    steps.append(_step("this run", manifest.name, note=this, is_this=True))
    for model in manifest.models:
        note = " · ".join(
            part
            for part in (
                model.stage,
                units.bytes_text(model.size_bytes) if model.size_bytes is not None else None,
            )
            if part
        )
        name = " ".join(part for part in (model.name, model.version) if part)
        steps.append(
            _step("model", name, url=root + model_url(model.name, model.digest), note=note)
        )
    used_by = {
        link.id: link for shared in surroundings.shared_models.values() for link in shared.first
    } | {link.id: link for link in surroundings.children}
    steps += [_run_step("used by", link, root) for _, link in sorted(used_by.items())]
    return tuple(steps) if len(steps) > 1 else ()


def _run_step(label: str, link: RunLink, root: str) -> LineageStep:
    return _step(label, link.name, url=root + link.path, note=link.status)


def _step(
    label: str,
    name: str,
    *,
    url: str | None = None,
    note: str = "",
    is_code: bool = False,
    is_this: bool = False,
) -> LineageStep:
    return LineageStep(
        label=label, name=name, url=url, note=note, note_is_code=is_code, is_this=is_this
    )
