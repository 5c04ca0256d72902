"""What is known of sidecars beside their text: who committed them, and what is new against a base.

Floor 6. Asked of git once for all runs, and only if the settings or the command line say so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from sitegen.build.cache.keys import digest_of
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import FOLDER
from sitegen.derive.reviews import ReviewedRun
from sitegen.derive.since import Change, SinceBase
from sitegen.errors import Problem
from sitegen.model import Annotation
from sitegen.pages.site.reviews import BaseSummary
from sitegen.read.annotations import SIDECAR_BYTES, annotation_in
from sitegen.read.bundle import Place
from sitegen.read.files import FileError, read_bytes
from sitegen.read.git_authors import IN_BUNDLES, IN_FOLDERS, Committed, read_commits
from sitegen.records import dataclass

_DEPTH = DEFAULT_LIMITS.json_depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The annotations that others are new against."""

    label: str
    """What it is called: the revision, or the directory's name."""
    key: str
    """Digest of all of it."""
    digest_by_id: Mapping[str, str]
    """SHA-256 of each sidecar by its id."""
    content_by_folder: Mapping[str, Mapping[str, bytes]]
    """Their texts by id, by the folder that holds them: the real path of what git knows, of a
    directory the path below it."""

    def beside(self, folder: Path, least: int) -> Mapping[str, bytes]:
        """What lay where *folder* is, at least the last *least* parts of whose path are the same:
        a directory may be a copy of the runs, or of the repository that holds them.
        """
        parts = folder.parts[1:]
        names = [folder.as_posix(), *("/".join(parts[at:]) for at in range(len(parts) - least + 1))]
        known = self.content_by_folder
        return next((known[one] for one in names if one in known), {})


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

    def removed(self, place: Place, run_id: str, ids: Collection[str]) -> tuple[Annotation, ...]:
        """The annotations that the base has of a run whose annotations are *ids*, by id."""
        return tuple(
            annotation
            for name, content in sorted(self._before(place, run_id).items())
            if name not in ids
            if (annotation := annotation_in(content, f"{name}.json", _DEPTH)) is not None
        )

    def has_before(self, place: Place, run_id: str) -> bool:
        """Whether the base has anything of a run."""
        return bool(self._before(place, run_id))

    def since(
        self, place: Place, run_id: str, annotations: Collection[Annotation]
    ) -> SinceBase | None:
        """What became of a run's annotations; None without a base."""
        if self.base is None:
            return None
        return SinceBase(
            label=self.base.label,
            changes=self.changes(place, run_id, annotations),
            removed=self.removed(place, run_id, {one.id for one in annotations}),
        )

    def key(self, place: Place, run_id: str, *, has_annotations: bool) -> str:
        """Digest of what the page of a run whose bundle is as it was may say of the base."""
        if self.base is None:
            return ""
        return self.base.key if has_annotations or self.has_before(place, run_id) else ""

    def _before(self, place: Place, run_id: str) -> Mapping[str, bytes]:
        """What the base has of a run, by id."""
        if self.base is None:
            return {}
        least = len(PurePosixPath(place.relative).parts) + 1 if place.relative else 1
        found = dict(self.base.beside(Path(place.real_path, FOLDER), least))
        if self.annotations_dir is not None:
            found |= self.base.beside(self.annotations_dir / slug(run_id), 1)
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


def base_of(label: str, content_by_path: Mapping[str, bytes]) -> Base:
    """The base that the sidecars of these texts are, by path."""
    folders: dict[str, dict[str, bytes]] = {}
    digests = {}
    for path, content in content_by_path.items():
        folder, _, name = path.rpartition("/")
        identity = name.removesuffix(".json")
        folders.setdefault(folder, {})[identity] = content
        digests[identity] = sidecar_digest(content)
    return Base(
        label=label,
        key=digest_of(label, content_by_path),
        digest_by_id=digests,
        content_by_folder=folders,
    )


def _digest(path: Path) -> str | None:
    try:
        return sidecar_digest(read_bytes(path.parent, path.name, SIDECAR_BYTES))
    except FileError:
        return None


def sidecar_digest(content: bytes) -> str:
    """SHA-256 of a sidecar, by which a changed one is known."""
    return hashlib.sha256(content).hexdigest()
