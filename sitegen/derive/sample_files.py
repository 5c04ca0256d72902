"""Data files with the whole samples of an eval, and with their ids, so that a page finds each.

Floor 3. Samples go into `evals-<number>-<chunk>` in file order, about 200 kB each; ids and epochs
by ordinal into `evals-<number>-ids-<i>`. With the ordinals of the first sample of each chunk a page
goes from (id, epoch) to ordinal, chunk and place.
"""

from __future__ import annotations

from sitegen.derive.samples import payload_of
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Sample

_CHUNK_BYTES = 200_000
_IDS_IN_A_FILE = 20_000


class SampleFiles:
    """The data files of one eval while it is read (it holds the samples of the open file)."""

    def __init__(self, number: int, sink: Sink) -> None:
        self.files: list[DataFile] = []
        self.chunk_starts: list[int] = []
        self.chunk_files: list[str] = []
        self.id_files = 0
        self.bytes_seen = 0
        self._number = number
        self._sink = sink
        self._count = 0
        self._chunk: list[dict[str, Json]] = []
        self._chunk_bytes = 0
        self._ids: list[str] = []
        self._epochs: list[int] = []

    def add(self, sample: Sample, digest: str) -> tuple[int, int]:
        """Chunk and place of the payload of *sample*; a file is closed when it is large enough."""
        payload, size_bytes = payload_of(sample, digest)
        if self._chunk and self._chunk_bytes + size_bytes > _CHUNK_BYTES:
            self._write_chunk()
        if not self._chunk:
            self.chunk_starts.append(self._count)
        self._chunk.append(payload)
        self._chunk_bytes += size_bytes
        self.bytes_seen += size_bytes
        self._ids.append(sample.id)
        self._epochs.append(sample.epoch)
        self._count += 1
        if len(self._ids) >= _IDS_IN_A_FILE:
            self._write_ids()
        return len(self.chunk_starts) - 1, len(self._chunk) - 1

    def close(self) -> None:
        """Write what is still open."""
        if self._chunk:
            self._write_chunk()
        if self._ids:
            self._write_ids()

    def _write_chunk(self) -> None:
        name = f"evals-{self._number}-{len(self.chunk_starts) - 1}"
        self.files.append(self._sink.data(name, {"samples": self._chunk}))
        self.chunk_files.append(self.files[-1].file)
        self._chunk, self._chunk_bytes = [], 0

    def _write_ids(self) -> None:
        payload: dict[str, Json] = {"ids": self._ids}
        if any(epoch != 1 for epoch in self._epochs):
            payload["epochs"] = self._epochs
        name = f"evals-{self._number}-ids-{self.id_files}"
        self.files.append(self._sink.data(name, payload))
        self.id_files += 1
        self._ids, self._epochs = [], []
