"""A build of what has not changed is answered at once, and only then."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sitegen.build.last_build.unchanged import said_if_unchanged
from sitegen.cli.group import run as run_command
from tests.factories import REPOSITORY, write_experiment_file, write_file, write_full_run, write_run

ARGUMENTS = ["build", "runs"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one run, built, and its directory the working directory.

    Files count as old enough for their stats to tell, for which a user would have to wait 2 s.
    """
    for module in ("scan", "new_scan", "unchanged"):
        monkeypatch.setattr(f"sitegen.build.last_build.{module}.RACY_NS", -(10**18))
    monkeypatch.chdir(tmp_path)
    bundle = write_full_run(tmp_path / "runs" / "sweep" / "a", id="a")
    write_file(bundle, "attachments/empty/kept.txt", "x")
    assert run_command(ARGUMENTS) == 0
    return tmp_path


def test_the_same_is_said_again(project: Path) -> None:
    said = said_if_unchanged(ARGUMENTS)

    assert said is not None
    assert said[0].startswith("1 run in 1 experiment")
    assert "(nothing changed)\nopen site/index.html\n" in said[0]
    assert said[2] == 0


def test_other_arguments_are_another_build(project: Path) -> None:
    strict = [*ARGUMENTS, "--strict"]
    assert said_if_unchanged(strict) is None

    run_command(strict)

    assert said_if_unchanged(strict) is not None
    assert said_if_unchanged(ARGUMENTS) is not None


@pytest.mark.parametrize(
    "change",
    [
        "file changed",
        "file changed back in time",
        "file added",
        "bundle added",
        "file removed",
        "settings added",
        "experiment added",
        "page removed",
        "manifest changed",
        "cache removed",
    ],
)
def test_any_change_is_noticed(project: Path, change: str) -> None:
    bundle = project / "runs" / "sweep" / "a"
    notes = bundle / "notes.md"
    match change:
        case "file changed":
            notes.write_text("# Other words")
        case "file changed back in time":
            stat = notes.stat()
            notes.write_text(notes.read_text()[::-1])
            os.utime(notes, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        case "file added":
            write_file(bundle, "attachments/empty/new.txt", "y")
        case "bundle added":
            write_run(project / "runs" / "sweep" / "b", id="b")
        case "file removed":
            notes.unlink()
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

    assert said_if_unchanged(ARGUMENTS) is None


def test_an_argument_that_leads_elsewhere_is_another_build(project: Path) -> None:
    (project / "now").symlink_to("runs")
    run_command(["build", "now"])
    assert said_if_unchanged(["build", "now"]) is not None
    write_run(project / "others" / "b", id="b")
    (project / "now").unlink()
    (project / "now").symlink_to("others")

    assert said_if_unchanged(["build", "now"]) is None


def test_another_installation_is_not_answered_for(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "installed"
    shutil.copytree(REPOSITORY / "sitegen", copy / "sitegen")

    assert _is_said_by(REPOSITORY, project)
    assert not _is_said_by(copy, project)


def _is_said_by(installation: Path, project: Path) -> bool:
    """Whether the code of *installation* takes the project for unchanged, however young it is."""
    script = (
        "from sitegen.build.last_build import new_scan, scan, unchanged\n"
        "for module in (scan, new_scan, unchanged): module.RACY_NS = -(10**18)\n"
        f"print(unchanged.said_if_unchanged({ARGUMENTS!r}) is not None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(installation)},
    )  # fmt: skip
    return done.stdout == "True\n"


def test_annotations_that_do_not_exist_yet_are_waited_for(project: Path) -> None:
    (project / "sitegen.toml").write_text('[site]\nannotations_dir = "reviews"\n')
    assert run_command(ARGUMENTS) == 0
    assert said_if_unchanged(ARGUMENTS) is not None

    (project / "reviews").mkdir()

    assert said_if_unchanged(ARGUMENTS) is None


@pytest.mark.parametrize("content", [b"", b"sitegen-unchanged-3", b"\0" * 100])
def test_a_spoilt_snapshot_is_not_believed(project: Path, content: bytes) -> None:
    for path in (project / ".sitegen-cache").glob("unchanged-*"):
        path.write_bytes(content)

    assert said_if_unchanged(ARGUMENTS) is None


def test_nothing_heavy_is_imported_when_nothing_changed(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a")
    first = _command(tmp_path)
    young = _command(tmp_path)  # its time stamps prove nothing yet: contents are held against it
    time.sleep(2.1)

    grown_up, done = _command(tmp_path), _command(tmp_path)

    assert "click" in _imported(first)
    for found in (young, grown_up, done):
        assert found.returncode == 0
        assert _imported(found) & {"click", "msgspec", "numpy", "pyarrow", "jinja2"} == set()


def _command(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sitegen", *ARGUMENTS],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )


def _imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Modules that the process imported, as `-X importtime` told."""
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
