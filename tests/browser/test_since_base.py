"""Pages of a site that is built against a base: what is new, changed and removed, at its target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.annotate.base import base_annotations
from sitegen.build.site import build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.factories import (
    SPAN_ID,
    TRACE_ID,
    sample_document,
    ulid,
    write_eval,
    write_run,
    write_sidecar,
    write_trace,
)

SETTINGS = Settings(prices={})
SPAN = {"type": "span", "trace_id": TRACE_ID, "span_id": SPAN_ID}


def of_sample(number: int) -> dict[str, Any]:
    return {"type": "sample", "eval": "e", "sample_id": f"q-{number}"}


@pytest.fixture
def run_page(tmp_path: Path, page: Page) -> Page:
    """Sample 1 has a changed and a new one, 2 a removed one, 3 one as it was; a span a new one."""
    bundle = write_run(tmp_path / "runs" / "a")
    write_eval(bundle, [sample_document(id=f"q-{number}") for number in range(1, 5)], name="e")
    write_trace(bundle)
    before = tmp_path / "before" / "a"
    for number in (1, 2, 3):
        write_sidecar(before, number, target=of_sample(number), name="tone")
    write_sidecar(bundle, 1, target=of_sample(1), name="tone", value=False)
    write_sidecar(bundle, 3, target=of_sample(3), name="tone")
    write_sidecar(bundle, 4, target=of_sample(1), name="helpful")
    write_sidecar(bundle, 5, target=SPAN, name="fast")
    base = base_annotations(str(tmp_path / "before"), [tmp_path / "runs"], SETTINGS)
    build_site(
        [tmp_path / "runs"], tmp_path / "site", SETTINGS, workers=1, progress=QuietProgress(),
        base_annotations=base,
    )  # fmt: skip
    (path,) = (tmp_path / "site" / "runs").glob("*.html")
    page.goto(path.as_uri())
    return page


def test_the_panel_of_a_sample_marks_what_became_of_each(run_page: Page) -> None:
    run_page.evaluate("location.hash = 'tab=evals&eval=e&sample=q-1&epoch=1'")
    said = run_page.locator(".sg-sample__annotations .sg-annotation--there")
    expect(said).to_have_count(2)
    expect(said.filter(has_text="tone").locator(".sg-badge")).to_have_text("changed")
    expect(said.filter(has_text="helpful").locator(".sg-badge")).to_have_text("new")

    run_page.evaluate("location.hash = 'tab=evals&eval=e&sample=q-2&epoch=1'")
    expect(said).to_have_count(1)
    expect(said.locator(".sg-badge")).to_have_text("removed")
    expect(said.get_by_role("button")).to_have_count(0)  # there is nothing to edit

    run_page.evaluate("location.hash = 'tab=evals&eval=e&sample=q-3&epoch=1'")
    expect(said.filter(has_text="tone")).to_have_count(1)
    expect(said.locator(".sg-badge")).to_have_count(0)


@pytest.mark.parametrize(
    ("link", "samples"), [("New 1", ["q-1"]), ("Changed 1", ["q-1"]), ("Removed 1", ["q-2"])]
)
def test_the_table_is_narrowed_to_what_became_of_its_samples(
    run_page: Page, link: str, samples: list[str]
) -> None:
    run_page.evaluate("location.hash = 'tab=evals&eval=e'")
    run_page.locator("[data-panel=evals]").get_by_role("link", name=link).click()

    ids = run_page.locator("#samples-0 tbody tr[data-sample] .sg-evals__id")
    expect(ids).to_have_text(samples)


def test_traces_are_narrowed_as_well(run_page: Page) -> None:
    run_page.evaluate("location.hash = 'tab=traces'")
    panel = run_page.locator("[data-panel=traces]")
    panel.get_by_role("link", name="New 1").click()

    expect(panel.locator("[data-count-for=traces-table]")).to_contain_text("1")
    assert "since_base contains" in panel.get_by_label("Search in traces").input_value()


def test_the_overview_counts_them_and_folds_the_removed_ones(run_page: Page) -> None:
    section = run_page.locator("#annotations")

    expect(section).to_contain_text("2 new, 1 changed, 1 removed since before")
    section.get_by_text("Removed", exact=True).click()
    expect(section.locator(f"#annotation-{ulid(2)}")).to_be_visible()


def test_what_was_removed_runs_nothing_wherever_it_is_shown(tmp_path: Path, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> </script> [x](javascript:alert(1)) ![y](//e.org/y) '"
    bundle = write_run(tmp_path / "runs" / "a")
    write_eval(bundle, [sample_document(id=hostile)], name="e")
    target = {"type": "sample", "eval": "e", "sample_id": hostile}
    said = {"target": target, "name": hostile, "user": hostile, "rationale": hostile}
    before = tmp_path / hostile.replace("/", "-")
    write_sidecar(before / "a", 1, **said)
    write_sidecar(before / "a", 2, **said, kind="expectation", value=hostile)
    write_sidecar(bundle, 3, **said)
    base = base_annotations(str(before), [tmp_path / "runs"], SETTINGS)
    build_site(
        [tmp_path / "runs"], tmp_path / "site", SETTINGS, workers=1, progress=QuietProgress(),
        base_annotations=base,
    )  # fmt: skip
    (path,) = (tmp_path / "site" / "runs").glob("*.html")

    page.goto(path.as_uri())
    section = page.locator("#annotations")
    section.get_by_text("Removed", exact=True).click()
    expect(section.locator(f"#annotation-{ulid(2)}")).to_contain_text(hostile)
    page.evaluate("(id) => sitegen.state.set({ tab: 'evals', eval: 'e', sample: id })", hostile)
    removed = page.locator(".sg-sample__annotations .sg-annotation--there")
    expect(removed).to_have_count(3)
    expect(removed.nth(2)).to_contain_text(hostile)
    assert page.locator("img[src^=http], a[href^=javascript]").count() == 0
