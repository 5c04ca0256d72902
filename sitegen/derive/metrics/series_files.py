"""One series as data files, and the facts of it.

Floor 3. Up to `EXACT_POINTS` points are published as logged, in chunks of many series; a longer
series as buckets and tiles (`pyramid`).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sitegen.derive.anchors import AnchorFacts, content_digest
from sitegen.derive.metrics.buckets import buckets_of
from sitegen.derive.metrics.facts import MetricFacts
from sitegen.derive.metrics.pyramid import BUCKET_POINTS, Pyramid, points_json
from sitegen.derive.metrics.tally import Tally, overview_of
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Series, SeriesBlocks

EXACT_POINTS = 10_000
"""Series up to this length are published in one piece (Plotly draws 20,000 points in 0.1 s)."""
_CHUNK_BYTES = 200_000


def metric_facts(
    given: SeriesBlocks, chunks: SeriesChunks, wanted: WantedSteps, *, is_exact: bool
) -> MetricFacts:
    """The facts of one series, its data files written and its *wanted* steps found."""
    tally = Tally(given)
    pyramid = None
    if given.count > EXACT_POINTS:
        pyramid = Pyramid(given.name, given.count, chunks.sink, is_exact=is_exact)
    start, block = 0, None
    for block in given.blocks():
        buckets = buckets_of(block, start, BUCKET_POINTS)
        tally.add(block, buckets)
        wanted.add(block)
        if pyramid is not None:
            pyramid.add(block, buckets)
        start += len(block.values)
    assert block is not None
    if pyramid is None:
        payload, steps, values = _short_json(block), block.steps, block.values
    else:
        payload = pyramid.payload()
        steps, values = pyramid.drawn()
    return tally.facts(
        is_exact=is_exact or pyramid is None,
        shown_count=len(values),
        data_name=chunks.add(given.name, payload),
        overview=overview_of(steps, values),
    )


def _short_json(block: Series) -> dict[str, Json]:
    columns = points_json(block.steps, block.times_us, block.values)
    return columns | {"count": len(block.values), "bucketed": False}


class SeriesChunks:
    """Packs series into data files of about `_CHUNK_BYTES`, so that a run has few of them."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        """Where they go."""
        self._files: list[DataFile] = []
        self._open: dict[str, Json] = {}
        self._open_bytes = 0

    def add(self, name: str, payload: dict[str, Json]) -> str:
        """The name of the data file that will hold the *payload* of the series *name*."""
        size_bytes = len(str(payload))
        if self._open and self._open_bytes + size_bytes > _CHUNK_BYTES:
            self._write()
        self._open[name] = payload
        self._open_bytes += size_bytes
        return self._name()

    def close(self) -> tuple[DataFile, ...]:
        """Write what is open; all files."""
        if self._open:
            self._write()
        return tuple(self._files)

    def _name(self) -> str:
        return f"metrics-{len(self._files)}"

    def _write(self) -> None:
        self._files.append(self.sink.data(self._name(), {"series": self._open}))
        self._open, self._open_bytes = {}, 0


class WantedSteps:
    """Gathers the values at the steps of one series that people speak of."""

    def __init__(self, steps: Collection[int]) -> None:
        whole = sorted(step for step in steps if -(2**63) <= step < 2**63)
        self._steps = np.array(whole, dtype=np.int64)
        self._values: dict[int, list[float]] = {}

    def add(self, block: Series) -> None:
        """The next block."""
        if not len(self._steps):
            return
        found = np.flatnonzero(np.isin(block.steps, self._steps))
        for step, value in zip(
            block.steps[found].tolist(), block.values[found].tolist(), strict=True
        ):
            self._values.setdefault(step, []).append(value)

    def anchors(self, name: str) -> dict[str, AnchorFacts]:
        """The anchors of the steps of the metric *name* that were found."""
        return {
            f"metric:{name}/{step}": AnchorFacts(
                digest=content_digest(values), label=f"metric {name} at step {step:,}"
            )
            for step, values in sorted(self._values.items())
        }
