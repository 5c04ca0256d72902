"""Building whenever something changed, in the process of `child`. Floor 7.

After a build as much time is left to what else the machine does as it took, at most five seconds: a
training that logs all the time must not be slowed down by being looked at.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress

import msgspec

from sitegen.serve.messages import Built, Failed, Going, Message
from sitegen.serve.project import Project
from sitegen.serve.runs import ServedRuns
from sitegen.serve.status import Status

_REST_S = 0.5
_MOST_REST_S = 5.0
_LINE_BYTES = 1 << 20
_DECODER = msgspec.json.Decoder(Message)
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from sitegen.serve.child import main; main(sys.argv[2])"
)
"""A process that finds the same modules as this one, whatever lies in the working directory."""
_DIED = Failed(
    message="the process that builds ended",
    hint="The terminal says why. It starts again when a run changes.",
)


class Builder:
    """Builds the site of a project as often as it is asked to, one build after the other."""

    def __init__(
        self, project: Project, status: Status, runs: ServedRuns, tell: Callable[[Message], None]
    ) -> None:
        """*tell* hears how each build ended, after *runs* and *status* know it."""
        self._project = project
        self._status = status
        self._runs = runs
        self._tell = tell
        self._wanted = asyncio.Event()
        self._process: Process | None = None

    def want(self) -> None:
        """Something changed: build as soon as that may be."""
        self._wanted.set()

    async def run(self) -> None:
        """Build until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                began_s = loop.time()
                said = await self._build()
                if isinstance(said, Failed) and said.is_busy:
                    self._wanted.set()
                rest_s = min(_MOST_REST_S, max(_REST_S, loop.time() - began_s))
                await asyncio.sleep(rest_s)
        finally:
            await self._stop()

    async def _build(self) -> Message:
        said = await self._asked()
        match said:
            case Built():
                await asyncio.to_thread(self._runs.refresh)  # 10,000 runs take a while
                self._status.built(said)
            case Failed():
                if said.is_busy:  # another server of the same runs, whose build serves us as well
                    return said
                self._status.fail(said)
            case _:
                pass
        self._tell(said)
        return said

    async def _asked(self) -> Message:
        """What comes of one build."""
        process = self._process or await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(ConnectionError):  # it died; the next line is the end of its output
            process.stdin.write(b"build\n")
            await process.stdin.drain()
        while line := await process.stdout.readline():
            said: Message = _DECODER.decode(line)
            if not isinstance(said, Going):
                return said
            self._status.building(said)
        await process.wait()
        self._process = None
        return _DIED

    async def _started(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _START, json.dumps(sys.path),
            msgspec.json.encode(self._project).decode(),
            stdin=PIPE, stdout=PIPE, limit=_LINE_BYTES,
            start_new_session=True,  # Ctrl-C is for this process, which ends that one
        )  # fmt: skip
        return self._process

    async def _stop(self) -> None:
        """End the process: its build is dropped, the site is as it was."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), _REST_S)
            except TimeoutError:
                process.kill()
                await process.wait()
