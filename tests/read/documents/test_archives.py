"""Archives: members by name and size, nothing unpacked, bombs and lies bounded."""

from __future__ import annotations

import dataclasses
import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS, Limits
from sitegen.read.content import ListingContent
from sitegen.read.documents.archives import ArchiveError, is_archive, read_archive


def listing(content: bytes, limits: Limits = DEFAULT_LIMITS) -> ListingContent:
    return read_archive(io.BytesIO(content), content[:1000], len(content), limits)


def zipped(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 14, 2, 0)), content)
    return stream.getvalue()


def tarred(mode: str, *members: tarfile.TarInfo) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(bytes(member.size)))
    return stream.getvalue()


def member(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size = size
    for field, value in fields.items():
        setattr(found, field, value)
    return found


def test_a_zip_is_listed_by_its_directory() -> None:
    found = listing(zipped({"a/b.txt": b"hello", "../etc/passwd": b"x"}))

    assert [row[0] for row in found.rows] == ["a/b.txt", "../etc/passwd"]
    assert found.rows[0] == ("a/b.txt", "5", "5", "stored", "2026-11-20 14:02")
    assert found.facts == "2 members, 6\u00a0bytes unpacked"


def test_members_beyond_the_limit_are_counted() -> None:
    limits = dataclasses.replace(DEFAULT_LIMITS, archive_entries=2)

    found = listing(zipped({f"{number}": b"" for number in range(5)}), limits)

    assert (len(found.rows), found.row_count) == (2, 5)
    assert found.notes[0] == "The first 2 of 5 members are listed."


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_is_listed_whatever_packs_it(mode: str) -> None:
    link = member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd")

    found = listing(tarred(mode, member("a.txt", 3, mtime=1_795_224_679), link))

    assert [row[0] for row in found.rows] == ["a.txt", "link"]
    assert found.rows[1][2] == "symbolic link to /etc/passwd"
    assert found.rows[0][3] == "2026-11-21 01:31"
    assert found.fault is None


def test_a_tar_bomb_is_read_up_to_the_limit() -> None:
    bomb = gzip.compress(tarred("w", member("zeros", 30_000_000), member("more", 1)))
    limits = dataclasses.replace(DEFAULT_LIMITS, archive_bytes=1_000_000)

    found = listing(bomb, limits)

    assert [row[0] for row in found.rows] == ["zeros"]
    assert found.fault == "Reading stopped after 1\u00a0MB unpacked."


def test_a_cut_tar_lists_what_came_before() -> None:
    found = listing(tarred("w:gz", *(member(f"{n}", 9_000) for n in range(300)))[:-900])

    assert found.rows
    assert "cut off" in (found.fault or "")


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and no directory",
        zipped({"a": b"x"})[:-6],
        b"PK\x05\x06" + b"\xff" * 18,
        b"\x1f\x8b not gzip",
    ],
)
def test_what_cannot_be_read_at_all_says_why(content: bytes) -> None:
    with pytest.raises(ArchiveError):
        listing(content)


def test_a_gzip_that_is_no_tar_by_name_is_no_archive() -> None:
    assert not is_archive(gzip.compress(b"x"), ".log.gz")
    assert is_archive(gzip.compress(b"x"), ".tar.gz")


STARTS = [
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b\x08\x00",
    b"BZh9",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
]


@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_any_bytes_are_a_list_or_a_reason(start: bytes, rest: bytes) -> None:
    try:
        found = listing(start + rest)
    except ArchiveError:
        return
    assert isinstance(found, ListingContent)


@given(st.data())
def test_a_damaged_zip_is_a_list_or_a_reason(data: st.DataObject) -> None:
    content = bytearray(zipped({"a": b"hello", "b": b"x" * 100}))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        listing(bytes(content))
    except ArchiveError:
        return
