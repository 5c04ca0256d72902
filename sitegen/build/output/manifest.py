"""sitegen-manifest.json of a site, typed, read back by a reader that trusts nothing in it.

Floor 6. `store` writes it. Its paths are only names here: whoever opens one has to check it first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from sitegen.build.output.store import MANIFEST
from sitegen.errors import SitegenError
from sitegen.read.files import FileError, read_bytes

_MOST_BYTES = 1_000_000_000
"""Largest manifest that is read: some five million files."""


class ManifestEntry(Struct, frozen=True, kw_only=True):
    """What the manifest says of one file; nothing while a build is replacing files."""

    bytes: Annotated[int, Meta(ge=0)] | None = None
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


class SiteManifest(Struct, frozen=True, kw_only=True):
    """sitegen-manifest.json: every other file of the site, and the versions its bytes depend on."""

    format: Literal[1]
    generator: dict[str, str]
    files: dict[str, ManifestEntry]


class ManifestError(SitegenError):
    """A directory that is no site of ours, or whose manifest cannot be read."""


def read_site_manifest(site: Path) -> SiteManifest:
    """The manifest of *site*.

    Raises:
        ManifestError: if *site* is no directory with a manifest of format 1.
    """
    text = manifest_text(site)
    try:
        return msgspec.json.decode(text, type=SiteManifest)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ManifestError(
            f"is no manifest of format 1: {_explained(error)}",
            path=str(site / MANIFEST),
            hint="Build the site again. What a newer sitegen built is verified by that one.",
        ) from error


def manifest_text(site: Path) -> bytes:
    """The bytes of the manifest of *site*.

    Raises:
        ManifestError: if there is none, or it is a symbolic link, or cannot be read.
    """
    if not site.exists():
        raise ManifestError("no such directory", path=str(site), hint="Check the SITE argument.")
    if not site.is_dir():
        raise ManifestError(
            "is a file; expected the directory of a site", path=str(site),
            hint=f"Name the directory that holds {MANIFEST}.",
        )  # fmt: skip
    try:
        return read_bytes(site, MANIFEST, _MOST_BYTES)
    except FileError as error:
        raise ManifestError(
            f"is no site that can be verified: {MANIFEST} {error.message}", path=str(site),
            hint="Name the directory sitegen build wrote: sitegen verify SITE [--rebuild RUNS]",
        ) from error  # fmt: skip


def _explained(error: Exception) -> str:
    text = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return f"{text[:1].lower()}{text[1:]}".replace("`", "")
