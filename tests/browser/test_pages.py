"""Whole sites in Chromium over file://: the sample runs, and bundles in which every text attacks.

Console errors, policy violations, failed or remote requests, dialogs and a page that scrolls
sideways are failures; at 1440 and 390 px, with and without JavaScript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sitegen.build.site import build_site
from sitegen.bundle.paths import slug
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.browser.conftest import watch
from tests.browser.settled import open_settled
from tests.factories import SAMPLE_RUNS, SHARED_DATA
from tests.hostile import (
    MARKER,
    always,
    in_turn,
    payloads,
    write_hostile_experiment,
    write_hostile_run,
    write_wrong_run,
)

WIDTHS = (1440, 390)
WIDTHS_BETWEEN = (1024, 800, 720, 600, 320)
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
TABS = ("overview", "metrics", "traces", "evals", "attachments")
RUN = f"runs/{slug('support-agent/v2')}.html"
EXPERIMENT = f"experiments/{slug('digits-mlp')}.html"
OWN_ATTACKS = [
    MARKER, "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "javascript:alert(1)", "'\"><svg onload=alert(1)>", "]]><!--", "\u202e\u2028\x00",
    "__proto__", "constructor", "a" * 5000,
    "[x](javascript:alert(1))", "![x](https://evil.example/x.png)", "${alert(1)}", "%0d%0aX: 1",
]  # fmt: skip


def built(root: Path, *runs: Path) -> Path:
    """The site of *runs*."""
    build_site(
        list(runs), root / "site", Settings(title="Runs", prices={}), workers=1,
        progress=QuietProgress(),
    )  # fmt: skip
    return root / "site"


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of bundles whose every text attacks; with the corpora where they are at hand."""
    root = tmp_path_factory.mktemp("hostile")
    corpora = SHARED_DATA / "hostile"
    texts = [*OWN_ATTACKS, *(payloads(corpora) if corpora.is_dir() else ())]
    write_hostile_run(root / "runs" / "marker", always(MARKER), number=0)
    write_wrong_run(root / "runs" / "wrong", in_turn(OWN_ATTACKS, 0))
    for number in range(2):
        write_hostile_run(root / "runs" / f"t{number}", in_turn(texts, 617 * number), number=number)
    write_hostile_experiment(root / "runs", in_turn(OWN_ATTACKS, 3))
    return built(root, root / "runs")


@contextmanager
def opened(
    browser: Browser, url: str, *, width: int = 1440, has_script: bool = True
) -> Iterator[Page]:
    """The page at *url*; whatever the browser complains of while it is open fails the test."""
    faults: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=has_script,
        timezone_id="Asia/Kolkata", locale="de-DE",
    )  # fmt: skip
    context.set_default_timeout(8_000)
    page = context.new_page()
    watch(page, faults)
    page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("file:", "data:", "blob:"))
            else faults.append(f"remote request: {request.url[:80]}")
        ),
    )
    page.goto(url)
    yield page
    page.wait_for_timeout(50)
    context.close()
    assert faults == []


def assert_no_sideways_scroll(page: Page, what: str) -> None:
    width, shown = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= shown, f"{what} is {width - shown} px wider than the window"


def pages_of(site: Path) -> list[str]:
    """The index, every experiment, and the run with most in it."""
    return ["index.html", *sorted(path.relative_to(site).as_posix()
                                  for path in site.glob("experiments/*.html"))]  # fmt: skip


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_index_and_an_experiment_open_without_complaint(
    browser: Browser, sample_site: Path, width: int, has_script: bool
) -> None:
    for path in ("index.html", EXPERIMENT):
        url = (sample_site / path).as_uri()
        with opened(browser, url, width=width, has_script=has_script) as page:
            expect(page.locator("h1")).to_be_visible()
            assert_no_sideways_scroll(page, path)
            assert page.locator("tbody tr").count() > 2


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_tab_of_a_run_opens_without_complaint(
    browser: Browser, sample_site: Path, width: int, tab: str
) -> None:
    with opened(browser, f"{(sample_site / RUN).as_uri()}#tab={tab}", width=width) as page:
        expect(page.locator(f"#panel-{tab}")).to_be_visible()
        for other in TABS:
            if other != tab:
                expect(page.locator(f"#panel-{other}")).to_be_hidden()
        page.wait_for_timeout(300)
        for between in (width, *WIDTHS_BETWEEN):
            page.set_viewport_size({"width": between, "height": 900})
            page.wait_for_function(FITS)
            assert_no_sideways_scroll(page, f"{tab} at {between} px")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_run_without_script_shows_all_panels_one_after_the_other(
    browser: Browser, sample_site: Path, width: int
) -> None:
    url = (sample_site / RUN).as_uri()
    with opened(browser, url, width=width, has_script=False) as page:
        for tab in TABS:
            expect(page.locator(f"#panel-{tab}")).to_be_visible()
        assert page.locator("[data-needs-script]:visible").count() == 0
        assert_no_sideways_scroll(page, "the run")


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("width", WIDTHS)
def test_hostile_pages_open_without_complaint(
    browser: Browser, hostile_site: Path, width: int, has_script: bool
) -> None:
    for path in pages_of(hostile_site):
        url = (hostile_site / path).as_uri()
        with opened(browser, url, width=width, has_script=has_script) as page:
            expect(page.locator("h1")).to_be_visible()


