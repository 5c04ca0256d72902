"""How a process ends is how its runs end, at whatever moment a signal comes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sitegen
from sitegen.sdk.faults import LogTypeError
from tests.sdk.conftest import document_of, finished, python

BEGIN = """
import os, sys, signal, threading
import sitegen
def begin(**options):
    return sitegen.start_run("exp", directory=sys.argv[1], git=False, packages=False,
                             hardware=False, system_metrics=False, **options)
"""
LOOPS = {
    "params": "run = begin(); run.id; ready()\nwhile True: run.log_params({'x': 1})",
    "notes": "run = begin(); run.id; ready()\nwhile True: run.log_note('x')",
    "spans": "run = begin(); run.id; ready()\nwhile True:\n    with run.trace('x'): pass",
    "samples": "run = begin(); run.id; ready()\nwhile True: run.log_sample('x', 1)",
    "many runs": "ready()\nwhile True: begin(parent=False).end()",
    "one id": "ready()\nwhile True: begin(id=os.urandom(4).hex(), resume='allow').end()",
}
READY = "def ready(): print('ready', flush=True)\n"


def statuses(runs: Path) -> set[str]:
    return {json.loads(path.read_text())["status"] for path in runs.glob("*/*/run.json")}


@pytest.mark.parametrize("loop", LOOPS)
def test_a_signal_at_any_moment_ends_the_process_and_its_runs(loop: str, tmp_path: Path) -> None:
    for turn in range(3):
        runs = tmp_path / str(turn)
        process = python(BEGIN + READY + LOOPS[loop], runs, stdin=subprocess.DEVNULL)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.random() * 0.2)
        process.send_signal(signal.SIGTERM)

        code, _, err = finished(process)
        assert (code, err) == (-signal.SIGTERM, "")
        assert statuses(runs) <= {"killed", "completed"}


def test_a_signal_that_comes_while_a_run_begins_is_answered_after_it(
    tmp_path: Path, runs: Path
) -> None:
    git = tmp_path / "bin" / "git"  # which a beginning run asks for the commit
    git.parent.mkdir()
    git.write_text("#!/bin/sh\nkill -TERM $PPID\nsleep 0.2\n")
    git.chmod(0o755)
    (tmp_path / ".git").mkdir()
    script = """
import sys, sitegen
run = sitegen.start_run("exp", id="job", resume="allow", directory=sys.argv[1])
run.log_metric("loss", 1.0)
"""
    environment = {"PATH": f"{git.parent}{os.pathsep}{os.environ['PATH']}"}
    code, _, err = finished(python(script, runs, cwd=tmp_path, env=environment))

    assert (code, err) == (-signal.SIGTERM, "")
    assert statuses(runs) == {"killed"}


@pytest.mark.parametrize(
    ("leave", "code", "status"),
    [
        ("sys.exit(3)", 3, "failed"),
        ("sys.exit('no data')", 1, "failed"),
        ("sys.exit()", 0, "completed"),
        ("sys.exit(0)", 0, "completed"),
        ("threading.Thread(target=sys.exit, args=(2,)).start()", 0, "completed"),
        ("try: sys.exit(2)\nexcept SystemExit: run.end()", 0, "completed"),
        ("run.end(); sys.exit(2)", 2, "completed"),
        ("signal.signal(15, lambda *_: sys.exit(4)); os.kill(os.getpid(), 15)", 4, "failed"),
        ("os.kill(os.getpid(), 2)", -2, "killed"),
        ("1 / 0", 1, "failed"),
    ],
)
def test_a_run_of_plain_calls_ends_as_its_process_does(
    leave: str, code: int, status: str, runs: Path
) -> None:
    script = f"{BEGIN}run = begin(name='one'); run.log_metric('loss', 1.0)\n{leave}"
    found, _, _ = finished(python(script, runs))

    assert found == code
    document = document_of(runs / "exp" / "one")
    assert document["status"] == status
    assert ("error" in document) is (status == "failed")


def test_sys_exit_is_the_same_again_when_no_run_is_left(runs: Path) -> None:
    script = """
before = sys.exit
with begin() as run:
    assert sys.exit is not before
assert sys.exit is before
"""
    code, _, err = finished(python(BEGIN + script, runs))

    assert code == 0, err


def test_a_generator_is_no_run(start: Callable[..., sitegen.Run], runs: Path) -> None:
    def steps() -> Any:
        yield 1

    with pytest.raises(LogTypeError, match="steps is a generator"):
        start()(steps)

    assert not runs.exists()
    assert sitegen.current_run() is None
