"""Problems of one kind told at most twenty times a file, the rest counted.

Floor 2. A file of a million broken lines must not become a million problems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sitegen.errors import Problem, Severity
from sitegen.read.files import Report

MOST_OF_A_KIND = 20


class CappedReport:
    """Passes problems on until one (code, file) has had its share; `close` tells how many more."""

    def __init__(self, report: Report, most: int = MOST_OF_A_KIND) -> None:
        self._report = report
        self._most = most
        self._counts: Counter[tuple[str, str, Severity]] = Counter()

    def __call__(self, problem: Problem) -> None:
        """Pass *problem* on or count it."""
        kind = (problem.code, problem.path, problem.severity)
        self._counts[kind] += 1
        if self._counts[kind] <= self._most:
            self._report(problem)

    def add_held(self, held: Iterable[tuple[str, str, Severity, int]]) -> None:
        """Count problems that another report held back: code, file, severity, how many."""
        for code, path, severity, count in held:
            self._counts[code, path, severity] += count

    @property
    def held(self) -> list[tuple[str, str, Severity, int]]:
        """How many of each kind were held back."""
        return [
            (*kind, count - self._most)
            for kind, count in self._counts.items()
            if count > self._most
        ]

    def close(self) -> None:
        """Report how many of each kind were held back."""
        for code, path, severity, more in self.held:
            self._report(
                Problem(
                    code=code,
                    severity=severity,
                    path=path,
                    message=f"and {more:,} more like it",
                    hint=f"The first {self._most} are listed.",
                )
            )
        self._counts.clear()
