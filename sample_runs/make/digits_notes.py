"""The notes of the digit runs, their numbers filled in from what was computed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

import numpy as np

from .digits.data import load_splits
from .digits_plans import CANDIDATE, MLP, SOFTMAX
from .digits_runs import HERE, Outcome
from .documents import docx_bytes
from .files import write_bytes, write_text

BEST = f"{MLP}/{CANDIDATE}"
KILLED = f"{MLP}/lr0.05-h96-seed2"
NAN = f"{MLP}/lr2-decay-float32"
FAILED = f"{MLP}/average-with-baseline"
SETTINGS = ((0.05, 32), (0.2, 32), (0.05, 96), (0.2, 96))


def text(name: str) -> str:
    """A file of make/texts."""
    return (HERE / "texts" / name).read_text(encoding="utf-8")


def write_notes(root: Path, outcomes: Mapping[str, Outcome]) -> None:
    """notes.md of both experiments and of the runs that need a word, and the model card."""
    facts = _experiment_facts(outcomes) | _best_facts(root, outcomes[BEST])
    for target, template in (
        (f"{MLP}/notes.md", "digits-mlp.md"),
        (f"{SOFTMAX}/notes.md", "digits-softmax.md"),
        (f"{BEST}/notes.md", "best-run.md"),
        (f"{BEST}/attachments/model-card.md", "model-card.md"),
        (f"{KILLED}/notes.md", "killed-run.md"),
        (f"{NAN}/notes.md", "nan-run.md"),
        (f"{FAILED}/notes.md", "failed-run.md"),
    ):
        write_text(root / target, text(template).format_map(facts))
    card = text("model-card.md").format_map(facts)
    write_bytes(root / BEST / "attachments" / "model-card.docx", docx_bytes(card))


def _experiment_facts(outcomes: Mapping[str, Outcome]) -> dict[str, object]:
    done = [o for o in outcomes.values() if o.evaluations and "grid" in o.plan.tags]
    by_setting = {
        setting: [o for o in done if (o.plan.config.lr, o.plan.config.hidden) == setting]
        for setting in SETTINGS
    }
    means = {setting: _mean(group, "validation") for setting, group in by_setting.items()}
    rows = "\n".join(
        f"| {lr} | {hidden} | {_kilobytes(hidden)} | {len(group)} | {means[lr, hidden]:.4f} "
        f"| {_mean(group, 'test'):.4f} |"
        for (lr, hidden), group in by_setting.items()
    )
    decayed = [o for o in outcomes.values() if "decay" in o.plan.tags]
    decay_rows = "\n".join(
        f"| {decay} | {hidden} | {_mean(group, 'validation'):.4f} | {_mean(group, 'test'):.4f} |"
        for hidden, decay in ((32, 0.001), (32, 0.01), (96, 0.001), (96, 0.01))
        if (group := [o for o in decayed if _is_of(o, hidden, decay)])
    )
    diverged = outcomes[NAN]
    norms = diverged.values("train/grad_norm")
    losses = diverged.values("train/loss")
    return {
        "rows": rows,
        "decay_rows": decay_rows,
        "gain_lr": _points(means[0.2, 32] - means[0.05, 32]),
        "gain_width": _points(means[0.2, 96] - means[0.2, 32]),
        "softmax_slow": _percent(outcomes[f"{SOFTMAX}/lr0.05"], "test"),
        "softmax_fast": _percent(outcomes[f"{SOFTMAX}/lr0.5"], "test"),
        "nan_step": 1 + next(i for i, loss in enumerate(losses) if math.isnan(loss)),
        "wild_step": 1 + next(i for i, norm in enumerate(norms) if norm > 100),
        "killed_step": outcomes[KILLED].points[-1].step,
    }


def _best_facts(root: Path, best: Outcome) -> dict[str, object]:
    test = load_splits()["test"]
    evaluation = best.evaluations["test"]
    right = int((evaluation.answers == test.labels).sum())
    wrong = Counter(
        (int(label), int(answer))
        for label, answer in zip(test.labels, evaluation.answers, strict=True)
        if label != answer
    )
    (label, answer), count = min(wrong.items(), key=lambda pair: (-pair[1], pair[0]))
    norms = best.values("train/grad_norm")
    low, high = _wilson(right, len(test.labels))
    return {
        "val_accuracy": f"{best.values('val/accuracy')[-1]:.4f}",
        "test_accuracy": f"{evaluation.accuracy:.4f}",
        "test_right": right,
        "mistake": f"a {label} read as {answer}, {count} times",
        "spike_step": 1 + int(np.argmax(norms)),
        "spike": f"{max(norms):.2f}",
        "size": f"{(root / BEST / 'attachments' / 'model.npz').stat().st_size:,}",
        "parameters": f"{sum(weight.size for weight in best.weights.values()):,}",
        "low": f"{low:.3f}",
        "high": f"{high:.3f}",
    }


def _wilson(right: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return middle - spread / (1 + z * z / count), middle + spread / (1 + z * z / count)


def _is_of(outcome: Outcome, hidden: int, weight_decay: float) -> bool:
    config = outcome.plan.config
    return (config.hidden, config.weight_decay) == (hidden, weight_decay)


def _mean(group: list[Outcome], split: str) -> float:
    return fmean(outcome.evaluations[split].accuracy for outcome in group)


def _kilobytes(hidden: int) -> str:
    return f"{(64 * hidden + hidden + hidden * 10 + 10) * 4 / 1000:.1f} kB"


def _points(difference: float) -> str:
    return f"{difference * 100:.1f}"


def _percent(outcome: Outcome, split: str) -> str:
    return f"{outcome.evaluations[split].accuracy * 100:.1f} %"
