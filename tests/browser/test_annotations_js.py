"""Annotations at their target: elements made from the run's data files."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from sitegen.build.data_files.annotations import write_annotations
from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.annotations import resolve_annotations
from sitegen.model import Annotation, RunTarget, SampleTarget
from sitegen.render.document import MarkupDocuments
from sitegen.render.payload import data_script
from tests.factories import MemorySink

SCRIPTS = (
    "core", "format", "state", "store", "keys", "copy", "drafts", "document-nodes", "annotations",
)  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"
KEY = f'sample:e/q"{HOSTILE}/2'


def annotation(number: int, target: RunTarget | SampleTarget, why: str) -> Annotation:
    return Annotation(
        id=f"01KB3Q7ZM4V0A1B2C3D4E5F6G{number}", kind="feedback", target=target, anchor=None,
        name=HOSTILE, value=True, rationale=why, user=HOSTILE,
        created_at_ns=1_795_183_320_000_000_000, updated_at_ns=None, path="annotations/x.json",
    )  # fmt: skip


@pytest.fixture
def open_page(page: Page, write_page: Callable[..., str]) -> Callable[[], Page]:
    def open_it() -> Page:
        sample = SampleTarget(eval="e", sample_id=f'q"{HOSTILE}', epoch=2)
        why = f"# Why\n\n{HOSTILE} [top](#why) [x](javascript:alert(1)) **bold**"
        said = [annotation(1, RunTarget(), why), annotation(2, sample, why)]
        said.append(annotation(3, sample, "Plain words."))
        sink = MemorySink()
        resolved = resolve_annotations(said, {}).annotations
        files = write_annotations(resolved, {}, MarkupDocuments(DEFAULT_LIMITS), sink)
        place = {"folder": "", "own": {"slug": "run", "firsts": [one.first for one in files]}}
        body = '<div id="there"></div><script type="application/json" id="sg-annotate">'
        text = json.dumps(place).replace("<", "\\u003c")
        url = write_page(
            f"{body}{text}</script>",
            scripts=SCRIPTS,
            files={
                f"data/{one.name}.js": data_script(f"run/{one.name}", sink.payloads[one.name])
                .decode() for one in files
            },
            data_files={f"run/{one.name}": f"data/{one.name}.js" for one in files},
        )  # fmt: skip
        page.goto(url)
        return page

    return open_it


def test_each_target_has_its_annotations(open_page: Callable[[], Page]) -> None:
    page = open_page()

    counts = page.evaluate(
        "keys => Promise.all(keys.map(async (key) => (await sitegen.annotations.of(key)).length))",
        ["run", KEY, "sample:e/other/1", "zzz"],
    )

    assert counts == [1, 2, 0, 0]


def test_what_people_write_stays_text(open_page: Callable[[], Page]) -> None:
    page = open_page()
    page.evaluate(
        "key => document.getElementById('there').append(...sitegen.annotations.nodes(key))", KEY
    )

    page.locator("article").nth(1).wait_for()
    html = page.locator("#there").inner_html()

    assert page.locator("img").count() == 0
    assert page.locator("strong").count() == 1
    assert "javascript:" not in [
        link.get_attribute("href") for link in page.locator("article a").all()
    ]  # fmt: skip
    assert "sg-annotation--there" in html
    assert page.get_by_text(HOSTILE).count() >= 2
