"""What `sitegen check` found, as lines for people, JSON, workflow annotations and JUnit XML.

All of it may hold text of bundles, which is untrusted: no format lets it start a command of a CI
service, move a cursor or break out of its element.
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sitegen import units
from sitegen.build.check import CheckedExperiment, CheckedRun, CheckResult
from sitegen.cli.terminal import plain_text, printed_json, problem_lines
from sitegen.errors import Problem, Severity
from sitegen.pages.site.reports import (
    ProblemReport,
    SeverityCounts,
    problem_report,
    problems_by_severity,
)
from sitegen.render.payload import plain

_MOST_ANNOTATIONS = 10
"""GitHub keeps ten errors and ten warnings of a step and drops the rest."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What may not stand in XML 1.0 (§2.2), not even as a character reference."""
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


class CheckedRunReport(Struct, frozen=True, kw_only=True):
    """A run that was checked: `path` is its directory, as it was named on the command line."""

    id: str
    experiment: str
    path: str
    problems: SeverityCounts


class CheckReport(Struct, frozen=True, kw_only=True):
    """What `sitegen check --json` prints; `unlisted` are problems beyond the limit of a run."""

    format: Literal[1]
    runs: list[CheckedRunReport]
    problems: list[ProblemReport]
    unlisted: int


def summary(result: CheckResult) -> str:
    """`12 runs in 3 experiments, 1 error, 2 warnings`."""
    counts = ((result.errors, "error"), (result.warnings, "warning"), (result.unlisted, "unlisted"))
    problems = [
        f"{count:,} {word}" if word == "unlisted" else units.plural(count, word)
        for count, word in counts
        if count
    ]
    with_runs = sum(bool(experiment.runs) for experiment in result.experiments)
    runs = f"{units.plural(len(result.runs), 'run')} in {units.plural(with_runs, 'experiment')}"
    return ", ".join([runs, *(problems or ["no problems"])])


def text_lines(result: CheckResult) -> list[str]:
    """Each problem as a build prints it, and how many more a run has."""
    lines = [line for problem in result.site_problems for line in problem_lines("", (problem,), 1)]
    for run in result.runs:
        for problem in run.problems:
            lines += problem_lines(run.shown_path, (problem,), 1)
        if more := run.problem_count - len(run.problems):
            what = f"{more:,} more beyond the limit `problems` of sitegen.toml"
            lines.append(plain_text(f"{run.shown_path}: {what}"))
    return lines


def json_text(result: CheckResult) -> str:
    """The problems with the fields that they have in report.json."""
    report = CheckReport(
        format=1,
        runs=[
            CheckedRunReport(
                id=run.id, experiment=run.experiment, path=run.shown_path,
                problems=problems_by_severity(run.problems),
            )
            for run in result.runs
        ],
        problems=[
            problem_report(problem, run.id if run else None) for run, problem in result.located()
        ],
        unlisted=result.unlisted,
    )  # fmt: skip
    return printed_json(plain(msgspec.to_builtins(report)))


def github_lines(result: CheckResult, working_directory: Path) -> list[str]:
    """Workflow annotations, ten errors and ten warnings at most, and a line that counts the rest.

    See https://docs.github.com/actions/reference/workflow-commands-for-github-actions. Files below
    *working_directory* are named from there, so that their lines are marked in a pull request.
    """
    located = list(result.located())
    lines: list[str] = []
    more: list[str] = []
    for severity in ("error", "warning"):
        chosen = [one for one in located if one[1].severity == severity]
        lines += [
            _annotation(severity, run, problem, working_directory)
            for run, problem in chosen[:_MOST_ANNOTATIONS]
        ]
        if len(chosen) > _MOST_ANNOTATIONS:
            more.append(units.plural(len(chosen) - _MOST_ANNOTATIONS, f"more {severity}"))
    if more:
        lines.append(f"{' and '.join(more)}; sitegen check prints them all")
    return lines


def _annotation(
    severity: Severity, run: CheckedRun | None, problem: Problem, working_directory: Path
) -> str:
    file = _relative_to(working_directory, _file(run, problem))
    properties = {"file": file, "title": problem.code}
    if problem.line is not None:
        properties = {"file": file, "line": str(problem.line), "title": problem.code}
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    hint = f"\nhint: {problem.hint}" if problem.hint else ""
    return f"::{severity} {told}::{_data(problem.message + hint)}"


