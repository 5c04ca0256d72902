"""The pages of `sitegen serve`: annotations go into files, and a training is seen to grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.sidecars import sidecar_text
from tests.factories import (
    REPOSITORY,
    sample_document,
    ulid,
    write_eval,
    write_run,
    write_sidecar,
)
from tests.serve.conftest import Server, StartServer, start_server

__all__ = ["start_server"]
PATIENCE_MS = 60_000


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    bundle = write_run(tmp_path / "runs" / "e" / "a", id="a", name="a")
    write_eval(bundle, [sample_document(id=f"q-{n}") for n in (1, 2)], name="e")
    write_sidecar(bundle, 1, name="tone")
    return bundle


@pytest.fixture
def server(bundle: Path, tmp_path: Path, start_server: StartServer) -> Iterator[Server]:
    server = start_server(tmp_path / "runs", tmp_path)
    server.wait("^Built 1 run")
    yield server
    if server.process.poll() is None:
        server.end()


@pytest.fixture
def run_page(page: Page, server: Server) -> Page:
    (path,) = server.pages()
    page.goto(f"http://127.0.0.1:{server.port}/{path}")
    return page


def annotate(page: Page, name: str, *, value: str = "no", why: str = "") -> None:
    dialog = page.get_by_role("dialog", name="Annotate")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label(value, exact=True).check()
    dialog.get_by_label("Rationale").fill(why)
    dialog.get_by_label("User").fill("mara")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0)


def sidecars(bundle: Path) -> dict[str, dict[str, object]]:
    found = {path.stem: path.read_text() for path in (bundle / "annotations").iterdir()}
    for text in found.values():
        assert text == sidecar_text(json.loads(text))
    return {id: json.loads(text) for id, text in found.items()}


def test_what_is_said_of_a_sample_is_in_its_file_and_then_on_the_page(
    run_page: Page, bundle: Path
) -> None:
    run_page.evaluate("location.hash = 'tab=evals&eval=e&sample=q-2&epoch=1'")
    drawer = run_page.locator(".sg-sample__annotations")
    drawer.get_by_role("button", name="Annotate").click()
    annotate(run_page, "helpful", why="Wrong <b>day</b>.")

    expect(drawer.locator(".sg-annotation--there")).to_contain_text(
        "Wrong <b>day</b>.", timeout=PATIENCE_MS
    )
    (new,) = [one for id, one in sidecars(bundle).items() if id != ulid(1)]
    assert new["target"] == {"type": "sample", "eval": "e", "sample_id": "q-2", "epoch": 1}
    assert (new["name"], new["value"], new["user"]) == ("helpful", False, "mara")
    assert str(new["anchor"]).startswith("{'digest': 'sha256:")
    assert "tab=evals" in run_page.url
    expect(drawer.locator(".sg-annotation--draft")).to_have_count(0)
    expect(drawer).not_to_contain_text("stale")


def test_an_annotation_is_edited_and_removed_from_the_page_of_all(
    page: Page, server: Server, bundle: Path
) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/annotations.html")
    row = page.locator(f"#annotation-{ulid(1)}")
    row.get_by_role("button", name="Edit").click()
    annotate(page, "tone", value="no", why="Curt.")
    expect(row).to_contain_text("Curt.", timeout=PATIENCE_MS)
    edited = sidecars(bundle)[ulid(1)]

    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove annotation").get_by_role(
        "button", name="Cancel"
    ).click()
    kept = sidecars(bundle)
    row.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove annotation").get_by_role(
        "button", name="Remove"
    ).click()
    expect(row).to_have_count(0, timeout=PATIENCE_MS)

    assert (edited["value"], edited["rationale"]) == (False, "Curt.")
    assert list(kept) == [ulid(1)]
    assert sidecars(bundle) == {}


def test_an_edit_of_what_somebody_changed_shows_both_and_loses_neither(
    run_page: Page, bundle: Path, faults: list[str]
) -> None:
    path = bundle / "annotations" / f"{ulid(1)}.json"
    run_page.locator(f"#annotation-{ulid(1)}").get_by_role("button", name="Edit").click()
    document = json.loads(path.read_text()) | {"rationale": "Theirs."}
    path.write_text(sidecar_text(document))
    annotate(run_page, "tone", why="Mine.")

    tray = run_page.get_by_label("Drafts", exact=True)
    expect(tray).to_contain_text("The file was changed meanwhile.")
    expect(tray).to_contain_text("Theirs.")
    assert sidecars(bundle)[ulid(1)]["rationale"] == "Theirs."
    tray.get_by_role("button", name="Save mine over it").click()
    expect(tray).to_be_hidden()

    assert sidecars(bundle)[ulid(1)]["rationale"] == "Mine."
    assert [one for one in faults if "409" not in one] == []
    faults.clear()


def test_what_cannot_be_written_stays_a_draft_over_a_reload(
    run_page: Page, bundle: Path, faults: list[str]
) -> None:
    (bundle / "annotations").rename(bundle / "moved")
    (bundle / "annotations").write_text("in the way")
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "helpful", why="Kept.")

    tray = run_page.get_by_label("Drafts", exact=True)
    expect(tray).to_contain_text("Not saved.")
    run_page.reload()
    (bundle / "annotations").unlink()
    run_page.get_by_role("button", name="Drafts").click()
    tray.get_by_role("button", name="Save", exact=True).click()
    expect(tray).to_be_hidden()

    (saved,) = sidecars(bundle).values()
    assert saved["rationale"] == "Kept."
    faults.clear()


def test_judgements_of_a_review_are_files_and_can_be_taken_back(
    run_page: Page, bundle: Path
) -> None:
    run_page.evaluate("sitegen.drafts.setUser('mara')")
    run_page.evaluate("location.hash = 'tab=evals&eval=e&review=1&review.name=right&sample=q-1'")
    bar = run_page.get_by_role("region", name="Review")
    expect(run_page.locator(".sg-sample__annotations")).to_be_visible()

    bar.get_by_role("button", name="Yes").click()
    bar.get_by_role("button", name="No", exact=False).filter(has_text="0").click()
    run_page.wait_for_function("() => sitegen.drafts.all().length === 0", timeout=PATIENCE_MS)
    said = {one["target"]["sample_id"]: one["value"] for one in judged(bundle)}  # type: ignore[index]
    run_page.locator("h1").click()
    run_page.keyboard.press("u")
    for _ in range(100):
        run_page.wait_for_timeout(100)
        if len(judged(bundle)) == 1:
            break

    assert said == {"q-1": True, "q-2": False}
    assert [one["target"]["sample_id"] for one in judged(bundle)] == ["q-1"]  # type: ignore[index]
    expect(bar).to_be_visible()


def judged(bundle: Path) -> list[dict[str, object]]:
    return [one for one in sidecars(bundle).values() if one["name"] == "right"]


TRAINING = """
import sys, threading, time
import sitegen
told = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), told.set()), daemon=True).start()
with sitegen.start_run("e", "training", system_metrics=False) as run:
    for step in range(100_000):
        run.log_metric("loss", 100.0 - step / 100, step=step)
        if step % 20 == 19 and told.wait(0.2):
            break
