"""Annotations at their target: copies of the server's articles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from sitegen.derive.annotations import resolve_annotations
from sitegen.model import Annotation, RunTarget, SampleTarget
from sitegen.pages.run.annotations import annotation_views
from sitegen.render.env import template_environment

THEME = Path(__file__).parents[2] / "themes" / "default"
HOSTILE = "<img src=x onerror=alert(1)>"
SECTION = (
    '{% import "parts/annotations.html" as parts %}'
    '{{ parts.section(annotations, ["helpful: 1 yes"]) }}'
)


def annotation(number: int, target: RunTarget | SampleTarget) -> Annotation:
    return Annotation(
        id=f"01KB3Q7ZM4V0A1B2C3D4E5F6G{number}", kind="feedback", target=target, anchor=None,
        name=HOSTILE, value=True, rationale=f"# Why\n\n{HOSTILE} [top](#why)", user=HOSTILE,
        created_at_ns=1_795_183_320_000_000_000, updated_at_ns=None, path="annotations/x.json",
    )  # fmt: skip


@pytest.fixture
def open_section(page: Page, write_page: Callable[..., str]) -> Callable[[], Page]:
    def open_it() -> Page:
        sample = SampleTarget(eval="e", sample_id=f'q"{HOSTILE}', epoch=2)
        said = [annotation(1, RunTarget()), annotation(2, sample), annotation(3, sample)]
        views = annotation_views(resolve_annotations(said, {}))
        template = template_environment((THEME,)).from_string(SECTION)
        page.goto(write_page(template.render(annotations=views), scripts=("core", "annotations")))
        return page

    return open_it


def test_each_target_has_its_annotations(open_section):
    page = open_section()
    counts = page.evaluate(
        "keys => keys.map((key) => sitegen.annotations.count(key))",
        ["run", f'sample:e/q"{HOSTILE}/2', "sample:e/other/1"],
    )

    assert counts == [1, 2, 0]


def test_copies_have_no_ids_and_no_links_to_ids(open_section):
    page = open_section()
    html = page.evaluate("sitegen.annotations.nodes('run').map((node) => node.outerHTML).join('')")

    assert 'id="' not in html
    assert 'href="#user-content' not in html
    assert "sg-annotation--there" in html


def test_what_people_write_stays_text(open_section):
    page = open_section()

    assert page.locator("img").count() == 0
    assert page.locator("article").count() == 3
    assert page.get_by_text(HOSTILE).count() >= 3
