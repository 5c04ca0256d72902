"""The Evals tab in the browser: choice of eval, drawer, keys, links, diff, messages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.derive.annotations import resolve_annotations
from sitegen.derive.evals.part import derive_evals
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.pages.run.evals_tab import evals_tab
from sitegen.read.evals import read_evals
from sitegen.render.env import template_environment

THEME = Path(__file__).parents[2] / "themes" / "default"
HOSTILE = "<img src=x onerror=alert(1)>"
BASE = (
    "core", "format", "state", "store", "keys", "copy", "tabs", "filter-match", "filter",
    "filterbox", "table", "table-columns", "table-csv", "table-select",
)  # fmt: skip
GRID = (
    "filter-complete", "codec", "format-column", "frame", "spark", "grid-view", "grid-cells",
    "grid", "grid-head", "grid-body", "grid-notes", "grid-select", "grid-menus", "grid-file",
)  # fmt: skip
SCRIPTS = (
    *BASE, *GRID, "filter-edit", "messages", "textdiff", "jsondiff",
    "sample-epochs", "sample-trace", "sample", "sample-files", "sample-drawer", "sample-cells",
    "evals-table",
    "statistics", "score-menus", "eval-figures", "eval-choice", "evals",
)  # fmt: skip
SAMPLES: list[dict[str, Any]] = [
    {"id": "right", "input": "Where is it?", "output": "In Leipzig.", "target": "In Leipzig.",
     "scores": {"ok": True, "tone": 5}},
    {"id": "wrong", "input": [
        {"role": "system", "content": "Be kind. " * 100},
        {"role": "user", "content": HOSTILE},
        {"role": "assistant", "tool_calls": [
            {"function": {"name": "find", "arguments": '{"order": 7}'}},
        ]},
     ],
     "output": "It left on 3 May.", "target": "It left on 4 May.", "trace_id": "ab" * 16,
     "scores": {"ok": {"value": False, "rationale": "The date is wrong."}, "tone": 0},
     "metadata": {"turns": 0}, "usage": {"input_tokens": 10, "output_tokens": 5}},
    {"id": "broken", "input": "Refund me", "error": "TimeoutError after 9 s", "scores": {}},
]  # fmt: skip


class Published:
    """A sink that writes data files as the site has them."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.keys: dict[str, str] = {}

    def data(self, name: str, payload: Any) -> DataFile:
        file, key = f"data/{name}.js", f"run/{name}"
        self.files[file] = f"sitegen.data({json.dumps(key)}, {json.dumps(payload)});"
        self.keys[key] = file
        return DataFile(name=name, file=file, size_bytes=0)

    def text(self, name: str, extension: str, pieces: Any) -> PublishedFile:
        text = "".join(pieces)
        return PublishedFile(file=f"files/{name}.{extension}", size_bytes=len(text))

    def library(self) -> PublishedFile:
        return PublishedFile(file="assets/plotly-large.js", size_bytes=1)

    def copy(self, path: str, extension: str) -> PublishedFile:
        raise NotImplementedError


@pytest.fixture
def open_tab(tmp_path: Path, page: Page, write_page: Any) -> Any:
    """Opens a page with the tab of these evals at a hash."""

    def opened(
        hash_text: str = "", without: tuple[str, ...] = (), **evals: list[dict[str, Any]]
    ) -> Page:
        root = tmp_path / "bundle"
        (root / "evals").mkdir(parents=True)
        for name, lines in (evals or {"e": SAMPLES}).items():
            text = "".join(json.dumps(line) + "\n" for line in lines)
            (root / f"evals/{name}.jsonl").write_text(text)
        paths = [f"evals/{name.name}" for name in (root / "evals").iterdir()]
        sink = Published()
        sources = read_evals(root, paths, DEFAULT_LIMITS, lambda _: None)
        facts = derive_evals(sources, sink=sink, report=lambda _: None)
        tab = evals_tab(
            facts, slug="run", annotations=resolve_annotations([], facts.anchors), root=""
        )
        body = template_environment((THEME,)).get_template("tabs/evals.html").render(tab=tab)
        files = {file: text for file, text in sink.files.items() if file not in without}
        url = write_page(body, scripts=SCRIPTS, files=files, data_files=sink.keys)
        page.goto(url + hash_text)
        return page

    return opened


def drawer(page: Page) -> Any:
    return page.locator("[data-role=sample]:not([hidden])")


def ids(page: Page) -> list[str]:
    rows = page.locator("table[data-grid] tbody tr[data-sample]:visible")
    return [row.get_attribute("data-sample") or "" for row in rows.all()]


def test_a_click_opens_the_sample_and_escape_closes_it(open_tab: Any) -> None:
    page = open_tab()

    page.get_by_role("link", name="wrong").click()

    expect(drawer(page).get_by_role("heading", name="wrong")).to_be_visible()
    expect(drawer(page)).to_contain_text("The date is wrong.")
    assert page.url.endswith("#epoch=1&eval=e&sample=wrong&tab=evals")
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0)
    assert page.url.endswith("#eval=e&tab=evals")


