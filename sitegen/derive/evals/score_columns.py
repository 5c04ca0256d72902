"""The scores of an eval by column: what runs are compared by when the site is built.

Floor 3. A row is a line of the eval, in file order. In the page runs are compared by the columns
of the table of samples (sample_columns.py), to which the data file `evals-<number>-compare` leads:

    {"n": 240, "scorers": {scorer: {"kind", "goal"}},
     "groups": {"core": {"starts": [first rows], "files": [paths]}, "outputs": …, "text": …},
     "samples": {"starts": [first ordinals], "files": [paths]}}

`samples` leads to the payloads of single samples (sample_files.py).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sitegen.derive.evals.scores import ScorerFacts
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Sample, score_of
from sitegen.records import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_SCORERS = 100
_MOST_WORDS = 1_000
_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Data files that hold one thing after another."""

    starts: tuple[int, ...]
    """Number of the first thing in each."""
    files: tuple[str, ...]
    """Their paths in the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalColumns:
    """The scores of one eval, a row per sample and epoch in file order."""

    ids: tuple[str, ...]
    """Id of each row."""
    epochs: tuple[int, ...]
    """Epoch of each row; empty if all are 1."""
    clusters: tuple[int, ...]
    """Number of the cluster of each row, -1 without one; empty if no row has any."""
    scores: dict[str, bytes]
    """Little-endian float64 per row by scorer: NaN without a finite score; of a label its place in
    `words`."""
    words: dict[str, tuple[str, ...]]
    """Labels by scorer, in order of first appearance."""

    def values(self, scorer: str) -> NDArray[np.float64]:
        """The scores of *scorer*, float64 per row, NaN where there is none."""
        import numpy as np

        return np.frombuffer(self.scores[scorer], dtype="<f8")


class ColumnsPass:
    """The columns of an eval while its samples stream by (it holds a number a score)."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._epochs = array("q")
        self._clusters = array("q")
        self._cluster_numbers: dict[str, int] = {}
        self._scores: dict[str, array[float]] = {}
        self._words: dict[str, dict[str, int]] = {}

    def add(self, sample: Sample) -> None:
        """Take in the next row."""
        row = len(self._ids)
        self._ids.append(sample.id)
        self._epochs.append(sample.epoch)
        cluster = sample.cluster
        self._clusters.append(
            -1
            if cluster is None
            else self._cluster_numbers.setdefault(cluster, len(self._cluster_numbers))
        )
        if sample.error is None:
            for name, said in sample.scores.items():
                score = score_of(said)
                if score.value is not None and score.error is None:
                    self._add_score(name, row, score.value)
        for column in self._scores.values():
            if len(column) == row:
                column.append(math.nan)

    def _add_score(self, name: str, row: int, value: float | bool | str) -> None:
        column = self._scores.get(name)
        if column is None:
            if len(self._scores) >= _MOST_SCORERS:
                return
            column = self._scores[name] = array("d", [math.nan]) * row
        if isinstance(value, str):
            words = self._words.setdefault(name, {})
            word = value[:_LONGEST_WORD]
            is_full = len(words) >= _MOST_WORDS and word not in words
            value = math.nan if is_full else words.setdefault(word, len(words))
        column.append(value if math.isfinite(value) else math.nan)

    def columns(self) -> EvalColumns:
        """What was taken in."""
        import numpy as np

        is_repeated = any(epoch != 1 for epoch in self._epochs)
        return EvalColumns(
            ids=tuple(self._ids),
            epochs=tuple(self._epochs) if is_repeated else (),
            clusters=tuple(self._clusters) if self._cluster_numbers else (),
            scores={
                name: np.array(column, dtype="<f8").tobytes()
                for name, column in self._scores.items()
            },
            words={name: tuple(words) for name, words in self._words.items()},
        )


def write_index(
    scorers: Sequence[ScorerFacts],
    *,
    number: int,
    count: int,
    blocks: Mapping[str, Blocks],
    samples: Blocks,
    sink: Sink,
) -> DataFile:
    """The data file by which a page that compares runs finds the columns and samples of an eval."""
    payload: dict[str, Json] = {
        "n": count,
        "scorers": {one.name: {"kind": one.kind, "goal": one.goal} for one in scorers},
        "groups": {name: _as_json(one) for name, one in blocks.items()},
        "samples": _as_json(samples),
    }
    return sink.data(f"evals-{number}-compare", payload)


def _as_json(blocks: Blocks) -> Json:
    return {"starts": blocks.starts, "files": blocks.files}
