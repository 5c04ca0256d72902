"""What is said while a build takes its time is seen at once, and can be said otherwise."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_serve import PATIENCE_MS, annotate, sidecars
from tests.factories import sample_document, ulid, write_eval, write_run, write_sidecar
from tests.serve.conftest import Server, StartServer, start_server

__all__ = ["start_server"]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    bundle = write_run(tmp_path / "runs" / "e" / "a", id="a", name="a")
    write_eval(bundle, [sample_document(id=f"q-{n}") for n in (1, 2)], name="e")
    target = {"type": "sample", "eval": "e", "sample_id": "q-1"}
    write_sidecar(bundle, 1, name="tone", target=target)
    return bundle


@pytest.fixture
def server(bundle: Path, tmp_path: Path, start_server: StartServer) -> Server:
    server = start_server(tmp_path / "runs", tmp_path)
    server.wait("^Built 1 run")
    return server


@contextmanager
def no_build(server: Server) -> Iterator[None]:
    """Meanwhile what builds is held."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGSTOP)
    try:
        yield
    finally:
        for child in children:
            os.kill(int(child), signal.SIGCONT)


def open_sample(page: Page, server: Server, state: str) -> None:
    (path,) = server.pages()
    page.goto(f"http://127.0.0.1:{server.port}/{path}#tab=evals&eval=e&sample={state}&epoch=1")


def test_what_is_saved_stands_at_its_target_before_the_build_is_done(
    page: Page, server: Server, bundle: Path
) -> None:
    open_sample(page, server, "q-2")
    drawer = page.locator(".sg-sample__annotations")
    with no_build(server):
        drawer.get_by_role("button", name="Annotate").click()
        annotate(page, "helpful", why="Wrong day.")
        waiting = drawer.locator(".sg-annotation--draft")
        expect(waiting).to_contain_text("saved")
        expect(waiting).to_contain_text("Wrong day.")
        assert len(sidecars(bundle)) == 2
        expect(page.get_by_role("button", name="Drafts")).to_be_hidden()

    expect(drawer.locator(".sg-annotation--there")).to_contain_text(
        "Wrong day.", timeout=PATIENCE_MS
    )
    expect(drawer.locator(".sg-annotation--draft")).to_have_count(0)


def test_a_judgement_said_otherwise_before_the_build_is_done_is_one_annotation(
    page: Page, server: Server, bundle: Path
) -> None:
    open_sample(page, server, "q-2&review=1&review.name=ok")
    page.get_by_label("as", exact=True).fill("mara")
    page.locator("body").click(position={"x": 5, "y": 5})

    def said() -> list[object]:
        return [one["value"] for id, one in sidecars(bundle).items() if id != ulid(1)]

    with no_build(server):
        for key, value in (("1", True), ("0", False)):
            page.evaluate("sitegen.state.set({ sample: 'q-2', epoch: '1' })")
            page.wait_for_function("() => sitegen.annotating.current()?.key === 'sample:e/q-2/1'")
            page.keyboard.press(key)
            page.wait_for_function(
                "(word) => document.querySelector('.sg-review').textContent.includes(word)",
                arg=f"ok: {'yes' if value else 'no'}",
            )
            page.wait_for_function("() => sitegen.drafts.all().length === 0")
            assert said() == [value]
        page.keyboard.press("u")
        page.wait_for_function("() => sitegen.drafts.all().length === 0")
        page.wait_for_timeout(300)

        assert said() == [True]
