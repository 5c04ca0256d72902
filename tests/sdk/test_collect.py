"""`sitegen collect` speaks OTLP/HTTP: what comes in is kept or refused as the protocol says."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from sitegen.errors import SitegenError
from sitegen.model import Span
from sitegen.read.traces import LogEvent
from sitegen.sdk import collect, collect_server
from sitegen.sdk.collect import Collector
from sitegen.sdk.collect_run import CollectedRun
from sitegen.sdk.collect_server import CollectServer
from tests.factories import (
    REPOSITORY,
    SPAN_ID,
    TRACE_ID,
    attribute,
    request_document,
    span_document,
)
from tests.read.test_traces import read, with_base64_ids

JSON, PROTOBUF = "application/json", "application/x-protobuf"
REQUEST = request_document([span_document()])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CollectServer]:
    collector = Collector(tmp_path)
    made = CollectServer(collector, 0)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()
    collector.close()


Posted = tuple[int, bytes, http.client.HTTPMessage]


@pytest.fixture
def post(server: CollectServer) -> Callable[..., Posted]:
    def send(body: Any, path: str = "/v1/traces", method: str = "POST", **headers: str) -> Posted:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        given = {"Content-Type": JSON} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        connection.request(method, path, body, given)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content, response.headers

    return send


def protobuf(document: Any = REQUEST) -> bytes:
    return ParseDict(with_base64_ids(document), ExportTraceServiceRequest()).SerializeToString()


def spans_in(bundle: Path) -> list[Span]:
    files = sorted(path.relative_to(bundle).as_posix() for path in bundle.glob("traces/*"))
    records, reports = read(bundle, files)
    assert reports == []
    return [record for record in records if isinstance(record, Span)]


def test_json_and_protobuf_plain_and_gzip_give_the_same_span(
    post: Callable[..., Posted], tmp_path: Path
) -> None:
    plain = json.dumps(REQUEST, indent=1).encode()
    replies = [
        post(plain),
        post(plain, Content_Type=f"{JSON}; charset=utf-8"),
        post(gzip.compress(plain), Content_Encoding="gzip"),
        post(gzip.compress(plain[:100]) + gzip.compress(plain[100:]), Content_Encoding="gzip"),
        post(protobuf(), Content_Type=PROTOBUF),
        post(gzip.compress(protobuf()), Content_Type=PROTOBUF, Content_Encoding="gzip"),
    ]

    assert [status for status, _, _ in replies] == [200] * 6
    assert [body for _, body, _ in replies] == [b"{}"] * 4 + [b""] * 2
    assert [headers["Content-Type"] for _, _, headers in replies] == [JSON] * 4 + [PROTOBUF] * 2
    ExportTraceServiceResponse.FromString(replies[-1][1])
    spans = spans_in(tmp_path)
    assert len(spans) == 6
    assert {
        (span.trace_id, span.span_id, span.start_ns, str(span.attributes)) for span in spans
    } == {(spans[0].trace_id, spans[0].span_id, spans[0].start_ns, str(spans[0].attributes))}


def test_chunked_bodies_are_read(post: Callable[..., Posted], tmp_path: Path) -> None:
    text = json.dumps(REQUEST).encode()
    status, _, _ = post(iter([text[:50], text[50:]]))  # sent in chunks

    assert (status, len(spans_in(tmp_path))) == (200, 1)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"not json", {}, 400), (b"[]", {}, 400), (b'{"resourceSpans": 3}', {}, 400),
        (b'{"hello": []}', {}, 400), (b"[" * 5_000, {}, 400), (b"\xff\xff", {}, 400),
        (b"\xff\xff\xff", {"Content_Type": PROTOBUF}, 400),
        (b"no gzip", {"Content_Encoding": "gzip"}, 400),
        (gzip.compress(b"{}", mtime=0)[:-4], {"Content_Encoding": "gzip"}, 400),
        (b"{}", {"Content_Encoding": "br"}, 415), (b"{}", {"Content_Type": "text/plain"}, 415),
        (b"{}", {"path": "/v1/other"}, 404), (None, {"method": "GET"}, 405),
        (b"{}", {"Content_Length": "x"}, 400), (b"{}", {"Content_Length": str(10**9)}, 413),
        (b"{}", {"Host": "evil.example:4318"}, 403),
        (b"{}", {"Origin": "https://evil.example"}, 403),
        (b"{}", {"Origin": "null"}, 403), (b"{}", {"Host": "127.0.0.1.evil.example"}, 403),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_status(
    post: Callable[..., Posted], tmp_path: Path, body: Any, headers: dict[str, str], status: int
) -> None:
    found, content, answered = post(body, **headers)

    assert found == status
    assert len(content) > 10
    if answered["Content-Type"] == JSON:
        assert json.loads(content)["message"]
    assert spans_in(tmp_path) == []


def test_a_bomb_ends_at_the_limit(post: Callable[..., Posted]) -> None:
    bomb = gzip.compress(b" " * (collect.MOST_DECODED_BYTES + 10))

    assert post(bomb, Content_Encoding="gzip")[0] == 413


def test_the_status_of_a_failure_is_in_the_encoding_of_the_request(
    post: Callable[..., Posted],
) -> None:
    _, content, headers = post(b"\xff\xff", Content_Type=PROTOBUF)

    assert headers["Content-Type"] == PROTOBUF
    assert content[:3] == bytes((0x08, 3, 0x12))  # google.rpc.Status: code 3, then the message
    assert content[4:].decode() == "the body is no protobuf message of OTLP traces"
    assert content[3] == len(content) - 4


def log_request(*names: str) -> dict[str, Any]:
    records = [
        {"traceId": TRACE_ID, "spanId": SPAN_ID, "eventName": name, "body": {"stringValue": "hi"}}
        for name in names
    ]
    old = {"traceId": TRACE_ID, "spanId": SPAN_ID,
           "attributes": [attribute("event.name", "gen_ai.choice")]}  # fmt: skip
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [*records, old]}]}]}


@pytest.mark.parametrize("kind", [JSON, PROTOBUF])
def test_log_events_about_spans_are_kept_and_others_rejected(
    post: Callable[..., Posted], tmp_path: Path, kind: str
) -> None:
    document = log_request("gen_ai.user.message", "app.started")
    message = ParseDict(with_base64_ids(document), ExportLogsServiceRequest())
    body = json.dumps(document).encode() if kind == JSON else message.SerializeToString()

    status, content, _ = post(body, path="/v1/logs", Content_Type=kind)

    assert status == 200
    if kind == JSON:
        assert json.loads(content)["partialSuccess"]["rejectedLogRecords"] == "1"
    else:
        response = ExportLogsServiceResponse.FromString(content)
        assert response.partial_success.rejected_log_records == 1
    (file,) = (tmp_path / "traces").iterdir()
    records, _ = read(tmp_path, [f"traces/{file.name}"])
    assert [one.event.name for one in records if isinstance(one, LogEvent)] == [
        "gen_ai.user.message", "gen_ai.choice",
    ]  # fmt: skip


def test_metrics_are_answered_as_rejected(post: Callable[..., Posted], tmp_path: Path) -> None:
    metric = {"name": "m", "sum": {"dataPoints": [{"asInt": "1"}, {"asInt": "2"}]}}
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})

    status, content, _ = post(body, path="/v1/metrics")

    assert status == 200
    rejected = json.loads(content)["partialSuccess"]
    assert (rejected["rejectedDataPoints"], rejected["errorMessage"][:7]) == ("2", "metrics")
    assert ExportMetricsServiceResponse().partial_success.rejected_data_points == 0
    assert not (tmp_path / "traces").exists()


def test_a_page_of_this_machine_may_send(post: Callable[..., Posted]) -> None:
    origin = "http://localhost:3000"
    asked, _, headers = post(None, method="OPTIONS", Origin=origin)
    status, _, _ = post(json.dumps(REQUEST), Origin=origin)

    assert (asked, status) == (204, 200)
    assert headers["Access-Control-Allow-Origin"] == origin


def test_beyond_the_connections_a_client_is_asked_to_come_back(
    server: CollectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [
        socket.create_connection(("127.0.0.1", server.port))
        for _ in range(collect_server._MOST_CONNECTIONS)
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as more:
        answer = more.recv(1_000)
    for one in held:
        one.close()

    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"Retry-After: 1" in answer


def test_no_request_at_all_and_half_a_request_do_no_harm(
    server: CollectServer, post: Callable[..., Posted]
) -> None:
    half = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab"
    for sent in (b"", b"\x16\x03\x01 tls\r\n\r\n", half):
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(sent)

    assert post(json.dumps(REQUEST))[0] == 200


def test_a_full_disk_asks_the_client_to_try_again(
    post: Callable[..., Posted], tmp_path: Path
) -> None:
    assert post(json.dumps(REQUEST))[0] == 200
    (file,) = (tmp_path / "traces").iterdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 100, before[1]))
    try:
        status, _, headers = post(json.dumps(REQUEST))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert (status, headers["Retry-After"]) == (503, "30")
    assert post(json.dumps(REQUEST))[0] == 200
    assert len(spans_in(tmp_path)) == 2


def test_several_clients_at_once_lose_nothing(post: Callable[..., Posted], tmp_path: Path) -> None:
    def work() -> None:
        for _ in range(10):
            assert post(protobuf(), Content_Type=PROTOBUF)[0] == 200

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(spans_in(tmp_path)) == 80


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_makes_a_bundle_and_ends_cleanly(tmp_path: Path, number: int) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sitegen", "collect", "-o", "runs/agent/today", "--port", "0"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    address = process.stderr.readline().split()[3]
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("POST", "/v1/traces", json.dumps(REQUEST), {"Content-Type": JSON})
    assert connection.getresponse().status == 200
    process.send_signal(number)
    said = process.stderr.read()
    process.stderr.close()
    connection.close()

    assert process.wait(timeout=60) == 0
    assert "Kept 1\u00a0span" in said or "Kept 1 span" in said
    bundle = tmp_path / "runs/agent/today"
    manifest = json.loads((bundle / "run.json").read_text())
    assert (manifest["name"], manifest["status"]) == ("today", "completed")
    assert len(spans_in(bundle)) == 1
    assert [path.name for path in bundle.iterdir() if path.name.startswith(".")] == []


def test_a_run_that_is_there_keeps_its_manifest(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"format": 1, "name": "mine"}')
    run = CollectedRun(tmp_path)

    assert run.end()
    assert json.loads((tmp_path / "run.json").read_text()) == {"format": 1, "name": "mine"}


def test_a_directory_of_other_things_is_not_made_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "a-run").mkdir()

    with pytest.raises(SitegenError, match="holds files but no run"):
        CollectedRun(tmp_path)


def test_a_port_that_is_taken_is_an_error(server: CollectServer, tmp_path: Path) -> None:
    with pytest.raises(SitegenError, match=f"port {server.port} cannot be opened"):
        CollectServer(Collector(tmp_path), server.port)
