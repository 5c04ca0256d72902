"""Whether a site is what its manifest says, and what its bundles give.

Floor 6. Nothing is written into the site. The manifest came with it and may say anything: a path
that leads outside is never opened, symbolic links are never followed, only regular files that were
listed below the site are read. A rebuild goes into a temporary directory of its own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from sitegen.build.output.manifest import (
    ManifestEntry,
    SiteManifest,
    manifest_text,
    read_site_manifest,
)
from sitegen.build.output.store import MANIFEST
from sitegen.build.progress import Progress
from sitegen.bundle.paths import PathError, check_relative
from sitegen.bundle.settings import Settings
from sitegen.read.files import FileError, file_sha256
from sitegen.records import dataclass

_GIT = ".git"

Kind = Literal[
    "missing", "changed", "extra", "unsafe", "unreadable", "unfinished",
    "differs", "not-rebuilt", "only-rebuilt",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """Size and digest of a file."""

    size_bytes: int
    """Size."""
    sha256: str | None
    """SHA-256 in hex, None where the size already tells the difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One file that is not as expected."""

    kind: Kind
    """missing, changed, extra, unsafe, unreadable, unfinished: against the manifest. differs,
    not-rebuilt, only-rebuilt: against a rebuild."""
    path: str
    """File of the site, as the manifest or the file system names it."""
    expected: FileFacts | None
    """What the manifest or the rebuild says, None if it does not know the file."""
    found: FileFacts | None
    """What lies in the site, None if nothing that could be read does."""
    message: str
    """What was found and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDifference:
    """A program whose version the bytes depend on, and which is another one here."""

    name: str
    """sitegen, python, zlib, or a library."""
    site: str | None
    """Version that the manifest records, None if it records none."""
    here: str | None
    """Version that would build now, None if it is not among those recorded now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What verifying a site found."""

    site: Path
    """The site."""
    files: int
    """Files that the manifest names."""
    size_bytes: int
    """Their sizes in all, as the manifest says."""
    versions: tuple[VersionDifference, ...]
    """Differences of recorded versions; looked at before a rebuild only."""
    is_rebuilt: bool
    """Whether it was held against a rebuild."""
    findings: tuple[Finding, ...]
    """Files that are not as expected, by path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """What lies below a directory."""

    sizes: dict[str, int]
    """Size of each regular file by path."""
    others: dict[str, str]
    """What else there is by path: links, devices, directories that cannot be read."""


def verify_site(site: Path) -> Verification:
    """*site* held against its own manifest.

    Raises:
        ManifestError: if it is no site of ours or its manifest cannot be read.
    """
    manifest = read_site_manifest(site)
    listing = _list(site)
    known = [*_against_manifest(site, manifest, listing), *_extra(manifest, listing)]
    return Verification(
        site=site,
        files=len(manifest.files),
        size_bytes=sum(entry.bytes or 0 for entry in manifest.files.values()),
        versions=(),
        is_rebuilt=False,
        findings=tuple(sorted(known, key=lambda finding: finding.path)),
    )


def verify_rebuild(
    site: Path,
    roots: Sequence[Path],
    settings: Settings,
    *,
    workers: int | None,
    progress: Progress,
) -> Verification:
    """*site* held against its manifest and against a new build of *roots*.

    A file that is not as the manifest says is told once, not again for the rebuild.

    Raises:
        SitegenError: see `verify_site` and `build_site`.
    """
    from sitegen.build.site import build_site  # heavy; only for a rebuild

    own = verify_site(site)
    recorded = read_site_manifest(site)
    with tempfile.TemporaryDirectory(prefix="sitegen-verify-") as folder:
        output = Path(folder) / "site"
        build_site(roots, output, settings, workers=workers, progress=progress)
        rebuilt = read_site_manifest(output)
        is_same_text = manifest_text(output) == manifest_text(site)
    different_versions = tuple(_version_differences(recorded.generator, rebuilt.generator))
    told = {finding.path for finding in own.findings}
    found = [*own.findings, *_against_rebuild(recorded, rebuilt, told)]
    if not found and not different_versions and not is_same_text:
        found.append(
            Finding(
                kind="differs", path=MANIFEST, expected=None, found=None,
                message="is written otherwise than a build writes it",
            )
        )  # fmt: skip
    return Verification(
        site=site, files=own.files, size_bytes=own.size_bytes, versions=different_versions,
        is_rebuilt=True, findings=tuple(sorted(found, key=lambda finding: finding.path)),
    )  # fmt: skip


def _list(site: Path) -> _Listing:
    """Everything below *site* but .git at its top, which version control keeps there."""
    sizes: dict[str, int] = {}
    others: dict[str, str] = {}
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            entries = list(os.scandir(site / folder))
        except OSError as error:
            others[folder] = f"cannot be read: {error.strerror}"
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_symlink():
                others[path] = "is a symbolic link"
            elif entry.is_dir(follow_symlinks=False):
                if path != _GIT:
                    waiting.append(path)
            elif entry.is_file(follow_symlinks=False):
                if path not in {_GIT, MANIFEST} and (size_bytes := _size(entry)) is not None:
                    sizes[path] = size_bytes
            else:
                others[path] = "is neither a file nor a directory"
    return _Listing(sizes=sizes, others=others)


def _size(entry: os.DirEntry[str]) -> int | None:
    """Size of a file, None if it has gone since it was listed."""
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return None


def _against_manifest(site: Path, manifest: SiteManifest, listing: _Listing) -> Iterator[Finding]:
    if any(entry.bytes is None or entry.sha256 is None for entry in manifest.files.values()):
        yield Finding(
            kind="unfinished", path=MANIFEST, expected=None, found=None,
            message="names files without their digests: a build is under way or was interrupted;"
            " build again",
        )  # fmt: skip
    for path, entry in manifest.files.items():
        finding = _file_finding(site, path, entry, listing)
        if finding is not None:
            yield finding


def _file_finding(site: Path, path: str, entry: ManifestEntry, listing: _Listing) -> Finding | None:
    """What is wrong with one file that the manifest names, None if nothing is."""
    expected = _facts(entry)
    try:
        check_relative(path)
    except PathError:
        return Finding(
            kind="unsafe", path=path, expected=expected, found=None,
            message="is not a path inside the site; it was not opened",
        )  # fmt: skip
    if path in listing.others:
        return Finding(
            kind="changed", path=path, expected=expected, found=None,
            message=f"{listing.others[path]}; expected a file{_expectation(expected)}",
        )  # fmt: skip
    if path not in listing.sizes:
        return Finding(
            kind="missing", path=path, expected=expected, found=None,
            message=f"is missing; expected a file{_expectation(expected)}",
        )  # fmt: skip
    if expected is None:
        return None
    return _changed(site, path, expected, listing.sizes[path])


def _changed(site: Path, path: str, expected: FileFacts, size_bytes: int) -> Finding | None:
    found = FileFacts(size_bytes=size_bytes, sha256=None)
    if size_bytes != expected.size_bytes:
        message = f"holds {size_bytes:,} bytes, expected {expected.size_bytes:,}"
        return Finding(kind="changed", path=path, expected=expected, found=found, message=message)
    try:
        found = FileFacts(size_bytes=size_bytes, sha256=file_sha256(site, path))
    except FileError as error:
        return Finding(
            kind="unreadable", path=path, expected=expected, found=None,
            message=f"{error.message}; expected a file{_expectation(expected)}",
        )  # fmt: skip
    if found.sha256 == expected.sha256:
        return None
    return Finding(
        kind="changed", path=path, expected=expected, found=found,
        message=f"has SHA-256 {_short(found)}, expected {_short(expected)}",
    )  # fmt: skip


def _extra(manifest: SiteManifest, listing: _Listing) -> Iterator[Finding]:
    for path, size_bytes in listing.sizes.items():
        if path not in manifest.files:
            yield Finding(
                kind="extra", path=path, expected=None,
                found=FileFacts(size_bytes=size_bytes, sha256=None),
                message=f"is not in the manifest; expected no file, found {size_bytes:,} bytes",
            )  # fmt: skip
    for path, what in listing.others.items():
        if path not in manifest.files:
            yield Finding(
                kind="extra", path=path, expected=None, found=None,
                message=f"is not in the manifest, expected nothing; it {what}",
            )  # fmt: skip


def _against_rebuild(
    recorded: SiteManifest, rebuilt: SiteManifest, told: set[str]
) -> Iterator[Finding]:
    """Files whose bytes the rebuild has not; what is not *told* is as *recorded*."""
    for path in sorted((recorded.files.keys() | rebuilt.files.keys()) - told):
        found = _facts(recorded.files.get(path, ManifestEntry()))
        expected = _facts(rebuilt.files.get(path, ManifestEntry()))
        if path not in rebuilt.files:
            kind: Kind = "not-rebuilt"
            message = "is in the site, but a rebuild does not make it"
        elif path not in recorded.files:
            kind, message = "only-rebuilt", "is not in the site, but a rebuild makes it"
            message += _expectation(expected)
        elif found and expected and found != expected:
            kind = "differs"
            message = (
                f"differs from a rebuild: {found.size_bytes:,} bytes, SHA-256 {_short(found)};"
                f" expected {expected.size_bytes:,} bytes, SHA-256 {_short(expected)}"
            )
        else:
            continue
        yield Finding(kind=kind, path=path, expected=expected, found=found, message=message)


def _version_differences(
    recorded: dict[str, str], here: dict[str, str]
) -> Iterator[VersionDifference]:
    for name in sorted(recorded.keys() | here.keys()):
        if recorded.get(name) != here.get(name):
            yield VersionDifference(name=name, site=recorded.get(name), here=here.get(name))


def _facts(entry: ManifestEntry) -> FileFacts | None:
    if entry.bytes is None or entry.sha256 is None:
        return None
    return FileFacts(size_bytes=entry.bytes, sha256=entry.sha256)


def _expectation(facts: FileFacts | None) -> str:
    return f" of {facts.size_bytes:,} bytes, SHA-256 {_short(facts)}" if facts else ""


def _short(facts: FileFacts) -> str:
    """The first digits of the digest, for people."""
    return f"{(facts.sha256 or '')[:12]}…"
