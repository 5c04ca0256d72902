"""Annotations from the page into the sidecars: added, changed, removed, each checked and whole.

Floor 7. The page says which run it is of and what is said; where the file lies and what it is
called is decided here, from the last build and a ULID. An edit names the text that it changes: if
the file holds another by then, it is refused, so that of two people who write at once none loses
what he wrote. Writers of two servers wait for each other by a lock on the folder.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec

from sitegen.annotate.anchored import anchors_for
from sitegen.annotate.files import remove_file, replace_file
from sitegen.annotate.places import Folder, runs_below
from sitegen.annotate.writing import anchor_entry, checked, write_new
from sitegen.bundle.paths import resolve_inside
from sitegen.bundle.sidecars import FOLDER, sidecar_text
from sitegen.errors import SitegenError
from sitegen.read.annotations import SIDECAR_BYTES
from sitegen.read.documents.json_text import JsonError, parse_json
from sitegen.read.files import read_bytes
from sitegen.records import dataclass
from sitegen.sdk.annotations import new_ulid
from sitegen.serve.project import Project, Settled
from sitegen.serve.runs import ServedRun, ServedRuns
from sitegen.units import rfc3339

_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
_LOCK = threading.Lock()


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says; checked as a sidecar is when it is read."""

    kind: str
    target: dict[str, Any]
    name: str
    value: bool | int | str
    anchor: dict[str, Any] | None = None
    rationale: str | None = None
    user: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request to write: `page` is the run's page, `id` and `old` are of the sidecar."""

    op: Literal["add", "edit", "remove"]
    page: str
    said: Said | None = None
    id: str | None = None
    old: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a request to write."""

    status: int
    """Of HTTP."""
    message: str
    """The same in words."""
    file: str | None = None
    """The sidecar, as the terminal names it; None if nothing was written."""
    now: str | None = None
    """The text that the file holds: as written, or as it is if another was to be changed."""
    id: str | None = None
    """The ULID of a new sidecar."""


_GONE = Answer(status=409, message="The annotation was removed meanwhile.", now="")


def write_change(project: Project, runs: ServedRuns, content: bytes) -> Answer:
    """What became of the request *content*."""
    try:
        change = msgspec.json.decode(content, type=Change, strict=True)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return Answer(status=400, message=f"is no request: {error}")
    except RecursionError:
        return Answer(status=400, message="is no request: nested too deeply")
    try:
        return _written(project.settled(), runs.of_page(change.page), change)
    except SitegenError as error:
        return Answer(status=400, message=str(error))
    except OSError as error:
        return _refused_by_disk(error)


def _refused_by_disk(error: OSError) -> Answer:
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return Answer(status=507, message=f"The disk is full ({reason}): nothing was written.")
    if error.errno in _FORBIDDEN:
        return Answer(status=403, message=f"The folder cannot be written ({reason}).")
    return Answer(status=500, message=f"The file could not be written ({reason}).")


def _written(now: Settled, run: ServedRun | None, change: Change) -> Answer:
    if run is None or not run.is_there(now.roots):
        return Answer(status=404, message="No run of this site has that page any more.")
    if run.is_shared:
        return Answer(
            status=409, message="Another bundle has the same id: annotations go to neither."
        )
    if change.op == "add":
        return _added(_folders(now, run)[-1], change)
    if change.id is None or not _ULID.fullmatch(change.id) or change.old is None:
        return Answer(status=400, message="An id and the text that it changes are needed.")
    for folder in _folders(now, run):
        path = resolve_inside(folder.root, f"{folder.prefix}{change.id}.json")
        if path.is_file():
            return _changed(folder, path, change, now)
    return _GONE


def _folders(now: Settled, run: ServedRun) -> list[Folder]:
    """Where sidecars of the run lie, the one that takes new ones last."""
    (plan,) = runs_below((run.bundle,), now.settings)
    found = [Folder(plan=plan, root=run.bundle, prefix=f"{FOLDER}/")]
    if now.settings.annotations_dir is not None:
        found.append(Folder(plan=plan, root=now.settings.annotations_dir / run.slug, prefix=""))
    return found


def _added(folder: Folder, change: Change) -> Answer:
    if change.said is None:
        return Answer(status=400, message="What is said is missing.")
    document = {
        **msgspec.structs.asdict(change.said),
        "format": 1, "id": new_ulid(), "created_at": _now(),
    }  # fmt: skip
    document = {key: value for key, value in document.items() if value is not None}
    checked(document, where=folder.path.name)
    resolve_inside(folder.root, f"{folder.prefix}{document['id']}.json")
    path = write_new(folder, document)
    return _saved(folder, path, sidecar_text(document), id=path.stem)


def _saved(folder: Folder, path: Path, text: str, id: str | None = None) -> Answer:
    return Answer(status=200, message="Saved", file=_shown(folder, path), now=text, id=id)


def _changed(folder: Folder, path: Path, change: Change, now: Settled) -> Answer:
    with _LOCK, _locked(folder.path):
        if not path.is_file():
            return _GONE
        content = read_bytes(folder.root, f"{folder.prefix}{path.name}", SIDECAR_BYTES)
        if content != (change.old or "").encode("utf-8", "surrogatepass"):
            return Answer(
                status=409,
                message="The file was changed meanwhile.",
                now=content.decode("utf-8", "replace"),
            )
        if change.op == "remove":
            remove_file(path)
            return Answer(status=200, message="Removed", file=_shown(folder, path))
        if change.said is None:
            return Answer(status=400, message="What is said is missing.")
        text = sidecar_text(_edited(folder, path, content, change.said, now))
        replace_file(path, text)
        return _saved(folder, path, text)


def _edited(folder: Folder, path: Path, content: bytes, said: Said, now: Settled) -> dict[str, Any]:
    """The document of the sidecar with what is *said* in it.

    A new value is a new judgement: its anchor is what the target is now.

    Raises:
        SitegenError: if it is not of the format, before or after.
    """
    try:
        document, _ = parse_json(content, now.settings.limits.json_depth)
    except JsonError as error:
        raise SitegenError(error.message, path=path.name, line=error.line) from error
    if not isinstance(document, dict):
        raise SitegenError("is no object", path=path.name)
    new = {name: getattr(said, name) for name in ("kind", "name", "value", "rationale", "user")}
    whole = {**document, **new, "updated_at": _now()}
    whole = {key: value for key, value in whole.items() if value is not None}
    annotation = checked(whole, where=path.name, stem=path.stem)
    before = document.get("value")
    if (type(before), before) != (type(said.value), said.value):
        anchors = anchors_for(folder.plan, (annotation,), now.settings.limits)
        anchor = anchor_entry(annotation, anchors)
        whole |= {} if anchor is None else {"anchor": anchor}
    return whole


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold *folder* against other servers; a disk without locks gives none."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP}:
                raise
        yield
    finally:
        os.close(descriptor)


def _shown(folder: Folder, path: Path) -> str:
    return f"{folder.root.name}/{folder.prefix}{path.name}"


def _now() -> str:
    return rfc3339(time.time_ns() // 1_000_000 * 1_000_000)
