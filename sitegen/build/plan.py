"""Which runs there are and what each is called, before anything is derived.

Floor 6. Ids come from run.json, else from the place. Of two runs with one id the first by path
keeps it, the next is `id~2` and carries an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.errors import NothingBuiltError, Problem
from sitegen.read.bundle import Bundle, clean_name, find_bundles
from sitegen.read.experiments import name_beside
from sitegen.read.manifest import read_manifest


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


def plan_runs(
    roots: Sequence[Path],
    excluded: Sequence[Path],
    limits: Limits,
    on_read: Callable[[], None],
    known_id: Callable[[Bundle], str | None] = lambda bundle: None,  # noqa: ARG005
) -> tuple[RunPlan, ...]:
    """All runs below *roots*, in order of (argument, path).

    *known_id* gives the id of a bundle whose run.json is unchanged since it was last read.

    Raises:
        NothingBuiltError: if there is no run.
    """
    bundles = find_bundles(roots, excluded)
    if not bundles:
        raise NothingBuiltError(
            "no run found: no directory holds a run.json",
            path=" ".join(str(root) for root in roots),
            hint="A bundle is a directory with a run.json; see the README, “The bundle”.",
        )
    shown: dict[str, str] = {}
    used: set[str] = set()  # slugs: nearly all names in the site come from them
    experiment_names: dict[str, str] = {}
    plans = []
    for bundle in bundles:
        experiment = _experiment_name(bundle, experiment_names, limits)
        wanted = known_id(bundle) or _read_id(bundle, experiment, limits)
        on_read()
        run_id = _free_id(wanted, used)
        used.add(slug(run_id))
        plans.append(
            RunPlan(
                bundle=bundle,
                run_id=run_id,
                wanted_id=wanted,
                experiment=experiment,
                duplicate_of=shown.get(slug(wanted)) if run_id != wanted else None,
            )
        )
        shown.setdefault(slug(run_id), bundle.shown_path)
    return tuple(plans)


def shared_ids(plans: Sequence[RunPlan]) -> frozenset[str]:
    """Ids that more than one bundle claims: annotations go to neither."""
    claimed = {plan.run_id.rpartition("~")[0] for plan in plans if plan.duplicate_of}
    return frozenset(plan.run_id for plan in plans if plan.duplicate_of or plan.run_id in claimed)


def _read_id(bundle: Bundle, experiment: str, limits: Limits) -> str:
    return read_manifest(
        bundle.root,
        default_id=bundle.default_id,
        experiment=experiment,
        limits=limits,
        report=_nothing,
    ).id


def _nothing(problem: Problem) -> None:
    """Problems are reported when the run is derived."""


def _free_id(wanted: str, used: set[str]) -> str:
    run_id, number = wanted, 2
    while slug(run_id) in used:
        run_id, number = f"{wanted}~{number}", number + 1
    return run_id


def _experiment_name(bundle: Bundle, names: dict[str, str], limits: Limits) -> str:
    parent = bundle.parent_root
    if parent is None:
        return clean_name(bundle.root.resolve().parent.name) or "runs"
    key = str(parent)
    if key not in names:
        names[key] = name_beside(parent, limits) or clean_name(parent.resolve().name) or "runs"
    return names[key]
