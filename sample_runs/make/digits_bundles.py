"""Writes the two digit experiments as bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import digits_attachments as attachments
from . import digits_notes as notes
from .digits.data import Split, load_splits
from .digits_plans import (
    CANDIDATE,
    DECAY_SWEEP,
    MLP,
    SOFTMAX,
    Plan,
    decay_plans,
    grid_plans,
    odd_plans,
    softmax_plans,
)
from .digits_runs import Outcome, run_plan
from .files import (
    fake_commit,
    json_number,
    moment,
    rfc3339,
    rounded,
    write_json,
    write_parquet,
    write_text,
)

REPOSITORY = "https://github.com/example-org/digits"
GOALS = {
    "train/loss": {"goal": "minimize", "unit": "nats", "description": "Cross-entropy of a batch."},
    "train/grad_norm": {"description": "Euclidean norm of all gradients, before the update."},
    "val/loss": {"goal": "minimize", "unit": "nats", "description": "Cross-entropy, 300 rows."},
    "val/accuracy": {"goal": "maximize", "description": "Share of 300 rows read right."},
    "test/accuracy": {"goal": "maximize", "description": "Share of 300 held-out rows read right."},
    "test/loss": {"goal": "minimize", "unit": "nats", "description": "Cross-entropy, held out."},
}
ALERTS = [
    {
        "condition": "`train/grad_norm` > 1.5",
        "message": "A gradient spike: look at the batch before clipping anything.",
        "level": "warning",
    },
    {
        "condition": "`val/loss` > 2.0",
        "message": "Hardly better than guessing: stop the run.",
        "level": "error",
    },
]
DIFF = """\
--- a/digits/train.py
+++ b/digits/train.py
@@ -81,4 +81,4 @@
 def average(weights: Weights, other: Weights) -> None:
     \"\"\"Moves the weights half way to another run's, in place.\"\"\"
     for name, weight in weights.items():
