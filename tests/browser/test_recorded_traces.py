"""What a real instrumentation and plain HTTP clients record stands in the Traces tab."""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sitegen.build.site import build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from sitegen.sdk.collect import Collector
from sitegen.sdk.collect_server import CollectServer
from tests.factories import request_document, span_document
from tests.sdk.openai_stub import QUESTION
from tests.sdk.test_collect import protobuf
from tests.sdk.test_instrumentations import run_instrumented

pytest.importorskip("openai", reason="openai is not installed; it is in the extra test")


def post_by_hand(bundle: Path) -> None:
    """What a client in another language sends: one request of JSON, one of protobuf."""
    collector = Collector(bundle)
    server = CollectServer(collector, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    as_json = request_document([span_document(name="sent as json", traceId="1" * 32)])
    as_protobuf = request_document([span_document(name="sent as protobuf", traceId="2" * 32)])
    for body, kind in (
        (json.dumps(as_json).encode(), "application/json"),
        (protobuf(as_protobuf), "application/x-protobuf"),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("POST", "/v1/traces", body, {"Content-Type": kind})
        assert connection.getresponse().status == 200
        connection.close()
    server.shutdown()
    thread.join()
    server.server_close()
    collector.close()


def test_recorded_and_received_traces_stand_in_the_tab(tmp_path: Path, page: Page) -> None:
    bundle = run_instrumented("openinference", tmp_path / "runs")
    post_by_hand(bundle)
    build_site([tmp_path / "runs"], tmp_path / "site", Settings(prices={}), workers=1,
               progress=QuietProgress())  # fmt: skip
    (address,) = (tmp_path / "site" / "runs").glob("*.html")

    page.goto(f"{address.as_uri()}#tab=traces")
    for name in ("answer a question", "sent as json", "sent as protobuf"):
        expect(page.get_by_text(name).filter(visible=True).first).to_be_visible()
    page.get_by_text("answer a question").filter(visible=True).first.click()
    page.get_by_text("ChatCompletion").filter(visible=True).first.click()
    panel = page.locator("[data-role=span]")
    for said in (QUESTION, "I will look.", "gpt-4o-mini-2024-07-18"):
        expect(panel).to_contain_text(said)
