from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.read.documents.textfiles import (
    decode,
    find_encoding,
    looks_like_text,
    without_controls,
)


@pytest.mark.parametrize(
    ("content", "text", "label"),
    [
        ("grüße".encode(), "grüße", "UTF-8"),
        ("grüße".encode("utf-8-sig"), "grüße", "UTF-8 with byte order mark"),
        ("grüße".encode("utf-16"), "grüße", "UTF-16"),
        (b"\xfe\xff" + "grüße".encode("utf-16-be"), "grüße", "UTF-16"),
        ("a,b,c\n1,2,3\n".encode("utf-16-le"), "a,b,c\n1,2,3\n", "UTF-16 without mark"),
        ("grüße".encode("latin-1"), "grüße", "Latin-1, taken because it is not UTF-8"),
        (b"a\r\nb", "a\nb", "UTF-8"),
        (b"", "", "UTF-8"),
    ],
)
def test_the_encoding_is_found_and_named(content: bytes, text: str, label: str) -> None:
    decoded, encoding = decode(content)

    assert (decoded, encoding.label) == (text, label)


def test_a_character_cut_at_the_end_is_no_reason_to_leave_utf8() -> None:
    assert find_encoding("grüße".encode()[:3]).label == "UTF-8"


@pytest.mark.parametrize(
    ("head", "is_text"),
    [
        (b"", True),
        (b"plain\twords\r\n", True),
        (b"\x1b[31mred\x1b[0m", True),
        (b"done\a\r\n", True),
        ("grüße".encode("latin-1") + b" and more words", True),
        ("grüße".encode("utf-16"), True),
        (b"PK\x03\x04\x14\x00\x00", False),
        (b"abc\0def", False),
        (bytes(range(256)), False),
    ],
)
def test_text_is_told_from_binary(head: bytes, is_text: bool) -> None:
    assert looks_like_text(head) == is_text


def test_control_characters_become_pictures() -> None:
    assert without_controls("a\0b\x1b\tc\nd\x7f") == "a␀b␛\tc\nd␡"


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded(content: bytes) -> None:
    text, encoding = decode(content)

    assert isinstance(without_controls(text), str)
    assert encoding.label
    assert looks_like_text(content) in {True, False}