def _data(text: str) -> str:
    """*text* as GitHub's toolkit escapes data; other control characters as on a terminal."""
    return plain_text(text.translate(_DATA))


def _property(text: str) -> str:
    """*text* as GitHub's toolkit escapes properties; other control characters as on a terminal."""
    return plain_text(text.translate(_PROPERTY))


def _relative_to(directory: Path, path: str) -> str:
    """*path* from *directory* if it lies below, else as it is; its last part is not followed."""
    base = os.path.realpath(directory)
    real = Path(os.path.realpath(Path(path).parent)) / Path(path).name
    return str(real.relative_to(base)) if real.is_relative_to(base) else path


def _file(run: CheckedRun | None, problem: Problem) -> str:
    """The file of the problem, as the user would type it."""
    if run is None:
        return problem.path
    return f"{run.shown_path}/{problem.path}" if problem.path else run.shown_path


def junit_text(result: CheckResult) -> str:
    """JUnit XML: a testsuite for each experiment, a testcase for each run; errors fail it.

    Faults of an experiment.toml are a testcase of their own, named by the file.
    """
    suites = ET.Element("testsuites", name="sitegen check")
    for experiment in result.experiments:
        _suite(suites, experiment)
    _count(suites)
    ET.indent(suites)
    # ASCII with character references is right whatever the encoding of standard output
    text = ET.tostring(suites, encoding="us-ascii").decode()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _suite(suites: ET.Element, experiment: CheckedExperiment) -> None:
    suite = ET.SubElement(suites, "testsuite", name=_xml(experiment.name))
    by_file: dict[str, list[Problem]] = {}
    for problem in experiment.problems:
        by_file.setdefault(problem.path, []).append(problem)
    for path, problems in sorted(by_file.items()):
        case = _case(suite, experiment.name, name=path, file=path)
        _tell(case, [(None, problem) for problem in problems])
    for run in experiment.runs:
        case = _case(suite, experiment.name, name=run.id, file=run.shown_path)
        _tell(case, [(run, problem) for problem in run.problems], _unlisted(run))
    _count(suite)


def _case(suite: ET.Element, experiment: str, *, name: str, file: str) -> ET.Element:
    return ET.SubElement(
        suite, "testcase", name=_xml(name), classname=_xml(experiment), file=_xml(file)
    )


def _unlisted(run: CheckedRun) -> tuple[str, ...]:
    more = run.problem_count - len(run.problems)
    return (f"{run.shown_path}: {more:,} more problems are not listed",) if more else ()


def _tell(
    case: ET.Element, located: list[tuple[CheckedRun | None, Problem]], notes: Iterable[str] = ()
) -> None:
    """Errors become its failure, warnings and *notes* its output."""
    errors = [one for one in located if one[1].severity == "error"]
    warnings = [one for one in located if one[1].severity == "warning"]
    if errors:
        first = errors[0][1]
        others = f" (and {len(errors) - 1:,} more)" if len(errors) > 1 else ""
        message = f"{first.place}: {first.message}" if first.place else first.message
        failure = ET.SubElement(
            case, "failure", type=first.code, message=_xml(f"{message}{others}")
        )
        failure.text = "\n".join(map(_xml, _lines(errors)))
    if warnings or notes:
        out = ET.SubElement(case, "system-out")
        out.text = "\n".join(map(_xml, [*_lines(warnings), *notes]))


def _lines(located: Iterable[tuple[CheckedRun | None, Problem]]) -> Iterator[str]:
    for run, problem in located:
        yield from problem_lines(run.shown_path if run else "", (problem,), 1)


def _count(element: ET.Element) -> None:
    cases = element.findall(".//testcase")
    failures = sum(case.find("failure") is not None for case in cases)
    element.set("tests", str(len(cases)))
    element.set("failures", str(failures))
    element.set("errors", "0")
    element.set("skipped", "0")


def _xml(text: str) -> str:
    """*text* on one line, control characters as escapes, without what XML 1.0 forbids."""
    return _NOT_XML.sub("", plain_text(text))
