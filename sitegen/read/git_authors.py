"""Who committed each sidecar, and when, as git has it: `user` in the file is only what it claims.

Floor 2. Two questions for all files of a directory: the commits that touch sidecars below it
(`rev-list`), and which of them each touches (`diff-tree`). Of a commit only the author's name and
time are taken, never the address.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sitegen.errors import Problem, SitegenError
from sitegen.read.git import run_git, work_tree
from sitegen.records import dataclass

ULID_NAME = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}\.json")
"""File name of a sidecar."""

IN_BUNDLES = "**/annotations/*.json"
"""Sidecars of bundles below a directory."""
IN_FOLDERS = "**/*.json"
"""Sidecars below annotations_dir."""

_MOST_COMMITS = 100_000
_NAME = 200
_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit, as far as it is shown."""

    id: str
    """Its id."""
    author: str
    """Its author's name."""
    time_ns: int
    """When it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The commits of one sidecar."""

    added: Commit
    """The first that has it."""
    changed: Commit | None
    """The last that changed it since; None if there is none."""


def read_commits(
    directory: Path, pattern: str
) -> tuple[Mapping[str, Committed], tuple[Problem, ...]]:
    """The commits of the sidecars below *directory* by real path, and why there are none.

    A shallow clone is refused: its oldest commit seems to have added everything.
    """
    try:
        root = work_tree(directory)
        is_shallow = run_git(directory, "rev-parse", "--is-shallow-repository").strip() != b"false"
        if is_shallow:
            return {}, (
                _problem(
                    directory,
                    "is a shallow clone, in which the oldest commit seems to have added everything",
                    "Fetch the whole history: git fetch --unshallow; fetch-depth: 0 of"
                    " actions/checkout; GIT_DEPTH: 0 in GitLab.",
                ),
            )
        return _commits(directory, root, f":(glob){pattern}"), ()
    except SitegenError as error:
        return {}, (_problem(directory, *_reason(error.message)),)


def _commits(directory: Path, root: Path, pathspec: str) -> dict[str, Committed]:
    said = run_git(
        directory, "rev-list", "--encoding=UTF-8", "--format=%at %an",
        f"--max-count={_MOST_COMMITS}", "HEAD", "--", pathspec,
    )  # fmt: skip
    commits = dict(_listed(said))
    if not commits:
        return {}
    touched = run_git(
        directory, "diff-tree", "--stdin", "-z", "-r", "-c", "--root", "--name-only",
        "--no-renames", "--no-ext-diff", "--no-textconv", "--", pathspec,
        given=b"".join(one + b"\n" for one in commits),
    )  # fmt: skip
    found: dict[str, Committed] = {}
    now: Commit | None = None
    for token in touched.split(b"\0"):
        if _COMMIT.fullmatch(token):
            now = commits.get(token)
        elif now is not None and ULID_NAME.fullmatch(os.fsdecode(token.rpartition(b"/")[2])):
            path = str(root / os.fsdecode(token))
            later = found.get(path)  # commits come from the newest to the oldest
            last = (later.changed or later.added) if later else None
            found[path] = Committed(added=now, changed=last)
    return found


def _listed(said: bytes) -> Iterator[tuple[bytes, Commit]]:
    """Commits by id of `commit <id>`, `<seconds> <author>` in turn."""
    lines = iter(said.split(b"\n"))
    for line, facts in zip(lines, lines, strict=False):
        identity = line.removeprefix(b"commit ")
        seconds, _, author = facts.partition(b" ")
        if _COMMIT.fullmatch(identity) and re.fullmatch(rb"-?\d{1,11}", seconds):
            name = author.decode("utf-8", "replace").strip()[:_NAME]
            yield (
                identity,
                Commit(id=identity.decode("ascii"), author=name, time_ns=int(seconds) * 10**9),
            )


def _reason(said: str) -> tuple[str, str | None]:
    """Why git has no answer, without the absolute paths that its own words hold."""
    if "dubious ownership" in said:
        return "git does not trust the repository", "git config --global --add safe.directory …"
    if "not a git repository" in said or "must be run in a work tree" in said:
        return "is not in a git work tree", "Take git_authors out of sitegen.toml."
    if "HEAD" in said:
        return "the repository has no commit yet", None
    if "cannot be run" in said:
        return "git is not installed, or took too long", None
    return "git failed", "git rev-list HEAD says more."


def _problem(directory: Path, message: str, hint: str | None) -> Problem:
    return Problem(
        code="git-authors",
        severity="warning",
        path=directory.name or ".",
        message=f"who committed annotations is not shown: {message}",
        hint=hint,
    )
