"""scikit-learn's digits, split once and the same for every run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

SPLIT_SEED = 20261102
ROWS_BY_SPLIT = {"train": 1197, "validation": 300, "test": 300}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One part of the data set."""

    name: str
    """train, validation or test."""
    pixels: Floats
    """One row per picture, 64 columns, 0 to 1."""
    labels: Labels
    """The digit of each row."""
    rows: Labels
    """Row numbers in the data set as scikit-learn ships it."""

    @property
    def digest(self) -> str:
        """SHA-256 of the pixels and the labels of this split."""
        content = self.pixels.tobytes() + self.labels.tobytes()
        return "sha256:" + hashlib.sha256(content).hexdigest()


def load_splits() -> dict[str, Split]:
    """Training, validation and test rows, shuffled with one fixed seed."""
    digits = load_digits()
    pixels = np.asarray(digits.data, dtype=np.float64) / 16.0
    labels = np.asarray(digits.target, dtype=np.int64)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(labels))
    splits: dict[str, Split] = {}
    start = 0
    for name, count in ROWS_BY_SPLIT.items():
        rows = order[start : start + count]
        splits[name] = Split(name=name, pixels=pixels[rows], labels=labels[rows], rows=rows)
        start += count
    return splits
