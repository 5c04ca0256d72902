"""Every kind of file gets its content or a reason, and nothing stops the others."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.errors import Problem
from sitegen.read.attachments import Attachment, read_attachments
from sitegen.read.content import (
    FigureContent,
    HtmlContent,
    ImageContent,
    ListingContent,
    NoContent,
    NotebookContent,
    PlayableContent,
    SvgContent,
    TextContent,
)
from sitegen.read.documents.tables import TableContent

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x02\0\0\0"


def read(
    tmp_path: Path, name: str, content: bytes, limits: Limits = DEFAULT_LIMITS
) -> tuple[Attachment, list[Problem]]:
    path = tmp_path / "attachments" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    problems: list[Problem] = []
    (attachment,) = read_attachments(tmp_path, [f"attachments/{name}"], limits, problems.append)
    return attachment, problems


def test_path_size_and_digest_are_the_file_s(tmp_path: Path) -> None:
    attachment, problems = read(tmp_path, "figures/a.txt", b"hello")

    assert problems == []
    assert attachment.path == "figures/a.txt"
    assert attachment.size_bytes == 5
    assert attachment.sha256 == hashlib.sha256(b"hello").hexdigest()


LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", PNG, ImageContent),
        ("no-suffix", PNG, ImageContent),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', SvgContent),
        ("a.csv", b"a,b\n1,2\n", TableContent),
        ("a.tsv", b"a\tb\n1\t2\n", TableContent),
        ("a.jsonl", b'{"a": 1}\n', TableContent),
        ("a.txt", b"words", TextContent),
        ("Makefile", b"all:\n", TextContent),
        ("empty", b"", TextContent),
        ("a.docx", b"PK\x03\x04\0\0", NoContent),
        ("a.pdf", b"%PDF-1.7", PlayableContent),
        ("a.pdf", b"<p>%PDF-1.7", TextContent),
        ("a.html", b"<p>", HtmlContent),
        ("a.ipynb", b'{"cells": []}', NotebookContent),
        ("a.ipynb", b"[]", TextContent),
        ("a.json", b'{"data": [], "layout": {}}', FigureContent),
        ("a.json", b'{"data": [], "rows": {}}', TextContent),
        ("a.mp3", b"ID3\4\0\0", PlayableContent),
        ("a.mp4", b"\0\0\0\x18ftypmp42", PlayableContent),
        ("a.wav", b"\0\1\2", NoContent),
        ("a.zip", b"PK\5\6" + bytes(18), ListingContent),
        ("a.patch", b"diff --git a/x b/x\n", TextContent),
        ("a.bin", bytes(100), NoContent),
    ],
)
def test_a_file_is_told_by_its_bytes_and_its_name(
    tmp_path: Path, name: str, content: bytes, kind: type
) -> None:
    attachment, problems = read(tmp_path, name, content)

    assert problems == []
    assert type(attachment.content) is kind


@pytest.mark.parametrize(
    ("name", "content", "role"),
    [
        ("train.log", b"x", "log"),
        ("train", b"x", "log"),
        ("a.json", b"{}", "json"),
        ("a.ipynb", b"{}", "json"),
        ("a.md", b"# a", "markdown"),
        ("a.py", b"x = 1", "code"),
        ("a.patch", b"@@", "patch"),
        ("a.yaml", b"a: 1", "code"),
        ("a.py", b"\x1b[31mred", "log"),
    ],
)
def test_a_text_has_a_role(tmp_path: Path, name: str, content: bytes, role: str) -> None:
    attachment, _ = read(tmp_path, name, content)

    assert isinstance(attachment.content, TextContent)
    assert attachment.content.role == role


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.doc", b"\xd0\xcf\0", "There is no preview of Word documents of before 2007."),
        ("a.pt", b"\x80\x02\0", "There is no preview of model weights of this kind."),
        (
            "a.pkl",
            b"\x80\x04\0",
            "There is no preview of pickles, which run code when they are read.",
        ),
        ("a.mp4", b"\0\1\2", "It is named .mp4, but its bytes are nothing of the kind."),
        ("a.xyz", b"\0\1\2", "There is no preview of .xyz files."),
        ("a.<b>", b"\0\1\2", "There is no preview of binary files."),
        ("a.png", b"<html>", "It is named .png, but its bytes are no such picture."),
        ("a.json", b'["\0"]', "It is named .json, but its bytes are no text."),
        ("a.md", bytes(range(128, 256)), "It is named .md, but its bytes are no text."),
        ("a.png", LFS_POINTER, "It is a Git LFS pointer: the file itself was not fetched."),
        ("a.pt", LFS_POINTER, "It is a Git LFS pointer: the file itself was not fetched."),
    ],
)
def test_a_file_without_a_preview_says_why(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    attachment, _ = read(tmp_path, name, content)

    assert attachment.content == NoContent(reason=reason)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", b"PAR1 and no footer PAR1"),
        ("a.tar.gz", b"\x1f\x8b\0\0"),
        ("a.npy", b"\0\0"),
        ("a.safetensors", b"\xff" * 20),
    ],
)
def test_a_broken_container_is_a_problem_and_stays_listed(
    tmp_path: Path, name: str, content: bytes
) -> None:
    attachment, problems = read(tmp_path, name, content)

    assert isinstance(attachment.content, NoContent)
    assert attachment.sha256 is not None
    assert [(one.code, one.path) for one in problems] == [
        ("attachment-unreadable", f"attachments/{name}")
    ]


def test_a_symlink_is_a_problem_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments" / "a.txt").symlink_to(tmp_path / "secret.txt")
    problems: list[Problem] = []

    attachments = list(
        read_attachments(tmp_path, ["attachments/a.txt"], DEFAULT_LIMITS, problems.append)
    )

    assert attachments[0].sha256 is None
    assert len(problems) == 1


def test_a_long_text_is_read_up_to_the_limit_and_its_lines_counted(tmp_path: Path) -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, preview_bytes=10)

    attachment, _ = read(tmp_path, "a.log", b"1234567\n" * 5, limits)

    assert isinstance(attachment.content, TextContent)
    assert attachment.content.text == "1234567\n12"
    assert attachment.content.is_cut
    assert attachment.content.line_count == 5


def test_too_many_files_are_cut_and_told(tmp_path: Path) -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, attachments=1)
    read(tmp_path, "a.txt", b"a")
    problems: list[Problem] = []

    found = list(read_attachments(tmp_path, ["attachments/a.txt"] * 3, limits, problems.append))

    assert len(found) == 1
    assert problems[0].message == "holds 3 files; 1 are shown"


NAMES = ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.png", "a.svg", "a.json", "a.md", "a.log"]
NAMES += ["a.py", "a.zip", "a", "a.ipynb", "a.webp", "a.html", "a.tar.gz", "a.npy", "a.npz"]
NAMES += ["a.safetensors", "a.patch", "a.pdf", "a.wav", "a.mp4"]
STARTS = [b"", b"PAR1", PNG, b"\xff\xd8\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"<svg", b"{", b"[1,"]
STARTS += [
    b"PK\x03\x04",
    b"PK\5\6",
    b"\x93NUMPY\1\0",
    b"\x1f\x8b\x08\0",
    b"%PDF-1.4",
    b"RIFF\0\0\0\0WAVE",
]
STARTS += [b'{"cells": [', b'{"data": [], "layout": ', b"BZh9", b"\x28\xb5\x2f\xfd"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_under_any_name_are_read(
    tmp_path: Path, name: str, start: bytes, rest: bytes
) -> None:
    attachment, _ = read(tmp_path, name, start + rest)

    assert attachment.size_bytes == len(start + rest)
    assert attachment.sha256 is not None
