"""The card: small enough for every page to hold, and true to the facts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitegen.build.parts import derive_run
from sitegen.build.plan import plan_runs
from sitegen.bundle.limits import Limits
from sitegen.derive.card import Card, derive_card
from sitegen.derive.metric_cards import SPARK_POINTS
from sitegen.derive.metrics.facts import summary_metric
from sitegen.derive.run_facts import RunFacts, all_metrics, best_of
from tests.factories import (
    MemorySink,
    long_table,
    points,
    sample_document,
    write_eval,
    write_file,
    write_full_run,
    write_metrics,
    write_run,
    write_table,
)

LIMITS = Limits()
MOST_BYTES = 64_000


def card_of(root: Path) -> tuple[Card, RunFacts]:
    (plan,) = plan_runs([root], [], LIMITS, lambda: None)
    run = derive_run(plan, LIMITS, MemorySink(), annotations_dir=None, is_shared=False)
    card = derive_card(run.facts, run.annotations.counts, is_readable=run.is_readable)
    return card, run.facts


def test_a_card_says_what_other_pages_need(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    card, facts = card_of(tmp_path / "runs")

    assert (card.id, card.name, card.experiment, card.status) == ("a", "a", "runs", "completed")
    assert card.slug.startswith("a-")
    assert card.duration_ns == 2_212_500_000_000
    assert card.params["optimizer.name"] == "adamw"
    loss = card.metric("val/loss")
    assert loss is not None
    assert (loss.count, loss.goal, loss.unit, loss.best, loss.best_step) == (
        40, "minimize", "nats", 0.55, 39
    )  # fmt: skip
    train = card.metric("train/loss")
    assert train is not None
    assert (train.goal, train.best, train.non_finite) == (None, None, 1)
    summary = card.metric("test/accuracy")
    assert summary is not None
    assert (summary.count, summary.last) == (0, 0.91)
    assert (card.trace_count, card.span_count, card.trace_errors) == (1, 2, 1)
    assert {(one.eval, one.scorer, one.n, one.total) for one in card.scorers} == {
        ("qa", "correct", 2, 3), ("qa", "similarity", 2, 3), ("qa", "tone", 2, 3)
    }  # fmt: skip
    assert card.attachment_count == 12
    assert (card.annotations.feedback, card.annotations.expectation) == (3, 1)
    assert card.alerts_fired == ("`val/loss` > 2.0",)
    assert (card.problem_errors, card.problem_warnings, card.problems) == (0, 0, ())
    assert card.is_readable is True
    assert card.commit == "e68d4ddcd08a8919367d1c2188a9fadb5ab1cfe6"
    assert set(card.series.values()) <= set(card.files)
    assert card.input_digest == facts.input_digest


def test_the_activity_is_the_latest_time_that_the_run_names(tmp_path: Path) -> None:
    write_run(tmp_path / "a", ended_at=None, status="running")
    write_metrics(tmp_path / "a", loss=[1.0] * 1000)

    card, _ = card_of(tmp_path)

    assert card.duration_ns is None
    assert card.activity_ns == card.last_record_ns == 1_794_925_864_000_000_000 + 999 * 10**9


def test_a_run_that_names_no_time_has_no_activity(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "run.json", "{}")

    assert card_of(tmp_path)[0].activity_ns is None


def test_a_plausible_run_has_a_card_of_at_most_64_kb(tmp_path: Path) -> None:
    bundle = write_full_run(
        tmp_path / "runs" / "a",
        params={
            f"group{at}": {f"param_{at}_{deep}": deep * 0.1 for deep in range(10)}
            for at in range(12)
        },
        metrics={f"group/metric-{at:02}": {"goal": "minimize"} for at in range(20)},
        tags=[f"tag-{at}" for at in range(20)],
        description="A sentence. " * 20,
    )  # fmt: skip
    rows = [
        row
        for at in range(60)
        for row in points(f"group/metric-{at:02}", [math.sin(at * step) for step in range(500)])
    ]
    write_table(bundle, long_table(rows), "metrics/more.parquet")
    scores = {f"scorer-{at}": at / 10 for at in range(10)}
    for name in ("qa", "math", "code", "chat"):
        samples = [sample_document(id=str(at), scores=scores) for at in range(50)]
        write_eval(bundle, samples, name)

    card, _ = card_of(tmp_path / "runs")

    assert len(msgspec.msgpack.encode(card)) <= MOST_BYTES
    assert len(msgspec.json.encode(card)) <= 2 * MOST_BYTES
    assert len(card.metrics) == 64


@pytest.mark.parametrize(
    ("goal", "expected"),
    [(None, (None, None)), ("minimize", (0.5, None)), ("maximize", (0.5, None))],
)
def test_a_summary_without_a_series_is_its_own_best(goal: Any, expected: Any) -> None:
    assert best_of(summary_metric("a", 0.5), goal) == expected


def test_a_series_wins_over_a_summary_of_its_name(tmp_path: Path) -> None:
    write_run(tmp_path / "a", summary={"loss": 9.0, "zeta": 1.0, "alpha": 2.0})
    write_metrics(tmp_path / "a", loss=[1.0, 2.0])

    metrics = all_metrics(card_of(tmp_path)[1])

    assert [(one.name, one.count, one.last) for one in metrics] == [
        ("alpha", 0, 2.0), ("loss", 2, 2.0), ("zeta", 0, 1.0)
    ]  # fmt: skip


def test_small_lines_keep_the_extremes_and_are_short(tmp_path: Path) -> None:
    write_run(tmp_path / "a", metrics={"loss": {"goal": "minimize"}})
    values = [1.0 + at / 10_000 for at in range(3000)]
    values[1777] = -5.0
    write_metrics(tmp_path / "a", loss=values)

    metric = card_of(tmp_path)[0].metric("loss")

    assert metric is not None
    assert 10 < len(metric.spark) <= SPARK_POINTS
    assert -5.0 in metric.spark


def test_the_size_of_the_bundle_is_that_of_its_files(tmp_path: Path) -> None:
    bundle = write_full_run(tmp_path / "a")

    card, _ = card_of(tmp_path)

    assert card.input_bytes == sum(
        path.stat().st_size for path in bundle.rglob("*") if path.is_file()
    )


def test_the_digest_changes_with_the_content_and_the_names_but_not_with_sidecars(
    tmp_path: Path,
) -> None:
    bundle = write_full_run(tmp_path / "a")
    first = card_of(tmp_path)[0].input_digest

    for path in (bundle / "annotations").iterdir():
        path.unlink()
    assert card_of(tmp_path)[0].input_digest == first
    (bundle / "attachments" / "log.txt").rename(bundle / "attachments" / "log2.txt")
    second = card_of(tmp_path)[0].input_digest
    write_file(bundle, "attachments/log2.txt", "other")

    assert len({first, second, card_of(tmp_path)[0].input_digest}) == 3
