"""What an archive holds, by name and size: nothing is unpacked, no member is opened.

Floor 2. ZIP by its central directory (APPNOTE 4.3), tar by its headers, plain or compressed; of a
compressed tar at most `limits.archive_bytes` are decoded. Names are text for people, never paths.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, cast

from sitegen.bundle.limits import Limits
from sitegen.read.content import ListingContent
from sitegen.read.documents.tables import cut_cell
from sitegen.units import bytes_text, plural

_DIRECTORY_BYTES = 64_000_000
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_END_BYTES = 65_557 + 20 + 56
_METHODS = {
    0: "stored",
    8: "deflate",
    9: "deflate64",
    12: "bzip2",
    14: "lzma",
    93: "zstd",
    95: "xz",
}
_TAR_FAULTS = (tarfile.TarError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)
_KINDS = {tarfile.SYMTYPE: "symbolic link", tarfile.LNKTYPE: "hard link", tarfile.DIRTYPE: "folder"}
COLUMNS = (("name", "text"), ("size", "bytes"), ("packed", "bytes"), ("kind", "text"),
           ("modified", "text"))  # fmt: skip
Row = tuple[str | None, ...]


class ArchiveError(Exception):
    """An archive that cannot be read at all; its text says why."""


def is_archive(head: bytes, suffixes: str) -> bool:
    """Whether a file of these last two *suffixes* that begins with *head* is listed here."""
    if head.startswith((b"PK\x03\x04", _END)) or head[257:262] == b"ustar":
        return True
    return _opener(head) is not None and suffixes.endswith(
        (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst")
    )


def read_archive(stream: BinaryIO, head: bytes, size_bytes: int, limits: Limits) -> ListingContent:
    """Its members.

    Raises:
        ArchiveError: if it cannot be read at all.
    """
    if head.startswith((b"PK\x03\x04", _END)):
        return _zip(stream, size_bytes, limits)
    return _tar(stream, head, limits)


def _zip(stream: BinaryIO, size_bytes: int, limits: Limits) -> ListingContent:
    count, length, offset = _zip_directory(stream, size_bytes)
    if length > _DIRECTORY_BYTES:
        raise ArchiveError(f"its directory of {bytes_text(length)} is too large")
    stream.seek(offset)
    members = list(_zip_members(stream.read(length), limits.archive_entries))
    unpacked = sum(int(row[1] or 0) for row in members)
    packed = sum(int(row[2] or 0) for row in members)
    notes = ["A member may unpack to over a hundred times its size."] if (
        unpacked > 100 * max(1, packed) and unpacked > 1_000_000
    ) else []  # fmt: skip
    if any(row[-1] for row in members):
        notes.append("Members that are encrypted are marked.")
    return _listing([row[:-1] for row in members], count, unpacked, limits, notes, fault=None)


def _zip_directory(stream: BinaryIO, size_bytes: int) -> tuple[int, int, int]:
    """Number of members, bytes and place of the central directory."""
    start = max(0, size_bytes - _END_BYTES)
    stream.seek(start)
    tail = stream.read(_END_BYTES)
    at = tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise ArchiveError("it has no directory: it may be cut off")
    count, length, offset = struct.unpack_from("<HII", tail, at + 10)
    wide = tail.rfind(_END_64, 0, at)
    if 0xFFFFFFFF in {length, offset} or count == 0xFFFF:
        if wide < 0 or wide + 56 > len(tail):
            raise ArchiveError("its 64-bit directory cannot be found")
        count, length, offset = struct.unpack_from("<QQQ", tail, wide + 32)
    if offset + length > size_bytes:
        raise ArchiveError("its directory lies outside of it")
    return count, length, offset


def _zip_members(directory: bytes, most: int) -> Iterator[Row]:
    """(name, size, packed, kind, modified, mark of encryption) of the first members."""
    at = 0
    for _ in range(most):
        if directory[at : at + 4] != b"PK\x01\x02" or at + 46 > len(directory):
            return
        flags, method, clock, date = struct.unpack_from("<4H", directory, at + 8)
        packed, size, name_length, extra, comment = struct.unpack_from("<2I3H", directory, at + 20)
        raw = directory[at + 46 : at + 46 + name_length]
        field = directory[at + 46 + name_length : at + 46 + name_length + extra]
        size, packed = _wide_sizes(field, size, packed)
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        is_folder, is_hidden = name.endswith("/"), bool(flags & 1)
        kind = "folder" if is_folder else _METHODS.get(method, f"method {method}")
        yield (
            cut_cell(name), str(size), str(packed), f"{kind}, encrypted" if is_hidden else kind,
            _dos_time(date, clock), "yes" if is_hidden else None,
        )  # fmt: skip
        at += 46 + name_length + extra + comment


def _wide_sizes(field: bytes, size: int, packed: int) -> tuple[int, int]:
    """The sizes of the extra field 0x0001, where the fixed ones are full."""
    at = 0
    while at + 4 <= len(field):
        name, length = struct.unpack_from("<2H", field, at)
        if name == 1:
            values = iter(struct.iter_unpack("<Q", field[at + 4 : at + 4 + length // 8 * 8]))
            if size == 0xFFFFFFFF:
                size = next(values, (size,))[0]
            if packed == 0xFFFFFFFF:
                packed = next(values, (packed,))[0]
        at += 4 + length
    return size, packed


def _dos_time(date: int, clock: int) -> str | None:
    try:
        when = datetime(
            1980 + (date >> 9), date >> 5 & 15, date & 31, clock >> 11, clock >> 5 & 63, tzinfo=UTC
        )
    except ValueError:
        return None
    return None if when.year == 1980 else when.strftime("%Y-%m-%d %H:%M")


class _Bounded:
    """A stream that ends with an error after so many bytes."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._most = most
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """At most 1 MB of what comes."""
        content = self._stream.read(min(size if size >= 0 else 1 << 20, 1 << 20))
        self.read_bytes += len(content)
        if self.read_bytes > self._most:
            raise ArchiveError(f"reading stopped after {bytes_text(self._most)} unpacked")
        return content


