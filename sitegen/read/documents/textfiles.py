"""Bytes as text: which encoding they are in, and whether they are text at all.

Floor 2. A byte order mark decides, then UTF-8, then Latin-1, which never fails; what was taken is
named, so that a reader can doubt it.
"""

from __future__ import annotations

import codecs

from sitegen.records import dataclass

SNIFF_BYTES = 8_192
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
# Printed as what they are (Unicode "Control Pictures"): raw ones are invisible or invalid in HTML.
_PICTURES = {code: 0x2400 + code for code in range(32) if code not in {9, 10, 13}} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How bytes are turned into text."""

    codec: str
    """Python's name of the codec."""
    label: str
    """What people call it."""


UTF8 = Encoding(codec="utf-8", label="UTF-8")
LATIN1 = Encoding(codec="latin-1", label="Latin-1, taken because it is not UTF-8")


def find_encoding(head: bytes) -> Encoding:
    """The encoding of a file that begins with *head*, which may end within a character."""
    for mark, codec, label in _MARKS:
        if head.startswith(mark):
            return Encoding(codec=codec, label=label)
    zeros = (head[0:200:2].count(0), head[1:200:2].count(0))
    if len(head) >= 16 and max(zeros) > 0.4 * min(len(head), 200) / 2 > 4 * min(zeros):
        little = zeros[1] > zeros[0]
        return Encoding(codec="utf-16-le" if little else "utf-16-be", label="UTF-16 without mark")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return LATIN1
    return UTF8


def decode(content: bytes) -> tuple[str, Encoding]:
    """The text with Unix line ends and how it was decoded; undecodable bytes become U+FFFD."""
    encoding = find_encoding(content)
    text = codecs.getincrementaldecoder(encoding.codec)("replace").decode(content)
    return text.replace("\r\n", "\n"), encoding


def looks_like_text(head: bytes) -> bool:
    """Whether a file that begins with *head* is text: no NUL, few control characters."""
    encoding = find_encoding(head[:SNIFF_BYTES])
    if encoding.codec.startswith("utf-16") or encoding.codec == "utf-32":
        return True
    sample = head[:SNIFF_BYTES]
    controls = sum(sample.count(code) for code in range(32) if code not in b"\a\t\n\v\r\f\x1b\b")
    if encoding is LATIN1:
        return controls == 0 and sum(byte >= 0x80 for byte in sample) < 0.3 * len(sample)
    return b"\0" not in sample and controls <= len(sample) // 100


def without_controls(text: str) -> str:
    """*text* with control characters as their pictures: NUL as ␀."""
    return text.translate(_PICTURES)
