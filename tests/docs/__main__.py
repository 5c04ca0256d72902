"""`python -m tests.docs accept`: what the code says now becomes what docs/ says."""

from __future__ import annotations

import sys

from tests.docs import COMMAND, pages, regenerated


def main(arguments: list[str]) -> int:
    """0 if the pages were written, 2 for wrong usage."""
    if arguments != ["accept"]:
        sys.stderr.write(f"usage: {COMMAND}\n")
        return 2
    for page in pages():
        text = page.read_text(encoding="utf-8")
        made = regenerated(text)
        page.write_text(made, encoding="utf-8")
        sys.stdout.write(f"docs/{page.name}: {'unchanged' if made == text else 'written'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
