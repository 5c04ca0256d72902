"""Names of any length and script: nothing is pushed out of the page or out of its order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import run_command
from tests.factories import write_run

LONG = "word-without-a-space-" * 9
ARABIC = "تجارب عربية"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose every name is long, and one in Arabic; built once."""
    root = tmp_path_factory.mktemp("names")
    for folder, name in (("long", LONG), ("arabic", ARABIC)):
        run = write_run(
            root / "runs" / folder, name=name, experiment=name, user=name, tags=[name],
            params={name: name}, summary={name: 0.5}, description=name,
        )  # fmt: skip
        (run / "evals").mkdir()
        sample = {"id": name, "input": name, "output": name, "scores": {name: 1}}
        (run / "evals" / "test.jsonl").write_text(json.dumps(sample), encoding="utf-8")
    done = run_command("build", root / "runs", "-o", root / "site", cwd=root)
    assert done.returncode == 0, done.stderr
    return root / "site"


def opened(page: Page, site: Path, pattern: str, state: str = "") -> Page:
    (path,) = site.glob(pattern)
    page.goto(path.as_uri() + state)
    return page


@pytest.mark.parametrize("width", [390, 960, 1440])
@pytest.mark.parametrize(
    ("pattern", "state"),
    [("index.html", ""), ("runs/long-*.html", ""), ("runs/long-*.html", "#tab=evals"),
     ("experiments/word*.html", "")],
)  # fmt: skip
def test_long_names_stay_in_the_page(
    page: Page, site: Path, pattern: str, state: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})

    opened(page, site, pattern, state)

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_long_name_hides_no_column_of_the_overview(page: Page, site: Path) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, site, "runs/long-*.html")

    frames = page.locator(".sg-overview__main table")

    assert (
        frames.evaluate_all("all => all.map((one) => one.scrollWidth > one.clientWidth)")
        == [False] * frames.count()
    )
    expect(page.get_by_role("columnheader", name="95 % CI")).to_be_in_viewport()


def test_a_date_after_an_arabic_name_reads_in_its_order(page: Page, site: Path) -> None:
    opened(page, site, "runs/arabic-*.html")
    summary = page.locator(".sg-footer__summary")

    starts = summary.evaluate(
        """(one) => {
          const text = one.firstChild, at = (part) => {
            const range = document.createRange(), start = text.data.lastIndexOf(part);
            range.setStart(text, start);
            range.setEnd(text, start + part.length);
            return range.getBoundingClientRect().left;
          };
          return text.data.match(/[0-9]+ [A-Z][a-z]+ [0-9]+$/)[0].split(" ").map(at);
        }"""
    )

    expect(summary).to_contain_text(ARABIC)
    assert starts == sorted(starts)
