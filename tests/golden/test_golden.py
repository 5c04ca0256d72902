"""What is built is what was accepted, text by text."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tests.golden import CASES, COMMAND, golden_texts, kept_texts

_SHOWN_LINES = 60


@pytest.mark.parametrize("case", CASES)
def test_the_facts_and_the_site_are_as_accepted(case: str, tmp_path: Path) -> None:
    kept, found = kept_texts(case), golden_texts(case, tmp_path)

    changed = sorted(
        name for name in kept.keys() | found.keys() if kept.get(name) != found.get(name)
    )
    if changed:
        pytest.fail(
            f"{case}: {len(changed)} of {len(found)} files differ from tests/golden/{case}/:"
            f" {', '.join(changed)}\n{difference(kept, found, changed)}\n"
            f"If that is meant: {COMMAND} {case}",
            pytrace=False,
        )


def difference(kept: dict[str, str], found: dict[str, str], names: list[str]) -> str:
    """The first lines that differ."""
    lines = [
        line
        for name in names
        for line in difflib.unified_diff(
            kept.get(name, "").splitlines(),
            found.get(name, "").splitlines(),
            f"accepted/{name}",
            f"now/{name}",
            lineterm="",
            n=1,
        )
    ]
    shown = "\n".join(line[:200] for line in lines[:_SHOWN_LINES])
    rest = len(lines) - _SHOWN_LINES
    return f"{shown}\n… {rest} more lines" if rest > 0 else shown
