"""Series become summaries, an overview, published points and fired alerts.

Floor 3. Every point counts in the summaries. Up to `EXACT_POINTS` points are published as logged;
beyond that min/max buckets keep every extreme, the first and last point and non-finite values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.bundle.limits import Limits
from sitegen.derive.alerts import AlertFacts, derive_alerts, names_of
from sitegen.derive.anchors import AnchorFacts, content_digest
from sitegen.derive.codec import encode_floats, encode_ints
from sitegen.derive.csvtext import csv_line
from sitegen.derive.sink import DataFile, PublishedFile, Sink
from sitegen.model import NO_TIME, Alert, Json, Series
from sitegen.read.files import Report
from sitegen.units import NS_PER_US, rfc3339

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXACT_POINTS = 10_000
"""Series up to this length are published whole (Plotly draws 20,000 points in 0.1 s)."""
BUCKETED_POINTS = 4_096
"""Most points of a bucketed series."""
OVERVIEW_POINTS = 200
"""Most points of the overview that the server draws."""
_CHUNK_BYTES = 200_000
_CSV_ROW_BYTES = 45  # a step, a time in RFC 3339 and a double of 17 digits
_CSV_PIECE_ROWS = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewFacts:
    """A few points of a series that keep its extremes; columns of one length."""

    steps: tuple[int, ...]
    """Steps, ascending."""
    values: tuple[float, ...]
    """Values; NaN marks a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFacts:
    """All that pages say of one metric without its points."""

    name: str
    """Name of the metric."""
    count: int
    """Points logged, non-finite ones included; 0 for a summary without a series."""
    first: float | None
    """Value of the first point."""
    last: float | None
    """Value of the last point, may be NaN or infinite; the logged summary if there is no series."""
    min: float | None
    """Smallest finite value."""
    min_step: int | None
    """First step at which it occurs."""
    max: float | None
    """Largest finite value."""
    max_step: int | None
    """First step at which it occurs."""
    mean: float | None
    """Mean of the finite values."""
    first_step: int | None
    """Smallest step."""
    last_step: int | None
    """Largest step."""
    first_time_us: int | None
    """Earliest wall time, µs since the epoch."""
    last_time_us: int | None
    """Latest wall time."""
    nan_count: int
    """Points that are NaN."""
    infinite_count: int
    """Points that are ±Inf."""
    first_non_finite_step: int | None
    """Step of the first NaN or ±Inf."""
    duplicate_steps: int
    """Points whose step a point before them has."""
    out_of_order: int
    """Points logged after a point of a later step."""
    shown_count: int
    """Points in the published series."""
    data_name: str | None
    """Name of the data file that holds the series; None without one."""
    csv: PublishedFile | None
    """All points of a series that is published in buckets, unless it would be too large."""
    overview: OverviewFacts
    """At most `OVERVIEW_POINTS` points."""

    @property
    def non_finite(self) -> int:
        """Points that are NaN or ±Inf."""
        return self.nan_count + self.infinite_count


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsFacts:
    """What the metrics part of a run comes to."""

    metrics: tuple[MetricFacts, ...]
    """By name."""
    alerts: tuple[AlertFacts, ...]
    """In the order of run.json."""
    points: int
    """Points in all series."""
    last_time_us: int | None
    """Latest wall time of any point."""
    files: tuple[DataFile, ...]
    """Data files with the series."""
    anchors: dict[str, AnchorFacts]
    """Anchors of the annotated steps, by target key."""


