"""What a run says when it is held against others."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitegen.derive import compared_run as module
from sitegen.derive.compared_run import ComparedRun, compared_run
from tests.derive.test_card import card_of
from tests.factories import write_file, write_full_run, write_run


def compared(root: Path) -> ComparedRun:
    _, facts = card_of(root)
    return compared_run(facts)


def test_it_says_what_a_comparison_needs(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    run = compared(tmp_path / "runs")

    assert (run.id, run.name, run.experiment, run.status) == ("a", "a", "runs", "completed")
    assert run.params["optimizer.name"] == '"adamw"'
    loss = run.metrics["val/loss"]
    assert (loss.goal, loss.unit, loss.best, loss.step, loss.count) == (
        "minimize", "nats", 0.55, 39, 40
    )  # fmt: skip
    assert loss.series in run.files
    assert set(run.evals.values()) <= set(run.files)
    assert {one.eval for one in run.scorers} == set(run.evals)
    assert run.environment["python"]
    assert run.left_out == {}


def test_it_leads_to_traces_of_its_samples_and_previews_of_its_files(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_file(bundle, "attachments/notes.txt", "text")
    write_file(bundle, "attachments/blob.bin", bytes(range(256)))
    write_file(bundle, "evals/qa.jsonl", '{"id": 1, "trace_ids": ["0a", "0b"]}\n{"id": 2}\n')

    run = compared(tmp_path / "runs")

    data = {one.path: one.data for one in run.attachments}
    assert data["blob.bin"] is None
    assert data["notes.txt"] in run.files
    assert [(one.eval, one.id, one.epoch, one.trace) for one in run.traced] == [
        ("qa", "1", 1, "0a")
    ]


def test_params_are_texts_as_they_were_written(tmp_path: Path) -> None:
    params = {"lr": 3e-5, "one": 1.0, "on": True, "none": None, "dims": [1, 2], "name": "ü"}
    write_run(tmp_path / "runs" / "a", params=params)

    run = compared(tmp_path / "runs")

    assert run.params == {
        "lr": "3e-5", "one": "1.0", "on": "true", "none": "null", "dims": "[1, 2]", "name": '"ü"'
    }  # fmt: skip


def test_what_is_cut_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PARAMS", 2)
    write_run(tmp_path / "runs" / "a", params={"a": 1, "b": 2, "c": 3})

    run = compared(tmp_path / "runs")

    assert list(run.params) == ["a", "b"]
    assert run.left_out == {"params": 1}


def test_it_leads_to_the_traces_of_samples_and_to_all_trees(tmp_path: Path) -> None:
    write_full_run(tmp_path / "runs" / "a")

    run = compared(tmp_path / "runs")

    assert run.sample_traces == ("evals-0-traces",)
    assert {"trace-files", "evals-0-traces"} <= set(run.files)
