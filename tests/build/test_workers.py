"""A worker that is killed while it reads a part costs that part; Ctrl-C ends all of them."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sitegen.build.site import BuildResult, build_site
from sitegen.bundle.limits import Limits
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents, run_command
from tests.factories import (
    REPOSITORY,
    sample_document,
    write_eval,
    write_file,
    write_full_run,
    write_metrics,
    write_run,
)


def write_large_eval(bundle: Path, name: str = "large", count: int = 4_000) -> Path:
    """An eval of some 5 MB, which takes about a second to read."""
    noise = random.Random(5)
    words = [noise.randbytes(8).hex() for _ in range(50)]
    return write_eval(
        bundle,
        [sample_document(id=at, output=" ".join(words), trace_ids=[]) for at in range(count)],
        name=name,
    )


def write_runs(root: Path) -> Path:
    """Some small runs, and one whose eval is large."""
    for name in "abcdef":
        write_full_run(root / name)
    write_metrics(write_full_run(root / "guilty"), val__loss=[1.0, 0.5])
    return write_large_eval(root / "guilty")


def built(root: Path, workers: int, limits: Limits | None = None) -> BuildResult:
    return build_site(
        [root / "runs"], root / "site", Settings(prices={}, limits=limits or Limits()),
        workers=workers, progress=QuietProgress(),
    )  # fmt: skip


def children() -> Iterator[int]:
    """Every process below this one."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    yield from found - {os.getpid()}


def has_open(pid: int, path: Path) -> bool:
    try:
        links = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return str(path) in links


@contextmanager
def whoever_opens_is_killed(path: Path, most: int) -> Iterator[list[int]]:
    """The processes killed, each while it had *path* open: at most *most* of them."""
    killed: list[int] = []
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.is_set() and len(killed) < most:
            for pid in children():
                if has_open(pid, path.resolve()):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        is_over.set()
        watcher.join()


def report_of(root: Path, run_id: str) -> dict:
    site = json.loads((root / "site" / "report.json").read_text())
    url = next(run["url"] for run in site["runs"] if run["id"] == run_id)
    return json.loads((root / "site" / url).with_suffix(".json").read_text())


def test_a_part_whose_reader_is_killed_again_and_again_is_given_up_alone(tmp_path: Path) -> None:
    guilty = write_runs(tmp_path / "runs")

    with whoever_opens_is_killed(guilty, most=100) as killed:
        result = built(tmp_path, workers=2)

    assert len(killed) >= 2
    [problem] = [one for one in result.problems["guilty"] if one.code == "worker-lost"]
    assert (problem.severity, problem.path) == ("error", "evals")
    assert "was killed (SIGKILL), twice" in problem.message
    assert result.run_count == 7
    assert all(result.problems[name] == () for name in "abcdef")
    report = report_of(tmp_path, "guilty")
    assert report["evals"] == {}
    assert report["metrics"]["val/loss"]["count"] == 2
    assert report["traces"]["spans"] >= 2
    assert "worker-lost" in {one["code"] for one in report["problems"]}
    page = next((tmp_path / "site" / "runs").glob("guilty-*.html")).read_text()
    assert "The evals of this run could not be read." in page
    assert "This run has no evals." not in page


def test_what_was_given_up_is_tried_again_by_the_next_build(tmp_path: Path) -> None:
    guilty = write_runs(tmp_path / "runs")
    with whoever_opens_is_killed(guilty, most=100):
        built(tmp_path, workers=2)

    result = built(tmp_path, workers=2)

    assert result.problems["guilty"] == ()
    assert report_of(tmp_path, "guilty")["evals"]["large"]["samples"] == 4_000
    build_site([tmp_path / "runs"], tmp_path / "clean", Settings(prices={}), workers=1,
               progress=QuietProgress(), cache_directory=tmp_path / "other")  # fmt: skip
    assert contents(tmp_path / "site") == contents(tmp_path / "clean")


def test_a_worker_killed_once_costs_nothing(tmp_path: Path) -> None:
    guilty = write_runs(tmp_path / "runs")

    with whoever_opens_is_killed(guilty, most=1) as killed:
        result = built(tmp_path, workers=2)

    assert len(killed) == 1
    assert result.problem_errors == 0
    assert report_of(tmp_path, "guilty")["evals"]["large"]["samples"] == 4_000


