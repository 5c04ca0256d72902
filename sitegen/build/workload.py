"""How many processes some runs are worth. Floor 6."""

from __future__ import annotations

from collections.abc import Sequence

from sitegen.build.plan import RunPlan
from sitegen.build.pool import default_workers

_POOL_FROM_BYTES = 8_000_000
_POOL_FROM_RUNS = 40


def worker_count(asked: int | None, plans: Sequence[RunPlan]) -> int:
    """*asked*, else one unless there is enough to do to pay for starting processes (about 1 s)."""
    if asked is not None:
        return asked
    size_bytes = sum(
        file.size_bytes for plan in plans for files in plan.bundle.files.values() for file in files
    )
    is_small = size_bytes < _POOL_FROM_BYTES and len(plans) < _POOL_FROM_RUNS
    return 1 if is_small else default_workers()
