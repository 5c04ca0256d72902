"""What `Run` writes, how it ends, and that the site shows it."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sitegen
from sitegen.bundle.conditions import ConditionError
from sitegen.sdk.faults import LogValueError, LostRecordsWarning
from tests.factories import REPOSITORY
from tests.sdk.conftest import document_of, finished, names, python, series_of

Start = Callable[..., sitegen.Run]


def test_three_lines_make_a_bundle_without_problems(
    start: Start, runs: Path, sitegen: Callable[..., Any]
) -> None:
    with start("bert-sentiment", "lr-3e-4", tags=["baseline"]) as run:
        run.log_params({"lr": 3e-4, "optimizer": {"name": "adamw"}})
        for step in range(3):
            run.log_metrics({"train/loss": 1 / (step + 1)}, step=step)

    outcome = sitegen("build", runs, "-o", "site", "--strict")
    assert outcome.code == 0, outcome.err
    assert run.directory == runs / "bert-sentiment" / "lr-3e-4"
    assert names(run.directory) == ["metrics.parquet", "run.json"]
    assert series_of(run.directory)["train/loss"].values.tolist() == [1, 0.5, 1 / 3]
    document = document_of(run)
    assert document["status"] == "completed"
    assert document["params"] == {"lr": 3e-4, "optimizer": {"name": "adamw"}}
    assert document["tags"] == ["baseline"]


def test_every_method_writes_what_a_strict_build_takes(
    start: Start, runs: Path, tmp_path: Path, sitegen: Callable[..., Any]
) -> None:
    weights = tmp_path / "model.pt"
    weights.write_bytes(b"weights")
    with start() as run:
        run.log_param("lr", 0.1)
        run.log_metric("loss", 0.5)
        run.define_metric("loss", goal="minimize", unit="nats")
        run.log_summary("test/accuracy", 0.91)
        run.log_summary({"test/f1": float("nan")})
        run.create_alert("loss > 2.0", "diverged", level="warning")
        run.set_tags(["a", "b"])
        run.set_description("A try.")
        run.add_link("https://example.org/42", "Discussion")
        run.log_note("# Notes")
        run.log_note("It works.")
        run.log_dataset("reviews", weights, description="Short ones.", context="train", rows=3)
        run.log_dataset("remote", "s3://bucket/reviews")
        run.log_model(weights, "classifier", version=3, stage="staging", tags=["best"])
        run.log_text("hello", "greeting.txt")
        run.log_table("scores", [{"name": "a", "score": 1}, {"name": "b", "ok": True}])
        run.log_artifact(weights, artifact_path="checkpoints")
        run.log_artifact({"a": [1, 2]}, "facts")
        run.log_sample(
            "support", "q-1", input="Where?", output="Here.", target="There.",
            scores={"resolved": True, "tone": {"value": 4, "rationale": "Kind."}},
            usage={"input_tokens": 5, "cost_usd": 0.1}, tags=["x"], duration_s=1.5,
        )  # fmt: skip
        run.annotate("helpful", True, eval="support", sample_id="q-1", rationale="Names it.")
        run.annotate("label", "good")
        run.annotate("spike", False, metric="loss", step=0, user="maria")

    outcome = sitegen("build", runs, "-o", "site", "--strict")
    assert outcome.code == 0, outcome.out + outcome.err
    (report,) = (tmp_path / "site" / "runs").glob("*.json")
    facts = json.loads(report.read_text())
    assert facts["annotations"] == {"feedback": 2, "expectation": 1, "orphaned": 0, "stale": 0}
    assert facts["evals"]["support"]["scores"]["resolved"]["n"] == 1
    assert facts["metrics"]["test/accuracy"]["last"] == 0.91
    assert facts["metrics"]["loss"]["best"] == 0.5
    assert {one["path"] for one in facts["attachments"]} == {
        "checkpoints/model.pt", "facts.json", "greeting.txt", "models/classifier/model.pt",
        "scores.csv",
    }  # fmt: skip
    assert (run.directory / "notes.md").read_text() == "# Notes\n\nIt works.\n"
    assert document_of(run)["models"][0]["path"] == "attachments/models/classifier/model.pt"


def test_nothing_of_this_machine_is_in_a_bundle(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("x")
    with suppress(ZeroDivisionError), start() as run:
        run.log_dataset("data", tmp_path / "data.txt")
        1 / 0  # noqa: B018

    text = (run.directory / "run.json").read_text()
    assert [
        one for one in (str(tmp_path), str(Path.home()), os.uname().nodename) if one in text
    ] == []
    assert "user" not in document_of(run)


def test_an_exception_makes_a_run_failed_and_goes_on(start: Start) -> None:
    with pytest.raises(ValueError, match="no gradient"), start() as run:
        raise ValueError("no gradient")

    document = document_of(run)
    assert document["status"] == "failed"
    assert document["error"]["type"] == "ValueError"
    assert document["error"]["message"] == "no gradient"
    assert 'File "tests/sdk/test_run.py", line' in document["error"]["traceback"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(KeyboardInterrupt(), "killed"), (SystemExit(0), "completed"), (SystemExit(3), "failed")],
)
def test_how_a_block_is_left_says_how_the_run_ended(
    start: Start, error: BaseException, status: str
) -> None:
    with pytest.raises(type(error)), start() as run:
        raise error

    assert document_of(run)["status"] == status


def test_a_decorator_makes_a_run_of_each_call_and_none_before(start: Start, runs: Path) -> None:
    @start(name="trial")
    def train(lr: float) -> float:
        run = sitegen.current_run()
        assert run is not None
        run.log_param("lr", lr)
        return lr * 2

    assert not runs.exists()
    assert sitegen.current_run() is None
    assert (train(0.1), train(lr=0.2)) == (0.2, 0.4)
    assert names(runs / "exp") == ["trial", "trial-2"]
    assert document_of(runs / "exp" / "trial-2")["params"] == {"lr": 0.2}


def test_a_decorated_coroutine_is_a_run_until_it_returns(start: Start, runs: Path) -> None:
    @start(name="later")
    async def train() -> None:
        await asyncio.sleep(0)
        run = sitegen.current_run()
        assert run is not None
        run.log_metric("loss", 1.0)

    thread = threading.Thread(target=asyncio.run, args=(train(),))  # a browser's loop may run here
    thread.start()
    thread.join()

    assert document_of(runs / "exp" / "later")["status"] == "completed"


def test_nested_runs_name_their_parent_and_parallel_ones_do_not_mix(start: Start) -> None:
    with start(name="outer") as outer:
        with start(name="inner") as inner:
            assert sitegen.current_run() is inner
        assert sitegen.current_run() is outer
        alone = start(name="alone", parent=False)
        alone.end()

    def work(name: str) -> None:
        with start(name=name, parent=outer) as run:
            run.log_metric(name, 1.0)
            assert sitegen.current_run() is run

    threads = [threading.Thread(target=work, args=(f"t{index}",)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    parents = {
        path.parent.name: json.loads(path.read_text()).get("parent")
        for path in outer.directory.parent.glob("*/run.json")
    }
    assert parents == {
        "outer": None, "inner": outer.id, "alone": None, "t0": outer.id, "t1": outer.id,
        "t2": outer.id,
    }  # fmt: skip


def test_a_run_goes_on_by_its_id(start: Start) -> None:
    with start() as first:
        first.log_metric("loss", 1.0)
        first.log_metric("loss", 0.5)
    with start("exp", None, id=first.id, resume=True, params={"more": 1}) as second:
        assert document_of(second)["status"] == "running"
        assert "ended_at" not in document_of(second)
        second.log_metric("loss", 0.25)

    assert second.directory == first.directory
    assert second.name == "one"
    series = series_of(first.directory)["loss"]
    assert (series.steps.tolist(), series.values.tolist()) == ([0, 1, 2], [1.0, 0.5, 0.25])
    assert document_of(first)["status"] == "completed"


def test_an_id_is_taken_once_and_resumed_only_if_it_is_there(start: Start) -> None:
    start(id="job-42").end()

    with pytest.raises(LogValueError, match="“job-42” is there already"):
        start(id="job-42").log_metric("a", 1)
    with pytest.raises(LogValueError, match="no run with the id “job-43”"):
        start(id="job-43", resume=True).log_metric("a", 1)
    assert sitegen.current_run() is None


def test_ids_differ_where_names_do_not(start: Start) -> None:
    runs = [start(name="same") for _ in range(3)]
    ids = {run.id for run in runs}
    for run in reversed(runs):
        run.end()

    assert len(ids) == 3


@given(name=st.text(st.characters(), min_size=1, max_size=90).filter(lambda one: one.strip()))
def test_any_name_is_a_directory_below_runs(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    runs = tmp_path_factory.mktemp("runs")
    with sitegen.start_run(
        name, name, directory=runs, git=False, packages=False, hardware=False,
        system_metrics=False, entrypoint=False,
    ) as run:  # fmt: skip
        run.log_text("x", f"{name.replace('..', '')}.txt")
        run.log_image(name.replace("..", "-"), PIXEL)

    assert run.directory.parent.parent == runs
    assert run.directory.name.isascii()
    assert not run.directory.name.startswith(".")
    assert len([path for path in run.directory.rglob("*") if path.is_file()]) >= 3


PIXEL = bytes.fromhex("89504e470d0a1a0a")


def test_an_attachment_never_leaves_its_run(start: Start, tmp_path: Path) -> None:
    with start() as run:
        with pytest.raises(LogValueError, match="leads out of the run"):
            run.log_text("x", "../../outside.txt")
        assert run.log_text("x", "/etc/.hidden: a\n") == "attachments/etc/_hidden_ a_"


def test_directories_are_logged_without_hidden_files(start: Start, tmp_path: Path) -> None:
    for name in ("out/a.txt", "out/sub/b.txt", "out/.git/config", "out/.env"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    with start() as run:
        run.log_artifacts(tmp_path / "out", "results")

    found = (run.directory / "attachments").rglob("*")
    assert sorted(path.name for path in found if path.is_file()) == ["a.txt", "b.txt"]


def test_a_directory_that_holds_the_run_is_logged_without_it(start: Start, runs: Path) -> None:
    with start() as run:
        run.log_text("x", "mine.txt")
        (runs / "other.txt").write_text("y")
        run.log_artifacts(runs)

    assert names(run.directory / "attachments") == ["mine.txt", "other.txt"]


def test_a_file_that_is_not_there_is_the_callers_mistake(start: Start, tmp_path: Path) -> None:
    with start() as run, pytest.raises(LogValueError, match="No such file"):
        run.log_artifact(tmp_path / "missing.pt")


def test_an_alert_tells_each_time_that_it_becomes_true(start: Start) -> None:
    told: list[sitegen.AlertFired] = []
    with start() as run:
        run.create_alert("`val/loss` > 2.0 and lr < 1", "diverged", notify=told.append)
        for step, loss in enumerate([1.0, 3.0, 4.0, 1.0, 5.0]):
            run.log_metric("val/loss", loss, step)
            run.log_metrics({"lr": 0.5}, step)

    assert [one.step for one in told] == [1, 4]
    assert str(told[0]) == f"diverged: lr = 0.5, val/loss = 3 at step 1 ({run.id})"
    assert document_of(run)["alerts"] == [
        {"condition": "`val/loss` > 2.0 and lr < 1", "message": "diverged"}
    ]


def test_a_notify_that_fails_warns_and_training_goes_on(start: Start) -> None:
    def hook(_: sitegen.AlertFired) -> None:
        raise ConnectionError("hook is down")

    with start() as run:
        run.create_alert("loss > 1", notify=hook)
        with pytest.warns(RuntimeWarning, match="hook is down"):
            run.log_metric("loss", 2.0)


def test_a_condition_that_is_none_is_refused_when_it_is_made(start: Start) -> None:
    with start() as run, pytest.raises(ConditionError, match="expected a number"):
        run.create_alert("loss > high")


def test_a_directory_that_cannot_be_written_never_raises(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.warns(LostRecordsWarning) as told,
        sitegen.start_run(
            "exp", "one", directory=tmp_path / "file", git=False, system_metrics=False
        ) as run,
    ):
        for step in range(5):
            run.log_metric("loss", 1.0, step)
        run.log_params({"a": 1})
        run.log_text("x", "a.txt")
        run.log_image("i", PIXEL)
        run.log_note("x")
        run.log_sample("e", 1, scores={"ok": True})
        run.annotate("good", True)

    assert len(told) == 1
    assert run.faults.lost >= 5


def log_some(run: sitegen.Run, number: int) -> None:
    for step in range(200):
        run.log_metric(f"worker{number}", float(step), step)
        run.log_metrics({"shared": float(number), "a": 1}, step)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_log_into_the_run_that_they_were_given(start: Start, method: str) -> None:
    context = multiprocessing.get_context(method)
    with start() as run:
        run.log_metric("worker9", 1.0, 0)
        workers = [context.Process(target=log_some, args=(run, index)) for index in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0, 0]
        assert document_of(run)["status"] == "running"

    series = series_of(run.directory)
    assert series["worker0"].steps.tolist() == list(range(200))
    assert series["worker1"].steps.tolist() == list(range(200))
    assert len(series["shared"].values) == 400
    assert document_of(run)["status"] == "completed"


def test_a_pickled_run_is_the_same_run(start: Start) -> None:
    with start() as run:
        copy = pickle.loads(pickle.dumps(run))
        copy.log_metric("loss", 1.0)
        assert not copy.is_owner
        copy.end("failed")
        assert document_of(run)["status"] == "running"

    assert document_of(run)["status"] == "completed"


RANK = """
import sys, sitegen
run = sitegen.start_run("ranks", id="job-7", resume="allow", directory=sys.argv[1], git=False,
                        system_metrics=False)
