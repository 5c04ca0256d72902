"""Pages in headless Chromium over file://, where any complaint of the browser fails the test."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from tests.browser.metrics_page import open_tab  # noqa: F401  # a fixture
from tests.conftest import run_command
from tests.factories import REPOSITORY, SAMPLE_RUNS

SCRIPTS = {path.stem: path for path in (REPOSITORY / "themes" / "default" / "js").rglob("*.js")}
"""The theme's scripts by name."""
BASE_SCRIPTS = (
    "core", "format", "state", "store", "keys", "copy", "menus", "tabs", "filter-match", "filter",
    "filterbox", "table", "table-columns", "table-csv", "table-select", "table-sort",
)  # fmt: skip
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src-elem 'self'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self'; "
    "font-src 'self'; frame-src 'self'; worker-src blob:; base-uri 'none'; "
    "form-action 'none'; object-src 'none'"
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

WritePage = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder opens a browser."""
    for test in items:
        if Path(__file__).parent in test.path.parents:
            test.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole session."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        pytest.skip("no Chromium: install the package `chromium`, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def sample_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of sample_runs/, built once by the command."""
    site = tmp_path_factory.mktemp("sample") / "site"
    settings = SAMPLE_RUNS / "sitegen.toml"
    done = run_command("build", SAMPLE_RUNS, "--config", settings, "-o", site, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile of 1440 x 900 in another time zone and language than the site's own."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900},
        timezone_id="Asia/Kolkata",
        locale="de-DE",
        accept_downloads=True,
    )
    context.set_default_timeout(5_000)
    yield context
    context.close()


@pytest.fixture
def faults() -> list[str]:
    """What the browser complained about so far; a test that provokes one checks and clears it."""
    return []


@pytest.fixture
def page(context: BrowserContext, faults: list[str]) -> Iterator[Page]:
    """A page; console errors, exceptions, CSP violations and failed requests fail the test."""
    page = context.new_page()
    watch(page, faults)
    yield page
    assert faults == []


def watch(page: Page, faults: list[str]) -> None:
    """Collects the complaints of *page* into *faults*."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"console {message.type}: {message.text}")

    def on_failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the test left the page before it had come
            faults.append(f"failed request: {request.url.rsplit('/', 1)[-1]} ({request.failure})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"exception: {error}"))
    page.on("requestfailed", on_failed)


@pytest.fixture
def write_page(tmp_path: Path) -> WritePage:
    """Writes a page with the real scripts and the site's CSP into tmp_path and returns its URL.

    `write_page(body, scripts=("core",), files={"data/a.js": text}, data_files={key: file},
    name="index.html", root="")`; scripts are names of files in the theme's js folders without
    `.js`.
    """

    def write(
        body: str,
        *,
        scripts: Sequence[str] = BASE_SCRIPTS,
        files: Mapping[str, str] | None = None,
        data_files: Mapping[str, str] | None = None,
        name: str = "index.html",
        root: str = "",
    ) -> str:
        (tmp_path / "assets").mkdir(exist_ok=True)
        for script in scripts:
            shutil.copyfile(SCRIPTS[script], tmp_path / "assets" / f"{script}.js")
        for file, text in (files or {}).items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
        page = tmp_path / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(page_text(body, scripts, data_files, root), encoding="utf-8")
        return page.as_uri()

    return write


def page_text(
    body: str, scripts: Sequence[str], data_files: Mapping[str, str] | None, root: str
) -> str:
    """A whole page under the site's CSP."""
    tags = "\n".join(
        f'<script defer src="{root}assets/{script}.js"></script>' for script in scripts
    )
    mapping = json.dumps(dict(data_files or {})).replace("<", "\\u003c")
    return (
        f'<!doctype html>\n<html lang="en" data-root="{root}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">\n'
        f'<title>Test</title>\n<link rel="icon" href="data:,">\n{tags}\n</head>\n<body>\n'
        f'<script type="application/json" id="sg-files">{mapping}</script>\n{body}\n'
        f"</body>\n</html>\n"
    )
