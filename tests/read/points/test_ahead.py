"""Pieces come one by one, in order, and one ahead of who asks for them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from sitegen.read.points.ahead import ahead


def numbers(count: int, read: list[int]) -> Iterator[int]:
    for number in range(count):
        read.append(number)
        yield number


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_all_pieces_come_in_order(count: int) -> None:
    assert list(ahead(numbers(count, []))) == list(range(count))


def test_no_more_than_one_piece_is_read_ahead() -> None:
    read: list[int] = []
    pieces = ahead(numbers(50, read))

    for piece in pieces:
        assert max(read) <= piece + 1


def test_a_fault_is_raised_after_the_pieces_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise OSError("no more")

    pieces = ahead(broken())

    assert next(pieces) == 1
    with pytest.raises(OSError, match="no more"):
        next(pieces)


def test_no_thread_is_left_when_nobody_asks_for_the_rest() -> None:
    before = threading.active_count()
    pieces = ahead(numbers(50, []))
    next(pieces)

    pieces.close()

    assert threading.active_count() == before
