"""Tasks run side by side in processes; a process that dies costs the task that it was at.

Floor 6. Forked workers are unsafe once Arrow has threads, so they come from a fork server. The
standard library's pool breaks as a whole when one worker dies and cannot tell which task it was
at; here each worker has its own pipe. What a killed worker was at is tried again alone when all
else is done, since the system kills the largest process, not the one that is to blame; what fails
twice is `Lost`.

Memory is watched from outside, by the private resident bytes of each worker (Linux): RLIMIT_AS
counts addresses, of which Arrow's allocator and every thread reserve gigabytes that nobody uses,
and Linux does not enforce RLIMIT_RSS.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sitegen.build.workers.worker import (
    READY,
    Answer,
    Done,
    OutOfMemory,
    Raised,
    answer,
    serve_tasks,
)
from sitegen.records import dataclass

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Task = TypeVar("Task")
Result = TypeVar("Result")

_WATCH_S = 0.1
_MOST_STARTS = 5  # processes in a row that die before their first word
_BATCH = 32
_BATCH_BYTES = 64_000  # what takes as long as handing it out: some 0.2 ms
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class TaskError(RuntimeError):
    """A fault of ours in a task; says which bundle it was working on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What stands for the result of a task whose process died, or that got no memory."""

    reason: str
    """What became of the process: `was killed (SIGKILL)`."""


@dataclass(slots=True, kw_only=True)
class _Worker:
    """One process and what it is at."""

    process: Any
    """The process."""
    connection: Connection
    """Our end of its pipe."""
    batch: deque[int]
    """Numbers of the tasks it has, the first being worked on."""
    is_ready: bool = False
    """Whether it has said that it runs."""
    killed_for: str = ""
    """Why we ended it."""


def default_workers() -> int:
    """As many as there are cores for this process, at most eight."""
    return max(1, min(8, len(os.sched_getaffinity(0))))


def prepare_workers() -> None:
    """Begin to start what processes come from, which imports meanwhile what they need."""
    from multiprocessing import forkserver

    _context()
    forkserver.ensure_running()


@contextmanager
def worker_pool(most_bytes: int) -> Iterator[Pool]:
    """A pool whose processes start when they are needed and are gone afterwards.

    A process that holds more than *most_bytes* of memory for itself is ended.
    """
    pool = Pool(most_bytes)
    try:
        yield pool
    finally:
        pool.close()


class Pool:
    """Runs a function over tasks, here or in processes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()
        self._watched_s = 0.0
        self._failed_starts = 0

    @property
    def running(self) -> int:
        """Processes that there are."""
        return len(self._workers)

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        workers: int,
        name_of: Callable[[Task], str],
        size_of: Callable[[Task], int],
        on_done: Callable[[Task], None],
    ) -> list[Result | Lost]:
        """Results in the order of *tasks*, handed out by size, largest first.

        *on_done* is called as each is finished. Without workers all is done here, where nobody
        watches.
        """
        order = sorted(range(len(tasks)), key=lambda number: -size_of(tasks[number]))
        found: dict[int, Result | Lost] = {}

        def take(number: int, said: Answer) -> None:
            found[number] = _result(said, name_of(tasks[number]))
            on_done(tasks[number])

        if workers == 0:
            for number in order:
                take(number, answer(function, tasks[number]))
        else:
            sizes = [size_of(task) for task in tasks]
            suspects = self._round(function, tasks, sizes, deque(order), workers, take)
            for number in sorted(suspects):
                self.stop()  # alone, in a new process
                again = self._round(function, tasks, sizes, deque([number]), 1, take)
                if again:
                    found[number] = Lost(reason=again[number])
                    on_done(tasks[number])
        return [found[number] for number in range(len(tasks))]

    def stop(self) -> None:
        """End all processes now."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            self._selector.unregister(worker.connection)
            worker.connection.close()
            worker.process.join(timeout=1)
        self._workers.clear()

    def close(self) -> None:
        """End all processes, and the pool."""
        self.stop()
        self._selector.close()

    def _round(
        self,
        function: Callable[[Any], Any],
        tasks: Sequence[Any],
        sizes: Sequence[int],
        waiting: deque[int],
        most: int,
        take: Callable[[int, Answer], None],
    ) -> dict[int, str]:
        """Work until nothing waits; the tasks whose worker died, and what became of it."""
        suspects: dict[int, str] = {}
        while waiting or any(worker.batch for worker in self._workers):
            self._hand_out(function, tasks, sizes, waiting, most)
            for key, _ in self._selector.select(timeout=_WATCH_S):
                worker: _Worker = key.data
                said = _received(worker)
                if isinstance(said, Done | Raised):
                    take(worker.batch.popleft(), said)
                elif said != READY:
                    reason = self._buried(worker, said)
                    if worker.batch and worker.is_ready:
                        suspects[worker.batch.popleft()] = reason
                    waiting.extendleft(reversed(worker.batch))
            self._watch()
        return suspects

    def _hand_out(
        self,
        function: Callable[[Any], Any],
        tasks: Sequence[Any],
        sizes: Sequence[int],
        waiting: deque[int],
        most: int,
    ) -> None:
        """Give every idle process what waits: one large task, or some small ones."""
        busy = sum(bool(worker.batch) for worker in self._workers)
        while len(self._workers) < min(most, busy + len(waiting)):
            self._workers.append(worker := _started())
            self._selector.register(worker.connection, selectors.EVENT_READ, worker)
        for worker in self._workers[:most]:
            if worker.batch or not waiting:
                continue
            share = min(_BATCH, max(1, len(waiting) // (4 * most)))
            while waiting and len(worker.batch) < share:
                worker.batch.append(waiting.popleft())
                if sizes[worker.batch[-1]] > _BATCH_BYTES:
                    break
            try:
                worker.connection.send((function, [tasks[number] for number in worker.batch]))
            except OSError:
                continue  # it died while it had nothing to do; `_round` finds it

    def _buried(self, worker: _Worker, said: OutOfMemory | None) -> str:
        """What became of *worker*, which is no longer one of ours."""
        self._workers.remove(worker)
        self._selector.unregister(worker.connection)
        worker.process.join(timeout=5)
        worker.connection.close()
        code = worker.process.exitcode or 0
        self._failed_starts = 0 if worker.is_ready else self._failed_starts + 1
        if self._failed_starts == _MOST_STARTS:
            raise TaskError(f"no worker can be started: the last one {_end_text(code)}")
        if isinstance(said, OutOfMemory):
            return "got no more memory from the system"
        return worker.killed_for or _end_text(code)

    def _watch(self) -> None:
        """End processes that hold too much memory."""
        now_s = time.monotonic()
        if now_s - self._watched_s < _WATCH_S:
            return
        self._watched_s = now_s
        for worker in self._workers:
            if worker.batch and _private_bytes(worker.process.pid) > self._most_bytes:
                limit = f"{self._most_bytes:,}"
                worker.killed_for = f"was ended: it held more than {limit} bytes of memory"
                worker.process.kill()


def _context() -> Any:
    import multiprocessing  # most builds of a few changed runs start no process

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sitegen.build.parts", "sitegen.build.steps.pages"])
    return context


def _started() -> _Worker:
    context = _context()
    ours, theirs = context.Pipe()
    process = context.Process(target=serve_tasks, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # else its death would not be the end of the pipe
    return _Worker(process=process, connection=ours, batch=deque())


def _received(worker: _Worker) -> Any:
    """What the worker says next; None if it is gone."""
    try:
        said = worker.connection.recv()
    except (EOFError, OSError):
        return None
    worker.is_ready = True
    return said


def _result(said: Answer, name: str) -> Any:
    match said:
        case Done():
            return said.result
        case OutOfMemory():
            return Lost(reason="got no more memory from the system")
        case Raised():
            if said.error is not None:
                raise said.error
            error = TaskError(f"while working on {name}: {said.text}")
            error.add_note(said.traceback)
            raise error


def _end_text(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was killed ({signal.Signals(-code).name})"
    except ValueError:
        return f"was killed (signal {-code})"


def _private_bytes(pid: int) -> int:
    """Resident bytes of the process that it shares with no file; 0 if they cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
