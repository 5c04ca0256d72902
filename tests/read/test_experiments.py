from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.read.bundle import find_places
from sitegen.read.experiments import (
    ComparisonSpec,
    ExperimentSpec,
    name_beside,
    read_experiments,
)
from tests.factories import write_experiment_file, write_file, write_run

EVERYTHING = """
name = "bert"
title = "BERT on reviews"
project = "reviews"
description = "Which rate."
tags = ["nlp", "small"]
archived = true
created_at = 2026-11-12T08:30:00Z
baseline = "bert/a"
key_metrics = ["val/loss"]

[objective]
metric = "val/loss"
goal = "minimize"

[[comparison]]
name = "Rates"
runs = ["bert/a", "bert/b"]

[[comparison]]
name = "Good"
filter = "metrics.loss < 1"
"""


def read(tmp_path: Path, text: str) -> ExperimentSpec:
    write_experiment_file(tmp_path / "folder", text)
    (spec,) = read_experiments(find_places([tmp_path], []).experiments, Limits()).values()
    return spec


def test_every_field_is_read(tmp_path: Path) -> None:
    write_file(tmp_path / "folder", "notes.md", "# Notes\r\n")

    spec = read(tmp_path, EVERYTHING)

    assert spec == ExperimentSpec(
        name="bert", title="BERT on reviews", project="reviews", description="Which rate.",
        tags=("nlp", "small"), is_archived=True, created_at_ns=1_794_472_200_000_000_000,
        objective="val/loss", goal="minimize", baseline="bert/a", key_metrics=("val/loss",),
        comparisons=(
            ComparisonSpec(name="Rates", runs=("bert/a", "bert/b"), filter=None),
            ComparisonSpec(name="Good", runs=(), filter="metrics.loss < 1"),
        ),
        notes="# Notes\n", root=str(tmp_path), path="folder/experiment.toml", problems=(),
    )  # fmt: skip


def test_an_empty_file_describes_the_folder(tmp_path: Path) -> None:
    spec = read(tmp_path, "")

    assert (spec.name, spec.title, spec.problems) == ("folder", None, ())


@pytest.mark.parametrize(
    ("value", "time_ns"),
    [
        ("1970-01-02", 86_400_000_000_000),
        ("1970-01-01T00:00:01", 1_000_000_000),
        ("1970-01-01T01:00:01+01:00", 1_000_000_000),
        ('"1970-01-01T00:00:01Z"', 1_000_000_000),
    ],
)
def test_a_time_may_be_a_toml_date_or_a_string(tmp_path: Path, value: str, time_ns: int) -> None:
    spec = read(tmp_path, f"created_at = {value}")

    assert spec.created_at_ns == time_ns
    assert spec.problems == ()


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('titel = "x"', "unknown key “titel”", "Did you mean title?"),
        ("tags = 3", "tags: expected a list, got 3", "The key is left out."),
        (
            "[objective]\nmetric = 3",
            "objective.metric: expected a string, got 3",
            "The key is left out.",
        ),
        ('[objective]\nmetrics = "x"', "objective: unknown key “metrics”", "Did you mean metric?"),
        (
            'created_at = "soon"',
            "created_at: must be a time, got 'soon'",
            "Write it as 2026-11-20T14:02:00Z.",
        ),
        (
            "created_at = 12:00:00",
            "created_at: must be a time, got '12:00:00'",
            "Write it as 2026-11-20T14:02:00Z.",
        ),
    ],
)
def test_a_wrong_key_costs_itself_and_is_told(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    spec = read(tmp_path, f'title = "kept"\n{text}')

    assert spec.title == "kept"
    (problem,) = spec.problems
    assert (problem.code, problem.severity) == ("experiment-key", "warning")
    assert message in problem.message
    assert problem.hint == hint
    assert problem.path == spec.path


def test_what_is_no_toml_is_told_with_its_line_and_named_by_its_folder(tmp_path: Path) -> None:
    spec = read(tmp_path, 'name = "bert"\ntitle = ')

    assert spec.name == "folder"
    (problem,) = spec.problems
    assert (problem.code, problem.severity, problem.line) == ("experiment-unreadable", "error", 2)


def test_of_two_files_for_one_name_the_first_by_path_counts(tmp_path: Path) -> None:
    write_experiment_file(tmp_path / "a", 'name = "x"\ntitle = "first"')
    write_experiment_file(tmp_path / "b", 'name = "x"\ntitle = "second"')

    specs = read_experiments(find_places([tmp_path], []).experiments, Limits())

    assert list(specs) == ["x"]
    assert specs["x"].title == "first"
    (problem,) = specs["x"].problems
    assert (problem.code, problem.path) == (
        "duplicate-experiment", "b/experiment.toml"
    )  # fmt: skip


def test_a_file_in_a_bundle_is_none(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    write_experiment_file(tmp_path / "a", 'name = "x"')

    assert read_experiments(find_places([tmp_path], []).experiments, Limits()) == {}


def test_a_symlink_is_never_followed(tmp_path: Path) -> None:
    write_file(tmp_path, "secret.toml", 'name = "secret"')
    write_file(tmp_path, "secret.md", "secret")
    folder = tmp_path / "runs"
    write_experiment_file(folder / "real", "")
    (folder / "experiment.toml").symlink_to(tmp_path / "secret.toml")
    (folder / "real" / "notes.md").symlink_to(tmp_path / "secret.md")

    specs = read_experiments(find_places([folder], []).experiments, Limits())

    assert list(specs) == ["real"]
    assert specs["real"].notes is None
    assert name_beside(folder, Limits()) is None


def test_a_file_beyond_the_limit_is_told(tmp_path: Path) -> None:
    write_experiment_file(tmp_path / "e", f'description = "{"x" * 5000}"')

    (spec,) = read_experiments(
        find_places([tmp_path], []).experiments, Limits(json_bytes=1000)
    ).values()

    assert spec.description is None
    assert [problem.code for problem in spec.problems] == ["experiment-unreadable"]
    assert "limit of 1,000 bytes" in spec.problems[0].message


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('name = "bert"', "bert"),
        ("", None),
        ("name = 3", None),
        ('name = ""', None),
        ("name =", None),
    ],
)
def test_the_name_beside_a_run(tmp_path: Path, text: str, name: str | None) -> None:
    write_experiment_file(tmp_path, text)

    assert name_beside(tmp_path, Limits()) == name
    assert name_beside(tmp_path / "elsewhere", Limits()) is None


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_arbitrary_text_is_an_experiment_with_or_without_problems(
    tmp_path: Path, content: bytes
) -> None:
    write_file(tmp_path / "e", "experiment.toml", content)

    specs = read_experiments(find_places([tmp_path], []).experiments, Limits())

    assert len(specs) == 1
    assert all(
        problem.code in {"experiment-key", "experiment-unreadable"}
        for spec in specs.values()
        for problem in spec.problems
    )
