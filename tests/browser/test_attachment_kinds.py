"""Every kind of attachment on a built page: its preview, its keys, and that nothing of it runs.

The page fixture fails a test on any console message, exception, policy violation or failed request;
here dialogs and requests off the disk do, too.
"""

from __future__ import annotations

import base64
import io
import json
import shutil
import struct
import tarfile
import wave
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sitegen.build.site import build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress

EVIL = "<img src=x onerror=alert(1)>"
REMOTE = "https://evil.example"


def png(width: int, height: int) -> bytes:
    raw = b"".join(b"\0" + bytes([y % 256, 80, 90]) * width for y in range(height))

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(raw)), chunk(b"IEND", b"")]
    )


def sound() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(bytes(16_000))
    return stream.getvalue()


def packed() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"{EVIL.replace('/', '')}.txt"), "x")
        archive.writestr(zipfile.ZipInfo("big.bin"), bytes(5_000))
    return stream.getvalue()


def tarball() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.log"))
    return stream.getvalue()


PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R ACTION>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n"
)
PAGE = f"""<!doctype html><title>t</title><base href="{REMOTE}/">
<meta http-equiv="refresh" content="0;url={REMOTE}"><link rel=stylesheet href="{REMOTE}/x.css">
<style>body{{background:url({REMOTE}/a.png)}}</style><script>alert(1);top.document.title='ran'</script>
<body onload="alert(2)"><h1 style="color:#0a5bc4">Report</h1><p style="background:url({REMOTE}/b)">x
<img src="{REMOTE}/c.png" onerror=alert(3)><a href="javascript:alert(4)">link</a>
<iframe src="{REMOTE}"></iframe><form action="{REMOTE}"><input autofocus onfocus=alert(5)></form>
<svg onload=alert(6)><script>alert(7)</script></svg><p>End"""
FIGURE = {
    "data": [{"type": "scatter", "x": [1, 2], "y": [2, 1], "mode": "markers+text",
              "name": EVIL, "text": [f"<a href='{REMOTE}'>t</a>"] * 2, "__proto__": {"x": 1}}],
    "layout": {"title": {"text": f"<script>alert(1)</script>{EVIL}"},
               "images": [{"source": f"{REMOTE}/x.png", "xref": "paper", "yref": "paper"}],
               "template": {"layout": {"images": [{"source": f"{REMOTE}/y.png"}]}}},
}  # fmt: skip
MARKDOWN = f"# Title\n\n{EVIL} [l](javascript:alert(1)) ![r]({REMOTE}/x)"
NOTEBOOK = {"cells": [
    {"cell_type": "markdown", "source": MARKDOWN},
    {"cell_type": "code", "execution_count": 3, "source": "boom()", "outputs": [
        {"output_type": "stream", "name": "stdout", "text": EVIL},
        {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}},
        {"output_type": "display_data",
         "data": {"image/png": base64.b64encode(png(4, 4)).decode()}},
        {"output_type": "error", "ename": "ValueError", "evalue": EVIL,
         "traceback": ["\x1b[31mValueError\x1b[0m: no"]}]},
]}  # fmt: skip
PATCH = f"--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\n-lr = 1\n+{EVIL}\n"
FILES: dict[str, bytes] = {
    "app.html": b"<div id=app></div><script>alert(1)</script>",
    "archive.zip": packed(),
    "card.pdf": PDF.replace(b"ACTION", b""),
    "config.json": json.dumps({EVIL: [EVIL] * 300, "b": {"c": {"d": 1}}}).encode(),
    "evil.pdf": PDF.replace(b"ACTION", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
    "figures/bar.json": json.dumps(FIGURE).encode(),
    "figures/pie.json": b'{"data": [{"type": "pie", "values": [1, 2]}], "layout": {}}',
    "figures/surface.json": b'{"data": [{"type": "surface", "z": [[1]]}], "layout": {}}',
    "logs.tar.gz": tarball(),
    "media/samples/0.png": png(64, 48),
    "media/samples/100.png": png(64, 48),
    "media/samples/2000.png": png(64, 48),
    "model.safetensors": struct.pack("<Q", 45) + b'{"w":{"dtype":"F32","shape":[2,3],"extra":1}}',
    "long.md": b"- a\n\n  ```\n  " + b"x" * 400 + b"\n  ```\n",
    "notebook.ipynb": json.dumps(NOTEBOOK).encode(),
    "page.html": PAGE.encode(),
    "picture.png": png(900, 600),
    "cut.png": png(900, 600)[:40],
    "rows.csv": b"name,n\n" + b"".join(f"r{n},{n * 37 % 101}\n".encode() for n in range(60)),
    "tone.wav": sound(),
    "train.patch": PATCH.encode(),
    "turned\u202egnp.bin": bytes(9),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("kinds")
    bundle = root / "runs" / "run"
    for name, content in FILES.items():
        path = bundle / "attachments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (bundle / "run.json").write_text('{"format": 1, "status": "completed"}')
    build_site(
        [root / "runs"], root / "site", Settings(prices={}), workers=1, progress=QuietProgress()
    )
    return root / "site"


def trap(page: Page, faults: list[str]) -> None:
    """Dialogs and requests off the disk are faults."""

    def on_request(request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]  # playwright's own
        if not url.startswith(("file:", "data:", "blob:", "chrome:", "chrome-extension:")):
            faults.append(f"request: {url}")

    page.on("request", on_request)
    page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))


