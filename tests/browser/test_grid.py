"""The table of runs as data: what stands in its place, and what a reader can do with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.factories import write_experiment_file, write_run

MANY = 320


@pytest.fixture(scope="session")
def many_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of one experiment with more runs than a page holds as elements."""
    from tests.conftest import run_command  # only here

    root = tmp_path_factory.mktemp("many")
    for index in range(MANY):
        params = {"lr": 10.0 ** -(index % 3), "seed": index % 4, "same": "x",
                  **({"rare": [1, index]} if index % 50 == 0 else {})}  # fmt: skip
        write_run(
            root / "runs" / "e" / f"r{index:03d}", id=f"e/{index}", name=f"run {index}",
            params=params, parent=f"e/{index // 10 * 10}" if index % 10 and index < 50 else None,
            summary={"loss": None if index == 7 else (index * 37 % 101) / 7, "big": index * 1e9},
            metrics={"loss": {"goal": "minimize"}}, user=["ana", "bo", None][index % 3],
            status="failed" if index % 40 == 0 else "completed", tags=["a", "b"][: index % 3],
            started_at=f"2026-10-01T10:{index // 60:02d}:{index % 60:02d}Z",
            created_at=None, ended_at=f"2026-10-01T11:{index // 60:02d}:{index % 60:02d}Z",
        )  # fmt: skip
    write_experiment_file(
        root / "runs" / "e",
        'name = "e"\nbaseline = "e/1"\nobjective = {metric = "loss", goal = "minimize"}\n',
    )
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return next((root / "site" / "experiments").glob("*.html"))


@pytest.fixture
def address(many_runs: Path) -> str:
    return many_runs.as_uri()


@pytest.fixture
def grid(page: Page, address: str) -> Page:
    return opened(page, address)


def opened(page: Page, address: str) -> Page:
    page.goto("about:blank")  # or a change of the hash alone would not load it anew
    page.goto(address)
    expect(page.locator("table.sg-grid")).to_have_attribute("aria-rowcount", re.compile(r"\d"))
    return page


def rows(page: Page) -> Locator:
    return page.locator("#runs-table tbody tr[data-key]")


def names(page: Page, count: int = 5) -> list[str]:
    return page.locator("#runs-table tbody th a").all_text_contents()[:count]


def count(page: Page) -> Locator:
    return page.locator("output[data-count-for=runs-table]")


def head(page: Page, name: str) -> Locator:
    return page.locator(f'#runs-table thead th[data-col="{name}"]')


def column(page: Page, name: str, most: int = 20) -> list[str]:
    return page.evaluate(
        """([name, most]) => {
          const table = document.querySelector("#runs-table");
          const at = [...table.tHead.rows[0].cells].findIndex((th) => th.dataset.col === name);
          return [...table.querySelectorAll("tbody tr[data-key]")].slice(0, most)
            .map((row) => row.cells[at].innerText.trim());
        }""",
        [name, most],
    )


def test_the_page_looks_as_the_server_wrote_it_when_its_rows_are_replaced(
    browser: Browser, page: Page, sample_site: Path
) -> None:
    """Texts, heads and widths of every experiment, with its data and before it."""
    read = """() => {
      const table = document.querySelector("#runs-table");
      const shown = (cell) => cell.offsetWidth > 0 && !cell.matches(".sg-table__check");
      const texts = (row) => [...row.cells].filter(shown).map((cell) => cell.innerText.trim());
      return { rows: [...table.tBodies[0].rows].slice(0, 20).map(texts),
        heads: [...table.tHead.rows[0].cells].filter(shown)
          .map((th) => th.innerText.replace(/[▲▼]/g, "").trim()),
        tags: [...table.tBodies[0].rows].slice(0, 20).map((row) => [...row.cells].filter(shown)
          .map((cell) => `${cell.tagName} ${[...cell.classList].filter((name) =>
            /(lead|value|sub|aside|good|bad|muted|mono)$/.test(name)).sort()}`)) };
    }"""
    for path in sorted((sample_site / "experiments").glob("*.html")):
        opened(page, path.as_uri())
        after = page.evaluate(read)
        page.route(re.compile(r"/data/columns/"), lambda route: route.fulfill(body=""))
        page.goto("about:blank")
        page.goto(path.as_uri())
        before = page.evaluate(read)
        page.unroute_all()

        assert after == before, path.name


