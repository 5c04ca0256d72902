"""A page that holds the Metrics tab of a run, with the scripts and styles it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.metrics.alerts import AlertFacts
from sitegen.derive.metrics.part import derive_metrics
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.model import MetricSpec, Series
from sitegen.pages.run.metrics_tab import metric_alerts, metrics_tab
from sitegen.render.env import template_environment
from sitegen.render.payload import data_script
from tests.factories import in_blocks

WritePage = Callable[..., str]
THEME = Path(__file__).parents[2] / "themes" / "default"
SCRIPTS = (
    "core", "format", "state", "store", "keys", "codec", "series-points", "series", "smoothing",
    "figure", "figure-marks", "chart", "zoom", "crosshair", "faults", "gaps", "placing",
    "metric-chart", "metric-table", "metric-data", "metric-toolbar", "copy", "chart-actions",
    "metric-pins", "metric-drag", "metric-step", "chart-tab", "metrics",
)  # fmt: skip
STYLES = ("tokens", "base", "controls", "parts", "metrics")
HOSTILE = "x/<img src=x onerror=alert(1)>=1+1"
START_US = 1_763_632_920_000_000


class KeptPayloads:
    """A sink that keeps data files as scripts."""

    def __init__(self):
        self.files = {}

    def data(self, name, payload):
        file = f"data/{name}.js"
        self.files[f"run-1/{name}"] = (file, data_script(f"run-1/{name}", payload).decode())
        return DataFile(name=name, file=file, size_bytes=0)

    def text(self, name, extension, pieces):
        size_bytes = sum(len(piece.encode()) for piece in pieces)
        return PublishedFile(
            file=f"files/run-1/{len(self.files)}.{extension}", size_bytes=size_bytes
        )


def series(name, values, *, with_times=True):
    values = np.array(values, dtype=np.float64)
    times = START_US + 1_000_001 * np.arange(len(values), dtype=np.int64)
    steps = np.arange(len(values), dtype=np.int64)
    return Series(name=name, steps=steps, values=values, times_us=times if with_times else None)


def all_series():
    noise = np.random.default_rng(0).normal(size=300)
    kl = np.abs(noise) / 10
    kl[100:102] = np.nan
    big = np.random.default_rng(1).normal(size=12_000)
    return [
        series("loss", 3 + noise),
        series("system/gpu", noise, with_times=False),
        series("train/big", big),
        series("train/kl", kl),
        series(HOSTILE, noise),
    ]


@pytest.fixture
def open_tab(page: Page, write_page: WritePage) -> Callable[..., Page]:
    """Opens a page that holds the tab of `all_series()`; `hash` is its state."""

    def open_it(
        hash: str = "", *, without: tuple[str, ...] = (), more: tuple[Series, ...] = ()
    ) -> Page:
        sink = KeptPayloads()
        many = [*all_series(), *more]
        facts = derive_metrics(
            map(in_blocks, sorted(many, key=lambda one: one.name)),
            points=sum(len(one.values) for one in many),
            sink=sink, limits=DEFAULT_LIMITS, report=pytest.fail,
        )  # fmt: skip
        alert = AlertFacts(
            condition="train/kl > 0.2", message=None, level=None, metrics=("train/kl",), count=4,
            first_step=9, first_value=0.21, fault=None,
        )  # fmt: skip
        tab = metrics_tab(
            facts.metrics,
            specs={"loss": MetricSpec(goal="minimize", unit="nats", description=None)},
            goals={}, alerts=metric_alerts([alert]), annotated_steps={"loss": [50]},
            run_slug="run-1", started_at_ns=START_US * 1000,
        )  # fmt: skip
        template = template_environment((THEME,)).get_template("tabs/metrics.html")
        styles = [(THEME / f"css/{name}.css").read_text() for name in STYLES]
        files = {
            "assets/site.css": "\n".join(styles),
            "assets/plotly.css": (THEME / "vendor/plotly/plotly.css").read_text(),
            "assets/plotly.js": (THEME / "vendor/plotly/plotly.min.js").read_text(),
            **dict(sink.files.values()),
        }
        body = (
            '<link rel="stylesheet" href="assets/site.css">'
            '<link rel="stylesheet" href="assets/plotly.css">'
            f'<main data-plotly="assets/plotly.js">{template.render(metrics_tab=tab)}</main>'
        )
        url = write_page(
            body,
            scripts=SCRIPTS,
            files={name: text for name, text in files.items() if name not in without},
            data_files={key: file for key, (file, _) in sink.files.items()},
        )
        page.goto(f"{url}{hash}")
        return page

    return open_it


def chart(page, name):
    return page.locator(f'[data-metric="{name}"]')


def choose(found, text):
    """Presses an entry of the chart's menu."""
    found.locator(".sg-chart__actions .sg-menu > summary").click()
    found.get_by_role("button", name=text).click()


def drawn(page, name):
    found = chart(page, name)
    found.scroll_into_view_if_needed()
    expect(found.locator(".sg-plot--drawn .scatterlayer").first).to_be_attached()
    return found


def zoom(page, found, start, end):
    """Drags over the plot between two ratios of its width."""
    found.scroll_into_view_if_needed()
    box = found.locator(".nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + start * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + end * box["width"], y, steps=3)
    page.mouse.up()
