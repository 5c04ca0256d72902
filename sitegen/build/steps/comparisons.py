"""Runs held against a baseline, taken from the cache where the evals of neither have changed.

Floor 6. A comparison is computed from the facts of two evals parts, never from a bundle that is in
the cache; it is kept under the digests of both.
"""

from __future__ import annotations

import msgspec

from sitegen.build.cache.entries import Cache
from sitegen.build.cache.keys import digest_of
from sitegen.build.cache.parts import COMPARISONS, PartCache, files_by_path
from sitegen.build.output.output_file import OutputFile
from sitegen.build.output.sink import StagedSink
from sitegen.build.parts import PartInput
from sitegen.build.plan import RunPlan
from sitegen.build.workers.workplace import Workplace
from sitegen.bundle.paths import slug
from sitegen.derive.evals.comparison import EvalComparison, compare_evals
from sitegen.derive.evals.part import EvalsFacts
from sitegen.derive.evals.signflip import seed_of
from sitegen.errors import Problem
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """A run whose evals are compared."""

    plan: RunPlan
    """The run."""
    digest_by_path: dict[str, str]
    """SHA-256 of its evals' files."""
    present: dict[str, OutputFile]
    """Its data files, staged or in the site, by path."""


def take_comparison(
    place: Workplace, baseline: ComparedRun, run: ComparedRun
) -> tuple[EvalComparison, ...]:
    """*run* against *baseline* by every eval that both have."""
    if not baseline.digest_by_path or not run.digest_by_path:
        return ()
    pair = [(one.plan.run_id, one.digest_by_path) for one in (baseline, run)]
    key = digest_of(place.base, COMPARISONS, pair)
    cache = Cache(place.cache)
    content = cache.get(COMPARISONS, key)
    if content is not None:
        try:
            return msgspec.msgpack.decode(content, type=tuple[EvalComparison, ...])
        except msgspec.MsgspecError:
            pass  # of another version: made again
    found = compare_evals(
        _evals(place, baseline),
        _evals(place, run),
        seed_of(baseline.plan.run_id, run.plan.run_id),
    )
    cache.put(COMPARISONS, key, msgspec.msgpack.encode(found))
    return found


def _evals(place: Workplace, run: ComparedRun) -> EvalsFacts:
    parts = PartCache(
        Cache(place.cache),
        place.base,
        run.digest_by_path,
        places=(place.staging, place.output),
        present=run.present,
        listed=files_by_path(run.plan.bundle),
    )
    given = PartInput(
        root=run.plan.bundle.root,
        files=tuple(run.digest_by_path),
        limits=place.limits,
        run_id=run.plan.run_id,
        experiment=run.plan.experiment,
        annotated_steps={},
        summary={},
    )
    sink = StagedSink(place.staging, slug(run.plan.run_id), run.plan.bundle.root)
    facts: EvalsFacts = parts.take("evals", given, sink, _told_with_the_run)
    return facts


def _told_with_the_run(problem: Problem) -> None:
    """Problems of its evals stand with the run."""