def test_only_the_rows_in_view_are_elements_and_all_are_counted(grid: Page) -> None:
    expect(count(grid)).to_have_text(f"{MANY} of {MANY} runs")
    assert rows(grid).count() < 80
    table = grid.get_by_role("grid", name="Runs of e")
    expect(table).to_have_attribute("aria-rowcount", str(MANY + 1))
    expect(rows(grid).first).to_have_attribute("aria-rowindex", "2")

    grid.locator(".sg-grid__frame").evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")

    expect(rows(grid).last).to_have_attribute("aria-rowindex", str(MANY + 1))
    expect(rows(grid).last).to_contain_text("run 0")


def test_a_condition_filters_every_run_and_a_search_its_texts(grid: Page) -> None:
    box = grid.get_by_role("searchbox", name="Filter runs")
    box.fill('status = "failed" and params.seed = 0 and metrics.loss < 8')
    found = [i for i in range(0, MANY, 40) if i * 37 % 101 < 8 * 7]
    expect(count(grid)).to_have_text(f"{len(found)} of {MANY} runs")

    box.fill("run 31")
    expect(count(grid)).to_have_text(f"11 of {MANY} runs")

    box.fill('started_at >= "2026-10-01T10:05:00Z"')
    expect(count(grid)).to_have_text(f"20 of {MANY} runs")


def test_names_and_values_are_completed_in_the_filter(grid: Page) -> None:
    box = grid.get_by_role("searchbox", name="Filter runs")
    box.press_sequentially("sta")
    choices = grid.get_by_role("listbox", name="Completions")
    expect(choices.get_by_role("option")).to_have_text(["status", "started_at"])
    grid.keyboard.press("ArrowDown")
    grid.keyboard.press("Enter")
    expect(box).to_have_value("status ")

    grid.keyboard.type("= f")
    expect(choices.get_by_role("option")).to_have_text(['"failed"'])
    choices.get_by_role("option").click()

    expect(box).to_have_value('status = "failed"')
    expect(choices).to_be_hidden()
    expect(count(grid)).to_have_text(f"8 of {MANY} runs")


def test_a_mistake_shows_its_place_and_the_nearest_name(grid: Page) -> None:
    box = grid.get_by_role("searchbox", name="Filter runs")
    box.fill("params.sed = 1")
    expect(grid.locator(".sg-filter__hint")).to_contain_text("params.sed is not a column")
    grid.get_by_role("button", name="params.seed").click()

    expect(box).to_have_value("params.seed = 1")
    box.fill("params.seed === 1")
    expect(grid.locator(".sg-filter__wrong")).to_have_text("===")


def test_columns_are_sorted_by_several(grid: Page) -> None:
    head(grid, "params.lr").get_by_role("button").click()
    head(grid, "metrics.loss").get_by_role("button").click(modifiers=["Shift"])

    expect(head(grid, "params.lr")).to_have_attribute("aria-sort", "ascending")
    expect(head(grid, "metrics.loss")).to_contain_text("▲2")
    rates, losses = column(grid, "params.lr"), column(grid, "metrics.loss")
    assert set(rates) == {"0.01"}
    assert [float(text) for text in losses] == sorted(float(text) for text in losses)
    assert "sort=params.lr:asc,metrics.loss:asc" in grid.url


def test_missing_values_stand_last_both_ways(grid: Page) -> None:
    for direction in ("asc", "desc"):
        opened(grid, grid.url.partition("#")[0] + f"#sort=metrics.loss:{direction}")
        grid.locator(".sg-grid__frame").evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")
        expect(rows(grid).last).to_contain_text("run 7")


def test_groups_have_means_errors_and_counts_and_fold(grid: Page) -> None:
    grid.locator("[data-group-for] summary").click()
    grid.get_by_role("checkbox", name="lr", exact=True).check()

    expect(count(grid)).to_have_text(f"{MANY} of {MANY} runs, 3 groups")
    group = grid.locator(".sg-table__row--group").first
    expect(group).to_have_attribute("aria-expanded", "true")
    expect(group).to_contain_text("lr 0.1")
    lrs = [index for index in range(MANY) if index % 3 == 1]
    losses = [(index * 37 % 101) / 7 for index in lrs if index != 7]
    mean = sum(losses) / len(losses)
    error = (sum((x - mean) ** 2 for x in losses) / (len(losses) - 1) / len(losses)) ** 0.5
    at = [th.get_attribute("data-col") for th in grid.locator("#runs-table thead th").all()]
    title = group.locator("> *").nth(at.index("metrics.loss")).get_attribute("title") or ""
    found = [float(text) for text in re.findall(r"[\d.]+(?:e-?\d+)?", title)]
    assert found[0] == pytest.approx(mean, abs=1e-9)
    assert found[1] == pytest.approx(error, abs=1e-9)
    assert found[2:] == [len(losses), len(lrs)]

    group.get_by_role("button", name="Fold").click()
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(grid.locator(".sg-table__row--group").nth(1)).to_be_visible()
    assert "fold=" in grid.url


