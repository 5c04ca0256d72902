"""What is known of sidecars beside their text: who committed them, and what is new against a base.

Floor 6. Asked of git once for all runs, and only if the settings or the command line say so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import FOLDER
from sitegen.derive.reviews import Change, ReviewedRun
from sitegen.errors import Problem
from sitegen.model import Annotation
from sitegen.pages.site.reviews import BaseSummary
from sitegen.read.annotations import SIDECAR_BYTES
from sitegen.read.bundle import Place
from sitegen.read.files import FileError, read_bytes
from sitegen.read.git_authors import IN_BUNDLES, IN_FOLDERS, Committed, read_commits
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The annotations that others are new against."""

    label: str
    """What it is called: the revision, or the directory's name."""
    digest_by_id: Mapping[str, str]
    """SHA-256 of each sidecar by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """What is known of sidecars beside their text."""

    has_commits: bool
    """Whether git was asked who committed them."""
    commits: Mapping[str, Committed]
    """Their commits by real path."""
    base: Base | None
    """What others are new against."""
    annotations_dir: Path | None
    """Where further sidecars lie, its real path."""
    problems: tuple[Problem, ...]
    """Why git did not tell."""

    def committed(
        self, place: Place, run_id: str, annotations: Iterable[Annotation]
    ) -> dict[str, Committed]:
        """The commits of a run's annotations by their ids."""
        paths = {one.id: str(self._file(place, run_id, one)) for one in annotations}
        return {
            identity: self.commits[path]
            for identity, path in paths.items()
            if path in self.commits
        }  # fmt: skip

    def changes(
        self, place: Place, run_id: str, annotations: Iterable[Annotation]
    ) -> dict[str, Change]:
        """Which of a run's annotations are new or changed against the base, by their ids."""
        if self.base is None:
            return {}
        found: dict[str, Change] = {}
        for one in annotations:
            digest = self.base.digest_by_id.get(one.id)
            if digest is None:
                found[one.id] = "new"
            elif digest != _digest(self._file(place, run_id, one)):
                found[one.id] = "changed"
        return found

    def summary(self, runs: Sequence[ReviewedRun]) -> BaseSummary | None:
        """What changed against the base, over all *runs*; None without a base."""
        if self.base is None:
            return None
        changes = [change for run in runs for change in run.changes.values()]
        ids = {one.annotation.id for run in runs for one in run.annotations}
        return BaseSummary(
            label=self.base.label,
            new=changes.count("new"),
            changed=changes.count("changed"),
            removed=len(self.base.digest_by_id.keys() - ids),
        )

    def _file(self, place: Place, run_id: str, one: Annotation) -> Path:
        if one.path.startswith(f"{FOLDER}/") or self.annotations_dir is None:
            return Path(place.real_path, one.path)
        return self.annotations_dir / slug(run_id) / one.path


def read_reviewing(roots: Sequence[Path], settings: Settings, base: Base | None) -> Reviewing:
    """What git knows of the sidecars of the runs below *roots*."""
    asked = [(root.resolve(), IN_BUNDLES) for root in roots if settings.has_git_authors]
    real = settings.annotations_dir.resolve() if settings.annotations_dir else None
    if real is not None and settings.has_git_authors and real.is_dir():
        asked.append((real, IN_FOLDERS))
    commits: dict[str, Committed] = {}
    problems: list[Problem] = []
    for directory, pattern in asked:
        found, told = read_commits(directory, pattern)
        commits |= found
        problems += told
    return Reviewing(
        has_commits=bool(asked) and not problems,
        commits=commits,
        base=base,
        annotations_dir=real,
        problems=tuple(problems),
    )


def _digest(path: Path) -> str | None:
    try:
        return sidecar_digest(read_bytes(path.parent, path.name, SIDECAR_BYTES))
    except FileError:
        return None


def sidecar_digest(content: bytes) -> str:
    """SHA-256 of a sidecar, by which a changed one is known."""
    return hashlib.sha256(content).hexdigest()
