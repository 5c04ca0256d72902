"""Reads eval files in this process and prints what that took; run as a process of its own.

python -m benchmarks.reading_evals FILE…
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np  # noqa: F401  # imports are not measured, and a build has it in any case

from benchmarks.peak import own_peak_bytes
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.evals import read_evals


def read_all(files: list[Path]) -> dict[str, float]:
    """Samples, scores, seconds of CPU and the peak of memory; nothing is kept."""
    samples = scores = 0
    started = time.process_time()
    for file in files:
        for one in read_evals(file.parents[1], [f"evals/{file.name}"], DEFAULT_LIMITS, print):
            for sample in one.samples:
                samples += 1
                scores += len(sample.scores)
    seconds = time.process_time() - started
    return {
        "samples": samples,
        "scores": scores,
        "seconds": seconds,
        "peak_bytes": own_peak_bytes(),
    }


if __name__ == "__main__":
    print(json.dumps(read_all([Path(name) for name in sys.argv[1:]])))
