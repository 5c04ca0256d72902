"""A long series as data files: every point exactly, and buckets of it from fine to coarse.

Floor 3. A chart loads what its view needs: `top`, some hundred buckets that come with the series,
then tiles of finer buckets, at last the points. Stored buckets hold 64, 512, 4,096 … points.
Buckets of 8 would take 40 % of the points' bytes (measured: a bucket takes 30 bytes); where a view
is that narrow the page has the points and makes them itself. `js/metrics/series.js` reads what is
written:

    {"bucketed": true, "count": 10000000, "top": BUCKETS, "levels": [LEVEL, …],
     "exact": LEVEL or null, "ends": {"step": […], "time_us": […], "value": […]}}
    LEVEL = {"size": 64, "tile": 4096, "key": "3fa9c1d2e0ab-64-",
             "stem": "data/…/3fa9c1d2e0ab-64-", "files": ["0-9c1e7a52d401.js", …]}

Tile i of a level is the data file `stem + files[i]` under the run's key `key + i`. BUCKETS, also
the payload of a tile of buckets, holds columns of n; an exact tile holds `step`, `time_us` and
`value` as a short series does. Where steps or times are a progression, `steps` or `times_us` is
{"start", "stride"} (of its first point) and their other columns are null.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np

from sitegen.derive.codec import encode_floats, encode_ints
from sitegen.derive.metrics.buckets import Buckets, Faults, drawn_points, joined, merged
from sitegen.derive.sink import Sink
from sitegen.model import BLOCK_POINTS, Json, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

BUCKET_POINTS: Final = 64
"""Points of the smallest stored buckets."""
TOP_BUCKETS: Final = 1_024
"""Most buckets that come with the series: a plot is seldom wider than that many pixels."""
EXACT_TILE_POINTS: Final = 32_768
"""Points of an exact tile: about 300 kB of noise, decoded in 6 ms."""
_TILE_BUCKETS: Final = 4_096
_FAN_OUT: Final = 8
_FINER: Final = 4
"""A level is worth its files if it is so many times as fine as `top`."""
_EXACT_NUMBER: Final = 2**53


def top_size(count: int) -> int:
    """Points of a bucket of `top` in a series of *count*: the smallest 64 · 2^j with few enough."""
    size = BUCKET_POINTS
    while -(-count // size) > TOP_BUCKETS:
        size *= 2
    return size


class Ramp:
    """Whether a column is one arithmetic progression from block to block."""

    def __init__(self) -> None:
        self._start = 0
        self._stride: int | None = None
        self._count = 0
        self._is_ramp = True

    def add(self, column: NDArray[np.int64]) -> None:
        """The next values."""
        if not self._is_ramp or not len(column):
            return
        if self._count == 0:
            self._start = int(column[0])
        if self._stride is None and self._count + len(column) > 1:
            self._stride = int(column[1 if self._count == 0 else 0]) - self._start
        self._count, begin = self._count + len(column), self._count
        stride = self._stride or 0
        first, last = self._start + stride * begin, self._start + stride * (self._count - 1)
        is_near = max(abs(first), abs(last)) <= _EXACT_NUMBER
        fits = is_near and int(column[0]) == first and int(column[-1]) == last
        self._is_ramp = fits and bool((column[1:] - column[:-1] == stride).all())

    @property
    def json(self) -> Json:
        """{"start", "stride"} as in a payload, None if it is no progression."""
        if not self._is_ramp or not self._count:
            return None
        return {"start": self._start, "stride": self._stride or 0}


class _Level:
    """Tiles of one size, written as they fill."""

    def __init__(self, name: str, size: int, tile: int, sink: Sink) -> None:
        self.size = size
        self._tile = tile
        self._sink = sink
        self._name = f"{_digest(name)}-{size}-"
        self._files: list[str] = []
        self._parts: list[Buckets] = []
        self._steps, self._times = Ramp(), Ramp()

    def add_points(self, block: Series) -> None:
        """Write the tiles of the points of *block*, a multiple of the tile but for the last one."""
        for start in range(0, len(block.values), self._tile):
            part = slice(start, start + self._tile)
            times = None if block.times_us is None else block.times_us[part]
            self._write(points_json(block.steps[part], times, block.values[part]))

    def add(self, buckets: Buckets, block: Series) -> None:
        """Take the *buckets* of *block*."""
        self._parts.append(buckets)
        self._steps.add(block.steps)
        if block.times_us is not None:
            self._times.add(block.times_us)
        if sum(len(part) for part in self._parts) >= self._tile:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if self._parts:
            buckets = joined(self._parts, size=self.size, first=self._parts[0].first)
            self._write(buckets_json(buckets, self._steps.json, self._times.json))
            self._parts, self._steps, self._times = [], Ramp(), Ramp()

    def _write(self, payload: dict[str, Json]) -> None:
        self._files.append(self._sink.data(f"{self._name}{len(self._files)}", payload).file)

    def json(self) -> dict[str, Json]:
        """The LEVEL."""
        stem = self._files[0][: self._files[0].rindex("/") + 1] + self._name
        return {
            "size": self.size,
            "tile": self._tile,
            "key": self._name,
            "stem": stem,
            "files": [file.removeprefix(stem) for file in self._files],
        }


class Pyramid:
    """Takes the blocks of a long series and writes its tiles; `payload` is the rest."""

    def __init__(self, name: str, count: int, sink: Sink, *, is_exact: bool) -> None:
        self._count = count
        self._top_size = top_size(count)
        self._exact = _Level(name, 1, EXACT_TILE_POINTS, sink) if is_exact else None
        sizes: list[int] = []
        while BUCKET_POINTS * _FAN_OUT ** len(sizes) * _FINER <= self._top_size:
            sizes.append(BUCKET_POINTS * _FAN_OUT ** len(sizes))
        self._levels = [_Level(name, size, _TILE_BUCKETS, sink) for size in sizes]
        self._tops: list[Buckets] = []
        self._steps, self._times = Ramp(), Ramp()
        self._given = 0
        self._ends: list[tuple[int, int | None, float]] = []

    def add(self, block: Series, buckets: Buckets) -> None:
        """Take the next block and its buckets of `BUCKET_POINTS`."""
        if self._given == 0:
            self._ends.append(_point(block, 0))
        self._given += len(block.values)
        if self._given == self._count:
            self._ends.append(_point(block, -1))
        self._steps.add(block.steps)
        if block.times_us is not None:
            self._times.add(block.times_us)
        if self._exact is not None:
            self._exact.add_points(block)
        for level in self._levels:
            if level.size > BLOCK_POINTS:
                break
            buckets = merged(buckets, level.size // buckets.size)
            level.add(buckets, block)
        size = min(self._top_size, BLOCK_POINTS)
        self._tops.append(merged(buckets, size // buckets.size))

    def top(self) -> Buckets:
        """The coarsest buckets, once all blocks were given."""
        if len(self._tops) > 1 or self._tops[0].size < self._top_size:
            found = joined(self._tops, size=self._tops[0].size, first=0)
            self._tops = [merged(found, self._top_size // found.size)]
        return self._tops[0]

    def drawn(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Steps and values of the points that a chart of the whole series draws."""
        (first, _, low), (last, _, high) = self._ends
        return drawn_points(self.top(), [(0, first, low), (self._count - 1, last, high)])

    def payload(self) -> dict[str, Json]:
        """What is told of the series."""
        for level in self._levels:
            level.flush()
        steps, times, values = zip(*self._ends, strict=True)
        has_times = times[0] is not None
        return {
            "bucketed": True,
            "count": self._count,
            "ends": points_json(
                np.array(steps, dtype=np.int64),
                np.array(times, dtype=np.int64) if has_times else None,
                np.array(values, dtype=np.float64),
            ),
            "top": buckets_json(self.top(), self._steps.json, self._times.json),
            "levels": [level.json() for level in reversed(self._levels)],
            "exact": None if self._exact is None else self._exact.json(),
        }