def test_a_link_opens_its_sample(open_tab: Any) -> None:
    page = open_tab("#tab=evals&eval=e&sample=wrong&epoch=1")

    expect(drawer(page)).to_contain_text("2 of 3 in this filter")
    trace = drawer(page).get_by_role("link", name="Trace")
    assert trace.get_attribute("href") == f"#tab=traces&trace={'ab' * 16}"
    expect(drawer(page)).to_contain_text("15 tokens")


def test_j_and_k_go_through_the_samples_shown(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=broken")

    for key, name in (("j", "wrong"), ("j", "right"), ("j", "right"), ("k", "wrong")):
        page.keyboard.press(key)
        expect(drawer(page).locator("h2")).to_have_text(name)


def test_j_and_k_stay_within_the_filter(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=wrong&samples.filter=scores.tone >= 0")

    expect(drawer(page)).to_contain_text("1 of 2 in this filter")
    page.keyboard.press("j")

    expect(drawer(page).locator("h2")).to_have_text("right")
    assert ids(page) == ["wrong", "right"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("scores.ok = false", ["wrong"]),
        ("scores.tone < 1", ["wrong"]),
        ("errored = true", ["broken"]),
        ('error contains "TimeoutError"', ["broken"]),
        ("metadata.turns = 0", ["wrong"]),
        ("tokens > 10", ["wrong"]),
        ("leipzig", ["right"]),
    ],
)
def test_the_filter_knows_the_fields_of_samples(open_tab: Any, text: str, found: list[str]) -> None:
    page = open_tab()

    page.get_by_label("Filter samples").fill(text)

    expect(page.locator("output[data-count-for]")).to_have_text("1 of 3 samples")
    assert ids(page) == found


def test_the_errored_box_is_a_filter(open_tab: Any) -> None:
    page = open_tab()

    page.get_by_label("Errored 1").check()

    expect(page.get_by_label("Filter samples")).to_have_value("errored = true")
    assert ids(page) == ["broken"]
    page.get_by_label("Errored 1").uncheck()
    expect(page.locator("output[data-count-for]")).to_have_text("3 of 3 samples")


def test_differing_words_are_marked_and_d_changes_the_way(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=wrong")

    expect(drawer(page).locator("del")).to_have_text(["3"])
    expect(drawer(page).locator("ins")).to_have_text(["4"])
    page.keyboard.press("d")
    inline = drawer(page).get_by_role("button", name="Inline")
    expect(inline).to_have_attribute("aria-pressed", "true")
    expect(drawer(page).locator(".sg-diff__side")).to_have_count(1)
    page.keyboard.press("d")
    expect(drawer(page).locator("del")).to_have_count(0)


def test_equal_output_and_target_are_shown_once(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=right")

    expect(drawer(page)).to_contain_text("Output and target are equal.")


def test_an_errored_sample_says_why(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=broken")

    expect(drawer(page).locator(".sg-notice--bad")).to_have_text("TimeoutError after 9 s")
    expect(drawer(page)).to_contain_text("No scorer says anything of this sample.")


def test_messages_are_text_with_roles_and_tool_calls(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=wrong")

    roles = drawer(page).locator(".sg-messages__role")
    expect(roles).to_have_text(["system", "user", "assistant"])
    expect(drawer(page).locator(".sg-messages__message--user")).to_contain_text(HOSTILE)
    expect(drawer(page)).to_contain_text("find(order=7)")
    expect(drawer(page).locator("img")).to_have_count(0)
    assert drawer(page).locator(".sg-messages details").first.get_attribute("open") is None


def test_another_eval_is_one_click_away(open_tab: Any) -> None:
    page = open_tab(a=SAMPLES, b=[{"id": "only", "input": 0}])
    expect(page.locator("[data-eval=a]")).to_be_visible()

    page.locator("[data-eval=a] nav").get_by_role("link", name=re.compile("^b")).click()

    expect(page.locator("[data-eval=a]")).to_be_hidden()
    expect(page.locator("[data-eval=b]")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-eval=a]")).to_be_visible()


def test_samples_that_stand_twice_open_each(open_tab: Any) -> None:
    page = open_tab(e=[{"id": "x", "output": "first"}, {"id": "x", "output": "second"}])

    for text in ("first", "second", "first"):
        page.locator("tbody tr").filter(has_text=text).get_by_role("link").click()
        expect(drawer(page)).to_contain_text(text)


def test_a_sample_without_a_row_is_found_by_its_id(open_tab: Any) -> None:
    lines = [{"id": i, "epoch": epoch, "output": f"{i}/{epoch} " + "x" * 900,
              "scores": {"s": i}} for i in range(300) for epoch in (1, 2)]  # fmt: skip

    page = open_tab("#eval=e&sample=299&epoch=2", e=lines)

    expect(drawer(page)).to_contain_text("299/2")
    expect(drawer(page)).to_contain_text("600 of 600 in this filter")
    expect(drawer(page).get_by_role("region", name="Epochs")).to_contain_text("n = 2")


def test_a_sample_that_is_not_there_is_told(open_tab: Any) -> None:
    page = open_tab("#eval=e&sample=gone")

    expect(drawer(page)).to_have_text(re.compile("The eval e has no sample gone"))


def test_a_missing_data_file_is_told(open_tab: Any, faults: list[str]) -> None:
    page = open_tab("#eval=e&sample=wrong", without=("data/evals-0-0.js",))

    expect(drawer(page)).to_contain_text("data/evals-0-0.js is missing from this copy of the site.")
    faults.clear()


def test_on_a_phone_the_drawer_is_a_dialog_and_gives_the_focus_back(
    open_tab: Any, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    open_tab()

    page.get_by_role("link", name="wrong").click()

    expect(page.get_by_role("dialog", name="Sample wrong")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("dialog", name="Sample right")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="right", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [
        ("a b c", "a x c", ["equal:a ", "del:b", "ins:x", "equal: c"]),
        ("", "new", ["ins:new"]),
        ("same", "same", ["equal:same"]),
        ("one two three", "four", ["del:one two three", "ins:four"]),
        ("in 5 working days", "in 3 to 5 days", None),
        ("é ü 😀", "é 😀", None),
    ],
)
def test_both_texts_can_be_put_together_from_the_parts(
    open_tab: Any, before: str, after: str, parts: list[str] | None
) -> None:
    page = open_tab()

    found = page.evaluate("([a, b]) => sitegen.textdiff.words(a, b)", [before, after])

    assert "".join(one["text"] for one in found if one["kind"] != "ins") == before
    assert "".join(one["text"] for one in found if one["kind"] != "del") == after
    if parts is not None:
        assert [f"{one['kind']}:{one['text']}" for one in found] == parts


def test_long_random_texts_are_put_together_from_their_parts(open_tab: Any) -> None:
    page = open_tab()

    wrong = page.evaluate("""() => {
      let seed = 7;
      const next = (n) => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % n; };
      const word = () => "a b , c d\\n".split(" ")[next(5)];
      const text = () => Array.from({ length: next(60) }, word).join(next(2) ? " " : "");
      const bad = [];
      for (let i = 0; i < 500; i += 1) {
        const a = text(), b = text(), parts = sitegen.textdiff.words(a, b);
        const back = (kind) => parts.filter((one) => one.kind !== kind)
          .map((one) => one.text).join("");
        if (back("ins") !== a || back("del") !== b) bad.push([a, b]);
      }
      return bad;
    }""")

    assert wrong == []


@pytest.mark.parametrize(
    ("role", "rest", "text"),
    [
        ("user", {"content": [{"type": "text", "text": "hi"}]}, "hi"),
        ("assistant", {"content": [{"type": "tool_use", "name": "f", "input": 1}]}, "f(1)"),
        ("user", {"content": [{"type": "tool_result", "content": "42"}]}, "42"),
        ("assistant", {"parts": [{"type": "tool_call", "name": "f", "arguments": {}}]}, "f()"),
        ("tool", {"parts": [{"type": "tool_call_response", "response": {"ok": 1}}]}, '"ok": 1'),
        ("assistant", {"tool_calls": [{"function": {"name": "f", "arguments": "bad"}}]}, "f(bad)"),
        ("user", {"content": [{"type": "image", "source": "http://x/y.png"}]}, "not loaded"),
        ("user", {"content": [{"type": "audio", "data": 1}]}, '"audio"'),
        ("user", {"content": 5}, "5"),
        ("user", {"content": None}, "user"),
    ],
)  # fmt: skip
def test_messages_of_every_shape_are_read(
    open_tab: Any, role: str, rest: dict[str, Any], text: str
) -> None:
    page = open_tab()

    shown = page.evaluate(
        "(one) => { const node = sitegen.messages.render([one]); document.body.append(node);"
        " return node.textContent; }",
        {"role": role, **rest},
    )

    assert text in shown


def test_without_a_script_every_sample_can_be_read(browser: Any, open_tab: Any, page: Page) -> None:
    open_tab()
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()

    plain.goto(page.url.partition("#")[0] + "#tab=evals&eval=e&sample=wrong&epoch=1")

    assert "It left on 3 May." in plain.locator("body").inner_text()
    expect(plain.locator("details:has(:target)")).to_have_attribute("open", "")
    context.close()


def test_the_scripts_write_no_markup() -> None:
    forbidden = re.compile(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    for name in ("messages", "textdiff", "sample", "evals"):
        text = next(THEME.rglob(f"js/*/{name}.js")).read_text()
        assert forbidden.search(text) is None
        assert len(text.splitlines()) <= 250
