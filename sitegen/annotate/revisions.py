"""Sidecars of a git revision, read from its objects: no checkout, no hook, no filter, no network.

Floor 7. git runs without a shell, with the commands `rev-parse`, `ls-tree` and `cat-file` only;
what a user typed goes to the first of them behind `--end-of-options`, all others get object ids.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sitegen.errors import SitegenError
from sitegen.read.annotations import SIDECAR_BYTES

ULID_NAME = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}\.json")
"""File name of a sidecar."""

_OPTIONS = ("--no-pager", "--literal-pathspecs", "-c", "core.hooksPath=/dev/null")
_SECONDS = 120


def repository_root(directory: Path) -> Path:
    """The work tree that holds *directory*.

    Raises:
        SitegenError: if there is none, or git is not installed.
    """
    said = _git(directory, "rev-parse", "--show-toplevel", hint="Name two directories instead.")
    return Path(os.fsdecode(said.rstrip(b"\n")))


def commit_of(root: Path, revision: str) -> str:
    """The id of the commit that *revision* names.

    Raises:
        SitegenError: if there is none.
    """
    said = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        hint=f"“{revision}” names no commit here; a shallow clone may lack it.",
    )  # fmt: skip
    return said.decode("ascii").strip()


def sidecars_at(root: Path, commit: str) -> dict[str, str]:
    """Object id by path of every sidecar at *commit*; links and submodules are none."""
    listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", commit)
    found = {}
    for entry in listing.split(b"\0"):
        facts, _, name = entry.partition(b"\t")
        path = name.decode("utf-8", "replace")
        if facts.startswith(b"100") and ULID_NAME.fullmatch(PurePosixPath(path).name):
            found[path] = facts.split()[2].decode("ascii")
    return found


def contents(root: Path, objects: Mapping[str, str]) -> dict[str, bytes]:
    """Content by path of the *objects* given by path; one too long for a sidecar is empty."""
    if not objects:
        return {}
    asked = "".join(f"{one}\n" for one in objects.values()).encode("ascii")
    said = _git(root, "cat-file", "--batch", given=asked)
    found, at = {}, 0
    for path in objects:
        end = said.index(b"\n", at)
        size = int(said[at:end].split()[2])
        content = said[end + 1 : end + 1 + size]
        found[path] = content if size <= SIDECAR_BYTES else b""
        at = end + 1 + size + 1
    return found


def _git(directory: Path, *arguments: str, given: bytes = b"", hint: str | None = None) -> bytes:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
    }
    try:
        done = subprocess.run(  # noqa: S603
            ["git", *_OPTIONS, *arguments],  # noqa: S607
            cwd=directory, env=environment, input=given, capture_output=True, check=True,
            timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip() or "it said nothing"
        raise SitegenError(f"git {arguments[0]} failed: {said}", hint=hint) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SitegenError(f"git cannot be run: {error}", hint=hint) from error
    return done.stdout
