"""One sample in the drawer: JSON by path, long texts folded, epochs with spread, its trace."""

# ruff: noqa: F811  (the fixture open_tab is imported, and asked for by its name)
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_evals import drawer, open_tab  # noqa: F401  (a fixture)


def opened(open_tab: Any, **fields: Any) -> Page:
    page: Page = open_tab("#eval=e&sample=x&epoch=1", e=[{"id": "x", "scores": {}, **fields}])
    expect(drawer(page).locator(".sg-drawer__title")).to_have_text("x")
    return page


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, [["a", "equal"], ["b", "equal"]]),
        ({"a": {"b c": [1, 2]}}, {"a": {"b c": [1, 3]}},
         [['a["b c"][0]', "equal"], ['a["b c"][1]', "changed"]]),
        ([1, 2, 3], [0, 1, 2, 3],
         [["[0]", "added"], ["[1]", "equal"], ["[2]", "equal"], ["[3]", "equal"]]),
        ({"a": [1]}, {}, [["a[0]", "removed"]]),
        ({"a": {}}, {"a": []}, [["a", "changed"]]),
        ({"a": 1}, {"a": {"b": 1}}, [["a", "changed"]]),
    ],
)  # fmt: skip
def test_values_are_compared_by_path(
    open_tab: Any,
    before: Any,
    after: Any,
    rows: list[Any],
) -> None:
    page = opened(open_tab)

    found = page.evaluate(
        "([a, b]) => sitegen.jsondiff.rows(a, b).map(({ path, kind }) => [path, kind])",
        [before, after],
    )

    assert rows == found


def test_json_in_texts_is_compared_with_objects(open_tab: Any) -> None:
    page = opened(
        open_tab, output='{"city": "Leipzig", "day": 3}', target={"day": 4, "city": "Leipzig"}
    )

    expect(drawer(page)).to_contain_text("1 value of 2 differ, by path")
    row = drawer(page).get_by_role("row").filter(has=page.get_by_role("rowheader", name="day"))
    expect(row.locator("del")).to_have_text("3")
    expect(row.locator("ins")).to_have_text("4")
    drawer(page).get_by_text("1 value equal").click()
    expect(drawer(page).get_by_role("rowheader", name="city")).to_be_visible()
    page.keyboard.press("d")
    expect(drawer(page).locator(".sg-jsondiff")).to_have_count(0)


def test_the_order_of_keys_is_no_difference(open_tab: Any) -> None:
    page = opened(open_tab, output='{"a": 1, "b": 2}', target='{"b": 2, "a": 1}')

    expect(drawer(page)).to_contain_text("Output and target are equal.")


def test_the_answer_of_messages_is_held_against_the_target(open_tab: Any) -> None:
    said = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "In Leipzig."}]
    page = opened(open_tab, output=said, target="In Leipzig.")

    expect(drawer(page)).to_contain_text("Output and target are equal.")


def test_long_equal_parts_fold(open_tab: Any) -> None:
    lines = [f"line {n}" for n in range(60)]
    page = opened(open_tab, output="\n".join([*lines, "yes"]), target="\n".join([*lines, "no"]))

    folds = drawer(page).locator(".sg-diff__fold")
    expect(folds).to_have_count(2)
    expect(folds.first.locator("summary")).to_have_text("58 equal lines")
    folds.first.locator("summary").click()
    expect(folds.first).to_contain_text("line 3")
    sides = drawer(page).locator(".sg-diff__side")
    expect(sides.first.locator("del")).to_have_text("yes")


def test_an_output_of_5_mb_opens_and_is_read_on_piece_by_piece(open_tab: Any) -> None:
    page = opened(open_tab, output="word " * 1_000_000, target="other")

    expect(drawer(page)).to_contain_text("too long to compare word by word")
    more = drawer(page).get_by_role("button", name="Show 200,000 more of the other 4,950,000")
    more.click()
    expect(drawer(page).get_by_role("button", name="more of the other 4,750,000")).to_be_visible()
    size = drawer(page).locator(".sg-diff__side").first.evaluate("side => side.textContent.length")
    assert 250_000 < size < 251_000


def test_nested_metadata_is_read_by_path(open_tab: Any) -> None:
    page = opened(
        open_tab, metadata={"judge": {"model": "m", "votes": [1, 2]}, "turns": [{"n": 1}]}
    )

    drawer(page).get_by_text("Metadata 3").click()
    pairs = drawer(page).locator(".sg-kv__pair")
    assert pairs.all_inner_texts()[:2] == ["judge.model\nm", "judge.votes\n1, 2"]


def test_epochs_stand_side_by_side_with_their_spread(open_tab: Any) -> None:
    scores = [(True, 1.0, "A"), (False, 2.0, "A"), (True, 6.0, "B")]
    lines = [
        {"id": "x", "epoch": n + 1, "output": f"answer {n + 1}",
         "scores": {"ok": ok, "size": size, "grade": grade}}
        for n, (ok, size, grade) in enumerate(scores)
    ]  # fmt: skip

    page = open_tab("#eval=e&sample=x&epoch=2", e=lines)

    table = drawer(page).get_by_role("region", name="Epochs")
    expect(table.get_by_role("row").nth(3)).to_contain_text("answer 3")
    foot = table.get_by_role("row").last.locator("td").all_inner_texts()
    assert foot == ["2 of 3 yes", "3 ± 2.6, 1 to 6, n = 3", "A 2, B 1", ""]
    table.get_by_role("button", name="3", exact=True).click()
    expect(drawer(page)).to_contain_text("epoch 3")


def test_the_trace_of_a_sample_unfolds_in_its_place(page: Page, sample_site: Path) -> None:
    run = next((sample_site / "runs").glob("support-agent-v2-*.html"))
    page.goto(f"{run.as_uri()}#tab=evals&sample=T-1041&epoch=1")
    fold = drawer(page).locator("details").filter(has=page.locator(".sg-sample__trace"))

    fold.locator("summary").click()

    expect(fold.locator(".sg-fold__note")).to_contain_text("4 spans")
    expect(fold.get_by_role("row")).to_have_count(5)
    fold.get_by_role("row").nth(2).click()
    expect(page).to_have_url(re.compile("span=.*tab=traces"))
