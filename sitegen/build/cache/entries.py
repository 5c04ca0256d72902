"""What earlier builds derived, kept by the digest of everything it depends on.

Floor 6. One file an entry, its content behind the SHA-256 of its key and itself: an entry that was
cut, changed, moved or written by another version is not there. Safe to delete at any time.
`retention` says what is kept.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sitegen.errors import SitegenError

_DIGEST_BYTES = 32


class CacheError(SitegenError):
    """A cache directory that cannot be used."""


class Cache:
    """Entries by kind and key below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def get(self, kind: str, key: str) -> bytes | None:
        """The entry's content, None if there is none that is whole."""
        path = self._path(kind, key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, body = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        return body if _digest(kind, key, body) == digest else None

    def stamp(self, kind: str, key: str) -> tuple[int, int] | None:
        """What tells the entry from a later one: its inode and time; None if there is none."""
        try:
            found = self._path(kind, key).lstat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def put(self, kind: str, key: str, content: bytes) -> None:
        """Keep *content*; a full disk only means that it is not kept."""
        path = self._path(kind, key)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.unlink(missing_ok=True)
            _write_new(partial, _digest(kind, key, content) + content)
            os.replace(partial, path)
        except OSError:
            partial.unlink(missing_ok=True)

    def remove(self, kind: str, key: str) -> None:
        """Forget the entry."""
        path = self._path(kind, key)
        if not path.is_dir():  # which is none of ours and holds no entry
            path.unlink(missing_ok=True)

    def _path(self, kind: str, key: str) -> Path:
        return self._directory / kind / key[:2] / key

    def touch(self, kind: str, key: str) -> None:
        """Mark the entry as used now; one that is gone stays gone."""
        with suppress(OSError):
            os.utime(self._path(kind, key), follow_symlinks=False)

    def entries(self, kind: str) -> Iterator[tuple[int, int, str]]:
        """When each entry was last used, its bytes and its file; rests of killed builds too."""
        for folder in _listed(self._directory / kind):
            for entry in _listed(folder.path) if folder.is_dir(follow_symlinks=False) else ():
                with suppress(OSError):  # another build may have dropped it
                    stat = entry.stat(follow_symlinks=False)
                    yield stat.st_mtime_ns, stat.st_size, entry.path


def _digest(kind: str, key: str, content: bytes) -> bytes:
    """SHA-256 over the entry's name, too: what was kept under another key is not this one."""
    digest = hashlib.sha256(f"{kind}/{key}\n".encode())
    digest.update(content)
    return digest.digest()


def _listed(folder: Path | str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def directory_key(directory: Path) -> str:
    """Key of what is remembered of *directory*, an output or a bundle."""
    return hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()


def _write_new(path: Path, content: bytes) -> None:
    """Write *path* unless something is there already; nothing is written through a link."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)


def _open_lock(path: Path) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags, 0o666), "r+b")


@contextmanager
def locked(directory: Path, output: Path) -> Iterator[None]:
    """Hold *output* for this build; builds of other outputs may share the cache.

    Raises:
        CacheError: if another build holds it, or the directory cannot be made.
    """
    import fcntl

    if directory.is_symlink():
        raise CacheError(
            "is a symbolic link; the cache is never written through one",
            path=str(directory),
            hint="Name the directory itself with --cache.",
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _write_new(directory / ".gitignore", b"*\n")
        stream = _open_lock(directory / f"lock-{directory_key(output)[:16]}")
    except OSError as error:
        raise CacheError(f"cannot be written: {error.strerror}", path=str(directory)) from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CacheError(
                f"another build is writing {output}",
                path=str(directory),
                hint="Wait until it is done, or give this one its own output or --cache.",
            ) from error
        yield
