"""`--select`: only the runs that meet the condition are in the site; nothing else is read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.conditions import parse_condition
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from sitegen.errors import NothingBuiltError
from tests.audit import audited
from tests.conftest import Outcome, contents
from tests.factories import (
    write_experiment_file,
    write_file,
    write_full_run,
    write_metrics,
    write_run,
)

Run = Callable[..., Outcome]


def built(root: Path, condition: str | None, output: str = "site") -> BuildResult:
    return build_site(
        [root / "runs"], root / output,
        Settings(prices={}, select=parse_condition(condition) if condition else None),
        workers=1, progress=QuietProgress(),
    )  # fmt: skip


def write_runs(root: Path) -> None:
    """Three runs of one experiment, one of another; losses 0.1 to 0.4 by name."""
    for number, name in enumerate(["one/a", "one/b", "one/c", "two/d"], start=1):
        bundle = write_full_run(root / "runs" / name, tags=["odd"] if number % 2 else [])
        write_metrics(bundle, val__loss=[5.0, number / 10, 1.0])


def shown(root: Path, site: str = "site") -> set[str]:
    return {run["id"] for run in json.loads((root / site / "report.json").read_text())["runs"]}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('tags contains "odd"', {"one/a", "one/c"}),
        ('experiment = "one" and not tags contains "odd"', {"one/b"}),
        ("params.lr < 1", {"one/a", "one/b", "one/c", "two/d"}),
        ("params.`optimizer.name` = 'adamw' and id != \"one/a\"", {"one/b", "one/c", "two/d"}),
        ("metrics.val/loss <= 0.2", {"one/a", "one/b"}),
        ("metrics.val/loss <= 0.2 or id like '%d'", {"one/a", "one/b", "two/d"}),
        (
            "evals.qa/correct < 2 and started_at > '2026-11-17'",
            {"one/a", "one/b", "one/c", "two/d"},
        ),
        ("errors = 0 and spans > 1 and attachments > 3 and id = 'one/b'", {"one/b"}),
    ],
)
def test_only_the_runs_that_meet_the_condition_are_in_the_site(
    tmp_path: Path, condition: str, expected: set[str]
) -> None:
    write_runs(tmp_path)

    result = built(tmp_path, condition)

    assert shown(tmp_path) == expected
    assert (result.run_count, result.left_out) == (len(expected), 4 - len(expected))
    files = contents(tmp_path / "site")
    left_out = {"one/a", "one/b", "one/c", "two/d"} - expected
    slugs = [run_id.replace("/", "-") + "-" for run_id in left_out]
    assert not [path for path in files if any(slug in path for slug in slugs)]
    manifest = json.loads(files["sitegen-manifest.json"])
    assert set(manifest["files"]) == files.keys() - {"sitegen-manifest.json"}


def test_a_metric_is_asked_for_the_value_that_the_run_table_shows(tmp_path: Path) -> None:
    for name, loss in (("a", 0.1), ("b", 0.3)):
        bundle = write_run(tmp_path / "runs" / "e" / name, metrics={})
        write_metrics(bundle, val__loss=[5.0, loss, 1.0])
    write_experiment_file(
        tmp_path / "runs" / "e", '[objective]\nmetric = "val/loss"\ngoal = "minimize"\n'
    )

    built(tmp_path, "metrics.val/loss < 0.2")

    assert shown(tmp_path) == {"e/a"}


def test_a_condition_on_run_json_opens_nothing_else_of_a_run_left_out(tmp_path: Path) -> None:
    write_runs(tmp_path)

    for path in ("evals/here.jsonl", "traces/here.jsonl", "attachments/here.txt"):
        write_file(tmp_path / "runs" / "one" / "a", path, "{}\n")

    with audited() as audit:
        built(tmp_path, 'experiment = "two" and params.layers = 0')
    with audited() as full:
        built(tmp_path, "metrics.val/loss > 0.35")

    assert {path.name for path in full.read} >= {"here.jsonl", "here.txt"}
    assert not {path.name for path in audit.read} & {"here.jsonl", "here.txt"}


def test_runs_left_out_are_not_read_again_and_changes_of_them_count(tmp_path: Path) -> None:
    write_runs(tmp_path)
    for path in (tmp_path / "runs").rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    condition = "metrics.val/loss <= 0.2"
    built(tmp_path, condition)
    write_metrics(tmp_path / "runs" / "one" / "c", val__loss=[0.15])

    result = built(tmp_path, condition)

    assert shown(tmp_path) == {"one/a", "one/b", "one/c"}
    assert result.reasons.keys() >= {"one/c"}
    clean = built(tmp_path, condition, output="clean/site")
    assert contents(tmp_path / "site") == contents(tmp_path / "clean" / "site")
    assert clean.left_out == 1


def test_another_condition_over_the_same_site_gives_the_bytes_of_a_clean_build(
    tmp_path: Path,
) -> None:
    write_runs(tmp_path)
    conditions = [None, 'tags contains "odd"', "metrics.val/loss >= 0.2", None, 'id = "two/d"']
    for number, condition in enumerate(conditions):
        built(tmp_path, condition)
        built(tmp_path, condition, output=f"clean{number}/site")

        assert contents(tmp_path / "site") == contents(tmp_path / f"clean{number}" / "site")


def test_an_experiment_whose_runs_are_left_out_is_not_called_empty(tmp_path: Path) -> None:
    write_runs(tmp_path)
    write_experiment_file(tmp_path / "runs" / "two", 'title = "The second"\n')

    result = built(tmp_path, 'experiment = "one"')

    assert result.site_problems == ()
    assert list(result.run_counts) == ["one"]


def test_a_condition_that_no_run_meets_is_nothing_built_and_names_the_field(tmp_path: Path) -> None:
    write_runs(tmp_path)

    with pytest.raises(NothingBuiltError) as raised:
        built(tmp_path, "metrics.val/los < 1")

    assert raised.value.hint == "No run has metrics.val/los. Did you mean metrics.val/loss?"
    assert not (tmp_path / "site").exists()


def test_the_summary_says_of_how_many_and_a_build_without_changes_does_too(
    sitegen: Run, tmp_path: Path
) -> None:
    write_runs(tmp_path)
    odd = ("--select", 'tags contains "odd"')

    first = sitegen("build", "runs", *odd)
    second = sitegen("build", "runs", *odd)
    whole = sitegen("build", "runs")
    again = sitegen("build", "runs", *odd)

    assert first.out.startswith("2 runs of 4 in 1 experiment")
    assert "(nothing changed)" in second.out
    assert whole.out.startswith("4 runs in 2 experiments")
    assert again.out.startswith("2 runs of 4 in 1 experiment")
    assert shown(tmp_path) == {"one/a", "one/c"}


def test_check_and_verify_take_the_same_condition(sitegen: Run, tmp_path: Path) -> None:
    write_runs(tmp_path)
    (tmp_path / "runs" / "two" / "d" / "stray.bin").write_bytes(b"x")
    odd = ("--select", 'tags contains "odd"')
    sitegen("build", "runs", *odd)

    for condition in (odd, ("--select", "metrics.val/loss < 0.35")):
        checked = sitegen("check", "runs", "--strict", *condition)
        assert checked.code == 0, checked.out
    assert sitegen("check", "runs", "--strict").code == 1
    assert sitegen("verify", "site", "--rebuild", "runs", *odd).code == 0
    assert sitegen("verify", "site", "--rebuild", "runs").code == 1
    assert sitegen("verify", "site", *odd).code == 2


@pytest.mark.parametrize(
    ("condition", "lines"),
    [
        ('status => "failed"', ['  status => "failed"', "         ^^"]),
        ("metrics.loss < ", ["  metrics.loss < ", "                 ^"]),
        ("state = 'failed'", ["  state = 'failed'", "  ^^^^^", "hint: did you mean status?"]),
        ("metric.loss < 1", ["  ^^^^^^^^^^^", "hint: did you mean metrics.loss?"]),
        ("x" * 300 + " ? 1", ["  " + " " * 40 + "^"]),
    ],
)
def test_a_wrong_condition_is_a_usage_error_that_points_at_the_place(
    sitegen: Run, tmp_path: Path, condition: str, lines: list[str]
) -> None:
    write_run(tmp_path / "runs" / "a")

    for command in (("build", "runs"), ("check", "runs"), ("verify", "site", "--rebuild", "runs")):
        code, _, err = sitegen(*command, "--select", condition)

        assert code == 2
        assert "column " in err
        said = err.splitlines()
        assert all(line in said for line in lines), err
        assert not (tmp_path / "site").exists()
