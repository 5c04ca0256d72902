"""Series of pictures, sound or video over steps: `media/<name>/<step>.<extension>`.

Floor 3. A folder below `media/` is a series if two or more of its files are named by a whole number
and can be shown; whatever else lies there stays in the list of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sitegen.derive.sink import PublishedFile
from sitegen.records import dataclass

_PLACE = re.compile(r"(media/(?:[^/]+/)*[^/]+)/(-?\d{1,15})\.([A-Za-z0-9]{1,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesStep:
    """One file of a series."""

    step: int
    """Its step."""
    path: str
    """Path below attachments/."""
    kind: str
    """`image`, `audio` or `video`."""
    published: PublishedFile
    """Its copy in the site."""
    width: int | None
    """Width of a picture in px."""
    height: int | None
    """Height of a picture in px."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The files of one folder, by step."""

    path: str
    """The folder, below attachments/."""
    steps: tuple[SeriesStep, ...]
    """Its files, by step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """A file that may be a step of a series."""

    path: str
    """Path below attachments/."""
    kind: str
    """`image`, `audio` or `video`."""
    published: PublishedFile
    """Its copy in the site."""
    width: int | None
    """Width of a picture in px."""
    height: int | None
    """Height of a picture in px."""


def series_folder(path: str) -> str | None:
    """The folder that *path* would be a step of, None if its name is no step."""
    found = _PLACE.fullmatch(path)
    return found[1] if found else None


def derive_series(files: Iterable[Playable]) -> tuple[Series, ...]:
    """The series among *files*, by path; of two files with one step the first by path counts."""
    folders: dict[str, dict[int, SeriesStep]] = {}
    for one in sorted(files, key=lambda file: file.path):
        found = _PLACE.fullmatch(one.path)
        if found:
            step = SeriesStep(
                step=int(found[2]), path=one.path, kind=one.kind, published=one.published,
                width=one.width, height=one.height,
            )  # fmt: skip
            folders.setdefault(found[1], {}).setdefault(step.step, step)
    return tuple(
        Series(path=path, steps=tuple(step for _, step in sorted(steps.items())))
        for path, steps in sorted(folders.items())
        if len(steps) > 1
    )


def steps_text(steps: Sequence[SeriesStep]) -> str:
    """`24 steps, 0 to 2,300`."""
    return f"{len(steps):,} steps, {steps[0].step:,} to {steps[-1].step:,}"
