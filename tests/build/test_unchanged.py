"""A build of what has not changed is answered at once, and only then."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.factories import write_experiment_file, write_file, write_full_run, write_run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one run, built twice, so that its snapshot is there."""
    bundle = write_full_run(tmp_path / "runs" / "sweep" / "a", id="a")
    write_file(bundle, "attachments/empty/kept.txt", "x")
    for path in [tmp_path / "runs", *(tmp_path / "runs").rglob("*")]:
        os.utime(path, (time.time() - 60, time.time() - 60))
    run(tmp_path)
    return tmp_path


def run(project: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sitegen", "build", "runs", *more],
        cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def is_answered_at_once(done: subprocess.CompletedProcess[str]) -> bool:
    return "click" not in imported(done)


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Modules that the process imported, as `-X importtime` told."""
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


def test_nothing_heavy_is_imported_when_nothing_changed(project: Path) -> None:
    done = run(project)

    assert done.returncode == 0
    assert "1 run in 1 experiment" in done.stdout
    assert "(nothing changed)" in done.stdout
    assert imported(done) & {"click", "msgspec", "numpy", "pyarrow", "jinja2"} == set()


def test_other_arguments_are_another_build(project: Path) -> None:
    assert not is_answered_at_once(run(project, "--strict"))
    assert is_answered_at_once(run(project, "--strict"))
    assert is_answered_at_once(run(project))


@pytest.mark.parametrize(
    "change",
    ["file changed", "file added", "bundle added", "file removed", "settings added",
     "experiment added", "page removed", "manifest changed", "cache removed"],
)
def test_any_change_is_noticed(project: Path, change: str) -> None:
    bundle = project / "runs" / "sweep" / "a"
    match change:
        case "file changed":
            write_file(bundle, "notes.md", "# Other words")
        case "file added":
            write_file(bundle, "attachments/empty/new.txt", "y")
        case "bundle added":
            write_run(project / "runs" / "sweep" / "b", id="b")
        case "file removed":
            (bundle / "notes.md").unlink()
        case "settings added":
            (project / "sitegen.toml").write_text('[site]\ntitle = "Named"\n')
        case "experiment added":
            write_experiment_file(project / "runs" / "sweep", 'title = "Sweep"\n')
        case "page removed":
            next((project / "site" / "runs").glob("*.html")).unlink()
        case "manifest changed":
            (project / "site" / "sitegen-manifest.json").write_text("{}")
        case "cache removed":
            for path in (project / ".sitegen-cache").glob("unchanged-*"):
                path.unlink()

    assert not is_answered_at_once(run(project))


def test_a_file_too_young_to_tell_leaves_no_snapshot(project: Path) -> None:
    write_file(project / "runs" / "sweep" / "a", "notes.md", "# Just now")

    run(project)

    assert not is_answered_at_once(run(project))


@pytest.mark.parametrize("content", [b"", b"sitegen-unchanged-2", b"\0" * 100])
def test_a_spoilt_snapshot_is_not_believed(project: Path, content: bytes) -> None:
    for path in (project / ".sitegen-cache").glob("unchanged-*"):
        path.write_bytes(content)

    done = run(project)

    assert done.returncode == 0
    assert not is_answered_at_once(done)