def test_columns_are_wide_enough_for_the_means_of_groups(page: Page, address: str) -> None:
    opened(page, f"{address}#group=params.lr")

    row = page.locator("tr.sg-table__row--group").first
    expect(row).to_contain_text("±")
    cut = row.locator("td, th").evaluate_all(
        "(cells) => cells.filter((one) => one.scrollWidth > one.clientWidth + 1)"
        ".map((one) => one.textContent)"
    )
    assert cut == []


def test_parents_hold_their_children(grid: Page) -> None:
    grid.locator("[data-group-for] summary").click()
    grid.get_by_role("button", name="Parent and child runs").click()
    grid.get_by_role("searchbox", name="Filter runs").fill('name = "run 13"')

    expect(rows(grid)).to_have_count(2)
    assert names(grid) == ["run 10", "run 13"]
    expect(rows(grid).nth(1)).to_have_attribute("aria-level", "2")
    expect(grid.get_by_role("treegrid")).to_be_visible()


def test_columns_are_found_chosen_pinned_and_moved_and_the_link_keeps_it(grid: Page) -> None:
    grid.locator("[data-columns-for] summary").click()
    grid.get_by_role("searchbox", name="Find a column").fill("big last")
    grid.get_by_role("checkbox", name="big last").check()
    expect(head(grid, "last.big")).to_be_visible()

    grid.get_by_role("button", name="Pin big last").click()
    expect(head(grid, "last.big")).to_have_class(re.compile("sg-grid__pinned"))
    shown = [th.get_attribute("data-col") for th in grid.locator("#runs-table thead th").all()]
    assert shown[:3] == [None, "name", "last.big"]
    link = grid.url

    opened(grid, link)
    expect(head(grid, "last.big")).to_be_visible()
    assert column(grid, "last.big", 1) == ["3.19e11"]


def test_only_what_differs_hides_what_all_runs_share(grid: Page) -> None:
    opened(grid, grid.url + "#columns=name,params.same,params.lr")
    expect(head(grid, "params.same")).to_be_visible()

    grid.get_by_role("button", name="Only what differs").click()

    expect(head(grid, "params.same")).to_have_count(0)
    expect(head(grid, "params.lr")).to_be_visible()


def test_a_column_is_resized_with_the_pointer_and_the_keyboard(grid: Page) -> None:
    box = head(grid, "status").bounding_box()
    assert box is not None
    grid.mouse.move(box["x"] + box["width"] - 3, box["y"] + 8)
    grid.mouse.down()
    grid.mouse.move(box["x"] + box["width"] + 97, box["y"] + 8)
    grid.mouse.up()

    after = head(grid, "status").bounding_box()
    assert after is not None
    assert after["width"] > box["width"] + 60
    assert "widths=status:" in grid.url
    expect(head(grid, "status").get_by_role("separator")).to_have_attribute(
        "aria-valuenow", str(round(after["width"]))
    )
    head(grid, "status").get_by_role("separator").focus()
    grid.keyboard.press("ArrowLeft")
    smaller = head(grid, "status").bounding_box()
    assert smaller is not None
    assert smaller["width"] < after["width"]


def test_the_keyboard_walks_through_all_rows(grid: Page) -> None:
    grid.locator("h1").click()
    for _ in range(60):
        grid.keyboard.press("j")
    current = grid.locator("tr.sg-table__row--current")
    expect(current).to_be_focused()
    expect(current).to_contain_text(f"run {MANY - 60}")

    grid.keyboard.press("End")
    expect(current).to_contain_text("run 0")
    grid.keyboard.press("Home")
    expect(current).to_contain_text(f"run {MANY - 1}")
    grid.keyboard.press("ArrowRight")
    grid.keyboard.press("ArrowRight")
    expect(grid.locator("tbody :focus")).to_have_text(f"run {MANY - 1}")
    grid.keyboard.press("ArrowDown")
    expect(current).to_contain_text(f"run {MANY - 2}")


