"""Which run a page of the site is of, as the last build left it. Floor 7."""

from __future__ import annotations

from pathlib import Path

from sitegen.build.cache.entries import Cache
from sitegen.build.last_build.state import LastBuild
from sitegen.records import dataclass
from sitegen.serve.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedRun:
    """A run of the site."""

    bundle: Path
    """Its directory, without symbolic links."""
    slug: str
    """Slug of its id."""
    is_shared: bool
    """Whether another bundle has the same id."""
    status: str
    """What run.json says of it."""

    def is_there(self, roots: tuple[Path, ...]) -> bool:
        """Whether its bundle is still there, below one of *roots* and through no link."""
        places = {root.resolve() for root in roots}
        is_below = bool(places & {self.bundle, *self.bundle.parents})
        is_same = self.bundle.resolve() == self.bundle
        return is_below and is_same and (self.bundle / "run.json").is_file()


class ServedRuns:
    """The runs by their pages; kept while a build is under way, which has no state yet."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_page: dict[str, ServedRun] = {}

    def refresh(self) -> None:
        """Take over what the build that is done knows."""
        last = LastBuild(Cache(Path(self._project.cache)), self._project.output)
        found = {
            f"runs/{one.slug}.html": ServedRun(
                bundle=Path(one.real_path),
                slug=one.slug,
                is_shared=one.is_shared,
                status=one.brief.status,
            )
            for one in last.run_by_path.values()
        }
        self._by_page = found or self._by_page

    def of_page(self, page: str) -> ServedRun | None:
        """The run whose page is *page*."""
        return self._by_page.get(page)
