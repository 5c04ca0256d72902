from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import Limits
from sitegen.read.files import (
    FileError,
    chunks,
    file_sha256,
    open_decoded,
    open_file,
    read_bytes,
)
from sitegen.read.lines import iter_lines
from tests.factories import Reports, write_file

LIMITS = Limits()


def zstd(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


def lines(
    root: Path, path: str, limits: Limits = LIMITS
) -> tuple[list[tuple[int, bytes]], Reports]:
    reports = Reports()
    return list(iter_lines(root, path, limits, reports)), reports


def test_a_regular_file_is_opened(tmp_path: Path) -> None:
    write_file(tmp_path, "a/b.txt", "text")

    with open_file(tmp_path, "a/b.txt") as stream:
        assert stream.read() == b"text"


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")

    for name, message in [
        ("missing", "No such file"), ("link", "symbolic link"), ("folder", "not a regular file"),
        ("pipe", "not a regular file"),
    ]:  # fmt: skip
        with pytest.raises(FileError, match=message) as caught:
            open_file(tmp_path, name)
        assert caught.value.path == name


def test_a_device_is_refused() -> None:
    with pytest.raises(FileError, match="not a regular file"):
        open_file(Path("/dev"), "zero")


def test_a_small_file_is_read_whole_up_to_its_limit(tmp_path: Path) -> None:
    write_file(tmp_path, "a", "12345")

    assert read_bytes(tmp_path, "a", 5) == b"12345"
    with pytest.raises(FileError, match="larger than the limit of 4 bytes"):
        read_bytes(tmp_path, "a", 4)


@pytest.mark.parametrize("encode", [bytes, gzip.compress, zstd], ids=["plain", "gzip", "zstd"])
def test_compression_is_told_by_the_first_bytes(tmp_path: Path, encode) -> None:
    content = b"line\n" * 10_000
    write_file(tmp_path, "misnamed.txt", encode(content))

    with open_decoded(tmp_path, "misnamed.txt") as stream:
        assert b"".join(chunks(stream, "misnamed.txt", LIMITS)) == content


def test_two_gzip_members_are_one_file(tmp_path: Path) -> None:
    write_file(tmp_path, "a.gz", gzip.compress(b"one\n") + gzip.compress(b"two\n"))

    assert lines(tmp_path, "a.gz") == ([(1, b"one"), (2, b"two")], [])


def test_the_stream_is_closed_whatever_happens(tmp_path: Path) -> None:
    """An unclosed file would warn, and warnings are errors here."""
    write_file(tmp_path, "a.gz", gzip.compress(b"x" * 100))

    with pytest.raises(ZeroDivisionError), open_decoded(tmp_path, "a.gz") as stream:
        raise ZeroDivisionError

    assert stream.closed


@pytest.mark.parametrize("encode", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_decoding_stops_at_the_limit(tmp_path: Path, encode) -> None:
    write_file(tmp_path, "bomb", encode(bytes(50_000_000)))

    with (  # noqa: PT012
        pytest.raises(FileError, match="decodes to more than the limit of 3,000,000 bytes"),
        open_decoded(tmp_path, "bomb") as stream,
    ):
        total = 0
        for chunk in chunks(stream, "bomb", Limits(decoded_bytes=3_000_000)):
            total += len(chunk)
            assert total <= 3_000_000


def test_a_gzip_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    content = b"".join(b"%d %d\n" % (at, at * at) for at in range(200_000))
    packed = gzip.compress(content)
    write_file(tmp_path, "a.gz", packed[: len(packed) * 9 // 10])

    found, reports = lines(tmp_path, "a.gz")

    assert reports.codes == ["file-unreadable"]
    assert "breaks off after" in reports[0].message
    assert reports[0].hint == "What came before was read."
    assert len(found) > 10_000
    assert found[:2] == [(1, b"0 0"), (2, b"1 1")]


def test_lines_are_numbered_and_blank_ones_left_out(tmp_path: Path) -> None:
    write_file(tmp_path, "a", b"\xef\xbb\xbfone\r\n\n  \ntwo\n\r\nthree")

    assert lines(tmp_path, "a") == ([(1, b"one"), (4, b"two"), (6, b"three")], [])


def test_only_line_feeds_end_a_line(tmp_path: Path) -> None:
    text = "a\u2028b\x0bc\x85d\re\n"
    write_file(tmp_path, "a", text)

    assert lines(tmp_path, "a")[0] == [(1, text.encode().rstrip())]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    write_file(tmp_path, "a", b"")

    assert lines(tmp_path, "a") == ([], [])


def test_a_line_beyond_the_limit_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    write_file(tmp_path, "a", b"short\n" + b"x" * 3_000_000 + b"\nafter\n")

    found, reports = lines(tmp_path, "a", Limits(line_bytes=1_000_000))

    assert found == [(1, b"short"), (3, b"after")]
    assert reports.codes == ["line-too-long"]
    assert reports[0].line == 2
    assert "line_bytes" in (reports[0].hint or "")


def test_a_last_line_beyond_the_limit_is_left_out(tmp_path: Path) -> None:
    write_file(tmp_path, "a", b"short\n" + b"x" * 3_000_000)

    found, reports = lines(tmp_path, "a", Limits(line_bytes=1_000_000))

    assert found == [(1, b"short")]
    assert reports.codes == ["line-too-long"]


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    found, reports = lines(tmp_path, "a")

    assert found == []
    assert reports.codes == ["file-unreadable"]


@given(st.lists(st.binary(max_size=30).filter(lambda one: b"\n" not in one), max_size=8))
def test_lines_come_back_as_they_were_written(tmp_path: Path, parts: list[bytes]) -> None:
    write_file(tmp_path, "a", b"x\n" + b"\n".join(parts))

    found, reports = lines(tmp_path, "a")

    assert found[1:] == [
        (number, part.rstrip(b"\r")) for number, part in enumerate(parts, start=2) if part.strip()
    ]
    assert reports == []


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_lines_or_a_problem(tmp_path: Path, content: bytes) -> None:
    for magic in (b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd"):
        write_file(tmp_path, "a", magic + content)

        _, reports = lines(tmp_path, "a")

        assert set(reports.codes) <= {"file-unreadable"}


def test_the_digest_is_that_of_the_bytes_on_disk(tmp_path: Path) -> None:
    content = gzip.compress(b"abc")
    write_file(tmp_path, "a.gz", content)

    assert file_sha256(tmp_path, "a.gz") == hashlib.sha256(content).hexdigest()


def test_a_file_of_the_limit_is_read_whole_and_one_byte_more_is_told(tmp_path: Path) -> None:
    write_file(tmp_path, "a.txt", "12345")

    assert read_bytes(tmp_path, "a.txt", 5) == b"12345"
    with pytest.raises(FileError, match="limit of 4 bytes"):
        read_bytes(tmp_path, "a.txt", 4)


def test_a_file_that_says_it_is_empty_is_read_whole() -> None:
    """As files that grow while they are read; those of Linux's /proc have no size."""
    assert read_bytes(Path(f"/proc/{os.getpid()}"), "status", 1_000_000).startswith(b"Name:")
