"""Sidecars of a git revision, read from its objects: no checkout, no hook, no filter, no network.

Floor 7. git runs without a shell, with the commands `rev-parse`, `ls-tree` and `cat-file` only;
what a user typed goes to the first of them behind `--end-of-options`, all others get object ids.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from sitegen.errors import SitegenError
from sitegen.read.annotations import SIDECAR_BYTES
from sitegen.read.files import FileError, read_bytes
from sitegen.read.git import run_git, work_tree
from sitegen.read.git_authors import ULID_NAME


def repository_root(directory: Path) -> Path:
    """The work tree that holds *directory*.

    Raises:
        SitegenError: if there is none, or git is not installed.
    """
    return work_tree(directory, hint="Name two directories instead.")


def commit_of(root: Path, revision: str) -> str:
    """The id of the commit that *revision* names.

    Raises:
        SitegenError: if there is none.
    """
    try:
        said = run_git(
            root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
    except SitegenError as error:
        raise SitegenError(
            f"“{revision}” names no commit here", hint="A shallow clone may lack it."
        ) from error
    return said.decode("ascii").strip()


def sidecars_at(root: Path, commit: str) -> dict[str, str]:
    """Object id by path of every sidecar at *commit*; links and submodules are none."""
    listing = run_git(root, "ls-tree", "-r", "-z", "--full-tree", commit)
    found = {}
    for entry in listing.split(b"\0"):
        facts, _, name = entry.partition(b"\t")
        path = name.decode("utf-8", "replace")
        if facts.startswith(b"100") and ULID_NAME.fullmatch(PurePosixPath(path).name):
            found[path] = facts.split()[2].decode("ascii")
    return found


def contents(root: Path, objects: Mapping[str, str]) -> dict[str, bytes]:
    """Content by path of the *objects* given by path; one too long for a sidecar is empty.

    Raises:
        SitegenError: if the repository does not hold one.
    """
    sizes = _sizes(root, objects)
    short = {path: one for path, one in objects.items() if sizes[path] <= SIDECAR_BYTES}
    said = _asked(root, "--batch", short.values())
    found, at = dict.fromkeys(objects, b""), 0
    for path in short:
        start = said.index(b"\n", at) + 1
        at = start + sizes[path] + 1
        found[path] = said[start : at - 1]
    return found


def _sizes(root: Path, objects: Mapping[str, str]) -> dict[str, int]:
    """Size in bytes by path of the *objects*, of which the contents are not read."""
    found = {}
    said = _asked(root, "--batch-check", objects.values()).splitlines()
    for path, line in zip(objects, said, strict=True):
        size = line.rpartition(b" ")[2]
        if not size.isdigit():  # `missing`; other versions of git fail
            raise _partial()
        found[path] = int(size)
    return found


def _asked(root: Path, how: str, objects: Iterable[str]) -> bytes:
    """What git says of *objects*, which are ids."""
    asked = "".join(f"{one}\n" for one in objects).encode("ascii")
    try:
        return run_git(root, "cat-file", how, given=asked) if asked else b""
    except SitegenError as error:
        raise _partial() from error


def _partial() -> SitegenError:
    return SitegenError(
        "the repository does not hold all sidecars of that commit",
        hint="A partial clone lacks them until git fetch --refetch --no-filter.",
    )


def in_commit(root: Path, revision: str) -> dict[str, bytes]:
    """Content by path of every sidecar at *revision*.

    Raises:
        SitegenError: if *revision* names no commit of the work tree *root*.
    """
    return contents(root, sidecars_at(root, commit_of(root, revision)))


def in_directory(root: Path) -> dict[str, bytes]:
    """Content by path of every sidecar below *root*; links are not followed."""
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            place = Path(folder, name)
            path = place.relative_to(root).as_posix()
            if ULID_NAME.fullmatch(name) and not place.is_symlink():
                try:
                    found[path] = read_bytes(root, path, SIDECAR_BYTES)
                except FileError:
                    found[path] = b""
    return found
