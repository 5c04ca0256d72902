"""Evals to measure with: questions and answers with eight scores, some of them ragged.

The same arguments give the same bytes. Run 1 answers the questions of run 0 a little better, so
that there is something to find; one sample in 500 errored, one in ten has metadata of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bundles import write_manifest

SAMPLES = 100_000
EVAL = "questions"
_TEXT = (
    "order parcel refund window Zürich invoice the a customer of delivery late warehouse reply"
    " please thanks tomorrow status tracking number address label return shipping policy"
)
_WORDS = tuple(_TEXT.split(" "))
_LABELS = ("correct", "partly", "wrong", "refused")
_SAMPLES_A_CLUSTER = 5
_BETTER = 0.02


def write_evaluated_runs(root: Path, samples: int, *, runs: int = 2) -> list[Path]:
    """Write *runs* bundles with one eval each; their files of samples."""
    files = []
    for number in range(runs):
        directory = root / "evaluated" / f"run-{number:05}"
        file = directory / "evals" / f"{EVAL}.jsonl"
        file.parent.mkdir(parents=True)
        write_manifest(directory, number)
        write_samples(file, samples, better=_BETTER * number)
        files.append(file)
    return files


def write_samples(path: Path, samples: int, *, better: float = 0.0) -> None:
    """Write one eval of *samples* lines of eight scores; *better* shifts them."""
    ground = np.random.default_rng(11)
    texts = [" ".join(ground.choice(_WORDS, 40)) for _ in range(2_000)]
    hardness, answers = ground.normal(size=samples), ground.integers(0, 2_000, (samples, 3))
    own = np.random.default_rng(round(1e6 * better) + 13)
    noise = own.normal(scale=0.3, size=(samples, 8))
    with path.open("w", encoding="utf-8") as stream:
        for index in range(samples):
            line = _line(
                index, float(hardness[index]) + better, noise[index], answers[index], texts
            )
            stream.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def _line(index: int, skill: float, noise: Any, answers: Any, texts: list[str]) -> dict[str, Any]:
    asked, answered, expected = (texts[one] for one in answers)
    line: dict[str, Any] = {
        "id": f"q-{index:06}",
        "input": asked,
        "output": f"{answered} {round(100 * float(noise[7]))}",
        "target": expected,
        "scores": _scores(skill, [float(one) for one in noise]),
        "tags": [f"part-{index % 7}"],
        "metadata": {"topic": _WORDS[index % 20], "attempt": index % 3},
        "duration_s": round(1 + abs(float(noise[0])), 3),
        "usage": {"input_tokens": 200 + index % 300, "output_tokens": 80 + index % 90},
        "cluster": f"c-{index // _SAMPLES_A_CLUSTER}",
    }
    if index % 500 == 0:
        line |= {"error": "TimeoutError: no answer after 30 s", "scores": {}}
    if index % 10 == 0:
        line["metadata"] |= {"reviewer": {"team": f"t-{index % 4}"}, "sources": ["a", "b"]}
    return line


def _scores(skill: float, noise: list[float]) -> dict[str, Any]:
    def share(one: float) -> float:
        return round(1 / (1 + float(np.exp(-skill - one))), 4)

    return {
        "correct": skill + noise[0] > 0,
        "complete": skill + noise[1] > -0.5,
        "similarity": share(noise[2]),
        "faithful": share(noise[3]),
        "length": round(100 + 20 * noise[4]),
        "tone": min(5, max(1, round(3 + skill + noise[5]))),
        "verdict": _LABELS[min(3, max(0, round(1.5 - skill + noise[6])))],
        "judge": {"value": share(noise[7]), "rationale": "Names the order and the day."},
    }
