"""Problems of one kind told at most twenty times a file, the rest counted.

Floor 2. A file of a million broken lines must not become a million problems.
"""

from __future__ import annotations

from collections import Counter

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

    def close(self) -> None:
        """Report how many of each kind were held back."""
        for (code, path, severity), count in self._counts.items():
            more = count - self._most
            if more > 0:
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