def derive_metrics(
    series: Iterable[Series],
    *,
    sink: Sink,
    limits: Limits,
    report: Report,
    alerts: tuple[Alert, ...] = (),
    summary: Mapping[str, float] | None = None,
    annotated_steps: Mapping[str, Collection[int]] | None = None,
    orders: Mapping[str, int] | None = None,
) -> MetricsFacts:
    """Facts of all *series*, which come in order of their names.

    *summary* holds the values that alerts fall back on where there is no series;
    *annotated_steps* names the steps that sidecars speak of, by metric: only these get an anchor.
    *orders* counts, by metric, the points that were logged out of order.
    """
    chunks = _Chunks(sink, limits.publish_bytes)
    facts: list[MetricFacts] = []
    anchors: dict[str, AnchorFacts] = {}
    kept = {name for alert in alerts for name in names_of(alert)}
    series_by_name: dict[str, Series] = {}
    for one in series:
        facts.append(_metric_facts(one, chunks, (orders or {}).get(one.name, 0)))
        anchors |= _step_anchors(one, (annotated_steps or {}).get(one.name, ()))
        if one.name in kept:
            series_by_name[one.name] = one
    times = [fact.last_time_us for fact in facts if fact.last_time_us is not None]
    return MetricsFacts(
        metrics=tuple(facts),
        alerts=derive_alerts(alerts, series_by_name, summary or {}, report),
        points=sum(fact.count for fact in facts),
        last_time_us=max(times, default=None),
        files=chunks.close(),
        anchors=anchors,
    )


def _metric_facts(series: Series, chunks: _Chunks, out_of_order: int) -> MetricFacts:
    import numpy as np

    steps, values, times = series.steps, series.values, series.times_us
    finite = np.isfinite(values)
    finite_values = values[finite]
    low = _extreme(np.argmin, finite_values, steps[finite])
    high = _extreme(np.argmax, finite_values, steps[finite])
    real_times = times[times != NO_TIME] if times is not None else np.empty(0, dtype=np.int64)
    chosen = bucket_indexes(values, BUCKETED_POINTS) if len(values) > EXACT_POINTS else None
    data_name = chunks.add(series, chosen)
    csv = None if chosen is None else chunks.add_csv(series)
    overview = bucket_indexes(values, OVERVIEW_POINTS)
    nan_count = int(np.isnan(values).sum())
    return MetricFacts(
        name=series.name,
        count=len(values),
        first=float(values[0]),
        last=float(values[-1]),
        min=low[0],
        min_step=low[1],
        max=high[0],
        max_step=high[1],
        mean=_mean(finite_values),
        first_step=int(steps[0]),
        last_step=int(steps[-1]),
        first_time_us=int(real_times.min()) if len(real_times) else None,
        last_time_us=int(real_times.max()) if len(real_times) else None,
        nan_count=nan_count,
        infinite_count=int(len(values) - len(finite_values)) - nan_count,
        first_non_finite_step=None if finite.all() else int(steps[int(np.argmin(finite))]),
        duplicate_steps=int((steps[1:] == steps[:-1]).sum()),
        out_of_order=out_of_order,
        shown_count=len(values) if chosen is None else len(chosen),
        data_name=data_name,
        csv=csv,
        overview=OverviewFacts(
            steps=tuple(steps[overview].tolist()), values=tuple(values[overview].tolist())
        ),
    )


def _mean(values: NDArray[np.float64]) -> float | None:
    """The mean of finite *values*, also where their sum is beyond a double."""
    import numpy as np

    if not len(values):
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(values.mean())
    return mean if np.isfinite(mean) else float((values / len(values)).sum())


def summary_metric(name: str, value: float) -> MetricFacts:
    """A summary that was logged without a series: a metric with no points."""
    return MetricFacts(
        name=name,
        count=0,
        first=None,
        last=value,
        min=None,
        min_step=None,
        max=None,
        max_step=None,
        mean=None,
        first_step=None,
        last_step=None,
        first_time_us=None,
        last_time_us=None,
        nan_count=0,
        infinite_count=0,
        first_non_finite_step=None,
        duplicate_steps=0,
        out_of_order=0,
        shown_count=0,
        data_name=None,
        csv=None,
        overview=OverviewFacts(steps=(), values=()),
    )


def _extreme(
    argument: object, values: NDArray[np.float64], steps: NDArray[np.int64]
) -> tuple[float | None, int | None]:
    if not len(values):
        return None, None
    index = int(argument(values))  # type: ignore[operator]  # np.argmin or np.argmax
    return float(values[index]), int(steps[index])


