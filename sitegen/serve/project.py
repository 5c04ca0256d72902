"""What is served: runs, settings, and where the site of them is kept. Floor 7."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from sitegen.build.site import CACHE
from sitegen.bundle.paths import sha10
from sitegen.bundle.settings import Settings
from sitegen.errors import SitegenError
from sitegen.read.settings import find_settings, read_settings
from sitegen.records import dataclass

BUILDS_KEPT = 8
"""Builds whose stale data can still be asked for: a page loads again within two of them."""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """What a start of `sitegen serve` is about, as it is told to the process that builds."""

    roots: tuple[str, ...]
    """Directories of runs, absolute; those of the settings if there are none."""
    config: str | None
    """Settings file as given, else the nearest is looked for."""
    theme: str | None
    """Theme directory over the default."""
    cache: str
    """Where derived parts are kept, absolute."""
    workers: int | None
    """Processes to build with."""

    def settled(self) -> Settled:
        """The project with its settings as they are now.

        Raises:
            SitegenError: if the settings are wrong, or no directory of runs is named.
        """
        config = Path(self.config) if self.config else find_settings(Path.cwd())
        settings = read_settings(config)
        if self.theme is not None:
            settings = replace(settings, theme=Path(self.theme))
        roots = tuple(Path(root) for root in self.roots) or settings.runs
        if not roots:
            raise SitegenError(
                "no directory of runs was named",
                hint='sitegen serve RUNS, or runs = ["runs"] under [site] in sitegen.toml.',
            )
        return Settled(settings=settings, config=config, roots=roots)

    @property
    def output(self) -> Path:
        """Where the site is built: one place for each set of runs."""
        key = sha10("\0".join((*self.roots, self.config or "", str(Path.cwd()))))
        return Path(self.cache) / "serve" / key

    def attic(self, build: int) -> Path:
        """Where the build of this number puts what pages open before it may still ask for."""
        return self.output.with_name(f"{self.output.name}-before") / str(build % BUILDS_KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A project and its settings at one moment."""

    settings: Settings
    """The settings."""
    config: Path | None
    """The file that holds them, None without one."""
    roots: tuple[Path, ...]
    """Directories of runs."""


def project_of(
    roots: tuple[Path, ...],
    *,
    config: Path | None,
    theme: Path | None,
    cache: Path | None,
    workers: int | None,
) -> Project:
    """The project of a command line.

    Raises:
        SitegenError: if its settings are wrong or a directory is missing.
    """
    project = Project(
        roots=tuple(str(root.absolute()) for root in roots),
        config=str(config.absolute()) if config else None,
        theme=str(theme.absolute()) if theme else None,
        cache=str((cache or Path(CACHE)).absolute()),
        workers=workers,
    )
    for root in project.settled().roots:
        if not root.is_dir():
            raise SitegenError(
                "no such directory", path=str(root), hint="Make it first; it may be empty."
            )
    return project
