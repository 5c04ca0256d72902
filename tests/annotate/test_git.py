"""Annotations under real git: people who add and edit on their own branches merge."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.annotate import add_annotation, edit_annotation, list_annotations
from tests.factories import write_run

FIRST = 4
"""Annotations that are there before anybody branches."""

EDITS = st.lists(  # of each branch: None adds one, a number edits that one
    st.lists(st.one_of(st.none(), st.integers(0, FIRST - 1)), min_size=1, max_size=4),
    min_size=2,
    max_size=4,
)


def git(root: Path, *arguments: str) -> int:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=mara", "-c", "user.email=mara@example.org")
    return subprocess.run(
        ["git", *who, *arguments], cwd=root, env=environment, capture_output=True, check=False
    ).returncode


@settings(max_examples=8)
@given(EDITS)
def test_branches_merge_unless_two_edit_the_same_annotation(
    branches: list[list[int | None]],
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        bundle = write_run(root / "runs" / "a")
        paths = [add_annotation(bundle, {"name": f"n{n}", "value": True}) for n in range(FIRST)]
        git(root, "init", "-q", "-b", "main")
        git(root, "add", ".")
        assert git(root, "commit", "-qm", "first") == 0
        added = 0
        for number, edits in enumerate(branches):
            git(root, "checkout", "-qb", f"b{number}", "main")
            for edit in edits:
                if edit is None:
                    add_annotation(bundle, {"name": f"of b{number}", "value": number % 2 == 0})
                    added += 1
                else:
                    change = {"rationale": f"b{number}"}
                    edit_annotation(paths[edit].stem, change, (root / "runs",))
            git(root, "add", ".")
            assert git(root, "commit", "-qm", f"b{number}") == 0
        git(root, "checkout", "-q", "main")
        edited: set[int] = set()
        for number, edits in enumerate(branches):
            own = {edit for edit in edits if edit is not None}
            is_merged = git(root, "merge", "-q", "-m", "merge", f"b{number}") == 0
            assert is_merged == (not own & edited)
            if not is_merged:
                git(root, "merge", "--abort")
                added -= edits.count(None)
            else:
                edited |= own
        found, problems = list_annotations([root / "runs"])

        assert problems == []
        assert len(found) == FIRST + added
