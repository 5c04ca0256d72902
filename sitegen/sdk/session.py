"""`start_run`: one name for a `with` statement, a decorator and plain calls.

What it returns begins with its first use: as a decorator it must not make a bundle when a module
is imported. A run that was never used begins when the process ends, so that its end is told.
"""

from __future__ import annotations

import functools
import getpass
import inspect
import os
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal, Self, cast

from sitegen.sdk import lifecycle, places
from sitegen.sdk import values as checked
from sitegen.sdk.faults import LogTypeError, LogValueError
from sitegen.sdk.opening import attached_run, open_run
from sitegen.sdk.options import RunOptions
from sitegen.sdk.run import Function, Run
from sitegen.sdk.system import INTERVAL_S


def start_run(
    experiment: str = "default",
    name: str | None = None,
    *,
    tags: Iterable[str] | None = None,
    params: Mapping[str, Any] | None = None,
    seed: int | Mapping[str, int] | None = None,
    description: str | None = None,
    project: str | None = None,
    id: str | None = None,
    resume: bool | Literal["allow"] = False,
    parent: Run | str | Literal[False] | None = None,
    sweep: tuple[str, str | int] | None = None,
    user: str | bool | None = None,
    directory: str | os.PathLike[str] | None = None,
    git: bool = True,
    entrypoint: bool = True,
    packages: bool = True,
    hardware: bool = True,
    host: bool = False,
    system_metrics: bool | float = True,
    set_global_tracer: bool = False,
) -> Run:
    """A run of *experiment*, for `with`, as a decorator, or until `end()`.

    Args:
        experiment: name of the experiment; its directory is made if it is not there.
        name: name of the run; without one it is made from the time.
        tags: labels.
        params: what `log_params` would take.
        seed: seed or seeds by library, logged as the param `seed`.
        description: what the run is about.
        project: project that the run belongs to.
        id: id to give the run; with *resume* the id of the run to go on with.
        resume: True: the run *id* goes on. "allow": it goes on, or begins if there is none; the
            same call in each of several processes makes them log into one run.
        parent: the run (or its id) that started this one; the current run unless False.
        sweep: id of a sweep and of the trial that this run is.
        user: who runs it; True asks the system. Not recorded unless given.
        directory: where experiments lie; else SITEGEN_DIR, else `runs`.
        git: record commit, branch, whether files were changed, and the remote.
        entrypoint: record the script, relative to its repository.
        packages: record the versions of Python and of what is installed.
        hardware: record platform, CPU, memory and GPUs.
        host: record the machine's name.
        system_metrics: log `system/…` every 10 s, or every so many seconds.
        set_global_tracer: make the run's tracer provider OpenTelemetry's global one, which can be
            set once a process; else pass `run.tracer_provider` to instrumentations.

    Raises:
        LogTypeError: if an argument is of a wrong type.
        LogValueError: if it is of the right type and cannot be used.
    """
    seeds = {} if seed is None else {"seed": seed}
    options = {
        "experiment": checked.name_of("an experiment", experiment),
        "name": None if name is None else checked.name_of("a run", name),
        "tags": None if tags is None else checked.tags(tags),
        "params": checked.json_object("params", {**(params or {}), **seeds}),
        "description": None if description is None else checked.text("description", description),
        "project": None if project is None else checked.text("project", project),
        "id": None if id is None else checked.name_of("an id", id),
        "resume": resume,
        "sweep": None if sweep is None else _sweep(sweep),
        "user": getpass.getuser() if user is True else _text_or_none("user", user),
        "runs": places.runs_directory(directory),
        "git": git, "entrypoint": entrypoint, "packages": packages, "hardware": hardware,
        "host": host, "system_metrics_s": _interval_s(system_metrics),
        "set_global_tracer": set_global_tracer,
    }  # fmt: skip
    if resume and id is None:
        raise LogValueError("resume needs the id of a run", hint='Pass id="…", too.')
    if not isinstance(parent, str | Run | None) and parent is not False:
        raise LogTypeError(f"parent must be a run, an id or False, got {checked.found(parent)}")
    run = _Unbegun(options, parent)
    lifecycle.activate(run)
    return run


def _text_or_none(key: str, value: object) -> str | None:
    return None if value is None or value is False else checked.text(key, value)


def _sweep(sweep: object) -> tuple[str, str | int]:
    if not isinstance(sweep, tuple) or len(sweep) != 2:
        raise LogTypeError(
            f"sweep must be (id of the sweep, id of the trial), got {checked.found(sweep)}"
        )
    trial = sweep[1] if isinstance(sweep[1], str) else checked.whole("trial", sweep[1])
    return checked.name_of("a sweep", sweep[0]), trial


def _interval_s(system_metrics: object) -> float | None:
    if isinstance(system_metrics, bool):
        return INTERVAL_S if system_metrics else None
    interval_s = checked.number("system_metrics", system_metrics)
    if not interval_s > 0:
        raise LogValueError(f"system_metrics must be seconds above 0, got {interval_s}")
    return float(interval_s)


class _Unbegun(Run):
    """A run before its first use; its first use makes it a `Run`."""

    def __init__(self, options: dict[str, Any], parent: Run | str | Literal[False] | None) -> None:
        super().__init__()
        self._given = options, parent
        self._created_ns = time.time_ns()
        self._mutex = threading.RLock()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name not in {"outer", "after_fork"}:
            _begin(self)
        return object.__getattribute__(self, name)  # self is a `Run` by now

    def __enter__(self) -> Self:
        _begin(self)
        return self

    def __call__(self, function: Function) -> Function:
        lifecycle.deactivate(self)
        return _decorated(function, *self._given)

    def __repr__(self) -> str:
        return "<a run that has not begun>"

    def after_fork(self) -> None:
        """A child that uses it begins a run of its own."""
        self._mutex = threading.RLock()


def _begin(run: _Unbegun) -> None:
    with lifecycle.undisturbed(), run._mutex:  # noqa: SLF001
        if type(run) is not _Unbegun:  # another thread was faster
            return
        options, parent = run._given  # noqa: SLF001
        if parent is None:
            parent = run.outer
        parent_id = parent.id if isinstance(parent, Run) else parent or None
        with ExitStack() as undo:
            undo.callback(lifecycle.deactivate, run)
            parts = open_run(RunOptions(parent=parent_id, **options), run._created_ns)  # noqa: SLF001
            undo.pop_all()
        run._set(parts)  # noqa: SLF001
        run.__class__ = Run  # type: ignore[assignment]


def _decorated(function: Function, options: dict[str, Any], parent: Any) -> Function:
    """*function*, each call of which is a run; a coroutine function stays one."""

    def begun() -> Run:
        run = _Unbegun(options, parent)
        lifecycle.activate(run)
        return run

    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise LogTypeError(
            f"{function.__qualname__} is a generator, which goes on after its call",
            hint="Write `with start_run(…)` inside of it.",
        )
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def call_later(*args: Any, **kwargs: Any) -> Any:
            with begun():
                return await function(*args, **kwargs)

        return cast(Function, call_later)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with begun():
            return function(*args, **kwargs)

    return cast(Function, call)


def attach(directory: str) -> Run:
    """The run at *directory*, which another process began and sent to this one."""
    run = Run()
    run._set(attached_run(Path(directory)))  # noqa: SLF001
    lifecycle.activate(run)
    return run
