"""A file of the site, as the last build wrote it. Floor 6."""

from __future__ import annotations

import msgspec


class OutputFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file of the site as it was written."""

    size_bytes: int
    sha256: str
