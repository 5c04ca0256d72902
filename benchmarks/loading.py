"""How long pages of a site take to load from the folder, in headless Chromium by Playwright."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.rounds import Measured

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync")  # fmt: skip
_TIMES = """() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve([
  performance.getEntriesByType("navigation")[0].loadEventEnd,
  (performance.getEntriesByName("first-contentful-paint")[0] || {startTime: 0}).startTime,
  document.getElementsByTagName("*").length,
]), 50)))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPage:
    """A page that was loaded a few times."""

    name: str
    """What it is."""
    size_bytes: int
    """Bytes of its HTML."""
    painted: Measured
    """Seconds to the first contentful paint."""
    loaded: Measured
    """Seconds to the end of the load event."""
    nodes: int
    """Elements once it was loaded."""


def load_times(site: Path, rounds: int) -> tuple[LoadedPage, ...]:
    """Index, largest experiment, largest run on each tab; empty where there is no browser."""
    with chromium() as browser:
        if browser is None:
            return ()
        return tuple(
            _loaded(browser, site, name, path, rounds) for name, path in _addresses(site).items()
        )


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless Chromium, None where there is none."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        print("no Chromium, no times of it: apt-get install chromium, or name it in CHROMIUM")
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


def _addresses(site: Path) -> dict[str, str]:
    """Path and hash of the pages by what they are."""
    manifest = (site / "sitegen-manifest.json").read_text(encoding="utf-8")
    files: dict[str, Any] = json.loads(manifest)["files"]

    def largest(folder: str) -> str:
        pages = [path for path in files if path.startswith(folder) and path.endswith(".html")]
        return max(pages, key=lambda path: (int(files[path]["bytes"]), path))

    run = largest("runs/")
    tabs = ("overview", "metrics", "traces", "evals", "attachments")
    return {
        "index": "index.html",
        "largest experiment": largest("experiments/"),
        **{f"largest run, {tab}": f"{run}#tab={tab}" for tab in tabs},
    }


def _loaded(browser: Any, site: Path, name: str, address: str, rounds: int) -> LoadedPage:
    path, _, fragment = address.partition("#")
    url = (site / path).resolve().as_uri() + (f"#{fragment}" if fragment else "")
    loaded, painted, nodes = [], [], 0
    for _ in range(rounds + 1):
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(url, wait_until="load")
        load_ms, paint_ms, nodes = page.evaluate(_TIMES)
        loaded.append(load_ms / 1_000)
        painted.append(paint_ms / 1_000)
        context.close()
    return LoadedPage(
        name=name,
        size_bytes=(site / path).stat().st_size,
        nodes=nodes,
        # the first one reads files that no page read before, and does not count
        painted=Measured(values=tuple(painted[1:])),
        loaded=Measured(values=tuple(loaded[1:])),
    )
