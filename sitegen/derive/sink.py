"""Where a part's published data files go while it is being derived.

Floor 3. The build gives an implementation that encodes, names by content and writes; tests give one
that keeps the payloads. A part never learns names of files or of its run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO, Protocol

from sitegen.model import Json
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A data file of the site that a page may load."""

    name: str
    """Name within the run (`metrics-0`); pages load it as `<run slug>/<name>`."""
    file: str
    """Path in the site, named by the hash of its content."""
    size_bytes: int
    """Size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """A copy of an attachment in the site."""

    file: str
    """Path in the site: slug, digits and an allowed extension."""
    size_bytes: int
    """Size."""


class Sink(Protocol):
    """Takes a part's published files as they are made."""

    def data(self, name: str, payload: Mapping[str, Json]) -> DataFile:
        """Publish *payload* as the data file *name*; NaN and ±Inf become their texts."""
        ...

    def encoded(self, name: str, content: bytes) -> DataFile:
        """Publish *content*, a JSON object in which all numbers are exact in a browser."""
        ...

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        """Publish a text made by us (a CSV): `files/<run slug>/<name>-<hash>.<extension>`."""
        ...

    def scratch(self) -> BinaryIO:
        """An empty temporary file beside what is made, removed when it is closed."""
        ...

    def copy(self, path: str, extension: str) -> PublishedFile:
        """Copy the bundle's file *path* to `files/<run slug>/<slug of path>.<extension>`."""
        ...

    def library(self) -> PublishedFile:
        """Publish the large chart library, once for all runs that need it."""
        ...
