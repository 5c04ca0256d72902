"""A Jupyter notebook as somebody leaves it: text, code, what it printed, a picture, a mistake."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .digits.data import Split
from .digits.train import Evaluation

_LOAD = """\
import numpy as np
rows = np.load("test-predictions.npz")
labels, answers, probabilities = rows["labels"], rows["answers"], rows["probabilities"]
wrong = answers != labels
print(f"{wrong.sum()} of {len(labels)} test digits are misread")"""
_SURE = """\
sure = probabilities.max(axis=1)
for name, chosen in (("right", ~wrong), ("wrong", wrong)):
    print(f"{name}: mean probability {sure[chosen].mean():.3f}, least {sure[chosen].min():.3f}")"""
_TYPO = "probabilities[wrong][:, 10]"
_CONFUSION = """\
counts = np.zeros((10, 10), dtype=int)
np.add.at(counts, (labels, answers), 1)
draw(counts)"""
_INDEX_ERROR = "index 10 is out of bounds for axis 1 with size 10"


def mistakes_notebook(
    evaluation: Evaluation, test: Split, confusion_png: bytes
) -> Mapping[str, Any]:
    """The notebook in which somebody looked at the digits that the candidate misreads."""
    wrong = evaluation.answers != test.labels
    sure = evaluation.probabilities.max(axis=1)
    spread = [
        f"{name}: mean probability {sure[chosen].mean():.3f}, least {sure[chosen].min():.3f}\n"
        for name, chosen in (("right", ~wrong), ("wrong", wrong))
    ]
    traceback = [
        "\x1b[0;31m---------------------------------------------------------\x1b[0m",
        f"\x1b[0;31mIndexError\x1b[0m: {_INDEX_ERROR}",
    ]
    picture = {"image/png": base64.b64encode(confusion_png).decode(), "text/plain": "<Figure>"}
    cells = [
        _markdown("# Which digits does the candidate misread?\n\nThe 300 rows of the test split."),
        _code(1, _LOAD, _printed(f"{wrong.sum()} of {len(wrong)} test digits are misread\n")),
        _code(2, _SURE, _printed("".join(spread))),
        _code(
            3,
            _TYPO,
            {
                "output_type": "error",
                "ename": "IndexError",
                "evalue": _INDEX_ERROR,
                "traceback": traceback,
            },
        ),
        _markdown("Digits end at 9. The matrix is enough: row = true digit, column = answer."),
        _code(4, _CONFUSION, {"output_type": "display_data", "data": picture, "metadata": {}}),
        _markdown(_conclusion(sure[wrong])),
    ]
    return {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _conclusion(sure: Sequence[float] | np.ndarray[Any, Any]) -> str:
    unsure = int((np.asarray(sure) < 0.9).sum())
    return (
        f"{unsure} of the {len(sure)} misread digits have a probability below 0.9: the meter could "
        "ask for a second picture there."
    )


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": _id(source), "metadata": {}, "source": source}


def _code(number: int, source: str, *outputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": number,
        "id": _id(source),
        "metadata": {},
        "outputs": list(outputs),
        "source": source,
    }


def _printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _id(source: str) -> str:
    """The format asks for an id of each cell; this one stays while the source does."""
    return hashlib.sha256(source.encode()).hexdigest()[:8]
