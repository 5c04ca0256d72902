"""Versions of installed libraries, told by the names of their directories.

Floor 0. `importlib.metadata` reads and parses each library's METADATA as an e-mail, and brings
`email`, `zipfile` and `socket` with it: 30 ms of the CPU of every build, for five versions.
It is asked only for what has no `<name>-<version>.dist-info`
(https://packaging.python.org/en/latest/specifications/recording-installed-packages/).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import sitegen

_SUFFIX = ".dist-info"


def installed_version(library: str) -> str | None:
    """Version of *library*, None if it is not installed."""
    found = _distribution(library)
    return found[0] if found else None


def own_code(folder: str = "") -> list[str]:
    """Our own modules below *folder* of the package, sorted."""
    package = Path(sitegen.__file__).parent / folder
    return sorted(
        f"{place}/{name}"
        for place, _, names in os.walk(package)
        for name in names
        if name.endswith(".py")
    )


def installed_directory(library: str) -> str | None:
    """Where *library* is installed: another version changes this directory."""
    found = _distribution(library)
    return found[1] if found else None


def _distribution(library: str) -> tuple[str, str] | None:
    found = _distributions().get(_plain(library))
    if found is None and find_spec(_plain(library)) is not None:
        from importlib.metadata import PackageNotFoundError, distribution

        try:
            other = distribution(library)
        except PackageNotFoundError:
            return None
        return other.version, str(other.locate_file("."))
    return found


@cache
def _distributions() -> Mapping[str, tuple[str, str]]:
    """Version and place of what is installed, the first on the path by name."""
    found: dict[str, tuple[str, str]] = {}
    for place in sys.path:
        for name in _names(place or "."):
            if name.endswith(_SUFFIX):
                library, _, version = name.removesuffix(_SUFFIX).rpartition("-")
                found.setdefault(_plain(library), (version, place or "."))
    return found


def _names(place: str) -> list[str]:
    try:
        with os.scandir(place) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:  # a zip file, or nothing
        return []


def _plain(library: str) -> str:
    """One spelling of a library's name; of those asked for here it is that of the module, too."""
    return library.lower().replace("-", "_").replace(".", "_")
