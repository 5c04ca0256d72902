"""What the methods of `Run` do with files and with the lists of run.json."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sitegen.sdk import lifecycle
from sitegen.sdk import values as checked
from sitegen.sdk.annotations import FOLDER as ANNOTATIONS
from sitegen.sdk.annotations import encode
from sitegen.sdk.attachments import FOLDER, Attachments, content_of, digest_of, table_csv
from sitegen.sdk.document import LOCK, Document
from sitegen.sdk.faults import LogTypeError, LogValueError
from sitegen.sdk.pictures import Picture, figure_file, is_figure, picture_file
from sitegen.sdk.places import locked, safe_path, write_atomically
from sitegen.sdk.recorded import shown_path

if TYPE_CHECKING:
    from sitegen.sdk.opening import RunParts

NOTES = "notes.md"


def merge(into: Document, more: Mapping[str, Any]) -> None:
    """Put *more* into *into*; objects are merged, all else is replaced."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def add_once(document: Document, key: str, entry: Document) -> None:
    """The list *key* holds *entry*."""
    entries = document.setdefault(key, [])
    if entry not in entries:
        entries.append(entry)


def replace_named(document: Document, key: str, entry: Document) -> None:
    """The list *key* holds *entry* in place of what has its name, version and context."""
    identity = ("name", "version", "context", "split")
    same = [entry.get(part) for part in identity]
    kept = [one for one in document.get(key, []) if [one.get(part) for part in identity] != same]
    document[key] = [*kept, entry]


def present(**facts: Any) -> Document:
    """*facts* that were given: rows as a whole number, a version as given, all others strings."""
    known: Document = {}
    for key, value in facts.items():
        if value is None:
            continue
        if key == "rows":
            known[key] = checked.whole(key, value)
        elif key == "version" and not isinstance(value, str):
            known[key] = checked.json_number(checked.number(key, value))
        else:
            known[key] = checked.text(key, value)
    return known


def attachments(parts: RunParts) -> Attachments:
    """The attachments of a run, for writing."""
    return Attachments(parts.directory, parts.faults)


def add_note(parts: RunParts, text: str) -> None:
    """The notes of a run end with *text*."""
    path = parts.directory / NOTES
    with lifecycle.undisturbed(), parts.faults.guard(NOTES), locked(parts.directory / LOCK):
        before = path.read_text(encoding="utf-8").rstrip() if path.exists() else ""
        whole = f"{before}\n\n{text.strip()}\n" if before else f"{text.strip()}\n"
        write_atomically(path, whole.encode())


def attachment(parts: RunParts, artifact: Any, name: str | None, artifact_path: str | None) -> str:
    """Where in the bundle *artifact* lies now."""
    if isinstance(artifact, str | os.PathLike):
        path = Path(artifact)
        if path.is_dir():
            target = safe_path(artifact_path, name) if artifact_path or name else path.name
            return attachments(parts).copy_tree(path, target)
        return attachments(parts).copy(path, safe_path(artifact_path, name or path.name))
    if name is None:
        raise LogValueError(
            f"an object needs a name: log_artifact({type(artifact).__name__}, name=…)"
        )
    content, suffix = _object_file(name, artifact)
    named = name if Path(name).suffix else f"{name}{suffix}"
    return attachments(parts).write(safe_path(artifact_path, named), content)


def _object_file(name: str, value: Any) -> Picture:
    if is_figure(value):
        return figure_file(name, value)
    if hasattr(value, "save") and hasattr(value, "mode"):  # PIL
        return picture_file(name, value)
    return content_of(value)


def table(parts: RunParts, name: str, table: Any) -> str:
    """Where in the bundle the CSV of *table* lies now."""
    checked.name_of("a table", name)
    path = name if name.endswith(".csv") else f"{name}.csv"
    return attachments(parts).write(path, table_csv(table))


def media(parts: RunParts, name: str, picture: Picture, step: int | None) -> str:
    """Where in the bundle the picture of that step of a series lies now."""
    folder = safe_path("media", checked.name_of("a picture", name))
    content, suffix = picture
    place = checked.whole("step", step) if step is not None else _next_step(parts, folder)
    return attachments(parts).write(f"{folder}/{place}{suffix}", content)


def _next_step(parts: RunParts, folder: str) -> int:
    steps = _steps_in(parts.directory / FOLDER / folder)
    return max(steps, default=-1) + 1


def _steps_in(folder: Path) -> Iterator[int]:
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208
            with suppress(ValueError):
                yield int(name.partition(".")[0])


def dataset(name: str, path: str | os.PathLike[str] | None, uri: str | None) -> Document:
    """The entry of a data set; `log_dataset(name, "s3://…")` means the URI."""
    if isinstance(path, str) and "://" in path:
        path, uri = None, uri or path
    if path is None and uri is None:
        raise LogTypeError(f"data set “{name}”: neither a path nor a uri is given")
    entry: Document = {"name": checked.name_of("a data set", name)}
    if path is not None:
        entry["uri"] = shown_path(Path(path))
        entry["digest"] = digest_of(Path(path))[0]
    if uri is not None:
        entry["uri"] = checked.text("uri", uri)
    return entry


def model(parts: RunParts, path: Path, name: str, *, copy: bool) -> Document:
    """The entry of a model, which lies in the bundle if it was copied."""
    shown = checked.name_of("a model", name)
    digest, size_bytes = digest_of(path)
    entry: Document = {"name": shown, "digest": digest, "size_bytes": size_bytes}
    if not copy:
        return entry | {"uri": shown_path(path)}
    folder = safe_path("models", shown.replace("/", "-"))
    if path.is_dir():
        return entry | {"path": attachments(parts).copy_tree(path, folder)}
    return entry | {"path": attachments(parts).copy(path, f"{folder}/{path.name}")}


def annotation(parts: RunParts, document: Document) -> str:
    """The id of a sidecar, which is in its place."""
    id: str = document["id"]
    path = parts.directory / ANNOTATIONS / f"{id}.json"
    with parts.faults.guard(ANNOTATIONS):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, encode(document))
    return id
