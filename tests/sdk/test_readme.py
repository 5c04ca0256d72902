"""The snippets of “Log a run” run as they stand, and a strict build has no complaint."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sitegen
from tests.sdk.conftest import finished, python
from tests.test_readme import CODE, examples, section, table_rows

SNIPPETS = examples(section("Log a run"), "python")


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    """The directory in which all snippets were run."""
    for snippet in SNIPPETS:
        code, _, err = finished(python(snippet, cwd=tmp_path))
        assert code == 0, err
    return tmp_path


def test_the_snippets_make_runs_without_problems(logged: Path, sitegen: Callable[..., Any]) -> None:
    outcome = sitegen("build", "runs", "-o", "site", "--strict")

    assert outcome.code == 0, outcome.out
    report = json.loads((logged / "site" / "report.json").read_text())
    assert {run["name"] for run in report["runs"]} >= {"lr-3e-4", "by-hand", "child", "gpt-small"}
    assert {run["status"] for run in report["runs"]} == {"completed"}
    assert len(report["runs"]) == 6


def test_the_table_names_every_method() -> None:
    named = {
        code for row in table_rows(section("What can be logged")) for code in CODE.findall(row[0])
    }
    methods = {
        name
        for name, _ in inspect.getmembers(sitegen.Run, inspect.isfunction)
        if name.startswith(("log_", "set_", "add_", "create_", "define_", "annotate"))
    }

    assert named == methods


def test_every_switch_is_named() -> None:
    text = section("Log a run") + section("Recording traces")
    parameters = inspect.signature(sitegen.start_run).parameters
    switches = [name for name, one in parameters.items() if isinstance(one.default, bool)]

    assert [name for name in switches if f"`{name}" not in text and f"{name}=" not in text] == []
