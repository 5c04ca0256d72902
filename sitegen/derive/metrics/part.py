"""Series become summaries, an overview, published points and fired alerts.

Floor 3. Every point counts in the summaries. What needs numpy is imported when there are points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sitegen.bundle.limits import Limits
from sitegen.derive.anchors import AnchorFacts
from sitegen.derive.metrics.alerts import AlertFacts, derive_alerts, names_of
from sitegen.derive.metrics.facts import MetricFacts
from sitegen.derive.sink import DataFile, Sink
from sitegen.model import Alert, SeriesBlocks
from sitegen.read.files import Report
from sitegen.records import dataclass


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
    series: Iterable[SeriesBlocks],
    *,
    points: int,
    sink: Sink,
    limits: Limits,
    report: Report,
    alerts: tuple[Alert, ...] = (),
    summary: Mapping[str, float] | None = None,
    annotated_steps: Mapping[str, Collection[int]] | None = None,
) -> MetricsFacts:
    """Facts of all *series*, which come in order of their names and have *points* in all.

    *summary* holds the values that alerts fall back on where there is no series;
    *annotated_steps* names the steps that sidecars speak of, by metric: only these get an anchor.
    """
    facts: list[MetricFacts] = []
    files: tuple[DataFile, ...] = ()
    anchors: dict[str, AnchorFacts] = {}
    series_by_name: dict[str, SeriesBlocks] = {}
    if points:
        from sitegen.derive.metrics.series_files import SeriesChunks, WantedSteps, metric_facts

        chunks = SeriesChunks(sink)
        is_exact = points <= limits.exact_points
        kept = {name for alert in alerts for name in names_of(alert)}
        for one in series:
            wanted = WantedSteps((annotated_steps or {}).get(one.name, ()))
            facts.append(metric_facts(one, chunks, wanted, is_exact=is_exact))
            anchors |= wanted.anchors(one.name)
            if one.name in kept:
                series_by_name[one.name] = one
        files = chunks.close()
    times = [fact.last_time_us for fact in facts if fact.last_time_us is not None]
    return MetricsFacts(
        metrics=tuple(facts),
        alerts=derive_alerts(alerts, series_by_name, summary or {}, report),
        points=points,
        last_time_us=max(times, default=None),
        files=files,
        anchors=anchors,
    )
