"""What a file is by its first bytes, and how large a picture is, without decoding it.

Floor 2. Names lie and decoders have faults; a header of some dozen bytes is enough to choose a
preview. Formats: PNG (RFC 2083), GIF89a, JPEG (ITU T.81 segments), WebP (RFC 9649).
"""

from __future__ import annotations

import struct
from typing import Literal
from xml.parsers import expat

from sitegen.records import dataclass

ImageFormat = Literal["png", "jpeg", "gif", "webp"]
HEAD_BYTES = 262_144
"""How much of a file is enough: a JPEG may hold its size after a long profile."""

_SVG_ROOT = "http://www.w3.org/2000/svg svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHead:
    """Format and size of a picture."""

    format: ImageFormat
    """Which format its bytes have."""
    width: int | None
    """Width in px, None if the header does not say."""
    height: int | None
    """Height in px, None if the header does not say."""


def sniff_image(head: bytes) -> ImageHead | None:
    """Format and size of the picture that begins with *head*, None if it is none."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _image("png", _unpack(">4s2I", head, 12)[1:] if head[12:16] == b"IHDR" else ())
    if head[:6] in {b"GIF87a", b"GIF89a"}:
        return _image("gif", _unpack("<2H", head, 6))
    if head.startswith(b"\xff\xd8\xff"):
        return _image("jpeg", _jpeg_size(head))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _image("webp", _webp_size(head))
    return None


def _image(format: ImageFormat, size: tuple[int, ...]) -> ImageHead:
    width, height = size if len(size) == 2 and all(size) else (None, None)
    return ImageHead(format=format, width=width, height=height)


def _unpack(layout: str, head: bytes, offset: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(layout, head, offset)
    except struct.error:
        return ()


def _jpeg_size(head: bytes) -> tuple[int, ...]:
    """Height and width stand in the first start-of-frame segment."""
    position = 2
    while position + 4 <= len(head) and head[position] == 0xFF:
        marker = head[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            return _unpack(">2H", head, position + 5)[::-1]
        length = int.from_bytes(head[position + 2 : position + 4], "big")
        if marker == 0xDA or length < 2:
            break
        position += 2 + length
    return ()


def _webp_size(head: bytes) -> tuple[int, ...]:
    match head[12:16]:
        case b"VP8 ":
            return tuple(side & 0x3FFF for side in _unpack("<2H", head, 26))
        case b"VP8L":
            bits = int.from_bytes(head[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width, height = head[24:27], head[27:30]
            return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    return ()


def svg_fault(content: bytes) -> str | None:
    """Why a browser cannot draw *content* as an SVG picture, None if it can.

    Only the outermost element and well-formedness are looked at; nothing is loaded or expanded
    (expat refuses entity bombs, and we refuse entities at all).
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    roots: list[str] = []
    entities: list[str] = []
    parser.StartElementHandler = lambda name, _: None if roots else roots.append(name)
    parser.EntityDeclHandler = lambda name, *_: entities.append(name)
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        return f"line {error.lineno}: it is not well-formed XML ({expat.ErrorString(error.code)})"
    except ValueError as error:
        return f"it cannot be decoded ({error})"
    if entities:
        return "it declares entities of its own"
    if roots != [_SVG_ROOT]:
        return "its outermost element is not svg of the SVG namespace"
    return None
