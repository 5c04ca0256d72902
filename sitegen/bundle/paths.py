"""Paths and names: the one check that a path stays inside its root, and slugs that are safe names.

Floor 1. `resolve_inside` is the only way from a relative path found in input to a path on disk. It
exists because string checks failed over and over elsewhere (backslashes, %2e, drives, symlinks).
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from sitegen.errors import SitegenError

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH = 48
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_KEPT_SLUGS = 1 << 15  # of a run it is asked for some twenty times


class PathError(SitegenError):
    """A relative path that does not stay inside its root, or is no regular file there."""


def check_relative(relative: str) -> None:
    """Nothing, if *relative* is a plain '/'-joined path downwards on every platform.

    Raises:
        PathError: if it is empty, absolute in the POSIX or the Windows sense, holds a backslash, a
            colon, a control character or a `..` part, or a part that ends in a dot or a space.
    """
    parts = relative.split("/")
    if (
        not relative
        or "\\" in relative
        or ":" in relative
        or _CONTROL.search(relative)
        or PurePosixPath(relative).is_absolute()
        or PureWindowsPath(relative).drive
        or PureWindowsPath(relative).root
        or any(part in {"", ".", ".."} or part != part.rstrip(". ") for part in parts)
    ):
        raise PathError(f"{relative!r} is not a path inside the bundle")


def resolve_inside(root: Path, relative: str) -> Path:
    """The file *relative* below *root*, proven to lie there with no symlink on the way.

    Raises:
        PathError: see `check_relative`; also if any part below *root* is a symlink.
    """
    check_relative(relative)
    path = os.path.realpath(root)
    for part in relative.split("/"):
        path = os.path.join(path, part)
        if os.path.islink(path):
            raise PathError(f"{relative!r} leads through a symbolic link")
    return Path(path)


@lru_cache(_KEPT_SLUGS)
def slug(identity: str) -> str:
    """`words-of-the-id-3fa9c1d2e0`: lower-case ASCII, unique also where case is not kept.

    The last ten digits are of the SHA-256 of *identity*; names such as CON or NUL cannot arise.
    """
    words = slug_words(identity)
    return f"{words}-{sha10(identity)}" if words else sha10(identity)


def slug_words(identity: str) -> str:
    """The readable part of a slug, at most 48 characters; empty if nothing of *identity* is
    ASCII.
    """
    plain = unicodedata.normalize("NFKD", identity).encode("ascii", "ignore").decode().lower()
    return _NOT_SLUG.sub("-", plain).strip("-")[:_SLUG_LENGTH].strip("-")


def sha10(text: str) -> str:
    """The first ten hex digits of the SHA-256 of *text* (40 bits: no clash expected below 10^5
    runs).
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
