"""Reading one piece while the one before it is worked on.

Floor 2. Arrow lets go of the interpreter while it decodes, numpy while it sorts: of a file of 10^7
points nearly all of the decoding is done by a second core, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

Piece = TypeVar("Piece")


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """*pieces*, each read while the one before it is worked on.

    What goes wrong is raised where the piece is asked for. No thread is left when it ends or is
    closed, so that a file that it reads may be closed then.
    """
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading") as pool:
        coming = pool.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = pool.submit(next, pieces, None)
            yield piece
