"""What takes long to import is imported by the builds that need it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.factories import write_eval, write_metrics, write_run


def imported(directory: Path, command: str = "build") -> set[str]:
    """Packages that a build of *directory*/runs imports in its own process."""
    program = [
        sys.executable, "-X", "importtime", "-m", "sitegen", command, "runs", "--workers", "1",
    ]  # fmt: skip
    done = subprocess.run(program, cwd=directory, capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def test_runs_without_metrics_need_no_arrow(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")

    assert not imported(tmp_path) & {"numpy", "pyarrow", "scipy", "opentelemetry", "plotly"}


def test_an_edit_beside_metrics_needs_no_arrow(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_metrics(bundle, loss=[1.0, 0.5])

    assert "pyarrow" in imported(tmp_path)
    write_run(bundle, name="another")
    assert not imported(tmp_path) & {"numpy", "pyarrow"}


def test_scores_that_pass_or_fail_need_no_scipy_and_a_check_nothing_that_renders(
    tmp_path: Path,
) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_eval(
        bundle, [{"id": str(number), "scores": {"right": number < 3}} for number in range(9)]
    )

    assert not imported(tmp_path, "check") & {"scipy", "jinja2", "pyarrow"}
    assert not imported(tmp_path) & {"scipy", "pyarrow"}
