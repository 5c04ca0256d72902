"""Tables that the server wrote: order, filter, columns, choice, CSV, keyboard, all in the URL."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

WritePage = Callable[..., str]
ROWS = [
    # key, name, status, loss as data-value (None: no value), tags
    ("k1", "run-1", "completed", "0.3", ["nlp"]),
    ("k2", "run-2", "failed", "NaN", ["nlp", "prod"]),
    ("k3", "run-10", "completed", "-0.05", []),
    ("k4", "run-3 =danger", "running", None, ["a,b"]),
    ("k5", "run-4", "completed", "Infinity", ["<b>"]),
]


def row_html(key: str, name: str, status: str, loss: str | None, tags: list[str]) -> str:
    fields: dict[str, object] = {"name": name, "status": status, "tags": tags}
    if loss is not None:
        is_finite = loss not in ("NaN", "Infinity")
        fields["metrics.train/loss"] = float(loss) if is_finite else loss
    value = "" if loss is None else loss
    return (
        f'<tr data-key="{key}" data-fields="{html.escape(json.dumps(fields))}">'
        f'<th scope="row"><a href="#sample={key}">{html.escape(name)}</a></th><td>{status}</td>'
        f'<td data-value="{value}">{value.replace("-", "−")}</td>'
        f"<td>{html.escape(', '.join(tags))}</td></tr>"
    )


def table_html(attributes: str = 'data-select-key="runs"', total: int = len(ROWS)) -> str:
    rows = "".join(row_html(*row) for row in ROWS)
    return f"""
<div class="sg-toolbar" data-needs-script hidden>
  <div class="sg-filter"><label for="f">Filter runs</label>
    <input id="f" class="sg-filter__input" type="search" data-filter-for="t"></div>
  <output data-count-for="t"></output><div data-columns-for="t"></div>
  <button type="button" data-csv-for="t" data-csv-name="runs.csv">CSV</button>
</div>
<table class="sg-table" id="t" data-table data-noun="run" data-noun-plural="runs"
  data-total="{total}" data-order="name:asc" {attributes}><caption>Runs</caption>
