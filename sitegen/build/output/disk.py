"""A disk that takes no more: an error of the output, not a fault of ours. Floor 6."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sitegen.errors import SitegenError

_REFUSALS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})


class DiskError(SitegenError):
    """A file system that refuses to be written."""


def refusal(error: OSError) -> DiskError | None:
    """What to tell of *error* if the disk refuses to be written; reading never fails so."""
    if error.errno not in _REFUSALS:
        return None
    return DiskError(
        f"the site cannot be written: {error.strerror}",
        hint="What was built before is as it was. Make room beside the output, where the new site"
        " is staged, and build again; --cache puts the cache elsewhere.",
    )


@contextmanager
def told_when_full(output: str) -> Iterator[None]:
    """Turns the refusal of a disk into an error that names *output*.

    Raises:
        DiskError: instead of an OSError of that kind.
    """
    try:
        yield
    except OSError as error:
        told = refusal(error)
        if told is None:
            raise
        raise DiskError(told.message, path=output, hint=told.hint) from error
    except DiskError as error:
        raise DiskError(error.message, path=output, hint=error.hint) from error
