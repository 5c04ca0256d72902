"""Comparisons in the browser: 50 runs of 40 metrics, and parallel coordinates of 1,000 runs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.commands import Job, seconds_of, sitegen_build
from benchmarks.loading import chromium
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.sweeps import write_sweep
from benchmarks.visits import Visit, Wait, wait_rows
from benchmarks.visits import seconds_of as seconds_of_visits

COMPARED, METRICS, STEPS = 50, 40, 1_000
MANY = 1_000
_GOALS_S = {
    "50 runs × 40 metrics, interactive": 2.0,
    "… curves and bars": 2.0,
    "parallel coordinates of 1,000 runs": 2.0,
}
_INTERACTIVE = "document.querySelector('[data-compare-panel=overview] table tbody tr')"
_CURVES = "document.querySelector('[data-compare-panel=metrics] .sg-plot--drawn')"
_PARALLEL = "document.querySelector('svg.sg-parallel .sg-parallel__runs')"
_CONTOUR = "document.querySelector('.sg-band')"
_BRUSH = """() => new Promise((resolve) => {
  const started = performance.now(), form = document.querySelector(".sg-parallel__form");
  form.querySelector("input").value = "0.001";
  form.requestSubmit();
  requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
})"""
_SCROLL = "() => document.querySelector('section[aria-label=Contour]').scrollIntoView()"


def measure(job: Job) -> Result:
    """A row for each thing done in the page."""
    few = _site(job, "few", job.count(COMPARED), metrics=job.count(METRICS), steps=STEPS)
    many = _site(job, "many", job.count(MANY), metrics=20, steps=0)
    load = os.getloadavg()[0]
    with chromium() as browser:
        if browser is None:
            return Result(what="No Chromium.", head=("view",), rows=(), goals=())
        found = [_visits(browser, few, many) for _ in range(job.rounds_or(5) + 1)][1:]
    return Result(
        what=f"compare.html with {job.count(COMPARED)} runs of {job.count(METRICS)} metrics with"
        f" {STEPS:,} steps, and with three runs of an experiment of {job.count(MANY):,} runs × 20"
        " params × 20 metrics, whose charts draw all of them; from the folder, in headless Chromium"
        " with an empty profile. CPU is that of the page's main thread.",
        head=("view", "median", "max", "CPU, median", "load"),
        rows=wait_rows(found, load),
        goals=tuple(_goal(found, name, most) for name, most in _GOALS_S.items()),
    )


def _goal(found: list[Mapping[str, Wait]], name: str, most: float) -> Goal:
    times = seconds_of_visits(found, name)
    return Goal(
        text=f"{name.removeprefix('… ')} ≤ {seconds_text(most)}",
        measured=seconds_text(times.median),
        is_met=times.median <= most,
    )


def _site(job: Job, name: str, runs: int, *, metrics: int, steps: int) -> Path:
    root, site = job.scratch / name, job.scratch / f"{name}-site"
    write_sweep(root, max(runs, 3), params=20, metrics=metrics, steps=steps)
    seconds_of(sitegen_build(root, site), job.scratch)
    return site


def _address(site: Path, count: int, more: str = "") -> str:
    report = json.loads((site / "report.json").read_text(encoding="utf-8"))
    keys = [run["url"].removesuffix(".html")[-10:] for run in report["runs"][:count]]
    return f"{(site / 'compare.html').resolve().as_uri()}#runs={','.join(keys)}{more}"


def _visits(browser: Any, few: Path, many: Path) -> dict[str, Wait]:
    found = {}
    for name, url, expression in (
        ("50 runs × 40 metrics, interactive", _address(few, COMPARED), _INTERACTIVE),
        ("… curves and bars", _address(few, COMPARED, "&tab=metrics"), _CURVES),
        ("parallel coordinates of 1,000 runs", _address(many, 3, "&tab=charts"), _PARALLEL),
    ):
        visit = Visit(browser, url)
        found[name] = visit.until(expression)
        if expression == _PARALLEL:
            found["… an axis brushed"] = visit.run(_BRUSH)
            found["… contour"] = visit.run(_SCROLL, until=_CONTOUR)
        visit.close()
    return found
