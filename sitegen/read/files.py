"""Opening files of a bundle: never through a symlink, never more bytes than the limits allow.

Floor 2. Everything under `read/` opens its inputs here and nowhere else. Compression is told by
the first bytes of the file, not by its name.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem, SitegenError

Report = Callable[[Problem], None]
"""Takes each problem as it is found."""

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_CHUNK = 1 << 20
_SMALL = 4_096
_PACKED_WELL = 64_000_000  # as much as one line may hold; real files are packed 10 to 100 to 1


class _Gzip(gzip.GzipFile):
    """A gzip file that knows how small it is."""

    packed_bytes = 0


class _Zstd:
    """A zstd file that knows how small it is."""

    def __init__(self, decoded: Any, packed_bytes: int) -> None:
        self.read = decoded.read
        self.packed_bytes = packed_bytes


class FileError(SitegenError):
    """A file that cannot be opened or read within the limits."""


def unreadable(path: str, message: str, *, hint: str) -> Problem:
    """The problem `file-unreadable`; *hint* says what of the file is there all the same."""
    return Problem(code="file-unreadable", severity="error", path=path, message=message, hint=hint)


def open_file(root: Path, path: str) -> BinaryIO:
    """The regular file *path* below *root*, open for reading.

    Raises:
        FileError: if it is missing, a symlink, a device or unreadable.
    """
    descriptor, _ = _opened(root, path)
    return os.fdopen(descriptor, "rb")


def _opened(root: Path, path: str) -> tuple[int, int]:
    """Descriptor and size in bytes of the regular file; see `open_file`."""
    try:
        descriptor = os.open(
            os.path.join(root, path),  # noqa: PTH118  # a third of the time for 10,000 files
            os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC,
        )
    except OSError as error:
        if error.errno == errno.ELOOP or (root / path).is_symlink():
            raise FileError("is a symbolic link; expected a regular file", path=path) from error
        raise FileError(f"cannot be opened: {error.strerror}", path=path) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise FileError("is not a regular file", path=path)
    return descriptor, found.st_size


def read_bytes(root: Path, path: str, limit_bytes: int) -> bytes:
    """The whole content of a small file.

    Raises:
        FileError: see `open_file`; also beyond *limit_bytes*.
    """
    descriptor, size_bytes = _opened(root, path)  # a file object takes as long as all of this
    most = min(max(size_bytes, _SMALL), limit_bytes) + 1
    content = b""
    try:
        while len(content) <= limit_bytes and (piece := os.read(descriptor, most)):
            content += piece
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", path=path) from error
    finally:
        os.close(descriptor)
    if len(content) > limit_bytes:
        raise FileError(f"is larger than the limit of {limit_bytes:,} bytes", path=path)
    return content


@contextmanager
def open_decoded(root: Path, path: str) -> Iterator[BinaryIO]:
    """The file's bytes with gzip or zstd undone; read them through `chunks` to stay bounded.

    Raises:
        FileError: see `open_file`.
    """
    with open_file(root, path) as stream:
        magic = stream.read(4)
        stream.seek(0)
        if magic.startswith(GZIP_MAGIC):
            with _Gzip(fileobj=stream, mode="rb") as unpacked:
                unpacked.packed_bytes = os.fstat(stream.fileno()).st_size
                yield cast("BinaryIO", unpacked)
        elif magic == ZSTD_MAGIC:
            import pyarrow as pa  # heavy; only for zstd, which Python 3.11 cannot undo

            source = pa.PythonFile(stream, mode="r")
            with pa.CompressedInputStream(source, "zstd") as decoded:
                yield cast("BinaryIO", _Zstd(decoded, os.fstat(stream.fileno()).st_size))
        else:
            yield stream


def chunks(
    stream: BinaryIO, path: str, limits: Limits, *, most_bytes: int = _CHUNK
) -> Iterator[bytes]:
    """The decoded bytes in pieces of about *most_bytes*, `limits.decoded_bytes` in all; of a
    compressed file at most `limits.decoded_ratio` times its size (64 MB are always read).

    Raises:
        FileError: at the place where the compressed data breaks off or the limit is passed; what
            came before has been yielded.
    """
    total = 0
    packed_bytes = getattr(stream, "packed_bytes", None)
    allowed_bytes = limits.decoded_bytes
    if packed_bytes is not None:
        allowed_bytes = min(allowed_bytes, max(_PACKED_WELL, limits.decoded_ratio * packed_bytes))
    while True:
        chunk, fault = _piece(stream, most_bytes)
        total += len(chunk)
        if limits.decoded_bytes > allowed_bytes and total > allowed_bytes:
            raise FileError(
                f"decodes to {total:,} bytes and more from {packed_bytes:,}: beyond the limit of"
                f" {limits.decoded_ratio} to 1",
                path=path,
            )
        if total > limits.decoded_bytes:
            raise FileError(
                f"decodes to more than the limit of {limits.decoded_bytes:,} bytes", path=path
            )
        if chunk:
            yield chunk
        if fault is not None:
            raise FileError(f"breaks off after {total:,} bytes: {fault}", path=path) from fault
        if not chunk:
            return


def _piece(stream: BinaryIO, size_bytes: int) -> tuple[bytes, Exception | None]:
    """About *size_bytes*, and the fault that ended it early.

    What a cut gzip file holds before the cut is lost by one large `read`, not by small ones.
    """
    collected = bytearray()
    try:
        if not isinstance(stream, gzip.GzipFile):
            return bytes(stream.read(size_bytes)), None
        while len(collected) < size_bytes and (part := stream.read1()):
            collected += part
    except (OSError, EOFError, ValueError, zlib.error) as error:
        return bytes(collected), error
    return bytes(collected), None


def file_sha256(root: Path, path: str) -> str:
    """Hex SHA-256 of the file's content.

    Raises:
        FileError: see `open_file`.
    """
    descriptor, size_bytes = _opened(root, path)
    digest = hashlib.sha256()
    try:
        while piece := os.read(descriptor, min(max(size_bytes, _SMALL) + 1, _CHUNK)):
            digest.update(piece)
    except OSError as error:
        raise FileError(f"cannot be read: {error.strerror}", path=path) from error
    finally:
        os.close(descriptor)
    return digest.hexdigest()
