"""experiment.toml is written once and then changed by one line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sitegen
from sitegen.sdk.experiments import toml_value, with_archived
from sitegen.sdk.faults import LogValueError


def test_an_experiment_says_what_it_is_about(runs: Path) -> None:
    folder = sitegen.create_experiment(
        "bert-sentiment", 'Does a "smaller" step help?', ["nlp"], "reviews", directory=runs
    )

    assert folder == runs / "bert-sentiment"
    assert tomllib.loads((folder / "experiment.toml").read_text()) == {
        "name": "bert-sentiment", "description": 'Does a "smaller" step help?', "tags": ["nlp"],
        "project": "reviews",
    }  # fmt: skip


def test_what_people_wrote_is_left_as_it_is(runs: Path) -> None:
    folder = sitegen.create_experiment("exp", "First.", directory=runs)
    (folder / "experiment.toml").write_text("# mine\nname = 'exp'\n")

    sitegen.create_experiment("exp", "Second.", directory=runs)

    assert (folder / "experiment.toml").read_text() == "# mine\nname = 'exp'\n"


def test_archiving_and_restoring_change_one_line(runs: Path) -> None:
    folder = sitegen.create_experiment("exp", directory=runs)
    path = folder / "experiment.toml"
    path.write_text('# mine\nname = "exp"\n\n[objective]\nmetric = "loss"\n')

    sitegen.archive_experiment("exp", directory=runs)
    assert path.read_text() == (
        '# mine\nname = "exp"\narchived = true\n\n[objective]\nmetric = "loss"\n'
    )
    sitegen.restore_experiment("exp", directory=runs)
    assert "archived = false" in path.read_text()
    assert path.read_text().count("archived") == 1


def test_an_experiment_without_a_file_can_be_archived(runs: Path) -> None:
    (runs / "exp").mkdir(parents=True)

    sitegen.archive_experiment("exp", directory=runs)

    assert tomllib.loads((runs / "exp" / "experiment.toml").read_text())["archived"] is True


def test_an_experiment_that_is_not_there_cannot_be_archived(runs: Path) -> None:
    with pytest.raises(LogValueError, match="no experiment “exp”"):
        sitegen.archive_experiment("exp", directory=runs)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_toml_string(text: str) -> None:
    assert tomllib.loads(f"a = {toml_value(text)}")["a"] == text


@given(st.sampled_from(["", "a = 1", "a = 1\n", "archived = false # old\n", "[t]\narchived = 3\n",
                        "a = 1\n\n[t]\nb = 2\n"]), st.booleans())  # fmt: skip
def test_the_line_stands_above_the_first_table(text: str, is_archived: bool) -> None:
    assert tomllib.loads(with_archived(text, is_archived=is_archived))["archived"] is is_archived
