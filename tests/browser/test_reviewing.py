"""Going through samples and traces in the page, and what an older run's annotations offer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.annotate import add_annotation
from tests.factories import (
    sample_document,
    span_document,
    ulid,
    write_eval,
    write_run,
    write_sidecar,
    write_trace,
)

HOSTILE = "<img src=x onerror=alert(1)> ' \" `"


def target(number: int) -> dict[str, Any]:
    return {"type": "sample", "eval": "e", "sample_id": f"q-{number}"}


@pytest.fixture
def site(tmp_path: Path, build: Callable[..., object]) -> Path:
    """Two runs over four samples: the newer answers q-2 otherwise and has another input for q-3."""
    runs = tmp_path / "runs"
    for day, name in ((1, "old"), (2, "new")):
        bundle = write_run(
            runs / "e" / name, id=name, name=name, started_at=f"2026-11-0{day}T10:00:00Z"
        )
        samples = [sample_document(id=f"q-{number}", trace_ids=[]) for number in range(4)]
        if name == "new":
            samples[2]["output"], samples[3]["input"] = "43", "What is 6 x 8?"
        write_eval(bundle, samples, name="e")
        spans = [
            span_document(traceId=f"{trace:032x}", spanId=f"{trace:016x}", links=[])
            for trace in (1, 2, 3)
        ]
        write_trace(bundle, spans)
    for number in (1, 2, 3):
        for value in (True, HOSTILE):
            said = {"name": "ok", "value": value, "target": target(number), "user": HOSTILE}
            add_annotation(runs / "e" / "old", said | {"rationale": f"**why** {HOSTILE}"})
    build(runs)
    return tmp_path / "site"


@pytest.fixture
def open_run(site: Path, page: Page) -> Callable[[str], Page]:
    def open_it(state: str) -> Page:
        (path,) = (site / "runs").glob("new-*.html")
        page.goto(f"{path.as_uri()}#{state}")
        return page

    return open_it


@pytest.mark.parametrize(
    ("number", "offered"),
    [(0, []), (1, ["expected", "yes"]), (2, ["expected"]), (3, [])],
)
def test_what_holds_for_the_same_sample_is_offered_and_one_press_makes_a_draft(
    open_run: Callable[[str], Page], number: int, offered: list[str]
) -> None:
    page = open_run(f"tab=evals&eval=e&sample=q-{number}&epoch=1")
    drawer = page.locator(".sg-sample__annotations")
    expect(drawer.get_by_role("button", name="Annotate")).to_be_visible()
    expect(drawer.locator(".sg-annotation--offered")).to_have_count(len(offered))
    found = drawer.locator(".sg-annotation--offered .sg-annotation__value").all_inner_texts()
    assert sorted(text.split()[0] for text in found) == offered
    if not offered:
        return
    drawer.get_by_role("button", name="Keep ok").first.click()

    expect(drawer.locator(".sg-annotation--offered")).to_have_count(len(offered) - 1)
    expect(drawer.locator(".sg-annotation--draft")).to_have_count(1)
    assert page.locator("img[src=x]").count() == 0
    (draft,) = page.evaluate("sitegen.drafts.all()")
    assert draft["document"]["user"] == HOSTILE
    assert draft["document"]["rationale"] == f"**why** {HOSTILE}"


def review(page: Page, *, name: str = "ok", user: str = "mara") -> None:
    page.get_by_role("button", name="Review").first.click()
    bar = page.get_by_role("region", name="Review")
    bar.get_by_label("as").fill(user)
    bar.get_by_label("Review", exact=True).fill(name)
    bar.get_by_label("Review", exact=True).press("Enter")
    bar.get_by_label("Review", exact=True).blur()


def test_samples_are_judged_by_keys_alone(open_run: Callable[[str], Page]) -> None:
    page = open_run("tab=evals&eval=e")
    review(page)
    count = page.locator(".sg-review__count")
    expect(count).to_have_text("0 of 4 samples annotated by mara")
    page.keyboard.press("n")
    for key, done in (("1", 1), ("0", 2), ("1", 3)):
        expect(page.locator(".sg-sample__annotations")).to_be_visible()
        page.keyboard.press(key)
        expect(count).to_have_text(f"{done} of 4 samples annotated by mara")
    page.keyboard.press("u")
    expect(count).to_have_text("2 of 4 samples annotated by mara")
    page.keyboard.press("e")
    page.get_by_role("dialog", name="Annotate").get_by_label("Expected").fill("42")
    page.get_by_role("dialog").get_by_role("button", name="Keep as draft").click()
    expect(count).to_have_text("3 of 4 samples annotated by mara")

    drafts = page.evaluate("sitegen.drafts.all().map((one) => one.document)")
    assert [one["value"] for one in drafts] == [True, False, "42"]
    assert {one["name"] for one in drafts} == {"ok"}
    assert len({one["target"]["sample_id"] for one in drafts}) == 3
    assert all(one["anchor"]["digest"].startswith("sha256:") for one in drafts)


def test_a_second_word_of_one_person_changes_the_first(open_run: Callable[[str], Page]) -> None:
    page = open_run("tab=evals&eval=e&sample=q-0&epoch=1")
    review(page)
    expect(page.locator(".sg-sample__annotations")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".sg-review__count")).to_have_text("1 of 4 samples annotated by mara")
    page.evaluate("location.hash = location.hash.replace(/sample=q-\\d/, 'sample=q-0')")
    expect(page.locator(".sg-annotation--draft")).to_contain_text("yes")
    page.keyboard.press("0")
    page.wait_for_function("() => sitegen.drafts.all()[0].document.value === false")

    assert page.evaluate("sitegen.drafts.all().length") == 1


def test_traces_are_judged_at_their_first_span(open_run: Callable[[str], Page]) -> None:
    page = open_run("tab=traces")
    page.locator(".sg-traces__title").wait_for()
    review(page)
    count = page.locator(".sg-review__count")
    expect(count).to_have_text("0 of 3 traces annotated by mara")
    page.keyboard.press("n")
    expect(page.locator(".sg-span__annotations")).to_be_visible()
    page.keyboard.press("1")
    expect(count).to_have_text("1 of 3 traces annotated by mara")

    (document,) = page.evaluate("sitegen.drafts.all().map((one) => one.document)")
    assert document["target"]["type"] == "span"
    assert (len(document["anchor"]["path"]), document["anchor"]["ordinal"]) == (1, 0)


def test_the_queue_says_what_is_missing_and_ends(open_run: Callable[[str], Page]) -> None:
    page = open_run("tab=evals&eval=e&sample=q-0&epoch=1")
    page.get_by_role("button", name="Review").first.click()
    bar = page.get_by_role("region", name="Review")
    bar.get_by_role("button", name="Yes").click()
    expect(bar.get_by_text("Say who you are.")).to_be_visible()
    expect(bar.get_by_label("as")).to_be_focused()
    bar.get_by_role("button", name="End").click()

    expect(bar).to_be_hidden()
    assert "review" not in page.url


def test_a_long_list_is_data_and_opens_beside_the_table(
    tmp_path: Path, build: Callable[..., Any], page: Page
) -> None:
    bundle = write_run(tmp_path / "runs" / "a", name="a")
    for number in range(1, 602):
        write_sidecar(
            bundle, number, rationale=f"**why {number}** {HOSTILE}", user=HOSTILE, name=HOSTILE,
            created_at=f"2026-11-18T{number // 60:02d}:{number % 60:02d}:00Z",
        )  # fmt: skip
    build(tmp_path / "runs")
    page.goto((tmp_path / "site" / "annotations.html").as_uri())
    expect(page.locator("[data-count-for]")).to_have_text("601 of 601 annotations")
    page.get_by_label("Filter annotations").fill("why 17")
    expect(page.locator("[data-count-for]")).to_have_text("11 of 601 annotations")
    page.locator("#annotations-table tbody tr[data-key]").last.click()
    drawer = page.get_by_role("complementary", name="Annotation", exact=True)
    expect(drawer.locator("strong")).to_have_text("why 17")
    drawer.get_by_role("button", name="Remove").click()

    expect(page.get_by_role("button", name="Drafts 1")).to_be_visible()
    assert ulid(17) in page.url
    assert page.locator("img[src=x]").count() == 0
    assert (tmp_path / "site" / "annotations.html").stat().st_size < 500_000


def test_which_are_shown_is_marked(tmp_path: Path, build: Callable[..., Any], page: Page) -> None:
    bundle = write_run(tmp_path / "runs" / "a", name="a")
    write_sidecar(bundle, 1)
    write_sidecar(bundle, 2, target={"type": "sample", "eval": "gone", "sample_id": "s"})
    build(tmp_path / "runs")
    page.goto((tmp_path / "site" / "annotations.html").as_uri())
    marks = page.get_by_role("navigation", name="Which").locator("[aria-current]")
    expect(marks).to_have_text("All 2")
    page.get_by_role("link", name="Orphaned 1").click()

    expect(marks).to_have_text("Orphaned 1")
    expect(page.locator("#annotations-table tbody tr:visible")).to_have_count(1)
