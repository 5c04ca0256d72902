"""A network with one hidden layer, or none; forward, backward, nothing else."""

from __future__ import annotations

import numpy as np

from .data import Floats, Labels

Weights = dict[str, Floats]


def new_weights(hidden: int, rng: np.random.Generator) -> Weights:
    """He-initialised weights; `hidden` 0 is softmax regression."""
    if hidden == 0:
        return {"w_out": np.zeros((64, 10)), "b_out": np.zeros(10)}
    return {
        "w_in": rng.normal(0.0, np.sqrt(2.0 / 64), (64, hidden)),
        "b_in": np.zeros(hidden),
        "w_out": rng.normal(0.0, np.sqrt(2.0 / hidden), (hidden, 10)),
        "b_out": np.zeros(10),
    }


def forward(weights: Weights, pixels: Floats) -> tuple[Floats, Floats]:
    """Hidden activations and logits."""
    hidden = pixels
    if "w_in" in weights:
        hidden = np.maximum(pixels @ weights["w_in"] + weights["b_in"], 0.0)
    return hidden, hidden @ weights["w_out"] + weights["b_out"]


def log_probabilities(logits: Floats) -> Floats:
    """Log-softmax by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs


def loss_and_gradients(
    weights: Weights, pixels: Floats, labels: Labels, weight_decay: float
) -> tuple[float, Weights]:
    """Mean cross-entropy and its gradient, weight decay included in the gradient only."""
    hidden, logits = forward(weights, pixels)
    logs = log_probabilities(logits)
    rows = np.arange(len(labels))
    loss = float(-logs[rows, labels].mean())
    slope = np.exp(logs)
    slope[rows, labels] -= 1.0
    slope /= len(labels)
    gradients = {"w_out": hidden.T @ slope, "b_out": slope.sum(axis=0)}
    if "w_in" in weights:
        back = (slope @ weights["w_out"].T) * (hidden > 0)
        gradients |= {"w_in": pixels.T @ back, "b_in": back.sum(axis=0)}
    for name, weight in weights.items():
        gradients[name] = gradients[name] + weight_decay * weight
    return loss, gradients
