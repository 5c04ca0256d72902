"""Problems that come up beside reading: experiments without runs, parts given up. Floor 6."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import PurePath

from sitegen.errors import Problem
from sitegen.read.bundle import Group
from sitegen.read.experiments import ExperimentSpec


def experiment_problems(
    specs: Mapping[str, ExperimentSpec], names_with_runs: Collection[str]
) -> dict[str, tuple[Problem, ...]]:
    """Problems of experiment.toml files by the experiment they describe, paths as on the site."""
    found = {
        name: (*spec.problems, *(() if name in names_with_runs else (_empty(name, spec),)))
        for name, spec in sorted(specs.items())
    }
    return {name: problems for name, problems in found.items() if problems}


def typed_problems(
    specs: Mapping[str, ExperimentSpec], names_with_runs: Collection[str]
) -> dict[str, tuple[Problem, ...]]:
    """The same with paths as the user would type them, for the terminal."""
    return {
        name: tuple(
            replace(problem, path=str(PurePath(specs[name].root, problem.path)))
            for problem in problems
        )
        for name, problems in experiment_problems(specs, names_with_runs).items()
    }


def flat(problems_by_name: Mapping[str, tuple[Problem, ...]]) -> tuple[Problem, ...]:
    """All problems in order of the experiments' names."""
    return tuple(one for problems in problems_by_name.values() for one in problems)


def lost_problem(part: Group, files: tuple[str, ...], reason: str) -> Problem:
    """That *part* was given up, with what became of the process that read it."""
    return Problem(
        code="worker-lost", severity="error", path=files[0] if len(files) == 1 else part,
        message=f"cannot be read: the process that read it {reason}, twice",
        hint="None of it is in the site, the rest of the run is. The next build tries again; the"
        " limit `worker_bytes` says how much memory a process may hold.",
    )  # fmt: skip


def _empty(name: str, spec: ExperimentSpec) -> Problem:
    return Problem(
        code="experiment-empty", severity="warning", path=spec.path,
        message=f"no run belongs to the experiment “{name}”",
        hint="Runs name it in run.json, or lie in its directory.",
    )  # fmt: skip
