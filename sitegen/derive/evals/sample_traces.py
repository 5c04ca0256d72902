"""Which traces were recorded for the samples of an eval: how pages find one by the other.

Floor 3. The data file `evals-<number>-traces` holds a row per trace of a sample, in file order:

    {"eval": name, "traces": words, "ids": words, "epochs": column | null (all are 1)}

with words and columns of `columns.py` and `codec.py`. Rows beyond 500,000 are left out.
"""

from __future__ import annotations

from array import array

from sitegen.derive.codec import encode_ints
from sitegen.derive.columns import packed_words
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Sample

_MOST_ROWS = 500_000


class TracesPass:
    """The traces of an eval's samples while these stream by."""

    def __init__(self) -> None:
        self._traces: list[Json] = []
        self._ids: list[Json] = []
        self._epochs = array("q")

    def add(self, sample: Sample) -> None:
        """Take in the next sample."""
        for trace_id in sample.trace_ids:
            if len(self._traces) < _MOST_ROWS:
                self._traces.append(trace_id)
                self._ids.append(sample.id)
                self._epochs.append(sample.epoch)

    def write(self, name: str, number: int, sink: Sink) -> DataFile | None:
        """Publish them; None if no sample of the eval *name* names a trace."""
        if not self._traces:
            return None
        import numpy as np

        epochs = np.asarray(self._epochs, dtype=np.int64)
        return sink.data(
            f"evals-{number}-traces",
            {
                "eval": name,
                "traces": packed_words(self._traces),
                "ids": packed_words(self._ids),
                "epochs": None if bool((epochs == 1).all()) else encode_ints(epochs),
            },
        )
