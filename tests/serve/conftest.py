"""A server of the command, in a process of its own, and requests that say what they like."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.factories import REPOSITORY

PATIENCE_S = 90.0
"""Builds wait for their turn on a machine that is busy."""


@dataclass
class Reply:
    """What the server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Server:
    """One `sitegen serve`."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    port: int = 0
    reader: threading.Thread | None = None

    def wait(self, pattern: str, after: int = 0) -> re.Match[str]:
        """The first line from the one numbered *after* that *pattern* is found in."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            for line in self.lines[after:]:
                if found := re.search(pattern, line):
                    return found
            time.sleep(0.05)
        raise AssertionError(f"no line like {pattern!r} in {self.lines}")

    def request(
        self, method: str, path: str, body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        """Ask with exactly these headers; `Host` is right unless it is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        given = {"Host": f"127.0.0.1:{self.port}"} | dict(headers or {})
        if body is not None:
            given.setdefault("Content-Length", str(len(body)))
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(body)
        reply = connection.getresponse()
        found = Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        connection.close()
        return found

    def get(self, path: str, **headers: str) -> Reply:
        return self.request("GET", path, headers=headers)

    @property
    def token(self) -> str:
        found = re.search(r'data-token="([^"]+)"', self.get("/").body.decode())
        assert found
        return found[1]

    def write(self, document: object, **headers: str | None) -> Reply:
        """A request to write as the page makes it; *headers* replace, None leaves out."""
        given = {
            "X-Sitegen-Token": self.token,
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.request("POST", "/-/annotations", body, given)

    def state(self, page: str = "index.html", seen: int = -1) -> dict[str, Any]:
        path = f"/-/state?page={page}&seen={seen}"
        return self.request("GET", path, headers={"X-Sitegen-Token": self.token}).said

    def pages(self) -> list[str]:
        """Paths of the runs' pages."""
        report = self.get("/report.json").said
        return [run["url"] for run in report["runs"]]

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S)


StartServer = Callable[..., Server]


def start(runs: Path, cwd: Path, *options: str | Path) -> Server:
    path = os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH"))))
    process = subprocess.Popen(
        [sys.executable, "-m", "sitegen", "serve", str(runs), "--port", "0", "--workers", "1",
         *map(str, options)],
        cwd=cwd, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    server = Server(process)
    assert process.stderr is not None
    stream = process.stderr

    def read() -> None:
        for line in stream:
            server.lines.append(line.rstrip("\n"))

    server.reader = threading.Thread(target=read, daemon=True)
    server.reader.start()
    server.port = int(server.wait(r"^Serving http://127\.0\.0\.1:(\d+)/")[1])
    return server


@pytest.fixture(scope="module")
def start_server() -> Iterator[StartServer]:
    """Starts servers that are ended with the module."""
    started: list[Server] = []

    def begin(runs: Path, cwd: Path, *options: str | Path) -> Server:
        started.append(start(runs, cwd, *options))
        return started[-1]

    yield begin
    for server in started:
        if server.process.poll() is None:
            server.end()
        assert server.process.stderr is not None
        assert server.reader is not None
        server.reader.join(PATIENCE_S)
        server.process.stderr.close()
