"""Finding bundles below the RUNS arguments, and listing the files of one.

Floor 2. A directory that holds run.json is a bundle. Dot-directories, symlinks, the output and the
cache are not entered; nothing above an argument is read. File names come from the file system and
may hold anything; names that are no UTF-8 are listed as a problem.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from sitegen.errors import Problem, SitegenError

MANIFEST = "run.json"
EXPERIMENT = "experiment.toml"
Part = Literal["manifest", "metrics", "traces", "evals", "attachments"]
PARTS: tuple[Part, ...] = ("manifest", "metrics", "traces", "evals", "attachments")
Group = Part | Literal["annotations"]
_TRACE_SUFFIXES = (".json", ".jsonl", ".ndjson", ".pb")
_DEEPEST = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFile:
    """One regular file of a bundle."""

    path: str
    """Relative to the bundle, '/'-joined."""
    size_bytes: int
    """Size when it was listed."""
    mtime_ns: int
    """Modification time; may only skip re-hashing."""
    ctime_ns: int
    """Time of the last change of content or inode, which no tool can set back; likewise."""
    inode: int
    """Inode; likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle as found: where it is, who it is by its place, which files it holds."""

    root: Path
    """Its directory."""
    real_path: str
    """The same without symbolic links."""
    shown_path: str
    """The directory as a person would type it: the RUNS argument joined with the path below."""
    default_id: str
    """Id by its place: the path below the RUNS argument, or its name if it is the argument."""
    parent_root: Path | None
    """The directory above, if it lies within the RUNS argument."""
    files: Mapping[Group, tuple[BundleFile, ...]]
    """Files by part, and the sidecars, each sorted by path."""
    problems: tuple[Problem, ...]
    """Symlinks, unreadable directories, files that belong nowhere."""


def find_bundles(roots: Collection[Path], excluded: Collection[Path]) -> list[Bundle]:
    """Every bundle below *roots*, each once, in order of (argument, path).

    Raises:
        SitegenError: if a root is missing or no directory.
    """
    found: dict[str, Bundle] = {}
    real_excluded = {os.path.realpath(path) for path in excluded}
    for root in roots:
        if not root.exists():
            raise SitegenError("no such directory", path=str(root), hint="Check the RUNS argument.")
        if not root.is_dir():
            raise SitegenError(
                "is a file; expected a directory of run bundles",
                path=str(root),
                hint="Name the directory that holds run.json, or one above it.",
            )
        for directory, relative, names, real in _walk(root, real_excluded):
            if MANIFEST in names and real not in found:
                found[real] = _list_bundle(Path(directory), relative, real)
    return list(found.values())


class ExperimentPath(NamedTuple):
    """An experiment.toml as found."""

    path: Path
    """The file."""
    root: str
    """The RUNS argument it lies below, as typed."""
    relative: str
    """Its path below the argument, which is all that the site may show of it."""


def find_experiment_files(
    roots: Collection[Path], excluded: Collection[Path], bundles: Collection[Bundle] = ()
) -> list[ExperimentPath]:
    """Every experiment.toml below *roots* outside of bundles, in order of (argument, path).

    Directories known to be *bundles* are not listed again.
    """
    real_excluded = {os.path.realpath(path) for path in excluded}
    real_excluded |= {bundle.real_path for bundle in bundles}
    paths: dict[str, ExperimentPath] = {}
    for root in roots:
        for directory, relative, names, real in _walk(root, real_excluded):
            if MANIFEST not in names and EXPERIMENT in names:
                below = f"{relative}/{EXPERIMENT}" if relative else EXPERIMENT
                found = ExperimentPath(Path(directory) / EXPERIMENT, str(root), clean_name(below))
                paths.setdefault(real, found)
    return list(paths.values())


def _walk(root: Path, excluded: set[str]) -> Iterator[tuple[str, str, set[str], str]]:
    """(directory, path below root, names of plain files, real path), by path; bundles are leaves.

    Below the root no symbolic link is followed, so real paths need no system call.
    """
    waiting = [(str(root), "", os.path.realpath(root), 0)]
    while waiting:
        directory, relative, real, depth = waiting.pop()
        try:
            with os.scandir(directory) as found:
                entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
        except OSError:
            continue
        names = {
            entry.name
            for entry in entries
            if entry.is_file(follow_symlinks=False) or entry.name == MANIFEST
        }  # whatever is called run.json makes a bundle: one that cannot be read has its page too
        yield directory, relative, names, real
        if MANIFEST in names or depth >= _DEEPEST:
            continue
        below = [
            (
                entry.path,
                f"{relative}/{entry.name}" if relative else entry.name,
                f"{real}/{entry.name}",
                depth + 1,
            )
            for entry in entries
            if entry.is_dir(follow_symlinks=False)
            and not entry.name.startswith(".")
            and f"{real}/{entry.name}" not in excluded
        ]
        waiting.extend(reversed(below))


def _list_bundle(directory: Path, relative: str, real: str) -> Bundle:
    files: dict[Group, list[BundleFile]] = {}
    problems: list[Problem] = []
    for file in _files(directory, problems):
        group = _group_of(file.path)
        if group is None:
            problems.append(_unplaced(file.path))
        else:
            files.setdefault(group, []).append(file)
    return Bundle(
        root=directory,
        real_path=real,
        shown_path=str(directory),
        default_id=clean_name(relative or real.rpartition(os.sep)[2]),
        parent_root=directory.parent if relative else None,
        files={
            group: tuple(sorted(members, key=lambda file: file.path.encode()))
            for group, members in sorted(files.items())
        },
        problems=tuple(problems),
    )


def _files(directory: Path, problems: list[Problem]) -> Iterator[BundleFile]:
    waiting = [("", 0)]
    while waiting:
        relative, depth = waiting.pop()
        try:
            entries = sorted(
                os.scandir(directory / relative), key=lambda entry: os.fsencode(entry.name)
            )
        except OSError as error:
            problems.append(_skipped(relative, f"directory cannot be read: {error.strerror}"))
            continue
        folders = []
        for entry in entries:
            path = f"{relative}/{entry.name}" if relative else entry.name
            if not _is_utf8(entry.name):
                problems.append(_skipped(clean_name(path), "the name is not UTF-8"))
            elif entry.is_symlink():
                problems.append(_symlink(path))
            elif entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and not entry.name.startswith("."):
                    folders.append((path, depth + 1))
            elif entry.is_file(follow_symlinks=False):
                stat = entry.stat(follow_symlinks=False)
                if not entry.name.startswith("."):
                    yield BundleFile(
                        path=path,
                        size_bytes=stat.st_size,
                        mtime_ns=stat.st_mtime_ns,
                        ctime_ns=stat.st_ctime_ns,
                        inode=stat.st_ino,
                    )
            else:
                problems.append(_skipped(path, "is neither a file nor a directory"))
        waiting.extend(reversed(folders))


def _group_of(path: str) -> Group | None:
    head, _, tail = path.partition("/")
    if not tail:
        if head in {MANIFEST, "notes.md"}:
            return "manifest"
        return "metrics" if head == "metrics.parquet" else None
    match head:
        case "metrics":
            return "metrics" if tail.endswith((".parquet", ".jsonl")) else None
        case "traces":
            return "traces" if _plain_name(tail).endswith(_TRACE_SUFFIXES) else None
        case "evals":
            name = _plain_name(tail)
            return "evals" if name.endswith((".jsonl", ".meta.json")) else None
        case "attachments":
            return "attachments"
        case "annotations":
            return "annotations" if tail.endswith(".json") and "/" not in tail else None
    return None


def _plain_name(name: str) -> str:
    return name.removesuffix(".gz").removesuffix(".zst")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def clean_name(text: str) -> str:
    """A name from the file system as text: bytes that are no UTF-8 become U+FFFD."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _symlink(path: str) -> Problem:
    return Problem(
        code="symlink",
        severity="error",
        path=path,
        message="is a symbolic link; expected a regular file or directory",
        hint="Symbolic links are never followed. Copy the file into the bundle.",
    )


def _skipped(path: str, message: str) -> Problem:
    return Problem(
        code="file-skipped", severity="warning", path=path, message=message, hint="It is left out."
    )


def _unplaced(path: str) -> Problem:
    folder = path.split("/", maxsplit=1)[0]
    places = {
        "metrics": ".parquet or .jsonl",
        "traces": ".json, .jsonl, .ndjson or .pb",
        "evals": ".jsonl or .meta.json",
        "annotations": "<ulid>.json",
    }
    if "/" in path and folder in places:
        message = f"is not read as {folder}: expected a name ending in {places[folder]}"
    else:
        message = "belongs to no part of a bundle"
    return Problem(
        code="unknown-file",
        severity="warning",
        path=path,
        message=message,
        hint="Files of any kind go into attachments/.",
    )
