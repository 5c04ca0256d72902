"""The scores of an eval by column: what runs are compared by, at build time and in the page.

Floor 3. A row is a line of the eval, in file order. The data file `evals-<number>-compare` holds

    {"n": 240, "ids": ["s-1", …], "epochs": column | null, "clusters": column | null (-1: none),
     "digests": column (32 bits of the output), "errors": [ordinals], "scores": {scorer: {"kind",
     "goal", "column", "words": [labels] | null}}, "starts": [first ordinals], "files": [paths]}

with columns of `codec.py`, NaN where a sample has no finite score, and labels as places in `words`;
`starts` and `files` lead to the payloads of single samples (sample_files.py).
"""

from __future__ import annotations

import json
import math
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sitegen.derive.codec import encode_floats, encode_ints
from sitegen.derive.evals.scores import ScorerFacts
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Json, Sample, score_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_SCORERS = 100
_MOST_WORDS = 1_000
_LONGEST_WORD = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalColumns:
    """The scores of one eval, a row per sample and epoch in file order."""

    ids: tuple[str, ...]
    """Id of each row."""
    epochs: tuple[int, ...]
    """Epoch of each row; empty if all are 1."""
    clusters: tuple[int, ...]
    """Number of the cluster of each row, -1 without one; empty if no row has any."""
    digests: bytes
    """Little-endian uint32 per row: the same where the output is the same."""
    errors: tuple[int, ...]
    """Rows that errored."""
    scores: dict[str, bytes]
    """Little-endian float64 per row by scorer: NaN without a finite score; of a label its place in
    `words`."""
    words: dict[str, tuple[str, ...]]
    """Labels by scorer, in order of first appearance."""

    def values(self, scorer: str) -> NDArray[np.float64]:
        """The scores of *scorer*, float64 per row, NaN where there is none."""
        return np.frombuffer(self.scores[scorer], dtype="<f8")


class ColumnsPass:
    """The columns of an eval while its samples stream by (it holds a number a score)."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._epochs = array("q")
        self._clusters = array("q")
        self._cluster_numbers: dict[str, int] = {}
        self._digests = array("I")
        self._errors: list[int] = []
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
        self._digests.append(_output_digest(sample.output))
        if sample.error is not None:
            self._errors.append(row)
        else:
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
        is_repeated = any(epoch != 1 for epoch in self._epochs)
        return EvalColumns(
            ids=tuple(self._ids),
            epochs=tuple(self._epochs) if is_repeated else (),
            clusters=tuple(self._clusters) if self._cluster_numbers else (),
            digests=np.array(self._digests, dtype="<u4").tobytes(),
            errors=tuple(self._errors),
            scores={
                name: np.array(column, dtype="<f8").tobytes()
                for name, column in self._scores.items()
            },
            words={name: tuple(words) for name, words in self._words.items()},
        )


def _output_digest(output: Json) -> int:
    """32 bits of the output; a changed output keeps them once in 4 billion times."""
    text = output if isinstance(output, str) else json.dumps(output, sort_keys=True)
    return zlib.crc32(text.encode("utf-8", "replace"))


def write_columns(
    columns: EvalColumns,
    scorers: Sequence[ScorerFacts],
    *,
    number: int,
    chunk_starts: Sequence[int],
    chunk_files: Sequence[str],
    sink: Sink,
) -> DataFile:
    """The data file of *columns*, with the files that hold the payloads of the samples."""
    payload: dict[str, Json] = {
        "n": len(columns.ids),
        "ids": columns.ids,
        "epochs": _ints(columns.epochs),
        "clusters": _ints(columns.clusters),
        "digests": encode_ints(np.frombuffer(columns.digests, dtype="<u4").astype(np.int64)),
        "errors": columns.errors,
        "scores": {
            one.name: {
                "kind": one.kind,
                "goal": one.goal,
                "column": encode_floats(columns.values(one.name).astype(np.float64)),
                "words": columns.words.get(one.name),
            }
            for one in scorers
            if one.name in columns.scores
        },
        "starts": tuple(chunk_starts),
        "files": tuple(chunk_files),
    }
    return sink.data(f"evals-{number}-compare", payload)


def _ints(values: Sequence[int]) -> Json:
    return encode_ints(np.array(values, dtype=np.int64)) if values else None
