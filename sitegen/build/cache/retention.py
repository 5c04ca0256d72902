"""What of the cache is kept: entries in use, those of the last 30 builds, and at most 2 GB.

Floor 6. The time of an entry is that of its last use. Looking at all entries costs a stat each, so
it is done at every tenth build: what the site still stands on is marked as used then, though no
build had to open it, and what nobody used since the look 30 builds ago goes. Outputs that share
a cache mark their own entries, so that one does not drop what another uses.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from sitegen.build.cache.entries import Cache, directory_key
from sitegen.build.cache.parts import COMPARISONS, SHARES
from sitegen.build.cache.parts import KIND as PARTS

LOOK_EVERY = 10
"""Builds between two looks."""
KEPT_BUILDS = 30
"""Builds that an entry outlives without being used."""
KEPT_BYTES = 2_000_000_000
"""Most bytes of all entries."""
_LOOKS = "looks"


def is_due(number: int) -> bool:
    """Whether the build *number* looks for entries to drop."""
    return number % LOOK_EVERY == 0


def drop_unused(cache: Cache, output: Path, used: Iterable[str]) -> None:
    """Mark the entries *used* by the site in *output*, and drop those that no recent build used."""
    now_ns = time.time_ns()
    for key in used:
        cache.touch(PARTS, key)
    looks = _looks(cache, output)
    most = KEPT_BUILDS // LOOK_EVERY
    since_ns = looks[-most] if len(looks) >= most else 0
    cache.put(_LOOKS, directory_key(output), msgspec.msgpack.encode([*looks, now_ns][-most:]))
    left_bytes = KEPT_BYTES
    entries = [entry for kind in (PARTS, SHARES, COMPARISONS) for entry in cache.entries(kind)]
    for used_ns, size_bytes, path in sorted(entries, reverse=True):
        left_bytes -= size_bytes
        if used_ns < since_ns or left_bytes < 0:
            Path(path).unlink(missing_ok=True)


def _looks(cache: Cache, output: Path) -> list[int]:
    """When the cache was looked through for this output, oldest first."""
    content = cache.get(_LOOKS, directory_key(output))
    try:
        return msgspec.msgpack.decode(content, type=list[int]) if content else []
    except msgspec.MsgspecError:
        return []
