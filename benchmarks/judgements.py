"""Annotations to measure with: judgements of samples by four people under three names.

The same arguments give the same bytes. A sample has one score, right or not, so that it is the
annotations that are measured; samples are judged in turn, each as often as any other.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.bundles import write_manifest
from sitegen.bundle.sidecars import FOLDER, sidecar_text

ANNOTATIONS, SAMPLES = 10_000, 1_000
EVAL = "sums"
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAMES = ("helpful", "correct", "polite")
_PEOPLE = ("ana", "li", "maria.k", "tom")


def write_judged_run(root: Path, annotations: int, *, samples: int) -> Path:
    """Write one bundle with *samples* and as many sidecars about them; the bundle."""
    bundle = root / "judged" / "run-00000"
    (bundle / "evals").mkdir(parents=True)
    write_manifest(bundle, 0)
    lines = (json.dumps(_sample(number)) for number in range(samples))
    (bundle / "evals" / f"{EVAL}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    ground = np.random.default_rng(17)
    digits = ground.integers(0, 32, (annotations, 18))
    chosen = ground.integers(0, 12, annotations)
    if annotations:
        (bundle / FOLDER).mkdir()
    for number in range(annotations):
        ulid = f"01M7Q3W5{''.join(_DIGITS[digit] for digit in digits[number])}"
        text = sidecar_text(_sidecar(ulid, number, samples, int(chosen[number])))
        (bundle / FOLDER / f"{ulid}.json").write_text(text, encoding="utf-8")
    return bundle


def _sample(number: int) -> dict[str, object]:
    return {
        "id": f"q-{number:06}",
        "input": f"How many are {number} and {number + 1}? Say the number and why it is so.",
        "output": f"They are {2 * number + 1}, since one is added to the other.",
        "target": str(2 * number + 1),
        "scores": {"correct": number % 3 > 0},
    }


def _sidecar(ulid: str, number: int, samples: int, chosen: int) -> dict[str, object]:
    return {
        "format": 1,
        "id": ulid,
        "kind": "feedback",
        "target": {"type": "sample", "eval": EVAL, "sample_id": f"q-{number % samples:06}"},
        "name": _NAMES[chosen % 3],
        "value": chosen % 5 > 0,
        "rationale": "Names the refund and the day on which it is paid.",
        "user": _PEOPLE[chosen % 4],
        "created_at": f"2026-11-{1 + number % 28:02}T14:{number % 60:02}:00Z",
    }
