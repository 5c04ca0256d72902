"""What could not be written: told once, counted, recorded, and never raised into training.

A full disk or a directory that became read-only must not end a training of days. Mistakes of the
caller (a wrong type, a file that is not there) are raised, where the caller can mend them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sitegen.errors import SitegenError


class LogTypeError(SitegenError, TypeError):
    """A value of a type that cannot be logged; names the key and what is accepted."""


class LogValueError(SitegenError, ValueError):
    """A value of the right type that cannot be logged."""


class LostRecordsWarning(UserWarning):
    """Records of a run could not be written."""


class Faults:
    """The records that one process could not write."""

    def __init__(self, shown_path: str) -> None:
        self._shown_path = shown_path
        self.lost = 0
        """Records that were not written; changes of run.json count when the run ends."""
        self.first_reason: str | None = None
        """Why the first of them was not: `train/loss: No space left on device`."""

    def add(self, what: str, error: OSError, count: int = 1) -> None:
        """Count *count* records of *what* as lost; warn at the first fault."""
        self.lost += count
        if self.first_reason is None:
            self.first_reason = f"{what}: {error.strerror or type(error).__name__}"
            warnings.warn(
                f"sitegen could not write to {self._shown_path} ({self.first_reason}). Training"
                " goes on; lost records are counted in run.json.",
                LostRecordsWarning,
                stacklevel=2,
            )

    @contextmanager
    def guard(self, what: str) -> Iterator[None]:
        """Count an OSError inside as the loss of *what*."""
        try:
            yield
        except OSError as error:
            self.add(what, error)

    def document(self) -> dict[str, Any]:
        """What run.json says of it."""
        return {"count": self.lost, "first": self.first_reason}
