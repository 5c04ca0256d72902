"""The Traces tab in a browser: list, tree, panel, keys, and traces of 20,000 spans."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.annotations import NO_ANNOTATIONS
from sitegen.derive.traces.part import derive_traces
from sitegen.model import Span, SpanEvent, SpanLink
from sitegen.pages.run.traces_tab import traces_tab
from sitegen.render.env import template_environment
from sitegen.render.payload import data_script
from tests.derive.traces.test_part import TRACE, span
from tests.factories import REPOSITORY, MemorySink, Reports

WritePage = Callable[..., str]
THEME = REPOSITORY / "themes" / "default"
SCRIPTS = (
    "core", "format", "state", "store", "keys", "copy", "menus", "tabs", "codec", "filter-match",
    "filter", "filterbox", "filter-complete", "format-column", "frame", "spark", "table",
    "table-csv", "grid-view", "grid-cells", "grid", "grid-head", "grid-body",
    "grid-notes", "grid-menus", "grid-file", "trace-table", "tracelist", "minimap",
    "waterfall-row", "waterfall", "flame-boxes", "flame", "trace-forms", "span-values",
    "trace-data", "span", "trace-search", "trace-tools", "sample-traces", "trace-chooser",
    "trace-align", "textdiff", "trace-compare", "conversation", "drafts", "document-nodes",
    "annotations", "markdown", "traces",
)  # fmt: skip
STYLES = (
    "tokens", "base", "frame", "controls", "overlays", "marks", "parts", "tables", "grid", "code",
    "traces", "waterfall", "flame", "span", "messages",
)  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "y" * 40_000
OTHER = "cd" * 16


def spans() -> list[Span]:
    """A trace with every kind of thing, and a plain one."""
    failed = SpanEvent(
        time_ns=None, name="exception",
        attributes={"exception.type": "TimeoutError", "exception.message": "too slow",
                    "exception.stacktrace": "at f"},
    )  # fmt: skip
    messages = '[{"role":"system","content":"Be short."},{"role":"user","content":"<b>Hi</b>"}]'
    answer = (
        '[{"role":"assistant","parts":[{"type":"tool_call","name":"find","arguments":{"q":"x"}}]}]'
    )
    chat = {
        "gen_ai.operation.name": "chat", "gen_ai.input.messages": messages,
        "gen_ai.output.messages": answer, "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 34, "gen_ai.request.model": "m-1", "operation.cost": 0.25,
    }  # fmt: skip
    link = SpanLink(trace_id=OTHER, span_id=f"{1:016x}", attributes={})
    return [
        span(1, end=100, name="agent", links=(link,),
             attributes={"gen_ai.operation.name": "invoke_agent"}),
        span(2, 1, start=5, end=40, name="chat m-1", attributes=chat),
        span(3, 1, start=45, end=60, name=HOSTILE, status_code=2,
             status_message="too slow", events=(failed,),
             attributes={"gen_ai.operation.name": "execute_tool", "note": HOSTILE, "long": LONG}),
        span(4, 3, start=46, end=50, name="inner"),
        span(1, trace=OTHER, name="other trace", end=7),
    ]  # fmt: skip


@pytest.fixture
def write_tab(write_page: WritePage) -> Callable[..., str]:
    """Writes a page with the tab over *records* and returns its address."""

    def write(
        records: Sequence[Span], *, without: Sequence[str] = (), before: str = "", after: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> str:  # fmt: skip
        sink = MemorySink()
        sink.payloads |= more or {}
        facts = derive_traces(records, sink=sink, limits=DEFAULT_LIMITS, report=Reports())
        tab = traces_tab(
            facts, slug="run-1", annotations=NO_ANNOTATIONS,
            sample_by_trace={TRACE: ("s-1", "#tab=evals&sample=s-1")},
        )  # fmt: skip
        html = template_environment((THEME,)).get_template("tabs/traces.html").render(tab=tab)
        files = {
            f"data/{name}.js": data_script(f"run-1/{name}", payload).decode()
            for name, payload in sink.payloads.items()
            if name not in without
        }
        styles = "\n".join((THEME / f"css/{name}.css").read_text() for name in STYLES)
        return write_page(
            '<link rel="stylesheet" href="assets/site.css">'
            f'<main class="sg-main">{before}{html}{after}</main>',
            scripts=SCRIPTS, files={"assets/site.css": styles, **files},
            data_files={f"run-1/{name}": f"data/{name}.js" for name in sink.payloads},
        )  # fmt: skip

    return write


@pytest.fixture
def open_tab(page: Page, write_tab: Callable[..., str]) -> Callable[..., Page]:
    """Opens the tab over `spans()` or others; `hash` is its state."""

    def open_it(hash: str = "", records: Sequence[Span] | None = None) -> Page:
        page.goto(write_tab(spans() if records is None else records) + hash)
        expect(page.get_by_role("treegrid")).to_be_visible()
        return page

    return open_it


def rows(page: Page) -> Any:
    return page.locator("[role=row][data-index]")


def options(page: Page) -> Any:
    return page.get_by_role("listbox").get_by_role("option")


def panel(page: Page) -> Any:
    return page.locator("[data-role=span]")


def test_the_worst_trace_is_open_and_the_list_holds_all(open_tab: Callable[..., Page]) -> None:
    page = open_tab()

    expect(options(page)).to_have_count(2)
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(
        "agent"
    )
    expect(page.get_by_role("listbox").get_by_role("option", selected=True)).to_contain_text(
        "1 error"
    )
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#traces-table")).to_be_hidden()
    expect(page.locator("[data-role=trace]")).to_contain_text("TimeoutError: too slow")


def test_rows_say_kind_duration_and_level_to_those_who_do_not_see_them(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()
    row = rows(page).nth(1)

    expect(row).to_have_attribute("aria-label", "chat m-1, llm, 35\xa0ms, 1,234 tokens")
    expect(row).to_have_attribute("aria-level", "2")
    expect(row).to_have_attribute("aria-posinset", "1")
    expect(row).to_have_attribute("aria-setsize", "2")


def test_a_span_opens_its_panel_and_stands_in_the_url(open_tab: Callable[..., Page]) -> None:
    page = open_tab()

    rows(page).nth(1).click()

    expect(panel(page)).to_contain_text("1,200 in, 34 out")
    expect(panel(page)).to_contain_text("$0.2500 recorded")
    expect(panel(page).get_by_role("tab", name="Messages 3")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(panel(page)).to_contain_text("<b>Hi</b>")
    expect(panel(page)).to_contain_text('find(q="x")')
    assert f"span={2:016x}" in page.url


def test_the_url_opens_a_span(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}&span={3:016x}")

    expect(panel(page).locator("h3")).to_have_text(HOSTILE)
    panel(page).get_by_role("tab", name="Attributes").click()
    expect(panel(page)).to_contain_text("service.name")
    expect(panel(page)).to_contain_text("example 1")


def test_a_long_text_is_cut_and_loads_whole(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}&span={3:016x}")
    panel(page).get_by_role("tab", name="Attributes").click()

    page.get_by_role("button", name="Show all 40,000 characters").click()

    expect(panel(page).locator("#span-panel-attributes pre").filter(has_text=LONG)).to_have_count(1)


def test_keys_move_fold_open_and_close(open_tab: Callable[..., Page]) -> None:
    page = open_tab()

    page.keyboard.press("j")
    page.keyboard.press("ArrowLeft")
    expect(rows(page)).to_have_count(1)
    expect(rows(page).first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(panel(page).locator("h3")).to_have_text("chat m-1")
    page.keyboard.press("j")
    expect(panel(page).locator("h3")).to_have_text(HOSTILE)
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    assert "span=" not in page.url
    page.keyboard.press("e")
    expect(panel(page).locator("h3")).to_have_text(HOSTILE)


def test_there_is_one_tab_stop_in_the_tree(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    page.keyboard.press("j")
    page.keyboard.press("j")

    expect(page.locator("[role=row][tabindex='0']")).to_have_count(1)
    expect(page.locator("[role=row]:focus")).to_have_attribute("data-index", "1")


def test_the_list_is_searched_sorted_and_narrowed_to_errors(open_tab: Callable[..., Page]) -> None:
    page = open_tab()

    page.get_by_label("Sort by").select_option("duration_s:asc")
    expect(options(page).first).to_contain_text("other trace")
    page.get_by_label("Sort by").select_option("")
    expect(options(page).first).to_contain_text("agent")
    page.get_by_label("Search in traces").fill("OTHER")
    expect(options(page)).to_have_count(1)
    expect(page.locator("[data-count-for=traces-table]")).to_have_text("1 of 2 traces")
    page.get_by_label("Search in traces").fill("s-1")
    expect(options(page).first).to_contain_text("agent")
    page.get_by_label("Search in traces").fill("nothing")
    page.get_by_role("button", name="Clear the filter").click()
    expect(options(page)).to_have_count(2)
    page.locator("[data-role=errors-only]").check()
    expect(options(page)).to_have_count(1)
    expect(page.get_by_label("Search in traces")).to_have_value("errors > 0")


def test_a_search_finds_words_of_messages_and_attributes(open_tab: Callable[..., Page]) -> None:
    page = open_tab()

    page.get_by_label("Search in traces").fill("be short")
    expect(options(page)).to_have_count(1)
    expect(options(page).first).to_contain_text("agent")
    page.get_by_label("Search in traces").fill("short onerr")
    expect(options(page)).to_have_count(1)
    page.get_by_label("Search in traces").fill("short other")
    expect(options(page)).to_have_count(0)


def test_all_traces_as_a_table_with_columns_sort_and_a_way_to_each(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()

    page.get_by_role("button", name="Table", exact=True).click()

    table = page.locator("#traces-table")
    expect(table.locator("tbody tr[data-key]")).to_have_count(2)
    expect(page.get_by_role("treegrid")).to_be_hidden()
    expect(table.locator("tbody tr").first).to_contain_text("m-1")
    expect(table.locator("tbody tr").first).to_contain_text("$0.2500")
    table.get_by_role("button", name="Duration").click()
    table.get_by_role("button", name="Duration").click()
    expect(table.locator("tbody th").first).to_have_text("other trace")
    assert "traces.sort=duration_s:asc" in page.url
    table.get_by_role("link", name="other trace").click()
    expect(page.get_by_role("treegrid")).to_be_visible()
    expect(page.locator(".sg-traces__title")).to_have_text("other trace")


def test_spans_are_filtered_by_name_and_kind_with_those_above_them(
    open_tab: Callable[..., Page],
) -> None:
    page = open_tab()

    page.get_by_label("Filter spans").fill("inner")
    expect(rows(page)).to_have_count(3)
    page.get_by_label("Filter spans").fill("")
    page.get_by_text("Kind", exact=True).click()
    page.get_by_role("checkbox", name="LLM").uncheck()
    expect(rows(page)).to_have_count(3)


def test_the_critical_path_is_drawn_and_can_be_left_out(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    expect(page.locator(".sg-waterfall__critical")).not_to_have_count(0)

    page.get_by_role("button", name="Critical path").click()

    expect(page.locator(".sg-waterfall__critical")).to_have_count(0)


def test_the_minimap_zooms_and_the_whole_comes_back(open_tab: Callable[..., Page]) -> None:
    page = open_tab()
    box = page.locator(".sg-minimap").bounding_box()
    assert box is not None
    before = page.locator(".sg-waterfall__bar").nth(1).bounding_box()

    page.mouse.move(box["x"] + 10, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.up()

    after = page.locator(".sg-waterfall__bar").nth(1).bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] > before["width"] * 1.5
    page.get_by_role("button", name="Whole trace").click()
    assert page.locator(".sg-waterfall__bar").nth(1).bounding_box() == before


def test_a_link_leads_to_the_other_trace_and_back_returns(open_tab: Callable[..., Page]) -> None:
    page = open_tab(f"#tab=traces&trace={TRACE}&span={1:016x}")
    panel(page).get_by_role("tab", name="Links").click()

    panel(page).get_by_role("link").click()

    expect(panel(page).locator("h3")).to_have_text("other trace")
    page.go_back()
    expect(panel(page).locator("h3")).to_have_text("agent")


def test_20000_spans_open_with_few_rows_and_scroll_to_any(open_tab: Callable[..., Page]) -> None:
    many = [
        span(number, max(number // 3, 1) if number > 1 else None, start=number, end=30_000)
        for number in range(1, 20_001)
    ]
    page = open_tab("", many)

    expect(page.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "20000")
    assert rows(page).count() < 120
    page.get_by_role("treegrid").locator("[tabindex='0']").focus()
    page.keyboard.press("End")
    expect(page.locator("[role=row]:focus")).to_have_attribute("aria-rowindex", "20000")


def test_a_missing_list_leaves_the_table_of_the_server(
    page: Page, write_tab: Callable[..., str], faults: list[str]
) -> None:
    page.goto(write_tab(spans(), without=["trace-list-core-0"]))

    expect(page.get_by_role("status").filter(has_text="is missing from this copy")).to_be_visible()
    expect(page.locator("#traces-table")).to_be_visible()
    assert all("trace-list-core-0" in fault or "ERR_FILE_NOT_FOUND" in fault for fault in faults)
    faults.clear()


def test_annotations_of_a_span_are_marked_in_its_row_and_shown_in_its_panel(
    page: Page, write_tab: Callable[..., str]
) -> None:
    target = f"span:{TRACE}/{2:016x}"
    said = {"id": "1", "key": target, "kind": "feedback", "name": "helpful", "value": True}
    place = {"folder": "", "own": {"slug": "run-1", "firsts": [target]}}
    script = f'<script type="application/json" id="sg-annotate">{json.dumps(place)}</script>'
    url = write_tab(spans(), after=script, more={"annotations-0": {"annotations": [said]}})

    page.goto(f"{url}#tab=traces&trace={TRACE}&span={2:016x}")

    expect(panel(page).get_by_role("region", name="Annotations")).to_contain_text("helpful")
    expect(page.locator(".sg-waterfall__annotated")).to_have_count(1)


def test_a_hidden_tab_loads_nothing_until_it_is_shown(
    page: Page, write_tab: Callable[..., str]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    tabs = (
        '<nav class="sg-tabs"><a href="#panel-a" data-tab="a">A</a>'
        '<a href="#panel-traces" data-tab="traces">Traces</a></nav>'
        '<section id="panel-a" data-panel="a"></section>'
        '<section id="panel-traces" data-panel="traces">'
    )
    page.goto(write_tab(spans(), before=tabs, after="</section>"))
    expect(page.get_by_role("tab", name="A", exact=True)).to_have_attribute("aria-selected", "true")
    assert "trace-list-core-0.js" not in asked

    page.get_by_role("tab", name="Traces").click()

    expect(rows(page)).to_have_count(4)
    assert "trace-list-core-0.js" in asked


def test_an_unknown_trace_is_said(page: Page, write_tab: Callable[..., str]) -> None:
    page.goto(write_tab(spans()) + "#tab=traces&trace=ff")

    expect(page.get_by_text("This run has no trace ff.")).to_be_visible()


def test_on_a_phone_it_is_the_list_or_the_trace(open_tab: Callable[..., Page], page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("about:blank")
    open_tab(f"#tab=traces&trace={TRACE}")

    expect(page.locator("[data-role=list]")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    rows(page).nth(1).click()
    expect(panel(page)).to_contain_text("35 ms")
    expect(panel(page).get_by_role("tablist")).to_be_hidden()
    panel(page).get_by_role("button", name="Whole span").click()
    expect(panel(page).get_by_role("tablist")).to_be_visible()
    panel(page).get_by_role("button", name="Close").click()
    page.get_by_role("button", name="All traces").click()
    expect(options(page)).to_have_count(2)


def test_without_script_traces_and_spans_can_be_read(
    browser: Browser, write_tab: Callable[..., str]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(write_tab(spans()))

    expect(page.locator("#traces-table tbody tr")).to_have_count(2)
    expect(page.locator(f"#span-{TRACE}-{3:016x}")).to_contain_text("too slow")
    expect(page.locator(".sg-traces__live")).to_be_hidden()
    assert page.get_by_text(re.compile("JavaScript")).count() == 0
    context.close()


def test_scripts_never_write_markup() -> None:
    for name in SCRIPTS[7:]:
        text = next(Path(THEME).rglob(f"js/*/{name}.js")).read_text()
        assert not re.search(
            r"innerHTML|insertAdjacentHTML|outerHTML|document\.write|\beval\(", text
        )
        assert text.count("\n") <= 250
