"""One experiment of many runs to measure run tables and comparisons with.

The same arguments give the same bytes. Params are of all kinds (logarithmic, linear, words, yes or
no, all the same); the objective follows from two of them with noise, so that there is something to
find; one run in 20 failed, every fifth is the child of the one before it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bundles import MODIFIED_S, Shape, write_metrics

OBJECTIVE = "metric/0"
_WORDS = ("adam", "adamw", "sgd", "lion", "adafactor")
_CONSTANT = 16


def write_sweep(root: Path, runs: int, *, params: int, metrics: int, steps: int) -> Path:
    """Write an experiment of *runs* bundles, of *steps* points a metric; 0: summaries alone."""
    experiment = root / "sweep"
    experiment.mkdir(parents=True)
    (experiment / "experiment.toml").write_text(
        f'title = "A sweep"\nbaseline = "sweep/run-00000"\n\n[objective]\nmetric = "{OBJECTIVE}"\n'
        'goal = "minimize"\n',
        encoding="utf-8",
    )
    random = np.random.default_rng(7)
    for number in range(runs):
        directory = experiment / f"run-{number:05}"
        directory.mkdir()
        drawn = [float(one) for one in random.random(params)]
        finals = [float(one) for one in random.standard_normal(metrics)]
        manifest = _manifest(number, drawn, finals, has_points=steps > 0)
        path = directory / "run.json"
        path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if steps:
            shape = Shape(points=metrics * steps, metrics=metrics, order="regular")
            write_metrics(directory / "metrics.parquet", shape, seed=number)
        for one in (path, directory):
            os.utime(one, (MODIFIED_S, MODIFIED_S))
    return experiment


def _manifest(
    number: int, drawn: list[float], finals: list[float], *, has_points: bool
) -> dict[str, Any]:
    day, minute, second = 1 + number // 1_440 % 28, number // 60 % 24, number % 60
    summary = {f"metric/{at}": round(final, 6) for at, final in enumerate(finals)}
    summary[OBJECTIVE] = round((drawn[0] - 0.4) ** 2 + abs(drawn[1] - 0.6) + finals[0] / 50, 6)
    found: dict[str, Any] = {
        "format": 1,
        "name": f"run {number}",
        "status": "failed" if number % 20 == 19 else "completed",
        "started_at": f"2026-08-{day:02}T{minute:02}:{second:02}:00Z",
        "ended_at": f"2026-08-{day:02}T{minute:02}:{second:02}:50Z",
        "user": ("ada", "grace", "alan")[number % 3],
        "tags": ["sweep", f"part-{number % 4}"],
        "params": {f"param_{at}": _param(at, one) for at, one in enumerate(drawn)},
        "metrics": {OBJECTIVE: {"goal": "minimize"}},
    }
    if number % 5 == 4:
        found["parent"] = f"sweep/run-{number - 1:05}"
    return found if has_points else found | {"summary": summary}


def _param(at: int, drawn: float) -> Any:
    if at >= _CONSTANT:
        return f"value of {at}"
    match at % 4:
        case 0:
            return float(f"{10 ** (-5 + 4 * drawn):.3g}")
        case 1:
            return round(drawn, 4)
        case 2:
            return _WORDS[int(drawn * len(_WORDS))]
        case _:
            return drawn > 0.5