def test_a_range_of_runs_is_chosen_over_rows_that_are_no_elements(grid: Page) -> None:
    grid.locator("h1").click()
    grid.keyboard.press("j")
    grid.keyboard.press("x")
    grid.keyboard.press("End")
    grid.keyboard.press("Shift+X")

    expect(grid.get_by_role("region", name="Selection")).to_contain_text(f"{MANY} runs selected")
    expect(grid.get_by_role("checkbox", name="Select all runs shown")).to_be_checked()


def test_differences_follow_the_baseline_that_is_chosen(grid: Page) -> None:
    opened(grid, grid.url + "#sort=metrics.loss:asc")
    best = column(grid, "metrics.loss", 2)
    rows(grid).first.get_by_role("checkbox").check()
    grid.get_by_role("button", name="Set baseline").click()

    expect(rows(grid).first).to_contain_text("baseline")
    deltas = column(grid, "delta.metrics.loss", 2)
    assert deltas[0] == "baseline"
    expected = float(best[1]) - float(best[0])
    assert float(deltas[1].replace("\u2212", "-")) == pytest.approx(expected, abs=0.002)


def test_files_hold_the_rows_of_the_filter_with_exact_values(grid: Page) -> None:
    opened(grid, grid.url + "#columns=name,params.lr,params.rare,metrics.loss,tags")
    grid.get_by_role("searchbox", name="Filter runs").fill("params.seed = 2 and params.lr = 1.0")
    wanted = [i for i in reversed(range(MANY)) if i % 4 == 2 and i % 3 == 0]
    expect(count(grid)).to_have_text(f"{len(wanted)} of {MANY} runs")
    texts = {}
    for name in ("CSV", "JSON Lines"):
        grid.get_by_text("Export", exact=True).click()
        with grid.expect_download() as download:
            grid.get_by_role("button", name=name).click()
        texts[name] = download.value.path().read_text(encoding="utf-8")

    lines = [json.loads(line) for line in texts["JSON Lines"].splitlines()]
    assert [line["name"] for line in lines] == [f"run {i}" for i in wanted]
    assert [line["metrics.loss"] for line in lines] == [(i * 37 % 101) / 7 for i in wanted]
    assert lines[0]["tags"] == ["a", "b"][: wanted[0] % 3]
    assert texts["CSV"].splitlines()[0] == "name,params.lr,params.rare,metrics.loss,tags"
    assert len(texts["CSV"].splitlines()) == len(wanted) + 1


def test_no_match_says_so_and_is_undone(grid: Page) -> None:
    grid.get_by_role("searchbox", name="Filter runs").fill("params.seed > 90")
    expect(grid.get_by_text("No run matches.")).to_be_visible()

    grid.get_by_role("button", name="Clear the filter").click()

    expect(count(grid)).to_have_text(f"{MANY} of {MANY} runs")


def test_a_missing_file_is_told_and_the_rows_of_the_server_stay(
    page: Page, address: str, faults: list[str]
) -> None:
    page.route(re.compile(r"/data/columns/"), lambda route: route.abort())
    page.goto(address)

    expect(page.get_by_text("is missing from this copy of the site")).to_be_visible()
    expect(rows(page).last).to_be_visible()
    assert rows(page).count() == MANY
    page.unroute_all()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("table.sg-grid")).to_be_visible()
    expect(page.get_by_text("is missing from this copy of the site")).to_have_count(0)
    faults.clear()


def test_on_a_phone_rows_have_two_lines_and_scroll(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, address)
    page.get_by_role("combobox", name="Sort by").select_option("metrics.loss:desc")

    first = rows(page).first
    expect(first.locator(".sg-table__value")).to_be_visible()
    heights = {round(row.bounding_box()["height"]) for row in rows(page).all()[:10]}
    assert heights == {64}
    page.locator(".sg-grid__frame").evaluate("frame => frame.scrollTo(0, frame.scrollHeight)")
    expect(rows(page).last).to_contain_text("run 7")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_has_the_first_500_rows(grid: Page) -> None:
    grid.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert rows(grid).count() == MANY

    grid.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert rows(grid).count() < 80


def test_without_a_script_the_rows_of_the_server_are_there(browser: Any, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)

    assert page.locator("#runs-table tbody tr").count() == MANY
    expect(head(page, "params.same")).to_be_visible()
    context.close()
