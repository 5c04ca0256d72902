"""Which runs of this process have not ended, and how a process that ends takes them along.

An uncaught exception and `sys.exit` with a code make them failed, SIGTERM and SIGINT killed, the
end of the interpreter completed. Handlers of others are called as before; signals are touched in
the main thread only.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from sitegen.sdk.run import EndStatus, Run

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_current: ContextVar[Run | None] = ContextVar("sitegen_run", default=None)


class _Process:
    """The runs of this process and the hooks that it has set for them."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.handlers: dict[int, Any] = {}
        self.excepthook: Any = None
        self.exit: Any = None
        self.exit_code: object = None
        self.is_undisturbed = False
        self.waiting_signal: int | None = None
        self.is_hooked = False
        self.killed_by: int | None = None
        self.mutex = threading.RLock()


_process = _Process()


def current_run() -> Run | None:
    """The run that this context started last; in other threads the only one there is."""
    run = _current.get()
    while run is not None and run not in _process.runs:
        run = run.outer
    if run is None and len(_process.runs) == 1:
        return _process.runs[0]
    return run


def run_of_context() -> Run | None:
    """The run that this context started last, the parent of the next."""
    run = _current.get()
    while run is not None and run not in _process.runs:
        run = run.outer
    return run


def activate(run: Run) -> None:
    """*run* is the current one and ends with the process at the latest."""
    run.outer = run_of_context()
    with _process.mutex:
        _process.runs.append(run)
        if not _process.is_hooked:
            _process.is_hooked = True
            atexit.register(_at_exit)
            os.register_at_fork(after_in_child=_after_fork)
        if _process.excepthook is None:
            _process.excepthook = sys.excepthook
            sys.excepthook = _on_exception
        if _process.exit is None:
            _process.exit = sys.exit
            sys.exit = _on_exit
        _process.exit_code = None
        _hook_signals()
    _current.set(run)


def deactivate(run: Run) -> None:
    """*run* has ended; the one around it is current again."""
    with _process.mutex:
        if run in _process.runs:
            _process.runs.remove(run)
        if not _process.runs:
            _unhook()
    if _current.get() is run:
        _current.set(run.outer)


def status_of(error: BaseException | None) -> EndStatus:
    """How a run ends that *error* leaves: SystemExit(0) is no failure."""
    if error is None:
        return "completed"
    if _process.killed_by is not None or isinstance(error, KeyboardInterrupt):
        return "killed"
    if isinstance(error, SystemExit) and error.code in {None, 0}:
        return "completed"
    return "failed"


def _hook_signals() -> None:
    """Take the signals that would end the process without a word."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in _SIGNALS:
        previous = signal.getsignal(number)
        is_told = previous is signal.default_int_handler  # raises KeyboardInterrupt, which we see
        if number in _process.handlers or previous in {signal.SIG_IGN, None} or is_told:
            continue
        _process.handlers[number] = previous
        signal.signal(number, _on_signal)


def _unhook() -> None:
    """Give back what is still ours; what others have put on top of it stays and passes on."""
    if _process.excepthook is not None and sys.excepthook is _on_exception:
        sys.excepthook = _process.excepthook
        _process.excepthook = None
    if _process.exit is not None and sys.exit is _on_exit:
        sys.exit = _process.exit
        _process.exit = None
    if threading.current_thread() is threading.main_thread():
        for number, previous in list(_process.handlers.items()):
            if signal.getsignal(number) is _on_signal:
                signal.signal(number, previous)
                del _process.handlers[number]


@contextmanager
def undisturbed() -> Iterator[None]:
    """A signal that arrives inside is answered after it: its handler would wait for our own locks.

    Signals only disturb the main thread.
    """
    if threading.current_thread() is not threading.main_thread() or _process.is_undisturbed:
        yield
        return
    _process.is_undisturbed = True
    try:
        yield
    finally:
        _process.is_undisturbed = False
        number, _process.waiting_signal = _process.waiting_signal, None
        if number is not None:
            os.kill(os.getpid(), number)


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _process.is_undisturbed:
        _process.waiting_signal = number
        return
    previous = _process.handlers.get(number, signal.SIG_DFL)
    if callable(previous):
        _process.killed_by = number  # if the handler raises, whoever leaves by it was killed
        previous(number, frame)
        _process.killed_by = None
        return
    for run in reversed(_process.runs.copy()):
        if run.is_owner:
            run.end_by_signal()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _on_exception(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    previous = _process.excepthook or sys.__excepthook__
    status = status_of(error)
    for run in reversed(_process.runs.copy()):
        if status == "killed":
            run.end_by_signal()  # imports would make Python forget to end by SIGINT
        else:
            run.end(status, error=error)
    previous(kind, error, traceback)


def _on_exit(status: Any = None, /) -> NoReturn:
    """`sys.exit`, which leaves no other trace of the code that a program ends with."""
    if threading.current_thread() is threading.main_thread():  # else only a thread ends
        _process.exit_code = status
    if _process.exit is not None:
        _process.exit(status)
    raise SystemExit(status)


def _at_exit() -> None:
    code = _process.exit_code
    error = None if code in {None, 0} else SystemExit(code)
    status = status_of(error)
    if _process.killed_by is not None:
        status = "killed"
    for run in reversed(_process.runs.copy()):
        run.end(status, error=error if status == "failed" else None)


def _after_fork() -> None:
    """A child logs into the runs of its parent, but it does not end them."""
    _process.mutex = threading.RLock()
    _process.is_undisturbed, _process.waiting_signal = False, None
    for run in _process.runs:
        run.after_fork()
