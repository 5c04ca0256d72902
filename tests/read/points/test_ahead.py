"""Results come in the order of the pieces, whoever makes them and however long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from sitegen.read.points.ahead import ahead, side_by_side


def numbers(count: int, read: list[int]) -> Iterator[int]:
    for number in range(count):
        read.append(number)
        yield number


@pytest.mark.parametrize("threads", [0, 1, 2, 3])
@pytest.mark.parametrize("counts", [[], [0], [3], [0, 7, 0, 1, 9, 2, 2, 0]])
def test_all_results_come_in_the_order_of_their_pieces(counts: list[int], threads: int) -> None:
    def results(piece: tuple[int, int]) -> Iterator[tuple[int, int]]:
        number, count = piece
        return ((number, at) for at in range(count))

    found = side_by_side(results, enumerate(counts), threads=threads, waiting=2)

    assert list(found) == [
        (number, at) for number, count in enumerate(counts) for at in range(count)
    ]


def test_two_pieces_are_worked_on_at_a_time() -> None:
    both = threading.Barrier(2, timeout=10)

    def results(piece: int) -> list[int]:
        both.wait()
        return [piece]

    assert list(side_by_side(results, iter(range(4)), threads=2)) == [0, 1, 2, 3]


def test_few_results_wait_for_who_asks() -> None:
    made: list[int] = []
    results = side_by_side(lambda _: numbers(50, made), iter([0]), threads=1, waiting=2)

    next(results)
    time.sleep(0.05)

    assert len(made) <= 4  # one asked for, two wait, one is being made
    results.close()


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_a_fault_is_raised_after_the_results_before_it(threads: int) -> None:
    def results(piece: int) -> Iterator[int]:
        yield piece
        if piece == 1:
            raise OSError("no more")

    found = side_by_side(results, iter(range(5)), threads=threads)

    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(OSError, match="no more"):
        next(found)


@pytest.mark.parametrize("asked", [0, 1, 4])
def test_no_thread_is_left_when_nobody_asks_for_the_rest(asked: int) -> None:
    before = threading.active_count()
    found = side_by_side(lambda _: numbers(50, []), iter(range(9)), threads=2)
    for _ in range(asked):
        next(found)

    found.close()

    assert threading.active_count() == before


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_pieces_read_ahead_come_in_order(count: int) -> None:
    assert list(ahead(numbers(count, []))) == list(range(count))
