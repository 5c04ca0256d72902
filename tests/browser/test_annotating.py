"""Annotations written in the static page: drafts, the patch that git takes, pages of hosts."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from sitegen.annotate import list_annotations
from sitegen.bundle.settings import Settings
from sitegen.bundle.sidecars import sidecar_text
from tests.factories import (
    sample_document,
    sidecar_document,
    ulid,
    write_eval,
    write_run,
    write_sidecar,
)

HOSTILE = "<img src=x onerror=alert(1)> ```` \" ' \u2028 </script> = \U0001f600"


def git(root: Path, *arguments: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=mara", "-c", "user.email=mara@example.org")
    subprocess.run(["git", *who, *arguments], cwd=root, env=environment, check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a run of two samples, one of them annotated without canonical text."""
    root = tmp_path / "repository"
    bundle = write_run(root / "our runs" / "a", id="a", name="a")
    write_eval(bundle, [sample_document(id=f"q-{n}") for n in (1, 2)], name="e")
    path = write_sidecar(bundle, 1, rationale="Old.")
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))  # no final newline
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def run_page(repository: Path, build: Callable[..., object], page: Page) -> Page:
    """The run's page over file://."""
    build(
        repository / "our runs",
        repository.parent / "site",
        repository="https://github.com/example-org/runs.git",
        repository_path="our runs",
        branch="main",
    )
    (path,) = (repository.parent / "site" / "runs").glob("*.html")
    page.goto(path.as_uri())
    return page


def annotate(page: Page, name: str, *, value: str = "no", why: str = "", user: str = "") -> None:
    dialog = page.get_by_role("dialog", name="Annotate")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label(value, exact=True).check()
    dialog.get_by_label("Rationale").fill(why)
    dialog.get_by_label("User").fill(user)
    dialog.get_by_role("button", name="Keep as draft").click()
    expect(dialog).to_have_count(0)


def downloaded_patch(page: Page, root: Path) -> Path:
    page.get_by_role("button", name="Drafts").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download patch").click()
    path = root.parent / "annotations.patch"
    waiting.value.save_as(path)
    return path


def test_a_draft_of_a_sample_becomes_a_patch_that_git_applies_and_the_next_build_shows(
    run_page: Page, repository: Path, build: Callable[..., object]
) -> None:
    run_page.evaluate("location.hash = 'tab=evals&eval=e&sample=q-2&epoch=1'")
    drawer = run_page.locator(".sg-sample__annotations")
    drawer.get_by_role("button", name="Annotate").click()
    annotate(run_page, HOSTILE, why=f"One\n\n{HOSTILE}", user=HOSTILE)
    expect(drawer.locator(".sg-annotation--draft")).to_contain_text("draft")

    git(repository, "apply", "--check", str(downloaded_patch(run_page, repository)))
    git(repository, "apply", str(repository.parent / "annotations.patch"))

    found, problems = list_annotations(
        [repository / "our runs"], settings=Settings(prices={}), has_states=True
    )
    (new,) = [one for one in found if one.annotation.id != ulid(1)]
    assert problems == []
    assert new.state == "exact"
    assert (new.annotation.name, new.annotation.user) == (HOSTILE, HOSTILE)
    assert new.annotation.rationale == f"One\n\n{HOSTILE}"
    assert new.file.read_text() == sidecar_text(json.loads(new.file.read_text()))

    build(repository / "our runs", repository.parent / "site")
    run_page.evaluate("localStorage.clear()")
    run_page.reload()
    there = run_page.locator(".sg-sample__annotations .sg-annotation--there")
    expect(there).to_contain_text(HOSTILE)
    expect(there).not_to_contain_text("draft")


