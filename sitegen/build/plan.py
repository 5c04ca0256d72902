"""Which runs there are and what each is called, before anything is derived.

Floor 6. Ids come from run.json, else from the place. Of two runs with one id the first by path
keeps it, the next is `id~2` and carries an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.errors import NothingBuiltError, Problem
from sitegen.read.bundle import Bundle, Place, clean_name, find_places, list_bundle
from sitegen.read.experiments import name_beside
from sitegen.read.manifest import read_run_id
from sitegen.records import dataclass

if TYPE_CHECKING:
    from sitegen.build.last_build.state import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """One run to build."""

    bundle: Bundle
    """Its directory and files."""
    run_id: str
    """Its id in the site, unique."""
    wanted_id: str
    """The id that run.json or the place gives it."""
    experiment: str
    """The experiment it belongs to unless run.json says otherwise."""
    duplicate_of: str | None
    """The directory that has the same id, None if the id is its own."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Faults known before the run is read."""
        if self.duplicate_of is None:
            return self.bundle.problems
        duplicate = Problem(
            code="duplicate-run-id",
            severity="error",
            path="run.json",
            message=f"the id “{self.run_id.rpartition('~')[0]}” is also that of another bundle",
            hint=f"Shown as “{self.run_id}”. Give one of them another id; annotations of this id go"
            " to neither.",
        )
        return (duplicate, *self.bundle.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePlan:
    """All runs of a site."""

    places: tuple[Place, ...]
    """Where they lie."""
    runs: tuple[RunPlan | RunState, ...]
    """In order of (argument, path): those to look at, and those that are as the last build left
    them."""
    shown_paths: dict[str, str]
    """Directory of each run by id, as the user would type it."""
    shared: frozenset[str]
    """Ids that more than one bundle claims: annotations go to neither."""

    @property
    def fresh(self) -> tuple[RunPlan, ...]:
        """Those to look at."""
        return tuple(run for run in self.runs if isinstance(run, RunPlan))

    def only(self, ids: Collection[str]) -> SitePlan:
        """The same with the runs to look at that have one of *ids*."""
        pairs = [
            (place, run)
            for place, run in zip(self.places, self.runs, strict=True)
            if isinstance(run, RunPlan) and run.run_id in ids
        ]
        return replace(
            self,
            places=tuple(place for place, _ in pairs),
            runs=tuple(run for _, run in pairs),
        )


def plan_runs(
    roots: Sequence[Path],
    excluded: Sequence[Path],
    limits: Limits,
    on_read: Callable[[], None],
) -> tuple[RunPlan, ...]:
    """All runs below *roots*, in order of (argument, path).

    Raises:
        NothingBuiltError: if there is no run.
    """
    places = find_places(roots, excluded).places
    found = plan_site(places, limits, on_read, {}, lambda _: None, roots=roots)
    return found.fresh


@dataclass(slots=True, kw_only=True)
class _Claim:
    """A run while ids are given out."""

    place: Place
    """Where it lies."""
    home: str
    """Experiment by its place."""
    wanted: str
    """The id it asks for."""
    wanted_slug: str
    """Slug of that."""
    bundle: Bundle | None
    """Its files, None if they are as they were."""
    run_id: str
    """The id it gets."""
    slug: str
    """Slug of that."""
    duplicate_of: str | None = None
    """The directory that has the id it asked for."""


def plan_site(
    places: Sequence[Place],
    limits: Limits,
    on_read: Callable[[], None],
    known: Mapping[str, RunState],
    known_id: Callable[[Bundle], str | None],
    *,
    roots: Sequence[Path],
) -> SitePlan:
    """All runs at *places*.

    *known* are runs by real path whose bundles are as they were; *known_id* gives the id of a
    bundle whose run.json is unchanged since it was last read.

    Raises:
        NothingBuiltError: if there is no run.
    """
    if not places:
        raise NothingBuiltError(
            "no run found: no directory holds a run.json",
            path=" ".join(str(root) for root in roots),
            hint="A bundle is a directory with a run.json; see docs/bundle.md.",
        )
    claims = []
    homes: dict[str, str] = {}
    for place in places:
        claims.append(_claim(place, known.get(place.real_path), homes, limits, known_id))
        on_read()
    shared = _give_ids(claims)
    return SitePlan(
        places=tuple(places),
        runs=tuple(_planned(one, known.get(one.place.real_path), shared) for one in claims),
        shown_paths={one.run_id: one.place.directory for one in claims},
        shared=shared,
    )


def _claim(
    place: Place,
    known: RunState | None,
    homes: dict[str, str],
    limits: Limits,
    known_id: Callable[[Bundle], str | None],
) -> _Claim:
    home = _home(place, homes, limits)
    if known is not None:
        wanted, wanted_slug, bundle = known.wanted_id, known.wanted_slug, None
    else:
        bundle = list_bundle(place)
        wanted = known_id(bundle) or read_run_id(
            bundle.root, default_id=bundle.default_id, limits=limits
        )
        wanted_slug = slug(wanted)
    return _Claim(
        place=place, home=home, wanted=wanted, wanted_slug=wanted_slug, bundle=bundle,
        run_id=wanted, slug=wanted_slug,
    )  # fmt: skip


def _give_ids(claims: Iterable[_Claim]) -> frozenset[str]:
    """Give each its id, the first by path the one that several ask for; the ids that are shared."""
    used: set[str] = set()  # slugs: nearly all names in the site come from them
    shown: dict[str, str] = {}
    shared: set[str] = set()
    for one in claims:
        if one.slug in used:
            one.duplicate_of = shown.get(one.wanted_slug)
            one.run_id, one.slug = _free_id(one.wanted, used)
            shared |= {one.wanted, one.run_id}
        used.add(one.slug)
        shown.setdefault(one.slug, one.place.directory)
    return frozenset(shared)


def _planned(claim: _Claim, known: RunState | None, shared: frozenset[str]) -> RunPlan | RunState:
    """The run as the last build left it, if its place among the others is as it was too."""
    if known is not None and (
        known.slug == claim.slug
        and known.home == claim.home
        and known.duplicate_of == claim.duplicate_of
        and known.is_shared == (claim.run_id in shared)
    ):
        return known
    return RunPlan(
        bundle=claim.bundle or list_bundle(claim.place),
        run_id=claim.run_id,
        wanted_id=claim.wanted,
        experiment=claim.home,
        duplicate_of=claim.duplicate_of,
    )


def shared_ids(plans: Sequence[RunPlan]) -> frozenset[str]:
    """Ids that more than one bundle claims: annotations go to neither."""
    claimed = {plan.run_id.rpartition("~")[0] for plan in plans if plan.duplicate_of}
    return frozenset(plan.run_id for plan in plans if plan.duplicate_of or plan.run_id in claimed)


def _free_id(wanted: str, used: set[str]) -> tuple[str, str]:
    """`id~2` or the like, and its slug."""
    number = 2
    while (found := slug(run_id := f"{wanted}~{number}")) in used:
        number += 1
    return run_id, found


def _home(place: Place, homes: dict[str, str], limits: Limits) -> str:
    """Experiment of a bundle by its place."""
    above = place.real_path.rpartition("/")[0]
    if not place.relative:
        return clean_name(above.rpartition("/")[2]) or "runs"
    if above not in homes:
        beside = name_beside(Path(place.directory).parent, limits)
        homes[above] = beside or clean_name(above.rpartition("/")[2]) or "runs"
    return homes[above]
