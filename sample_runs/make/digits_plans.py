"""Which digit runs there are: who started them, when, with what, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from .digits.train import Config

MLP, SOFTMAX = "digits-mlp", "digits-softmax"
CANDIDATE = "lr0.2-h96-seed2"
MARA, TOMAS, INES = "mara", "tomas", "ines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run, before it is run."""

    experiment: str
    """Name of the experiment, and of its directory."""
    directory: str
    """Name of the bundle's directory."""
    name: str
    """What people call the run."""
    config: Config
    """What it is started with."""
    started: str
    """Date and time, UTC."""
    user: str
    """Who started it."""
    description: str
    """What the person wrote about it."""
    step_s: float
    """Seconds a training step takes on the board."""
    tags: tuple[str, ...] = ()
    """Labels."""
    stage: str | None = None
    """Stage of the logged model; None logs no model."""
    version: str = ""
    """Version of the logged model."""
    kill_after_step: int = 0
    """Step after which the run is killed; 0 is never."""
    average_with: str | None = None
    """Directory of the run whose weights are averaged in."""
    extra: dict[str, object] = field(default_factory=dict)
    """Keys that run.json gets besides."""

    @property
    def run_id(self) -> str:
        """Experiment and directory."""
        return f"{self.experiment}/{self.directory}"


WHY_BY_SETTING = {
    (0.05, 32): (
        "Baseline: the smallest network worth shipping, at the step size the softmax regression "
        "was started with. Every other setting is measured against this one."
    ),
    (0.2, 32): (
        "Same width as the baseline, four times the step size. Nothing else changes, so any "
        "difference is the step size or the seed."
    ),
    (0.05, 96): (
        "Three times as wide at the old step size. 27 kB instead of 9 kB of weights: still under "
        "the 48 kB the meter has left, so the width is ours to spend if it buys accuracy."
    ),
    (0.2, 96): (
        "Wide and fast: both changes together. The candidate for the meter if validation and the "
        "held-out test agree."
    ),
}
STAGE_BY_DIRECTORY = {
    "lr0.05-h32-seed0": ("archived", "2"),
    "lr0.2-h32-seed0": ("archived", "3"),
    "lr0.05-h96-seed0": ("archived", "4"),
    "lr0.2-h96-seed2": ("staging", "5"),
}
GRID_STARTS = {
    (0.05, 32): ("2026-11-09 08:12:04", "2026-11-09 08:16:40", "2026-11-09 08:21:13"),
    (0.2, 32): ("2026-11-09 09:02:51", "2026-11-09 09:07:22", "2026-11-09 09:11:58"),
    (0.05, 96): ("2026-11-10 13:30:09", "2026-11-10 13:37:44", "2026-11-10 13:45:02"),
    (0.2, 96): ("2026-11-10 15:04:37", "2026-11-10 15:12:11", "2026-11-10 15:19:49"),
}


def grid_plans() -> list[Plan]:
    """Two step sizes, two widths, three seeds; one of the twelve is killed."""
    plans = []
    for (lr, hidden), starts in GRID_STARTS.items():
        for seed, started in enumerate(starts):
            directory = f"lr{lr}-h{hidden}-seed{seed}"
            stage, version = STAGE_BY_DIRECTORY.get(directory, (None, ""))
            is_killed = directory == "lr0.05-h96-seed2"
            plans.append(
                Plan(
                    experiment=MLP,
                    directory=directory,
                    name=f"lr {lr}, {hidden} hidden, seed {seed}",
                    config=Config(hidden=hidden, lr=lr, seed=seed),
                    started=started,
                    user=MARA if hidden == 32 else TOMAS,
                    description=WHY_BY_SETTING[lr, hidden],
                    step_s=0.82 if hidden == 32 else 1.31,
                    tags=("grid", "baseline") if (lr, hidden) == (0.05, 32) else ("grid",),
                    stage=stage,
                    version=version,
                    kill_after_step=167 if is_killed else 0,
                )
            )
    return plans


DECAY_STARTS = {
    (32, 0.001): "2026-11-11 08:05:00",
    (32, 0.01): "2026-11-11 08:20:00",
    (96, 0.001): "2026-11-11 08:35:00",
    (96, 0.01): "2026-11-11 09:05:00",
}
DECAY_SWEEP = "decay"


def decay_plans() -> list[Plan]:
    """Two strengths of weight decay at the better step size, both widths, three seeds."""
    plans = []
    for (hidden, weight_decay), started in DECAY_STARTS.items():
        for seed in range(3):
            plans.append(
                Plan(
                    experiment=MLP,
                    directory=f"lr0.2-h{hidden}-wd{weight_decay}-seed{seed}",
                    name=f"lr 0.2, {hidden} hidden, decay {weight_decay}, seed {seed}",
                    config=Config(hidden=hidden, lr=0.2, seed=seed, weight_decay=weight_decay),
                    started=f"{started[:-5]}{int(started[-5:-3]) + 6 * seed:02d}:{17 * seed:02d}",
                    user=TOMAS,
                    description=(
                        "Does weight decay close the gap between validation and test? Everything "
                        "else as in the grid of 9 November."
                    ),
                    step_s=0.82 if hidden == 32 else 1.31,
                    tags=("decay",),
                    extra={"sweep": {"id": DECAY_SWEEP, "trial": str(len(plans) + 1)}},
                )
            )
    return plans


def odd_plans() -> list[Plan]:
    """The run that diverges and the run that fails."""
    return [
        Plan(
            experiment=MLP,
            directory="lr2-decay-float32",
            name="lr 2 with strong decay, float32",
            config=Config(hidden=96, lr=2.0, seed=0, weight_decay=0.3, precision="float32"),
            started="2026-11-11 10:41:26",
            user=INES,
            description=(
                "How far can the step size go if weight decay holds the weights down? float32, as "
                "on the meter, so that an overflow shows here and not in the field."
            ),
            step_s=1.12,
            tags=("stress-test",),
        ),
        Plan(
            experiment=MLP,
            directory="average-with-baseline",
            name="average with the baseline from epoch 6",
            config=Config(hidden=96, lr=0.2, seed=2, average_from_epoch=6),
            started="2026-11-12 16:20:55",
            user=INES,
            description=(
                "Weight averaging: from epoch 6 on, move the weights half way to the baseline's "
                "after each epoch. Started from a dirty checkout to see whether it is worth a "
                "pull request."
            ),
            step_s=1.33,
            tags=("averaging",),
            average_with="lr0.05-h32-seed0",
            extra={"parent": f"{MLP}/lr0.2-h96-seed2"},
        ),
    ]


def softmax_plans() -> list[Plan]:
    """Two regressions from the week before, archived."""
    return [
        Plan(
            experiment=SOFTMAX,
            directory=f"lr{lr}",
            name=f"softmax regression, lr {lr}",
            config=Config(hidden=0, lr=lr, seed=0, epochs=12),
            started=started,
            user=TOMAS,
            description=description,
            step_s=0.4,
            tags=("linear",),
            stage=stage,
            version=version,
        )
        for lr, started, description, stage, version in (
            (
                0.05,
                "2026-11-03 12:55:30",
                "No hidden layer at all: what a linear model reads from 8 x 8 pixels.",
                None,
                "",
            ),
            (
                0.5,
                "2026-11-03 13:08:17",
                "Ten times the step size: is the linear model slow, or is it at its limit?",
                "production",
                "1",
            ),
        )
    ]