def test_a_part_that_takes_too_much_memory_is_given_up_alone(tmp_path: Path) -> None:
    write_runs(tmp_path / "runs")
    large = json.dumps(sample_document(id="big", output="x", metadata={"v": [1.5] * 9_000_000}))
    write_file(tmp_path / "runs" / "b", "evals/huge.jsonl", large + "\n")

    result = built(
        tmp_path,
        workers=2,
        limits=Limits(worker_bytes=250_000_000, json_values=20_000_000),
    )

    assert [one.code for one in result.problems["b"]] == ["worker-lost"]
    assert "held more than 250,000,000 bytes" in result.problems["b"][0].message
    assert report_of(tmp_path, "guilty")["evals"]["large"]["samples"] == 4_000


def test_memory_that_a_process_may_not_have_costs_the_part(tmp_path: Path) -> None:
    bundle = write_run(tmp_path / "runs" / "a")
    write_metrics(bundle, loss=[1.0, 0.5])
    large = json.dumps(sample_document(id="big", output="x", metadata={"v": [1.5] * 9_000_000}))
    write_file(bundle, "evals/huge.jsonl", large + "\n")
    (tmp_path / "sitegen.toml").write_text("[limits]\njson_values = 20_000_000\n")
    program = [sys.executable, "-m", "sitegen", "build", "runs", "--workers", "1"]

    done = subprocess.run(
        ["bash", "-c", 'ulimit -v 1000000; exec "$@"', "bash", *program],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, capture_output=True,
        text=True, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "runs/a/evals/huge.jsonl: error: cannot be read: the process that read it got no" in (
        done.stderr
    )
    assert report_of(tmp_path, "a")["metrics"]["loss"]["count"] == 2


@pytest.mark.parametrize("options", [[], ["--strict"]], ids=["", "strict"])
def test_a_lost_part_fails_a_build_under_strict_only_and_check_names_it(
    tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "sitegen.toml").write_text(
        "[limits]\nworker_bytes = 100_000_000\njson_values = 20_000_000\n"
    )
    write_full_run(tmp_path / "runs" / "good")
    bundle = write_full_run(tmp_path / "runs" / "bad")
    large = json.dumps(sample_document(id="big", output="x", metadata={"v": [1.5] * 9_000_000}))
    write_file(bundle, "evals/huge.jsonl", large + "\n")

    done = run_command("build", "runs", "--workers", "2", *options, cwd=tmp_path)
    again = run_command("build", "runs", "--workers", "2", *options, cwd=tmp_path)
    checked = run_command("check", "runs", "--workers", "2", cwd=tmp_path)

    assert done.returncode == again.returncode == (1 if options else 0)
    assert checked.returncode == 1
    for said in (done.stderr, again.stderr, checked.stdout):
        assert len(re.findall(r"\[worker-lost\]", said)) == 1
        assert "runs/bad/evals: error: cannot be read" in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_stops_a_build_within_a_second(tmp_path: Path, workers: str) -> None:
    for name in "abcd":
        write_large_eval(write_run(tmp_path / "runs" / name), count=20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "sitegen", "build", "runs", "--workers", workers],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    ) as building:  # fmt: skip
        assert building.stderr is not None
        assert any("Reading runs" in line for line in building.stderr)
        time.sleep(1)
        below = [pid for pid in session_of(building.pid) if pid != building.pid]

        os.killpg(building.pid, signal.SIGINT)
        started_s = time.monotonic()
        code = building.wait(timeout=20)
        took_s = time.monotonic() - started_s

    assert code == 130
    assert took_s < 5  # one second on a machine that has nothing else to do
    assert sorted(path.name for path in tmp_path.iterdir()) == [".sitegen-cache", "runs"]
    assert are_gone(below)


def test_workers_end_with_a_build_that_was_killed(tmp_path: Path) -> None:
    for name in "abcd":
        write_large_eval(write_run(tmp_path / "runs" / name), count=20_000)
    with subprocess.Popen(
        [sys.executable, "-m", "sitegen", "build", "runs", "--workers", "2"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    ) as building:  # fmt: skip
        assert building.stderr is not None
        assert any("Reading runs" in line for line in building.stderr)
        time.sleep(1)
        below = [pid for pid in session_of(building.pid) if pid != building.pid]

        building.kill()

    assert len(below) >= 2
    assert are_gone(below)


def are_gone(pids: list[int]) -> bool:
    """Whether none of the processes runs, at the latest in 20 s."""
    by_s = time.monotonic() + 20
    while (is_any := any(map(runs, pids))) and time.monotonic() < by_s:
        time.sleep(0.05)
    return not is_any


def runs(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def session_of(leader: int) -> list[int]:
    """Every process of the session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader:
            found.append(int(stat.parent.name))
    return found
