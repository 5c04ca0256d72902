"""series.js shows what was logged: extremes and faults always, each point at last."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from sitegen.bundle.limits import Limits
from sitegen.derive.metrics.part import derive_metrics
from sitegen.model import NO_TIME
from sitegen.render.payload import data_script
from tests.factories import MemorySink, Reports, in_blocks, series

WritePage = Callable[..., str]
SCRIPTS = ("core", "store", "codec", "smoothing", "series-points", "series")
ASK = """
async ([key, name, asked]) => {
  const chunk = await sitegen.store.get(key);
  const series = await sitegen.series.open(chunk.series[name], key);
  const bits = (values) => values && [...new Uint8Array(Float64Array.from(values).buffer)]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const text = (points) => ({ ...points, indexes: [...points.indexes], steps: bits(points.steps),
    times: bits(points.times), values: bits(points.values), finite: bits(points.finite),
    means: bits(points.means) });
  const found = [];
  for (const [from, to, x, pixels] of asked) {
    found.push(text(await series.view(from ?? -Infinity, to ?? Infinity, { x, pixels })));
  }
  return { count: series.count, isExact: series.isExact, whole: text(series.whole), views: found,
    loaded: performance.getEntriesByType("resource").length };
}
"""


def floats(bits: str | None):
    return None if bits is None else np.frombuffer(bytes.fromhex(bits), dtype="<f8")


def points(found):
    named = {name: floats(found[name]) for name in ("steps", "times", "values", "finite", "means")}
    return {**found, **named, "indexes": np.array(found["indexes"])}


class Shown:
    """What a page says of a series."""

    def __init__(self, page: Page, write_page: WritePage, one, *, limits=None):
        sink = MemorySink()
        facts = derive_metrics(
            [in_blocks(one)], points=len(one.values), sink=sink, limits=limits or Limits(),
            report=Reports(),
        )  # fmt: skip
        self.facts = facts.metrics[0]
        files = {
            f"data/run/{name}.js": data_script(f"run/{name}", payload).decode()
            for name, payload in sink.payloads.items()
        }
        page.goto(
            write_page(
                "",
                scripts=SCRIPTS,
                files=files,
                data_files={f"run/{file.name}": file.file for file in facts.files},
            )
        )
        self._page, self._name = page, one.name

    def ask(self, *views):
        key = f"run/{self.facts.data_name}"
        found = self._page.evaluate(ASK, [key, self._name, list(views)])
        return {
            **found,
            "whole": points(found["whole"]),
            "views": [points(one) for one in found["views"]],
        }


RANDOM = np.random.default_rng(3)


def noise(count):
    values = RANDOM.normal(size=count)
    values[count // 3] = 1e6
    values[count // 2] = math.nan
    values[count // 2 + 7] = -math.inf
    return values


def steps_of(kind, count):
    return {
        "regular": np.arange(count) * 10 - 500,
        "irregular": np.cumsum(RANDOM.integers(0, 5, count)),
        "wide": np.arange(count) * 2**36,
    }[kind]


@pytest.mark.parametrize("kind", ["regular", "irregular", "wide"])
@pytest.mark.parametrize("with_times", [False, True])
def test_each_drawn_point_was_logged_and_no_extreme_or_fault_is_lost(
    page: Page, write_page: WritePage, kind: str, with_times: bool
) -> None:
    count = 300_001
    steps, values = steps_of(kind, count), noise(count)
    times = None
    if with_times:
        times = 1_763_000_000_000_000 + np.cumsum(RANDOM.integers(0, 10**6, count))
    one = series("loss", values, steps=steps, times_us=None if times is None else times.tolist())
    shown = Shown(page, write_page, one)
    parts = [
        (0, count - 1),
        (count // 4, 3 * count // 4),
        (1_000, 40_000),
        (count // 2 - 50, count // 2 + 50),
    ]
    asked = [[float(steps[a]), float(steps[b]), "step", 600] for a, b in parts]

    found = shown.ask(*asked)

    assert (found["count"], found["isExact"]) == (count, True)
    assert len(found["whole"]["values"]) == shown.facts.shown_count
    for (a, b), view in zip(
        [(0, count - 1), *parts], [found["whole"], *found["views"]], strict=True
    ):
        at = view["indexes"]
        assert (np.diff(at) > 0).all()
        assert (at[0], at[-1]) == (0, count - 1)
        np.testing.assert_array_equal(view["values"], values[at])
        np.testing.assert_array_equal(view["steps"], steps[at].astype(float))
        if times is not None:
            np.testing.assert_array_equal(view["times"], times[at].astype(float))
        inside, finite = view["values"][(at >= a) & (at <= b)], values[a : b + 1]
        assert np.isfinite(inside).all() == np.isfinite(finite).all()
        finite = finite[np.isfinite(finite)]
        assert np.nanmin(inside[np.isfinite(inside)]) == finite.min()
        assert inside[np.isfinite(inside)].max() == finite.max()
        assert view["finite"].sum() == pytest.approx(np.isfinite(values).sum(), rel=0.02)
        assert view["shown"]["drawn"] <= 10_000
    last = found["views"][-1]
    assert last["isBucketed"] is False
    first, end = np.searchsorted(steps, asked[-1][0]), np.searchsorted(steps, asked[-1][1], "right")
    assert last["range"] == [first, end]
    assert last["shown"] == {"drawn": end - first, "of": end - first}


def test_a_view_may_be_asked_by_time(page: Page, write_page: WritePage) -> None:
    count = 100_000
    times = (1_763_000_000_000_000 + 250_000 * np.arange(count)).tolist()
    times[70_010] = None
    shown = Shown(page, write_page, series("loss", noise(count), times_us=times))

    (view,) = shown.ask([times[70_000], times[70_100], "time", 600])["views"]

    assert view["range"] == [70_000, 70_101]
    assert math.isnan(view["times"][view["indexes"] == 70_010][0])
    assert NO_TIME not in view["times"]


def test_without_exact_points_the_finest_buckets_are_shown(
    page: Page, write_page: WritePage
) -> None:
    count = 300_000
    shown = Shown(page, write_page, series("loss", noise(count)), limits=Limits(exact_points=0))

    found = shown.ask([1000, 2000, "step", 600])

    assert found["isExact"] is False
    assert shown.facts.is_exact is False
    assert found["views"][0]["isBucketed"] is True
    assert found["views"][0]["shown"]["drawn"] > 20


ODD = {
    "constant": ([0.1] * 20_000, None),
    "all NaN": ([math.nan] * 20_000, None),
    "all infinite": ([math.inf, -math.inf] * 10_000, None),
    "negative steps": (RANDOM.normal(size=20_000), range(-30_000, -10_000)),
    "one step": (RANDOM.normal(size=20_000), [7] * 20_000),
    "huge": (1e18 * RANDOM.normal(size=20_000), None),
    "beyond": ([1.7e308, -1.7e308] * 10_000, None),
    "int64 steps": (RANDOM.normal(size=20_000), range(2**63 - 20_001, 2**63 - 1)),
    "one point": ([0.5], None),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_are_shown_as_they_are(page: Page, write_page: WritePage, name: str) -> None:
    values, steps = ODD[name]
    one = series(name, values, steps=None if steps is None else list(steps))
    shown = Shown(page, write_page, one)

    found = shown.ask([None, None, "step", 600], [None, None, "step", 100_000])

    for view in (found["whole"], *found["views"]):
        at = view["indexes"]
        np.testing.assert_array_equal(view["values"], one.values[at])
        np.testing.assert_array_equal(view["steps"], one.steps[at].astype(float))
        assert (at[0], at[-1]) == (0, len(values) - 1)
    # at ten thousand points across, each is drawn; buckets of eight keep at least an eighth
    assert len(found["views"][1]["values"]) >= len(values) / 8 or name == "all NaN"


def test_smoothing_of_buckets_is_that_of_their_points_where_values_are_constant_within_them(
    page: Page, write_page: WritePage
) -> None:
    page.goto(write_page("", scripts=("smoothing",)))
    values = [1.0, 1.0, 1.0, 5.0, 5.0, 5.0, 5.0, 2.0]
    buckets = {
        "values": [1.0, 5.0, math.nan, 2.0],
        "finite": [3, 4, 0, 1],
        "means": [1.0, 5.0, 0, 2.0],
    }

    plain, raised = page.evaluate(
        "([values, buckets]) => [[...sitegen.smoothing.ema(values, 0.9)],"
        " [...sitegen.smoothing.bucketEma(buckets, 0.9)]]",
        [values, buckets],
    )

    assert raised[0] == pytest.approx(plain[2])
    assert raised[1] == pytest.approx(plain[6])
    assert math.isnan(raised[2])
    assert raised[3] == pytest.approx(plain[7])
