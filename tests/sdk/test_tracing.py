"""Spans of a run reach its bundle as OTLP to the letter, whatever happens to the process."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry import trace as otel
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.model import Span
from sitegen.read.traces import read_traces
from sitegen.sdk.faults import Faults, LostRecordsWarning
from sitegen.sdk.lines import LineFile
from sitegen.sdk.otlp_json import document_of_message
from sitegen.sdk.tracing import Tracing, TracingMissingError
from tests.factories import REPOSITORY, Reports
from tests.read.test_traces import with_base64_ids


@pytest.fixture
def tracing(tmp_path: Path) -> Iterator[Tracing]:
    made = Tracing(tmp_path / "traces", faults=Faults("agent"), resource={"service.name": "agent"})
    yield made
    made.close()


def spans_in(bundle: Path) -> list[Span]:
    reports = Reports()
    files = sorted(path.relative_to(bundle).as_posix() for path in bundle.glob("traces/*"))
    found = list(read_traces(bundle, files, DEFAULT_LIMITS, reports))
    assert reports == []
    return [one for one in found if isinstance(one, Span)]


def documents_in(bundle: Path) -> list[Any]:
    return [
        json.loads(line)
        for path in sorted(bundle.glob("traces/*.jsonl"))
        for line in path.read_text().splitlines()
    ]


def odd_spans(tracing: Tracing) -> None:
    """Spans with everything that a span may have."""
    tracer = tracing.provider.get_tracer("a", "1", "https://example.org/schema", {"scope": True})
    with tracer.start_as_current_span("parent", kind=otel.SpanKind.SERVER) as parent:
        parent.set_attributes({
            "text": "ü\n", "yes": True, "int": 2**62, "minus": -1, "float": 0.5, "list": [1, 2],
            "nan": float("nan"), "infinity": float("-inf"), "empty": [], "texts": ["a", "b"],
        })  # fmt: skip
        link = otel.Link(parent.get_span_context(), {"why": "retry"})
        with tracer.start_as_current_span("child", links=[link]) as child:
            child.add_event("said", {"n": 1}, timestamp=1_795_224_679_000_000_001)
            child.set_status(otel.Status(otel.StatusCode.ERROR, "no"))
    remote = otel.SpanContext(0xABC, 0xDEF, is_remote=True, trace_flags=otel.TraceFlags(1))
    above = otel.set_span_in_context(otel.NonRecordingSpan(remote))
    tracer.start_span("remote", above, kind=otel.SpanKind.CONSUMER).end()


def test_what_is_written_is_what_the_official_encoder_makes(
    tracing: Tracing, tmp_path: Path
) -> None:
    official = InMemorySpanExporter()
    tracing.provider.add_span_processor(SimpleSpanProcessor(official))
    odd_spans(tracing)

    ours = [
        ParseDict(with_base64_ids(document), TracesData()) for document in documents_in(tmp_path)
    ]
    theirs = [
        TracesData.FromString(encode_spans([span]).SerializeToString())
        for span in official.get_finished_spans()
    ]
    for message in ours:  # the official encoder leaves the W3C flags, the low byte, out
        for span in message.resource_spans[0].scope_spans[0].spans:
            assert span.flags & 1
            for one in (span, *span.links):
                one.flags &= ~0xFF
    assert [text_of(one) for one in ours] == [text_of(one) for one in theirs]


def text_of(message: TracesData) -> str:
    """Protobuf's text form, in which NaN equals NaN."""
    return str(message)


def test_a_protobuf_message_becomes_the_same_json_as_the_spans(
    tracing: Tracing, tmp_path: Path
) -> None:
    official = InMemorySpanExporter()
    tracing.provider.add_span_processor(SimpleSpanProcessor(official))
    odd_spans(tracing)

    made = document_of_message(encode_spans(official.get_finished_spans()))
    assert str(ParseDict(with_base64_ids(made), TracesData())) == str(
        encode_spans(official.get_finished_spans())
    )


