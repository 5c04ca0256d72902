"""What the process that builds tells the one that serves: JSON, one message a line. Floor 7."""

from __future__ import annotations

import msgspec

MOST_NAMED = 20
"""Runs that are named of those that were derived; a first build may derive thousands."""


class Going(msgspec.Struct, frozen=True, kw_only=True, tag="going", tag_field="kind"):
    """A build is at a stage."""

    stage: str
    """Its name."""
    total: int
    """Steps of it; 0 if their number is not known."""
    done: int
    """Steps that are done."""


class Built(msgspec.Struct, frozen=True, kw_only=True, tag="built", tag_field="kind"):
    """A build is done."""

    seconds: float
    """How long it took."""
    runs: int
    """Runs in the site."""
    derived: list[str]
    """Ids of the runs that were read again, at most `MOST_NAMED`."""
    derived_count: int
    """How many they are."""
    changed: int
    """Files of the site that changed."""
    errors: int
    """Problems of severity error."""
    warnings: int
    """Problems of severity warning."""


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed", tag_field="kind"):
    """A build could not be done; the site is as it was."""

    message: str
    """What is wrong and where."""
    hint: str | None
    """What to do about it."""
    is_busy: bool = False
    """Whether another process is writing the same site, so that it may go well soon."""


Message = Going | Built | Failed
