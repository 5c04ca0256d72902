"""Sidecars put into their folder and taken out of it: whole, on the disk, never through a link.

Floor 7. The folder is opened once, not followed if it is a link, and everything happens in what was
opened: whoever puts a link in its place meanwhile changes nothing about where the file lies.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sitegen.errors import SitegenError
from sitegen.sdk.annotations import new_ulid

_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK}
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def create_file(path: Path, text: str) -> None:
    """Write the new file *path*, and its folder if it is not there.

    Raises:
        SitegenError: if a file of that name is there, or the folder is a link.
    """
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    with _held(path.parent, creates=True) as folder, _beside(folder, path.name, text) as beside:
        try:  # unlike a rename it replaces nothing
            os.link(beside, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except FileExistsError as error:
            raise SitegenError("is there already", path=str(path)) from error
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _write_exclusively(folder, path, text)
        os.fsync(folder)


def replace_file(path: Path, text: str) -> None:
    """Write *text* to *path* in one step: a reader sees the old or the new file.

    Raises:
        SitegenError: if the folder is a link.
    """
    with _held(path.parent) as folder, _beside(folder, path.name, text) as beside:
        os.replace(beside, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def remove_file(path: Path) -> None:
    """Delete *path*.

    Raises:
        SitegenError: if the folder is a link.
    """
    with _held(path.parent) as folder:
        os.unlink(path.name, dir_fd=folder)
        os.fsync(folder)


@contextmanager
def _held(folder: Path, *, creates: bool = False) -> Iterator[int]:
    """A descriptor of *folder*, which is no link."""
    above = os.open(folder.parent, _DIRECTORY)
    try:
        if creates:
            with suppress(FileExistsError):
                os.mkdir(folder.name, dir_fd=above)
        here = os.open(folder.name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    except OSError as error:
        if error.errno not in {errno.ELOOP, errno.ENOTDIR}:
            raise
        what = "a symbolic link" if folder.is_symlink() else "not a directory"
        raise SitegenError(f"is {what}", path=str(folder)) from error
    finally:
        os.close(above)
    try:
        yield here
    finally:
        os.close(here)


@contextmanager
def _beside(folder: int, name: str, text: str) -> Iterator[str]:
    """The name of a file beside *name* that holds *text*, on the disk; it is gone afterwards."""
    beside = f".{name}.{new_ulid()}"
    try:
        _write(os.open(beside, _NEW, 0o666, dir_fd=folder), text)
        yield beside
    finally:
        with suppress(FileNotFoundError):  # put in place, or never made
            os.unlink(beside, dir_fd=folder)


def _write_exclusively(folder: int, path: Path, text: str) -> None:
    """Write the new file *path* where the disk has no hard links; a kill may leave half of it."""
    try:
        descriptor = os.open(path.name, _NEW, 0o666, dir_fd=folder)
    except FileExistsError as error:
        raise SitegenError("is there already", path=str(path)) from error
    try:
        _write(descriptor, text)
    except OSError:
        os.unlink(path.name, dir_fd=folder)
        raise


def _write(descriptor: int, text: str) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
