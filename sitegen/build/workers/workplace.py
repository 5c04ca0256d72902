"""What all tasks of a build share, in whichever process. Floor 6."""

from __future__ import annotations

from pathlib import Path

from sitegen.bundle.limits import Limits
from sitegen.derive.llm.prices import PriceTable
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """What all tasks of a build share."""

    cache: Path
    """Directory of the cache."""
    base: str
    """Key of versions and limits."""
    limits: Limits
    """Limits on input."""
    prices: PriceTable
    """What models cost."""
    staging: Path
    """The staged site."""
    output: Path
    """The site as it is."""
    annotations_dir: Path | None
    """Where further sidecars lie."""
