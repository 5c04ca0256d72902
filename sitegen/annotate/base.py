"""`--base` of `sitegen build`: the annotations that those of the site are new against. Floor 7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sitegen.annotate.revisions import in_commit, in_directory, repository_root
from sitegen.build.reviewing import Base, sidecar_digest
from sitegen.bundle.settings import Settings


def base_annotations(named: str, roots: Sequence[Path], settings: Settings) -> Base:
    """The sidecars in the directory *named*, or of *roots* at the git revision of that name.

    Raises:
        SitegenError: if it is neither.
    """
    found: dict[str, bytes] = {}
    if Path(named).is_dir():
        found = in_directory(Path(named))
        label = Path(named).resolve().name
    else:
        label = named
        own = [settings.annotations_dir] if settings.annotations_dir else []
        for directory in (*roots, *own):
            if directory.is_dir():
                found |= _at(directory.resolve(), named)
    return Base(
        label=label,
        digest_by_id={
            PurePosixPath(path).stem: sidecar_digest(content) for path, content in found.items()
        },
    )


def _at(directory: Path, revision: str) -> Mapping[str, bytes]:
    """The sidecars that lay below *directory* at *revision*."""
    root = repository_root(directory)
    below = directory.relative_to(root.resolve()).parts
    return {
        path: content
        for path, content in in_commit(root, revision).items()
        if PurePosixPath(path).parts[: len(below)] == below
    }
