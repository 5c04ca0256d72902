"""Tasks run side by side in processes, results come back in order; one worker runs them here.

Floor 6. Forked workers are unsafe once Arrow has threads, so they come from a fork server. What a
worker raises is raised again with the name of its bundle.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from sitegen.errors import SitegenError

Task = TypeVar("Task")
Result = TypeVar("Result")


class TaskError(RuntimeError):
    """A fault of ours in a task; says which bundle it was working on."""


def default_workers() -> int:
    """As many as there are cores for this process, at most eight."""
    return max(1, min(8, len(os.sched_getaffinity(0))))


@contextmanager
def worker_pool(workers: int) -> Iterator[Pool]:
    """A pool of *workers* processes; with one worker no process is started."""
    if workers <= 1:
        yield Pool(None)
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sitegen.build.parts", "sitegen.build.pages"])
    with ProcessPoolExecutor(workers, mp_context=context) as executor:
        try:
            yield Pool(executor)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            _stop_workers()
            raise


def _stop_workers() -> None:
    """End all workers now, so that none writes into a directory that is being removed."""
    for worker in multiprocessing.active_children():
        worker.kill()
        worker.join(timeout=1)


class Pool:
    """Runs a function over tasks, here or in processes."""

    def __init__(self, executor: ProcessPoolExecutor | None) -> None:
        self._executor = executor

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Sequence[Task],
        *,
        name_of: Callable[[Task], str],
        on_done: Callable[[Task], None],
    ) -> list[Result]:
        """Results in the order of *tasks*; *on_done* is called as each is finished."""
        if self._executor is None:
            results = []
            for task in tasks:
                results.append(_named(function, task, name_of))
                on_done(task)
            return results
        futures = {self._executor.submit(function, task): task for task in tasks}
        by_task: dict[int, Result] = {}
        for future in as_completed(futures):
            task = futures[future]
            by_task[id(task)] = _result(future.result, task, name_of)
            on_done(task)
        return [by_task[id(task)] for task in tasks]


def _named(
    function: Callable[[Task], Result], task: Task, name_of: Callable[[Task], str]
) -> Result:
    return _result(lambda: function(task), task, name_of)


def _result(take: Callable[[], Result], task: Task, name_of: Callable[[Task], str]) -> Result:
    try:
        return take()
    except SitegenError:
        raise
    except Exception as error:
        raise TaskError(f"while working on {name_of(task)}: {error!r}") from error