<thead><tr><th scope="col" data-col="name" data-fixed>Run</th>
<th scope="col" data-col="status">Status</th>
<th scope="col" data-col="metrics.train/loss" data-type="number">loss <span>↓</span></th>
<th scope="col" data-col="tags" data-off data-no-sort>Tags</th></tr></thead>
<tbody>{rows}</tbody></table>"""


@pytest.fixture
def open_table(page: Page, write_page: WritePage) -> Callable[..., Page]:
    """Opens the table at a hash."""

    def opened(fragment: str = "", **options: object) -> Page:
        page.goto(write_page(table_html(**options)) + fragment)
        return page

    return opened


OpenTable = Callable[..., Page]


def names(page: Page) -> list[str]:
    return page.locator("tbody tr:visible th").all_inner_texts()


def filter_by(page: Page, text: str) -> None:
    page.get_by_label("Filter runs").fill(text)
    page.get_by_label("Filter runs").dispatch_event("change")


def test_a_header_sorts_up_then_down_then_as_the_server_did(open_table: OpenTable) -> None:
    page = open_table()
    served = ["run-1", "run-2", "run-10", "run-3 =danger", "run-4"]
    button = page.get_by_role("button", name="loss ↓")
    header = page.locator("th[data-col='metrics.train/loss']")

    assert names(page) == served
    expect(page.locator("th[data-col=name]")).to_have_attribute("aria-sort", "ascending")
    button.click()
    assert names(page) == ["run-10", "run-1", "run-4", "run-2", "run-3 =danger"]
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(header).to_contain_text("▲")
    button.click()
    assert names(page) == ["run-4", "run-1", "run-10", "run-2", "run-3 =danger"]
    assert page.url.endswith("#sort=metrics.train/loss:desc")
    button.click()
    assert names(page) == served
    expect(header).not_to_have_attribute("aria-sort", "descending")


def test_names_sort_as_people_count(open_table: OpenTable) -> None:
    page = open_table("#sort=name:asc")

    assert names(page) == ["run-1", "run-2", "run-3 =danger", "run-4", "run-10"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('status = "completed" and metrics.`train/loss` < 1', ["run-1", "run-10"]),
        ('metrics.train/loss = "NaN"', ["run-2"]),
        ("metrics.train/loss > 1", ["run-4"]),
        ('tags contains "nlp" or name like "%danger"', ["run-1", "run-2", "run-3 =danger"]),
        ("FAILED", ["run-2"]),
        ('"=danger"', ["run-3 =danger"]),
        ("<b>", ["run-4"]),
        ("  ", ["run-1", "run-2", "run-10", "run-3 =danger", "run-4"]),
    ],
)
def test_a_filter_keeps_what_matches(open_table: OpenTable, text: str, kept: list[str]) -> None:
    page = open_table()

    filter_by(page, f'"{text}"' if text == "<b>" else text)

    assert names(page) == kept
    expect(page.locator("output")).to_have_text(f"{len(kept)} of 5 runs")


def test_the_filter_is_in_the_url_and_comes_back(open_table: OpenTable) -> None:
    page = open_table()
    filter_by(page, 'status = "failed"')

    page.reload()

    assert page.get_by_label("Filter runs").input_value() == 'status = "failed"'
    assert names(page) == ["run-2"]
    page.evaluate("() => sitegen.state.set({ filter: null })")
    assert len(names(page)) == 5
    assert page.get_by_label("Filter runs").input_value() == ""


def test_a_mistake_is_underlined_and_told_and_the_last_filter_holds(open_table: OpenTable) -> None:
    page = open_table()
    filter_by(page, "FAILED")

    filter_by(page, "metrics.train/los << 0.3")

    message = page.locator(".sg-filter__message")
    expect(message).to_have_text(
        "Column 19: “<<” is not an operator. Expected =, !=, <, <=, >, >=, like, in or contains."
    )
    expect(page.locator("mark.sg-filter__wrong")).to_have_text("<<")
    expect(page.get_by_label("Filter runs")).to_have_attribute("aria-invalid", "true")
    assert names(page) == ["run-2"]
    expect(page.locator(".sg-filter__hint")).to_contain_text(
        "metrics.train/los is not a column. Did you mean metrics.`train/loss`?"
    )
    page.get_by_role("button", name="<", exact=True).click()
    page.get_by_role("button", name="metrics.`train/loss`").click()
    assert page.get_by_label("Filter runs").input_value() == "metrics.`train/loss` < 0.3"
    expect(message).to_be_hidden()
    expect(page.locator(".sg-filter__hint")).to_be_hidden()
    assert names(page) == ["run-10"]


def test_a_bare_name_is_completed_by_its_prefix(open_table: OpenTable) -> None:
    page = open_table()

    filter_by(page, "train/loss < 0.3")

    expect(page.locator(".sg-filter__hint")).to_contain_text("Did you mean metrics.`train/loss`?")


def test_typing_waits_before_it_complains(open_table: OpenTable) -> None:
    page = open_table()

    page.get_by_label("Filter runs").press_sequentially("status =")

    expect(page.locator(".sg-filter__message")).to_be_hidden(timeout=100)
    expect(page.locator(".sg-filter__message")).to_be_visible()


def test_nothing_matches_and_the_way_back_is_offered(open_table: OpenTable) -> None:
    page = open_table()

    filter_by(page, 'status = "<i>none</i>"')

    empty = page.get_by_role("status").filter(has_text="No run")
    expect(empty).to_have_text(
        'No run matches.5 runs are hidden by status = "<i>none</i>". Clear the filter'
    )
    page.get_by_role("button", name="Clear the filter").click()
    assert len(names(page)) == 5
    expect(empty).to_have_count(0)
    assert "filter" not in page.url


def test_a_table_cut_by_the_server_says_of_how_many(open_table: OpenTable) -> None:
    page = open_table(total=10_000)

    expect(page.locator("output")).to_have_text("5 of 10,000 runs")
    filter_by(page, "FAILED")
    expect(page.locator("output")).to_have_text("1 of the 5 runs shown, 10,000 in all")


def test_columns_are_chosen_and_kept(open_table: OpenTable) -> None:
    page = open_table()

    heads = page.locator("thead th:visible").all_inner_texts()
    assert heads[1:] == ["Run\xa0▲", "Status", "loss ↓"]
    page.get_by_text("Columns 3").click()
    page.get_by_label("Status").uncheck()
    page.get_by_label("Tags").check()
    page.reload()

    assert page.locator("thead th:visible").all_inner_texts()[1:] == ["Run\xa0▲", "loss ↓", "Tags"]
    cells = page.locator("tbody tr").first.locator("td:visible").all_inner_texts()
    assert cells == ["", "0.3", "nlp"]
    assert page.url.endswith("#columns=name,metrics.train/loss,tags")
    page.get_by_text("Columns 3").click()
    expect(page.get_by_label("Run", exact=True)).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Tags")).to_be_hidden()


def test_rows_are_chosen_one_by_one_and_in_ranges(open_table: OpenTable) -> None:
    page = open_table("#runs=elsewhere")
    page.evaluate(
        """() => document.addEventListener("sg:selection", (event) => {
          document.title = event.detail.keys;
        })"""
    )

    page.get_by_label("Select run-2").check()
    page.get_by_label("Select run-4").click(modifiers=["Shift"])

    assert page.title() == "elsewhere,k2,k3,k4,k5"
    expect(page.locator("tr.sg-table__row--selected")).to_have_count(4)
    head = page.get_by_label("Select the runs shown")
    assert head.evaluate("(box) => box.indeterminate") is True
    page.get_by_label("Select run-10").uncheck()
    filter_by(page, "run-1")
    head.click()
    assert page.url.endswith("#filter=run-1&runs=elsewhere,k2,k4,k5,k1,k3")
    head.click()
    assert page.url.endswith("#filter=run-1&runs=elsewhere,k2,k4,k5")
    page.reload()
    filter_by(page, "")
    expect(page.locator("tr.sg-table__row--selected")).to_have_count(3)


def test_the_keyboard_moves_chooses_opens_and_filters(open_table: OpenTable) -> None:
    page = open_table()

    for key in "jjx":
        page.keyboard.press(key)
    expect(page.get_by_label("Select run-2")).to_be_checked()
    expect(page.locator("tr.sg-table__row--current")).to_have_attribute("data-key", "k2")
    for key in ("j", "j", "j", "j", "k", "Shift+X"):
        page.keyboard.press(key)
    assert page.url.endswith("#runs=k2,k3,k4")
    page.keyboard.press("Enter")
    page.wait_for_url("**#sample=k4")
    page.keyboard.press("/")
    expect(page.get_by_label("Filter runs")).to_be_focused()
    page.keyboard.type("jx")
    assert page.get_by_label("Filter runs").input_value() == "jx"
    page.keyboard.press("Escape")
    assert page.get_by_label("Filter runs").input_value() == ""


def test_the_shown_rows_are_saved_as_csv_without_formulas(
    open_table: OpenTable, tmp_path: Path
) -> None:
    page = open_table("#sort=metrics.train/loss:asc&columns=name,metrics.train/loss,tags")
    filter_by(page, 'not status = "failed"')

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "saved.csv")

    assert download.value.suggested_filename == "runs.csv"
    assert (tmp_path / "saved.csv").read_bytes().decode() == (
        "name,metrics.train/loss,tags\n"
        'run-10,-0.05,\nrun-1,0.3,nlp\nrun-4,Infinity,<b>\nrun-3 =danger,,"a,b"\n'
    )


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\uff1d1", "'\uff1d1"),
        ('say "hi"', '"say ""hi"""'),
        ("a, b", '"a, b"'),
        ("plain", "plain"),
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(
    page: Page, write_page: WritePage, text: str, cell: str
) -> None:
    page.goto(
        write_page(
            '<table id="t" data-table><thead><tr><th data-col="a">a</th></tr></thead>'
            f"<tbody><tr><td>{html.escape(text)}</td></tr></tbody></table>"
        )
    )

    written = page.evaluate(
        "() => sitegen.table.csv(sitegen.table.get(document.getElementById('t')))"
    )

    assert written == f"a\n{cell}\n"


