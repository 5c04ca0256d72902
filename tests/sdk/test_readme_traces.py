"""The README's examples of recording traces run, and what they record is in the site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.factories import REPOSITORY
from tests.sdk.openai_stub import openai_stub
from tests.test_readme import examples, section

INSTRUMENTED, BY_HAND = examples(section("Recording traces"), "python")


def run_script(script: str, folder: Path, **variables: str) -> None:
    subprocess.run(
        [sys.executable, "-c", script], cwd=folder, check=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **variables},
    )  # fmt: skip


def report_of(folder: Path, sitegen: Callable[..., Any]) -> dict[str, Any]:
    """The report of the one run below *folder*."""
    assert sitegen("build", "runs", "-o", "site", "--strict").code == 0
    (report,) = (folder / "site" / "runs").glob("*.json")
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def test_the_example_by_hand_records_a_trace_and_its_sample(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    run_script(BY_HAND, tmp_path)

    report = report_of(tmp_path, sitegen)
    traces = report["traces"]
    assert (traces["count"], traces["spans"], traces["errors"]) == (1, 2, 0)
    assert (traces["input_tokens"], traces["output_tokens"], traces["cost_usd"]) == (52, 4, 0.0001)
    assert report["evals"]["support"]["samples"] == 1


def test_the_example_with_an_instrumentation_records_its_spans(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    pytest.importorskip("openai", reason="openai is not installed; it is in the extra test")
    with openai_stub() as url:
        run_script(INSTRUMENTED, tmp_path, OPENAI_BASE_URL=url, OPENAI_API_KEY="none")

    traces = report_of(tmp_path, sitegen)["traces"]
    assert (traces["count"], traces["spans"]) == (1, 2)
    assert (traces["input_tokens"], traces["output_tokens"]) == (120, 18)


def test_the_global_provider_is_the_runs_if_asked_for(tmp_path: Path) -> None:
    script = """
import sitegen
from opentelemetry import trace
with sitegen.start_run("a", "b", set_global_tracer=True, git=False, packages=False) as run:
    assert trace.get_tracer_provider() is run.tracer_provider
    with trace.get_tracer("other").start_as_current_span("from elsewhere"): pass
"""
    run_script(script, tmp_path)

    (file,) = (tmp_path / "runs" / "a" / "b" / "traces").iterdir()
    assert "from elsewhere" in file.read_text()
