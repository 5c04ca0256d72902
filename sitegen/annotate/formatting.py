"""`sitegen annotate fmt`: every right sidecar in its canonical text. Floor 7."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sitegen.annotate.files import replace_file
from sitegen.annotate.listing import DEFAULTS, sidecars_of
from sitegen.annotate.places import Folder, runs_below
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import sidecar_text
from sitegen.errors import Problem
from sitegen.model import Annotation
from sitegen.read.annotations import SIDECAR_BYTES
from sitegen.read.documents.json_text import parse_json
from sitegen.read.files import read_bytes
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Formatted:
    """What formatting found."""

    changed: tuple[Path, ...]
    """Sidecars that were not in their canonical text."""
    right: int
    """Sidecars that were."""
    problems: tuple[tuple[str, Problem], ...]
    """Faults by directory: sidecars that are left as they are."""


def format_annotations(
    runs: Sequence[Path], *, settings: Settings = DEFAULTS, is_dry: bool = False
) -> Formatted:
    """Rewrite the sidecars below *runs* that are not canonical; with *is_dry* only name them.

    Raises:
        NothingBuiltError: if there is no run.
    """
    problems: list[tuple[str, Problem]] = []
    changed: list[Path] = []
    right = 0
    for plan in runs_below(runs, settings):
        for folder, said in sidecars_of(plan, settings, problems):
            for one in said:
                if (text := _new_text(folder, one, settings)) is None:
                    right += 1
                    continue
                path = folder.root / one.path
                if not is_dry:
                    replace_file(path, text)
                changed.append(path)
    return Formatted(changed=tuple(changed), right=right, problems=tuple(problems))


def _new_text(folder: Folder, annotation: Annotation, settings: Settings) -> str | None:
    """The canonical text of a sidecar that is right; None if it has it."""
    content = read_bytes(folder.root, annotation.path, SIDECAR_BYTES)
    document, _ = parse_json(content, settings.limits.json_depth)
    assert isinstance(document, dict)  # it was read as an annotation
    text = sidecar_text(document)
    return None if text.encode() == content else text
