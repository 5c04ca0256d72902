"""report.json, put together from a part of each experiment, encoded once and kept. Floor 6."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sitegen.derive.experiment import Experiment
from sitegen.errors import Problem
from sitegen.pages.site.reports import experiment_summary, problem_report
from sitegen.render.payload import clean_text, formatted, sorted_json


class ReportPart(msgspec.Struct, frozen=True, array_like=True):
    """An experiment in report.json; what is encoded is JSON with its keys sorted."""

    name: str
    """Its name."""
    entry: bytes
    """The experiment, encoded."""
    runs: dict[str, bytes]
    """Each run by its id, encoded."""
    problems: dict[str, list[bytes]]
    """The problems of each run that has any, by its id, encoded."""


def report_part(experiment: Experiment) -> ReportPart:
    """The part of *experiment*."""
    found = experiment_summary(experiment)
    problems: dict[str, list[bytes]] = {}
    for problem in found.problems:
        problems.setdefault(problem.run or "", []).append(_encoded(problem))
    return ReportPart(
        name=experiment.name,
        entry=_encoded(found.entry),
        runs={run.id: _encoded(run) for run in found.runs},
        problems=problems,
    )


def site_report(title: str, parts: Sequence[ReportPart], site_problems: Iterable[Problem]) -> str:
    """The text of report.json: experiments by name, runs and their problems by id."""
    runs = {run_id: run for part in parts for run_id, run in part.runs.items()}
    of_runs = {run_id: found for part in parts for run_id, found in part.problems.items()}
    problems = [_encoded(problem_report(problem)) for problem in site_problems]
    problems += [problem for run_id in sorted(of_runs) for problem in of_runs[run_id]]
    document = {
        "format": 1,
        "title": clean_text(title),
        "experiments": _raw(part.entry for part in sorted(parts, key=lambda one: one.name)),
        "runs": _raw(runs[run_id] for run_id in sorted(runs)),
        "problems": _raw(problems),
    }
    return formatted(msgspec.json.encode(document, order="sorted"))


def _encoded(value: msgspec.Struct) -> bytes:
    return sorted_json(msgspec.to_builtins(value))


def _raw(encoded: Iterable[bytes]) -> list[msgspec.Raw]:
    return [msgspec.Raw(one) for one in encoded]
