"""The socket of `sitegen collect`: OTLP/HTTP on 127.0.0.1, bounded in bytes, time and threads.

Floor 2. A page in a browser must not be able to write here: requests that name another host than
this one (DNS rebinding) or come from another origin are refused. Slow and oversized requests end
at a limit, and beyond 32 connections a client is asked to come back.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from sitegen.errors import SitegenError
from sitegen.sdk.collect import MOST_WIRE_BYTES, SIGNALS, Collector, Reply, failure

ADDRESS = "127.0.0.1"
_LOCAL_NAMES = {"127.0.0.1", "localhost", "::1"}
_MOST_CONNECTIONS = 32
_IDLE_S = 30
_BODY_S = 60
_PIECE = 1 << 16
_BUSY = (
    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


class CollectServer(ThreadingHTTPServer):
    """Serves until `shutdown`; `port` is the one it has, also when any was asked for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, collector: Collector, port: int) -> None:
        self.collector = collector
        self._places = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise SitegenError(
                f"port {port} cannot be opened: {error.strerror}",
                hint="Another receiver may be running; choose another --port.",
            ) from error

    @property
    def port(self) -> int:
        """The port."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as http.server does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Give the connection a thread, or turn it away."""
        if not self._places.acquire(blocking=False):
            with contextlib.suppress(OSError):  # it may have gone already
                request.sendall(_BUSY)
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the system has no more threads
            self._places.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke off is no news."""

    def wait_idle(self, most_s: float) -> None:
        """Wait until no request is being answered, or the time is up."""
        end = time.monotonic() + most_s
        for _ in range(_MOST_CONNECTIONS):
            if not self._places.acquire(timeout=max(0.0, end - time.monotonic())):
                return


class _BodyError(Exception):
    """A body that cannot be read, with its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sitegen"
    sys_version = ""
    timeout = _IDLE_S
    server: CollectServer

    def do_POST(self) -> None:
        """Take a request."""
        if self._is_refused():
            return
        try:
            body = self._body()
        except _BodyError as error:
            self.close_connection = True  # the rest of the body is still to come
            self._answer(failure(error.status, error.message, self._kind()))
            return
        path = urlsplit(self.path).path.rstrip("/")
        encoding = self.headers.get("Content-Encoding", "")
        reply = self.server.collector.receive(path, self._kind(), encoding, body)
        self._answer(reply)

    def do_OPTIONS(self) -> None:
        """Let a page of this machine ask whether it may send."""
        if not self._is_refused():
            self._answer(Reply(status=204, content_type="", body=b""))

    def do_GET(self) -> None:
        """Say what is expected."""
        if not self._is_refused():
            known = ", ".join(SIGNALS)
            self._answer(failure(405, f"send OTLP with POST to {known}"))

    do_PUT = do_DELETE = do_PATCH = do_HEAD = do_GET  # noqa: N815  # names that http.server asks for

    def _kind(self) -> str:
        return str(self.headers.get("Content-Type", "")).partition(";")[0].strip().lower()

    def _is_refused(self) -> bool:
        """Whether the request comes from elsewhere; it is answered then."""
        origin = self.headers.get("Origin")
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or not _is_local(f"//{hosts[0]}"):
            message = "the Host header names another machine"
        elif origin is not None and not _is_local(origin):
            message = "requests of pages from elsewhere are not taken"
        else:
            return False
        self.close_connection = True
        self._answer(failure(403, message, self._kind()))
        return True

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            pieces = self._chunks()
        elif (length := self.headers.get("Content-Length")) is None:
            raise _BodyError(411, "a Content-Length is needed")
        elif not length.isdecimal():
            raise _BodyError(400, "the Content-Length is no number")
        elif len(length) > 12 or int(length) > MOST_WIRE_BYTES:
            raise _BodyError(413, f"the body is larger than {MOST_WIRE_BYTES:,} bytes")
        else:
            pieces = self._pieces(int(length))
        end, size, kept = time.monotonic() + _BODY_S, 0, []
        for piece in pieces:
            size += len(piece)
            if size > MOST_WIRE_BYTES:
                raise _BodyError(413, f"the body is larger than {MOST_WIRE_BYTES:,} bytes")
            if time.monotonic() > end:
                raise _BodyError(408, f"the body took longer than {_BODY_S} s")
            kept.append(piece)
        return b"".join(kept)

    def _pieces(self, length: int) -> Iterator[bytes]:
        while length > 0:
            piece = self.rfile.read1(min(length, _PIECE))
            if not piece:
                raise _BodyError(400, "the body breaks off")
            length -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while True:
            head = self.rfile.readline(32).partition(b";")[0].strip()
            try:
                length = int(head, 16)
            except ValueError:
                length = -1
            if not 0 <= length <= MOST_WIRE_BYTES:
                raise _BodyError(400, "a chunk has no valid length")
            if length == 0:
                while self.rfile.readline(1_024).strip():
                    pass  # trailers
                return
            yield from self._pieces(length)
            self.rfile.readline(8)

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.retry_after_s is not None:
            self.send_header("Retry-After", str(reply.retry_after_s))
        if reply.status == 405:
            self.send_header("Allow", "POST, OPTIONS")
        origin = self.headers.get("Origin")
        if origin is not None and _is_local(origin):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "Content-Type, Content-Encoding")
            self.send_header("Access-Control-Allow-Methods", "POST")
            self.send_header("Vary", "Origin")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Faults that http.server finds in the request itself, without its HTML page."""
        del explain
        self.close_connection = True
        body = f"{message or code}\n".encode("utf-8", "replace")
        self.send_response(code)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is logged a request."""


def _is_local(address: str) -> bool:
    """Whether a Host or Origin is this machine under one of its own names."""
    try:
        return urlsplit(address).hostname in _LOCAL_NAMES
    except ValueError:
        return False
