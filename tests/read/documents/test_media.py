from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.read.documents.media import ImageHead, sniff_image, svg_fault


def png(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    length, check = struct.pack(">I", 13), struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + length + chunk + check


def jpeg(width: int, height: int) -> bytes:
    profile = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    return b"\xff\xd8" + profile + b"\xff\xc0" + struct.pack(">HB2H", 11, 8, height, width)


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF" + bytes(4) + b"WEBP" + kind + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (png(640, 480), ("png", 640, 480)),
        (jpeg(300, 200), ("jpeg", 300, 200)),
        (b"GIF89a" + struct.pack("<2H", 12, 34), ("gif", 12, 34)),
        (webp(b"VP8 ", bytes(6) + struct.pack("<2H", 320, 240)), ("webp", 320, 240)),
        (webp(b"VP8L", b"\x2f" + (99 | 49 << 14).to_bytes(4, "little")), ("webp", 100, 50)),
        (
            webp(b"VP8X", bytes(4) + (799).to_bytes(3, "little") + (599).to_bytes(3, "little")),
            ("webp", 800, 600),
        ),
        (b"\x89PNG\r\n\x1a\n", ("png", None, None)),
        (b"\xff\xd8\xff", ("jpeg", None, None)),
    ],
)
def test_a_picture_is_told_by_its_header(head: bytes, expected: tuple[str, int, int]) -> None:
    kind, width, height = expected

    assert sniff_image(head) == ImageHead(format=kind, width=width, height=height)  # type: ignore[arg-type]


@pytest.mark.parametrize("head", [b"", b"<html>", b"%PDF-1.7", b"RIFF\0\0\0\0WAVE", b"GIF90a"])
def test_what_is_no_picture_is_none(head: bytes) -> None:
    assert sniff_image(head) is None


@given(
    st.sampled_from([png(1, 1)[:8], b"\xff\xd8\xff", b"GIF89a", b"RIFF1234WEBPVP8X"]), st.binary()
)
def test_any_bytes_after_a_signature_are_a_picture_of_some_size_or_none(
    signature: bytes, rest: bytes
) -> None:
    image = sniff_image(signature + rest)

    assert image is not None
    assert (image.width is None) == (image.height is None)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'


def test_a_right_svg_has_no_fault() -> None:
    assert svg_fault(SVG) is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg><rect/></svg>", "not svg of the SVG namespace"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "not svg of the SVG namespace"),
        (b"<svg", "line 1: it is not well-formed XML"),
        (b"", "not well-formed XML"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG, "declares entities"),
    ],
)
def test_an_svg_that_cannot_be_drawn_says_why(content: bytes, said: str) -> None:
    assert said in (svg_fault(content) or "")


@given(st.binary())
def test_any_bytes_are_drawn_or_have_a_fault(content: bytes) -> None:
    assert svg_fault(content) is None or isinstance(svg_fault(content), str)
