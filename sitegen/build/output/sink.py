"""The sink that writes a run's data files and attachments into the staged site. Floor 6."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from sitegen.build.output.output_file import OutputFile
from sitegen.bundle.paths import slug, slug_words
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.model import Json
from sitegen.read.files import open_file
from sitegen.render.payload import NAME_DIGITS, data_script, encoded_script
from sitegen.render.theme import large_plotly


class StagedSink:
    """Writes below *staging*; names data by content, copies by the attachment's path."""

    def __init__(self, staging: Path, run_slug: str, bundle_root: Path) -> None:
        self.outputs: dict[str, OutputFile] = {}
        """Files written so far, by path in the site."""
        self._staging = staging
        self._slug = run_slug
        self._root = bundle_root

    def data(self, name: str, payload: Mapping[str, Json]) -> DataFile:
        """See `Sink.data`."""
        return self._published(name, data_script(f"{self._slug}/{name}", payload))

    def encoded(self, name: str, content: bytes) -> DataFile:
        """See `Sink.encoded`."""
        return self._published(name, encoded_script(f"{self._slug}/{name}", content))

    def _published(self, name: str, content: bytes) -> DataFile:
        digest = hashlib.sha256(content).hexdigest()
        file = f"data/{self._slug}/{_named(name)}{digest[:NAME_DIGITS]}.js"
        path = self._made(file)
        path.write_bytes(content)
        self.outputs[file] = OutputFile(len(content), digest)
        return DataFile(name=name, file=file, size_bytes=len(content))

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        """See `Sink.text`."""
        folder = f"files/{self._slug}"
        partial = self._made(f"{folder}/{slug(name)}.partial")
        digest, size_bytes = hashlib.sha256(), 0
        with partial.open("wb") as stream:
            for piece in pieces:
                content = piece.encode("utf-8", "replace")
                digest.update(content)
                size_bytes += stream.write(content)
        file = f"{folder}/{_named(name)}{digest.hexdigest()[:NAME_DIGITS]}.{extension}"
        os.replace(partial, self._staging / file)
        self.outputs[file] = OutputFile(size_bytes, digest.hexdigest())
        return PublishedFile(file=file, size_bytes=size_bytes)

    def scratch(self) -> BinaryIO:
        """See `Sink.scratch`."""
        self._staging.mkdir(parents=True, exist_ok=True)
        return cast("BinaryIO", TemporaryFile(dir=self._staging, prefix=".scratch-"))

    def copy(self, path: str, extension: str) -> PublishedFile:
        """See `Sink.copy`."""
        file = f"files/{self._slug}/{slug(path)}.{extension}"
        if file in self.outputs:  # two paths with one slug: the second must not become the first
            file = f"files/{self._slug}/{slug(f'{path}~2')}.{extension}"
        target = self._made(file)
        with open_file(self._root, path) as source, target.open("wb") as stream:
            digest, size_bytes = hashlib.sha256(), 0
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                size_bytes += stream.write(chunk)
        self.outputs[file] = OutputFile(size_bytes, digest.hexdigest())
        return PublishedFile(file=file, size_bytes=size_bytes)

    def library(self) -> PublishedFile:
        """See `Sink.library`."""
        asset = large_plotly()
        content = OutputFile(len(asset.content), hashlib.sha256(asset.content).hexdigest())
        if asset.path not in self.outputs:
            # Every run that needs it stages the same bytes, maybe two of them at once.
            partial = self._made(f"{asset.path}.{self._slug}")
            partial.write_bytes(asset.content)
            os.replace(partial, self._staging / asset.path)
            self.outputs[asset.path] = content
        return PublishedFile(file=asset.path, size_bytes=content.size_bytes)

    def _made(self, file: str) -> Path:
        path = self._staging / file
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _named(name: str) -> str:
    """The readable part of a file's name, which the hash of the content follows."""
    words = slug_words(name)
    return f"{words}-" if words else ""
