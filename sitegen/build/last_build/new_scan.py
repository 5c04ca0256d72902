"""The scan that a build leaves behind, from what it listed anyway. Floor 6."""

from __future__ import annotations

import os
import stat
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sitegen.build.last_build.making import Member
from sitegen.build.last_build.scan import (
    RACY_NS,
    STAT_BYTES,
    Look,
    Scan,
    names_digest,
    seen,
    stats_of,
    young_digest,
)
from sitegen.build.last_build.state import InputFile
from sitegen.build.last_build.unchanged import scan_name
from sitegen.build.output.site_files import SiteFiles
from sitegen.build.output.store import MANIFEST
from sitegen.build.plan import RunPlan
from sitegen.read.bundle import BundleFile


class _Writer:
    """Takes paths with their stats, in order."""

    def __init__(self, scanned_ns: int) -> None:
        self.paths: list[bytes] = []
        self.stats = bytearray()
        self.young: dict[int, str] = {}
        self._racy_ns = scanned_ns - RACY_NS

    def add(self, path: str, one: BundleFile, digest: str | None) -> None:
        """One path; *digest* is of its content, None where its names tell or it was not read."""
        if max(one.mtime_ns, one.ctime_ns) >= self._racy_ns:
            told = names_digest(one.names) if one.names is not None else digest
            self.young[len(self.paths)] = "unread" if told is None else told
        self.paths.append(os.fsencode(path))
        packed = seen(one.size_bytes, one.mtime_ns, one.ctime_ns, one.inode)
        self.stats += array("q", packed).tobytes()

    def copy(self, look: Look, start: int, end: int) -> None:
        """What *look* found as it was."""
        scan, shift = look.scan, len(self.paths) - start
        young = scan.young
        for index in range(start, end) if end - start < len(young) else young:
            if start <= index < end and index in young and not look.is_old(index, self._racy_ns):
                self.young[index + shift] = young[index]
        self.paths += scan.paths[start:end]
        self.stats += scan.stats[start * STAT_BYTES : end * STAT_BYTES]


def outer_digests(outer: Iterable[BundleFile], scanned_ns: int) -> dict[str, str]:
    """Digests of the files among *outer* that are young, taken before they are read."""
    racy_ns = scanned_ns - RACY_NS
    return {
        one.path: young_digest(os.fsencode(one.path))
        for one in outer
        if one.names is None and max(one.mtime_ns, one.ctime_ns) >= racy_ns
    }


def seen_in_bundles(plans: Iterable[RunPlan]) -> dict[str, BundleFile]:
    """Folders and files of the bundles of *plans* by their real paths."""
    found = {}
    for bundle in (plan.bundle for plan in plans):
        files = (file for files in bundle.files.values() for file in files)
        for one in (*bundle.folders, *files):
            path = f"{bundle.real_path}/{one.path}" if one.path else bundle.real_path
            found[path] = one._replace(path=path)
    return found


def seen_below(root: Path) -> list[BundleFile]:
    """*root* and all directories and files below it; a missing one counts as such."""
    try:
        found = [_seen(os.fspath(root.absolute()))]
    except OSError:
        return [BundleFile(os.fspath(root.absolute()), -1, 0, 0, 0)]
    for folder, below, names in os.walk(found[0].path):
        found += [_seen(f"{folder}/{name}") for name in (*below, *names)]
    return found


def new_scan(
    output: Path,
    cache: Path,
    *,
    outer: Sequence[BundleFile],
    digests: Mapping[str, str],
    members: Iterable[Member],
    same: Mapping[str, tuple[int, int]],
    look: Look | None,
    files: SiteFiles,
    scanned_ns: int,
) -> Scan:
    """The scan of a build that is done.

    *digests* are those of young *outer* files, *same* the bundles that *look* found as they were,
    *files* what is in the site.
    """
    writer = _Writer(scanned_ns)
    own = {os.path.realpath(path) for path in (output, cache)}
    for one in outer:
        found = _after(one, own)
        writer.add(one.path, found, digests.get(one.path))
    outer_count, starts = len(writer.paths), array("I")
    first = last = 0  # of what is copied, which mostly follows each other
    for member in members:
        start, end = (0, 0) if member.built else same[member.place.real_path]
        if look and start != last:
            writer.copy(look, first, last)
            first = start
        starts.append(len(writer.paths) + start - first)
        last = end
        if member.built:
            _add_bundle(writer, member, member.built.inputs)
            first = last = 0
    if look:
        writer.copy(look, first, last)
    return _scan(writer, output, files, look, starts, outer_count)


