"""Finding bundles below the RUNS arguments, and listing the files of one.

Floor 2. A directory that holds run.json is a bundle. Dot-directories, symlinks, the output and the
cache are not entered; nothing above an argument is read. File names come from the file system and
may hold anything; names that are no UTF-8 are listed as a problem.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from sitegen.errors import Problem, SitegenError
from sitegen.records import dataclass

MANIFEST = "run.json"
EXPERIMENT = "experiment.toml"
_EXPERIMENT_FILES = {EXPERIMENT, "notes.md"}
Part = Literal["manifest", "metrics", "traces", "evals", "attachments"]
PARTS: tuple[Part, ...] = ("manifest", "metrics", "traces", "evals", "attachments")
Group = Part | Literal["annotations"]
_TRACE_SUFFIXES = (".json", ".jsonl", ".ndjson", ".pb")
_DEEPEST = 32


class BundleFile(NamedTuple):
    """A regular file or a folder of a bundle, or one beside bundles, as it was seen."""

    path: str
    """Relative to the bundle, '/'-joined; absolute for what lies beside bundles."""
    size_bytes: int
    """Size when it was listed."""
    mtime_ns: int
    """Modification time; may only skip re-hashing."""
    ctime_ns: int
    """Time of the last change of content or inode, which no tool can set back; likewise."""
    inode: int
    """Inode; likewise."""
    names: tuple[str, ...] | None = None
    """What a folder holds, sorted; None for a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle as found: where it is, who it is by its place, which files it holds."""

    root: Path
    """Its directory."""
    real_path: str
    """The same without symbolic links."""
    shown_path: str
    """The directory as a person would type it: the RUNS argument joined with the path below."""
    relative: str
    """The path below the RUNS argument, empty if it is the argument."""
    default_id: str
    """Id by its place: the path below the RUNS argument, or its name if it is the argument."""
    parent_root: Path | None
    """The directory above, if it lies within the RUNS argument."""
    files: Mapping[Group, tuple[BundleFile, ...]]
    """Files by part, and the sidecars, each sorted by path."""
    folders: tuple[BundleFile, ...]
    """Its directory, as "", and those below that were listed."""
    problems: tuple[Problem, ...]
    """Symlinks, unreadable directories, files that belong nowhere."""


class Place(NamedTuple):
    """Where a bundle lies."""

    directory: str
    """Its directory, as a person would type it."""
    relative: str
    """The path below the RUNS argument, empty if it is the argument."""
    real_path: str
    """The directory without symbolic links."""


class ExperimentPath(NamedTuple):
    """An experiment.toml as found."""

    path: Path
    """The file."""
    root: str
    """The RUNS argument it lies below, as typed."""
    relative: str
    """Its path below the argument, which is all that the site may show of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies below the RUNS arguments."""

    places: tuple[Place, ...]
    """Every bundle once, in order of (argument, path)."""
    experiments: tuple[ExperimentPath, ...]
    """Every experiment.toml outside of bundles, in the same order."""
    seen: tuple[BundleFile, ...]
    """Directories outside of bundles, and the experiments' files; real paths."""


def find_bundles(roots: Collection[Path], excluded: Collection[Path]) -> list[Bundle]:
    """Every bundle below *roots*, each once, in order of (argument, path).

    Raises:
        SitegenError: if a root is missing or no directory.
    """
    return [list_bundle(place) for place in find_places(roots, excluded).places]


def find_places(
    roots: Collection[Path],
    excluded: Collection[Path],
    is_known: Callable[[str], bool] = lambda real_path: False,  # noqa: ARG005
) -> Found:
    """Every bundle below *roots*, and what else was looked at.

    A directory whose real path *is_known* is a bundle and is not listed.

    Raises:
        SitegenError: if a root is missing or no directory.
    """
    places: dict[str, Place] = {}
    experiments: dict[str, ExperimentPath] = {}
    seen: dict[str, BundleFile] = {}
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
        for place, names in _walk(root, real_excluded, is_known, seen):
            if MANIFEST in names:
                places.setdefault(place.real_path, place)
            elif EXPERIMENT in names:
                path = Path(place.directory) / EXPERIMENT
                below = f"{place.relative}/{EXPERIMENT}" if place.relative else EXPERIMENT
                found = ExperimentPath(path, str(root), clean_name(below))
                experiments.setdefault(place.real_path, found)
    return Found(
        places=tuple(places.values()),
        experiments=tuple(experiments.values()),
        seen=tuple(seen.values()),
    )


