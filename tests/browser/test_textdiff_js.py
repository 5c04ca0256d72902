"""Texts of megabytes against each other: what differs is found, what is equal is folded."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

WritePage = Callable[..., str]
SCRIPTS = ("core", "format", "textdiff")


def test_one_change_in_megabytes_is_found_and_the_rest_folded(
    page: Page, write_page: WritePage
) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    kinds, shown, opened = page.evaluate("""() => {
      const before = "some words ".repeat(200000), half = before.slice(0, 1100000);
      const after = half + "new " + half;
      const parts = sitegen.textdiff.words(before, after);
      const made = sitegen.textdiff.element({ before, after, names: ["A", "B"] });
      document.body.append(made);
      const shown = made.textContent.length, fold = made.querySelector("details");
      fold.open = true;
      return new Promise((resolve) => setTimeout(() => resolve(
        [parts.map(({ kind, text }) => `${kind} ${text.length}`), shown,
          fold.textContent.length]), 100));
    }""")

    assert kinds == ["equal 1100000", "ins 4", "equal 1100000"]
    assert shown < 2_000
    assert 50_000 <= opened < 51_000


def test_texts_that_differ_too_much_are_shown_from_where_they_differ(
    page: Page, write_page: WritePage
) -> None:
    page.goto(write_page("", scripts=SCRIPTS))

    text = page.evaluate("""() => {
      const one = (word) => "equal ".repeat(2000) + word.repeat(100000) + " end";
      const [before, after] = [one("left "), one("right ")];
      const made = sitegen.textdiff.element({ before, after, names: ["A", "B"] });
      return made.querySelector(".sg-diff__side").textContent;
    }""")

    assert "12,000 equal characters" in text
    assert "left left" in text
    assert "equal equal" not in text
