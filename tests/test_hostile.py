"""Every text of a bundle is an attack, and all of it stays text.

The pages are parsed as a browser would; the same bundles are opened in Chromium by
browser/test_pages.py.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sitegen.build.site import build_site
from sitegen.bundle.settings import Settings
from sitegen.cli.terminal import QuietProgress
from tests.conftest import contents
from tests.factories import write_full_run
from tests.hostile import (
    MARKER,
    always,
    in_turn,
    payloads,
    write_hostile_experiment,
    write_hostile_run,
    write_wrong_run,
)

CHUNK = 60
ADDRESSES = {"src", "href", "action", "formaction", "data", "poster", "background", "cite"}
FORBIDDEN_ELEMENTS = {
    "iframe", "object", "embed", "base", "frame", "frameset", "applet", "style", "audio", "video",
    "math", "noscript", "slot", "marquee", "portal",
}  # fmt: skip
FORBIDDEN_ATTRIBUTES = {"srcdoc", "srcset", "style", "ping", "autofocus", "is", "formaction"}


class Page(HTMLParser):
    """The elements and texts of one page, and what a browser would run or load."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.elements: set[str] = set()
        self.classes: set[str] = set()
        self.text: list[str] = []
        self.values: list[str] = []
        self.json: list[str] = []
        self._script: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.add(tag)
        self.classes |= {name for name in given.get("class", "").split() if name}
        self.values += given.values()
        if tag in FORBIDDEN_ELEMENTS:
            self.faults.append(f"element <{tag}>")
        if tag == "script":
            self._check_script(given)
        for name, value in given.items():
            if name.startswith("on") or name in FORBIDDEN_ATTRIBUTES:
                self.faults.append(f"attribute {name} of <{tag}>: {value[:80]}")
            if name in ADDRESSES or name.endswith(":href"):
                self._check_address(tag, value)

    def _check_script(self, given: dict[str, str]) -> None:
        source = given.get("src")
        self._script = given.get("type", "script")
        if source is None and self._script != "application/json":
            self.faults.append(f"inline script of type {self._script}")
        if source is not None and not re.fullmatch(
            r"(\.\./)?assets/[a-z-]+-[0-9a-f]{12}\.js", source
        ):
            self.faults.append(f"script from {source}")

    def _check_address(self, tag: str, value: str) -> None:
        bare = re.sub(r"[\x00-\x20]", "", value)
        scheme = re.match(r"([^/?#]*?):", bare)
        name = scheme[1].lower() if scheme else ""
        if name == "data":
            is_ours = bare == "data:," or re.match(
                r"data:image/(svg\+xml|png|gif|webp|jpeg)[;,]", bare
            )
            if not is_ours or tag == "a":
                self.faults.append(f"<{tag}> with {value[:80]}")
        elif name not in {"", "http", "https", "mailto"}:
            self.faults.append(f"<{tag}> with {value[:80]}")
        elif (name or bare.startswith(("//", "\\"))) and tag != "a":
            self.faults.append(f"<{tag}> loads {value[:80]}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        (self.json if self._script == "application/json" else self.text).append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, hostile_data: Path) -> dict[str, bytes]:
    """The files of a site made of hostile bundles."""
    root = tmp_path_factory.mktemp("hostile")
    texts = payloads(hostile_data)
    assert len(texts) > 1000
    write_hostile_run(root / "runs" / "marker", always(MARKER), number=0)
    write_hostile_experiment(root / "runs", always(MARKER))
    write_wrong_run(root / "runs" / "wrong", always(MARKER))
    for number in range(0, len(texts), CHUNK):
        chunk = "\n".join(texts[number : number + CHUNK])
        write_hostile_run(root / "chunks" / f"r{number}", always(chunk), number=number)
    for number in range(12):
        text = in_turn(texts, number * 97)
        write_hostile_run(root / f"turns{number % 3}" / f"t{number}", text, number=number)
    write_hostile_experiment(root / "turns0", in_turn(texts, 5))
    write_hostile_experiment(root / "turns1", in_turn(texts, 500))
    write_wrong_run(root / "turns0" / "wrong", in_turn(texts, 11))
    result = build_site(
        [root / name for name in ("runs", "chunks", "turns0", "turns1", "turns2")],
        root / "site",
        Settings(title=MARKER, description=MARKER, prices={}),
        workers=1,
        progress=QuietProgress(),
    )
    assert result.run_count == 15 + -(-len(texts) // CHUNK)
    return contents(root / "site")


@pytest.fixture(scope="module")
def pages(site: dict[str, bytes]) -> dict[str, Page]:
    """Its pages, parsed."""
    return {path: Page(text.decode()) for path, text in site.items() if path.endswith(".html")}


def test_no_page_holds_what_runs_or_loads(pages: dict[str, Page]) -> None:
    faults = {path: page.faults for path, page in pages.items() if page.faults}

    assert faults == {}
    assert len(pages) > 35


def test_hostile_pages_have_no_element_that_good_pages_lack(
    pages: dict[str, Page], tmp_path: Path
) -> None:
    write_full_run(tmp_path / "runs" / "a")
    build_site(
        [tmp_path / "runs"], tmp_path / "site", Settings(prices={}), workers=1,
        progress=QuietProgress(),
    )  # fmt: skip
    known = {
        element
        for path, text in contents(tmp_path / "site").items()
        if path.endswith(".html")
        for element in Page(text.decode()).elements
    }
    markdown = {
        "p", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "br", "a", "img",
        "s", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "sup",
        "section", "input", "label", "dl", "dt", "dd", "del", "span", "div", "kbd", "mark",
        "details", "summary", "textarea", "ins", "b", "i",
    }  # fmt: skip

    found = {element for page in pages.values() for element in page.elements}

    assert found - known - markdown == set()


def test_the_marker_stands_in_text_and_values_only_and_is_never_evaluated(
    site: dict[str, bytes], pages: dict[str, Page]
) -> None:
    raw = {
        path
        for path, content in site.items()
        if path.endswith((".html", ".js"))
        and not path.startswith(("assets/", "files/"))
        and b"zqx<>" in content
    }

    assert raw == set()
    marked = 0
    for path, page in pages.items():
        texts = [*page.text, *page.values]
        marked += sum(MARKER in text for text in texts)
        assert not any("zqx<>\"'&49" in text for text in [*texts, *page.json]), path
    assert marked > 200


def test_every_json_in_a_page_and_every_report_reads_back(
    site: dict[str, bytes], pages: dict[str, Page]
) -> None:
    for page in pages.values():
        for text in page.json:
            json.loads(text)
    for path, content in site.items():
        if path.endswith(".json") and not path.startswith("files/"):
            json.loads(content)


def test_data_files_are_calls_with_json_in_them(site: dict[str, bytes]) -> None:
    paths = [path for path in site if path.startswith("data/")]

    assert len(paths) > 50
    for path in paths:
        text = site[path].decode()
        assert not re.search("[<>&\u2028\u2029]", text), path
        assert text.endswith("\n"), path
        calls = text.removesuffix("\n").split("\n")
        assert len(calls) == 1 or path.startswith("data/columns/"), path
        for call in calls:
            assert call.startswith("sitegen.data("), path
            assert call.endswith(");"), path
            key, _ = json.JSONDecoder().raw_decode(call, len("sitegen.data("))
            payload = call.removeprefix(f"sitegen.data({json.dumps(key)},").removesuffix(");")
            json.loads(payload)


def test_no_name_of_a_file_is_taken_from_the_input(site: dict[str, bytes]) -> None:
    allowed = re.compile(
        r"((index|annotations|compare|models|datasets)\.html|(annotations|models|datasets)\.csv|report\.json|sitegen-manifest\.json|\.nojekyll"
        r"|assets/[a-z0-9-]+\.(css|js)"
        r"|(runs|experiments|comparisons)/[a-z0-9-]+\.(html|json)"
        r"|data/(columns/)?[a-z0-9-]+/[a-z0-9-]+\.js"
        r"|files/[a-z0-9-]+/[a-z0-9-]+\.(png|jpg|gif|webp|pdf|csv|tsv|json|txt|parquet|bin))"
    )

    assert [path for path in site if not allowed.fullmatch(path)] == []
    assert len({path.lower() for path in site}) == len(site)
    assert max(map(len, site)) < 200