_ONLY_MANIFEST = frozenset({MANIFEST})


def _walk(
    root: Path, excluded: set[str], is_known: Callable[[str], bool], seen: dict[str, BundleFile]
) -> Iterator[tuple[Place, Collection[str]]]:
    """Directories and the names of their plain files, by path; bundles are leaves.

    Below the root no symbolic link is followed, so real paths need no system call. What is *seen*
    outside of bundles is added before it is read.
    """
    waiting = [(Place(str(root), "", os.path.realpath(root)), 0)]
    while waiting:
        place, depth = waiting.pop()
        real = place.real_path
        if is_known(real):
            yield place, _ONLY_MANIFEST
            continue
        try:
            stat = os.lstat(real)
            with os.scandir(place.directory) as found:
                entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
        except OSError:
            continue
        names = {
            entry.name
            for entry in entries
            if entry.is_file(follow_symlinks=False) or entry.name == MANIFEST
        }  # whatever is called run.json makes a bundle: one that cannot be read has its page too
        if MANIFEST not in names:
            for one in _outside(place, stat, entries):
                seen.setdefault(one.path, one)
        yield place, names
        if MANIFEST in names or depth >= _DEEPEST:
            continue
        waiting.extend(
            (Place(entry.path, _below(place, entry.name), f"{real}/{entry.name}"), depth + 1)
            for entry in reversed(entries)
            if entry.is_dir(follow_symlinks=False)
            and not entry.name.startswith(".")
            and f"{real}/{entry.name}" not in excluded
        )


def _below(place: Place, name: str) -> str:
    return f"{place.relative}/{name}" if place.relative else name


def _outside(
    place: Place, stat: os.stat_result, entries: Collection[os.DirEntry[str]]
) -> Iterator[BundleFile]:
    """A directory that is no bundle, and the files in it that are read."""
    yield _seen(place.real_path, stat, tuple(entry.name for entry in entries))
    for entry in entries:
        if entry.name in _EXPERIMENT_FILES and entry.is_file(follow_symlinks=False):
            path = f"{place.real_path}/{entry.name}"
            yield _seen(path, entry.stat(follow_symlinks=False))


def _seen(path: str, stat: os.stat_result, names: tuple[str, ...] | None = None) -> BundleFile:
    return BundleFile(path, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, names)


def list_bundle(place: Place) -> Bundle:
    """The bundle at *place*, its files and folders by a look at each."""
    files: dict[Group, list[BundleFile]] = {}
    folders: list[BundleFile] = []
    problems: list[Problem] = []
    directory, relative, real = Path(place.directory), place.relative, place.real_path
    for file in _files(place.directory, real, folders, problems):
        group = _group_of(file.path)
        if group is None:
            problems.append(_unplaced(file.path))
        else:
            files.setdefault(group, []).append(file)
    return Bundle(
        root=directory,
        real_path=real,
        shown_path=str(directory),
        relative=relative,
        default_id=clean_name(relative or real.rpartition(os.sep)[2]),
        parent_root=directory.parent if relative else None,
        files={
            group: tuple(sorted(members, key=lambda file: file.path.encode()))
            for group, members in sorted(files.items())
        },
        folders=tuple(folders),
        problems=tuple(problems),
    )


def _files(
    directory: str, real: str, folders: list[BundleFile], problems: list[Problem]
) -> Iterator[BundleFile]:
    waiting = [("", 0)]
    while waiting:
        relative, depth = waiting.pop()
        here = f"{directory}/{relative}" if relative else directory
        try:
            folder = os.lstat(here if relative else real)  # the argument may be a link
            with os.scandir(here) as found:
                entries = sorted(found, key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            problems.append(_skipped(relative, f"directory cannot be read: {error.strerror}"))
            continue
        folders.append(_seen(relative, folder, tuple(entry.name for entry in entries)))
        below = []
        for entry in entries:
            path = f"{relative}/{entry.name}" if relative else entry.name
            if not _is_utf8(entry.name):
                problems.append(_skipped(clean_name(path), "the name is not UTF-8"))
            elif entry.is_symlink():
                problems.append(_symlink(path))
            elif entry.is_dir(follow_symlinks=False):
                if depth < _DEEPEST and not entry.name.startswith("."):
                    below.append((path, depth + 1))
            elif entry.is_file(follow_symlinks=False):
                if not entry.name.startswith("."):
                    yield _seen(path, entry.stat(follow_symlinks=False))
            else:
                problems.append(_skipped(path, "is neither a file nor a directory"))
        waiting.extend(reversed(below))


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
