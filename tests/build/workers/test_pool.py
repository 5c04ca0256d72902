"""A process that dies costs the task that it was at, and nothing else."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.workers.pool import Lost, Pool, TaskError, worker_pool
from sitegen.errors import SitegenError
from sitegen.read.files import FileError

MEGABYTE = 1_000_000


@pytest.fixture
def pool() -> Iterator[Pool]:
    with worker_pool(400 * MEGABYTE) as pool:
        yield pool


def run(
    pool: Pool, function: Callable[[Any], Any], tasks: Sequence[Any], **more: Any
) -> tuple[list[Any], list[Any]]:
    """The results, and the tasks in the order they were done."""
    done: list[Any] = []
    options: dict[str, Any] = {
        "workers": 2, "name_of": str, "size_of": lambda task: 0, "on_done": done.append
    } | more  # fmt: skip
    return pool.run(function, tasks, **options), done


def doubled(number: int) -> int:
    return number * 2


def killed_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def ended_at_seven(number: int) -> int:
    if number == 7:
        os._exit(41)
    return number


def killed_once(mark: str) -> str:
    path = Path(mark)
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    return path.name


def out_of_memory_at_seven(number: int) -> int:
    if number == 7:
        raise MemoryError
    return number


def of_megabytes(megabytes: int) -> int:
    content = bytearray(os.urandom(1000)) * (1000 * megabytes)
    time.sleep(0.5)
    return len(content)


def not_readable(number: int) -> int:
    raise FileError("is gone", path=f"runs/{number}")


def broken(number: int) -> int:
    return 1 // number


def pid_of(number: int) -> int:
    time.sleep(0.02)
    return os.getpid()


@pytest.mark.parametrize("workers", [0, 1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(pool: Pool, workers: int) -> None:
    found, done = run(pool, doubled, range(40), workers=workers)

    assert found == [2 * number for number in range(40)]
    assert sorted(done) == list(range(40))


def test_the_largest_is_handed_out_first(pool: Pool) -> None:
    _, done = run(pool, doubled, [3, 9, 5, 1], workers=0, size_of=int)

    assert done == [9, 5, 3, 1]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (killed_at_seven, "was killed (SIGKILL)"),
        (ended_at_seven, "ended with exit code 41"),
        (out_of_memory_at_seven, "got no more memory from the system"),
    ],
)
def test_only_the_task_that_makes_its_process_die_is_lost(
    pool: Pool, function: Callable[[int], int], reason: str
) -> None:
    found, done = run(pool, function, range(60))

    expected: list[Any] = list(range(60))
    expected[7] = Lost(reason=reason)
    assert found == expected
    assert sorted(done) == list(range(60))


def test_memory_that_runs_out_in_this_process_costs_the_task_too(pool: Pool) -> None:
    found, _ = run(pool, out_of_memory_at_seven, [6, 7, 8], workers=0)

    assert found == [6, Lost(reason="got no more memory from the system"), 8]


def test_a_task_whose_process_died_by_accident_is_done_again(pool: Pool, tmp_path: Path) -> None:
    marks = [str(tmp_path / name) for name in ("a", "b", "c")]

    found, _ = run(pool, killed_once, marks)

    assert found == ["a", "b", "c"]


def test_a_process_that_holds_too_much_memory_is_ended(pool: Pool) -> None:
    found, _ = run(pool, of_megabytes, [1, 600, 2])

    assert found[0] == MEGABYTE
    assert found[1] == Lost(reason="was ended: it held more than 400,000,000 bytes of memory")
    assert found[2] == 2 * MEGABYTE


def test_what_a_user_can_mend_is_raised_as_it_is(pool: Pool) -> None:
    with pytest.raises(SitegenError, match="runs/3: is gone"):
        run(pool, not_readable, [3, 3])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_fault_of_ours_names_the_task_and_where_it_was_raised(pool: Pool, workers: int) -> None:
    with pytest.raises(TaskError, match="while working on 0: ZeroDivisionError") as raised:
        run(pool, broken, [1, 0], workers=workers)

    assert "in broken" in "".join(raised.value.__notes__)


def test_processes_are_kept_for_the_next_tasks_and_gone_in_the_end() -> None:
    with worker_pool(400 * MEGABYTE) as pool:
        first, _ = run(pool, pid_of, range(20))
        second, _ = run(pool, pid_of, range(20))

    assert set(first) == set(second)
    assert len(set(first)) == 2
    assert not any(Path(f"/proc/{pid}").exists() for pid in first)
