"""The same input gives the same bytes, whatever the surroundings: each build is its own process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import contents, run_command
from tests.factories import write_experiment_file, write_full_run, write_run

pytestmark = pytest.mark.slow


def write_runs(root: Path) -> None:
    for number in range(4):
        write_full_run(
            root / "digits" / f"run-{number}",
            params={"lr": 10.0**-number, "seed": number},
            metrics={"val/loss": {"goal": "minimize"}},
            tags=[f"tag-{tag}" for tag in range(number + 2)],
        )
    write_run(root / "other" / "bad", status="done", started_at="yesterday")
    write_experiment_file(
        root / "digits", 'title = "Digits"\nbaseline = "digits/run-0"\nkey_metrics = ["val/loss"]\n'
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The site built under plain surroundings by one worker."""
    root = tmp_path_factory.mktemp("first")
    write_runs(root / "runs")
    done = run_command(
        "build", "runs", "-o", "site", "--workers", "1", cwd=root,
        env={"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return contents(root / "site")


@pytest.mark.parametrize(
    ("surroundings", "workers"),
    [
        pytest.param({"TZ": "Asia/Kolkata", "PYTHONHASHSEED": "7"}, 1, id="time zone, hash seed"),
        pytest.param({"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "8"}, 1, id="locale"),
        pytest.param({"TZ": "America/St_Johns", "PYTHONHASHSEED": "9"}, 3, id="three workers"),
        pytest.param({"HOME": "/nonexistent", "USER": "eve", "COLUMNS": "20"}, 1, id="home, user"),
    ],
)
def test_other_surroundings_give_the_same_bytes(
    tmp_path: Path, first: dict[str, bytes], surroundings: Mapping[str, str], workers: int
) -> None:
    root = tmp_path / "another directory" / "ünïcode"
    write_runs(root / "runs")

    done = run_command(
        "build", "runs", "-o", "elsewhere/site", "--workers", str(workers), cwd=root,
        env=surroundings,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert differing(contents(root / "elsewhere" / "site"), first) == []


def test_absolute_arguments_and_other_file_times_give_the_same_bytes(
    tmp_path: Path, first: dict[str, bytes]
) -> None:
    write_runs(tmp_path / "runs")
    for path in (tmp_path / "runs").rglob("*"):
        os.utime(path, (0, 0))

    done = run_command("build", tmp_path / "runs", "-o", tmp_path / "site", cwd=Path("/"))

    assert done.returncode == 0, done.stderr
    assert differing(contents(tmp_path / "site"), first) == []


def test_building_over_another_site_gives_the_bytes_of_a_clean_build(
    tmp_path: Path, first: dict[str, bytes]
) -> None:
    write_runs(tmp_path / "runs")
    write_full_run(tmp_path / "runs" / "gone")
    run_command("build", "runs", "-o", "site", cwd=tmp_path)
    shutil.rmtree(tmp_path / "runs" / "gone")

    done = run_command("build", "runs", "-o", "site", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert differing(contents(tmp_path / "site"), first) == []


def test_no_path_user_or_host_of_this_machine_is_in_the_site(
    tmp_path: Path, first: dict[str, bytes]
) -> None:
    own = [
        str(tmp_path.parents[1]).encode(),
        os.uname().nodename.encode(),
        str(Path.home()).encode(),
    ]
    words = [word for word in own if len(word) > 5]

    found = [(path, word) for path, text in first.items() for word in words if word in text]

    assert found == []


def differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    """Paths that only one of them has, or whose bytes differ."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))