"""


def train(root: Path) -> subprocess.Popen[str]:
    path = os.pathsep.join((str(REPOSITORY), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        [sys.executable, "-c", TRAINING],
        env={**os.environ, "PYTHONPATH": path, "SITEGEN_DIR": str(root)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def test_a_training_is_seen_to_grow_and_to_end(page: Page, server: Server, tmp_path: Path) -> None:
    """A real process logs with the SDK; the page is never told to load again by the test."""
    training = train(tmp_path / "runs")
    server.wait("^Built 2 runs")
    path = next(one for one in server.pages() if "training" in one)
    page.goto(f"http://127.0.0.1:{server.port}/{path}#tab=metrics&smooth=0.5")
    page.locator(".sg-plot--drawn").first.wait_for(timeout=PATIENCE_MS)
    page.evaluate("window.stillHere = true")
    page.get_by_placeholder("Search").first.fill("los")
    seen = set()
    for _ in range(3):
        count = page.locator(".sg-chart__note").first.inner_text()
        seen.add(count)
        page.wait_for_function(
            "old => ![null, undefined, '', old].includes("
            "document.querySelector('.sg-chart__note')?.innerText)",
            arg=count, timeout=PATIENCE_MS,
        )  # fmt: skip
    mark = page.locator(".sg-serve__word")
    expect(mark).to_have_text("Live run")
    assert len(seen) == 3
    assert "tab=metrics" in page.url
    assert "smooth=0.5" in page.url
    assert page.evaluate("window.stillHere") is True
    last = page.evaluate("document.querySelector('.js-plotly-plot').data[0].x.at(-1)")
    assert last > 100
    expect(page.get_by_placeholder("Search").first).to_have_value("los")

    page.locator("h1").click()
    page.get_by_role("tab", name="Overview").click()
    page.wait_for_function("() => window.stillHere === undefined", timeout=PATIENCE_MS)
    expect(page.get_by_role("tab", name="Overview")).to_have_attribute("aria-selected", "true")

    assert training.stdin is not None
    training.communicate("\n", timeout=120)
    expect(page.locator(".sg-status--completed").first).to_be_visible(timeout=PATIENCE_MS)
    expect(mark).to_have_text("Live")


def test_a_run_whose_process_was_killed_is_said_to_be_interrupted(
    page: Page, server: Server, tmp_path: Path
) -> None:
    training = train(tmp_path / "runs")
    server.wait("^Built 2 runs")
    path = next(one for one in server.pages() if "training" in one)
    page.goto(f"http://127.0.0.1:{server.port}/{path}")
    expect(page.locator(".sg-serve__word")).to_have_text("Live run", timeout=PATIENCE_MS)

    training.kill()
    training.communicate()
    page.reload()

    expect(page.locator(".sg-serve__word")).to_have_text("Interrupted", timeout=PATIENCE_MS)


def test_a_reader_who_types_is_not_interrupted(run_page: Page, bundle: Path) -> None:
    run_page.evaluate("window.stillHere = true")
    run_page.get_by_role("button", name="Annotate").first.click()
    dialog = run_page.get_by_role("dialog", name="Annotate")
    dialog.get_by_label("Name").fill("half a wo")

    (bundle / "notes.md").write_text("Something new.")
    expect(run_page.locator(".sg-serve__again")).to_be_visible(timeout=PATIENCE_MS)
    run_page.wait_for_timeout(2500)
    assert run_page.evaluate("window.stillHere") is True
    expect(dialog.get_by_label("Name")).to_have_value("half a wo")

    dialog.get_by_role("button", name="Cancel").click()
    expect(run_page.get_by_text("Something new.")).to_be_visible(timeout=PATIENCE_MS)


def test_scroll_and_open_parts_are_kept(run_page: Page, bundle: Path) -> None:
    (bundle / "notes.md").write_text("\n\n".join(f"Line {n}" for n in range(300)))
    expect(run_page.get_by_text("Line 299")).to_be_attached(timeout=PATIENCE_MS)
    run_page.wait_for_timeout(300)
    run_page.evaluate("window.scrollTo(0, 2345)")
    fold = "document.querySelector('main details:not(.sg-menu)').open"
    is_open = run_page.evaluate(f"{fold} ^= 1")

    (bundle / "notes.md").write_text("\n\n".join(f"Line {n}" for n in range(301)))
    expect(run_page.get_by_text("Line 300")).to_be_attached(timeout=PATIENCE_MS)
    run_page.wait_for_function("() => window.scrollY > 0")

    assert run_page.evaluate("window.scrollY") == 2345
    assert run_page.evaluate(fold) == bool(is_open)


def test_a_build_that_fails_is_told_and_the_page_stays(run_page: Page, tmp_path: Path) -> None:
    heading = run_page.locator("h1").inner_text()
    (tmp_path / "sitegen.toml").write_text("[site]\ntitel = 1\n")
    alert = run_page.get_by_role("alert").filter(has_text="could not be built")
    expect(alert).to_contain_text("titel", timeout=PATIENCE_MS)
    expect(run_page.locator("h1")).to_have_text(heading)

    (tmp_path / "sitegen.toml").write_text('[site]\ntitle = "Renamed"\n')
    expect(run_page.locator(".sg-header__title")).to_have_text("Renamed", timeout=PATIENCE_MS)


def test_a_server_that_ended_is_told_and_found_again(
    run_page: Page, server: Server, faults: list[str]
) -> None:
    server.end()

    expect(run_page.locator(".sg-serve__word")).to_have_text("Disconnected", timeout=PATIENCE_MS)
    faults.clear()