def edited_scan(
    output: Path,
    look: Look,
    made: Mapping[int, Member],
    files: SiteFiles,
    scanned_ns: int,
) -> Scan:
    """The scan of a build that is done and looked at the bundles *made* alone, by their number."""
    writer, before = _Writer(scanned_ns), look.scan
    starts, done, numbered = array("I"), 0, 0
    for number, member in sorted(made.items()):
        starts.extend(_moved(before.starts[numbered:number], len(writer.paths) - done))
        writer.copy(look, done, before.starts[number])
        starts.append(len(writer.paths))
        assert member.built is not None
        _add_bundle(writer, member, member.built.inputs)
        numbered = number + 1
        done = before.outputs if numbered == len(before.starts) else before.starts[numbered]
    starts.extend(_moved(before.starts[numbered:], len(writer.paths) - done))
    writer.copy(look, done, before.outputs)
    return _scan(writer, output, files, look, starts, before.outer)


def _moved(starts: array[int], by: int) -> array[int]:
    return array("I", [start + by for start in starts]) if by else starts


def _scan(
    writer: _Writer,
    output: Path,
    files: SiteFiles,
    look: Look | None,
    starts: array[int],
    outer_count: int,
) -> Scan:
    """What was written of inputs, and the outputs behind it."""
    outputs = len(writer.paths)
    paths, stats = _outputs(output, files, look)
    writer.paths += paths
    writer.stats += stats
    return Scan(
        scan_name(os.fspath(output)),
        writer.paths,
        bytes(writer.stats),
        writer.young,
        starts,
        outer_count,
        outputs,
    )


def _add_bundle(writer: _Writer, member: Member, inputs: Mapping[str, InputFile]) -> None:
    assert member.built is not None
    bundle, real = member.built.plan.bundle, member.place.real_path
    for folder in bundle.folders:
        writer.add(f"{real}/{folder.path}" if folder.path else real, folder, None)
    for file in (file for files in bundle.files.values() for file in files):
        writer.add(f"{real}/{file.path}", file, inputs[file.path].sha256)


def _after(one: BundleFile, own: set[str]) -> BundleFile:
    """A directory that holds the output or the cache as the build left it, if all else in it is as
    it was; else what never comes again.
    """
    names = {path.rpartition("/")[2] for path in own if path.rpartition("/")[0] == one.path}
    if not names or one.names is None:
        return one
    now = _names(one.path)
    if names_digest(set(now) - names) != names_digest(set(one.names) - names):
        return one._replace(size_bytes=-1)
    return _seen(one.path)


def _outputs(output: Path, files: SiteFiles, look: Look | None) -> tuple[list[bytes], bytes]:
    """The directories of the site and its manifest, and their stats: those that *look* saw, but of
    directories in which something was put or removed.
    """
    real = os.path.realpath(output)
    if look is None or files.last is None:
        paths = _output_paths(real, files.after)
        return paths, stats_of(paths)
    first, different = look.scan.outputs, [*files.changed, *files.removed]
    if not different:
        return list(look.scan.paths[first:]), look.stats[first * STAT_BYTES :]
    touched = [path for path in _output_paths(real, different) if os.path.lexists(path)]
    gone = {os.fsencode(f"{real}/{folder}") for folder in _folders(files.removed)}
    again = gone.union(touched)
    paths, stats = [], bytearray()
    start = first  # of what is copied
    for at in [at for at, path in enumerate(look.scan.paths[first:], first) if path in again]:
        paths += look.scan.paths[start:at]
        stats += look.stats[start * STAT_BYTES : at * STAT_BYTES]
        start = at + 1
    paths += look.scan.paths[start:]
    stats += look.stats[start * STAT_BYTES :]
    return [*paths, *touched], bytes(stats) + stats_of(touched)


def _output_paths(real: str, files: Iterable[str]) -> list[bytes]:
    """The directories of *files* of the site in *real*, and its manifest."""
    folders = sorted(_folders(files) | {""})
    paths = (f"{real}/{folder}" if folder else real for folder in folders)
    return [*map(os.fsencode, paths), os.fsencode(f"{real}/{MANIFEST}")]


def _folders(files: Iterable[str]) -> set[str]:
    """All directories on the way to *files*."""
    folders = {path.rpartition("/")[0] for path in files}
    return folders | {parent for folder in folders for parent in _parents(folder)}


def _seen(path: str) -> BundleFile:
    found = os.lstat(path)
    names = _names(path) if stat.S_ISDIR(found.st_mode) else None
    return BundleFile(
        path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, names
    )


def _names(folder: str) -> tuple[str, ...]:
    try:
        with os.scandir(folder) as entries:
            return tuple(entry.name for entry in entries)
    except OSError:
        return ()


def _parents(folder: str) -> Iterator[str]:
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        yield folder