-        weights[name] = weight + 0.1 * (other[name] - weight)
+        weights[name] = (weight + other[name]) / 2
"""


def write_digits(root: Path) -> dict[str, Outcome]:
    """Both experiments under the root; the outcomes by run id, for the annotations."""
    splits = load_splits()
    outcomes: dict[str, Outcome] = {}
    for plan in [*softmax_plans(), *grid_plans(), *decay_plans(), *odd_plans()]:
        weights = {o.plan.directory: o.weights for o in outcomes.values() if o.evaluations}
        outcomes[plan.run_id] = run_plan(plan, splits, weights)
    for outcome in outcomes.values():
        _write_bundle(root / outcome.plan.run_id, outcome, splits)
    notes.write_notes(root, outcomes)
    for experiment in (MLP, SOFTMAX):
        write_text(root / experiment / "experiment.toml", notes.text(f"{experiment}.toml"))
    write_json(root / MLP / "sweeps" / f"{DECAY_SWEEP}.json", _sweep_json(outcomes))
    return outcomes


def _sweep_json(outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """The second grid as its scheduler kept it."""
    plans = decay_plans()
    return {
        "strategy": "grid",
        "parameters": {
            "model.hidden": {"values": [32, 96]},
            "optimizer.weight_decay": {"values": [0.001, 0.01]},
            "seed": {"values": [0, 1, 2]},
        },
        "objective": "val/accuracy",
        "goal": "maximize",
        "max_trials": len(plans),
        "state": "completed",
        "trials": [
            {
                "id": str(number),
                "run": plan.run_id,
                "params": {
                    "model.hidden": plan.config.hidden,
                    "optimizer.weight_decay": plan.config.weight_decay,
                    "seed": plan.config.seed,
                },
                "value": rounded(max(outcomes[plan.run_id].values("val/accuracy"))),
                "state": "completed",
            }
            for number, plan in enumerate(plans, 1)
        ],
    }


def _write_bundle(bundle: Path, outcome: Outcome, splits: Mapping[str, Split]) -> None:
    models = attachments.write_attachments(bundle, outcome, splits)
    write_json(bundle / "run.json", _run_json(outcome, splits, models))
    if outcome.status == "killed":
        _write_journal(bundle / "metrics" / "board-2.jsonl", outcome)
    else:
        _write_metrics(bundle / "metrics.parquet", outcome)


def _run_json(
    outcome: Outcome, splits: Mapping[str, Split], models: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    plan = outcome.plan
    run = {
        "format": 1,
        "id": plan.run_id,
        "name": plan.name,
        "experiment": plan.experiment,
        "project": "meter-reader",
        "status": outcome.status,
        "created_at": rfc3339(moment(plan.started, plus_s=-1.4)),
        "started_at": rfc3339(moment(plan.started)),
        "ended_at": rfc3339(outcome.ended),
        "user": plan.user,
        "description": plan.description,
        "tags": list(plan.tags),
        "links": _links(plan),
        "params": _params(plan),
        "metrics": GOALS,
        "summary": {
            f"test/{name}": json_number(getattr(outcome.evaluations["test"], name))
            for name in ("accuracy", "loss")
            if outcome.evaluations
        },
        "source": _source(plan),
        "environment": {
            "python": "3.11.9",
            "platform": "Linux 6.1 aarch64",
            "packages": {"numpy": np.__version__, "digits": "0.4.0"},
            "hardware": {"board": "bench board 2", "cpu_count": 4, "gpu_count": 0, "memory_gb": 2},
        },
        "datasets": [_dataset(split) for split in splits.values()],
        "models": list(models),
        "alerts": ALERTS,
        **plan.extra,
    }
    if outcome.failure:
        run["error"] = asdict(outcome.failure)
    return run


def _params(plan: Plan) -> dict[str, Any]:
    config = plan.config
    return {
        "model": {"hidden": config.hidden, "activation": "relu" if config.hidden else None},
        "optimizer": {
            "name": "sgd",
            "lr": config.lr,
            "momentum": config.momentum,
            "weight_decay": config.weight_decay,
            "nesterov": config.nesterov,
        },
        "averaging": {
            "enabled": plan.average_with is not None,
            "from_epoch": config.average_from_epoch,
        },
        "batch_size": config.batch_size,
        "epochs": config.epochs,
        "precision": config.precision,
        "seed": config.seed,
    }


def _source(plan: Plan) -> dict[str, Any]:
    is_dirty = plan.average_with is not None
    source = {
        "entrypoint": "digits/train.py",
        "repository": REPOSITORY,
        "commit": fake_commit(f"digits {plan.started[:10]}"),
        "branch": "weight-averaging" if is_dirty else "main",
        "dirty": is_dirty,
    }
    return source | {"diff": DIFF} if is_dirty else source


def _links(plan: Plan) -> list[dict[str, str]]:
    links = [{"title": "Weights budget of the meter", "url": f"{REPOSITORY}/wiki/Weights-budget"}]
    if plan.directory == CANDIDATE:
        links.append({"title": "Pilot checklist", "url": f"{REPOSITORY}/issues/58"})
    return links


def _dataset(split: Split) -> dict[str, Any]:
    uses = {"validation": "model selection", "test": "held out"}
    context = {"context": uses[split.name]} if split.name in uses else {}
    return {
        "name": "digits",
        "version": "1",
        "uri": "https://archive.ics.uci.edu/dataset/80",
        "digest": split.digest,
        "description": "Handwritten digits, 8 x 8 grey values 0 to 16, divided by 16.",
        "rows": len(split.labels),
        "split": split.name,
        **context,
    }


def _write_metrics(path: Path, outcome: Outcome) -> None:
    points = outcome.points
    write_parquet(
        path,
        {
            "name": pa.array([point.name for point in points]).dictionary_encode(),
            "step": pa.array([point.step for point in points], pa.int64()),
            "time": pa.array([point.time for point in points], pa.timestamp("ms", tz="UTC")),
            "value": pa.array([rounded(point.value) for point in points], pa.float64()),
        },
    )


def _write_journal(path: Path, outcome: Outcome) -> None:
    """What a killed writer leaves: a record a step, the last one torn."""
    by_record: dict[tuple[int, int], dict[str, Any]] = {}
    for point in outcome.points:
        time_us = int(point.time.timestamp() * 1_000_000)
        values = by_record.setdefault((time_us, point.step), {})
        values[point.name] = json_number(point.value)
    lines = [
        attachments.compact_json({"seq": seq, "time": time_us, "step": step, "values": values})
        for seq, ((time_us, step), values) in enumerate(by_record.items(), 1)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines)[:-23]).encode())
