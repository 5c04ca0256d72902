"""The files a digit run leaves: logs, figures, predictions, the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from . import documents, pictures
from .digits.data import Split
from .digits.train import Evaluation
from .digits_plans import CANDIDATE, Plan
from .digits_runs import HERE, Outcome
from .files import (
    json_lines,
    npz_bytes,
    rounded,
    sha256_hex,
    write_bytes,
    write_json,
    write_parquet,
    write_text,
    zip_bytes,
)
from .notebook import mistakes_notebook

RESET, DIM, RED, GREEN, YELLOW = "\x1b[0m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"


def compact_json(value: Any) -> str:
    """One line, no spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def write_attachments(
    bundle: Path, outcome: Outcome, splits: Mapping[str, Split]
) -> list[dict[str, Any]]:
    """Writes the bundle's attachments; the logged models, for run.json."""
    plan, folder = outcome.plan, bundle / "attachments"
    write_text(folder / "config.toml", _config_toml(plan))
    if plan.stage or outcome.status != "completed" or plan.config.precision == "float32":
        write_text(folder / "stdout.log", _log(outcome))
    if not plan.stage:
        return []
    test = outcome.evaluations["test"]
    write_bytes(folder / "confusion-matrix.png", pictures.confusion_png(confusion(test, splits)))
    write_text(folder / "accuracy.svg", _accuracy_svg(outcome))
    write_text(folder / "predictions.csv", _predictions_csv(test, splits["test"]))
    if plan.directory == CANDIDATE:
        _write_more(folder, outcome, splits["test"])
        picture = pictures.confusion_png(confusion(test, splits))
        write_json(folder / "mistakes.ipynb", mistakes_notebook(test, splits["test"], picture))
        write_bytes(folder / "release-4.zip", _release_zip(outcome, splits["test"]))
    return [_write_model(folder, outcome)]


def confusion(evaluation: Evaluation, splits: Mapping[str, Split]) -> np.ndarray[Any, Any]:
    """Counts on the test split, row = true digit, column = answer."""
    counts = np.zeros((10, 10), dtype=np.int64)
    np.add.at(counts, (splits["test"].labels, evaluation.answers), 1)
    return counts


def _write_model(folder: Path, outcome: Outcome) -> dict[str, Any]:
    plan = outcome.plan
    content = npz_bytes({name: w.astype(np.float32) for name, w in outcome.weights.items()})
    write_bytes(folder / "model.npz", content)
    return {
        "name": "digit-reader",
        "version": plan.version,
        "path": "attachments/model.npz",
        "uri": f"https://models.example.org/digit-reader/{plan.version}",
        "digest": f"sha256:{sha256_hex(content)}",
        "flavor": "numpy",
        "size_bytes": len(content),
        "stage": plan.stage,
        "tags": ["float32", f"hidden-{plan.config.hidden}"],
        "description": f"Weights after epoch {plan.config.epochs}, as the meter loads them.",
    }


def _write_more(folder: Path, outcome: Outcome, test: Split) -> None:
    """What only the candidate for release has."""
    evaluation = outcome.evaluations["test"]
    for epoch, weights in sorted(outcome.weights_by_epoch.items()):
        picture = pictures.filters_png(weights["w_in"][:, :32])
        write_bytes(folder / "media" / "filters" / f"{epoch}.png", picture)
    write_text(folder / "train.py", (HERE / "digits" / "train.py").read_text(encoding="utf-8"))
    write_text(folder / "labels.yaml", _labels_yaml(test))
    write_json(folder / "recall.json", _recall(evaluation, test))
    figure = documents.roc_figure(evaluation.probabilities, test.labels)
    write_text(folder / "roc.plotly.json", compact_json(figure))
    write_text(folder / "mistakes.jsonl", json_lines(_mistakes(evaluation, test)))
    write_parquet(
        folder / "probabilities.parquet",
        {
            "row": pa.array(test.rows, pa.int32()),
            "label": pa.array(test.labels, pa.int8()),
            **{
                f"p{digit}": pa.array(np.round(evaluation.probabilities[:, digit], 4))
                for digit in range(10)
            },
        },
    )


def _release_zip(outcome: Outcome, test: Split) -> bytes:
    """What is flashed to a meter."""
    weights = {name: array.astype(np.float32) for name, array in outcome.weights.items()}
    return zip_bytes(
        {
            "release-4/config.toml": _config_toml(outcome.plan).encode() + b"\n",
            "release-4/labels.yaml": _labels_yaml(test).encode() + b"\n",
            **{f"release-4/weights/{name}.f32": w.tobytes() for name, w in weights.items()},
        }
    )