Show = Callable[[str], Page]


@pytest.fixture
def show(page: Page, site: Path, faults: list[str]) -> Iterator[Show]:
    """Opens the page at a file and waits for its preview."""
    trap(page, faults)
    (run,) = (site / "runs").glob("*.html")

    def opened(file: str) -> Page:
        page.goto(f"{run.as_uri()}#tab=attachments&file={file}", wait_until="commit")
        expect(preview(page).locator(".sg-attachments__name")).to_have_text(
            file.partition("&")[0].rpartition("/")[2]
        )
        return page

    yield opened
    assert page.title() != "ran"


def preview(page: Page):
    return page.get_by_role("region", name="Preview")


def test_a_notebook_shows_cells_outputs_and_errors(show: Show) -> None:
    found = preview(show("notebook.ipynb"))

    expect(found.get_by_role("heading", name="Title")).to_be_visible()
    expect(found.get_by_text("In [3]")).to_be_visible()
    expect(found.locator(".sg-ansi--red")).to_have_text("ValueError")
    expect(found.get_by_role("img", name="Output of the cell")).to_be_visible()
    expect(found.get_by_text("1 html output")).to_be_visible()


def test_a_page_is_source_and_a_frame_that_runs_nothing(show: Show) -> None:
    page = show("page.html")
    preview(page).get_by_role("button", name="Static page").click()

    frame = page.locator("iframe.sg-frame")
    expect(frame).to_have_attribute("sandbox", "")
    inside = page.frame_locator("iframe.sg-frame")
    expect(inside.get_by_role("heading", name="Report")).to_have_css("color", "rgb(10, 91, 196)")
    expect(inside.get_by_text("End")).to_be_visible()
    expect(inside.locator("script, style, iframe, form, svg, [src^=http], [href]")).to_have_count(0)
    page.wait_for_timeout(300)


def test_a_page_made_by_scripts_says_so(show: Show) -> None:
    expect(preview(show("app.html")).get_by_text("drawn by scripts")).to_be_visible()


def test_a_figure_is_drawn_and_its_markup_stays_text(show: Show) -> None:
    found = preview(show("figures/bar.json"))

    expect(found.locator(".main-svg").first).to_be_visible()
    expect(found.locator(".gtitle")).to_have_text(f"<script>alert(1)</script>{EVIL}")
    expect(found.locator(".sg-figure :is(a, image)")).to_have_count(0)
    expect(found.get_by_text("properties left out")).to_be_visible()


def test_a_figure_that_needs_it_brings_the_large_library(show: Show) -> None:
    page = show("figures/pie.json")

    # 4.8 MB of script; the machine may be busy
    expect(preview(page).locator(".pielayer .slice")).to_have_count(2, timeout=30_000)
    assert page.locator("script[src*=plotly-large]").count() == 1


