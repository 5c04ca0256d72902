"""What the last build of an output saw and wrote: the basis of the next one.

Floor 6. A typed msgpack file in the cache. It only saves work: without it, or if it cannot be
decoded or is of another version, everything is looked at again.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from sitegen.build.cache import Cache, directory_key
from sitegen.derive.card import Card
from sitegen.errors import Problem

STATE_FORMAT = 3


class InputFile(msgspec.Struct, frozen=True, array_like=True):
    """A file of a bundle as it was last seen."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    sha256: str


class OutputFile(msgspec.Struct, frozen=True, array_like=True):
    """A file of the site as it was written."""

    size_bytes: int
    sha256: str


class RunState(msgspec.Struct, kw_only=True):
    """One run of the last build."""

    wanted_id: str
    """Id that run.json or the place gives."""
    run_id: str
    """Id in the site."""
    run_key: str
    """Digest of everything the run's facts depend on."""
    page_key: str
    """Digest of everything its page depends on."""
    inputs: dict[str, InputFile]
    """Files of the bundle by path."""
    outputs: dict[str, OutputFile]
    """Data files and attachments by path in the site."""
    pages: dict[str, OutputFile]
    """Its page and its report by path in the site."""


class BuildState(msgspec.Struct, kw_only=True):
    """A whole build."""

    format: int
    number: int
    """How many builds this cache has seen of this output."""
    scanned_ns: int
    """When the inputs were scanned: a file as young as this may have changed since."""
    runs: dict[str, RunState]
    """Runs by the key of their directory."""
    pages: dict[str, tuple[str, OutputFile]]
    """Other pages by path: key and file."""
    files: dict[str, OutputFile]
    """Every file of the site by path, but its manifest."""


class RunCard(msgspec.Struct, frozen=True, array_like=True):
    """A run's card with all its problems, which the terminal shows."""

    card: Card
    problems: tuple[Problem, ...]
    used: tuple[str, ...]
    """Keys of the parts in the cache that it and its page are made from."""


def read_state(cache: Cache, output: Path) -> BuildState:
    """The state of the last build of *output*; an empty one if there is none that can be used."""
    content = cache.get("state", directory_key(output))
    if content is not None:
        try:
            state = msgspec.msgpack.decode(content, type=BuildState)
        except msgspec.MsgspecError:
            state = None
        if state is not None and state.format == STATE_FORMAT:
            return state
    return BuildState(format=STATE_FORMAT, number=0, scanned_ns=0, runs={}, pages={}, files={})


def write_state(cache: Cache, output: Path, state: BuildState) -> None:
    """Keep *state* for the next build."""
    cache.put("state", directory_key(output), msgspec.msgpack.encode(state))


def forget_state(cache: Cache, output: Path) -> None:
    """Forget the last build: from here on the output may be between it and the next."""
    cache.remove("state", directory_key(output))


def read_cards(cache: Cache, output: Path) -> dict[str, msgspec.Raw]:
    """Encoded `RunCard` of each run of the last build by run key; empty if it cannot be used."""
    content = cache.get("cards", directory_key(output))
    if content is None:
        return {}
    try:
        return msgspec.msgpack.decode(content, type=dict[str, msgspec.Raw])
    except msgspec.MsgspecError:
        return {}


def write_cards(cache: Cache, output: Path, cards: dict[str, msgspec.Raw]) -> None:
    """Keep the cards of this build."""
    cache.put("cards", directory_key(output), msgspec.msgpack.encode(cards))
