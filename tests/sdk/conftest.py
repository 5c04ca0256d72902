"""Runs below tmp_path, and what a process that logs into them leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

import sitegen
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.errors import Problem
from sitegen.model import Series
from sitegen.read.metrics import read_metrics
from tests.factories import REPOSITORY, whole

START = """\
import os, sys, time
import sitegen
run = sitegen.start_run("killed", "one", directory=sys.argv[1], system_metrics=False, git=False)
"""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Where experiments lie."""
    return tmp_path / "runs"


@pytest.fixture
def start(runs: Path) -> Callable[..., sitegen.Run]:
    """`start_run` below *runs*, without what takes time."""

    def begin(experiment: str = "exp", name: str | None = "one", **options: Any) -> sitegen.Run:
        quick = {"git": False, "system_metrics": False, "directory": runs}
        return sitegen.start_run(experiment, name, **(quick | options))

    return begin


def document_of(run: sitegen.Run | Path) -> dict[str, Any]:
    """The run.json of a bundle."""
    directory = run if isinstance(run, Path) else run.directory
    return json.loads((directory / "run.json").read_text(encoding="utf-8"))


def series_of(directory: Path) -> dict[str, Series]:
    """All series of a bundle as a build reads them; any problem fails the test."""
    problems: list[Problem] = []
    files = [
        path.relative_to(directory).as_posix()
        for path in [directory / "metrics.parquet", *directory.glob("metrics/*")]
        if path.is_file()
    ]
    points = read_metrics(directory, files, DEFAULT_LIMITS, problems.append, TemporaryFile)
    found = {one.name: whole(one) for one in points.series()}
    assert problems == []
    return found


def python(script: str, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
    """A process that runs *script* with this sitegen."""
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, **options.pop("env", {})}
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code and texts of a process that ends by itself."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def names(directory: Path) -> list[str]:
    """Sorted names of all that lies in *directory*, hidden files included."""
    return sorted(path.name for path in directory.iterdir())
