"""What pages are told of the builds; a change wakes those that wait for it. Floor 7."""

from __future__ import annotations

import asyncio
import time
from dataclasses import field, replace
from typing import Literal

from sitegen.records import dataclass
from sitegen.serve.messages import Built, Failed, Going

Phase = Literal["building", "ready", "failed"]
_MOST_LOG = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedBuild:
    """One build that changed something, or failed."""

    at_ms: int
    """When it ended, in ms since the epoch."""
    text: str
    """What it did, in a sentence."""
    is_bad: bool
    """Whether it failed."""
    subject: str
    """The runs that it read, or what is wrong."""
    times: int = 1
    """How many builds in a row were about this; the others are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The builds at one moment."""

    version: int = 0
    """Grows with every change."""
    phase: Phase = "building"
    """What is going on."""
    going: Going | None = None
    """How far the build is, None if none runs or it is not known."""
    failed: Failed | None = None
    """Why the last build could not be done; None if it was."""
    watching: str = ""
    """How changes are found; a sentence if it is not as it should be."""
    log: tuple[LoggedBuild, ...] = ()
    """The latest builds, newest first."""


@dataclass(slots=True)
class Status:
    """The builds now, for as many pages as wait."""

    now: Snapshot = field(default_factory=Snapshot)
    """What is."""
    is_ending: bool = False
    """Whether the server ends, so that nobody waits any more."""
    _waiting: set[asyncio.Event] = field(default_factory=set)
    """Of each page that waits, what wakes it."""

    def building(self, going: Going) -> None:
        """A build has gone on for a while, and this far."""
        self._set(replace(self.now, phase="building", going=going))

    def built(self, built: Built) -> None:
        """A build is done."""
        log = self.now.log
        if built.changed or built.derived_count or self.now.failed:
            log = _logged(log, ", ".join(built.derived), built_text(built), is_bad=False)
        self._set(replace(self.now, phase="ready", going=None, failed=None, log=log))

    def fail(self, failed: Failed) -> None:
        """A build could not be done."""
        log = self.now.log
        if self.now.failed != failed:
            log = _logged(log, failed.message, failed.message, is_bad=True)
        self._set(replace(self.now, phase="failed", going=None, failed=failed, log=log))

    def watch(self, text: str) -> None:
        """How changes are found."""
        self._set(replace(self.now, watching=text))

    def end(self) -> None:
        """The server ends: let go of all who wait."""
        self.is_ending = True
        self._wake()

    async def changed(self, seen: int, most_s: float) -> Snapshot:
        """What is, once it is not what version *seen* was, or after *most_s*."""
        if self.now.version == seen and not self.is_ending:
            event = asyncio.Event()
            self._waiting.add(event)
            try:
                await asyncio.wait_for(event.wait(), most_s)
            except TimeoutError:
                pass
            finally:
                self._waiting.discard(event)
        return self.now

    def _set(self, new: Snapshot) -> None:
        self.now = replace(new, version=self.now.version + 1)
        self._wake()

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()


def _logged(
    log: tuple[LoggedBuild, ...], subject: str, text: str, *, is_bad: bool
) -> tuple[LoggedBuild, ...]:
    """*log* with one build more; a run that is built over and over stands there once."""
    new = LoggedBuild(at_ms=time.time_ns() // 1_000_000, text=text, is_bad=is_bad, subject=subject)
    if log and (log[0].subject, log[0].is_bad) == (subject, is_bad):
        return (replace(new, times=log[0].times + 1), *log[1:])
    return (new, *log)[:_MOST_LOG]


def built_text(built: Built) -> str:
    """What a build did: `lr-3e-4 and 2 more, 12 files in 0.8 s`."""
    names = ", ".join(built.derived[:2])
    more = built.derived_count - min(2, len(built.derived))
    what = f"{names} and {more:,} more" if more else names
    files = f"{built.changed:,} {'file' if built.changed == 1 else 'files'}"
    return f"{what or 'pages'}: {files} in {built.seconds:.1f} s"
