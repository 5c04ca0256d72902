"""Data files are scripts that are added when first needed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

WritePage = Callable[..., str]
SCRIPTS = ("core", "state", "store")
ASK = """(key) => sitegen.store.get(key).then((value) => ({ value }),
  (error) => ({ message: error.message, reason: error.reason, file: error.file ?? null }))"""


def test_a_payload_arrives_once_for_all_who_ask(page: Page, write_page: WritePage) -> None:
    data = 'window.loads = (window.loads || 0) + 1;\nsitegen.data("r/a", {"n": [1, "NaN"]});\n'
    data += 'sitegen.data("r/b", 0);\n'
    url = write_page(
        "",
        scripts=SCRIPTS,
        files={"data/r-1.js": data},
        data_files={"r/a": "data/r-1.js", "r/b": "data/r-1.js"},
        name="runs/x.html",
        root="../",
    )
    page.goto(url)

    values = page.evaluate(
        "() => Promise.all(['r/a', 'r/a', 'r/b'].map((key) => sitegen.store.get(key)))"
    )

    assert values == [{"n": [1, "NaN"]}, {"n": [1, "NaN"]}, 0]
    assert page.evaluate("() => window.loads") == 1


def test_a_missing_file_is_named_and_can_be_asked_for_again(
    page: Page, write_page: WritePage, faults: list[str]
) -> None:
    page.goto(write_page("", scripts=SCRIPTS, data_files={"a": "data/a-3fa9.js"}))

    assert page.evaluate(ASK, "a") == {
        "message": "data/a-3fa9.js is missing from this copy of the site.",
        "reason": "missing",
        "file": "data/a-3fa9.js",
    }
    assert len(faults) > 0
    faults.clear()

    write_page("", scripts=SCRIPTS, files={"data/a-3fa9.js": 'sitegen.data("a", 1);'})
    assert page.evaluate(ASK, "a") == {"value": 1}


def test_a_file_without_its_key_says_that_the_site_was_rebuilt(
    page: Page, write_page: WritePage
) -> None:
    files = {"data/a.js": 'sitegen.data("other", 1);'}
    page.goto(write_page("", scripts=SCRIPTS, files=files, data_files={"a": "data/a.js"}))

    assert page.evaluate(ASK, "a") == {
        "message": "This site was rebuilt. Reload the page.",
        "reason": "stale",
        "file": "data/a.js",
    }


def test_an_unknown_key_is_told(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    assert page.evaluate(ASK, "__proto__")["reason"] == "unknown"
    assert page.evaluate("() => sitegen.store.has('a')") is False
    page.evaluate("() => sitegen.store.addFiles({ a: 'data/a.js' })")
    assert page.evaluate("() => sitegen.store.has('a')") is True


def test_the_notice_offers_to_try_again(page: Page, write_page: WritePage) -> None:
    page.goto(write_page("", scripts=SCRIPTS))
    page.evaluate(
        """() => {
          const error = Object.assign(new Error("data/a.js is missing <b>"), { reason: "missing" });
          document.body.append(sitegen.store.notice(error, () => { document.title = "again"; }));
        }"""
    )

    page.get_by_role("button", name="Retry").click()

    expect(page.get_by_role("status")).to_contain_text("data/a.js is missing <b>")
    assert page.title() == "again"
