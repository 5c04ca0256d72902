"""Alerts, checked as values arrive; the build checks them again, against all points.

A condition on one metric is checked at each of its points; one on several at each step that all of
them have. `notify` is called when a condition becomes true, not again while it stays so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from sitegen.bundle.conditions import (
    Condition,
    condition_holds,
    condition_names,
    lookup_in,
    parse_alert,
)
from sitegen.records import dataclass
from sitegen.sdk.faults import LogTypeError
from sitegen.sdk.values import found, number


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFired:
    """What `notify` is told."""

    run: str
    """Id of the run."""
    condition: str
    """The condition, as written."""
    message: str | None
    """The alert's message."""
    level: str | None
    """The alert's level."""
    step: int | None
    """Step at which it became true; None if values are logged without steps."""
    values: Mapping[str, float]
    """The values that made it true."""

    def __str__(self) -> str:
        shown = ", ".join(f"{name} = {value:.6g}" for name, value in self.values.items())
        place = "" if self.step is None else f" at step {self.step}"
        return f"{self.message or self.condition}: {shown}{place} ({self.run})"


Notify = Callable[[AlertFired], object]


@dataclass(slots=True, kw_only=True)
class _Watch:
    """One alert and what it has seen."""

    text: str
    """Condition as written."""
    condition: Condition
    """The same, parsed."""
    names: frozenset[str]
    """Metrics it asks for."""
    message: str | None
    """What to tell."""
    level: str | None
    """As given."""
    notify: Notify
    """Whom to tell."""
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Step and value of the last point of each metric."""
    is_true: bool = False
    """Whether it held when last checked."""


class Alerts:
    """The alerts of one run that somebody is told of."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._watches: list[_Watch] = []
        self._count_by_name: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self._watches)

    def add(
        self, condition: str, *, message: str | None, level: str | None, notify: Notify | None
    ) -> None:
        """Watch *condition*, if there is somebody to tell.

        Raises:
            ConditionError: if it is not `name op number`, joined by and/or.
        """
        parsed = parse_alert(condition)
        if notify is None:
            return
        if not callable(notify):
            raise LogTypeError(f"notify must be callable, got {found(notify)}")
        names = frozenset(name for name, _ in condition_names(parsed))
        self._watches.append(
            _Watch(
                text=condition, condition=parsed, names=names, message=message, level=level,
                notify=notify,
            )
        )  # fmt: skip

    def check(self, values: Mapping[str, Any], step: int | None) -> None:
        """Tell whom the *values*, just logged, concern."""
        for name in values:
            self._count_by_name[name] = 1 + (
                self._count_by_name.get(name, -1) if step is None else step - 1
            )
        for watch in self._watches:
            if not watch.names.isdisjoint(values):
                self._check(watch, values, step)

    def _check(self, watch: _Watch, values: Mapping[str, Any], step: int | None) -> None:
        for name in watch.names & values.keys():
            watch.seen[name] = self._count_by_name[name], float(number(name, values[name]))
        steps = {place for place, _ in watch.seen.values()}
        if len(watch.seen) < len(watch.names) or len(steps) > 1:
            return
        fields = {name: value for name, (_, value) in sorted(watch.seen.items())}
        was_true, watch.is_true = watch.is_true, condition_holds(watch.condition, lookup_in(fields))
        if watch.is_true and not was_true:
            fired = AlertFired(
                run=self._run_id, condition=watch.text, message=watch.message, level=watch.level,
                step=step, values=fields,
            )  # fmt: skip
            _tell(watch.notify, fired)


def _tell(notify: Notify, fired: AlertFired) -> None:
    """Call *notify*; a web hook that is down must not end a training."""
    try:
        notify(fired)
    except Exception as error:  # noqa: BLE001 (it is the caller's code)
        warnings.warn(
            f"notify of the alert “{fired.condition}” raised {type(error).__name__}: {error}",
            RuntimeWarning,
            stacklevel=4,
        )