def runs_of(site: Path) -> list[str]:
    """Paths of the runs' pages."""
    return [run["url"] for run in json.loads((site / "report.json").read_text("utf-8"))["runs"]]


def open_all_tabs(page: Page, what: str | None = None) -> None:
    """Shows one tab after the other; with *what*, none may be wider than the window."""
    for tab in page.locator("nav.sg-tabs[aria-label='Run'] [data-tab]").all():
        tab.click()
        page.wait_for_timeout(120)
        if what is not None:
            assert_no_sideways_scroll(page, f"{what} {tab.get_attribute('data-tab')}")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_tab_of_hostile_runs_shows_text_as_text(
    browser: Browser, hostile_site: Path, width: int
) -> None:
    for path in runs_of(hostile_site):
        with opened(browser, (hostile_site / path).as_uri(), width=width) as page:
            open_all_tabs(page)
            count = page.evaluate(
                "document.querySelectorAll('script:not([src]):not([type]), iframe, object, embed,"
                " [onerror], [onload], [onclick]').length"
            )
            assert count == 0, path


@pytest.mark.parametrize("width", WIDTHS)
def test_short_hostile_text_never_widens_a_page(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    write_hostile_run(tmp_path / "runs" / "marker", always(MARKER), number=0)
    write_wrong_run(tmp_path / "runs" / "wrong", always(MARKER))
    write_hostile_experiment(tmp_path / "runs", always(MARKER))
    site = built(tmp_path, tmp_path / "runs")
    for path in (*pages_of(site), *runs_of(site)):
        with opened(browser, (site / path).as_uri(), width=width) as page:
            open_all_tabs(page, path)
            assert_no_sideways_scroll(page, path)


@pytest.mark.parametrize("width", WIDTHS)
def test_long_words_never_widen_a_page(browser: Browser, hostile_site: Path, width: int) -> None:
    for path in (*pages_of(hostile_site), *runs_of(hostile_site)):
        with opened(browser, (hostile_site / path).as_uri(), width=width) as page:
            open_all_tabs(page, path)
            assert_no_sideways_scroll(page, path)


def test_hostile_traces_samples_and_files_open_as_text(
    browser: Browser, hostile_site: Path
) -> None:
    choices = {"traces": "a[href*='trace=']", "evals": "a[href*='sample=']",
               "attachments": "a[href*='file=']"}  # fmt: skip
    opened_count = 0
    for path in runs_of(hostile_site):
        with opened(browser, (hostile_site / path).as_uri()) as page:
            for tab, choice in choices.items():
                page.locator(f".sg-tabs [data-tab='{tab}']").first.click()
                for link in page.locator(f"#panel-{tab}").locator(choice).all()[:3]:
                    if link.is_visible():
                        link.click()
                        page.wait_for_timeout(120)
                        opened_count += 1
    assert opened_count > 10


@pytest.fixture
def run_page(context: BrowserContext, page: Page, sample_site: Path) -> Page:
    """The agent's run, opened."""
    page.goto((sample_site / RUN).as_uri())
    return page


def test_tabs_are_switched_by_keyboard(run_page: Page) -> None:
    run_page.get_by_role("tab", name="Overview").focus()

    run_page.keyboard.press("ArrowRight")
    expect(run_page.get_by_role("tab", name="Metrics")).to_have_attribute("aria-selected", "true")
    expect(run_page.locator("#panel-metrics")).to_be_visible()
    expect(run_page.locator("#panel-overview")).to_be_hidden()
    run_page.keyboard.press("End")
    expect(run_page.locator("#panel-attachments")).to_be_visible()
    run_page.keyboard.press("Home")
    expect(run_page.locator("#panel-overview")).to_be_visible()
    run_page.keyboard.press("ArrowLeft")
    expect(run_page.locator("#panel-attachments")).to_be_visible()
    assert "tab=attachments" in run_page.url


def test_back_returns_to_the_tab_before(run_page: Page) -> None:
    run_page.get_by_role("tab", name="Traces").click()
    run_page.get_by_role("tab", name="Evals").click()

    run_page.go_back()

    expect(run_page.locator("#panel-traces")).to_be_visible()


def trace_id_of_sample_run() -> str:
    lines = (SAMPLE_RUNS / "support-agent/v2/evals/support-eval.jsonl").read_text().splitlines()
    return json.loads(lines[4])["trace_ids"][0]


def test_a_link_to_a_trace_opens_that_trace(page: Page, sample_site: Path) -> None:
    trace_id = trace_id_of_sample_run()

    page.goto(f"{(sample_site / RUN).as_uri()}#tab=traces&trace={trace_id}")

    expect(page.locator("#panel-traces")).to_be_visible()
    expect(page.locator("#panel-traces")).to_contain_text(trace_id[:8])
    expect(page.locator("#panel-traces").get_by_text("lookup_order").first).to_be_attached()


def test_a_link_to_a_sample_opens_that_sample(page: Page, sample_site: Path) -> None:
    page.goto(f"{(sample_site / RUN).as_uri()}#tab=evals&eval=support-eval&sample=T-1003&epoch=1")

    expect(page.locator("#panel-evals")).to_be_visible()
    expect(
        page.locator("#panel-evals")
        .get_by_text("I want to return the tent")
        .locator("visible=true")
        .first
    ).to_be_visible()


def test_an_unknown_tab_trace_or_sample_is_told_and_never_an_error(
    page: Page, sample_site: Path
) -> None:
    url = (sample_site / RUN).as_uri()
    states = (
        "tab=nonsense", "tab=traces&trace=00", "tab=evals&eval=x&sample=y", "%", "tab",
        "tab=attachments&file=..%2F..%2Fetc", "tab=metrics&metric=gone&x=q&smooth=z",
    )  # fmt: skip
    for state in states:
        page.goto("about:blank")
        open_settled(page, f"{url}#{state}")

        expect(page.locator("h1")).to_be_visible()


def visible_rows(page: Page, table: str) -> list[str]:
    rows = page.locator(f"#{table} tbody tr:visible th a:visible")
    return [text.strip() for text in rows.all_inner_texts()]


def test_the_index_is_filtered_and_sorted(page: Page, sample_site: Path) -> None:
    page.goto((sample_site / "index.html").as_uri())
    everything = visible_rows(page, "experiments-table")
    assert len(everything) >= 2

    page.locator("#experiments-filter").fill("support")
    expect(page.locator("#experiments-table tbody tr:visible")).to_have_count(1)
    assert "filter=" in page.url
    page.locator("#experiments-filter").fill("runs > 100")
    expect(page.locator("#experiments-table tbody tr:visible")).to_have_count(0)
    expect(page.get_by_text("No experiment matches").first).to_be_visible()
    page.locator("#experiments-filter").fill("")
    expect(page.locator("#experiments-table tbody tr:visible")).to_have_count(len(everything))
    page.get_by_role("columnheader", name=re.compile("^Experiment")).get_by_role("button").click()
    expect(page.locator("#experiments-table th[aria-sort]")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert visible_rows(page, "experiments-table") == sorted(everything, key=str.casefold)


def test_the_run_table_is_filtered(page: Page, sample_site: Path) -> None:
    page.goto((sample_site / EXPERIMENT).as_uri())
    table = page.locator("#runs-table")

    page.locator("[data-filter-for='runs-table']").fill('status = "failed"')
    expect(table.locator("tbody tr:visible")).to_have_count(1)
    page.locator("[data-filter-for='runs-table']").fill('status = "failed" or')
    expect(page.locator("[data-filter-for='runs-table']")).to_have_attribute("aria-invalid", "true")
    page.locator("[data-filter-for='runs-table']").fill("")
    expect(table.locator("tbody tr:visible")).to_have_count(26)


def test_the_dark_theme_is_kept_on_every_page(page: Page, sample_site: Path) -> None:
    page.goto((sample_site / "index.html").as_uri())

    page.locator("[data-action='theme']:visible").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto((sample_site / RUN).as_uri(), wait_until="networkidle")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("[data-action='theme']:visible").first.click()
    page.goto((sample_site / "index.html").as_uri())
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_every_page_has_a_title_a_language_and_one_first_heading(
    page: Page, sample_site: Path
) -> None:
    for path in ("index.html", EXPERIMENT, RUN):
        open_settled(page, (sample_site / path).as_uri())

        assert page.title()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_have_count(1)
        assert page.locator("img:not([alt])").count() == 0
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
        assert len(ids) == len(set(ids)), path
