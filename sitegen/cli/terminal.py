"""What goes to the terminal: progress, problems, the summary of a build.

Text from bundles is untrusted: control characters are written as escapes, so that no run can
move the cursor, change the title or start a workflow command of a CI service.
"""

from __future__ import annotations

import json
import re
import sys
from types import TracebackType
from typing import Any, Self

import click

from sitegen.build.progress import Progress
from sitegen.errors import Problem

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_COMMAND = re.compile(r"##(\w*\[)")
"""What runners of CI obey wherever it stands in a line: `##[` of GitHub in its older form,
`##vso[` of Azure Pipelines, `##teamcity[`."""
_MOST_PROBLEMS_A_RUN = 10


def plain_text(text: str) -> str:
    """*text* on one line without control or direction characters."""
    shown = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
    shown = shown.encode("utf-8", "backslashreplace").decode()
    shown = _COMMAND.sub(r"# #\1", shown)
    # GitHub's runner drops leading blanks before it looks for the "::" of a workflow command
    return shown.replace("::", "\\x3a:", 1) if shown.lstrip().startswith("::") else shown


def printed_json(document: object) -> str:
    """*document* as JSON over several lines, ASCII; in what its texts say no runner of CI finds a
    command.
    """
    return plain_json(json.dumps(document, indent=2, sort_keys=True))


def plain_json(text: str) -> str:
    """The same JSON without two `#` side by side, which stand in texts only."""
    return text.replace("##", "#\\u0023")


def problem_lines(place: str, problems: tuple[Problem, ...], count: int) -> list[str]:
    """Lines for the terminal: `runs/a/run.json:7: error: … [code]` and hints, the rest counted."""
    lines = []
    for problem in problems[:_MOST_PROBLEMS_A_RUN]:
        where = f"{place}/{problem.place}" if place and problem.place else place or problem.place
        lines.append(plain_text(f"{where}: {problem.severity}: {problem.message} [{problem.code}]"))
        if problem.hint:
            lines.append(plain_text(f"  hint: {problem.hint}"))
    if count > _MOST_PROBLEMS_A_RUN:
        more = count - _MOST_PROBLEMS_A_RUN
        lines.append(plain_text(f"{place}: {more:,} more on the run's page"))
    return lines


class QuietProgress(Progress):
    """Says nothing."""

    def stage(self, name: str, total: int) -> None:
        """See `Progress`."""

    def step(self, name: str) -> None:
        """See `Progress`."""


class LineProgress(QuietProgress):
    """One line a stage, for logs."""

    def stage(self, name: str, total: int) -> None:
        """See `Progress`."""
        click.echo(f"{name} ({total:,})" if total else name, err=True)


class BarProgress(Progress):
    """A bar on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.progress import Progress as Bar

        self._bar: Any = Bar(
            TextColumn("{task.description:16}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[name]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: Any = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def stage(self, name: str, total: int) -> None:
        """See `Progress`."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(name, total=total or None, name="")

    def step(self, name: str) -> None:
        """See `Progress`."""
        self._bar.update(self._task, advance=1, name=plain_text(name)[:40])


def is_terminal() -> bool:
    """Whether a person watches."""
    return sys.stderr.isatty()
