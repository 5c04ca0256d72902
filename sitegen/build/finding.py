"""The first step of a build: which runs there are, and which of them may differ from the last one.

Floor 6.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sitegen.build.cache.keys import known_key
from sitegen.build.last_build.inputs import known_id
from sitegen.build.last_build.known import Known, know_again, known_runs
from sitegen.build.last_build.new_scan import outer_digests
from sitegen.build.last_build.scan import Look
from sitegen.build.last_build.settled import Settled, settled
from sitegen.build.plan import SitePlan, plan_site
from sitegen.build.workers.pool import prepare_workers
from sitegen.build.workers.workload import are_many
from sitegen.bundle.settings import Settings
from sitegen.derive.llm.prices import PriceTable
from sitegen.read.bundle import BundleFile, ExperimentPath, find_places
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What lies below the RUNS arguments."""

    known: Known
    """What is as it was."""
    settled: Settled | None
    """What changed, if it is no more than the insides of bundles."""
    plan: SitePlan
    """The runs; only those that changed if the others are settled."""
    experiments: tuple[ExperimentPath, ...]
    """Every experiment.toml."""
    same: Mapping[str, tuple[int, int]]
    """Where in the last scan the bundles are whose runs may be kept, by real path."""
    outer: tuple[BundleFile, ...]
    """What was looked at outside of bundles; nothing if all is settled."""
    digests: Mapping[str, str]
    """Digests of the young files among these."""
    scanned_ns: int
    """When looking began."""


def find_runs(
    roots: Sequence[Path],
    output: Path,
    cache: Path,
    settings: Settings,
    *,
    base: str,
    prices: PriceTable,
    workers: int | None,
    look: Look | None,
    has_base: bool,
    on_read: Callable[[], None],
) -> Found:
    """All runs below *roots*; of a *look* that was taken already nothing is looked at again.

    Nothing is settled if the site is held against a base, which any page may speak of.

    Raises:
        NothingBuiltError: if there is no run.
    """
    scanned_ns, limits, further = time.time_ns(), settings.limits, settings.annotations_dir
    known = know_again(cache, output, known_key(base, prices), further, look)
    if settings.select is None and not has_base:  # else any run may be asked for
        unmoved = settled(known, roots, (output, cache), further, limits)
        if unmoved is not None:
            if are_many(workers, len(unmoved.changed)):
                prepare_workers()
            return Found(
                known=known, settled=unmoved, plan=unmoved.plan, experiments=unmoved.experiments,
                same={}, outer=(), digests={}, scanned_ns=scanned_ns,
            )  # fmt: skip
    kept = known_runs(known, further)
    found = find_places(roots, (output, cache), kept.same.__contains__)
    if are_many(workers, len(found.places) - len(kept.same)):
        prepare_workers()
    outer = (*found.seen, *known.sidecars)
    digests = outer_digests(outer, scanned_ns)
    plan = plan_site(
        found.places,
        limits,
        on_read,
        {} if settings.select else kept.runs,
        lambda bundle: known_id(bundle, known.last),
        roots=roots,
    )
    return Found(
        known=known, settled=None, plan=plan, experiments=found.experiments, same=kept.same,
        outer=outer, digests=digests, scanned_ns=scanned_ns,
    )  # fmt: skip