rank = int(sys.argv[2])
sys.stdin.readline()  # all are here
for step in range(300):
    run.log_metrics({f"rank{rank}/loss": step / 7, "all": rank}, step=step)
run.log_params({f"rank{rank}": {"seed": rank}})
run.log_sample("eval", rank, output=rank, scores={"ok": True})
print(run.is_owner, flush=True)
sys.stdin.readline()  # the first of them ends last
"""


def test_eight_processes_log_into_one_run(runs: Path, sitegen: Callable[..., Any]) -> None:
    ranks = [python(RANK, runs, str(rank), stdin=subprocess.PIPE) for rank in range(8)]
    for rank in ranks:
        rank.stdin.write("go\n")
        rank.stdin.flush()
    owners = [rank.stdout.readline().strip() == "True" for rank in ranks]
    for rank in sorted(ranks, key=lambda one: owners[ranks.index(one)]):
        _, err = rank.communicate("end\n", timeout=120)
        assert rank.returncode == 0, err

    assert owners.count(True) == 1
    (bundle,) = (runs / "ranks").iterdir()
    series = series_of(bundle)
    for rank in range(8):
        assert series[f"rank{rank}/loss"].values.tolist() == [step / 7 for step in range(300)]
    assert len(series["all"].values) == 2400
    document = document_of(bundle)
    assert document["params"] == {f"rank{rank}": {"seed": rank} for rank in range(8)}
    assert document["status"] == "completed"
    assert names(bundle) == ["evals", "metrics.parquet", "run.json"]
    assert sitegen("build", runs, "-o", "site", "--strict").code == 0


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("run.log_metric('a', 1)", "completed"),
        ("run.log_metric('a', 1); run.end('failed')", "failed"),
        ("run.log_metric('a', 1); 1 / 0", "failed"),
        ("1 / 0", "failed"),
        ("run.log_metric('a', 1); os.kill(os.getpid(), signal.SIGTERM)", "killed"),
        ("run.log_metric('a', 1); os.kill(os.getpid(), signal.SIGINT)", "killed"),
        ("run.log_metric('a', 1); os._exit(1)", "running"),
    ],
)  # fmt: skip
def test_plain_calls_end_with_the_process(runs: Path, script: str, status: str) -> None:
    head = (
        "import os, signal, sys, sitegen\n"
        "run = sitegen.start_run('exp', 'one', directory=sys.argv[1], system_metrics=False)\n"
    )
    finished(python(head + script, runs))

    assert document_of(runs / "exp" / "one")["status"] == status


HANDLERS = """
import os, signal, sys, threading, sitegen
seen = []
def mine(number, frame):
    seen.append(number)
    if len(seen) == 2:
        sys.exit(0)
