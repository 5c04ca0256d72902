"""A build in which only the insides of some bundles changed: nothing else is listed or decoded.

Floor 6. If every directory outside of bundles and every experiment.toml is as it was, and the runs
that changed still ask for the ids that they have, then every run is where it was and has its id.
A build with anything else to it looks at all runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from sitegen.build.cache.keys import digest_of
from sitegen.build.last_build.inputs import known_id
from sitegen.build.last_build.known import Known
from sitegen.build.last_build.scan import Look
from sitegen.build.last_build.state import RunState
from sitegen.build.plan import RunPlan, SitePlan
from sitegen.bundle.limits import Limits
from sitegen.read.bundle import MANIFEST, ExperimentPath, Place, list_bundle
from sitegen.read.manifest import read_run_id
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What changed, and where the rest is."""

    look: Look
    """The look that told so."""
    changed: tuple[int, ...]
    """Places in the site's order of the runs to look at, ascending."""
    roots: tuple[tuple[str, str], ...]
    """Each RUNS argument and its real path."""
    plan: SitePlan
    """The runs to look at, and no others."""
    experiments: tuple[ExperimentPath, ...]
    """Every experiment.toml."""

    def place(self, real_path: str) -> Place:
        """Where the bundle *real_path* lies."""
        found = _place(self.roots, real_path)
        assert found is not None
        return found


def question(roots: Iterable[Path], annotations_dir: Path | None) -> str:
    """Digest of what says where inputs lie: of another one, nothing is settled."""
    return digest_of(_with_real(roots), str(annotations_dir))


def settled(
    known: Known,
    roots: Sequence[Path],
    own: Iterable[Path],
    annotations_dir: Path | None,
    limits: Limits,
) -> Settled | None:
    """What changed, None if it may be more than the insides of bundles.

    *own* are the output and the cache, which a build may make and remove directories beside.
    """
    look, last = known.look, known.last
    if look is None or last.state.question != question(roots, annotations_dir):
        return None
    named = _with_real(roots)
    changed = look.changed_bundles()
    if not _is_plain(look, changed, named, own) or len(last.homes) != len(look.scan.starts):
        return None
    plans = []
    for order in changed:
        run, real_path = last.run_at(order), os.fsdecode(look.scan.paths[look.scan.starts[order]])
        place = _place(named, real_path)
        if place is None or run.real_path != real_path:
            return None
        plan = _plan(place, run, known, limits)
        if plan is None:
            return None
        plans.append((place, run, plan))
    return Settled(
        look=look,
        changed=tuple(changed),
        roots=named,
        plan=SitePlan(
            places=tuple(place for place, _, _ in plans),
            runs=tuple(plan for _, _, plan in plans),
            shown_paths={plan.run_id: place.directory for place, _, plan in plans},
            shared=frozenset(plan.run_id for _, run, plan in plans if run.is_shared),
        ),
        experiments=tuple(
            ExperimentPath(Path(path), root, below)
            for path, root, below in last.state.experiment_files
        ),
    )


def _is_plain(
    look: Look,
    changed: Sequence[int],
    roots: Sequence[tuple[str, str]],
    own: Iterable[Path],
) -> bool:
    """Whether nothing outside of bundles changed nor will, and no argument lies in another."""
    parents = {os.fsencode(os.path.realpath(path).rpartition("/")[0] or "/") for path in own}
    is_beside = not parents.isdisjoint(look.scan.paths[: look.scan.outer])
    is_nested = any(
        one is not other and (other[1] + "/").startswith(one[1] + "/")
        for one in roots
        for other in roots
    )
    return not is_beside and not is_nested and -1 not in changed


def _plan(place: Place, run: RunState, known: Known, limits: Limits) -> RunPlan | None:
    """The run as it is to be made, None if it is no bundle any more or asks for another id."""
    if not os.path.lexists(f"{place.real_path}/{MANIFEST}"):
        return None
    bundle = list_bundle(place)
    wanted = known_id(bundle, known.last) or read_run_id(
        bundle.root, default_id=bundle.default_id, limits=limits
    )
    if wanted != run.wanted_id:
        return None
    return RunPlan(
        bundle=bundle,
        run_id=run.brief.id,
        wanted_id=wanted,
        experiment=run.home,
        duplicate_of=run.duplicate_of,
    )


def _with_real(roots: Iterable[Path]) -> tuple[tuple[str, str], ...]:
    return tuple((str(root), os.path.realpath(root)) for root in roots)


def _place(roots: Iterable[tuple[str, str]], real_path: str) -> Place | None:
    """As the search below *roots* names it, which keeps a `./` that `Path` would drop."""
    for root, real in roots:
        if real_path == real:
            return Place(root, "", real)
        if real_path.startswith(real.rstrip("/") + "/"):
            relative = real_path[len(real.rstrip("/")) + 1 :]
            return Place(f"{root.rstrip('/')}/{relative}", relative, real_path)
    return None