def _opener(head: bytes) -> str | None:
    marks = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
    return next((name for mark, name in marks.items() if head.startswith(mark)), None)


def _decoded(stream: BinaryIO, head: bytes) -> BinaryIO:
    match _opener(head):
        case "gzip":
            return cast("BinaryIO", gzip.GzipFile(fileobj=stream))
        case "bzip2":
            return cast("BinaryIO", bz2.BZ2File(stream))
        case "xz":
            return cast("BinaryIO", lzma.LZMAFile(stream))
        case "zstd":
            import pyarrow as pa

            source = pa.PythonFile(stream, mode="r")
            return cast("BinaryIO", pa.CompressedInputStream(source, "zstd"))
    return stream


def _tar(stream: BinaryIO, head: bytes, limits: Limits) -> ListingContent:
    rows: list[Row] = []
    count = unpacked = 0
    fault = None
    bounded = _Bounded(_decoded(stream, head), limits.archive_bytes)
    try:
        with tarfile.open(fileobj=cast("BinaryIO", bounded), mode="r|", bufsize=1 << 16) as archive:
            for member in archive:
                archive.members.clear()  # type: ignore[attr-defined]  # it keeps every member else
                count += 1
                unpacked += max(0, member.size)
                if len(rows) < limits.archive_entries:
                    rows.append(_tar_row(member))
    except ArchiveError as error:
        fault = f"{str(error)[:1].upper()}{str(error)[1:]}."
    except _TAR_FAULTS as error:
        if not rows:
            raise ArchiveError("it cannot be read as tar") from error
        fault = f"Reading stopped after {plural(count, 'member')}: it may be cut off."
    return _listing(rows, count, unpacked, limits, [], fault=fault)


def _tar_row(member: tarfile.TarInfo) -> Row:
    kind = _KINDS.get(member.type, "file" if member.isreg() else "other")
    if member.linkname:
        kind = cut_cell(f"{kind} to {member.linkname}")
    name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return cut_cell(name), str(member.size), None, kind, _unix_time(member.mtime)


def _unix_time(seconds: float) -> str | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M") if (
            seconds > 0
        ) else None  # fmt: skip
    except (ValueError, OverflowError, OSError):
        return None


def _listing(
    rows: list[Row], count: int, unpacked: int, limits: Limits, notes: list[str],
    *, fault: str | None,
) -> ListingContent:  # fmt: skip
    if count > len(rows) and len(rows) >= limits.archive_entries:
        notes.insert(0, f"The first {len(rows):,} of {plural(count, 'member')} are listed.")
        facts = plural(count, "member")
    else:
        facts = f"{plural(count, 'member')}, {bytes_text(unpacked)} unpacked"
    keep = [at for at in range(len(COLUMNS)) if at < 2 or any(row[at] for row in rows)]
    return ListingContent(
        noun="member", columns=tuple(COLUMNS[at] for at in keep),
        rows=tuple(tuple(row[at] for at in keep) for row in rows), row_count=count,
        facts=facts, notes=tuple(notes), fault=fault,
    )  # fmt: skip
