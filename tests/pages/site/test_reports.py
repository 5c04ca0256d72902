"""report.json and runs/*.json: true, and valid by the schemas that `sitegen schema` prints."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sitegen.build.site import BuildResult
from sitegen.pages.site.reports import number
from tests.conftest import Outcome
from tests.factories import (
    long_table,
    write_full_run,
    write_metrics,
    write_run,
    write_run_text,
    write_table,
)
from tests.hostile import MARKER, always, write_hostile_run, write_wrong_run

Build = Callable[..., BuildResult]
Run = Callable[..., Outcome]


def load(tmp_path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """report.json, and each run's own report by id."""
    site = tmp_path / "site"
    report = json.loads((site / "report.json").read_text(encoding="utf-8"))
    runs = {
        run["id"]: json.loads((site / run["url"]).with_suffix(".json").read_text(encoding="utf-8"))
        for run in report["runs"]
    }
    return report, runs


def test_every_report_is_valid_by_its_schema(build: Build, sitegen: Run, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_full_run(runs / "good")
    write_run_text(runs / "empty", "{}")
    write_run_text(runs / "broken", "{")
    write_hostile_run(runs / "hostile", always(MARKER), number=1)
    write_wrong_run(runs / "wrong", always(MARKER))
    odd = write_run(runs / "odd", params={"x": [math.nan, {"y": 10**30}]}, summary={"a": "NaN"})
    rows = [("a", 2**62, None, math.nan), ("b", -(2**62), None, 1e308), ("b", 0, None, -1e308)]
    write_table(odd, long_table(rows))
    build(runs)
    site_schema = json.loads(sitegen("schema", "report").out)
    run_schema = json.loads(sitegen("schema", "run-report").out)
    Draft202012Validator.check_schema(site_schema)
    Draft202012Validator.check_schema(run_schema)

    report, run_reports = load(tmp_path)

    Draft202012Validator(site_schema).validate(report)
    assert len(run_reports) == 6
    for run_report in run_reports.values():
        Draft202012Validator(run_schema).validate(run_report)


@pytest.mark.parametrize(
    "name",
    ["run", "sample", "eval-meta", "annotation", "experiment", "settings", "report", "run-report"],
)
def test_every_schema_is_a_schema(sitegen: Run, name: str) -> None:
    code, out, _ = sitegen("schema", name)

    assert code == 0
    document = json.loads(out)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["title"]


def test_the_schemas_are_listed_and_a_wrong_name_is_answered(sitegen: Run) -> None:
    assert "run-report" in sitegen("schema").out
    code, _, err = sitegen("schema", "reprot")

    assert code == 2
    assert "hint: Did you mean report?" in err


def test_the_site_report_tells_runs_experiments_and_problems(build: Build, tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "b")
    write_run(tmp_path / "runs" / "a", status="done")

    build(tmp_path / "runs", title="Our runs")

    report, _ = load(tmp_path)
    assert (report["format"], report["title"]) == (1, "Our runs")
    (experiment,) = report["experiments"]
    assert (experiment["name"], experiment["runs"]) == ("runs", 2)
    assert (tmp_path / "site" / experiment["url"]).is_file()
    assert [run["id"] for run in report["runs"]] == ["a", "b"]
    full = report["runs"][1]
    assert full["started_at"] == "2026-11-17T14:31:04Z"
    assert full["duration_s"] == 2212.5
    assert full["metrics"] == {"val/loss": 0.55}
    assert full["evals"]["qa"]["correct"] == 0.5
    assert full["traces"] == 1
    assert full["problems"] == {"error": 0, "warning": 0}
    assert full["bytes"] > 1000
    assert [(one["run"], one["code"]) for one in report["problems"]] == [("a", "field-type")]


def test_a_run_report_tells_everything_but_points_spans_and_samples(
    build: Build, tmp_path: Path
) -> None:
    write_full_run(tmp_path / "runs" / "a")

    build(tmp_path / "runs")

    run = load(tmp_path)[1]["a"]
    assert run["params"] == {
        "lr": 0.0003, "optimizer.name": "adamw", "optimizer.betas": [0.9, 0.999], "layers": 0
    }  # fmt: skip
    assert run["metrics"]["val/loss"] == {
        "count": 40, "last": 0.55, "min": 0.55, "max": 2.5, "best": 0.55, "first_step": 0,
        "last_step": 39, "non_finite": 0,
    }  # fmt: skip
    assert run["metrics"]["train/loss"]["non_finite"] == 1
    assert run["metrics"]["train/loss"]["best"] is None
    assert run["metrics"]["test/accuracy"]["count"] == 0
    traces = run["traces"]
    assert (traces["count"], traces["spans"], traces["errors"]) == (1, 2, 1)
    correct = run["evals"]["qa"]["scores"]["correct"]
    assert run["evals"]["qa"]["samples"] == 3
    assert run["evals"]["qa"]["errors"] == 1
    assert (correct["kind"], correct["n"], correct["N"], correct["mean"]) == ("boolean", 2, 3, 0.5)
    assert run["evals"]["qa"]["scores"]["tone"]["counts"] == {"calm": 1, "curt": 1}
    assert len(run["attachments"]) == 12
    for one in run["attachments"]:
        assert (tmp_path / "site" / one["file"]).stat().st_size == one["bytes"]
        assert len(one["sha256"]) == 64
    assert run["annotations"] == {"feedback": 3, "expectation": 1, "orphaned": 0, "stale": 0}
    assert run["problems"] == []


def test_numbers_that_json_lacks_are_strings(build: Build, tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a", summary={"x": "Infinity"})
    write_metrics(bundle, loss=[1.0, math.nan])

    build(tmp_path / "runs")

    metrics = load(tmp_path)[1]["a"]["metrics"]
    assert metrics["loss"]["last"] == "NaN"
    assert metrics["x"]["last"] == "Infinity"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None), (1, 1), (0.1 + 0.2, 0.3), (1 / 3, 0.333333333333), (math.nan, "NaN"),
        (math.inf, "Infinity"), (-math.inf, "-Infinity"), (2**60, 2**60), (1e300, 1e300),
    ],
)  # fmt: skip
def test_derived_numbers_have_twelve_digits(value: Any, expected: Any) -> None:
    assert number(value) == expected


@given(st.floats())
def test_every_number_can_be_written(value: float) -> None:
    json.dumps(number(value), allow_nan=False)
