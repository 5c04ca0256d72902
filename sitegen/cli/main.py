"""The entry point: the one place where an error becomes an exit code.

A build of what has not changed is answered before click or anything else is imported.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # `typing` alone takes as long to import as all else that is needed here
if TYPE_CHECKING:
    from typing import NoReturn


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 findings, 2 usage or settings, 3 nothing built."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        sys.exit(_code(given))
    except KeyboardInterrupt:  # while modules are imported, or while a second one comes
        sys.stderr.write("interrupted\n")
        sys.exit(130)


def _code(given: list[str]) -> int:
    """The exit code of the command."""
    look = None
    if given[:1] == ["build"]:
        from sitegen.build.last_build.unchanged import answer

        found = answer(given)
        if found.said is not None:
            sys.stderr.write(found.said[1])
            sys.stdout.write(found.said[0])
            return found.said[2]
        look = found.look
    import gc

    gc.set_threshold(100_000, 50, 50)  # what is imported stays: to look through it takes a tenth
    from sitegen.cli.group import run  # click, and what it brings

    return run(given, look)
