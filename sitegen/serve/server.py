"""Serving: the socket, the application, the builds and the watching of files, until Ctrl-C.

Floor 7. Nothing but 127.0.0.1 is ever listened to; there is no option for more.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from sitegen.errors import SitegenError
from sitegen.serve.app import Served, make_app
from sitegen.serve.builder import Builder
from sitegen.serve.guard import Guard, host_names
from sitegen.serve.live_page import live_assets
from sitegen.serve.messages import Message
from sitegen.serve.project import Project
from sitegen.serve.runs import ServedRuns
from sitegen.serve.status import Status
from sitegen.serve.watching import watch_project

ADDRESS = "127.0.0.1"
_GRACE_S = 1


def bound_socket(port: int) -> socket.socket:
    """A socket at *port* of 127.0.0.1; 0 takes a free one.

    Raises:
        SitegenError: if the port is taken or not allowed.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
        listening.listen()  # else a second start would find out only when it listens
    except OSError as error:
        listening.close()
        is_taken = error.errno == errno.EADDRINUSE
        raise SitegenError(
            f"port {port} of {ADDRESS} "
            + ("is taken" if is_taken else f"cannot be used: {error.strerror}"),
            hint="Give another with --port; 0 takes a free one.",
        ) from error
    return listening


def serve_site(project: Project, listening: socket.socket, tell: Callable[[Message], None]) -> None:
    """Serve *project* at *listening* until a signal ends it; *tell* hears how builds ended.

    Raises:
        SitegenError: if the theme's directory is missing.
    """
    port = listening.getsockname()[1]
    token = secrets.token_urlsafe(32)
    assets = live_assets(project.settled().settings.theme, token)
    status, runs = Status(), ServedRuns(project)

    async def main() -> None:
        builder = Builder(project, status, runs, tell)
        served = Served(
            project=project, assets=assets, status=status, runs=runs, on_write=builder.want
        )
        app = make_app(served, Guard(hosts=host_names(port), token=token.encode()))
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="none", access_log=False, loop="asyncio",
            http="h11", server_header=False, proxy_headers=False, date_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )  # fmt: skip
        tasks = [asyncio.create_task(builder.run())]
        tasks.append(asyncio.create_task(watch_project(project, builder.want, status)))
        builder.want()

        def end() -> None:
            status.end()
            for task in tasks:
                task.cancel()

        server = _Server(config, end)
        for task in tasks:  # they end by a fault of ours only, which must not stay unseen
            task.add_done_callback(lambda _: server.end())
        try:
            await server.serve(sockets=[listening])
        finally:
            end()
            for ended in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(ended, Exception):
                    raise ended

    asyncio.run(main())


class _Server(uvicorn.Server):
    """A server that ends what else runs as soon as it is told to end itself."""

    def __init__(self, config: uvicorn.Config, on_end: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_end = on_end
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Remember the loop that all of it lives in."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, at once where nothing is being answered; a second signal waits for nothing.

        The signal is not raised again afterwards, as uvicorn does: it is how this is meant to end.
        """
        del sig, frame
        self.force_exit = self.should_exit
        self.end()

    def end(self) -> None:
        """End with what is being answered."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._on_end)
