"""What a run records by itself, and that nothing of this machine is in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sitegen.sdk.heartbeat import Heartbeat
from sitegen.sdk.recorded import (
    _public_remote,
    environment_facts,
    error_facts,
    installed_packages,
    shown_path,
)
from sitegen.sdk.system import system_sampler
from tests.factories import REPOSITORY
from tests.sdk.conftest import document_of, series_of

TRAIN = """
import sys, sitegen
with sitegen.start_run("exp", "one", directory=sys.argv[1], seed={"torch": 7}) as run:
    run.log_metric("a", 1)
"""


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=m", "-c", "user.email=m@example.org", *arguments],
        cwd=repository, capture_output=True, text=True, check=True,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git repository with a training script in a folder."""
    folder = tmp_path / "project"
    (folder / "scripts").mkdir(parents=True)
    (folder / "scripts" / "train.py").write_text(TRAIN)
    git(folder, "init", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", "https://me:secret@example.org/team/project.git")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "first")
    return folder


def run_script(repository: Path, runs: Path) -> dict[str, object]:
    """run.json of a run that the script has logged."""
    done = subprocess.run(
        [sys.executable, "scripts/train.py", runs], cwd=repository, capture_output=True, text=True,
        check=False, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return document_of(max((runs / "exp").iterdir()))


def test_code_and_entrypoint_are_recorded_relative_to_the_repository(
    repository: Path, runs: Path
) -> None:
    document = run_script(repository, runs)

    assert document["source"] == {
        "entrypoint": "scripts/train.py", "repository": "https://example.org/team/project",
        "commit": git(repository, "rev-parse", "HEAD"), "branch": "main", "dirty": False,
    }  # fmt: skip
    assert document["params"] == {"seed": {"torch": 7}}


def test_a_changed_file_makes_the_source_dirty_and_a_new_one_does_not(
    repository: Path, runs: Path
) -> None:
    (repository / "new.txt").write_text("x")
    assert run_script(repository, runs)["source"]["dirty"] is False
    (repository / "scripts" / "train.py").write_text(f"{TRAIN}\n")
    assert run_script(repository, runs)["source"]["dirty"] is True


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("git@github.com:team/project.git", "https://github.com/team/project"),
        ("ssh://git@example.org:2222/team/project.git", "https://example.org/team/project"),
        ("https://me:secret@example.org:8443/p", "https://example.org:8443/p"),
        ("/home/me/project", None), ("file:///home/me/project", None), ("../project", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_remote_is_shown_without_credentials(remote: str, shown: str | None) -> None:
    assert _public_remote(remote) == shown


def test_packages_are_those_that_are_installed() -> None:
    from importlib.metadata import version

    packages = installed_packages()

    assert packages["numpy"] == version("numpy")
    assert packages["msgspec"] == version("msgspec")


def test_hardware_has_no_name_of_the_machine_unless_asked_for() -> None:
    facts = environment_facts(packages=False, hardware=True, host=False)

    assert set(facts) == {"platform", "hardware"}
    assert facts["hardware"]["cpu_count"] == os.cpu_count()
    assert os.uname().nodename not in facts["platform"]
    assert environment_facts(packages=False, hardware=False, host=True) == {
        "hardware": {"host": os.uname().nodename}
    }


def test_a_path_elsewhere_is_its_name() -> None:
    assert shown_path(Path("/opt/elsewhere/data.csv")) == "data.csv"


def test_a_traceback_names_causes_and_no_path_of_this_machine() -> None:
    def fail() -> None:
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError as error:
            raise OSError(f"cannot read {REPOSITORY}/data/x.csv") from error

    with pytest.raises(OSError, match="cannot read") as caught:
        fail()
    facts = error_facts(caught.value)

    assert "ZeroDivisionError" in facts["traceback"]
    assert 'File "tests/sdk/test_recorded.py", line' in facts["traceback"]
    assert facts["message"] == "cannot read data/x.csv"
    assert str(REPOSITORY) not in str(facts)


def test_the_system_is_sampled_without_any_library_and_with_it() -> None:
    sample = system_sampler()()

    assert {"system/process/cpu_percent", "system/process/memory_mb"} <= set(sample)
    assert sample["system/process/memory_mb"] > 1
    pytest.importorskip("psutil")
    assert 0 <= sample["system/memory_percent"] <= 100
    assert sample["system/disk/write_mb_per_s"] >= 0


def test_system_metrics_are_logged_in_their_interval(tmp_path: Path) -> None:
    import time

    import sitegen

    with sitegen.start_run("e", "one", directory=tmp_path, system_metrics=0.01, git=False) as run:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            time.sleep(0.05)
            if sum(path.stat().st_size for path in run.directory.glob("metrics/*")) > 1_000:
                break

    series = series_of(run.directory)
    assert len(series["system/process/memory_mb"].values) >= 2


def test_a_heartbeat_that_was_stopped_is_silent() -> None:
    beats: list[int] = []
    heartbeat = Heartbeat([(0.001, lambda: beats.append(1))])
    while not beats:
        pass
    heartbeat.stop()
    count = len(beats)

    assert not heartbeat._thread.is_alive()
    assert len(beats) == count
