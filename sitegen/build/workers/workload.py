"""How many processes some runs are worth, and how large a part is. Floor 6."""

from __future__ import annotations

from collections.abc import Collection

from sitegen.build.parts import bundle_bytes
from sitegen.build.plan import RunPlan
from sitegen.build.workers.pool import default_workers
from sitegen.derive.traces.store import shares_of
from sitegen.read.bundle import PARTS, Part

_POOL_FROM_BYTES = 8_000_000
_POOL_FROM_RUNS = 40
_ALONE_FROM_BYTES = 1_000_000  # 20 ms and more; less is not worth keeping its facts in between


def worker_count(asked: int | None, plans: Collection[RunPlan]) -> int:
    """*asked*, but 0, which is this process, for `--workers 1` and where there is too little to do
    to pay for starting processes (about 1 s).
    """
    if asked == 1:
        return 0
    is_small = sum(bundle_bytes(plan.bundle) for plan in plans) < _POOL_FROM_BYTES
    if is_small and not are_many(asked, len(plans)):
        return 0
    return asked or default_workers()


def are_many(asked: int | None, runs: int) -> bool:
    """Whether so many runs are worth processes, however small they are."""
    return asked != 1 and runs >= (_POOL_FROM_RUNS if asked is None else 2)


def part_bytes(plan: RunPlan, part: Part) -> int:
    """Bytes of the part's files."""
    return sum(file.size_bytes for file in plan.bundle.files.get(part, ()))


def trace_shares(plan: RunPlan, workers: int) -> list[tuple[int, ...]]:
    """Shares of the run's traces by process, where they are so many that several pay."""
    shares = shares_of(part_bytes(plan, "traces"))
    tasks = min(workers, shares.count)
    return [shares.wanted[first::tasks] for first in range(tasks)] if tasks > 1 else []


def large_parts(plan: RunPlan) -> tuple[Part, ...]:
    """Parts that are tasks of their own."""
    return tuple(part for part in PARTS[1:] if part_bytes(plan, part) >= _ALONE_FROM_BYTES)
