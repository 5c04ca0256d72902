"""Sound, video and PDF by their first bytes, for the browser to play or show.

Floor 2. A name alone is not enough: what is handed to a player must begin as what it is called.
Formats: RIFF WAVE, MPEG audio (ID3 or a frame header), Ogg, FLAC, ISO media (`ftyp`), Matroska and
WebM (EBML), PDF (`%PDF-` at the beginning: viewers allow it later, but so could a web page).
"""

from __future__ import annotations

import struct

from sitegen.read.content import PlayableContent

EXTENSIONS = {"WAV": "wav", "MP3": "mp3", "MP4": "mp4", "WebM": "webm", "PDF": "pdf"}
"""Extension of the published copy by format; what is not here is published as `bin`."""
_AUDIO_BRANDS = {b"M4A ", b"M4B ", b"mp4a"}


def sniff_playable(head: bytes, size_bytes: int) -> PlayableContent | None:
    """What the browser can do with a file that begins with *head*, None if it is neither."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _found("audio", "WAV", _wave_facts(head, size_bytes))
    if head.startswith(b"ID3") or _is_mpeg_frame(head):
        return _found("audio", "MP3")
    if head.startswith(b"fLaC"):
        return _found("audio", "FLAC")
    if head.startswith(b"OggS"):
        return _found("video" if b"theora" in head[:200] else "audio", "Ogg")
    if head[4:8] == b"ftyp":
        is_audio = head[8:12] in _AUDIO_BRANDS
        return _found("audio" if is_audio else "video", "M4A" if is_audio else "MP4")
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _found("video", "WebM" if b"webm" in head[:64] else "Matroska")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        version = head[head.index(b"%PDF-") + 5 :][:3].decode("latin-1")
        return _found("pdf", "PDF", f"PDF {version}" if version.replace(".", "").isdigit() else "")
    return None


def _found(kind: str, format: str, facts: str = "") -> PlayableContent:
    return PlayableContent(kind=kind, format=format, facts=facts or format)  # type: ignore[arg-type]  # one of its three


def _is_mpeg_frame(head: bytes) -> bool:
    """Whether two frames of layer III follow one another at the very beginning."""
    return (
        len(head) > 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
        and head[2] & 0xF0 not in {0, 0xF0} and head[2] & 0x0C != 0x0C
    )  # fmt: skip


def _wave_facts(head: bytes, size_bytes: int) -> str:
    """`44.1 kHz, 2 channels, 3.2 s` by the format chunk."""
    at = 12
    while at + 24 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt " and length >= 16:
            _, channels, rate, per_second = struct.unpack_from("<HHII", head, at + 8)
            if not (channels and rate and per_second):
                return ""
            seconds = max(0, size_bytes - at - 8 - length - 8) / per_second
            plural = "" if channels == 1 else "s"
            return f"WAV, {rate / 1000:g} kHz, {channels} channel{plural}, {seconds:.1f} s"
        at += 8 + length + length % 2
    return ""