signal.signal(signal.SIGTERM, mine)
signal.signal(signal.SIGINT, signal.SIG_IGN)
with sitegen.start_run("exp", "one", directory=sys.argv[1], git=False, system_metrics=False) as run:
    run.log_metric("a", 1)
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    run.log_metric("a", 2)
assert signal.getsignal(signal.SIGTERM) is mine
with sitegen.start_run("exp", "two", directory=sys.argv[1], git=False, system_metrics=False) as run:
    run.log_metric("a", 1)
    os.kill(os.getpid(), signal.SIGTERM)
"""


def test_handlers_of_others_are_called_and_decide(runs: Path) -> None:
    code, _, err = finished(python(HANDLERS, runs))

    assert code == 0, err
    assert document_of(runs / "exp" / "one")["status"] == "completed"
    assert document_of(runs / "exp" / "two")["status"] == "killed"


def test_importing_sitegen_loads_next_to_nothing() -> None:
    script = (
        "import sys, time; begun = time.process_time(); import sitegen; sitegen.__version__;"
        " first = time.process_time() - begun; light = len(sys.modules); sitegen.start_run;"
        " print(first, time.process_time() - begun, *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    first, whole, *modules = done.stdout.split()

    ours = {name.split(".")[1] for name in modules if name.startswith("sitegen.")}
    assert ours == {"sdk", "bundle", "errors", "records", "units"}
    assert float(first) < 0.1
    assert float(whole) < 0.5


FORKED = """
import os, sys, threading, sitegen
run = sitegen.start_run("exp", "one", directory=sys.argv[1], git=False, system_metrics=False)
run.log_metric("parent", 1.0)
child = os.fork()
if not child:
    names = {thread.name for thread in threading.enumerate()}
    run.log_metric("child", 1.0)
    names = names, {thread.name for thread in threading.enumerate()}
    os._exit(0 if names == ({"MainThread"}, {"MainThread", "sitegen-heartbeat"}) else 1)
_, status = os.waitpid(child, 0)
run.log_metric("parent", 2.0)
run.end()
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_child_flushes_by_a_thread_of_its_own(runs: Path) -> None:
    code, _, err = finished(python(FORKED, runs))

    assert code == 0, err
    series = series_of(runs / "exp" / "one")
    assert series["parent"].values.tolist() == [1.0, 2.0]
    assert series["child"].values.tolist() == [1.0]
