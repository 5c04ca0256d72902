"""The Metrics tab's context: groups, remarks, notices and links."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.metrics.alerts import AlertFacts
from sitegen.derive.metrics.facts import summary_metric
from sitegen.derive.metrics.part import derive_metrics
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.model import MetricSpec, Series
from sitegen.pages.run.metrics_tab import metric_alerts, metrics_tab
from tests.factories import in_blocks


class KeptPayloads:
    """A sink that keeps what is published."""

    def __init__(self):
        self.payloads = {}

    def data(self, name, payload):
        self.payloads[name] = payload
        return DataFile(name=name, file=f"data/{name}.js", size_bytes=0)

    def text(self, name, extension, pieces):
        size_bytes = sum(len(piece.encode()) for piece in pieces)
        return PublishedFile(file=f"files/run/{name}.{extension}", size_bytes=size_bytes)


def sentence(notice):
    return f"{notice.text} {notice.condition}{notice.rest}" if notice.condition else notice.text


def facts_of(**values):
    series = [
        Series(
            name=name.replace("__", "/"),
            steps=np.arange(1, len(points) + 1, dtype=np.int64),
            values=np.array(points, dtype=np.float64),
            times_us=None,
        )
        for name, points in sorted(values.items())
    ]
    return derive_metrics(
        map(in_blocks, series), points=sum(len(one.values) for one in series),
        sink=KeptPayloads(), limits=DEFAULT_LIMITS, report=pytest.fail,
    ).metrics  # fmt: skip


def tab_of(metrics, **changes):
    given = {
        "specs": {}, "goals": {}, "alerts": (), "annotated_steps": {}, "run_slug": "run-1",
        "started_at_ns": None,
    }  # fmt: skip
    return metrics_tab(metrics, **(given | changes))


def alert(condition, count=1, first_step=3):
    return AlertFacts(
        condition=condition, message=None, level=None, metrics=(), count=count,
        first_step=first_step, first_value=None, fault=None,
    )  # fmt: skip


def chart_of(tab, name):
    return next(one for group in tab.groups for one in group.metrics if one.name == name)


def remarks_of(chart):
    return [(remark.text, remark.tone) for remark in chart.remarks]


def test_metrics_are_grouped_by_the_prefix_before_the_last_slash_and_the_machine_comes_last():
    metrics = facts_of(loss=[1], system__gpu__0=[1], train__a__x=[1], train__loss=[1], val__x=[1])

    tab = tab_of((*metrics, summary_metric("_sys.cpu", 0.5)))

    assert [(group.name, group.is_system) for group in tab.groups] == [
        ("", False), ("train", False), ("train/a", False), ("val", False),
        ("_sys", True), ("system/gpu", True),
    ]  # fmt: skip
    assert [group.title for group in tab.groups][:2] == ["metrics", "train"]
    assert [group.hint for group in tab.groups][-2:] == ["cpu", "0"]


def test_a_folded_group_names_six_metrics_and_counts_the_rest():
    tab = tab_of(facts_of(**{f"system__m{n}": [1] for n in range(8)}))

    assert tab.groups[0].hint == "m0, m1, m2, m3, m4, m5, 2 more"


def test_the_goal_of_run_json_wins_over_the_objective_and_gives_the_best_point():
    metrics = facts_of(loss=[3, 1, 2])
    spec = MetricSpec(goal="minimize", unit="nats", description=None)

    chart = chart_of(tab_of(metrics, specs={"loss": spec}, goals={"loss": "maximize"}), "loss")

    assert (chart.goal, chart.best_exact, chart.best_step, chart.unit) == (
        "minimize", "1", "2", "nats",
    )  # fmt: skip
    assert remarks_of(chart) == [("3 of 3 points", ""), ("best 1 at step 2", "")]


def test_a_metric_without_a_goal_has_no_best():
    chart = chart_of(tab_of(facts_of(loss=[3, 1, 2])), "loss")

    assert (chart.best_exact, chart.best_step) == ("", "")
    assert [row.label for row in chart.rows] == ["First", "Last", "Min", "Max", "Points"]


def test_faults_are_remarked_and_told_with_a_link_to_the_step():
    tab = tab_of(facts_of(train__kl=[1, float("nan"), float("nan"), float("inf")]))

    text = "2 NaN and 1 infinite, first at step 2"
    assert remarks_of(chart_of(tab, "train/kl"))[-1] == (text, "bad")
    (notice,) = tab.notices
    assert (notice.metric, notice.text) == ("train/kl", f"has {text}.")
    assert notice.href == f"#{chart_of(tab, 'train/kl').anchor}" == "#tab=metrics&metric=train%2Fkl"
    assert notice.link_text == "Go to step 2"


def test_more_than_three_notices_fold():
    tab = tab_of(facts_of(**{name: [float("nan")] for name in "abcde"}))

    assert [notice.metric for notice in tab.notices] == ["a", "b", "c"]
    assert ([notice.metric for notice in tab.folded_notices], tab.folded_text) == (
        ["d", "e"], "2 more",
    )  # fmt: skip


def test_an_alert_over_two_metrics_draws_both_thresholds_and_is_told_once():
    both = alert("a > 0.5 and (b < 2 or b > 1e3)")
    alerts = metric_alerts([both, alert("a >"), alert("a != 7", count=0)])

    tab = tab_of(facts_of(a=[1], b=[1]), alerts=alerts)

    assert json.loads(chart_of(tab, "a").alerts_json) == [
        {"value": 0.5, "text": "a > 0.5"}, {"value": 7.0, "text": "a != 7"},
    ]  # fmt: skip
    labels = [one["text"] for one in json.loads(chart_of(tab, "b").alerts_json)]
    assert labels == ["b < 2", "b > 1000"]
    assert [sentence(notice) for notice in tab.notices] == [
        "met the alert a > 0.5 and (b < 2 or b > 1e3): 1 point, first at step 3."
    ]


def test_annotated_steps_are_numbered_in_order():
    chart = chart_of(tab_of(facts_of(a=[1] * 9), annotated_steps={"a": [7, 2, 5, 2, 9]}), "a")

    assert [(mark["number"], mark["step"]) for mark in json.loads(chart.marks_json)] == [
        ("1", 2), ("2", 5), ("3", 7), ("4", 9),
    ]  # fmt: skip
    assert remarks_of(chart)[-1] == ("4 annotated steps: 2, 5, 7 and 1 more", "")


def test_a_summary_of_zero_is_shown_as_zero_and_has_no_chart():
    chart = chart_of(tab_of([summary_metric("accuracy", 0.0)]), "accuracy")

    assert (chart.last_text, chart.overview, chart.chunk_key) == ("0", None, None)
    assert remarks_of(chart) == [("logged as a summary, no points", "")]


def test_a_bucketed_series_says_how_many_points_are_shown():
    values = np.random.default_rng(0).normal(size=20_000)

    chart = chart_of(tab_of(facts_of(a=values)), "a")

    text = chart.remarks[0].text
    assert text.endswith(" of 20,000 points, extremes kept")
    assert chart.shown_text == f"{text.split(' of ', maxsplit=1)[0]} points"
    assert chart.chunk_key == "run-1/metrics-0"


def test_the_overview_breaks_at_faults_and_marks_them():
    overview = chart_of(tab_of(facts_of(a=[1, 2, float("nan"), 3, 2])), "a").overview

    assert len(overview.paths) == 2
    assert overview.faults == ("200",)
    assert (overview.top_text, overview.bottom_text, overview.left_text, overview.right_text) == (
        "3", "1", "1", "5",
    )  # fmt: skip
    assert overview.label == "a from step 1 to 5: between 1 and 3, last 2."


@pytest.mark.parametrize(
    "values",
    [[float("nan")], [float("inf")] * 3, [5.0], [7.0] * 4, [1e308, -1e308], [5e-324, 0.0]],
)
def test_every_series_has_an_overview_with_finite_geometry(values):
    overview = chart_of(tab_of(facts_of(a=values)), "a").overview

    numbers = " ".join([*overview.paths, *overview.faults])
    assert "nan" not in numbers
    assert "inf" not in numbers


def test_without_metrics_the_tab_says_where_they_would_come_from():
    tab = tab_of([])

    assert (tab.count, tab.groups) == (0, ())
    assert tab.empty.title == "This run has no metrics."
    assert "metrics.parquet" in tab.empty.text


def test_the_start_of_the_run_is_given_in_microseconds():
    tab = tab_of(facts_of(a=[1]), started_at_ns=1_763_632_920_000_000_999)

    assert tab.start_us == "1763632920000000"
