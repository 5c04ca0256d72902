"""Benchmarks: inputs hold what was asked for, rounds take turns, the README names every figure."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.__main__ import FIGURES, README, main
from benchmarks.bundles import (
    MODIFIED_S,
    Shape,
    run_directory,
    write_manifest,
    write_metrics,
    write_runs,
)
from benchmarks.commands import output_of
from benchmarks.floor import read_and_write
from benchmarks.hugo import write_hugo
from benchmarks.judgements import write_judged_run
from benchmarks.peak import own_peak_bytes, peak_of
from benchmarks.report import replaced
from benchmarks.rounds import Measured, interleaved, ratio
from benchmarks.samples import write_evaluated_runs
from benchmarks.sweeps import write_sweep
from sitegen.annotate import list_annotations

POINTS = Shape(points=60, metrics=3, order="regular", row_group_rows=25)


def digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def columns(path: Path) -> tuple[list[str], list[int]]:
    table = pq.read_table(path)
    return table["name"].to_pylist(), table["step"].to_pylist()


def test_the_peak_of_a_program_is_not_that_of_the_benchmark_that_starts_it(tmp_path: Path) -> None:
    large = bytearray(300_000_000)
    large[::4096] = b"x" * len(large[::4096])
    ask = "from benchmarks.peak import own_peak_bytes; print(own_peak_bytes())"

    own = int(output_of([sys.executable, "-c", ask], tmp_path))
    seen = peak_of([sys.executable, "-c", ask], tmp_path).largest_bytes

    assert own_peak_bytes() > len(large)
    assert 5_000_000 < own < 150_000_000
    assert seen < 150_000_000


def test_evaluated_runs_are_the_same_bytes_and_hold_eight_scores(tmp_path: Path) -> None:
    files = [write_evaluated_runs(tmp_path / name, 20) for name in "ab"]

    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    first, second = (
        [json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in files[0]
    )
    assert [one["id"] for one in first] == [one["id"] for one in second]
    assert {len(one["scores"]) for one in first[1:]} == {8}
    assert "error" in first[0]
    assert first[1] != second[1]


def test_judged_runs_are_the_same_bytes_and_right(tmp_path: Path) -> None:
    bundles = [write_judged_run(tmp_path / name, 30, samples=7) for name in "ab"]

    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    found, problems = list_annotations([bundles[0]], has_states=True)
    assert problems == []
    assert (len(found), {one.state for one in found}) == (30, {"exact"})


def test_a_sweep_is_the_same_bytes_and_holds_what_was_asked_for(tmp_path: Path) -> None:
    for name in "ab":
        write_sweep(tmp_path / name, 5, params=17, metrics=3, steps=2)

    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    runs = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((tmp_path / "a").rglob("run.json"))
    ]
    assert {len(run["params"]) for run in runs} == {17}
    assert [run.get("parent") for run in runs] == [None] * 4 + ["sweep/run-00003"]
    assert len(columns(tmp_path / "a" / "sweep" / "run-00000" / "metrics.parquet")[0]) == 6


@pytest.mark.parametrize(
    ("shape", "has_notes", "names"),
    [
        (None, False, {"run.json"}),
        (POINTS, True, {"run.json", "metrics.parquet", "notes.md"}),
    ],
)  # fmt: skip
def test_bundles_hold_the_files_that_were_asked_for(
    tmp_path: Path, shape: Shape | None, has_notes: bool, names: set[str]
) -> None:
    write_runs(tmp_path, 3, metrics=shape, has_notes=has_notes)

    bundles = [run_directory(tmp_path, number) for number in range(3)]
    assert [{path.name for path in one.iterdir()} for one in bundles] == [names] * 3
    assert len(list(tmp_path.rglob("run.json"))) == 3


def test_the_same_arguments_give_the_same_bytes_and_times(tmp_path: Path) -> None:
    shape = Shape(points=90, metrics=4, order="irregular")

    for name in ("one", "other"):
        write_runs(tmp_path / name, 2, metrics=shape, has_notes=True)

    assert digests(tmp_path / "one") == digests(tmp_path / "other")
    assert {path.stat().st_mtime for path in tmp_path.rglob("*") if "-" in path.name} == {
        float(MODIFIED_S)
    }


def test_runs_differ_from_each_other(tmp_path: Path) -> None:
    write_runs(tmp_path, 2, metrics=POINTS, has_notes=True)

    assert len(set(digests(tmp_path).values())) == 6


def test_an_edit_changes_the_bytes_and_the_time_of_the_manifest(tmp_path: Path) -> None:
    write_manifest(tmp_path, 7)
    before = digests(tmp_path)
    write_manifest(tmp_path, 7, edit=2)

    assert digests(tmp_path) != before
    assert (tmp_path / "run.json").stat().st_mtime == MODIFIED_S + 2


def test_bundles_build_without_problems(tmp_path: Path, sitegen: Callable[..., Any]) -> None:
    write_runs(tmp_path / "runs", 2, metrics=POINTS, has_notes=True)
    outcome = sitegen("build", tmp_path / "runs", "-o", tmp_path / "site", "--strict", "--quiet")

    assert outcome.code == 0
    report = json.loads((tmp_path / "site" / "report.json").read_text(encoding="utf-8"))
    assert len(report["runs"]) == 2


@pytest.mark.parametrize("order", ["regular", "irregular", "sorted", "descending"])
def test_points_are_as_many_as_asked_for(tmp_path: Path, order: str) -> None:
    shape = Shape(points=60, metrics=3, order=order, row_group_rows=25)
    write_metrics(tmp_path / "metrics.parquet", shape, seed=1)

    names, steps = columns(tmp_path / "metrics.parquet")
    metadata = pq.ParquetFile(tmp_path / "metrics.parquet").metadata
    assert (len(steps), set(names)) == (60, {"metric/0", "metric/1", "metric/2"})
    assert [metadata.row_group(at).num_rows for at in range(3)] == [25, 25, 10]


def test_regular_points_take_turns(tmp_path: Path) -> None:
    write_metrics(tmp_path / "metrics.parquet", POINTS, seed=1)

    names, steps = columns(tmp_path / "metrics.parquet")
    assert names == ["metric/0", "metric/1", "metric/2"] * 20
    assert steps == [row // 3 for row in range(60)]


def test_irregular_points_count_up_for_each_metric_across_row_groups(tmp_path: Path) -> None:
    shape = Shape(points=60, metrics=3, order="irregular", row_group_rows=25)
    write_metrics(tmp_path / "metrics.parquet", shape, seed=1)

    names, steps = columns(tmp_path / "metrics.parquet")
    assert names != sorted(names)
    for name in set(names):
        own = [step for step, one in zip(steps, names, strict=True) if one == name]
        assert own == list(range(len(own)))


def test_sorted_points_come_metric_by_metric(tmp_path: Path) -> None:
    shape = Shape(points=60, metrics=3, order="sorted", row_group_rows=25)
    write_metrics(tmp_path / "metrics.parquet", shape, seed=1)

    names, steps = columns(tmp_path / "metrics.parquet")
    assert names == sorted(names)
    assert steps == list(range(20)) * 3


def test_descending_points_end_with_the_first_step(tmp_path: Path) -> None:
    shape = Shape(points=60, metrics=3, order="descending")
    write_metrics(tmp_path / "metrics.parquet", shape, seed=1)

    _, steps = columns(tmp_path / "metrics.parquet")
    assert (np.diff(steps) <= 0).all()


def test_the_floor_reads_every_row_and_writes_every_byte(tmp_path: Path) -> None:
    write_metrics(tmp_path / "metrics.parquet", POINTS, seed=1)

    rows = read_and_write(tmp_path / "metrics.parquet", [3, 0, 10], tmp_path / "copies")

    assert rows == 60
    assert [path.stat().st_size for path in sorted((tmp_path / "copies").iterdir())] == [3, 0, 10]


def test_hugo_gets_a_page_a_run(tmp_path: Path) -> None:
    write_hugo(tmp_path / "hugo", 4)

    assert len(list((tmp_path / "hugo" / "content").rglob("*.md"))) == 4


def test_rounds_take_turns_and_the_first_does_not_count() -> None:
    called: list[str] = []

    def action(name: str, value: float) -> Callable[[], float]:
        return lambda: called.append(name) or value

    found = interleaved(2, {"a": action("a", 3.0), "b": action("b", 2.0)})

    assert "".join(called) == "ababba"
    assert found["a"].values == (3.0, 3.0)
    assert ratio(found["a"], found["b"]).text == "1.50 (1.50–1.50)"


def test_a_ratio_is_that_of_the_medians_with_the_range_of_the_rounds() -> None:
    quotient = ratio(Measured(values=(2.0, 4.0, 9.0)), Measured(values=(1.0, 2.0, 3.0)))

    assert (quotient.value, quotient.min, quotient.max) == (2.0, 2.0, 3.0)


def test_a_section_of_the_readme_is_replaced_and_no_other() -> None:
    text = "<!-- a: begin -->\nold\n<!-- a: end -->\n<!-- b: begin -->\nold\n<!-- b: end -->\n"

    expected = text.replace("b: begin -->\nold", "b: begin -->\nnew \\1")
    assert replaced(text, "b", "new \\1\n") == expected
    with pytest.raises(ValueError, match="no section c"):
        replaced(text, "c", "new\n")


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_its_line_and_its_section_in_the_readme(name: str) -> None:
    text = README.read_text(encoding="utf-8")

    assert f"| `{name}` |" in text
    assert re.search(rf"<!-- {name}: begin -->\n.*\|.*<!-- {name}: end -->", text, re.DOTALL)


def test_the_list_names_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--list"])

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(FIGURES)
