"""10,000 annotations of 1,000 samples: checked, and on their page in the browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.commands import Job, output_of, seconds_of, sitegen_build
from benchmarks.judgements import ANNOTATIONS, SAMPLES, write_judged_run
from benchmarks.loading import chromium
from benchmarks.profiles import profile_of
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.rounds import Rounds, interleaved
from benchmarks.visits import TABLE_READY, Visit, Wait, wait_rows
from benchmarks.visits import seconds_of as seconds_of_visits

GOAL_CHECK_S = GOAL_USABLE_S = 1.0
_OPENED = 'document.querySelector("[data-role=annotation] .sg-annotation") !== null'
_FILTER = 'user = "maria.k" and value = false'


def measure(job: Job) -> Result:
    """Seconds of `sitegen check`, and of what is done on annotations.html."""
    count, samples = job.count(ANNOTATIONS), job.count(SAMPLES)
    bundles = {
        f"sitegen check, {many:,} annotations": write_judged_run(
            job.scratch / f"runs-{many}", many, samples=samples
        )
        for many in (count, 0)
    }
    checks = {name: [sys.executable, "-m", "sitegen", "check", str(one.parent)]
              for name, one in bundles.items()}  # fmt: skip
    checked = interleaved(
        job.rounds_or(7),
        {name: lambda one=one: seconds_of(one, job.scratch) for name, one in checks.items()},
    )
    bundle, site = next(iter(bundles.values())), job.scratch / "site"
    output_of(sitegen_build(bundle.parent, site), job.scratch)
    last = max((bundle / "annotations").iterdir()).stem
    load, rounds = os.getloadavg()[0], job.rounds_or(5)
    with chromium() as browser:
        found = [{} if browser is None else _visit(browser, site, last) for _ in range(rounds + 1)][
            1:
        ]
    goals = _goals(checked, next(iter(checks)), found if found and found[0] else [])
    is_slow = not goals[0].is_met
    return Result(
        what=f"One run of {samples:,} samples with {count:,} annotations as files, and without;"
        " annotations.html from the folder in headless Chromium with an empty profile, where CPU is"
        " that of the page's main thread.",
        head=("what", "median", "max", "CPU, median", "load"),
        rows=(
            *(
                (name, seconds_text(one.median), seconds_text(one.max), "", checked.load_text)
                for name, one in checked.by_name.items()
            ),
            *wait_rows(found, load),
        ),
        goals=goals,
        profile=profile_of(next(iter(checks.values()))[1:], job.scratch) if is_slow else None,
    )


def _goals(checked: Rounds, name: str, found: list[dict[str, Wait]]) -> tuple[Goal, ...]:
    median_s = checked[name].median
    goals = [
        Goal(
            text=f"{name} ≤ {seconds_text(GOAL_CHECK_S)}",
            measured=seconds_text(median_s),
            is_met=median_s <= GOAL_CHECK_S,
        )
    ]
    for what in found[0] if found else ():
        times = seconds_of_visits(list(found), what)
        if what.startswith("annotations.html"):
            goals.append(
                Goal(
                    text=f"{what} ≤ {seconds_text(GOAL_USABLE_S)}",
                    measured=seconds_text(times.median),
                    is_met=times.median <= GOAL_USABLE_S,
                )
            )
    return tuple(goals)


def _visit(browser: Any, site: Path, last: str) -> dict[str, Wait]:
    address = (site / "annotations.html").resolve().as_uri()
    visit = Visit(browser, address)
    found = {"annotations.html usable": visit.until(TABLE_READY)}
    found["… filtered"] = visit.change(filter=_FILTER)
    found["… sorted by user"] = visit.change(sort="user:asc")
    visit.close()
    visit = Visit(browser, f"{address}#annotation={last}")
    found["annotations.html with one opened by a link"] = visit.until(_OPENED)
    visit.close()
    return found
