"""Adding, editing and removing one annotation: checked as it would be read, written whole.

Floor 7. `files` writes: a new sidecar never replaces a file, an edit replaces one in a single step.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sitegen.annotate.anchored import Anchors, anchors_for
from sitegen.annotate.files import create_file, remove_file, replace_file
from sitegen.annotate.listing import DEFAULTS
from sitegen.annotate.places import Folder, find_sidecar, run_at
from sitegen.build.plan import RunPlan
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import sidecar_text
from sitegen.derive.annotations import target_key
from sitegen.errors import SitegenError
from sitegen.model import Annotation, MetricTarget, RunTarget
from sitegen.read.annotations import SIDECAR_BYTES, annotation_of, sidecar_faults
from sitegen.read.documents.json_text import parse_json
from sitegen.read.files import read_bytes
from sitegen.read.json_places import path_text
from sitegen.sdk.annotations import new_ulid
from sitegen.units import rfc3339

_FIXED = ("format", "id", "created_at")


def add_annotation(
    bundle: Path, document: Mapping[str, Any], *, settings: Settings = DEFAULTS
) -> Path:
    """Write the annotation that *document* says of the run in *bundle*; the new sidecar.

    *document* holds `name`, `value`, `target` and what else of the format is wanted; `format`,
    `id`, `kind`, `anchor` and `created_at` are filled in.

    Raises:
        SitegenError: if it is not of the format, or the run has no such target.
    """
    [path] = add_annotations(bundle, [document], settings=settings)
    return path


def add_annotations(
    bundle: Path, documents: Sequence[Mapping[str, Any]], *, settings: Settings = DEFAULTS
) -> tuple[Path, ...]:
    """Write what each of *documents* says of the run in *bundle*; the new sidecars in their order.

    The run is read once, and nothing is written unless all can be.

    Raises:
        SitegenError: if one is not of the format, or the run has no such target.
    """
    plan, folder = run_at(bundle, settings)
    filled = [_filled(one) for one in documents]
    said = [checked(one, where=_which(bundle, at, filled)) for at, one in enumerate(filled)]
    wanting = [one for one, given in zip(said, documents, strict=True) if "anchor" not in given]
    anchors = anchors_for(plan, wanting, settings.limits)
    for at, one in enumerate(said):
        if "anchor" not in documents[at] and (anchor := _anchor(plan, one, anchors)) is not None:
            filled[at]["anchor"] = anchor
    return tuple(write_new(folder, one) for one in filled)


def _which(bundle: Path, at: int, documents: Sequence[object]) -> str:
    return f"{bundle}" if len(documents) == 1 else f"{bundle}, annotation {at + 1:,}"


def edit_annotation(
    ulid: str,
    changes: Mapping[str, Any],
    runs: tuple[Path, ...] = (),
    *,
    settings: Settings = DEFAULTS,
) -> Path:
    """The sidecar of the annotation *ulid*, changed; a change to None takes the key out.

    A new value or target is a new judgement: its anchor is what the target is now.

    Raises:
        SitegenError: if there is no such annotation, or it would not be of the format.
    """
    plan, folder, name = find_sidecar(ulid, runs, settings)
    path = folder.root / name
    for key in _FIXED:
        if key in changes:
            raise SitegenError(f"“{key}” of an annotation does not change", path=str(path))
    content = read_bytes(folder.root, name, SIDECAR_BYTES)
    document, _ = parse_json(content, settings.limits.json_depth)
    if not isinstance(document, dict):
        raise SitegenError("is no object", path=str(path))
    whole = {**document, **changes, "updated_at": _now()}
    whole = {key: value for key, value in whole.items() if value is not None}
    annotation = checked(whole, where=str(path), stem=path.stem)
    if "target" in changes:
        whole.pop("anchor", None)
        anchors = anchors_for(plan, (annotation,), settings.limits)
        whole["anchor"] = _anchor(plan, annotation, anchors)
    elif "value" in changes:
        anchors = anchors_for(plan, (annotation,), settings.limits)
        whole["anchor"] = anchor_entry(annotation, anchors) or whole.get("anchor")
    replace_file(path, sidecar_text(whole))
    return path


def remove_annotation(
    ulid: str, runs: tuple[Path, ...] = (), *, settings: Settings = DEFAULTS
) -> Path:
    """Delete the sidecar of the annotation *ulid*; its path.

    Raises:
        SitegenError: if there is no such annotation.
    """
    _, folder, name = find_sidecar(ulid, runs, settings)
    path = folder.root / name
    remove_file(path)
    return path


def checked(document: dict[str, Any], *, where: str, stem: str | None = None) -> Annotation:
    """The annotation that *document* is.

    Raises:
        SitegenError: with its first fault, if it is not of the format.
    """
    name = stem or str(document.get("id"))
    try:
        fault = next(sidecar_faults(document, name), None)
    except RecursionError as error:
        raise SitegenError("is nested too deeply", path=where) from error
    if fault is not None:
        raise SitegenError(f"{path_text(fault.path)}: {fault.message}", path=where, hint=fault.hint)
    return annotation_of(document, f"{name}.json")


def write_new(folder: Folder, document: Mapping[str, Any]) -> Path:
    """Write the new sidecar of *document* into *folder*; its path.

    Raises:
        SitegenError: if a file of that name is there, or the folder is a link.
    """
    path = folder.path / f"{document['id']}.json"
    create_file(path, sidecar_text(document))
    return path


def anchor_entry(annotation: Annotation, anchors: Anchors) -> dict[str, Any] | None:
    """`anchor` of a sidecar about a target as it is now; None for one that has none."""
    found = anchors.by_key.get(target_key(annotation.target))
    if found is None:
        return None
    entry: dict[str, Any] = {"digest": found.digest}
    if found.path:
        entry |= {"path": list(found.path), "ordinal": found.ordinal}
    return entry


def _filled(document: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in document.items() if value is not None}
    kind = "feedback" if isinstance(given.get("value"), bool) else "expectation"
    filled = {"format": 1, "id": new_ulid(), "kind": kind, "target": {"type": "run"}}
    return filled | {"created_at": _now()} | given


def _anchor(plan: RunPlan, annotation: Annotation, anchors: Anchors) -> dict[str, Any] | None:
    """`anchor` of a new sidecar; *anchors* are the run's targets.

    Raises:
        SitegenError: if the run has no such target.
    """
    if isinstance(annotation.target, RunTarget):
        return None
    (resolved,) = anchors.resolved((annotation,)).annotations
    found = anchor_entry(annotation, anchors)
    is_missing = found is None and isinstance(annotation.target, MetricTarget)
    if resolved.state == "orphaned" or is_missing:
        raise SitegenError(
            f"the run has no {resolved.target_label}",
            path=plan.bundle.shown_path,
            hint="The metrics of a run and their steps are in its table of points."
            if isinstance(annotation.target, MetricTarget)
            else "Links to samples and spans in the site name them.",
        )
    return found


def _now() -> str:
    return rfc3339(time.time_ns() // 1_000_000 * 1_000_000)
