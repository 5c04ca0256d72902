"""Data files with the whole samples of an eval.

Floor 3. Samples go into `evals-<number>-<chunk>` in file order, about 200 kB each. With ordinals
of the first sample of each chunk a page goes from ordinal to chunk and place.
"""

from __future__ import annotations

from sitegen.derive.evals.samples import payload_of
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Sample

_CHUNK_BYTES = 200_000


class SampleFiles:
    """The data files of one eval while it is read (it holds the samples of the open file)."""

    def __init__(self, number: int, sink: Sink) -> None:
        self.files: list[DataFile] = []
        self.chunk_starts: list[int] = []
        self.chunk_files: list[str] = []
        self.bytes_seen = 0
        self._number = number
        self._sink = sink
        self._count = 0
        self._chunk: list[dict[str, Json]] = []
        self._chunk_bytes = 0

    def add(self, sample: Sample, digest: str, input_digest: str) -> tuple[int, int]:
        """Chunk and place of the payload of *sample*; a file is closed when it is large enough."""
        payload, size_bytes = payload_of(sample, digest, input_digest)
        if self._chunk and self._chunk_bytes + size_bytes > _CHUNK_BYTES:
            self._write_chunk()
        if not self._chunk:
            self.chunk_starts.append(self._count)
        self._chunk.append(payload)
        self._chunk_bytes += size_bytes
        self.bytes_seen += size_bytes
        self._count += 1
        return len(self.chunk_starts) - 1, len(self._chunk) - 1

    def close(self) -> None:
        """Write what is still open."""
        if self._chunk:
            self._write_chunk()

    def _write_chunk(self) -> None:
        name = f"evals-{self._number}-{len(self.chunk_starts) - 1}"
        self.files.append(self._sink.data(name, {"samples": self._chunk}))
        self.chunk_files.append(self.files[-1].file)
        self._chunk, self._chunk_bytes = [], 0
