"""Visits of pages in headless Chromium: an empty profile, times and the CPU of the main thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.report import seconds_text
from benchmarks.rounds import Measured

_SHOWN = "requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)))"
_UNTIL = """(started) => new Promise((resolve) => {
  const look = () => (EXPRESSION ? SHOWN : requestAnimationFrame(look));
  look();
})""".replace("SHOWN", _SHOWN)
"""From the navigation, or from *started*, to the frame after an expression holds; milliseconds."""
CHANGE = f"""(changes) => new Promise((resolve) => {{
  const table = document.querySelector("table[data-grid]"), started = performance.now();
  table.addEventListener("sg:rows", () => {_SHOWN}, {{ once: true }});
  const grid = window.sitegen.grid.get(table);
  if ("filter" in changes) grid.box.set(changes.filter);
  else grid.set(changes);
}})"""
"""From a change of the state of a table to the frame after its rows; milliseconds."""
TABLE_READY = """(() => {
  const table = document.querySelector("table[data-grid]");
  return table && window.sitegen?.grid?.get(table)?.isReady;
})()"""
"""Holds once a table has taken its rows over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What one thing took in one visit."""

    seconds: float
    """By the clock."""
    cpu_s: float
    """Of the page's main thread."""


class Visit:
    """A page that was opened with an empty profile; `close` ends it."""

    def __init__(self, browser: Any, url: str) -> None:
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self._session = self.page.context.new_cdp_session(self.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._cpu_s = 0.0
        self.page.goto(url, wait_until="commit")

    def until(self, expression: str) -> Wait:
        """From the navigation until *expression* holds."""
        return self._waited(self.page.evaluate(_UNTIL.replace("EXPRESSION", expression), 0))

    def change(self, **changes: str) -> Wait:
        """A change of the state of the page's table."""
        self.settle()
        return self._waited(self.page.evaluate(CHANGE, changes))

    def run(self, script: str, *, until: str | None = None) -> Wait:
        """What *script* does, which says its milliseconds, or all until *until* holds."""
        self.settle()
        started = self.page.evaluate("() => performance.now()")
        milliseconds = self.page.evaluate(script)
        if until is not None:
            milliseconds = self.page.evaluate(_UNTIL.replace("EXPRESSION", until), started)
        return self._waited(milliseconds)

    def settle(self) -> None:
        """Waits for what follows by itself, which is not measured."""
        self.page.wait_for_timeout(500)
        self._cpu_s = self._thread_s()

    def close(self) -> None:
        """Ends the visit."""
        self.page.context.close()

    def _waited(self, milliseconds: float) -> Wait:
        before, self._cpu_s = self._cpu_s, self._thread_s()
        return Wait(seconds=milliseconds / 1_000, cpu_s=self._cpu_s - before)

    def _thread_s(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def wait_rows(found: list[Mapping[str, Wait]], load: float) -> tuple[tuple[str, ...], ...]:
    """A row of a table for each thing: median, maximum, median of the CPU, load."""
    rows = []
    for name in found[0] if found else ():
        times = seconds_of(found, name)
        cpu = Measured(values=tuple(visit[name].cpu_s for visit in found)).median
        rows.append(
            (name, seconds_text(times.median), seconds_text(times.max), seconds_text(cpu),
             f"{load:.1f}")
        )  # fmt: skip
    return tuple(rows)


def seconds_of(found: list[Mapping[str, Wait]], name: str) -> Measured:
    """Seconds of one thing in all visits."""
    return Measured(values=tuple(visit[name].seconds for visit in found))
