"""All files of a site, of which only those are named that may differ from the last build's.

Floor 6. Of 40,000 files a build of one changed run names some hundred; the others stay as the
manifest has them, which is neither decoded nor encoded for that.
"""

from __future__ import annotations

from collections.abc import Mapping

from sitegen.build.output.manifest_edit import ManifestText
from sitegen.build.output.output_file import OutputFile
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LastFiles:
    """The files of the last build, all of which lie in the site."""

    manifest: ManifestText
    """Names all of them."""
    size_bytes: int
    """Bytes of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFiles:
    """The files of a site, by what may differ from the last one."""

    last: LastFiles | None
    """The files before; None if nothing is known of them."""
    before: Mapping[str, OutputFile]
    """Those of them that may change or go, by path."""
    after: Mapping[str, OutputFile]
    """What there is instead, new files too; all files if nothing is known of those before."""

    @property
    def changed(self) -> dict[str, OutputFile]:
        """Files that are new or differ, by path."""
        return {
            path: file
            for path, file in self.after.items()
            if (before := self.before.get(path)) is not file and before != file
        }

    @property
    def removed(self) -> set[str]:
        """Paths of files that are no more."""
        return self.before.keys() - self.after.keys()

    @property
    def count(self) -> int:
        """Number of all files."""
        kept = self.last.manifest.count - len(self.before) if self.last else 0
        return kept + len(self.after)

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        kept = self.last.size_bytes - _bytes(self.before) if self.last else 0
        return kept + _bytes(self.after)

    def every(self) -> dict[str, OutputFile]:
        """All files by path."""
        files = self.last.manifest.below("") if self.last else {}
        return {path: file for path, file in files.items() if path not in self.before} | dict(
            self.after
        )


def whole(files: Mapping[str, OutputFile]) -> SiteFiles:
    """A site of *files*, of which nothing is known before."""
    return SiteFiles(last=None, before={}, after=files)


def _bytes(files: Mapping[str, OutputFile]) -> int:
    return sum(file.size_bytes for file in files.values())