def _point(block: Series, at: int) -> tuple[int, int | None, float]:
    time = None if block.times_us is None else int(block.times_us[at])
    return int(block.steps[at]), time, float(block.values[at])


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def points_json(
    steps: NDArray[np.int64], times_us: NDArray[np.int64] | None, values: NDArray[np.float64]
) -> dict[str, Json]:
    """Points, each with its step, its wall time and its value."""
    return {
        "n": len(values),
        "step": encode_ints(steps),
        "time_us": None if times_us is None else encode_ints(times_us),
        "value": encode_floats(values),
    }


def buckets_json(buckets: Buckets, steps: Json, times: Json) -> dict[str, Json]:
    """BUCKETS; *steps* and *times* are their progressions if they are any."""
    begins = (buckets.first + np.arange(len(buckets), dtype=np.int64)) * buckets.size

    def by_step(column: NDArray[np.int64]) -> Json:
        return _unless(steps, column)

    def by_time(column: NDArray[np.int64] | None) -> Json:
        return None if column is None else _unless(times, column)

    return {
        "n": len(buckets),
        "size": buckets.size,
        "first": buckets.first,
        "steps": steps,
        "times_us": times,
        "low": encode_floats(buckets.low),
        "low_at": encode_ints(buckets.low_at - begins),
        "low_step": by_step(buckets.low_step),
        "low_time": by_time(buckets.low_time_us),
        "high": encode_floats(buckets.high),
        "high_at": encode_ints(buckets.high_at - begins),
        "high_step": by_step(buckets.high_step),
        "high_time": by_time(buckets.high_time_us),
        "mean": encode_floats(buckets.mean),
        "step": by_step(buckets.step),
        "time_us": by_time(buckets.time_us),
        "faults": _faults_json(buckets.faults, buckets, steps, times),
    }


def _unless(ramp: Json, column: NDArray[np.int64]) -> Json:
    return None if ramp is not None else encode_ints(column)


def _faults_json(faults: Faults, buckets: Buckets, steps: Json, times: Json) -> Json:
    if not len(faults.at):
        return None
    numbers = faults.at // buckets.size
    return {
        "bucket": encode_ints(numbers - buckets.first),
        "at": encode_ints(faults.at - numbers * buckets.size),
        "value": encode_ints(faults.value),
        "nan": encode_ints(faults.nan),
        "high": encode_ints(faults.high),
        "low": encode_ints(faults.low),
        "step": _unless(steps, faults.step),
        "time_us": None if faults.time_us is None else _unless(times, faults.time_us),
    }
