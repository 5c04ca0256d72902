"""Versions that the bytes of a site depend on. Floor 6."""

from __future__ import annotations

import platform
import zlib
from collections.abc import Mapping
from functools import cache

from sitegen import __version__
from sitegen.installed import installed_directory, installed_version

_PARTS = ("jinja2", "numpy", "pyarrow", "pygments")
_EXTRAS = ("mammoth", "nh3", "plotly")
"""Named where they are installed: without the first two Word documents are not shown."""


@cache
def versions() -> Mapping[str, str]:
    """Versions that the bytes of a site depend on."""
    return {
        "sitegen": __version__,
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{
            name: version
            for name in (*_PARTS, *_EXTRAS)
            if (version := installed_version(name)) is not None
        },
    }


def library_directories() -> list[str]:
    """Where the libraries that the bytes depend on lie: another version changes the directory."""
    return [place for name in _PARTS if (place := installed_directory(name)) is not None]
