"""`--base` of `sitegen build`: the annotations that those of the site are new against. Floor 7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sitegen.annotate.revisions import in_commit, in_directory, repository_root
from sitegen.build.reviewing import Base, base_of
from sitegen.bundle.settings import Settings


def base_annotations(named: str, roots: Sequence[Path], settings: Settings) -> Base:
    """The sidecars in the directory *named*, or of *roots* at the git revision of that name.

    Raises:
        SitegenError: if it is neither.
    """
    if Path(named).is_dir():
        return base_of(Path(named).resolve().name, in_directory(Path(named)))
    found: dict[str, bytes] = {}
    own = [settings.annotations_dir] if settings.annotations_dir else []
    for directory in (*roots, *own):
        if directory.is_dir():
            found |= _at(directory.resolve(), named)
    return base_of(named, found)


def _at(directory: Path, revision: str) -> Mapping[str, bytes]:
    """The sidecars that lay below *directory* at *revision*, by their real paths."""
    root = repository_root(directory)
    real = root.resolve()
    below = directory.relative_to(real).parts
    return {
        f"{real.as_posix()}/{path}": content
        for path, content in in_commit(root, revision).items()
        if PurePosixPath(path).parts[: len(below)] == below
    }