def test_ids_are_hex_and_int64_are_texts(tracing: Tracing, tmp_path: Path) -> None:
    with tracing.trace("a", attributes={"n": 7}) as span:
        pass

    (document,) = documents_in(tmp_path)
    (written,) = document["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (written["traceId"], written["spanId"]) == (span.trace_id, span.span_id)
    assert written["kind"] == 1
    assert written["startTimeUnixNano"].isdecimal()
    assert written["attributes"] == [{"key": "n", "value": {"intValue": "7"}}]


def test_lone_surrogates_and_other_objects_are_written(tracing: Tracing, tmp_path: Path) -> None:
    with tracing.trace("a\ud800", attributes={"o": object(), "path": Path("x")}) as span:
        span.set_input({("a", 1): 2})
        span.set_output({"deep": nested(3_000)})

    (read,) = spans_in(tmp_path)
    assert read.name == "a?"
    assert read.attributes["o"] == '"<builtins.object>"'
    assert read.attributes["path"] == '"x"'


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


def test_a_decorated_function_is_a_span_with_input_and_output(
    tracing: Tracing, tmp_path: Path
) -> None:
    @tracing.trace(kind="tool")
    def add(first: int, second: int = 2) -> int:
        return first + second

    with tracing.trace("answer", kind="agent"):
        assert add(1) == 3

    tool, agent = spans_in(tmp_path)
    assert tool.parent_span_id == agent.span_id
    assert tool.name.endswith("add")
    assert tool.attributes["input.value"] == '{"first":1}'
    assert tool.attributes["output.value"] == "3"
    assert agent.attributes["gen_ai.operation.name"] == "invoke_agent"


def test_generators_are_one_span_with_all_that_they_yield(tracing: Tracing, tmp_path: Path) -> None:
    @tracing.trace("stream", kind="llm")
    def stream(count: int) -> Iterator[str]:
        for number in range(count):
            with tracing.trace("inner"):
                yield str(number)

    for piece in stream(3):
        with tracing.trace(f"outside {piece}"):
            pass

    spans = {span.name: span for span in spans_in(tmp_path)}
    assert spans["stream"].attributes["output.value"] == "012"
    assert spans["outside 1"].parent_span_id != spans["stream"].span_id


def test_coroutines_and_asynchronous_generators_are_spans(tracing: Tracing, tmp_path: Path) -> None:
    @tracing.trace("ask")
    async def ask(question: str) -> str:
        await asyncio.sleep(0)
        return question + "!"

    @tracing.trace("pieces")
    async def pieces() -> Any:
        yield await ask("a")
        yield {"b": 1}

    async def collected() -> list[Any]:
        return [piece async for piece in pieces()]

    with ThreadPoolExecutor(1) as thread:  # Playwright may have a loop in this one
        assert thread.submit(lambda: asyncio.run(collected())).result() == ["a!", {"b": 1}]
    asked, made = spans_in(tmp_path)
    assert asked.attributes["output.value"] == "a!"
    assert asked.parent_span_id == made.span_id
    assert made.attributes["output.value"] == '["a!",{"b":1}]'


def test_an_exception_makes_the_span_an_error_and_goes_on(
    tmp_path: Path,
) -> None:
    tracing = Tracing(
        tmp_path / "traces",
        faults=Faults("agent"),
        shorten=lambda text: text.replace(str(REPOSITORY), "."),
    )

    @tracing.trace()
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()

    (span,) = spans_in(tmp_path)
    assert (span.status_code, span.status_message) == (2, "ValueError: no")
    stack = str(span.events[0].attributes["exception.stacktrace"])
    assert "fails" in stack
    assert str(REPOSITORY) not in stack


def test_facts_of_an_llm_call_stand_under_the_names_of_the_conventions(
    tracing: Tracing, tmp_path: Path
) -> None:
    with tracing.trace("chat", kind="llm") as span:
        span.set_model("gpt-4o", provider="openai", temperature=0.2)
        span.set_messages([{"role": "user", "content": "Hi"}], [{"role": "assistant"}])
        span.set_usage(input_tokens=3, output_tokens=1, cost_usd=0.5)
        span.set_documents([{"id": "d", "score": 0.5, "metadata": {"a": 1}}])
        span.set_session("s", user="u")
        span.add_event("chunk", index=1, body=[1])

    (read,) = spans_in(tmp_path)
    assert read.attributes["gen_ai.request.model"] == "gpt-4o"
    assert read.attributes["gen_ai.request.temperature"] == 0.2
    assert read.attributes["gen_ai.usage.input_tokens"] == 3
    assert "gen_ai.usage.cache_read.input_tokens" not in read.attributes
    assert read.attributes["retrieval.documents.0.document.score"] == 0.5
    assert (read.attributes["session.id"], read.attributes["user.id"]) == ("s", "u")
    assert read.events[0].attributes == {"index": 1, "body": "[1]"}


def test_more_than_128_attributes_are_kept(tracing: Tracing, tmp_path: Path) -> None:
    with tracing.trace("long", attributes={f"key.{number}": number for number in range(500)}):
        pass

    assert len(spans_in(tmp_path)[0].attributes) == 500


def test_seeding_random_does_not_repeat_ids_and_ids_draw_nothing_from_it(tracing: Tracing) -> None:
    ids = []
    for _ in range(2):
        random.seed(1)
        with tracing.trace("a") as span:
            ids.append(span.trace_id)
        drawn = random.random()

    random.seed(1)
    assert ids[0] != ids[1]
    assert drawn == random.random()


def test_no_global_is_touched_unless_asked(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from opentelemetry import trace
from sitegen.sdk.faults import Faults
from sitegen.sdk.tracing import Tracing
tracing = Tracing(Path(sys.argv[1]), faults=Faults("a"))
with tracing.trace("a"): pass
assert trace.get_tracer_provider() is not tracing.provider
tracing.make_global()
assert trace.get_tracer_provider() is tracing.provider
"""
    subprocess.run([sys.executable, "-c", script, tmp_path], cwd=REPOSITORY, check=True)


def test_without_the_extra_the_error_names_it(tmp_path: Path) -> None:
    tracing = Tracing(tmp_path, faults=Faults("agent"))
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules)
              if name.startswith(("opentelemetry.sdk", "sitegen.sdk.span_exporter"))}  # fmt: skip
    sys.modules["opentelemetry.sdk.trace"] = None  # type: ignore[assignment]
    try:
        with pytest.raises(TracingMissingError) as error:
            tracing.trace("a").__enter__()
    finally:
        del sys.modules["opentelemetry.sdk.trace"]
        sys.modules.update(hidden)

    assert error.value.hint == "pip install 'sitegen-reports[tracing]'"


def test_importing_it_loads_no_opentelemetry() -> None:
    code = "import sys, sitegen.sdk.tracing; print('opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True,
                          text=True, check=True)  # fmt: skip

    assert done.stdout == "False\n"


def test_a_forked_child_writes_a_file_of_its_own(tracing: Tracing, tmp_path: Path) -> None:
    with tracing.trace("before"):
        pass
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with tracing.trace("in the child"):
                code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    with tracing.trace("after"):
        pass

    files = {path.name: path.read_text() for path in (tmp_path / "traces").iterdir()}
    assert len(files) == 2
    assert {span.name for span in spans_in(tmp_path)} == {"before", "in the child", "after"}
    assert all(
        "in the child" not in text for name, text in files.items() if str(os.getpid()) in name
    )


def test_threads_write_whole_lines(tracing: Tracing, tmp_path: Path) -> None:
    def work(number: int) -> None:
        for _ in range(50):
            with tracing.trace(f"thread {number}", attributes={"text": "x" * 5_000}):
                pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(spans_in(tmp_path)) == 400


KILLED = """
import os, sys
from pathlib import Path
from sitegen.sdk.faults import Faults
from sitegen.sdk.tracing import Tracing
tracing = Tracing(Path(sys.argv[1]) / "traces", faults=Faults("a"))
for number in range(10**9):
    with tracing.trace(str(number), attributes={"text": "x" * 1000}): pass
    os.write(1, f"{number}\\n".encode())
"""


def test_every_span_that_ended_before_a_kill_is_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, tmp_path], cwd=REPOSITORY, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(50)]
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    process.wait()

    last = int((b"".join(said) + rest).split()[-1])
    assert {str(number) for number in range(last + 1)} <= {span.name for span in spans_in(tmp_path)}


def test_a_full_disk_loses_spans_and_not_the_run(
    tmp_path: Path,
) -> None:
    faults = Faults("agent")
    tracing = Tracing(tmp_path / "traces", faults=faults)
    with tracing.trace("before"):
        pass
    (file,) = (tmp_path / "traces").iterdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 1_000, before[1]))
    try:
        with pytest.warns(LostRecordsWarning, match="could not write to agent .traces: ") as told:
            lose_three_spans(tracing)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    with tracing.trace("after"):
        pass

    assert [span.name for span in spans_in(tmp_path)] == ["before", "after"]
    assert (faults.lost, len(told)) == (3, 1)
    tracing.close()


def lose_three_spans(tracing: Tracing) -> None:
    for _ in range(3):
        with tracing.trace("lost", attributes={"text": "x" * 5_000}):
            pass


def test_a_directory_that_cannot_be_made_loses_spans_and_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "traces").write_text("a file in the way")
    faults = Faults("agent")
    tracing = Tracing(tmp_path / "traces", faults=faults)

    with pytest.warns(LostRecordsWarning), tracing.trace("lost"):
        pass
    tracing.close()

    assert faults.lost == 1


def test_what_is_appended_after_the_end_is_told(tmp_path: Path) -> None:
    faults: list[OSError] = []
    first, second = (LineFile(tmp_path, on_fault=faults.append) for _ in range(2))

    assert first.append(b"1\n")
    assert second.append(b"2\n")
    first.close()
    second.close()

    assert not first.append(b"3\n")
    assert sorted(path.read_text() for path in tmp_path.iterdir()) == ["1\n", "2\n"]
    assert len(faults) == 1