def _recall(evaluation: Evaluation, test: Split) -> dict[str, Any]:
    by_digit = {}
    for digit in range(10):
        is_digit = test.labels == digit
        right = int((evaluation.answers[is_digit] == digit).sum())
        count = int(is_digit.sum())
        by_digit[str(digit)] = {"right": right, "count": count, "recall": rounded(right / count, 4)}
    return {"split": "test", "by_digit": by_digit}


def _mistakes(evaluation: Evaluation, test: Split) -> list[dict[str, Any]]:
    return [
        {
            "row": int(test.rows[index]),
            "label": int(test.labels[index]),
            "answer": int(evaluation.answers[index]),
            "probability": rounded(float(evaluation.probabilities[index].max()), 4),
        }
        for index in np.flatnonzero(evaluation.answers != test.labels)
    ]


def _predictions_csv(evaluation: Evaluation, test: Split) -> str:
    lines = ["row,label,answer,is_right,probability"]
    for index, row in enumerate(test.rows):
        label, answer = int(test.labels[index]), int(evaluation.answers[index])
        probability = float(evaluation.probabilities[index].max())
        lines.append(f"{row},{label},{answer},{str(label == answer).lower()},{probability:.4f}")
    return "\n".join(lines)


def _labels_yaml(test: Split) -> str:
    lines = ["# rows per digit in the test split", "digits:"]
    lines += [f"  {digit}: {int((test.labels == digit).sum())}" for digit in range(10)]
    return "\n".join([*lines, "upright: true", "touching: false", "max_rotation_degrees: 15"])


def _config_toml(plan: Plan) -> str:
    config = plan.config
    lines = [
        f"# {plan.name}",
        f"seed = {config.seed}",
        f"epochs = {config.epochs}",
        f"batch_size = {config.batch_size}",
        f'precision = "{config.precision}"',
        "",
        "[model]",
        f"hidden = {config.hidden}",
        "",
        "[optimizer]",
        'name = "sgd"',
        f"lr = {config.lr}",
        f"momentum = {config.momentum}",
        f"weight_decay = {config.weight_decay}",
        f"nesterov = {str(config.nesterov).lower()}",
    ]
    if plan.average_with:
        lines += ["", "[averaging]", f'with = "{plan.average_with}"']
        lines += [f"from_epoch = {config.average_from_epoch}"]
    return "\n".join(lines)


def _accuracy_svg(outcome: Outcome) -> str:
    accuracy = outcome.values("val/accuracy")
    loss = outcome.values("val/loss")
    curves = {"val/accuracy": accuracy, "1 - val/loss": [1 - value for value in loss]}
    return pictures.curves_svg(f"{outcome.plan.name}: validation", curves, 0.6, 1.0)


def _log(outcome: Outcome) -> str:
    """What the terminal showed, colours included."""
    plan = outcome.plan
    lines = [f"{DIM}{plan.started}{RESET} {GREEN}start{RESET} {plan.name} on bench board 2"]
    epochs = [point for point in outcome.points if point.name == "val/loss"]
    accuracies = outcome.values("val/accuracy")
    best = 0.0
    for epoch, (point, accuracy) in enumerate(zip(epochs, accuracies, strict=True), 1):
        stamp = f"{DIM}{point.time:%Y-%m-%d %H:%M:%S}{RESET}"
        color = GREEN if accuracy > best else YELLOW
        mark = " *" if accuracy > best else ""
        best = max(best, accuracy)
        if not np.isfinite(point.value):
            color, mark = RED, " loss is not finite"
        lines.append(
            f"{stamp} epoch {epoch:>2}/{plan.config.epochs} step {point.step:>3} "
            f"loss {point.value:>9.4g} {color}accuracy {accuracy:.4f}{mark}{RESET}"
        )
    stamp = f"{DIM}{outcome.ended:%Y-%m-%d %H:%M:%S}{RESET}"
    return "\n".join([*lines, f"{stamp} {_last_line(outcome)}"])


def _last_line(outcome: Outcome) -> str:
    match outcome.status:
        case "killed":
            return f"{YELLOW}received SIGTERM, stopping{RESET}"
        case "failed" if outcome.failure:
            return f"{RED}{outcome.failure.traceback}{RESET}"
        case _:
            test = outcome.evaluations["test"]
            return f"{GREEN}done{RESET} test accuracy {test.accuracy:.4f}, loss {test.loss:.4f}"
