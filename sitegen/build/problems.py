"""Problems of no run: faults of experiment.toml, and experiments without runs. Floor 6."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sitegen.errors import Problem
from sitegen.read.experiments import ExperimentSpec


def experiment_problems(
    specs: Mapping[str, ExperimentSpec], names_with_runs: Collection[str]
) -> dict[str, tuple[Problem, ...]]:
    """Problems of experiment.toml files by the experiment they describe; none without problems."""
    found = {
        name: (*spec.problems, *(() if name in names_with_runs else (_empty(name, spec),)))
        for name, spec in specs.items()
    }
    return {name: problems for name, problems in found.items() if problems}


def site_problems(
    specs: Mapping[str, ExperimentSpec], names_with_runs: Collection[str]
) -> tuple[Problem, ...]:
    """All of them in order of the experiments' names."""
    found = experiment_problems(specs, names_with_runs)
    return tuple(problem for _, problems in sorted(found.items()) for problem in problems)


def _empty(name: str, spec: ExperimentSpec) -> Problem:
    return Problem(
        code="experiment-empty", severity="warning", path=spec.path,
        message=f"no run belongs to the experiment “{name}”",
        hint="Runs name it in run.json, or lie in its directory.",
    )  # fmt: skip
