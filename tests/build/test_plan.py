from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.build.plan import RunPlan, plan_runs, shared_ids
from sitegen.bundle.limits import Limits
from sitegen.errors import NothingBuiltError
from tests.factories import write_experiment_file, write_run


def plan(*roots: Path) -> tuple[RunPlan, ...]:
    return plan_runs(roots, [], Limits(), lambda: None)


def ids(plans: tuple[RunPlan, ...]) -> list[str]:
    return [one.run_id for one in plans]


def test_a_run_is_named_by_its_place_unless_it_says_otherwise(tmp_path: Path) -> None:
    write_run(tmp_path / "bert" / "a")
    write_run(tmp_path / "bert" / "b", id="own")

    assert ids(plan(tmp_path)) == ["bert/a", "own"]


def test_of_two_runs_with_one_id_the_first_by_path_keeps_it(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        write_run(tmp_path / name, id="same")

    plans = plan(tmp_path)

    assert ids(plans) == ["same", "same~2", "same~3"]
    assert plans[0].problems == ()
    for one in plans[1:]:
        assert [problem.code for problem in one.problems] == ["duplicate-run-id"]
        assert one.problems[0].severity == "error"
        assert "“same”" in one.problems[0].message
        assert one.duplicate_of == str(tmp_path / "a")
    assert shared_ids(plans) == {"same", "same~2", "same~3"}


def test_an_id_that_a_renamed_run_took_is_a_duplicate_too(tmp_path: Path) -> None:
    write_run(tmp_path / "a", id="same")
    write_run(tmp_path / "b", id="same")
    write_run(tmp_path / "c", id="same~2")

    plans = plan(tmp_path)

    assert ids(plans) == ["same", "same~2", "same~2~2"]
    assert [problem.code for problem in plans[2].problems] == ["duplicate-run-id"]
    assert "“same~2”" in plans[2].problems[0].message
    assert plans[2].duplicate_of == str(tmp_path / "b")


def test_an_id_with_a_tilde_of_its_own_is_shared_with_nobody(tmp_path: Path) -> None:
    write_run(tmp_path / "a", id="x")
    write_run(tmp_path / "b", id="x~2")

    plans = plan(tmp_path)

    assert ids(plans) == ["x", "x~2"]
    assert shared_ids(plans) == frozenset()


def test_ids_by_place_of_two_arguments_may_clash(tmp_path: Path) -> None:
    write_run(tmp_path / "one" / "a")
    write_run(tmp_path / "two" / "a")

    assert ids(plan(tmp_path / "one", tmp_path / "two")) == ["a", "a~2"]


def test_the_experiment_is_named_beside_the_run_else_by_the_folder(tmp_path: Path) -> None:
    write_run(tmp_path / "plain" / "a")
    write_run(tmp_path / "named" / "b")
    write_experiment_file(tmp_path / "named", 'name = "bert"')

    plans = plan(tmp_path)

    assert [one.experiment for one in plans] == ["bert", "plain"]


def test_a_broken_experiment_file_leaves_the_folder_s_name(tmp_path: Path) -> None:
    write_run(tmp_path / "plain" / "a")
    write_experiment_file(tmp_path / "plain", "name = ")

    assert [one.experiment for one in plan(tmp_path)] == ["plain"]


def test_an_argument_that_is_a_bundle_reads_nothing_above_itself(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_experiment_file(tmp_path / "runs", 'name = "above"')

    (only,) = plan(bundle)

    assert only.run_id == "a"
    assert only.experiment == "runs"


def test_no_run_at_all_is_an_error_that_names_the_places(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    with pytest.raises(NothingBuiltError) as caught:
        plan(tmp_path / "a", tmp_path / "b")

    assert caught.value.path == f"{tmp_path / 'a'} {tmp_path / 'b'}"
    assert caught.value.exit_code == 3
