"""The application: pages and files of the site, what pages wait for, and what they write.

Floor 7. `guard` has seen every request before. A file of the site is found by `resolve_inside` or
not at all; nothing is listed, nothing is followed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sitegen.bundle.paths import PathError, resolve_inside
from sitegen.records import dataclass
from sitegen.serve.guard import MOST_BODY, OWN, Guard
from sitegen.serve.live_page import LiveAssets, page_digest
from sitegen.serve.project import BUILDS_KEPT, Project
from sitegen.serve.runs import ServedRuns
from sitegen.serve.sidecars import write_change
from sitegen.serve.status import Status
from sitegen.serve.writers import writers_of

WAIT_S = 25.0
"""Longest time that a page waits for news; proxies and firewalls end what is silent for 30 s."""
_TYPES = {
    "html": "text/html", "css": "text/css", "js": "text/javascript", "json": "application/json",
    "csv": "text/csv", "tsv": "text/plain", "txt": "text/plain", "pdf": "application/pdf",
    "png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "mp3": "audio/mpeg", "wav": "audio/wav", "mp4": "video/mp4", "webm": "video/webm",
}  # fmt: skip
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
)
_NAMED_BY_CONTENT = ("assets/", "data/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the application answers from."""

    project: Project
    """What is served."""
    assets: LiveAssets
    """What only served pages load."""
    status: Status
    """The builds."""
    runs: ServedRuns
    """The runs by their pages."""
    on_write: Callable[[], None]
    """Is called when a sidecar was written."""

    def file(self, path: str) -> Path | None:
        """The file *path* of the site, None if there is none.

        Data, which is named by its content, is also found where the last builds put it away: a
        page that is open asks for it until it is loaded again.
        """
        roots = [self.project.output]
        if path.startswith("data/"):
            roots += [self.project.attic(number) for number in range(BUILDS_KEPT)]
        for root in roots:
            try:
                found = resolve_inside(root, path)
                if found.is_file():
                    return found
            except (PathError, OSError):  # also for a name too long
                continue
        return None


def make_app(served: Served, guard: Guard) -> ASGIApp:
    """The application behind *guard*."""
    routes = [
        Route(f"{OWN}state", _handler(served, _state), methods=["GET"]),
        Route(f"{OWN}annotations", _handler(served, _annotations), methods=["POST"]),
        Route(f"{OWN}assets/{{name}}", _handler(served, _asset), methods=["GET"]),
        Route("/{path:path}", _handler(served, _site_file), methods=["GET", "HEAD"]),
    ]
    return _Guarded(Starlette(routes=routes), guard)


class _Guarded:
    """Refuses what the guard refuses, and adds headers to what is answered."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        if scope["type"] != "http":  # there are no web sockets here
            return
        refusal = self._guard.refusal(scope["method"], scope["path"], scope["headers"])
        app: ASGIApp = self._app
        if refusal is not None:
            app = _said(refusal.status, refusal.message)
        await app(scope, receive, send_more)


def _handler(
    served: Served, answer: Callable[[Served, Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        return await answer(served, request)

    return handle


def _said(status: int, message: str, **more: Any) -> Response:
    return JSONResponse({"message": message, **more}, status, {"cache-control": "no-store"})


async def _state(served: Served, request: Request) -> Response:
    """What the builds, the page and its run are, as soon as the builds are not what was seen."""
    page, seen = request.query_params.get("page", ""), request.query_params.get("seen", "")
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else -1
    now = await served.status.changed(version, WAIT_S)
    about = await run_in_threadpool(_about_page, served, page)
    return JSONResponse(asdict_of(now) | about, headers={"cache-control": "no-store"})


def asdict_of(value: Any) -> dict[str, Any]:
    """A dataclass that holds structs, as JSON has it."""
    found: dict[str, Any] = msgspec.to_builtins(value)
    return found


def _about_page(served: Served, page: str) -> dict[str, Any]:
    path = served.file(page) if page.endswith(".html") else None
    try:
        digest = page_digest(path.read_bytes()) if path else None
    except OSError:
        digest = None
    run = served.runs.of_page(page)
    writers = writers_of(run.bundle) if run and run.status == "running" else None
    return {"digest": digest, "writers": asdict(writers) if writers else None}


async def _annotations(served: Served, request: Request) -> Response:
    """What became of a request to write."""
    content = bytearray()
    try:
        async for piece in request.stream():
            content += piece
            if len(content) > MOST_BODY:
                return _said(413, f"more than {MOST_BODY:,} bytes")
    except ClientDisconnect:
        return _said(400, "the request ended before it was whole")
    answer = await run_in_threadpool(write_change, served.project, served.runs, bytes(content))
    if answer.file is not None:
        served.on_write()
    return _said(answer.status, answer.message, file=answer.file, now=answer.now, id=answer.id)


async def _asset(served: Served, request: Request) -> Response:
    path = request.url.path
    content = served.assets.file(path)
    if content is None:
        return _said(404, "no such file")
    return Response(content, headers={"cache-control": _FOREVER}, media_type=_type_of(path))


async def _site_file(served: Served, request: Request) -> Response:
    """A file of the site; a page with our script in it."""
    path = request.path_params["path"] or "index.html"
    found = await run_in_threadpool(served.file, path)
    if found is None and path == "index.html":
        return _html(served.assets.waiting_page(path))
    if found is None:
        return PlainTextResponse("There is no such page here.\n", 404)
    if path.endswith(".html"):
        try:
            built = await run_in_threadpool(found.read_bytes)
        except FileNotFoundError:  # removed by a build between the two
            return PlainTextResponse("There is no such page here any more.\n", 404)
        return _html(served.assets.page(built, path))
    is_fixed = path.startswith(_NAMED_BY_CONTENT)
    headers = {"cache-control": _FOREVER if is_fixed else "no-store"}
    media_type = _type_of(path)
    if media_type == "application/octet-stream":
        headers["content-disposition"] = "attachment"
    return FileResponse(found, headers=headers, media_type=media_type)


_FOREVER = "private, max-age=31536000, immutable"


def _html(content: bytes) -> Response:
    return Response(content, headers={"cache-control": "no-store"}, media_type="text/html")


def _type_of(path: str) -> str:
    return _TYPES.get(path.rpartition(".")[2], "application/octet-stream")
