"""A run as training code sees it: everything that is logged goes through `Run`.

Nothing here raises because a disk is full or read-only; a wrong type or a file that is not there
does. Every method may be called from any thread and from forked or joined processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

from sitegen.sdk import values as checked
from sitegen.sdk.alerts import Alerts
from sitegen.sdk.document import Document, RunDocument
from sitegen.sdk.faults import Faults, LogTypeError
from sitegen.sdk.journal import Journal

Goal = Literal["minimize", "maximize"]
EndStatus = Literal["completed", "failed", "killed"]
Scalar = Any
"""A number of Python, NumPy, torch, JAX or pandas."""
Function = TypeVar("Function", bound=Callable[..., Any])


class Run:
    """One execution; `start_run` makes it."""

    directory: Path
    """The bundle: where everything of this run lies."""
    id: str
    """Unique id, by which the run can be resumed."""
    name: str
    """Name, as given."""
    experiment: str
    """Name of its experiment."""
    faults: Faults
    """What could not be written; its `guard` keeps a full disk from raising into training."""

    _document: RunDocument
    _journal: Journal
    _alerts: Alerts
    _closers: list[Callable[[], None]]
    _end: Callable[[Run, EndStatus, BaseException | None], None]
    _owner_pid: int | None
    _is_ended: bool

    # -- metrics ------------------------------------------------------------------------------

    def log_metric(
        self,
        name: str,
        value: Scalar,
        step: int | None = None,
        *,
        time: datetime | float | None = None,
    ) -> None:
        """Log one point. Without *step* the metric counts up from its last step.

        *time* (a datetime, or seconds since 1970) is now unless given.
        """
        if type(step) is not int and step is not None:
            step = checked.whole(f"step of {name}", step)
        moment = None if time is None else checked.time_us("time", time)
        if self._journal.point(name, value, step, moment) and self._alerts:
            self._alerts.check({name: value}, step)

    def log_metrics(
        self,
        values: Mapping[str, Scalar],
        step: int | None = None,
        *,
        time: datetime | float | None = None,
    ) -> None:
        """Log one point of each of several metrics, as one record."""
        if type(step) is not int and step is not None:
            step = checked.whole("step", step)
        if not isinstance(values, Mapping):
            raise LogTypeError(f"log_metrics takes a mapping, got {checked.found(values)}")
        if not values:
            return
        moment = None if time is None else checked.time_us("time", time)
        if self._journal.points(values, step, moment) and self._alerts:
            self._alerts.check(values, step)

    # -- what runs at the end, and how it ends ------------------------------------------------

    def at_end(self, close: Callable[[], None]) -> None:
        """Call *close* when the run ends in this process, before its files are put in order."""
        self._closers.append(close)

    @property
    def is_owner(self) -> bool:
        """Whether this process decides how the run ends; others only log into it."""
        return self._owner_pid == os.getpid()
