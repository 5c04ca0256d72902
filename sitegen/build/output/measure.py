"""The sink that writes nothing: sizes are those of a build, the files are never made. Floor 6."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from sitegen.bundle.paths import slug
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.model import Json
from sitegen.read.files import open_file
from sitegen.render.payload import content_hash, data_script, encoded_script


class MeasuringSink:
    """Takes what a part publishes for the sake of the problems that come up on the way.

    Payloads are encoded and texts run through, so that a fault there is found as in a build. An
    attachment is opened, not read: its bytes were hashed before.
    """

    def __init__(self, run_slug: str, bundle_root: Path) -> None:
        self._slug = run_slug
        self._root = bundle_root

    def data(self, name: str, payload: Mapping[str, Json]) -> DataFile:
        """See `Sink.data`."""
        return self._measured(data_script(f"{self._slug}/{name}", payload), name)

    def encoded(self, name: str, content: bytes) -> DataFile:
        """See `Sink.encoded`."""
        return self._measured(encoded_script(f"{self._slug}/{name}", content), name)

    def _measured(self, content: bytes, name: str) -> DataFile:
        file = f"data/{self._slug}/{content_hash(content)}.js"
        return DataFile(name=name, file=file, size_bytes=len(content))

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        """See `Sink.text`."""
        size_bytes = sum(len(piece.encode("utf-8", "replace")) for piece in pieces)
        file = f"files/{self._slug}/{slug(name)}.{extension}"
        return PublishedFile(file=file, size_bytes=size_bytes)

    def scratch(self) -> BinaryIO:
        """See `Sink.scratch`: where the system keeps temporary files, as there is no output."""
        return cast("BinaryIO", TemporaryFile(prefix="sitegen-"))

    def copy(self, path: str, extension: str) -> PublishedFile:
        """See `Sink.copy`."""
        with open_file(self._root, path) as source:
            size_bytes = os.fstat(source.fileno()).st_size
        file = f"files/{self._slug}/{slug(path)}.{extension}"
        return PublishedFile(file=file, size_bytes=size_bytes)

    def library(self) -> PublishedFile:
        """See `Sink.library`."""
        return PublishedFile(file="assets/plotly-large.js", size_bytes=0)