def test_a_figure_that_is_not_drawn_says_why(show: Show) -> None:
    expect(preview(show("figures/surface.json")).get_by_text("surface need WebGL")).to_be_visible()


def test_a_series_has_a_slider_and_its_step_is_in_the_url(show: Show) -> None:
    page = show("media/samples")
    slider = page.get_by_role("slider", name="Step of samples")

    expect(preview(page).get_by_text("step 2,000 · 3 of 3")).to_be_visible()
    slider.press("Home")
    expect(page.get_by_role("img", name="samples, step 0")).to_be_visible()
    slider.press("ArrowRight")
    expect(page.get_by_role("img", name="samples, step 100")).to_be_visible()
    assert "step=100" in page.url


def test_the_address_of_one_file_leads_to_its_step(page: Page, site: Path) -> None:
    (run,) = (site / "runs").glob("*.html")
    page.goto(f"{run.as_uri()}#tab=attachments&file=media/samples/100.png")

    expect(page.get_by_role("img", name="samples, step 100")).to_be_visible()


def test_a_picture_is_enlarged_by_keys_and_buttons(show: Show) -> None:
    page = show("picture.png")
    frame, scale = page.locator(".sg-zoom__frame"), page.locator(".sg-zoom__scale")

    expect(scale).to_have_text("100 %")
    frame.focus()
    page.keyboard.press("+")
    expect(scale).to_have_text("150 %")
    page.get_by_role("button", name="Larger").click()
    expect(scale).to_have_text("225 %")
    page.get_by_role("button", name="Its own size").click()
    expect(scale).to_have_text("100 %")
    frame.focus()
    page.keyboard.press("-")
    expect(scale).to_have_text("67 %")
    page.keyboard.press("0")
    expect(scale).to_have_text("100 %")


def test_a_picture_that_cannot_be_drawn_says_so(show: Show) -> None:
    page = show("cut.png")

    expect(preview(page).get_by_text("cannot draw this picture")).to_be_visible()
    expect(page.locator(".sg-zoom__picture")).to_be_hidden()


def test_a_table_has_figures_and_is_sorted_by_its_names(show: Show) -> None:
    page = show("rows.csv")
    first = page.get_by_role("row").nth(1)

    expect(preview(page).get_by_text("0 to 100, mean")).to_be_visible()
    expect(page.get_by_role("img", name="Histogram of n")).to_be_visible()
    page.get_by_role("button", name="n int").click()
    expect(page.get_by_role("columnheader", name="n int")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(first).to_contain_text("r0")
    page.get_by_role("button", name="n int").click()
    expect(first).to_contain_text("100")
    assert "order=1:desc" in page.url
    page.get_by_role("button", name="n int").click()
    expect(page.get_by_role("columnheader", name="n int")).not_to_have_attribute("aria-sort", "x")
    assert "order" not in page.url


def test_a_diff_marks_its_lines_as_inserted_and_deleted(show: Show) -> None:
    found = preview(show("train.patch"))

    expect(found.locator("ins")).to_have_text(f"+{EVIL}")
    expect(found.locator("del")).to_have_text("-lr = 1")
    expect(found.get_by_text("1 file, +1 −1")).to_be_visible()


def test_an_archive_is_listed_with_sizes_in_order(show: Show) -> None:
    page = show("archive.zip")

    expect(preview(page).get_by_text(f"{EVIL}.txt")).to_be_visible()
    page.get_by_role("button", name="size").click()
    page.get_by_role("button", name="size").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("5\u00a0kB")


def test_json_is_a_tree_that_folds(show: Show) -> None:
    found = preview(show("config.json"))

    expect(found.locator("summary").filter(has_text="300 values")).to_be_visible()
    expect(found.get_by_text("100 more values")).to_be_hidden()
    found.locator("summary").filter(has_text="300 values").click()
    expect(found.get_by_text("100 more values")).to_be_visible()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("evil.pdf", "holds scripts or actions"),
        ("model.safetensors", "2 × 3"),
        ("logs.tar.gz", "a.log"),
    ],
)
def test_other_kinds_say_what_they_are(show: Show, file: str, said: str) -> None:
    expect(preview(show(file)).get_by_text(said).first).to_be_visible()


