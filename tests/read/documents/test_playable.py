"""What a browser plays or shows is told by its bytes; a PDF that acts is not shown."""

from __future__ import annotations

import dataclasses
import io
import struct
import wave
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.bundle.limits import DEFAULT_LIMITS
from sitegen.read.documents.pdf import pdf_fault
from sitegen.read.documents.playable import sniff_playable


def sound() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(44_100 * 4))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("head", "kind", "format"),
    [
        (sound()[:200], "audio", "WAV"),
        (b"ID3\4\0", "audio", "MP3"),
        (b"\xff\xfb\x90\x00\0", "audio", "MP3"),
        (b"fLaC\0", "audio", "FLAC"),
        (b"OggS\0\2", "audio", "Ogg"),
        (b"\0\0\0\x18ftypmp42", "video", "MP4"),
        (b"\0\0\0\x18ftypM4A ", "audio", "M4A"),
        (b"\x1a\x45\xdf\xa3\x42\x82\x84webm", "video", "WebM"),
        (b"\x1a\x45\xdf\xa3\x42\x82\x88matroska", "video", "Matroska"),
        (b"%PDF-1.7\n", "pdf", "PDF"),
    ],
)
def test_a_format_is_told_by_its_first_bytes(head: bytes, kind: str, format: str) -> None:
    found = sniff_playable(head, 1_000)

    assert found is not None
    assert (found.kind, found.format) == (kind, format)


def test_a_wave_says_how_long_it_is() -> None:
    content = sound()

    found = sniff_playable(content[:200], len(content))

    assert found is not None
    assert found.facts == "WAV, 44.1 kHz, 2 channels, 1.0 s"


@given(st.sampled_from([b"RIFF\0\0\0\0WAVE", b"ID3", b"%PDF-", b""]), st.binary(max_size=80))
def test_any_bytes_are_a_format_or_none(start: bytes, rest: bytes) -> None:
    sniff_playable(start + rest, 10)


def fault(content: bytes, **limits: int) -> str | None:
    changed = dataclasses.replace(DEFAULT_LIMITS, **limits)
    return pdf_fault(io.BytesIO(content), len(content), changed)


def stream(content: bytes, head: bytes = b"") -> bytes:
    return b"1 0 obj<</Filter/FlateDecode" + head + b">>stream\n" + content + b"\nendstream"


def test_a_plain_pdf_is_shown() -> None:
    page = stream(zlib.compress(b"BT (page) Tj ET"))

    assert fault(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n" + page) is None


@pytest.mark.parametrize(
    "content",
    [
        b"<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>",
        b"<</S/Java#53cript>>",
        b"<</#4aS (x)>>",
        b"<</S/Launch/F(cmd.exe)>>",
        b"<</AA<</O<</S/SubmitForm>>>>>>",
        b"<</AcroForm<</XFA[]>>>>",
        stream(zlib.compress(b"<</S/JavaScript/JS(x)>>"), b"/Type/ObjStm"),
        stream(zlib.compress(b"<</S/JavaScript/JS(x)>>")),
        b"1 0 obj<</Filter/Fl/Type/ObjStm>>stream\r\n" + zlib.compress(b"/JS (x)"),
    ],
)
def test_a_pdf_that_acts_is_not_shown(content: bytes) -> None:
    assert "scripts or actions" in (fault(b"%PDF-1.4\n" + content) or "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<</Encrypt 5 0 R>>", "encrypted"),
        (b"1 0 obj<</Type/ObjStm/Filter/LZWDecode>>stream\nxx", "cannot be looked into"),
        (stream(b"damaged", b"/Type/ObjStm"), "damaged"),
        (stream(zlib.compress(bytes(3_000_000))), "unpacks to over"),
    ],
)
def test_a_pdf_that_cannot_be_looked_into_is_not_shown(content: bytes, said: str) -> None:
    assert said in (fault(b"%PDF-1.4\n" + content, pdf_decoded_bytes=1_000_000) or "")


def test_a_name_that_only_begins_like_one_that_acts_is_fine() -> None:
    assert fault(b"%PDF-1.4\n<</JSON 1/LaunchPad 2>>") is None


@given(st.binary(max_size=300))
def test_any_bytes_are_shown_or_have_a_reason(content: bytes) -> None:
    fault(b"%PDF-1.4\n" + stream(content, struct.pack("<I", len(content))))
