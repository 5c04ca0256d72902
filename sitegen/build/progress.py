"""How a build tells how far it is. Floor 6; what is shown is up to the command."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Is told how far a build is."""

    def stage(self, name: str, total: int) -> None:
        """A stage of *total* steps begins; 0 if their number is not known."""
        ...

    def step(self, name: str) -> None:
        """One step, of the run *name*, is done."""
        ...
