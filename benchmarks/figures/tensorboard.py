"""100 metrics of 10,000 steps: from the files on disk to a painted chart, beside TensorBoard.

Both take turns in one run. Ours: `sitegen build` into an empty directory, then the run's page
from the folder. TensorBoard's: its server is started on the same points, and its page opened once
it has read the last of them, for a page that is opened earlier shows a part until it is reloaded.
Its clock stops when the axis of the first chart has the steps of the data: its curve is painted by
a worker, that moment or later.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.bundles import Shape, write_run
from benchmarks.commands import (
    REPOSITORY,
    Job,
    environment,
    output_of,
    remove,
    seconds_of,
    sitegen_build,
)
from benchmarks.loading import chromium
from benchmarks.report import Goal, Result, seconds_text
from benchmarks.rounds import Rounds, interleaved, ratio

METRICS = 100
STEPS = 10_000
_OURS, _THEIRS = "`sitegen build`, the run's page", "`tensorboard --logdir`, its page"
_PATIENCE_S = 120
_INSTALL = (
    "Without TensorBoard its row is left out: `python -m venv .venv-tensorboard &&"
    " .venv-tensorboard/bin/pip install tensorboard`, or name a Python that has it in"
    " TENSORBOARD_PYTHON."
)
_PAINTED = """() => new Promise((resolve) => {
  const look = () => document.querySelector(".sg-plot--drawn .scatterlayer path")
    ? requestAnimationFrame(() => setTimeout(resolve)) : requestAnimationFrame(look);
  look();
})"""
_THEIRS_PAINTED = """() => new Promise((resolve) => {
  const last = () => Math.max(...[...document.querySelectorAll("card-view line-chart")].slice(0, 1)
    .flatMap((chart) => [...chart.querySelectorAll(".x-axis .minor text")])
    .map((label) => Number.parseFloat(label.textContent.replaceAll(",", ""))));
  const look = () => (last() > 1
    ? requestAnimationFrame(() => setTimeout(resolve)) : requestAnimationFrame(look));
  look();
})"""
"""An axis without data ends at 1."""


def measure(job: Job) -> Result:
    """Seconds from the files to the chart of each that is there."""
    metrics, theirs = job.count(METRICS), _python()
    shape = Shape(points=metrics * STEPS, metrics=metrics, order="regular")
    run = job.scratch / "runs" / "experiment" / "run"
    write_run(run, 0, metrics=shape, has_notes=False)
    parts: dict[str, list[float]] = {_OURS: [], _THEIRS: []}
    with chromium() as browser:
        if browser is None:
            return Result(what="No Chromium.", head=("program",), rows=(), goals=())
        actions = {_OURS: partial(_ours, job, browser, parts[_OURS])}
        if theirs is not None:
            _write_events(job, theirs, run / "metrics.parquet")
            actions[_THEIRS] = partial(_theirs, job, browser, theirs, metrics, parts[_THEIRS])
        found = interleaved(job.rounds_or(5), actions)
    return _result(metrics, found, parts, None if theirs is None else _version(job, theirs))


def _result(
    metrics: int, found: Rounds, parts: dict[str, list[float]], version: str | None
) -> Result:
    rows = []
    for name in found.by_name:
        all_s, ready_s = found[name], float(np.median(parts[name][1:]))
        share = ratio(found[_THEIRS], all_s).text if _THEIRS in found.by_name else ""
        rows.append(
            (
                name,
                seconds_text(ready_s),
                seconds_text(all_s.median),
                seconds_text(all_s.min),
                seconds_text(all_s.max),
                share,
                found.load_text,
            )
        )
    goals = []
    if _THEIRS in found.by_name:
        quotient = ratio(found[_THEIRS], found[_OURS])
        measured = f"TensorBoard took {quotient.text} times as long"
        goals = [Goal(text="faster, build included", measured=measured, is_met=quotient.value > 1)]
    return Result(
        what=f"{metrics} metrics of {STEPS:,} steps, from the files on disk (one metrics.parquet;"
        " one event file) to the first painted chart in headless Chromium with an empty profile.",
        head=(
            "program", "ready to be opened", "chart painted, median", "min", "max",
            "TensorBoard ÷ it", "load",
        ),
        rows=tuple(rows),
        goals=tuple(goals),
        notes=(
            _INSTALL
            if version is None
            else f"TensorBoard {version}: it keeps 1,000 points of each metric; sitegen publishes"
            f" all {STEPS:,}.",
        ),
    )  # fmt: skip


def _python() -> str | None:
    """The Python that has TensorBoard."""
    usual = REPOSITORY / ".venv-tensorboard" / "bin" / "python"
    return os.environ.get("TENSORBOARD_PYTHON") or (str(usual) if usual.exists() else None)


def _version(job: Job, python: str) -> str:
    script = "from tensorboard.version import VERSION; print(VERSION)"
    return output_of([python, "-c", script], job.scratch).strip()


def _write_events(job: Job, python: str, parquet: Path) -> None:
    """The points of *parquet* as an event file, by TensorBoard's own writer."""
    table = pq.read_table(parquet, columns=["name", "step", "value"])
    names = table["name"].to_pylist()
    codes = np.array([int(name.rpartition("/")[2]) for name in names], dtype=np.int32)
    points = job.scratch / "points.npz"
    np.savez(points, codes=codes, steps=table["step"], values=table["value"])
    script = Path(__file__).parents[1] / "events.py"
    seconds_of([python, str(script), str(points), str(job.scratch / "logs" / "run")], job.scratch)


def _ours(job: Job, browser: Any, ready: list[float]) -> float:
    """Seconds to the chart; *ready* gets those of the build."""
    site = job.scratch / "site"
    remove(site, job.scratch / ".sitegen-cache")
    started = time.perf_counter()
    ready.append(seconds_of(sitegen_build(job.scratch / "runs", site), job.scratch))
    (page,) = (site / "runs").glob("*.html")
    _open(browser, f"{page.resolve().as_uri()}#tab=metrics", _PAINTED)
    return time.perf_counter() - started


def _theirs(job: Job, browser: Any, python: str, metrics: int, ready: list[float]) -> float:
    """Seconds to the chart; *ready* gets those until the server has read every point."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    with _server(job, python, port):
        url = f"http://127.0.0.1:{port}/"
        query = f"data/plugin/scalars/scalars?run=run&tag=metric/{metrics - 1}"
        while _last_step(url + query) != STEPS - 1:
            if time.perf_counter() - started > _PATIENCE_S:
                raise TimeoutError(f"TensorBoard has not read its events in {_PATIENCE_S} s")
            time.sleep(0.02)
        ready.append(time.perf_counter() - started)
        _open(browser, url, _THEIRS_PAINTED)
        return time.perf_counter() - started


@contextmanager
def _server(job: Job, python: str, port: int) -> Iterator[None]:
    command = [python, "-m", "tensorboard.main", "--logdir", str(job.scratch / "logs")]
    with (job.scratch / "tensorboard.txt").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env=environment(job.scratch),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
        finally:
            server.terminate()
            server.wait()


def _last_step(url: str) -> int | None:
    """The last step that the server tells, None while it tells none."""
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:
            points = json.load(answer)
    except (urllib.error.URLError, ConnectionError):
        return None
    return int(points[-1][1]) if points else None


def _open(browser: Any, url: str, painted: str) -> None:
    """The page, until its first chart is painted."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(url, wait_until="commit")
    page.evaluate(painted)
    context.close()