def test_an_edit_and_a_removal_become_patches_that_git_applies(
    run_page: Page, repository: Path
) -> None:
    article = run_page.locator(f"#annotation-{ulid(1)}")
    article.get_by_role("button", name="Edit").click()
    annotate(run_page, "helpful", why="New.", user="mara")
    path = repository / "our runs" / "a" / "annotations" / f"{ulid(1)}.json"

    git(repository, "apply", str(downloaded_patch(run_page, repository)))

    edited = json.loads(path.read_text())
    changed = {"value": False, "rationale": "New.", "updated_at": edited["updated_at"]}
    assert edited == sidecar_document(ulid(1)) | changed

    git(repository, "checkout", "-q", ".")
    run_page.get_by_role("button", name="Discard").click()
    article.get_by_role("button", name="Remove").click()
    git(repository, "apply", str(downloaded_patch(run_page, repository)))

    assert not path.exists()


def test_drafts_outlive_the_page_and_are_in_every_page(run_page: Page) -> None:
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "ready")
    run_page.goto(run_page.url.split("/runs/")[0] + "/annotations.html")

    expect(run_page.get_by_role("button", name="Drafts 1")).to_be_visible()


def test_a_proposal_is_a_page_of_the_host_with_the_file(run_page: Page) -> None:
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "ready", why=HOSTILE)
    run_page.get_by_role("button", name="Drafts").click()
    link = run_page.get_by_role("link", name="Propose on GitHub")

    address = urlsplit(link.get_attribute("href") or "")
    query = parse_qs(address.query)
    document = json.loads(query["value"][0])

    assert (address.netloc, address.path) == ("github.com", "/example-org/runs/new/main")
    assert query["filename"] == [f"our runs/a/annotations/{document['id']}.json"]
    assert document["rationale"] == HOSTILE
    assert query["value"][0] == sidecar_text(document)
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_an_address_is_never_too_long(run_page: Page) -> None:
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "ready", why="é" * 3000)
    run_page.get_by_role("button", name="Drafts").click()
    tray = run_page.get_by_role("complementary", name="Drafts")

    address = tray.get_by_role("link", name="Propose").get_attribute("href") or ""

    assert len(address) <= 6000
    expect(tray).to_contain_text("The text is copied: paste it there.")


def test_a_form_says_what_is_missing_and_keeps_nothing(run_page: Page) -> None:
    run_page.get_by_role("button", name="Annotate").first.click()
    dialog = run_page.get_by_role("dialog", name="Annotate")
    dialog.get_by_role("button", name="Keep as draft").click()
    expect(dialog.get_by_role("alert").filter(has_text="Give what is judged")).to_be_visible()
    dialog.get_by_label("Name").fill("answer")
    dialog.get_by_label("Expectation").check()
    dialog.get_by_label("integer", exact=True).check()
    dialog.get_by_label("Expected").fill("1.5")
    dialog.get_by_role("button", name="Keep as draft").click()

    expect(dialog.get_by_role("alert").filter(has_text="Write an integer")).to_be_visible()
    expect(run_page.get_by_role("button", name="Drafts")).to_be_hidden()


@pytest.mark.parametrize(
    "refusal",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('full'); }; null",
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } }); null",
    ],
    ids=["full", "forbidden"],
)
def test_without_storage_drafts_last_as_long_as_the_page_and_it_says_so(
    run_page: Page, refusal: str
) -> None:
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "kept")
    run_page.evaluate(refusal)
    for name in ("second", "third"):
        run_page.get_by_role("button", name="Annotate").first.click()
        annotate(run_page, name)
    run_page.get_by_role("button", name="Drafts").click()
    tray = run_page.get_by_role("complementary", name="Drafts")

    expect(tray).to_contain_text("gone when it is closed")
    expect(tray.get_by_text("second", exact=True)).to_be_visible()
    expect(tray.get_by_text("third", exact=True)).to_be_visible()


def test_two_tabs_have_the_same_drafts_and_lose_none(run_page: Page) -> None:
    other = run_page.context.new_page()
    other.goto(run_page.url)
    for page, name in ((run_page, "one"), (other, "two"), (run_page, "three")):
        page.get_by_role("button", name="Annotate").first.click()
        annotate(page, name)
    for page in (run_page, other):
        expect(page.get_by_role("button", name="Drafts 3")).to_be_visible()
    other.get_by_role("button", name="Drafts 3").click()
    other.get_by_role("button", name="Discard the draft of one").click()

    for page in (run_page, other):
        expect(page.get_by_role("button", name="Drafts 2")).to_be_visible()
    other.close()


