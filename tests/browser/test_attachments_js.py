"""The Attachments tab in a browser: tree, keys, search, views, hostile content, no script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.attachments.part import derive_attachments
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.pages.run.attachments_tab import attachments_tab
from sitegen.read.attachments import read_attachments
from sitegen.render.document import MarkupDocuments
from sitegen.render.env import template_environment
from sitegen.render.payload import data_script

WritePage = Callable[..., str]
THEME = Path(__file__).parents[2] / "themes" / "default"
SCRIPTS = ("core", "format", "state", "store", "keys", "copy", "document-nodes",
           "attachments-document",
           "attachments-table", "attachments-picture", "attachments-media", "attachments-figure",
           "attachments-view", "attachments")  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"
FILES = {
    "predictions.csv": b"id,n\na,1\nb,\n",
    "notes.md": b"# Notes\n\n[x](https://example.org) ![y](https://example.org/y.png)\n",
    "figures/dot.svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b"<script>document.title='ran'</script><rect width='9' height='9'/></svg>",
    "figures/broken.svg": f"<svg onload=alert(1)>{HOSTILE}".encode(),
    "logs/train.log": f"\x1b[31mred\x1b[0m {HOSTILE}\n".encode(),
    "logs/model.docx": b"PK\x03\x04\0\0",
    f"z{HOSTILE.replace('/', '')}.txt": HOSTILE.encode(),
}


class KeptScripts:
    """A sink that keeps data files as scripts."""

    def __init__(self):
        self.files = {}

    def data(self, name, payload):
        self.files[f"data/{name}.js"] = data_script(f"run-1/{name}", payload).decode()
        return DataFile(name=name, file=f"data/{name}.js", size_bytes=1)

    def text(self, name, extension, pieces):
        return PublishedFile(file=f"files/{name}.{extension}", size_bytes=len("".join(pieces)))

    def library(self):
        return PublishedFile(file="assets/plotly-large.js", size_bytes=1)

    def copy(self, path, extension):
        return PublishedFile(file=f"files/{abs(hash(path))}.{extension}", size_bytes=1)


@pytest.fixture
def open_tab(page: Page, write_page: WritePage, tmp_path: Path) -> Callable[..., Page]:
    """Opens a page that holds the tab of FILES (or *more* of them); *hash* is its state."""

    def open_it(hash: str = "", more: int = 0) -> Page:
        root = tmp_path / "bundle"
        for name, content in (FILES | {f"y/{n:03}.txt": b"hi" for n in range(more)}).items():
            (root / "attachments" / name).parent.mkdir(parents=True, exist_ok=True)
            (root / "attachments" / name).write_bytes(content)
        paths = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        sink = KeptScripts()
        values = read_attachments(root, paths, DEFAULT_LIMITS, lambda _: None)
        facts = derive_attachments(
            values, sink=sink, limits=DEFAULT_LIMITS, report=pytest.fail,
            documents=MarkupDocuments(DEFAULT_LIMITS),
        )  # fmt: skip
        tab = attachments_tab(facts, slug="run-1", root="")
        template = template_environment((THEME,)).get_template("tabs/attachments.html")
        names = ("tokens", "base", "controls", "parts", "lists", "tables", "code", "attachments",
                 "documents")  # fmt: skip
        styles = "\n".join((THEME / f"css/{name}.css").read_text() for name in names)
        url = write_page(
            f'<link rel="stylesheet" href="assets/site.css">{template.render(tab=tab)}',
            scripts=SCRIPTS,
            files={"assets/site.css": styles, **sink.files},
            data_files={f"run-1/{file.name}": file.file for file in facts.files},
        )
        page.goto(f"{url}{hash}")
        return page

    return open_it


def heading(page: Page):
    return page.locator('[data-role="preview"] .sg-attachments__name')


def test_the_first_file_beside_the_folders_is_shown(open_tab):
    page = open_tab()

    expect(heading(page)).to_have_text("notes.md")
    expect(page.get_by_role("treeitem", selected=True)).to_contain_text("notes.md")


def test_a_csv_is_a_table_and_its_source_and_the_choice_is_in_the_url(open_tab):
    page = open_tab("#file=predictions.csv")

    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
    expect(page.get_by_role("cell", name="empty")).to_be_visible()
    page.get_by_role("button", name="Source").click()
    expect(page.get_by_role("region", name="Preview").locator("pre")).to_have_text(
        "id,n\na,1\nb,\n"
    )
    assert "view=Source" in page.url


def test_markdown_is_the_server_s_rendering_and_comes_back_after_another_file(open_tab):
    page = open_tab("#file=notes.md")

    for path in ("predictions.csv", "notes.md"):
        page.get_by_role("treeitem", name=path).click()
    prose = page.locator('[data-role="preview"] .sg-document')
    expect(prose.get_by_role("heading", name="Notes")).to_be_visible()
    expect(prose.locator("img")).to_have_count(0)


def test_an_svg_is_a_picture_whose_script_does_not_run(open_tab):
    page = open_tab("#file=figures/dot.svg")

    expect(page.get_by_role("img", name="dot.svg")).to_be_visible()
    assert page.title() == "Test"


@pytest.mark.parametrize(
    "path", ["figures/broken.svg", "logs/train.log", f"z{HOSTILE.replace('/', '')}.txt"]
)
def test_hostile_content_and_names_stay_text(open_tab, path):
    page = open_tab()

    page.get_by_role("treeitem").filter(has_text=path.rpartition("/")[2]).last.click()

    expect(page.get_by_role("region", name="Preview").locator("pre")).to_contain_text(HOSTILE)
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_terminal_colours_are_classes(open_tab):
    page = open_tab("#file=logs/train.log")

    expect(page.locator('[data-role="preview"] .sg-ansi--red')).to_have_text("red")


def test_a_file_without_preview_says_why_and_can_be_downloaded(open_tab):
    page = open_tab("#file=logs/model.docx")

    expect(page.get_by_text("not a Word document that can be read")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_have_attribute("download", "model.docx")


def test_the_tree_has_one_tab_stop_and_is_walked_by_arrows(open_tab):
    page = open_tab("#file=predictions.csv")
    items = page.get_by_role("treeitem")

    items.first.focus()
    page.keyboard.press("ArrowLeft")
    expect(items.first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(page.locator(":focus")).to_have_attribute("data-folder", "logs")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(heading(page)).to_have_text("train.log")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(":focus")).to_have_attribute("data-folder", "logs")
    expect(page.locator('[role="treeitem"][tabindex="0"]')).to_have_count(1)


def test_search_leaves_matching_files_and_their_folders(open_tab):
    page = open_tab()

    page.get_by_role("searchbox").fill("figures svg")
    expect(page.locator("[data-file]:visible")).to_have_count(2)
    page.get_by_role("searchbox").fill("zebra")
    expect(page.get_by_text("No file matches “zebra”.")).to_be_visible()


def test_files_beyond_the_page_are_loaded_when_asked_for(open_tab):
    page = open_tab("#file=y/599.txt", more=600)

    expect(heading(page)).to_have_text("599.txt")
    expect(page.locator('[data-role="preview"] pre')).to_have_text("hi")
    assert page.locator("[data-file]").count() == 600 + len(FILES)


def test_a_file_that_is_not_there_is_named(open_tab):
    expect(
        open_tab("#file=gone.txt").get_by_text("no attachment called “gone.txt”")
    ).to_be_visible()


def test_without_script_files_are_links_and_small_previews_are_there(open_tab, browser):
    url = open_tab().url
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)

    expect(page.get_by_role("link", name="train.log")).to_be_visible()
    page.locator("summary").filter(has_text="predictions.csv").click()
    expect(page.get_by_role("cell", name="empty")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    context.close()


def test_the_page_is_not_wider_than_a_phone(open_tab):
    page = open_tab("#file=predictions.csv")
    page.set_viewport_size({"width": 320, "height": 700})

    expect(heading(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
