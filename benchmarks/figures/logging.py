"""1e6 scalars logged by sitegen, by tensorboardX and by MLflow into SQLite, taking turns."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from statistics import median

from benchmarks.commands import REPOSITORY, Job, output_of, remove, seconds_of
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.rounds import Measured, interleaved, ratio

SCALARS = 1_000_000
SHARE = {"mlflow": 1_000, "mlflow-batches": 50}
"""What part of the scalars a slow logger is given; its times are counted up."""
MOST_US = {"sitegen": 5.0, "sitegen-batches": 1.0}
_CALLS = {
    "sitegen": "`run.log_metric`",
    "sitegen-batches": "`run.log_metrics` of 100",
    "tensorboardX": "`add_scalar` of tensorboardX",
    "mlflow": "`mlflow.log_metric`, SQLite",
    "mlflow-batches": "`mlflow.log_metrics` of 100, SQLite",
}
_OTHERS = {"tensorboardX": "sitegen", "mlflow": "sitegen", "mlflow-batches": "sitegen-batches"}
"""Loggers of other libraries, and what each is held against."""
_SHARES = (
    f"MLflow logged {' and '.join(f'1/{part}' for part in SHARE.values())} of the scalars; the time"
    " of its whole process is counted up."
)
_INSTALL = (
    "Without an environment that has them, rows of other libraries are left out: `python -m venv"
    " .venv-loggers && .venv-loggers/bin/pip install mlflow tensorboardX`, or name its Python in"
    " LOGGERS_PYTHON."
)


def measure(job: Job) -> Result:
    """Time for each scalar, and of the whole process, for each logger that is there."""
    others = _python_of_others()
    names = [name for name in _CALLS if name not in _OTHERS or others is not None]
    cpu_us: dict[str, list[float]] = {name: [] for name in names}
    actions = {name: partial(_log, job, name, others, cpu_us[name]) for name in names}
    found = interleaved(job.rounds_or(3), actions)
    rows = []
    for name in names:
        each = cpu_us[name][1:]  # the first round does not count
        rows.append(
            (
                _CALLS[name],
                f"{median(each):.2f} µs",
                f"{min(each):.2f} µs",
                f"{max(each):.2f} µs",
                seconds_text(found[name].median),
                _quotient(cpu_us, name) if name in _OTHERS else "1",
                found.load_text,
            )
        )
    goals = [
        Goal(
            text=f"{_CALLS[name]}: ≤ {most:g} µs of CPU a scalar",
            measured=f"{median(cpu_us[name][1:]):.2f} µs",
            is_met=median(cpu_us[name][1:]) <= most,
        )
        for name, most in MOST_US.items()
    ]
    goals += [
        Goal(
            text=f"less CPU than {_CALLS[name]}",
            measured=f"{_quotient(cpu_us, name)} times less",
            is_met=median(cpu_us[name][1:]) > median(cpu_us[_OTHERS[name]][1:]),
        )
        for name in names
        if name in _OTHERS
    ]
    return Result(
        what=f"{job.count(SCALARS):,} scalars logged by one process, each library with what it does"
        " by default: sitegen also logs the system's metrics and ends with a Parquet file.",
        head=("calls", "CPU a scalar", "min", "max", "whole process", "CPU ÷ sitegen", "load"),
        rows=tuple(rows),
        goals=tuple(goals),
        notes=(
            _SHARES,
            *(() if others else (_INSTALL,)),
        ),
    )


def _quotient(cpu_us: dict[str, list[float]], name: str) -> str:
    """CPU of the calls of another library ÷ that of ours, round by round."""
    mine, others = (tuple(cpu_us[one][1:]) for one in (_OTHERS[name], name))
    return ratio(Measured(values=others), Measured(values=mine)).text


def _log(job: Job, name: str, others: str | None, cpu_us: list[float]) -> float:
    """Wall time of the process, had it logged all scalars."""
    directory = job.scratch / name
    remove(directory)
    share = SHARE.get(name, 1)
    count = max(100, job.count(SCALARS) // share)
    python = others if name in _OTHERS and others else sys.executable
    command = [python, str(REPOSITORY / "benchmarks" / "loggers.py"), name]
    start_s = seconds_of([*command, "100", str(job.scratch / "start")], job.scratch)
    remove(job.scratch / "start")
    started = time.perf_counter()
    cpu_s = float(output_of([*command, str(count), str(directory)], job.scratch).split()[0])
    whole_s = time.perf_counter() - started
    cpu_us.append(cpu_s / count * 1e6)
    remove(directory)
    return start_s + max(0.0, whole_s - start_s) * job.count(SCALARS) / count


def _python_of_others() -> str | None:
    """The Python that has tensorboardX and MLflow."""
    named = os.environ.get("LOGGERS_PYTHON")
    usual = REPOSITORY / ".venv-loggers" / "bin" / "python"
    return named or (str(usual) if usual.exists() else None)