def test_lines_of_a_patch_in_a_rationale_stay_text(run_page: Page, repository: Path) -> None:
    added = "diff --git a/x b/x\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+x\n"
    why = f"\n{added}\\ No newline at end of file"
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "diff --git a/y b/y", why=why, user="-- ")
    patch = downloaded_patch(run_page, repository)

    git(repository, "apply", str(patch))
    found, _ = list_annotations([repository / "our runs"], settings=Settings(prices={}))
    (new,) = [one.annotation for one in found if one.annotation.id != ulid(1)]
    assert new.rationale == why.strip()
    assert not {"x", "y"} & {path.name for path in repository.iterdir()}


def test_a_text_that_cannot_be_copied_is_said_so(run_page: Page) -> None:
    run_page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
        "document.execCommand = () => false"
    )
    run_page.get_by_role("button", name="Annotate").first.click()
    annotate(run_page, "ready", why="é" * 3000)
    run_page.get_by_role("button", name="Drafts").click()
    tray = run_page.get_by_role("complementary", name="Drafts")
    link = tray.get_by_role("link", name="Propose")
    link.evaluate("(link) => link.addEventListener('click', (event) => event.preventDefault())")
    link.click()

    expect(tray).to_contain_text("The text could not be copied.")
    expect(tray.get_by_role("button", name="Copy the text")).to_be_visible()


def test_without_settings_the_patch_says_how_it_applies(
    repository: Path, build: Callable[..., object], page: Page
) -> None:
    build(repository / "our runs", repository.parent / "site")
    (path,) = (repository.parent / "site" / "runs").glob("*.html")
    page.goto(path.as_uri())
    page.get_by_role("button", name="Annotate").first.click()
    annotate(page, "ready")
    patch = downloaded_patch(page, repository)

    tray = page.get_by_role("complementary", name="Drafts")
    expect(tray).to_contain_text(
        "git apply --directory=FOLDER annotations.patch, where FOLDER is the folder of the runs"
    )
    git(repository, "apply", "--directory=our runs", str(patch))
    assert len(list((repository / "our runs" / "a" / "annotations").iterdir())) == 2


FOLDER = "our%20runs/a/annotations"
SLASHED = FOLDER.replace("/", "%2F")
MADE_HERE = """() => {
  const { drafts, proposals } = sitegen, [made] = drafts.all();
  const of = (op) => proposals.page({ ...made, op, old: "{}" }, drafts.place);
  return { id: made.id, pages: ["add", "edit", "remove"].map(of) };
}"""


@pytest.mark.parametrize(
    ("host", "add", "edit", "remove"),
    [
        ("https://github.com", f"new/main?filename={SLASHED}%2F", "edit", "delete"),
        ("https://codeberg.org", f"_new/main/{FOLDER}?filename=", "_edit", "_delete"),
        ("https://gitlab.com", f"-/new/main/?file_name={SLASHED}%2F", "-/edit", "-/blob"),
    ],
    ids=["github", "gitea", "gitlab"],
)
def test_each_host_has_its_page_for_each_draft(
    repository: Path, build: Callable[..., Any], page: Page, host: str, add: str, edit: str,
    remove: str,
) -> None:  # fmt: skip
    site = repository.parent / "site"
    build(repository / "our runs", site, repository=f"{host}/o/r", repository_path="our runs")
    (path,) = (site / "runs").glob("*.html")
    page.goto(path.as_uri())
    page.get_by_role("button", name="Annotate").first.click()
    annotate(page, "ready")

    made = page.evaluate(MADE_HERE)
    file = f"{FOLDER}/{made['id']}.json"
    new, changed, gone = made["pages"]

    assert new["url"].startswith(f"{host}/o/r/{add}{made['id']}.json")
    assert (new["content"] is None) == ("gitlab" not in host)
    assert changed["url"] == f"{host}/o/r/{edit}/main/{file}"
    assert '"name": "ready"' in changed["content"]
    assert gone == {"url": f"{host}/o/r/{remove}/main/{file}", "content": None}
