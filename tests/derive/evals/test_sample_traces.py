"""Which trace belongs to which sample."""

from __future__ import annotations

from sitegen.derive.evals.sample_traces import TracesPass
from sitegen.model import Sample
from tests.factories import MemorySink


def sample(id: str, *trace_ids: str, epoch: int = 1) -> Sample:
    return Sample(
        id=id, epoch=epoch, input=None, output=None, target=None, scores={}, error=None, tags=(),
        metadata={}, trace_ids=trace_ids, duration_s=None, usage=None, cluster=None, line=1,
    )  # fmt: skip


def test_each_trace_of_a_sample_has_a_row_with_its_id_and_epoch() -> None:
    sink, traces = MemorySink(), TracesPass()
    traces.add(sample("a", "t1", "t2"))
    traces.add(sample("b", "t3", epoch=2))

    file = traces.write("qa", 3, sink)

    assert file is not None
    assert sink.payloads["evals-3-traces"] == {
        "eval": "qa", "traces": ["t1", "t2", "t3"], "ids": ["a", "a", "b"],
        "epochs": {"k": "json", "v": [1, 1, 2]},
    }  # fmt: skip


def test_an_eval_without_traces_has_no_file_and_one_epoch_needs_no_column() -> None:
    sink, traces = MemorySink(), TracesPass()
    traces.add(sample("a"))
    assert traces.write("qa", 0, sink) is None

    traces.add(sample("b", "t"))
    traces.write("qa", 0, sink)
    assert sink.payloads["evals-0-traces"]["epochs"] is None
