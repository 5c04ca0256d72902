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
from sitegen.derive.attachments import (
    SERVER_ROWS,
    SMALL_FILES,
    AttachmentFacts,
    AttachmentsFacts,
    derive_attachments,
)
from sitegen.derive.sink import DataFile, PublishedFile
from sitegen.errors import Problem
from sitegen.read.attachments import read_attachments

DATA = Path(__file__).parents[3] / "shared" / "data"
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
    facts = derive_attachments(values, sink=sink, limits=limits, report=problems.append)
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


def test_small_previews_stand_in_the_page_up_to_a_number(tmp_path: Path) -> None:
    files = {f"{number:03}.txt": b"hello" for number in range(SMALL_FILES + 5)}
    files["000.txt"] = b"a line\n" * 2_000

    facts, _, _ = derive(bundle(tmp_path, files))

    assert sum(one.small is not None for one in facts.rows) == SMALL_FILES
    assert row(facts, "000.txt").small is None


def test_markdown_is_kept_for_the_page_and_its_rendered_view_has_no_source(tmp_path: Path) -> None:
    facts, sink, _ = derive(bundle(tmp_path, {"a.md": b"# Hi"}))

    assert row(facts, "a.md").markdown == "# Hi"
    rendered, source = sink.payloads["attachments-0"]["previews"]["a.md"]
    assert "source" not in rendered
    assert source["pieces"] == [["", "# Hi"]]


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
            assert view["kind"] in {"table", "text", "image", "markdown"}
