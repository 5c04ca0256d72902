"""The URL hash says what is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

WritePage = Callable[..., str]
SCRIPTS = ("core", "state")


def shown_hash(page: Page) -> str:
    return str(page.evaluate("() => location.hash"))


def test_keys_are_sorted_and_values_encoded(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    values = {"tab": "metrics", "filter": 'a < 1 & b="é#%"', "x": "a/b:c,d"}
    page.evaluate("(values) => sitegen.state.set(values)", values)

    written = "a%20%3C%201%20%26%20b%3D%22%C3%A9%23%25%22"
    assert shown_hash(page) == f"#filter={written}&tab=metrics&x=a/b:c,d"
    assert page.evaluate("() => sitegen.state.get('filter')") == 'a < 1 & b="é#%"'


def test_zero_and_false_are_kept_and_nothing_is_removed(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS) + "#a=1&b=2&c=3")

    page.evaluate("() => sitegen.state.set({ a: 0, b: false, c: null, d: '', e: undefined })")

    assert page.evaluate("() => sitegen.state.all()") == {"a": "0", "b": "false"}
    assert shown_hash(page) == "#a=0&b=false"


def test_a_view_is_read_back_from_its_link(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS) + "#runs=a%2Cb%252Cc,d&q=100%&broken=%zz&=x&empty=")

    assert page.evaluate("() => sitegen.state.all()") == {
        "runs": "a,b%2Cc,d",
        "q": "100%",
        "broken": "%zz",
    }
    assert page.evaluate("() => sitegen.state.list('runs')") == ["a", "b,c", "d"]


def test_lists_survive_commas_and_percent_signs(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))
    values = ["a,b", "100%", "%2C", "plain", "é"]

    page.evaluate("(v) => sitegen.state.set({ columns: sitegen.state.join(v) })", values)
    page.reload()

    assert page.evaluate("() => sitegen.state.list('columns')") == values


def test_going_somewhere_is_an_entry_and_a_setting_is_none(
    page: Page, write_page: WritePage
) -> None:
    page.goto(write_page("", scripts=SCRIPTS))
    page.evaluate(
        """() => {
          window.seen = [];
          sitegen.state.onChange((all, keys) => window.seen.push([all, keys]));
          sitegen.state.set({ tab: "metrics" });
          sitegen.state.set({ filter: "a" });
          sitegen.state.set({ filter: "ab" });
          sitegen.state.set({ filter: "ab" });
          sitegen.state.set({ tab: "traces" });
        }"""
    )

    page.go_back()

    assert shown_hash(page) == "#filter=ab&tab=metrics"
    seen = page.evaluate("() => window.seen")
    assert [keys for _, keys in seen] == [["tab"], ["filter"], ["filter"], ["tab"], ["tab"]]
    assert seen[-1][0] == {"filter": "ab", "tab": "metrics"}
    page.go_back()
    assert page.evaluate("() => sitegen.state.all()") == {}


def test_push_can_be_refused(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))
    before = page.evaluate("() => history.length")

    page.evaluate("() => sitegen.state.set({ sample: 's-1' }, { push: false })")

    assert page.evaluate("() => history.length") == before
    page.evaluate("() => sitegen.state.set({ smooth: 0.6 }, { push: true })")
    assert page.evaluate("() => history.length") == before + 1


def test_a_hash_edited_by_hand_is_followed(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS) + "#tab=a")
    page.evaluate("() => sitegen.state.onChange((all) => { document.title = all.tab; })")

    page.evaluate("() => { location.hash = '#tab=b'; }")
    page.wait_for_timeout(50)

    assert page.title() == "b"


@pytest.mark.parametrize(
    ("fragment", "anchor"), [("#sample-1", "sample-1"), ("#a=1", None), ("", None)]
)
def test_a_plain_anchor_is_no_state(
    page: Page, write_page: WritePage, fragment: str, anchor: str | None
) -> None:
    page.goto(write_page("", scripts=SCRIPTS) + fragment)

    assert page.evaluate("() => sitegen.state.anchor()") == anchor
    assert page.evaluate("() => sitegen.state.href({ tab: 'b' })").endswith("tab=b")


def test_names_of_objects_are_ordinary_keys(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    assert page.evaluate("() => sitegen.state.get('constructor')") is None
    page.evaluate("() => sitegen.state.set({ constructor: 'x' })")
    assert shown_hash(page) == "#constructor=x"
