"""Whatever kills a process, each record that a call returned from is in the built site, whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitegen.sdk.settle import settle_bundle
from tests.factories import REPOSITORY
from tests.sdk.conftest import document_of, finished, names, python, series_of

LOGGER = """
import struct, sys, mmap
import sitegen
runs, told, rank = sys.argv[1], sys.argv[2], sys.argv[3]
with open(told, "r+b") as file:
    shared = mmap.mmap(file.fileno(), 24)  # survives the death of the process, as the page does
run = sitegen.start_run("killed", id="job", resume="allow", directory=runs, git=False,
                        packages=False, hardware=False, system_metrics=0.01)
step = 0
while True:
    run.log_metric(f"rank{rank}/loss", step / 3, step)
    shared[0:8] = struct.pack("q", step + 1)
    run.log_metrics({f"rank{rank}/a": step, f"rank{rank}/b": -step}, step)
    shared[8:16] = struct.pack("q", step + 1)
    if step % 50 == 0:
        run.log_sample("eval", f"{rank}-{step}", output="x" * 200, scores={"ok": True})
        run.log_params({f"rank{rank}": {"step": step}})
        shared[16:24] = struct.pack("q", step // 50 + 1)
    step += 1
"""


def killed_after(runs: Path, ranks: int, seconds: float) -> list[tuple[int, int, int]]:
    """What each of *ranks* processes had logged when all were killed: points, records, samples."""
    runs.mkdir(parents=True)
    told = [runs.with_name(f"{runs.name}-told-{rank}") for rank in range(ranks)]
    for path in told:
        path.write_bytes(bytes(24))
    processes = [python(LOGGER, runs, path, str(rank)) for rank, path in enumerate(told)]
    deadline = time.monotonic() + 120
    while not all(path.read_bytes()[0] for path in told) and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(seconds)
    for process in processes:
        process.kill()
    for process in processes:
        assert process.wait(timeout=60) == -signal.SIGKILL, process.stderr.read()
        process.communicate()
    numbers = [path.read_bytes() for path in told]
    return [
        tuple(int.from_bytes(each[at : at + 8], "little") for at in (0, 8, 16)) for each in numbers
    ]


def check_site(
    tmp_path: Path, runs: Path, logged: list[tuple[int, int, int]], sitegen: Any
) -> None:
    """The site shows what was logged and at most the one record more that was not told of."""
    site = tmp_path / f"site-{runs.name}"
    outcome = sitegen("build", runs, "-o", site, "--strict", "--workers", "1")
    assert outcome.code == 0, outcome.out + outcome.err
    (report,) = (site / "runs").glob("*.json")
    facts = json.loads(report.read_text())
    assert facts["problems"] == []
    counts = {name: series["count"] for name, series in facts["metrics"].items()}
    for rank, (points, records, samples) in enumerate(logged):
        loss = facts["metrics"][f"rank{rank}/loss"]
        assert points <= loss["count"] == loss["last_step"] + 1 <= points + 1
        assert records <= counts.get(f"rank{rank}/a", 0) <= records + 1
        assert counts.get(f"rank{rank}/a") == counts.get(f"rank{rank}/b")
        assert facts["params"].get(f"rank{rank}.step", -50) >= (samples - 1) * 50
    wanted = sum(samples for _, _, samples in logged)
    found = facts["evals"]["eval"]["samples"] if facts["evals"] else 0
    assert wanted <= found <= wanted + len(logged)
    shutil.rmtree(site)


@pytest.mark.parametrize("ranks", [1, 3])
def test_nothing_that_was_logged_is_lost_when_processes_are_killed(
    ranks: int, tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    for turn in range(2):
        runs = tmp_path / f"runs-{turn}"
        logged = killed_after(runs, ranks, random.random() * 0.2)

        check_site(tmp_path, runs, logged, sitegen)


@pytest.mark.slow
@pytest.mark.parametrize("ranks", [1, 4])
def test_nothing_is_lost_in_fifty_deaths(
    ranks: int, tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    for turn in range(50):
        runs = tmp_path / f"runs-{turn}"
        logged = killed_after(runs, ranks, random.random() * 0.3)
        if turn % 2:
            settled = settle_bundle(runs / "killed" / "job")
            assert settled.outcome == "interrupted"

        check_site(tmp_path, runs, logged, sitegen)
        shutil.rmtree(runs)


def test_compaction_keeps_every_point_and_marks_the_run(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    killed_after(runs, 2, 0.05)
    bundle = runs / "killed" / "job"
    before = series_of(bundle)

    settled = settle_bundle(bundle)

    assert settled.outcome == "interrupted"
    assert settled.points == sum(len(one.values) for one in before.values())
    after = series_of(bundle)
    assert {name: one.values.tolist() for name, one in after.items()} == {
        name: one.values.tolist() for name, one in before.items()
    }
    assert document_of(bundle)["status"] == "interrupted"
    assert "ended_at" in document_of(bundle)
    assert names(bundle) == ["evals", "metrics.parquet", "run.json"]
    assert settle_bundle(bundle).outcome == "unchanged"


FULL = """
import sys, warnings
import sitegen
warnings.simplefilter("always")
with sitegen.start_run("exp", "one", directory=sys.argv[1], git=False, system_metrics=0.05) as run:
    for step in range(40_000):
        run.log_metrics({"loss": step / 3, "accuracy": step / 7}, step)
        if step % 4_000 == 0:
            run.log_text("x" * 50_000, f"{step}.txt")
            run.log_sample("eval", step, output="y" * 5_000, scores={"ok": True})
            run.log_params({"at": step})
print(run.faults.lost)
"""
MOUNTED = 'mount -t tmpfs -o size=1m none "$1" && "$2" -c "$3" "$1/runs" && cp -r "$1/runs" "$4"'


@pytest.fixture
def can_mount(tmp_path: Path) -> None:
    """Skips where a process may not have a disk of its own."""
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs",
         "none", tmp_path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no small disk: unshare and mount are not allowed ({done.stderr.strip()})")


@pytest.mark.usefixtures("can_mount")
def test_a_full_disk_does_not_stop_training(tmp_path: Path, sitegen: Callable[..., Any]) -> None:
    disk, kept = tmp_path / "disk", tmp_path / "kept"
    disk.mkdir()
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", MOUNTED, "sh", disk,
         sys.executable, FULL, kept],
        capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    assert done.stderr.count("LostRecordsWarning") == 1, done.stderr
    document = document_of(kept / "exp" / "one")
    assert document["status"] == "completed"
    assert document["lost_records"]["count"] == int(done.stdout) > 10_000
    assert "No space left on device" in document["lost_records"]["first"]
    loss = series_of(kept / "exp" / "one")["loss"]
    assert loss.values.tolist() == [step / 3 for step in loss.steps.tolist()]
    assert len(loss.values) > 1_000
    assert sitegen("build", kept, "-o", "site", "--strict").code == 0


LIVING = """
import sys, sitegen
run = sitegen.start_run("exp", "one", directory=sys.argv[1], git=False, system_metrics=False)
run.log_metric("loss", 1.0)
print("here", flush=True)
sys.stdin.readline()
"""


def test_a_run_that_lives_is_left_alone(runs: Path, sitegen: Callable[..., Any]) -> None:
    process = python(LIVING, runs, stdin=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()

    outcome = sitegen("compact", runs)

    assert "still running, left alone: the process that started it lives" in outcome.out
    assert document_of(runs / "exp" / "one")["status"] == "running"
    process.kill()
    finished(process)
    outcome = sitegen("compact", runs)
    assert outcome.out.splitlines() == [
        f"{runs}/exp/one: marked interrupted, 1 point in Parquet", "1 run: 1 marked interrupted",
    ]  # fmt: skip
    assert sitegen("compact", runs).out == "1 run: nothing to do\n"


def test_journals_of_other_hands_are_compacted_when_they_are_quiet(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    bundle = tmp_path / "runs" / "run"
    (bundle / "metrics").mkdir(parents=True)
    (bundle / "run.json").write_text('{"status": "running", "params": {"x": NaN}}')
    whole = bundle / "metrics" / "a.jsonl"
    whole.write_text('{"seq":1,"time":1795224679721379,"values":{"loss":NaN}}\n{"seq":2,"val')
    bare = bundle / "metrics" / "b.jsonl"
    bare.write_text('{"values":{"loss":2}}\n')
    bad = bundle / "metrics" / "c.jsonl"
    bad.write_text('{"seq":1,"values":{"loss":3}}\nnot a record\n{"seq":2,"values":{"loss":4}}\n')

    assert "a.jsonl was written less than a minute ago" in sitegen("compact", "runs").out
    for path in (whole, bare, bad, bundle / "run.json"):
        os.utime(path, (1, 1))
    outcome = sitegen("compact", "runs")

    assert outcome.code == 0, outcome.err
    assert "marked interrupted, 3 points in Parquet" in outcome.out
    assert not whole.exists()
    assert bare.exists()
    assert bad.exists()
    document = document_of(bundle)
    assert document["params"] == {"x": "NaN"}
    assert document["ended_at"] == "2026-11-21T01:31:19.721379Z"
    (bad).unlink()
    assert [repr(one) for one in series_of(bundle)["loss"].values.tolist()] == [
        "nan", "3.0", "4.0", "2.0",
    ]  # fmt: skip


def test_a_run_json_that_is_broken_is_not_overwritten(
    tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    bundle = tmp_path / "runs" / "run"
    bundle.mkdir(parents=True)
    (bundle / "run.json").write_text('{"status": ')

    outcome = sitegen("compact", "runs")

    assert outcome.code == 1
    assert "is not JSON; mend it first" in outcome.err
    assert (bundle / "run.json").read_text() == '{"status": '
