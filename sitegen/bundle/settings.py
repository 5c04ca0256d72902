"""The project's settings as one frozen value, passed down and never looked up.

Floor 1. Built by `read/settings.py` from sitegen.toml and the command line, which wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sitegen.bundle.conditions import Condition
from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What sitegen.toml says; paths are absolute or relative to the working directory."""

    title: str = "Experiment report"
    """Name of the site, first in its header."""
    description: str | None = None
    """One sentence on the site."""
    url: str | None = None
    """Where the site is published."""
    repository: str | None = None
    """Address of the repository that holds the bundles."""
    repository_path: str | None = None
    """Folder of the bundles in that repository."""
    branch: str | None = None
    """Branch that annotations are proposed on."""
    runs: tuple[Path, ...] = ()
    """Directories to read when the command names none."""
    output: Path | None = None
    """Directory to write when the command names none."""
    theme: Path | None = None
    """Directory whose files win over the default theme's."""
    annotations_dir: Path | None = None
    """Where sidecars lie when the bundles are not in git."""
    has_git_authors: bool = False
    """Whether git is asked who committed each annotation."""
    is_indexed: bool = False
    """Whether search engines may index the site."""
    limits: Limits = DEFAULT_LIMITS
    """Limits on input."""
    select: Condition | None = None
    """What a run must meet to be in the site; all are without it."""
    prices: Mapping[str, Mapping[str, float | None]]
    """Own prices by model: `input`, `output`, `cached` in US dollars per million tokens."""
