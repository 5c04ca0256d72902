"""docs/: prose by hand, and between two comments what the code says of itself.

    <!-- generated: NAME ARGUMENT -->
    …
    <!-- end -->

`python -m tests.docs accept` writes what stands between them anew; a test holds it to the code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs.api import api
from tests.docs.commands import commands
from tests.docs.contexts import contexts
from tests.docs.schemas import files, limits
from tests.factories import REPOSITORY

DOCS = REPOSITORY / "docs"
COMMAND = "python -m tests.docs accept"
BLOCK = re.compile(
    r"(<!-- generated: (?P<name>\w+)(?: (?P<argument>[\w.,-]+))? -->\n).*?(<!-- end -->)",
    re.DOTALL,
)

GENERATORS: Mapping[str, Callable[[str], str]] = {
    "api": api,
    "commands": commands,
    "contexts": contexts,
    "files": files,
    "limits": limits,
}
"""Each takes the argument of its comment and gives Markdown."""


def pages() -> list[Path]:
    """Every page, by name."""
    return sorted(DOCS.glob("*.md"))


def regenerated(text: str) -> str:
    """The page with every generated block as the code has it now."""

    def block(found: re.Match[str]) -> str:
        made = GENERATORS[found["name"]](found["argument"] or "")
        return f"{found[1]}\n{made.strip()}\n\n{found[4]}"

    return BLOCK.sub(block, text)
