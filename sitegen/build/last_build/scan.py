"""The scan of a build: the stats of all that it looked at, and a second look at the same.

Floor 6, of the standard library alone, and without what takes long to import there (`typing`,
`dataclasses`, `collections`), since a build without changes imports nothing else.

The file `scan-…` in the cache is a head line of numbers, the SHA-256 of what follows, and then, by
the lengths in the head: where each bundle starts, four 64-bit numbers of each path, the digests of
young paths, and the paths, joined by NUL.
"""

from __future__ import annotations

import hashlib
import os
import sys
from array import array
from bisect import bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Seen = tuple[int, int, int, int]

_FORMAT = b"sitegen-scan-1"
RACY_NS = 2_000_000_000
"""The coarsest time stamps in use: FAT has 2 s."""
STAT_BYTES = 32
_MISSING = (0, 0, -1, 0)
_POSITIVE = (1 << 63) - 1  # an inode may take all 64 bits
_SPLIT_FROM = 20_000
"""Paths from which a second process pays for itself; a fork of so small a process takes 1 ms."""


def seen(size_bytes: int, mtime_ns: int, ctime_ns: int, inode: int) -> Seen:
    """A stat as a scan keeps it. A change of mode changes the ctime."""
    return mtime_ns, ctime_ns, size_bytes, inode & _POSITIVE


def stats_of(paths: Sequence[bytes]) -> bytes:
    """The stats of *paths* themselves, links not followed, `STAT_BYTES` each."""
    values = array("q")
    add, stat = values.extend, os.lstat
    for path in paths:
        try:
            found = stat(path)
        except OSError:
            add(_MISSING)
            continue
        add((found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino & _POSITIVE))
    return values.tobytes()


def _stats_by_two(paths: Sequence[bytes]) -> bytes:
    """The same, half of it by a forked process: most of the time is the kernel's.

    Only while nothing but the standard library is loaded and no thread runs.
    """
    if len(paths) < _SPLIT_FROM or "threading" in sys.modules or (os.cpu_count() or 1) < 2:
        return stats_of(paths)
    half = len(paths) // 2
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as stream:
                stream.write(stats_of(paths[half:]))
        finally:
            os._exit(0)
    os.close(writing)
    first = stats_of(paths[:half])
    with os.fdopen(reading, "rb") as stream:
        second = stream.read()
    os.waitpid(child, 0)
    if len(second) != (len(paths) - half) * STAT_BYTES:  # it was killed
        second = stats_of(paths[half:])
    return first + second


class Scan:
    """What a build looked at: outer paths, then bundle by bundle, then directories of the site."""

    __slots__ = ("name", "outer", "outputs", "paths", "starts", "stats", "young")

    def __init__(
        self,
        name: str,
        paths: Sequence[bytes],
        stats: bytes,
        young: Mapping[int, str],
        starts: array[int],
        outer: int,
        outputs: int,
    ) -> None:
        self.name = name
        """Name of its file in the cache."""
        self.paths = paths
        """Paths: outer ones, then each bundle's directory and what is in it, then outputs."""
        self.stats = stats
        """Their stats."""
        self.young = young
        """Digest by index of paths whose stats prove nothing."""
        self.starts = starts
        """Index of each bundle's directory."""
        self.outer = outer
        """How many outer paths there are."""
        self.outputs = outputs
        """Index of the first path of the site."""

    def packed(self) -> bytes:
        """As the file holds it, the id included."""
        young = "\n".join(f"{index} {digest}" for index, digest in self.young.items()).encode()
        starts, paths = self.starts.tobytes(), b"\0".join(self.paths)
        head = f"{self.outer} {self.outputs} {len(starts)} {len(self.stats)} {len(young)}".encode()
        rest = b"".join((starts, self.stats, young, paths))
        return b"\n".join((_FORMAT, head, _id_of(head, rest), rest))


def _id_of(head: bytes, rest: bytes) -> bytes:
    return hashlib.sha256(head + b"\n" + rest).hexdigest().encode()


