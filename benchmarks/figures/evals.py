"""An eval of 10^5 samples and eight scores: reading it, its page, and two such runs compared."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.commands import Job, output_of, seconds_of, sitegen_build
from benchmarks.loading import chromium
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured
from benchmarks.samples import EVAL, SAMPLES, write_evaluated_runs

GOAL_MB_S = 250
_GOALS_S: dict[str, float | None] = {
    "page usable": 1.5,
    "filter by a score": 0.3,
    "filter by a label and a tag": 0.3,
    "sort by a score": 0.3,
    "sample of a row opened": 0.1,
    "sample of a row pressed, the pointer there for 200 ms": 0.1,
    "first sample by a link, all ids read": None,
    "two runs compared": 2.0,
}
_READY = """() => new Promise((resolve) => {
  const look = () => {
    const table = document.querySelector("table[data-grid]");
    const isThere = table && window.sitegen?.grid?.get(table)?.isReady;
    if (isThere) requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    else requestAnimationFrame(look);
  };
  look();
})"""
_CHANGE = """(changes) => new Promise((resolve) => {
  const table = document.querySelector("table[data-grid]"), started = performance.now();
  const shown = () => requestAnimationFrame(() => setTimeout(() =>
    resolve(performance.now() - started)));
  table.addEventListener("sg:rows", shown, { once: true });
  const grid = window.sitegen.grid.get(table);
  if ("filter" in changes) grid.box.set(changes.filter);
  else grid.set(changes);
})"""
_WHOLE = """
  const drawer = document.querySelector("[data-role=sample]");
  const whole = (started) => new Promise((resolve) => {
    const watch = new MutationObserver(() => { // previews of the table stand there as busy
      if (drawer.ariaBusy !== "false" || drawer.querySelector("section") === null) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started())));
    });
    watch.observe(drawer, { childList: true, subtree: true });
  });"""
_OPEN = f"""(changes) => {{ {_WHOLE}
  const now = performance.now(), opened = whole(() => now);
  const cell = "table[data-grid] tbody tr[data-ordinal] td:last-child";
  if (changes === null) document.querySelector(cell).click();
  else window.sitegen.state.set(changes);
  return opened;
}}"""
_AWAIT_PRESS = f"""() => {{ {_WHOLE}
  let pressed = 0;
  document.addEventListener("pointerdown", ({{ timeStamp }}) => {{ pressed = timeStamp; }},
    {{ capture: true, once: true }});
  window.opened = whole(() => pressed);
}}"""
_POINTED_MS = 200
"""How long the pointer is on a row before it is pressed."""
_COMPARED = """() => new Promise((resolve) => {
  const look = () => document.querySelector(".sg-verdict__sentence")
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  look();
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """Reading the file in a process of its own."""

    size_bytes: int
    """Size of the file."""
    seconds: Measured
    """CPU time, without the start."""
    peak_bytes: int
    """Peak of memory."""

    @property
    def speed(self) -> float:
        """MB/s of the median round."""
        return self.size_bytes / 1e6 / self.seconds.median


def measure(job: Job) -> Result:
    """A row for reading, and one for each thing done in the page."""
    samples = job.count(SAMPLES)
    runs = job.directory("runs")
    files = write_evaluated_runs(runs, samples)
    load = os.getloadavg()[0]
    reading = _read(job, files[0])
    site = job.scratch / "site"
    built_s = seconds_of(sitegen_build(runs, site), job.scratch)
    waits = _visits(site, samples, job.rounds_or(5))
    rows = [
        ("reading", f"{reading.speed:.0f} MB/s", seconds_text(reading.seconds.max), f"{load:.1f}"),
        *(
            (name, seconds_text(times.median), seconds_text(times.max), f"{load:.1f}")
            for name, times in waits.items()
        ),
    ]
    return Result(
        what=f"Two runs with an eval of {samples:,} samples and eight scores,"
        f" {megabytes_text(reading.size_bytes)} each (both built in {seconds_text(built_s)});"
        " reading in seconds of CPU of one process, the rest in headless Chromium from the folder.",
        head=("what", "median", "max", "load"),
        rows=tuple(rows),
        goals=(
            Goal(
                text=f"reading JSON Lines in one process ≥ {GOAL_MB_S} MB/s",
                measured=f"{reading.speed:.0f} MB/s",
                is_met=reading.speed >= GOAL_MB_S,
            ),
            *(
                _goal(name, times, most)
                for name, times in waits.items()
                if (most := _GOALS_S[name]) is not None
            ),
        ),
        notes=(f"peak of the process that reads: {megabytes_text(reading.peak_bytes)}",),
    )


def _goal(name: str, times: Measured, most: float) -> Goal:
    return Goal(
        text=f"{name} ≤ {seconds_text(most)}",
        measured=seconds_text(times.median),
        is_met=times.median <= most,
    )


def _read(job: Job, file: Path) -> _Reading:
    command = [sys.executable, "-m", "benchmarks.reading_evals", str(file)]
    found = [json.loads(output_of(command, job.scratch)) for _ in range(job.rounds_or(5))]
    return _Reading(
        size_bytes=file.stat().st_size,
        seconds=Measured(values=tuple(one["seconds"] for one in found)),
        peak_bytes=max(one["peak_bytes"] for one in found),
    )


def _visits(site: Path, samples: int, rounds: int) -> dict[str, Measured]:
    """Seconds of each thing; the first visit does not count. Empty without a browser."""
    with chromium() as browser:
        if browser is None:
            return {}
        found = [_visit(browser, site, samples) for _ in range(rounds + 1)][1:]
    return {name: Measured(values=tuple(one[name] for one in found)) for name in _GOALS_S}


def _visit(browser: Any, site: Path, samples: int) -> dict[str, float]:
    run = min((site / "runs").glob("*.html"))
    (experiment,) = (site / "experiments").glob("*.html")
    page = _opened(browser, f"{run.resolve().as_uri()}#tab=evals")
    found = {"page usable": page.evaluate(_READY)}
    for name, changes in {
        "filter by a score": {"filter": "scores.tone <= 2"},
        "filter by a label and a tag": {
            "filter": 'scores.verdict = "wrong" and tags contains "part-3"'
        },
        "all again": {"filter": ""},
        "sort by a score": {"sort": "scores.similarity:desc"},
    }.items():
        found[name] = page.evaluate(_CHANGE, changes)
        page.wait_for_timeout(1_000)  # the figures above follow, and are not measured
    opened = {"tab": "evals", "eval": EVAL, "sample": f"q-{samples // 2:06}", "epoch": "1"}
    found["sample of a row opened"] = page.evaluate(_OPEN, None)
    _close_sample(page)
    found["sample of a row pressed, the pointer there for 200 ms"] = _press(page)
    _close_sample(page)
    found["first sample by a link, all ids read"] = page.evaluate(_OPEN, opened)
    page.context.close()
    page = _opened(browser, f"{experiment.resolve().as_uri()}#tab=evals")
    found["two runs compared"] = page.evaluate(_COMPARED)
    page.context.close()
    return {name: ms / 1_000 for name, ms in found.items()}


def _press(page: Any) -> float:
    """Milliseconds from the press of a row to its sample, with the mouse."""
    cells = page.locator("table[data-grid] tbody tr[data-ordinal] td:last-child")
    cells.nth(4).scroll_into_view_if_needed()
    box = cells.nth(4).bounding_box()
    page.evaluate(_AWAIT_PRESS)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(_POINTED_MS)
    page.mouse.down()
    page.mouse.up()
    return float(page.evaluate("() => window.opened"))


def _close_sample(page: Any) -> None:
    page.wait_for_timeout(500)
    page.evaluate("() => window.sitegen.state.set({ sample: null, epoch: null })")
    page.wait_for_timeout(500)


def _opened(browser: Any, url: str) -> Any:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url, wait_until="commit")
    return page