def test_long_code_of_a_text_scrolls_by_itself_on_a_phone(show: Show) -> None:
    page = show("long.md")
    page.set_viewport_size({"width": 390, "height": 844})

    expect(preview(page).locator("pre").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_name_is_shown_in_the_order_of_its_letters(show: Show) -> None:
    page = show("tone.wav")
    page.get_by_role("treeitem", name="turned\ufffdgnp.bin").click()

    expect(preview(page).locator(".sg-attachments__name")).to_have_text("turned\ufffdgnp.bin")


def test_sound_is_played_by_the_browser(show: Show) -> None:
    page = show("tone.wav")

    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    assert page.evaluate("document.querySelector('audio').duration") == 1
    expect(preview(page).get_by_text("cannot play")).to_be_hidden()


def test_a_pdf_is_shown_by_the_browser(show: Show) -> None:
    page = show("card.pdf")

    expect(page.locator("iframe.sg-frame--pdf")).to_be_visible()
    page.wait_for_timeout(500)


def test_without_script_every_kind_has_its_form(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    (run,) = (site / "runs").glob("*.html")
    page.goto(run.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    def fold(path: str):
        return page.locator(".sg-attachments__fold").filter(has=page.get_by_text(path, exact=True))

    expect(fold("notebook.ipynb").get_by_role("heading", name="Title")).to_be_visible()
    expect(fold("train.patch").locator("ins")).to_be_visible()
    expect(fold("media/samples").get_by_role("img")).to_have_count(3)
    expect(fold("tone.wav").locator("audio[controls]")).to_be_visible()
    expect(fold("card.pdf").get_by_role("link", name="Open card.pdf")).to_be_visible()
    expect(fold("page.html").locator("pre")).to_contain_text("Report")
    expect(fold("archive.zip").get_by_role("cell", name="5\u00a0kB").first).to_be_visible()
    expect(fold("figures/bar.json").get_by_text('"scatter"')).to_be_visible()
    expect(fold("rows.csv").get_by_text("0 to 100, mean")).to_be_visible()
    for file in FILES:
        if not file.startswith("media/"):
            name = file.rpartition("/")[2].replace("\u202e", "\ufffd")
            expect(page.get_by_role("link", name=name).first).to_be_visible()
    context.close()


def test_no_real_or_hostile_file_runs_anything(
    page: Page, shared_data: Path, tmp_path: Path, faults: list[str]
) -> None:
    """All of them one after the other; what they are is told by the tests of each kind."""
    bundle = tmp_path / "runs" / "run"
    sources = [
        path
        for folder in (shared_data / "attachments", shared_data / "hostile")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "jsontestsuite" not in path.parts
    ]
    for number, source in enumerate(sources):
        target = bundle / "attachments" / f"{number:03}-{source.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    (bundle / "run.json").write_text('{"format": 1, "status": "completed"}')
    build_site(
        [tmp_path / "runs"], tmp_path / "site", Settings(prices={}), workers=1,
        progress=QuietProgress(),
    )  # fmt: skip
    trap(page, faults)
    (run,) = (tmp_path / "site" / "runs").glob("*.html")
    page.goto(f"{run.as_uri()}#tab=attachments")

    shown = page.evaluate(
        """async () => {
          const said = [], panel = document.querySelector("[data-role=preview]");
          for (const node of document.querySelectorAll("[data-file]")) {
            sitegen.state.set({ file: node.dataset.file, view: null });
            for (let turn = 0; turn < 40; turn += 1) {
              await new Promise((done) => setTimeout(done, 25));
              const title = panel.querySelector("h3")?.textContent;
              if (title === node.dataset.file && !panel.textContent.includes("Loading")) break;
            }
            const hit = panel.querySelector(".sg-attachments__view, .sg-attachments__note");
            if (!hit) said.push(node.dataset.file);
            for (const button of panel.querySelectorAll(".sg-segments__segment")) button.click();
          }
          return said;
        }"""
    )

    assert shown == []
    assert len(sources) > 60
