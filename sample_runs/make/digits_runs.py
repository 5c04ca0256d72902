"""Trains the planned digit runs and keeps what they logged, failures included."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from .digits.data import Split
from .digits.model import Weights
from .digits.train import Evaluation, KilledError, evaluate, train
from .digits_plans import Plan
from .files import moment

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One logged value."""

    name: str
    """Name of the metric."""
    step: int
    """Training step, from 1."""
    time: datetime
    """When it was logged."""
    value: float
    """May be NaN or infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The exception that ended a run."""

    type: str
    """Name of its class."""
    message: str
    """Its text."""
    traceback: str
    """As Python prints it, with paths relative to the repository."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run logged and how it ended."""

    plan: Plan
    """What was to be run."""
    status: str = "completed"
    """completed, failed or killed."""
    points: list[Point] = field(default_factory=list)
    """In the order they were logged."""
    ended: datetime
    """When the last thing happened."""
    weights_by_epoch: dict[int, Weights] = field(default_factory=dict)
    """Copies of the weights after each epoch."""
    failure: Failure | None = None
    """Set when the run failed."""
    evaluations: dict[str, Evaluation] = field(default_factory=dict)
    """By split, for runs that came to their end."""

    @property
    def weights(self) -> Weights:
        """The last weights."""
        return self.weights_by_epoch[max(self.weights_by_epoch)]

    def values(self, name: str) -> list[float]:
        """A metric's values in order."""
        return [point.value for point in self.points if point.name == name]


def run_plan(
    plan: Plan, splits: Mapping[str, Split], weights_by_directory: Mapping[str, Weights]
) -> Outcome:
    """Trains by the plan on an invented clock; what goes wrong is part of the outcome."""
    clock = _Clock(plan)
    outcome = Outcome(plan=plan, ended=moment(plan.started))

    def log(step: int, values: Mapping[str, float]) -> None:
        now = clock.at(step, is_epoch_end="epoch" in values)
        outcome.points.extend(
            Point(name=name, step=step, time=now, value=value) for name, value in values.items()
        )
        outcome.ended = now
        if step == plan.kill_after_step:
            raise KilledError

    def keep(epoch: int, weights: Weights) -> None:
        outcome.weights_by_epoch[epoch] = dict(weights)

    other = weights_by_directory[plan.average_with] if plan.average_with else None
    try:
        with np.errstate(all="ignore"):
            weights = train(plan.config, splits, log, average_with=other, on_epoch=keep)
            outcome.evaluations = {name: evaluate(weights, s) for name, s in splits.items()}
    except KilledError:
        outcome.status = "killed"
    except ValueError as error:
        outcome.status = "failed"
        outcome.failure = Failure(
            type=type(error).__name__, message=str(error), traceback=_relative_traceback(error)
        )
    outcome.ended = clock.after(outcome.ended)
    return outcome


class _Clock:
    """Invented wall time: so many seconds a step, a little uneven, seeded by the plan."""

    def __init__(self, plan: Plan) -> None:
        rng = np.random.default_rng(list(plan.run_id.encode()))
        self._step_s = plan.step_s * np.cumsum(rng.gamma(40.0, 1 / 40.0, 4000))
        self._started = plan.started

    def at(self, step: int, *, is_epoch_end: bool) -> datetime:
        start_up_s = 2.75  # reading the data
        return moment(
            self._started,
            plus_s=start_up_s + round(float(self._step_s[step]), 3) + 0.31 * is_epoch_end,
        )

    def after(self, last: datetime) -> datetime:
        return moment(self._started, plus_s=(last - moment(self._started)).total_seconds() + 1.184)


def _relative_traceback(error: BaseException) -> str:
    """The frames inside the training code, with paths as its repository has them."""
    frames = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.parent == HERE / "digits":
            name = path.relative_to(HERE).as_posix()
            frames.append(
                traceback.FrameSummary(name, frame.lineno, frame.name, line=frame.line or "")
            )
    return "\n".join(
        [
            "Traceback (most recent call last):",
            "".join(traceback.format_list(frames)).rstrip("\n"),
            f"{type(error).__name__}: {error}",
        ]
    )
