"""`python -m tests.golden accept [CASE…]`: what is built now becomes what is expected."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.golden import CASES, COMMAND, accept, golden_texts


def main(arguments: list[str]) -> int:
    """0 if the cases were accepted, 2 for wrong usage."""
    if not arguments or arguments[0] != "accept" or not set(arguments[1:]) <= set(CASES):
        sys.stderr.write(f"usage: {COMMAND} [{' '.join(CASES)}]\n")
        return 2
    for case in arguments[1:] or CASES:
        with tempfile.TemporaryDirectory() as work:
            texts = golden_texts(case, Path(work))
        accept(case, texts)
        sys.stdout.write(f"{case}: {len(texts)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
