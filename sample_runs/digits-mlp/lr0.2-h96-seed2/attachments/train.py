"""Stochastic gradient descent with momentum; every logged number goes through one callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from .data import Floats, Labels, Split
from .model import Weights, forward, log_probabilities, loss_and_gradients, new_weights

Log = Callable[[int, Mapping[str, float]], None]


class KilledError(Exception):
    """Somebody stopped the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What one run was started with."""

    hidden: int
    """Hidden units; 0 is softmax regression."""
    lr: float
    """Step size."""
    seed: int
    """Of the weights and of the order of the batches."""
    weight_decay: float = 0
    """Added to the gradient, times the weight."""
    momentum: float = 0.9
    """Share of the last update that is kept."""
    nesterov: bool = False
    """Whether the update looks ahead."""
    batch_size: int = 64
    """Pictures a step; what does not fill a batch waits for the next epoch."""
    epochs: int = 15
    """Passes over the training rows."""
    precision: str = "float64"
    """numpy's name of the number type."""
    average_from_epoch: int = 0
    """Epoch from which the weights are averaged with those of another run; 0 is never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What the weights say about one split."""

    loss: float
    """Mean cross-entropy."""
    accuracy: float
    """Share of right answers."""
    probabilities: Floats
    """One row per picture, one column per digit."""
    answers: Labels
    """The most probable digit of each row."""


def evaluate(weights: Weights, split: Split) -> Evaluation:
    """Loss, accuracy and answers on a whole split."""
    logs = log_probabilities(forward(weights, split.pixels)[1])
    answers = logs.argmax(axis=1)
    rows = np.arange(len(split.labels))
    return Evaluation(
        loss=float(-logs[rows, split.labels].mean()),
        accuracy=float((answers == split.labels).mean()),
        probabilities=np.exp(logs),
        answers=answers,
    )


def update(weights: Weights, speed: Weights, gradients: Weights, config: Config) -> None:
    """Moves the weights one step, in place."""
    for name, gradient in gradients.items():
        speed[name] = config.momentum * speed[name] - config.lr * gradient
        ahead = config.momentum * speed[name] - config.lr * gradient
        weights[name] = weights[name] + (ahead if config.nesterov else speed[name])


def average(weights: Weights, other: Weights) -> None:
    """Moves the weights half way to another run's, in place."""
    for name, weight in weights.items():
        weights[name] = (weight + other[name]) / 2


def gradient_norm(gradients: Weights) -> float:
    """Euclidean length of all gradients together."""
    return float(np.sqrt(sum(float((gradient**2).sum()) for gradient in gradients.values())))


def train(
    config: Config,
    splits: Mapping[str, Split],
    log: Log,
    *,
    average_with: Weights | None = None,
    on_epoch: Callable[[int, Weights], None] | None = None,
) -> Weights:
    """The weights after the last epoch; `log` gets every step, counted from 1."""
    rng = np.random.default_rng(config.seed)
    weights = {
        name: weight.astype(config.precision)
        for name, weight in new_weights(config.hidden, rng).items()
    }
    speed = {name: np.zeros_like(weight) for name, weight in weights.items()}
    pixels = splits["train"].pixels.astype(config.precision)
    labels = splits["train"].labels
    step = 0
    for epoch in range(1, config.epochs + 1):
        order = rng.permutation(len(labels))
        for start in range(0, len(order) - config.batch_size + 1, config.batch_size):
            batch = order[start : start + config.batch_size]
            loss, gradients = loss_and_gradients(
                weights, pixels[batch], labels[batch], config.weight_decay
            )
            update(weights, speed, gradients, config)
            step += 1
            log(step, {"train/loss": loss, "train/grad_norm": gradient_norm(gradients)})
        if average_with is not None and epoch >= config.average_from_epoch:
            average(weights, average_with)
        validation = evaluate(weights, splits["validation"])
        log(
            step,
            {"val/loss": validation.loss, "val/accuracy": validation.accuracy, "epoch": epoch},
        )
        if on_epoch is not None:
            on_epoch(epoch, weights)
    return weights
