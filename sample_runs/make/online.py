"""The long run: a meter that goes on learning, one reading at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .digits.data import Split, load_splits
from .digits.model import Weights, new_weights
from .digits_notes import text
from .files import fake_commit, moment, rfc3339, write_json, write_parquet, write_text

EXPERIMENT, DIRECTORY = "digits-online", "meter-7-october"
REPOSITORY = "https://github.com/example-org/digits"
READINGS = 240_000
STARTED = "2026-10-14 22:00:00"
SECONDS_A_READING = 7.0
REBOOTS = ((88_400, 91_750), (203_100, 203_940))
"""Readings that were taken but not logged: the meter was updated, then its battery changed."""
GLARE = ((41_200, 41_900), (120_050, 120_420), (176_800, 177_600))
"""Readings with the sun on the glass: the picture is half washed out."""
EVALUATE_EVERY = 2_000
LR = 0.02
HIDDEN = 32


def write_online(root: Path) -> None:
    """The experiment of one long run, with its notes."""
    splits = load_splits()
    losses, accuracies = _learn(splits)
    bundle = root / EXPERIMENT / DIRECTORY
    _write_metrics(bundle / "metrics.parquet", losses, accuracies)
    facts = {
        "readings": f"{len(losses):,}",
        "first": f"{accuracies[0]:.3f}",
        "last": f"{accuracies[-1]:.3f}",
        "lowest": f"{min(accuracies[3:]):.3f}",
        "spike": f"{max(losses):.1f}",
    }
    write_json(bundle / "run.json", _run_json(splits))
    write_text(bundle / "notes.md", text("online-run.md").format_map(facts))
    write_text(root / EXPERIMENT / "experiment.toml", text("digits-online.toml"))


def _learn(splits: Mapping[str, Split]) -> tuple[NDArray[Any], list[float]]:
    """Loss of every reading, and accuracy on the validation rows now and then."""
    rng = np.random.default_rng(7)
    train, validation = splits["train"], splits["validation"]
    weights = new_weights(HIDDEN, rng)
    rows = rng.integers(0, len(train.labels), READINGS)
    glare = np.zeros(READINGS, dtype=bool)
    for start, end in GLARE:
        glare[start:end] = rng.random(end - start) < 0.6
    losses = np.empty(READINGS)
    accuracies = []
    for reading, row in enumerate(rows):
        pixels = train.pixels[row]
        if glare[reading]:
            pixels = np.clip(pixels + 0.9 * (np.arange(64) % 8 > 3), 0, 1)
        losses[reading] = _step(weights, pixels, int(train.labels[row]))
        if reading % EVALUATE_EVERY == EVALUATE_EVERY - 1:
            hidden = np.maximum(validation.pixels @ weights["w_in"] + weights["b_in"], 0)
            answers = (hidden @ weights["w_out"] + weights["b_out"]).argmax(axis=1)
            accuracies.append(float((answers == validation.labels).mean()))
    return losses, accuracies


def _step(weights: Weights, pixels: NDArray[Any], label: int) -> float:
    """One picture, one update in place; its loss before the update, in nats."""
    hidden = np.maximum(pixels @ weights["w_in"] + weights["b_in"], 0.0)
    logits = hidden @ weights["w_out"] + weights["b_out"]
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    loss = -float(np.log(max(shares[label], 1e-12)))
    shares[label] -= 1.0
    back = (weights["w_out"] @ shares) * (hidden > 0)
    weights["w_out"] -= LR * np.outer(hidden, shares)
    weights["b_out"] -= LR * shares
    weights["w_in"] -= LR * np.outer(pixels, back)
    weights["b_in"] -= LR * back
    return loss


def _write_metrics(path: Path, losses: NDArray[Any], accuracies: list[float]) -> None:
    """A row a reading but for the gaps; float32 accuracy, so that processors agree."""
    steps = np.arange(1, READINGS + 1)
    is_logged = np.ones(READINGS, dtype=bool)
    for start, end in REBOOTS:
        is_logged[start:end] = False
    evaluated = EVALUATE_EVERY * np.arange(1, len(accuracies) + 1)
    all_steps = np.concatenate([steps[is_logged], evaluated])
    values = np.concatenate([_short(losses[is_logged]), accuracies])
    names = ["train/loss"] * int(is_logged.sum()) + ["val/accuracy"] * len(accuracies)
    started_ms = int(moment(STARTED).timestamp() * 1000)
    write_parquet(
        path,
        {
            "name": pa.array(names).dictionary_encode(),
            "step": pa.array(all_steps, pa.int64()),
            "time": pa.array(
                started_ms + (all_steps * SECONDS_A_READING * 1000).astype(np.int64),
                pa.timestamp("ms", tz="UTC"),
            ),
            "value": pa.array(values, pa.float64()),
        },
    )


def _short(values: NDArray[Any]) -> NDArray[Any]:
    """Four significant digits, at least 1e-6 apart: what the meter sends."""
    size = 10.0 ** (3 - np.floor(np.log10(np.maximum(values, 1e-3))))
    return np.round(values * size) / size


def _run_json(splits: Mapping[str, Split]) -> dict[str, Any]:
    started = moment(STARTED)
    train = splits["train"]
    return {
        "format": 1,
        "id": f"{EXPERIMENT}/{DIRECTORY}",
        "name": "meter 7, October",
        "experiment": EXPERIMENT,
        "project": "meter-reader",
        "status": "completed",
        "created_at": rfc3339(started),
        "started_at": rfc3339(started),
        "ended_at": rfc3339(started + timedelta(seconds=SECONDS_A_READING * READINGS + 4)),
        "user": "tomas",
        "description": (
            "One reading every seven seconds for nineteen days, each learned from once. Does the "
            "reader get better on the wall, and what do sun and updates do to it?"
        ),
        "tags": ["field", "online"],
        "params": {
            "model": {"hidden": HIDDEN, "activation": "relu"},
            "optimizer": {"name": "sgd", "lr": LR, "momentum": 0.0},
            "batch_size": 1,
            "seed": 7,
        },
        "metrics": {
            "train/loss": {
                "goal": "minimize",
                "unit": "nats",
                "description": "Cross-entropy of the reading, before it is learned from.",
            },
            "val/accuracy": {"goal": "maximize", "description": "Share of 300 rows read right."},
        },
        "source": {
            "entrypoint": "digits/online.py",
            "repository": REPOSITORY,
            "commit": fake_commit("digits online"),
            "branch": "main",
            "dirty": False,
        },
        "environment": {
            "python": "3.11.9",
            "platform": "Linux 6.1 aarch64",
            "hardware": {"board": "meter 7", "cpu_count": 1, "gpu_count": 0},
        },
        "datasets": [
            {
                "name": "digits",
                "version": "1",
                "uri": "https://archive.ics.uci.edu/dataset/80",
                "digest": train.digest,
                "description": "Handwritten digits, 8 x 8 grey values 0 to 16, divided by 16.",
                "rows": len(train.labels),
                "split": "train",
                "context": "shown to the meter in random order",
            }
        ],
        "alerts": [
            {
                "condition": "`train/loss` > 12",
                "message": "Sure and wrong: look at the glass.",
                "level": "warning",
            }
        ],
    }
