r"""Whether a PDF may be handed to the browser's viewer: not if it holds scripts or acts by itself.

Floor 2. Browsers run a PDF's JavaScript (Chromium opens the dialogs that it asks for), and a viewer
does not work in a sandboxed frame. So the names of what acts are looked for (ISO 32000-1, 12.6), in
the file as written and in its Flate streams, where object streams hide them, `#xx` undone. What
cannot be looked into (encrypted, another filter on object streams, beyond the limit) is not shown
either; every PDF stays published as it is.
"""

from __future__ import annotations

import re
import zlib
from typing import BinaryIO

from sitegen.bundle.limits import Limits
from sitegen.units import bytes_text

_ACTS = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|RichMedia|XFA|GoToR|GoToE|Rendition)"
    rb"(?![A-Za-z0-9])"
)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"stream\r?\n")
_HEAD_BYTES = 2_000


def pdf_fault(stream: BinaryIO, size_bytes: int, limits: Limits) -> str | None:
    """Why the PDF is not shown by the browser's viewer, None if it may be."""
    if size_bytes > limits.publish_bytes:
        return "It is not shown here: the file is not published."
    stream.seek(0)
    content = stream.read()
    if re.search(rb"/Encrypt(?![A-Za-z0-9])", content):
        return "It is not shown here: it is encrypted, so that nobody can tell what it would do."
    if _acts(content):
        return _found()
    room = limits.pdf_decoded_bytes
    for mark in _STREAM.finditer(content):
        head = _plain(content[max(0, mark.start() - _HEAD_BYTES) : mark.start()])
        head = head[head.rfind(b"obj") :]
        if b"/FlateDecode" not in head and b"/Fl" not in head:
            if b"/ObjStm" in head and b"/Filter" in head:
                return "It is not shown here: parts of it cannot be looked into."
            continue
        decoded, is_whole = _inflated(content, mark.end(), room)
        room -= len(decoded)
        if _acts(decoded):
            return _found()
        if not is_whole and (room <= 0 or b"/ObjStm" in head):
            limit = bytes_text(limits.pdf_decoded_bytes)
            return f"It is not shown here: it unpacks to over {limit} or is damaged."
    return None


def _found() -> str:
    return "It is not shown here: it holds scripts or actions, which a viewer may run."


def _plain(content: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)


def _acts(content: bytes) -> bool:
    return _ACTS.search(_plain(content) if b"#" in content else content) is not None


def _inflated(content: bytes, start: int, room: int) -> tuple[bytes, bool]:
    """What the stream that begins at *start* decodes to, and whether that is all of it."""
    decoder = zlib.decompressobj()
    try:
        decoded = decoder.decompress(content[start:], max(0, room))
    except zlib.error:
        return b"", False
    return decoded, decoder.eof
