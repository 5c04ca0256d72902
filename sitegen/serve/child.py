"""The process that builds: one build for each line that it is sent, until its input ends.

Floor 7. A process of its own, since a build keeps Python busy for seconds while pages are asked
for, and since it can be stopped at any moment: a build is whole or not at all. It stays, so that
what it imported is there for the next build.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import msgspec

from sitegen.build.cache.entries import CacheError
from sitegen.build.site import build_site
from sitegen.errors import SitegenError
from sitegen.serve.messages import MOST_NAMED, Built, Failed, Going, Message
from sitegen.serve.project import Project

_EVERY_S = 0.5


class _Told:
    """A `Progress` that sends what it is told, at most twice a second."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._at = Going(stage="", total=0, done=0)
        self._sent_s = time.monotonic()  # a short build is over before anybody needs to know

    def stage(self, name: str, total: int) -> None:
        """A stage begins."""
        self._at = Going(stage=name, total=total, done=0)
        self._send()

    def step(self, name: str) -> None:
        """A step is done."""
        del name
        self._at = Going(stage=self._at.stage, total=self._at.total, done=self._at.done + 1)
        self._send()

    def _send(self) -> None:
        now_s = time.monotonic()
        if now_s - self._sent_s >= _EVERY_S:
            self._sent_s = now_s
            _say(self._out, self._at)


def main(project_text: str) -> None:
    """Build the project that *project_text* is, as often as a line comes."""
    signal.signal(signal.SIGTERM, _interrupt)
    project = msgspec.json.decode(project_text, type=Project)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between the messages
    try:
        for number, _ in enumerate(sys.stdin.buffer):
            _say(out, _built(project, number, out))
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(130)  # the site is whole; nobody reads what would be said


def _built(project: Project, number: int, out: BinaryIO) -> Message:
    attic = project.attic(number)
    try:
        shutil.rmtree(attic, ignore_errors=True)
        now = project.settled()
        result = build_site(
            now.roots,
            project.output,
            now.settings,
            workers=project.workers,
            progress=_Told(out),
            cache_directory=Path(project.cache),
            attic=attic,
        )
    except CacheError as error:
        return Failed(message=str(error), hint=error.hint, is_busy=True)
    except SitegenError as error:
        return Failed(message=str(error), hint=error.hint)
    derived = list(result.reasons)
    return Built(
        seconds=round(result.seconds, 3),
        runs=result.run_count,
        derived=derived[:MOST_NAMED],
        derived_count=len(derived),
        changed=result.written.changed + result.written.removed,
        errors=result.problem_errors,
        warnings=result.problem_warnings,
    )


def _say(out: BinaryIO, message: Message) -> None:
    out.write(msgspec.json.encode(message) + b"\n")
    out.flush()


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
