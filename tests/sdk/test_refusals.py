"""What cannot be logged is refused where it is logged, and what cannot be written stops nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

import sitegen
from sitegen.sdk.faults import LogTypeError, LogValueError
from tests.sdk.conftest import finished, python

Start = Callable[..., sitegen.Run]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.log_metric("loss", "0.3"), "“loss”: '0.3' (str) is not a number"),
        (lambda run: run.log_metrics([1]), "log_metrics takes a mapping, got a list"),
        (lambda run: run.log_metric("loss", 1, step="a"), "“step of loss”: 'a' (str)"),
        (lambda run: run.log_params({"f": print}), "“f”: a builtin_function_or_method"),
        (lambda run: run.set_tags("a"), "tags must be a list of strings"),
        (lambda run: run.log_sample("e", None), "id of a sample must be a string or integer"),
        (lambda run: run.log_sample("e", 1, scores={"s": [1]}), "score “s” must be a number"),
        (lambda run: run.log_sample("e", 1, scores=[1]), "scores must be a mapping, got a list"),
        (lambda run: run.log_sample("e", 1, tags="abc"), "tags must be a list of strings"),
        (lambda run: run.log_sample("e", 1, metadata="m"), "metadata must be a mapping"),
        (lambda run: run.log_sample("e", 1, trace_ids=2.5), "trace_ids must be a list of hex ids"),
        (lambda run: run.log_metric(["loss"], 1), "the name of a metric must be a string"),
        (lambda run: run.log_dataset("d", "s3://x", description=3), "“description”: 3 (int)"),
        (lambda run: run.log_dataset("d", "s3://x", rows=1.5), "1.5 (float) is not a whole number"),
        (lambda run: run.annotate("a", True, metric=3, step=1), "“metric”: 3 (int) is not"),
        (lambda run: run.log_table("t", {"a": 1}), "column “a” must be a list, got 1 (int)"),
        (lambda run: run.annotate("a", 0.5), "0.5 (float) is not a boolean"),
        (lambda run: run.log_image("i", object()), "picture “i”: an object is not an array"),
        (lambda run: run.log_metric("m", None), "“m”: None is not a number: int, float"),
        (lambda run: run.log_table("t", 3), "log_table takes a data frame"),
        (lambda run: run.log_artifact(3, "n"), "log_artifact takes a path"),
        (lambda run: run.log_figure("f", 3), "is not a figure of matplotlib or Plotly"),
    ],
)  # fmt: skip
def test_a_wrong_type_names_the_key_and_what_is_accepted(
    start: Start, call: Callable[[sitegen.Run], None], message: str
) -> None:
    with start() as run, pytest.raises(LogTypeError) as told:
        call(run)

    assert message in str(told.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda run: run.log_metric("loss", 1, step=2**63), "is beyond 64 bits"),
        (lambda run: run.add_link(" "), "the url of a link is empty"),
        (lambda run: run.log_metrics({"loss": 1}, step=-(2**70)), "is beyond 64 bits"),
        (lambda run: run.log_metric("loss", Decimal("sNaN")), "a signaling NaN is no number"),
        (lambda run: run.log_param("x", {"y": Decimal("sNaN")}), "a signaling NaN is no number"),
    ],
)
def test_a_value_that_no_reader_takes_is_refused_when_it_is_logged(
    start: Start, call: Callable[[sitegen.Run], None], message: str
) -> None:
    with start() as run, pytest.raises(LogValueError, match=message):
        call(run)


def test_numbers_of_a_sample_that_are_not_finite_do_not_stop_training(start: Start) -> None:
    nan = float("nan")
    with start() as run:
        run.log_sample("e", 1, scores={"s": nan}, duration_s=nan, usage={"cost_usd": nan})
        run.log_dataset("data", "s3://bucket", version=nan)
        run.log_sample("e", 2, trace_ids=2**127)

    first, second = (run.directory / "evals" / "e.jsonl").read_text().splitlines()
    assert json.loads(first)["usage"] == {"cost_usd": "NaN"}
    assert json.loads(second)["trace_ids"] == [f"{2**127:032x}"]


BOUNDED = """
import resource, signal, sys
from pathlib import Path
from sitegen.sdk.document import RunDocument
from sitegen.sdk.faults import Faults
document = RunDocument(Path(sys.argv[1]), Faults("exp"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
_, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))  # as a disk that is full
applied = 0
def count(_):
    global applied
    applied += 1
for _ in range(2_000):
    assert not document.change(count)
assert applied < 20_000, applied
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
applied = 0
assert document.change(count, sync=True)
print(applied)
"""


def test_a_full_disk_does_not_make_each_change_slower_than_the_last(tmp_path: Path) -> None:
    code, out, err = finished(python(BOUNDED, tmp_path))

    assert code == 0, err
    assert out == "2001\n"
