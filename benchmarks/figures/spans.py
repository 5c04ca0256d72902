"""A site of many traces and one of a large trace: built, then looked at, searched and scrolled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.bundles import write_manifest
from benchmarks.commands import Job, sitegen_build
from benchmarks.loading import chromium
from benchmarks.peak import peak_of
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured
from benchmarks.spans import write_large_trace, write_traces

SIZE_BYTES = 128_000_000
SPANS = 50_000
MOST_BYTES = 300_000_000
_LIST_SHOWN = """() => new Promise((resolve) => {
  const look = () => document.querySelector(".sg-tracelist__row")
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  look();
})"""
_ROWS_SHOWN = _LIST_SHOWN.replace(".sg-tracelist__row", "[role=row][data-index]")
_WORST_FRAME = """async () => {
  const body = document.querySelector(".sg-waterfall__body");
  let worst = 0, last = performance.now();
  for (let step = 0; step < 100; step += 1) {
    body.scrollTop += 12_000;
    await new Promise(requestAnimationFrame);
    worst = Math.max(worst, performance.now() - last);
    last = performance.now();
  }
  return worst;
}"""
_SEARCH = """async () => {
  const field = document.querySelector("#spans-filter"), started = performance.now();
  field.value = "step 7";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  while (document.querySelector(".sg-traces__found").textContent === "") {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - started;
}"""


def measure(job: Job) -> Result:
    """Building takes turns with nothing; each visit has an empty profile."""
    many, large = job.directory("many"), job.directory("large")
    traces, spans = write_traces(_run(many) / "agents.jsonl", job.count(SIZE_BYTES))
    write_large_trace(_run(large) / "large.jsonl", job.count(SPANS))
    load = os.getloadavg()[0]
    builds = [
        peak_of(sitegen_build(runs, job.scratch / f"site-{runs.name}", "--workers", "2"),
                job.scratch)
        for runs in (many, large)
    ]  # fmt: skip
    rows = [
        (f"build of {traces:,} traces, {spans:,} spans, 2 workers", seconds_text(builds[0].seconds),
         "", megabytes_text(builds[0].largest_bytes), f"{load:.1f}"),
        (f"build of a trace of {job.count(SPANS):,} spans", seconds_text(builds[1].seconds), "",
         megabytes_text(builds[1].largest_bytes), f"{load:.1f}"),
    ]  # fmt: skip
    goals = [
        Goal(text="128 MB of OTLP to a site, two workers ≤ 8 s",
             measured=seconds_text(builds[0].seconds), is_met=builds[0].seconds <= 8),
        Goal(text=f"peak ≤ {megabytes_text(MOST_BYTES)}",
             measured=megabytes_text(builds[0].largest_bytes),
             is_met=builds[0].largest_bytes <= MOST_BYTES),
    ]  # fmt: skip
    for name, most_s, seconds in _visits(job):
        rows.append((name, seconds_text(seconds.median), seconds_text(seconds.max), "",
                     f"{load:.1f}"))  # fmt: skip
        goals.append(Goal(text=f"{name} ≤ {seconds_text(most_s)}",
                          measured=seconds_text(seconds.median),
                          is_met=seconds.median <= most_s))  # fmt: skip
    return Result(
        what="Sites of traces, built by whole processes and opened from the folder in headless"
        " Chromium with an empty profile.",
        head=("what", "median", "max", "peak", "load"),
        rows=tuple(rows),
        goals=tuple(goals),
    )


def _run(runs: Path) -> Path:
    root = runs / "agents" / "run"
    (root / "traces").mkdir(parents=True)
    write_manifest(root, 0)
    return root / "traces"


def _visits(job: Job) -> list[tuple[str, float, Measured]]:
    """What is waited for, the goal and the seconds it took; none without a browser."""
    with chromium() as browser:
        if browser is None:
            return []
        rounds = job.rounds_or(5)
        listed = [_visit(browser, job.scratch / "site-many", [_LIST_SHOWN]) for _ in range(rounds)]
        drawn = [
            _visit(browser, job.scratch / "site-large", [_ROWS_SHOWN, _WORST_FRAME, _SEARCH])
            for _ in range(rounds)
        ]
    names = (("rows of the large trace visible", 2.0), ("its worst frame while scrolling", 0.05),
             ("a search in its names", 0.2))  # fmt: skip
    return [
        ("the list of all traces usable", 1.0, Measured(values=tuple(one[0] for one in listed))),
        *(
            (name, most_s, Measured(values=tuple(one[number] for one in drawn)))
            for number, (name, most_s) in enumerate(names)
        ),
    ]


def _visit(browser: Any, site: Path, scripts: list[str]) -> list[float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    (path,) = (site / "runs").glob("*.html")
    page.goto(f"{path.resolve().as_uri()}#tab=traces", wait_until="commit")
    seconds = [page.evaluate(script) / 1_000 for script in scripts]
    context.close()
    return seconds
