"""One long series of noise: its bytes, and how soon a chart of it and its zooms are there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.bundles import Shape
from benchmarks.commands import Job, seconds_of
from benchmarks.figures.metrics import build_points, write_points
from benchmarks.loading import chromium
from benchmarks.report import Goal, Result, megabytes_text, seconds_text
from benchmarks.rounds import Measured

POINTS = 10_000_000
_RANGES = ((0.30, 0.40), (0.35, 0.3501))
"""What a zoom leaves: a tenth of the series, then a thousandth of that tenth."""
_FIRST_CHART = """() => new Promise((resolve) => {
  const look = () => document.querySelector(".sg-plot--drawn .scatterlayer path")
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
    : requestAnimationFrame(look);
  look();
})"""
_ZOOM = """(range) => new Promise((resolve) => {
  const canvas = document.querySelector(".sg-plot__canvas");
  const shown = canvas.closest("figure").querySelector('[data-role="shown"]');
  const [before, started] = [shown.textContent, performance.now()];
  canvas.on("plotly_afterplot", () => {
    if (shown.textContent === before) return;
    canvas.removeAllListeners("plotly_afterplot");
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
  });
  window.Plotly.relayout(canvas, { "xaxis.range": range });
})"""
_DRAWN = """([from, to]) => {
  const { spec } = window.sitegen.chart.all()[0];
  const { x, y } = spec.series[0];
  const at = [...x.keys()].filter((i) => x[i] >= from && x[i] <= to);
  return [at.map((i) => x[i]), at.map((i) => y[i])];
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Visit:
    """One visit of the run's page with an empty profile."""

    first_s: float
    """From the navigation to the chart."""
    zoom_s: tuple[float, ...]
    """From each zoom to its chart."""
    read_bytes: tuple[int, ...]
    """Bytes of data files that were read for the first chart and for each zoom."""
    is_exact: bool
    """Whether the last view drew every point in it, bit for bit."""


def measure(job: Job) -> Result:
    """Bytes of the site's tiles, and the times of visits."""
    points = job.count(POINTS)
    shape = Shape(points=points, metrics=1, order="regular", has_times=False, is_noise=True)
    run = write_points(job, "zoom", shape, settings="")
    site, load = job.scratch / "site", os.getloadavg()[0]
    built_s = seconds_of(build_points(run, site), job.scratch)
    parquet = run / "metrics.parquet"
    data_bytes = sum(path.stat().st_size for path in (site / "data").rglob("*.js"))
    share = data_bytes / parquet.stat().st_size
    visits = _visits(site, parquet, points, job.rounds_or(5))
    rows = [("all data files", megabytes_text(data_bytes), f"{share:.2f} of the Parquet", "", "")]
    goals = [
        Goal(
            text="all levels ≤ 1.2 of the zstd Parquet",
            measured=f"{share:.2f}",
            is_met=share <= 1.2,
        )
    ]
    if visits:
        rows += _rows(visits, load)
        goals += _goals(visits)
    return Result(
        what=f"One run with one metric of {points:,} doubles of noise, every point published"
        f" (built in {seconds_text(built_s)}), opened from the folder in headless Chromium with"
        " an empty profile.",
        head=("view", "data read", "to the chart, median", "max", "load"),
        rows=tuple(rows),
        goals=tuple(goals),
    )


def _rows(visits: list[_Visit], load: float) -> list[tuple[str, ...]]:
    names = ("first chart, Plotly's load included", "zoom to 10 %", "zoom to 0.1 % of it")
    rows = []
    for number, name in enumerate(names):
        times = _times(visits, number)
        size = f"{visits[0].read_bytes[number] / 1e3:,.0f} kB"
        rows.append(
            (name, size, seconds_text(times.median), seconds_text(times.max), f"{load:.1f}")
        )
    return rows


def _times(visits: list[_Visit], number: int) -> Measured:
    return Measured(values=tuple((one.first_s, *one.zoom_s)[number] for one in visits))


def _goals(visits: list[_Visit]) -> list[Goal]:
    first, tenth, last = (_times(visits, number).median for number in range(3))
    read = max(one.read_bytes[0] for one in visits)
    return [
        Goal(text="first chart ≤ 1 s", measured=seconds_text(first), is_met=first <= 1),
        Goal(text="data read for it ≤ 50 kB", measured=f"{read:,} bytes", is_met=read <= 50_000),
        Goal(text="zoom to 10 % ≤ 250 ms", measured=seconds_text(tenth), is_met=tenth <= 0.25),
        Goal(text="zoom to 0.1 % of it ≤ 250 ms", measured=seconds_text(last), is_met=last <= 0.25),
        Goal(
            text="every value there bit-equal",
            measured="yes" if all(one.is_exact for one in visits) else "no",
            is_met=all(one.is_exact for one in visits),
        ),
    ]


def _visits(site: Path, parquet: Path, points: int, rounds: int) -> list[_Visit]:
    """One visit more than *rounds*: the first one reads files that no page read before."""
    start, stop = (round(ratio * points) for ratio in _RANGES[-1])
    expected = pq.read_table(parquet, columns=["step", "value"]).slice(start, stop - start + 1)
    with chromium() as browser:
        if browser is None:
            return []
        found = [_visit(browser, site, points, expected) for _ in range(rounds + 1)]
    return found[1:]


def _visit(browser: Any, site: Path, points: int, expected: Any) -> _Visit:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    read: list[int] = []

    def on_request(request: Any) -> None:
        if "/data/" in request.url:
            read.append((site / "data" / request.url.partition("/data/")[2]).stat().st_size)

    page.on("request", on_request)
    (path,) = (site / "runs").glob("*.html")
    page.goto(f"{path.resolve().as_uri()}#tab=metrics", wait_until="commit")
    first_ms = page.evaluate(_FIRST_CHART)
    sizes, zooms = [sum(read)], []
    for low, high in _RANGES:
        read.clear()
        zooms.append(page.evaluate(_ZOOM, [round(low * points), round(high * points)]))
        sizes.append(sum(read))
    steps, values = page.evaluate(_DRAWN, [round(ratio * points) for ratio in _RANGES[-1]])
    context.close()
    return _Visit(
        first_s=first_ms / 1_000,
        zoom_s=tuple(ms / 1_000 for ms in zooms),
        read_bytes=tuple(sizes),
        is_exact=steps == expected["step"].to_pylist() and values == expected["value"].to_pylist(),
    )
