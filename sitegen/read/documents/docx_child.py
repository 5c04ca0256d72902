"""The process that converts one Word document: document on stdin, JSON on stdout.

Floor 2, run by `read/documents/docx.py`. Before mammoth sees the document its size unpacked, its
paragraphs and its nesting are counted as a stream. What mammoth makes goes through nh3: no scripts,
no styles, links to http, https and mail, pictures only as data of raster formats.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

_MEMORY_BYTES = 1_000_000_000
_DOCUMENT = "word/document.xml"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_TAGS = frozenset({
    "a", "b", "blockquote", "br", "code", "del", "dd", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "s", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_FAULTS = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, KeyError, ValueError, OSError, IndexError,
    AttributeError, TypeError, NotImplementedError, RuntimeError, EOFError, MemoryError,
    SyntaxError,
)  # fmt: skip
"""What mammoth and the standard library raise on documents that are none; never printed."""


class _RefusedError(Exception):
    """A document beyond a limit; its text says which."""


def main(bounds: Mapping[str, int]) -> None:
    """Converts stdin; always answers with one JSON object."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds["seconds"], bounds["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        answer = converted(content, bounds)
    except _RefusedError as error:
        answer = {"reason": str(error)}
    except RecursionError:
        answer = {"reason": "it is nested too deeply"}
    except _FAULTS:
        answer = {"reason": "it is not a Word document that can be read"}
    sys.stdout.write(json.dumps(answer))


def converted(content: bytes, bounds: Mapping[str, int]) -> dict[str, Any]:
    """The answer for the document *content*.

    Raises:
        _RefusedError: for a document beyond *bounds*.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_size(archive, bounds["decoded_bytes"])
        paragraphs = _checked_paragraphs(archive, bounds)
    import mammoth

    result = mammoth.convert_to_html(io.BytesIO(content))
    kinds = {message.message.partition(":")[0] for message in result.messages}
    notes = [f"Left out or simplified: {len(kinds)} kinds of formatting."] if len(kinds) > 1 else []
    return {"html": _sanitised(result.value), "paragraphs": paragraphs, "notes": notes}


def _check_size(archive: zipfile.ZipFile, limit: int) -> None:
    """Claimed sizes are enough: zipfile reads no member beyond what it claims."""
    total = sum(member.file_size for member in archive.infolist())
    if total > limit:
        raise _RefusedError(f"it unpacks to {total:,} bytes, the limit is {limit:,}")


def _checked_paragraphs(archive: zipfile.ZipFile, bounds: Mapping[str, int]) -> int:
    """How many paragraphs its main part has."""
    count = depth = 0
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _: object) -> None:
        nonlocal count, depth
        depth += 1
        if name in {f"{_WORD} p", f"{_STRICT} p"}:
            count += 1
        if count > bounds["paragraphs"]:
            raise _RefusedError(f"it has more than {bounds['paragraphs']:,} paragraphs")
        if depth > bounds["depth"]:
            raise _RefusedError(f"it is nested deeper than {bounds['depth']} levels")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    with archive.open(_DOCUMENT) as stream:
        while chunk := stream.read(65_536):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return count


def _sanitised(html: str) -> str:
    import nh3

    def attribute(tag: str, name: str, value: str) -> str | None:
        if (tag, name) == ("img", "src"):
            return re.sub(r"\s+", "", value) if _PICTURE.fullmatch(value) else None
        return value

    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"},
                    "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto", "data"},
        attribute_filter=attribute,
        link_rel=None,
    )  # fmt: skip
