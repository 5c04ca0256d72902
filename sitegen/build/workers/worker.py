"""What runs in a worker process: tasks come in batches, each is answered as soon as it is done.

Floor 6. A worker ignores Ctrl-C, which goes to the whole group: the build ends its workers. It ends
by itself when the build is gone, so that none writes into a directory that the next build removes.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sitegen.build.output.disk import refusal
from sitegen.errors import SitegenError
from sitegen.records import dataclass

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

READY = "ready"
"""First word of a worker: it could be started, whatever comes later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The result of a task."""

    result: Any
    """What the function returned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A fault that stops the build."""

    error: SitegenError | None
    """What a user can mend; None for a fault of ours."""
    text: str
    """The exception in one line."""
    traceback: str
    """Where in the worker it was raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfMemory:
    """The task got no memory; the worker ends, since its heap is what it is."""


Answer = Done | Raised | OutOfMemory


def serve_tasks(connection: Connection) -> None:
    """Answer batches of (function, tasks) until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.freeze()  # as the build itself: looking through all that is kept takes a tenth
    gc.set_threshold(100_000, 50, 50)
    connection.send(READY)
    while True:
        try:
            function, tasks = connection.recv()
        except EOFError:
            return
        for task in tasks:
            said = answer(function, task)
            connection.send(said)
            if isinstance(said, OutOfMemory):
                return


def answer(function: Callable[[Any], Any], task: Any) -> Answer:
    """What came of one task."""
    try:
        return Done(result=function(task))
    except MemoryError:
        return OutOfMemory()
    except SitegenError as error:
        return Raised(error=error, text=str(error), traceback="")
    except OSError as error:
        full = refusal(error)
        text = str(full) if full else repr(error)
        return Raised(error=full, text=text, traceback=traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - raised again by the pool, with the bundle's name
        return Raised(error=None, text=repr(error), traceback=traceback.format_exc())


def _end_with_parent() -> None:
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
