"""The problems of runs, found as a build finds them, with nothing written anywhere."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.build.check import CheckResult, check_runs
from sitegen.build.output.measure import MeasuringSink
from sitegen.build.output.sink import StagedSink
from sitegen.build.parts import derive_run
from sitegen.build.plan import plan_runs
from sitegen.build.site import BuildResult
from sitegen.build.workers.pool import default_workers
from sitegen.build.workers.workload import worker_count
from sitegen.bundle.limits import Limits
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from sitegen.derive.sink import Sink
from sitegen.errors import NothingBuiltError
from sitegen.read.files import FileError
from tests.audit import audited, snapshot
from tests.factories import (
    write_eval,
    write_experiment_file,
    write_file,
    write_full_run,
    write_journal,
    write_metrics,
    write_run,
    write_run_text,
    write_sidecar,
)

Build = Callable[..., BuildResult]


def check(*roots: Path, workers: int = 1, **settings: Any) -> CheckResult:
    return check_runs(
        roots, (), Settings(**({"prices": {}} | settings)), workers=workers,
        progress=QuietProgress(),
    )  # fmt: skip


def write_faulty_runs(runs: Path) -> Path:
    """One fault or more in every part of a bundle, in experiment.toml, and between runs."""
    write_full_run(runs / "good")
    write_run(runs / "b", id="same", status="done", tags=["x", 1])
    write_run(runs / "a", id="same")
    write_run_text(runs / "unreadable", "{")
    bundle = write_full_run(runs / "parts")
    parquet = write_metrics(bundle, loss=[float(at) for at in range(100)])
    parquet.write_bytes(parquet.read_bytes()[:200])
    write_journal(bundle, ["no record", {"values": {"lr": 1}}])
    write_file(bundle, "traces/broken.json", '{"resourceSpans": [{')
    write_eval(bundle, [{"id": 1, "scores": {"correct": [1]}}, {"id": 1}], name="twice")
    write_sidecar(bundle, 9, value="yes")
    (bundle / "attachments" / "link.txt").symlink_to("/etc/hostname")
    write_file(bundle, "stray.txt", "")
    write_experiment_file(runs, 'name = "reviews"\ntitel = "x"\n')
    write_experiment_file(runs / "other", 'name = "reviews"\n')
    write_experiment_file(runs / "lonely", 'name = "lonely"\n')
    return runs


def test_good_runs_have_no_problems(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    result = check(tmp_path / "runs")

    assert [run.id for run in result.runs] == ["a"]
    assert list(result.located()) == []
    assert (result.errors, result.warnings, result.unlisted) == (0, 0, 0)


def test_the_problems_are_those_of_a_build(tmp_path: Path, build: Build) -> None:
    runs = write_faulty_runs(tmp_path / "runs")

    result = check(runs)

    built = build(runs)
    assert {run.id: sorted(run.problems, key=repr) for run in result.runs} == {
        run_id: sorted(problems, key=repr) for run_id, problems in built.problems.items()
    }
    assert sorted(result.site_problems, key=repr) == sorted(built.site_problems, key=repr)
    assert (result.errors, result.warnings) == (built.problem_errors, built.problem_warnings)
    codes = {problem.code for _, problem in result.located()}
    assert codes >= {
        "duplicate-run-id", "run-unreadable", "parquet-truncated", "symlink", "unknown-file",
        "experiment-key", "duplicate-experiment", "experiment-empty", "duplicate-sample",
    }  # fmt: skip


def test_the_experiments_are_those_of_a_build(tmp_path: Path, build: Build) -> None:
    runs = write_faulty_runs(tmp_path / "runs")
    write_run(tmp_path / "runs" / "named", experiment="by name")

    result = check(runs)

    built = build(runs).run_counts
    checked = {one.name: len(one.runs) for one in result.experiments}
    assert checked == {**built, "lonely": 0}


def test_problems_are_in_order_of_run_path_severity_file_and_line(tmp_path: Path) -> None:
    result = check(write_faulty_runs(tmp_path / "runs"))

    keys = [
        (
            run.shown_path if run else "",
            one.severity != "error",
            one.path,
            one.line is None,
            one.line or 0,
        )
        for run, one in result.located()
    ]
    assert keys == sorted(keys)
    assert len({key[3:] for key in keys}) > 2
    assert [run.shown_path for run in result.runs] == [
        str(tmp_path / "runs" / name) for name in ("a", "b", "good", "parts", "unreadable")
    ]


def test_nothing_is_written_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = write_faulty_runs(tmp_path / "project" / "runs")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    check(runs)  # what is imported now may be compiled
    before = snapshot(tmp_path)

    with audited() as audit:
        check(runs)

    assert audit.changed == set()
    assert snapshot(tmp_path) == before
    assert runs / "good" / "attachments" / "table.csv" in audit.read


def test_the_audit_sees_what_a_build_writes(tmp_path: Path, build: Build) -> None:
    write_run(tmp_path / "runs" / "a")

    with audited() as audit:
        build(tmp_path / "runs")

    assert [path for path in audit.changed if path.name == "index.html"]


def test_workers_find_the_same_in_the_same_order_and_write_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = write_faulty_runs(tmp_path / "project" / "runs")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    before = snapshot(tmp_path)

    assert check(runs, workers=2) == check(runs)
    assert snapshot(tmp_path) == before


def test_problems_beyond_the_limit_are_counted(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a", tags=[1] * 15)
    for number in range(15):
        write_file(bundle, f"stray-{number:02}.txt", "")

    result = check(tmp_path / "runs", limits=Limits(problems=20))

    (run,) = result.runs
    assert (len(run.problems), run.problem_count) == (20, 30)
    assert (result.errors, result.warnings, result.unlisted) == (15, 5, 10)


def test_sidecars_beside_the_runs_are_checked(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    (run,) = check(tmp_path / "runs").runs
    write_file(tmp_path / "sidecars", f"{slug(run.id)}/bad.json", "{")

    (annotated,) = check(tmp_path / "runs", annotations_dir=tmp_path / "sidecars").runs

    assert run.problems == ()
    assert [problem.path for problem in annotated.problems] == ["bad.json"]


def test_what_is_excluded_is_not_entered(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    write_run_text(tmp_path / "runs" / "site" / "b", "{")

    result = check_runs(
        [tmp_path / "runs"], [tmp_path / "runs" / "site"], Settings(prices={}), workers=1,
        progress=QuietProgress(),
    )  # fmt: skip

    assert [run.id for run in result.runs] == ["a"]


def test_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NothingBuiltError, match="no run found"):
        check(tmp_path)


def test_sizes_are_measured_as_a_build_writes_them(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "a")
    write_file(bundle, "attachments/table.csv", "a,b\n1,2\n")
    payload = {"series": [1.5, float("nan"), "ä\u2028<"], "text": "\ud800"}
    staged = StagedSink(tmp_path / "staged", "a-1", bundle)
    measured = MeasuringSink("a-1", bundle)

    def sizes(sink: Sink) -> list[int]:
        return [
            sink.data("metrics-0", payload).size_bytes,
            sink.text("traces", "csv", iter(["ä,b\n", "\ud800\n"])).size_bytes,
            sink.copy("attachments/table.csv", "csv").size_bytes,
        ]

    measured_sizes = sizes(measured)
    was_written = (tmp_path / "staged").exists()

    assert measured_sizes == sizes(staged)
    assert not was_written


def test_an_attachment_that_cannot_be_opened_is_refused_as_in_a_build(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "a")
    (bundle / "link").symlink_to("/etc/hostname")

    for sink in (MeasuringSink("a", bundle), StagedSink(tmp_path / "staged", "a", bundle)):
        with pytest.raises(FileError, match="symbolic link"):
            sink.copy("link", "txt")


def test_a_sidecar_that_is_gone_is_told_once(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_sidecar(bundle, 1)
    [plan] = plan_runs([tmp_path / "runs"], (), Limits(), lambda: None)
    shutil.rmtree(bundle / "annotations")

    run = derive_run(
        plan, Limits(), MeasuringSink("a", bundle), annotations_dir=None, is_shared=False
    )

    [problem] = run.facts.problems
    assert (problem.code, problem.message) == (
        "annotation-invalid", "cannot be opened: No such file or directory",
    )  # fmt: skip


def test_processes_are_started_only_where_they_pay(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    few = plan_runs([tmp_path / "runs"], (), Limits(), lambda: None)

    assert worker_count(None, few) == 0
    assert worker_count(1, few * 40) == 0
    assert worker_count(None, few * 40) == default_workers()
    assert worker_count(3, few) == 0
    assert worker_count(3, few * 2) == 3
