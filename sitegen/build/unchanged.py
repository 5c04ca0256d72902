"""Whether anything changed at all since the last build, decided before anything heavy is imported.

Floor 6, but of the standard library alone: with 10,000 bundles most of a build without changes
would be imports. After a build a snapshot is kept: one digest over the stats of every file and
directory that was looked at, and what the build said. If all are as they were, the next build
says the same and is done.

A file that changed within 2 s before the scan proves nothing, since its time stamp may not tell
the next change; then no snapshot is kept. Files of the site are trusted as long as none was
added or removed there (`sitegen verify` reads them).
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence

_FORMAT = b"sitegen-unchanged-3"
_RACY_NS = 2_000_000_000
_PREFIX = "unchanged-"
Said = tuple[str, str, int]
"""What a build printed on stdout and stderr, and its exit code."""


def said_if_unchanged(arguments: Sequence[str]) -> Said | None:
    """What the build of *arguments* would say; None if something changed or cannot be told."""
    try:
        with open(_path(_cache_of(arguments), arguments), "rb") as stream:
            content = stream.read()
    except (OSError, ValueError):
        return None
    fields = content.split(b"\n\0\n")
    if len(fields) != 6 or fields[0] != _FORMAT:
        return None
    paths = fields[5].split(b"\0")
    if _digest(fields[1:4], paths) != fields[4]:
        return None
    return fields[1].decode(), fields[2].decode(), int(fields[3])


def keep_snapshot(
    cache: str,
    arguments: Sequence[str],
    said: Said,
    *,
    inputs: Iterable[str],
    outputs: Iterable[str],
    scanned_ns: int,
) -> None:
    """Keep the stats of *inputs* and *outputs* with what was *said*, unless an input is too
    young.
    """
    paths = [os.fsencode(path) for path in inputs]
    target = _path(cache, arguments)
    if any(_changed_ns(path) > scanned_ns - _RACY_NS for path in paths):
        _remove(target)
        return
    paths += [os.fsencode(path) for path in outputs]
    texts = [said[0].encode(), said[1].encode(), str(said[2]).encode()]
    if any(b"\n\0\n" in text for text in texts):
        return
    content = b"\n\0\n".join([_FORMAT, *texts, _digest(texts, paths), b"\0".join(paths)])
    partial = f"{target}.{os.getpid()}"
    try:
        with open(partial, "wb") as stream:
            stream.write(content)
        os.replace(partial, target)
    except OSError:
        _remove(partial)


def forget_snapshots(cache: str) -> None:
    """Drop all snapshots of the cache: from here on an output changes."""
    try:
        names = os.listdir(cache)
    except OSError:
        return
    for name in names:
        if name.startswith(_PREFIX):
            _remove(os.path.join(cache, name))


def tree_paths(root: str, excluded: Iterable[str]) -> Iterator[str]:
    """*root*, every directory and file below it but dot-names; links are not followed."""
    left_out = {os.path.realpath(path) for path in excluded}
    yield root  # a link may be turned elsewhere
    waiting = [os.path.realpath(root)]
    while waiting:
        directory = waiting.pop()
        yield directory
        for entry in _entries(directory):
            if entry.name.startswith("."):
                continue  # never read, and .git changes with every look at it
            if not entry.is_dir(follow_symlinks=False):
                yield entry.path
            elif entry.path not in left_out:
                waiting.append(entry.path)


def folder_paths(root: str) -> Iterator[str]:
    """*root* and every directory below it."""
    waiting = [root]
    while waiting:
        directory = waiting.pop()
        yield directory
        waiting += [
            entry.path for entry in _entries(directory) if entry.is_dir(follow_symlinks=False)
        ]


def _entries(directory: str) -> list[os.DirEntry[str]]:
    """What the directory holds; nothing if it cannot be listed, which its own stat tells."""
    try:
        with os.scandir(directory) as entries:
            return list(entries)
    except OSError:
        return []


def _digest(texts: Sequence[bytes], paths: Sequence[bytes]) -> bytes:
    """Hex SHA-256 over the texts and the stat of each path; a missing path counts as such."""
    parts = [repr(texts)]
    stat = os.lstat
    for path in paths:
        try:
            found = stat(path)
            parts.append(
                f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_size} {found.st_ino}"
                f" {found.st_mode}"
            )
        except OSError:
            parts.append("-")  # missing, as it was
    return hashlib.sha256("\n".join(parts).encode()).hexdigest().encode()


def _changed_ns(path: bytes) -> int:
    try:
        found = os.lstat(path)
    except OSError:
        return 0
    return max(found.st_mtime_ns, found.st_ctime_ns)


def _path(cache: str, arguments: Sequence[str]) -> str:
    # what an argument leads to is part of the question: a link may have been turned elsewhere
    places = [os.path.realpath(argument) for argument in arguments]
    told = os.fsencode("\0".join([os.getcwd(), sys.executable, *arguments, *places]))
    return os.path.join(cache, _PREFIX + hashlib.sha256(told).hexdigest()[:20])


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _cache_of(arguments: Sequence[str]) -> str:
    """The cache directory of the build of *arguments*, as far as they tell."""
    given: dict[str, str] = {}
    waiting = ""
    for argument in arguments:
        if waiting:
            given[waiting], waiting = argument, ""
        elif argument in {"-o", "--output", "--cache"}:
            waiting = argument.lstrip("-")[0]
        elif argument.startswith(("--output=", "--cache=")):
            name, _, value = argument.partition("=")
            given[name.lstrip("-")[0]] = value
        elif argument.startswith("-o") and len(argument) > 2:
            given["o"] = argument[2:]
    if "c" in given:
        return given["c"]
    output = os.path.abspath(given.get("o", "site"))
    return os.path.join(os.path.dirname(output), ".sitegen-cache")
