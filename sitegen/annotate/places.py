"""Where sidecars lie: in the bundle, or in `annotations_dir` under the run's slug. Floor 7."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sitegen.build.plan import RunPlan, plan_runs, shared_ids
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import FOLDER
from sitegen.errors import SitegenError
from sitegen.records import dataclass

_LEAST = 4  # characters of an id: an empty one would be the beginning of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of sidecars and the run they are of."""

    plan: RunPlan
    """The run."""
    root: Path
    """The bundle, or the run's folder in annotations_dir."""
    prefix: str
    """`annotations/` in a bundle, else empty."""

    @property
    def path(self) -> Path:
        """The folder itself."""
        return self.root / self.prefix if self.prefix else self.root

    def names(self) -> list[str]:
        """Its sidecars by path from its root; a folder that is a link has none."""
        if self.path.is_symlink() or not self.path.is_dir():
            return []
        found = sorted(path.name for path in self.path.glob("*.json"))
        return [f"{self.prefix}{name}" for name in found]


def runs_below(roots: Sequence[Path], settings: Settings) -> tuple[RunPlan, ...]:
    """All runs below *roots*, else below `[site] runs`.

    Raises:
        SitegenError: if no directory is named.
        NothingBuiltError: if there is no run.
    """
    chosen = tuple(roots) or settings.runs
    if not chosen:
        raise SitegenError(
            "no directory of runs was named",
            hint='Name one, or set runs = ["runs"] under [site] in sitegen.toml.',
        )
    excluded = (settings.output,) if settings.output else ()
    return plan_runs(chosen, excluded, settings.limits, lambda: None)


def folders_of(plan: RunPlan, settings: Settings) -> Iterator[Folder]:
    """Every folder that may hold sidecars of the run."""
    yield Folder(plan=plan, root=plan.bundle.root, prefix=f"{FOLDER}/")
    if settings.annotations_dir is not None:
        yield Folder(plan=plan, root=settings.annotations_dir / slug(plan.run_id), prefix="")


def run_at(bundle: Path, settings: Settings) -> tuple[RunPlan, Folder]:
    """The run whose bundle is *bundle*, and the folder that takes its new sidecars.

    Raises:
        SitegenError: if there is none, or its id is also that of another bundle.
    """
    if not (bundle / "run.json").is_file():
        raise SitegenError(
            "is no bundle: it holds no run.json", path=str(bundle), hint="Name a run's directory."
        )
    plans: tuple[RunPlan, ...] = ()
    if settings.annotations_dir is not None and settings.runs:  # the run's id is by its place there
        plans = runs_below((), settings)
    real = bundle.resolve()
    found = next((one for one in plans if Path(one.bundle.real_path) == real), None)
    if found is None:
        (found,) = runs_below((bundle,), settings)
    if found.run_id in shared_ids(plans):
        raise SitegenError(
            f"the id “{found.run_id}” is also that of another bundle",
            path=str(bundle),
            hint="Give one of them another id; annotations of this id go to neither.",
        )
    *_, folder = folders_of(found, settings)
    return found, folder


def find_sidecar(
    ulid: str, roots: Sequence[Path], settings: Settings
) -> tuple[RunPlan, Folder, str]:
    """The run, folder and path in it of the annotation *ulid*; a beginning of it is enough.

    Raises:
        SitegenError: if there is none, or several begin so.
    """
    wanted = ulid.upper().removesuffix(".JSON")
    if len(wanted) < _LEAST:
        raise SitegenError(
            f"“{ulid}” is too short for the beginning of an id",
            hint=f"Give {_LEAST} characters or more; sitegen annotate list shows the ids.",
        )
    found = [
        (plan, folder, name)
        for plan in runs_below(roots, settings)
        for folder in folders_of(plan, settings)
        for name in folder.names()
        if Path(name).stem.startswith(wanted)
    ]
    if len(found) != 1:
        several = [Path(name).stem for _, _, name in found[:5]]
        raise SitegenError(
            f"{len(found)} annotations begin with “{ulid}”" if found else f"no annotation “{ulid}”",
            hint=", ".join(several) if found else "sitegen annotate list shows their ids.",
        )
    return found[0]
