"""The list, the published copies, the data files: of made files, real ones and hostile ones."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.derive.attachments.facts import AttachmentFacts, AttachmentsFacts
from sitegen.derive.attachments.part import (
    EXCERPT_CHARACTERS,
    EXCERPTS,
    SERVER_ROWS,
    derive_attachments,
)
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.errors import Problem
from sitegen.read.attachments import read_attachments
from sitegen.render.document import MarkupDocuments

DATA = Path(__file__).parents[4] / "shared" / "data"
FOLDERS = [DATA / "attachments", DATA / "hostile"]


class KeptSink:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.payloads: dict[str, Mapping[str, Any]] = {}
        self.texts: dict[str, str] = {}
        self.copies: list[tuple[str, str]] = []

    def data(self, name: str, payload: Mapping[str, Any]) -> DataFile:
        self.payloads[name] = json.loads(json.dumps(payload))
        return DataFile(name=name, file=f"data/{name}.js", size_bytes=1)

    def text(self, name: str, extension: str, pieces: Iterable[str]) -> PublishedFile:
        self.texts[name] = "".join(pieces)
        return PublishedFile(file=f"files/{name}.{extension}", size_bytes=1)

    def copy(self, path: str, extension: str) -> PublishedFile:
        self.copies.append((path, extension))
        return PublishedFile(file=f"files/{len(self.copies)}.{extension}", size_bytes=1)

    def library(self) -> PublishedFile:
        return PublishedFile(file="assets/plotly-large.js", size_bytes=1)


def derive(
    root: Path, limits: Limits = DEFAULT_LIMITS
) -> tuple[AttachmentsFacts, KeptSink, list[Problem]]:
    files = sorted(
        path.relative_to(root).as_posix()
        for path in (root / "attachments").rglob("*")
        if path.is_file()
    )
    problems: list[Problem] = []
    sink = KeptSink()
    values = read_attachments(root, files, limits, problems.append)
    facts = derive_attachments(
        values, sink=sink, limits=limits, report=problems.append,
        documents=MarkupDocuments(limits),
    )  # fmt: skip
    return facts, sink, problems


def bundle(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = root / "attachments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def row(facts: AttachmentsFacts, path: str) -> AttachmentFacts:
    return next(one for one in facts.rows if one.path == path)


def test_totals_rows_and_previews_are_of_all_files(tmp_path: Path) -> None:
    root = bundle(tmp_path, {"a.csv": b"x,y\n1,2\n", "b/c.txt": b"hello", "d.bin": bytes(9)})

    facts, sink, problems = derive(root)

    assert problems == []
    assert (facts.count, facts.size_bytes) == (3, 22)
    assert [one.path for one in facts.rows] == ["a.csv", "b/c.txt", "d.bin"]
    assert row(facts, "d.bin").preview_reason == "There is no preview of .bin files."
    previews = sink.payloads["attachments-0"]["previews"]
    assert previews["a.csv"][0]["rows"] == [["1", "2"]]
    assert previews["b/c.txt"] == [
        {"kind": "text", "name": "Text", "note": "", "pieces": [["", "hello"]]}
    ]


@pytest.mark.parametrize(
    ("name", "content", "extension"),
    [
        ("a.csv", b"a", "csv"),
        ("A.CSV", b"a", "csv"),
        ("a.html", b"<script>", "txt"),
        ("a.svg", b"<svg/>", "txt"),
        ("a.xml", b"<a/>", "txt"),
        ("a.js", b"alert(1)", "txt"),
        ("a.wasm", b"\0asm", "bin"),
        ("a.pdf", b"%PDF-", "pdf"),
        ("a.pdf", b"<html>", "txt"),
        ("a.bin", b"%PDF-1.4", "pdf"),
        ("a.webm", b"\0\1", "bin"),
        ("a.ogg", b"OggS\0", "bin"),
        ("a.html", b"ID3\4<html>", "bin"),
        ("a.png", b"<html>", "bin"),
        ("a.html", b"\x89PNG\r\n\x1a\n", "png"),
        ("a.jpeg", b"\xff\xd8\xff", "jpg"),
        ("a.json", b"\0\1\2", "bin"),
        ("a.txt", b"\0\1\2", "bin"),
        ("a", b"words", "txt"),
        ("a.exe", b"MZ\0", "bin"),
    ],
)
def test_a_copy_has_an_extension_that_no_browser_runs(
    tmp_path: Path, name: str, content: bytes, extension: str
) -> None:
    _, sink, _ = derive(bundle(tmp_path, {name: content}))

    assert sink.copies == [(f"attachments/{name}", extension)]


def test_a_file_over_the_limit_is_listed_with_its_digest_and_not_copied(tmp_path: Path) -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, publish_bytes=4)

    facts, sink, _ = derive(bundle(tmp_path, {"a.txt": b"hello", "b.txt": b"hi"}), limits)

    large = row(facts, "a.txt")
    assert [path for path, _ in sink.copies] == ["attachments/b.txt"]
    assert large.published is None
    assert large.sha256 is not None
    assert "over the limit of" in (large.unpublished_reason or "")
    assert (facts.unpublished_count, facts.unpublished_bytes) == (1, 5)


def test_previews_stand_in_the_page_up_to_a_number_of_files(tmp_path: Path) -> None:
    files = {f"{number:03}.txt": b"hello" for number in range(EXCERPTS + 5)}

    facts, _, _ = derive(bundle(tmp_path, files))

    assert sum(one.excerpt is not None for one in facts.rows) == EXCERPTS


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"a line\n" * 2_000, "The beginning"),
        (
            "a.csv",
            b"x,y\n" + b"1234567890123456789012345678901234567890,2\n" * 300,
            "Without JavaScript",
        ),
        ("a.md", b"words and words\n\n" * 2_000, "The beginning"),
    ],
)
def test_a_long_preview_begins_in_the_page_and_says_so(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    facts, sink, _ = derive(bundle(tmp_path, {name: content}))

    excerpt = row(facts, name).excerpt
    assert excerpt is not None
    assert said in excerpt.note
    assert 0.8 * EXCERPT_CHARACTERS < excerpt.characters < 1.2 * EXCERPT_CHARACTERS
    assert said not in sink.payloads["attachments-0"]["previews"][name][0]["note"]


def test_markdown_is_a_document_of_known_elements(tmp_path: Path) -> None:
    facts, sink, _ = derive(
        bundle(tmp_path, {"a.md": b"# Hi\n\n<b>x</b> [l](javascript:alert(1))"})
    )

    rendered, source = sink.payloads["attachments-0"]["previews"]["a.md"]
    heading, _, text, _ = rendered["nodes"]
    assert (heading[0], heading[2]) == ("h3", "Hi")
    assert heading[1]["id"].startswith("user-content-")
    assert "".join(text[2:]) == "<b>x</b> [l](javascript:alert(1))"
    assert source["pieces"][0][1].startswith("# Hi")
    assert row(facts, "a.md").excerpt is not None


def test_pictures_named_by_steps_are_a_series_and_no_rows_of_their_own(tmp_path: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0"
    names = ["media/samples/10.png", "media/samples/2.png", "media/samples/about.txt"]
    names += ["media/one/1.png", "figures/1.png", "figures/2.png"]

    facts, sink, _ = derive(bundle(tmp_path, dict.fromkeys(names, png) | {names[2]: b"words"}))

    (series,) = facts.series
    assert (series.path, series.detail, series.count) == ("media/samples", "2 steps, 2 to 10", 2)
    assert [step.step for step in series.steps] == [2, 10]
    assert [one.path for one in facts.rows] == [
        "figures/1.png", "figures/2.png", "media/one/1.png", "media/samples/about.txt",
    ]  # fmt: skip
    assert len(facts.files_listed) == 6
    assert facts.listing is not None
    (view,) = sink.payloads[series.data]["previews"]["media/samples"]
    assert [step[0] for step in view["steps"]] == [2, 10]


def test_a_figure_beyond_the_site_s_own_library_brings_the_large_one(tmp_path: Path) -> None:
    files = {
        "bar.json": b'{"data": [{"type": "bar", "y": [1]}], "layout": {}}',
        "pie.json": b'{"data": [{"type": "pie", "values": [1]}], "layout": {}}',
    }

    facts, sink, _ = derive(bundle(tmp_path, files))

    previews = sink.payloads["attachments-0"]["previews"]
    assert facts.has_figures
    assert previews["bar.json"][0]["library"] is None
    assert previews["pie.json"][0]["library"] == "assets/plotly-large.js"


def test_large_previews_are_spread_over_data_files(tmp_path: Path) -> None:
    line = b"words of a line that is long enough\n"
    root = bundle(tmp_path, {f"{number}.txt": line * 6000 for number in range(3)})

    facts, sink, _ = derive(root)

    assert [file.name for file in facts.files] == [
        "attachments-0",
        "attachments-1",
        "attachments-2",
    ]
    for one in facts.rows:
        assert one.path in sink.payloads[one.data or ""]["previews"]


def test_more_files_than_the_page_shows_are_all_listed(tmp_path: Path) -> None:
    files = {f"{number:04}.bin": b"\0" for number in range(SERVER_ROWS + 3)}

    facts, sink, _ = derive(bundle(tmp_path, files))

    assert facts.count == len(facts.files_listed) == SERVER_ROWS + 3
    assert len(facts.rows) == SERVER_ROWS
    assert facts.listing is not None
    assert len(sink.texts["attachments"].splitlines()) == SERVER_ROWS + 4
    assert [one["path"] for one in sink.payloads[facts.more or ""]["rows"]] == [
        "0500.bin", "0501.bin", "0502.bin",
    ]  # fmt: skip


def test_facts_survive_the_store(tmp_path: Path) -> None:
    facts, _, _ = derive(bundle(tmp_path, {"a.csv": b"a,b\n1\n", "b.txt": b"x", "c.md": b"# c"}))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=AttachmentsFacts) == facts


def corpus() -> list[Path]:
    return sorted(path for folder in FOLDERS for path in folder.rglob("*") if path.is_file())


@pytest.mark.skipif(not DATA.is_dir(), reason="no ../shared/data on this machine")
@pytest.mark.parametrize("path", corpus(), ids=lambda path: str(path.relative_to(DATA)))
def test_every_real_and_hostile_file_gets_a_preview_or_a_reason(path: Path, tmp_path: Path) -> None:
    (tmp_path / "attachments").mkdir()
    shutil.copyfile(path, tmp_path / "attachments" / path.name)

    facts, sink, problems = derive(tmp_path)

    (one,) = facts.rows
    assert (one.data is None) == bool(one.preview_reason)
    assert {problem.code for problem in problems} <= {"attachment-unreadable"}
    if one.data:
        for view in sink.payloads[one.data]["previews"][path.name]:
            assert view["kind"] in {
                "table",
                "text",
                "image",
                "document",
                "frame",
                "media",
                "figure",
            }
