"""A stub of OpenAI's chat completions: the instrumentations are real, the model is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1_795_224_679,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [{
        "index": 0, "finish_reason": "tool_calls",
        "message": {
            "role": "assistant", "content": "I will look.",
            "tool_calls": [{
                "id": "call_1", "type": "function",
                "function": {"name": "weather", "arguments": '{"city": "Zürich"}'},
            }],
        },
    }],
    "usage": {"prompt_tokens": 120, "completion_tokens": 18, "total_tokens": 138,
              "prompt_tokens_details": {"cached_tokens": 64}},
}  # fmt: skip
QUESTION = "How is the weather in Zürich?"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(ANSWER).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        del format, arguments


@contextmanager
def openai_stub() -> Iterator[str]:
    """The base URL of a stub that runs meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
