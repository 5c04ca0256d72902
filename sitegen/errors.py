"""Faults, told so that a person can act on them.

Floor 0. A `SitegenError` stops the command: a wrong argument, setting or theme. A `Problem` is a
tolerated fault of the input: it is kept with the run, shown on its page, and the build goes on.
This module knows neither click nor exit handling; `cli/` turns an error into its exit code.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from sitegen.records import dataclass

Severity = Literal["error", "warning"]


class SitegenError(Exception):
    """What a user can cause and must mend: `path:line: message` with a hint. Exit code 2."""

    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.hint = hint

    def __str__(self) -> str:
        place = place_text(self.path, self.line)
        return f"{place}: {self.message}" if place else self.message


class NothingBuiltError(SitegenError):
    """No run was found where runs were asked for. Exit code 3."""

    exit_code = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A tolerated fault in the input."""

    code: str
    """Stable name of the kind of fault, kebab-case: `parquet-truncated`."""
    severity: Severity
    """`error`: something is missing from the page. `warning`: all is there, but look."""
    path: str
    """File relative to the bundle, '/'-joined; the empty string for the bundle itself."""
    line: int | None = None
    """One-based line in the file, where it has lines."""
    message: str
    """What was found and what was expected."""
    hint: str | None = None
    """What to do about it, or what was done with it."""

    @property
    def place(self) -> str:
        """`path:line`, or the path alone."""
        return place_text(self.path, self.line) or ""


def place_text(path: str | None, line: int | None) -> str | None:
    """`path:line`, the path alone, or None when there is no place."""
    if not path:
        return None
    return f"{path}:{line}" if line is not None else path