class Look:
    """A scan of the last build, and the stats of the same paths now."""

    __slots__ = ("_content", "_head", "_rest", "id", "scan", "stats")

    def __init__(self, content: bytes, name: str) -> None:
        """Raises ValueError if *content* is no scan."""
        form, self._head, self.id, self._rest = content.split(b"\n", 3)
        if form != _FORMAT:
            raise ValueError(form)
        outer, outputs, *lengths = (int(text) for text in self._head.split())
        at = [0]
        for length in lengths:
            at.append(at[-1] + length)
        rest = self._rest
        starts = array("I")
        starts.frombytes(rest[: at[1]])
        young = {}
        for line in rest[at[2] : at[3]].decode().splitlines():
            index, _, digest = line.partition(" ")
            young[int(index)] = digest
        paths = rest[at[3] :].split(b"\0")
        if len(paths) * STAT_BYTES != lengths[1]:
            raise ValueError(len(paths))
        self.scan = Scan(name, paths, rest[at[1] : at[2]], young, starts, outer, outputs)
        self.stats = b""

    def again(self) -> None:
        """Look at all paths now."""
        if not self.stats:
            self.stats = _stats_by_two(self.scan.paths)

    def is_whole(self) -> bool:
        """Whether the file is as it was written."""
        return _id_of(self._head, self._rest) == self.id

    def is_same(self, start: int, end: int) -> bool:
        """Whether the paths from *start* to *end* are as they were."""
        first, last = start * STAT_BYTES, end * STAT_BYTES
        if self.stats[first:last] != self.scan.stats[first:last]:
            return False
        young, paths = self.scan.young, self.scan.paths
        indexes = range(start, end) if end - start < len(young) else young
        return all(
            young_digest(paths[index]) == young[index]
            for index in indexes
            if index in young and start <= index < end
        )

    def is_all_same(self) -> bool:
        """Whether nothing changed at all."""
        return self.stats == self.scan.stats and self.is_same(0, len(self.scan.paths))

    def forget_old(self, began_ns: int) -> bool:
        """Whether paths are no longer young: this look, begun at *began_ns*, is proof for them."""
        young = self.scan.young
        self.scan.young = {
            at: digest for at, digest in young.items() if not self.is_old(at, began_ns - RACY_NS)
        }
        return len(self.scan.young) < len(young)

    def is_old(self, index: int, since_ns: int) -> bool:
        """Whether the path changed before *since_ns*."""
        first = index * STAT_BYTES
        mtime_ns, ctime_ns = array("q", self.stats[first : first + 16])
        return max(mtime_ns, ctime_ns) < since_ns

    def same_bundles(self) -> dict[str, tuple[int, int]]:
        """Where in the scan the bundles are that are as they were, by real path."""
        scan, changed = self.scan, set(self.changed_bundles())
        ends = [*scan.starts[1:], scan.outputs]
        return {
            os.fsdecode(scan.paths[start]): (start, end)
            for at, (start, end) in enumerate(zip(scan.starts, ends, strict=False))
            if at not in changed
        }

    def changed_bundles(self) -> list[int]:
        """Numbers of the bundles that are not as they were, sorted; -1 for what lies outside."""
        starts = self.scan.starts
        return sorted({bisect_right(starts, index) - 1 for index in self._changed()})

    def _changed(self) -> list[int]:
        """Indexes of the inputs that are not as they were, found by halves."""
        before, now, found = memoryview(self.scan.stats), memoryview(self.stats), []
        waiting = [(0, self.scan.outputs)]
        while waiting:
            start, end = waiting.pop()
            first, last = start * STAT_BYTES, end * STAT_BYTES
            if before[first:last] == now[first:last]:
                continue
            if end - start == 1:
                found.append(start)
                continue
            half = (start + end) // 2
            waiting += [(start, half), (half, end)]
        paths = self.scan.paths
        for index, digest in self.scan.young.items():
            if young_digest(paths[index]) != digest:
                found.append(index)
        return found

    def has_same_outputs(self) -> bool:
        """Whether nothing was added to the site or removed, and its manifest is as it was."""
        return self.is_same(self.scan.outputs, len(self.scan.paths))


def look_at(path: str) -> Look | None:
    """A look at the scan in *path*, not yet taken; None if there is none that can be read."""
    try:
        with open(path, "rb") as stream:
            return Look(stream.read(), os.path.basename(path))
    except (OSError, ValueError):
        return None


def young_digest(path: bytes) -> str:
    """Digest of a file's content or of the names in a directory; empty if it cannot be read."""
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            return names_digest(os.fsdecode(name) for name in os.listdir(path))
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def names_digest(names: Iterable[str]) -> str:
    """Digest of what a directory holds but dot-names, which are never read."""
    shown = sorted(os.fsencode(name) for name in names if not name.startswith("."))
    return hashlib.sha256(b"\0".join(shown)).hexdigest()