def test_two_tables_of_one_page_keep_apart(page: Page, write_page: WritePage) -> None:
    second = table_html('data-state-prefix="samples"').replace('"t"', '"u"')
    second = second.replace('id="f"', 'id="g"').replace('for="f"', 'for="g"')
    second = second.replace("Filter runs", "Filter samples")
    page.goto(write_page(table_html() + second) + "#filter=run-1&samples.filter=run-2")

    assert page.locator("#t tbody tr:visible").count() == 2
    assert page.locator("#u tbody tr:visible").count() == 1
    page.get_by_label("Filter samples").fill("run-4")
    page.get_by_label("Filter samples").dispatch_event("change")
    assert page.url.endswith("#filter=run-1&samples.filter=run-4")


def test_a_wrong_filter_in_a_link_is_shown_with_all_rows(open_table: OpenTable) -> None:
    page = open_table("#filter=status%20%3D%3D%201&sort=nothing:up&columns=gone")

    assert len(names(page)) == 5
    expect(page.locator(".sg-filter__message")).to_contain_text("Column 8")


def test_five_hundred_rows_filter_without_a_pause(page: Page, write_page: WritePage) -> None:
    made = (row_html(f"k{n}", f"run-{n}", "completed", str(n / 7), ["a"]) for n in range(500))
    rows = "".join(made)
    body = table_html(total=500)
    start, end = body.index("<tbody>") + 7, body.index("</tbody>")
    page.goto(write_page(body[:start] + rows + body[end:]))

    milliseconds = page.evaluate(
        """() => {
          const table = sitegen.table.all()[0];
          const started = performance.now();
          table.box.set("metrics.`train/loss` < 10 and name like '%1%'");
          return performance.now() - started;
        }"""
    )

    expect(page.locator("output")).to_have_text("16 of 500 runs")
    assert milliseconds < 1000