def bucket_indexes(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Indexes of at most *most* values that keep first, last, every bucket's extremes and faults.

    Values are cut into buckets of equal length; of each the smallest and largest finite value
    and the first non-finite one stay. Ascending; all indexes if there are no more than *most*
    values.
    """
    import numpy as np

    count = len(values)
    if count <= most:
        return np.arange(count)
    finite = np.isfinite(values)
    buckets = max(1, (most - 2) // (2 if finite.all() else 3))
    edges = np.linspace(0, count, buckets + 1).astype(np.int64)
    low = np.where(finite, values, np.inf)
    high = np.where(finite, values, -np.inf)
    chosen = {0, count - 1}
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if finite[start:end].any():
            chosen.add(start + int(np.argmin(low[start:end])))
            chosen.add(start + int(np.argmax(high[start:end])))
        if not finite[start:end].all():
            chosen.add(start + int(np.argmin(finite[start:end])))
    return np.array(sorted(chosen), dtype=np.int64)


class _Chunks:
    """Packs series into data files of about `_CHUNK_BYTES`, so that a run has few of them."""

    def __init__(self, sink: Sink, publish_bytes: int) -> None:
        self._sink = sink
        self._publish_bytes = publish_bytes
        self._files: list[DataFile] = []
        self._open: dict[str, Json] = {}
        self._open_bytes = 0

    def add(self, series: Series, chosen: NDArray[np.int64] | None) -> str:
        """The name of the data file that will hold *series* (of it the indexes *chosen*)."""
        columns = _columns(series, chosen)
        size_bytes = sum(len(str(column)) for column in columns.values())
        if self._open and self._open_bytes + size_bytes > _CHUNK_BYTES:
            self._write()
        self._open[series.name] = columns
        self._open_bytes += size_bytes
        return self._name()

    def add_csv(self, series: Series) -> PublishedFile | None:
        """All points of *series* as CSV; None if it may be larger than what is published."""
        if len(series.values) * _CSV_ROW_BYTES > self._publish_bytes:
            return None
        return self._sink.text(f"metric-{series.name}", "csv", _csv_pieces(series))

    def close(self) -> tuple[DataFile, ...]:
        """Write what is open; all files."""
        if self._open:
            self._write()
        return tuple(self._files)

    def _name(self) -> str:
        return f"metrics-{len(self._files)}"

    def _write(self) -> None:
        self._files.append(self._sink.data(self._name(), {"series": self._open}))
        self._open, self._open_bytes = {}, 0


def _columns(series: Series, chosen: NDArray[np.int64] | None) -> dict[str, Json]:
    index = slice(None) if chosen is None else chosen
    values, times = series.values[index], series.times_us
    return {
        "n": len(values),
        "count": len(series.values),
        "bucketed": chosen is not None,
        "step": encode_ints(series.steps[index]),
        "time_us": None if times is None else encode_ints(times[index]),
        "value": encode_floats(values),
    }


def _csv_pieces(series: Series) -> Iterator[str]:
    """The lines of the CSV, a few thousand at a time: step, value, and time where it was logged."""
    has_times = series.times_us is not None
    yield csv_line(["step", "value", "time"] if has_times else ["step", "value"])
    for start in range(0, len(series.values), _CSV_PIECE_ROWS):
        part = slice(start, start + _CSV_PIECE_ROWS)
        columns = [series.steps[part].tolist(), series.values[part].tolist()]
        if series.times_us is not None:
            columns.append([_time_cell(time) for time in series.times_us[part].tolist()])
        yield "".join(csv_line(row) for row in zip(*columns, strict=True))


def _time_cell(time_us: int) -> str | None:
    return None if time_us == NO_TIME else rfc3339(time_us * NS_PER_US)


def _step_anchors(series: Series, steps: Collection[int]) -> dict[str, AnchorFacts]:
    anchors = {}
    for step in sorted(steps):
        values = series.values[series.steps == step].tolist()
        if values:
            anchors[f"metric:{series.name}/{step}"] = AnchorFacts(
                digest=content_digest(values),
                label=f"metric {series.name} at step {step:,}",
            )
    return anchors
