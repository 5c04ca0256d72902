"""Work on pieces side by side, its results in the order of the pieces.

Floor 2. Arrow lets go of the interpreter while it decodes, numpy while it sorts: of a file of 10^7
points most of that is done by a second core, where there is one. Results should be large: threads
that ask for the interpreter every 0.1 ms, as those of 100,000 points, take more time than they save
(measured: 1.6 s instead of 1.2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import chain, islice
from queue import SimpleQueue
from threading import Semaphore
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

THREADS = 2
"""Threads of one process: each holds a piece in memory, and other processes want cores too."""
_WAITING = 3

Piece = TypeVar("Piece")
Made = TypeVar("Made")


class _Stream(Generic[Made]):
    """Results of one piece on their way from the thread that makes them."""

    def __init__(self, waiting: int) -> None:
        self._made: SimpleQueue[Made | Future[None]] = SimpleQueue()
        self._room = Semaphore(waiting)
        self._is_closed = False

    def run(self, results: Callable[[], Iterable[Made]]) -> None:
        """Make the *results*; wait whenever enough of them do."""
        if self._is_closed:
            return
        for made in results():
            self._room.acquire()
            if self._is_closed:
                return
            self._made.put(made)
            del made  # or it would be kept until the next one is there

    def take(self, future: Future[None]) -> Iterator[Made]:
        """The results of the thread whose end is that of *future*."""
        future.add_done_callback(self._made.put)
        while (made := self._made.get()) is not future:
            self._room.release()
            yield made  # type: ignore[misc]  # it is no future
            del made
        future.result()

    def close(self) -> None:
        """Let the thread end."""
        self._is_closed = True
        self._room.release()


def side_by_side(
    work: Callable[[Piece], Iterable[Made]],
    pieces: Iterator[Piece],
    *,
    threads: int = THREADS,
    waiting: int = _WAITING,
) -> Generator[Made]:
    """The results that *work* gives of each of *pieces*, in their order.

    As many pieces as *threads* are worked on at a time, without any all is done here; *waiting*
    results of each wait at most. *pieces* are asked for in this thread. What goes wrong is raised
    after the results before it. No thread is left when it ends or is closed, so that a file that is
    read may be closed then.
    """
    if not threads:
        yield from chain.from_iterable(map(work, pieces))
        return
    from concurrent.futures import ThreadPoolExecutor

    coming: deque[tuple[_Stream[Made], Future[None]]] = deque()
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="beside") as pool:

        def begin(count: int) -> None:
            for piece in islice(pieces, count):
                stream: _Stream[Made] = _Stream(waiting)
                coming.append((stream, pool.submit(stream.run, partial(work, piece))))

        try:
            begin(threads)
            while coming:
                stream, future = coming[0]
                yield from stream.take(future)
                coming.popleft()
                begin(1)
        finally:
            for stream, _ in coming:
                stream.close()


def ahead(pieces: Iterator[Piece]) -> Generator[Piece]:
    """*pieces*, each read while the one before it is worked on."""

    def read(_: None) -> Iterator[Piece]:
        return pieces

    with closing(side_by_side(read, iter([None]), threads=1, waiting=1)) as results:
        yield from results
