"""Charts in the browser: 200 metrics of a run, and one metric of 1,000 runs over each other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bundles import Shape, write_run
from benchmarks.commands import Job, seconds_of, sitegen_build
from benchmarks.loading import chromium
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.rounds import Measured

METRICS = 200
RUNS = 1_000
STEPS = 1_000
_WATCH = """
  let plotly;
  window.seen = { at: NaN, tasks: [] };
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: () => plotly,
    set(value) { plotly = value; window.seen.at = performance.now(); },
  });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.seen.tasks.push([one.startTime, one.duration]);
  }).observe({ entryTypes: ["longtask"] });
"""
"""When Plotly is there, and every task of more than 50 ms."""
_PAINTED = """(selector) => new Promise((resolve) => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => setTimeout(() => resolve([performance.now(), window.seen.at])))
    : requestAnimationFrame(look);
  look();
})"""
_SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += 700) {
    window.scrollTo(0, y);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return document.querySelectorAll(".sg-plot--drawn").length;
}"""
_SELECT = """(at) => new Promise((resolve) => {
  const { runs } = JSON.parse(document.getElementById("sg-overlay").textContent);
  const isOurs = ({ element, canvas }) => canvas && element.closest(".sg-charts");
  const chart = sitegen.chart.all().find(isOurs);
  const started = performance.now();
  const done = () => {
    if (chart.spec.series.length !== at) return;
    chart.canvas.removeListener("plotly_afterplot", later);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
  };
  const later = () => setTimeout(done);
  chart.canvas.on("plotly_afterplot", later);
  sitegen.state.set({ runs: runs.slice(20, 20 + at).map(({ key }) => key).join(",") });
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """One visit with an empty profile; seconds."""

    first_s: float
    """From the navigation to the chart."""
    after_plotly_s: float
    """From Plotly's load to the chart."""
    cpu_s: float
    """CPU time of the page's main thread until then."""
    longest_s: float
    """The longest task after Plotly's load."""
    select_s: tuple[float, ...] = ()
    """From the choice of one more run to the chart, each time."""
    select_cpu_s: tuple[float, ...] = ()
    """CPU time of the main thread for each of them."""


def measure(job: Job) -> Result:
    """Times of both pages."""
    metrics, runs = job.count(METRICS), job.count(RUNS)
    many = _built(job, "many", [Shape(points=metrics * STEPS, metrics=metrics, order="regular")])
    crowd = _built(job, "crowd", [Shape(points=STEPS, metrics=1, order="regular")] * runs)
    load, rounds = os.getloadavg()[0], job.rounds_or(5)
    with chromium() as browser:
        if browser is None:
            return Result(what="No Chromium.", head=("view",), rows=(), goals=())
        tab = [_many(browser, many) for _ in range(rounds + 1)][1:]
        overlay = [_crowd(browser, crowd) for _ in range(rounds + 1)][1:]
    rows = (
        _row(f"{metrics} metrics, first chart", [one.first_s for one in tab], _cpu(tab), load),
        _row("… after Plotly's load", [one.after_plotly_s for one in tab], "", load),
        _row("… longest task, all charts drawn", [one.longest_s for one in tab], "", load),
        _row(f"{runs:,} runs × 1 metric", [one.first_s for one in overlay], _cpu(overlay), load),
        _row("… a run selected", _all(overlay), _select_cpu(overlay), load),
    )
    return Result(
        what=f"One run of {metrics} metrics with {STEPS:,} steps each, and an experiment of"
        f" {runs:,} runs of one metric with as many, opened from the folder in headless Chromium"
        " with an empty profile. CPU is that of the page's main thread.",
        head=("view", "median", "max", "CPU, median", "load"),
        rows=rows,
        goals=_goals(tab, overlay),
    )


def _goals(tab: list[_Visit], overlay: list[_Visit]) -> tuple[Goal, ...]:
    found = (
        ("first of 200 charts ≤ 300 ms after Plotly", [one.after_plotly_s for one in tab], 0.3),
        ("no task > 200 ms", [one.longest_s for one in tab], 0.2),
        ("1,000 runs ≤ 2 s", [one.first_s for one in overlay], 2.0),
        ("selecting a run ≤ 100 ms", _all(overlay), 0.1),
    )
    return tuple(
        Goal(text=text, measured=seconds_text(_median(values)), is_met=_median(values) <= most)
        for text, values, most in found
    )


def _median(values: list[float]) -> float:
    return Measured(values=tuple(values)).median


def _all(visits: list[_Visit]) -> list[float]:
    return [one for visit in visits for one in visit.select_s]


def _cpu(visits: list[_Visit]) -> str:
    return seconds_text(_median([one.cpu_s for one in visits]))


def _select_cpu(visits: list[_Visit]) -> str:
    return seconds_text(_median([one for visit in visits for one in visit.select_cpu_s]))


def _row(name: str, values: list[float], cpu: str, load: float) -> tuple[str, ...]:
    found = Measured(values=tuple(values))
    return name, seconds_text(found.median), seconds_text(found.max), cpu, f"{load:.1f}"


def _built(job: Job, name: str, shapes: list[Shape]) -> Path:
    """A site of one experiment with a run for each of *shapes*."""
    runs, site = job.scratch / name / "experiment", job.scratch / f"{name}-site"
    for number, shape in enumerate(shapes):
        write_run(runs / f"run-{number:04}", number, metrics=shape, has_notes=False)
    seconds_of(sitegen_build(runs.parent, site), job.scratch)
    return site


def _opened(browser: Any, path: Path, state: str, selector: str) -> tuple[Any, Any, list[float]]:
    """The page, its CDP session, and [painted, Plotly there] in ms after the navigation."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(_WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"{path.resolve().as_uri()}{state}", wait_until="commit")
    return page, session, page.evaluate(_PAINTED, selector)


def _thread_s(session: Any) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def _longest_s(page: Any) -> float:
    tasks = page.evaluate("() => window.seen.tasks.filter(([at]) => at >= window.seen.at)")
    return max((duration for _, duration in tasks), default=0) / 1_000


def _many(browser: Any, site: Path) -> _Visit:
    (path,) = (site / "runs").glob("*.html")
    drawn = ".sg-plot--drawn .scatterlayer path"
    page, session, (painted, plotly) = _opened(browser, path, "#tab=metrics", drawn)
    cpu_s = _thread_s(session)
    page.evaluate(_SCROLL)
    longest_s = _longest_s(page)
    page.context.close()
    return _Visit(
        first_s=painted / 1_000, after_plotly_s=(painted - plotly) / 1_000, cpu_s=cpu_s,
        longest_s=longest_s,
    )  # fmt: skip


def _crowd(browser: Any, site: Path) -> _Visit:
    (path,) = (site / "experiments").glob("*.html")
    drawn = ".sg-charts .sg-plot--drawn .scatterlayer path"
    page, session, (painted, plotly) = _opened(browser, path, "#tab=charts&mean=runs", drawn)
    cpu_s, longest_s = _thread_s(session), _longest_s(page)
    select_s, select_cpu_s = [], []
    for count in (1, 2, 3):
        before = _thread_s(session)
        select_s.append(page.evaluate(_SELECT, count) / 1_000)
        select_cpu_s.append(_thread_s(session) - before)
    page.context.close()
    return _Visit(
        first_s=painted / 1_000, after_plotly_s=(painted - plotly) / 1_000, cpu_s=cpu_s,
        longest_s=longest_s, select_s=tuple(select_s), select_cpu_s=tuple(select_cpu_s),
    )  # fmt: skip
