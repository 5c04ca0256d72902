"""Whether anything changed at all since the last build, decided before anything heavy is imported.

Floor 6, but of the standard library alone: with 10,000 bundles most of a build without changes
would be imports. A build keeps two files. The *scan* of an output holds the path and the stat of
every input and of every directory of the site, bundle by bundle; the *saying* of a command line
holds what a build said and which scan it belongs to. If all is as it was, the next build says the
same and is done. If not, what was looked at is handed on: a bundle that is as it was is not
listed again (`Look.same_bundles`).

What changed within 2 s before the scan proves nothing by its stat, since its time stamp may not
tell the next change. Such a young file or directory is kept with a digest of its content or its
names, and is read again. Files of the site are trusted as long as none was added or removed there
(`sitegen verify` reads them).
"""

from __future__ import annotations

import hashlib
import os
import sys
import time

from sitegen.build.last_build.scan import RACY_NS, Scan, look_at, stats_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sitegen.build.last_build.scan import Look

    Said = tuple[str, str, int]
    KeptScan = tuple[str, bytes, int]

_FORMAT = b"sitegen-unchanged-4"
_PREFIX = "unchanged-"
_SEPARATOR = b"\n\0\n"


class Answer:
    """What is known of a build before it begins."""

    __slots__ = ("look", "said")

    def __init__(self, said: Said | None, look: Look | None) -> None:
        self.said = said
        """What a build would say on stdout and stderr and its exit code; None if it must run."""
        self.look = look
        """What was looked at."""


def answer(arguments: Sequence[str]) -> Answer:
    """What the build of *arguments* would say if nothing changed, else what was looked at."""
    cache = _cache_of(arguments)
    path = _path(cache, arguments)
    fields = _fields(path)
    if fields is None:
        return Answer(None, None)
    look = look_at(os.path.join(cache, fields[4].decode()))
    if look is None or look.id != fields[5]:
        return Answer(None, None)
    began_ns = time.time_ns()
    look.again()
    if _stats_digest(fields[7].split(b"\0")) != fields[6] or not look.is_all_same():
        return Answer(None, look)
    if look.scan.young and look.forget_old(began_ns):
        fields[5] = keep_scan(cache, look.scan) or fields[5]
        _write_fields(path, fields)
    return Answer((fields[1].decode(), fields[2].decode(), int(fields[3])), look)


def _fields(path: str) -> list[bytes] | None:
    """What a saying holds, None if there is none that is whole: format, stdout, stderr, exit code,
    name and id of the scan, digest of the project's stats, and its paths.
    """
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except (OSError, ValueError):
        return None
    body, _, digest = content.rpartition(_SEPARATOR)
    fields = body.split(_SEPARATOR)
    is_ours = len(fields) == 8 and fields[0] == _FORMAT and _digest(body) == digest
    return fields if is_ours else None


def _write_fields(path: str, fields: Sequence[bytes]) -> None:
    body = _SEPARATOR.join(fields)
    _write(path, body + _SEPARATOR + _digest(body))


def said_if_unchanged(arguments: Sequence[str]) -> Said | None:
    """What the build of *arguments* would say; None if something changed or cannot be told."""
    return answer(arguments).said


def keep_saying(
    cache: str, arguments: Sequence[str], said: Said, *, project: Iterable[str], scan: KeptScan
) -> None:
    """Keep what was *said* of *scan*; *project* are further paths that it depends on, unless one is
    too young to tell.
    """
    paths = [os.fsencode(path) for path in project]
    target = _path(cache, arguments)
    name, identity, scanned_ns = scan
    if any(_changed_ns(path) > scanned_ns - RACY_NS for path in paths):
        _remove(target)
        return
    texts = [said[0].encode(), said[1].encode(), str(said[2]).encode()]
    if any(_SEPARATOR in text for text in texts):
        return
    stats = _stats_digest(paths)
    _write_fields(target, [_FORMAT, *texts, name.encode(), identity, stats, b"\0".join(paths)])


def keep_scan(cache: str, scan: Scan) -> bytes | None:
    """Keep *scan*; its id, None if the disk refuses."""
    content = scan.packed()
    if not _write(os.path.join(cache, scan.name), content):
        return None
    return content.split(b"\n", 3)[2]


def forget(cache: str, scan_name: str) -> None:
    """Drop the scan and all sayings of the cache: from here on the output changes."""
    try:
        names = os.listdir(cache)
    except OSError:
        return
    for name in names:
        if name.startswith(_PREFIX) or name == scan_name:
            _remove(os.path.join(cache, name))


def tree_paths(root: str) -> Iterator[str]:
    """*root* and every directory and file below it but dot-names; links are not followed."""
    for folder, below, names in os.walk(root):
        below[:] = [name for name in below if not name.startswith(".")]
        yield folder
        yield from (f"{folder}/{name}" for name in names if not name.startswith("."))


def scan_name(output: str) -> str:
    """Name of the scan of *output* in a cache."""
    place = os.fsencode(os.path.abspath(output))
    return f"scan-{hashlib.sha256(place).hexdigest()[:20]}"


def _stats_digest(paths: Sequence[bytes]) -> bytes:
    return _digest(stats_of(paths))


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _changed_ns(path: bytes) -> int:
    try:
        found = os.lstat(path)
    except OSError:
        return 0
    return max(found.st_mtime_ns, found.st_ctime_ns)


def _path(cache: str, arguments: Sequence[str]) -> str:
    # what an argument leads to is part of the question: a link may have been turned elsewhere; so
    # is which of several installations is asked, as a scan knows the code of its own alone
    places = [os.path.realpath(argument) for argument in (*arguments, __file__)]
    told = os.fsencode("\0".join([os.getcwd(), sys.executable, *arguments, *places]))
    return os.path.join(cache, _PREFIX + hashlib.sha256(told).hexdigest()[:20])


def _write(path: str, content: bytes) -> bool:
    """Whether *content* is in *path* now; a full disk only means that it is not kept."""
    partial = f"{path}.{os.getpid()}"
    try:
        with open(partial, "wb") as stream:
            stream.write(content)
        os.replace(partial, path)
    except OSError:
        _remove(partial)
        return False
    return True


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
