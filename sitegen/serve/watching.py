"""Waiting for changes of runs, settings and theme, as the system tells them. Floor 7."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from watchfiles import awatch

from sitegen.errors import SitegenError
from sitegen.read.settings import settings_candidates
from sitegen.serve.project import Project, Settled
from sitegen.serve.status import Status

_DEBOUNCE_MS = 500
_STEP_MS = 100
_POLL_MS = 2_000
_TIMEOUT_MS = 60_000
_PAUSE_S = 2.0


def watched_trees(now: Settled) -> tuple[Path, ...]:
    """Directories of which everything below counts; those that there are."""
    named = [*now.roots, now.settings.theme, now.settings.annotations_dir]
    found = {path.resolve() for path in named if path is not None and path.is_dir()}
    return tuple(sorted(path for path in found if not found & set(path.parents)))


def settings_folders(now: Settled) -> tuple[Path, ...]:
    """Directories in which a settings file lies or might appear."""
    files = [now.config] if now.config else settings_candidates(Path.cwd())
    return tuple(sorted({path.absolute().parent for path in files}))


def is_input(trees: Sequence[Path], *, without: Path) -> Callable[[object, str], bool]:
    """Whether a changed path can change the site: none with a dot-name below its tree, and none of
    the directory *without*, where we write ourselves.
    """
    roots = [str(tree) for tree in trees]
    own = f"{without.resolve()}/"

    def counts(change: object, path: str) -> bool:
        del change
        if f"{path}/".startswith(own):
            return False
        root = next((one for one in roots if f"{path}/".startswith(f"{one}/")), None)
        below = "" if root is None else path[len(root) :]
        return root is not None and not any(part.startswith(".") for part in below.split("/"))

    return counts


def is_settings(now: Settled) -> Callable[[object, str], bool]:
    """Whether a changed path is the settings file, or where one might appear."""
    files = [now.config] if now.config else settings_candidates(Path.cwd())
    paths = {str(path.absolute()) for path in files}

    def counts(change: object, path: str) -> bool:
        del change
        return path in paths

    return counts


async def watch_project(project: Project, want: Callable[[], None], status: Status) -> None:
    """Call *want* whenever something changed of which the site is made, until cancelled."""
    now, polls = project.settled(), False
    while True:
        now = _settled_again(project, now)
        trees = watched_trees(now)
        status.watch(_watch_text(trees, polls=polls))
        fault = await _watch_until_settings(now, trees, project, want, polls=polls)
        if fault is not None:  # no directory there, or no more watches for it
            polls = polls or not isinstance(fault, FileNotFoundError)
            await asyncio.sleep(_PAUSE_S)
        want()


async def _watch_until_settings(
    now: Settled, trees: Sequence[Path], project: Project, want: Callable[[], None], *, polls: bool
) -> OSError | None:
    """Watch until the settings changed; None, or why it cannot be done."""
    stop = asyncio.Event()
    settings = asyncio.create_task(_stop_on_new_settings(now, stop, polls=polls))
    fault: OSError | None = FileNotFoundError("no directory of runs")
    try:
        if trees:
            await _watch_trees(trees, project, want, stop, polls=polls)
            fault = None
    except OSError as error:
        fault = error
    finally:
        stop.set()  # also ends the threads that wait
        settings.cancel()
        (ended,) = await asyncio.gather(settings, return_exceptions=True)
    return ended if fault is None and isinstance(ended, OSError) else fault


async def _watch_trees(
    trees: Sequence[Path],
    project: Project,
    want: Callable[[], None],
    stop: asyncio.Event,
    *,
    polls: bool,
) -> None:
    """Call *want* for every change below *trees*, until one of them is gone or *stop* is set."""
    async for _ in awatch(
        *trees,
        watch_filter=is_input(trees, without=Path(project.cache)),
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=_TIMEOUT_MS,
        force_polling=polls,
        poll_delay_ms=_POLL_MS,
        ignore_permission_denied=True,
    ):
        want()
        if not all(tree.is_dir() for tree in trees):
            return


async def _stop_on_new_settings(now: Settled, stop: asyncio.Event, *, polls: bool) -> None:
    """Set *stop* when a settings file changed, appeared or went, or cannot be watched so."""
    try:
        await _settings_changed(now, stop, polls=polls)
    finally:
        stop.set()


async def _settings_changed(now: Settled, stop: asyncio.Event, *, polls: bool) -> None:
    """Returns when a settings file changed, appeared or went, or *stop* was set."""
    async for _ in awatch(
        *settings_folders(now),
        watch_filter=is_settings(now),
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=_TIMEOUT_MS,
        force_polling=polls,
        poll_delay_ms=_POLL_MS,
        recursive=False,
        ignore_permission_denied=True,
    ):
        return


def _settled_again(project: Project, before: Settled) -> Settled:
    """The project as it is now; as it was, if its settings are wrong, which the build tells."""
    try:
        return project.settled()
    except SitegenError:
        return before


def _watch_text(trees: Sequence[Path], *, polls: bool) -> str:
    names = ", ".join(tree.name for tree in trees)
    if not trees:
        return "The directories of runs are gone."
    if polls:
        return f"Looks at {names} every {_POLL_MS // 1000} s: the system has no more watches."
    return f"Watches {names}."
