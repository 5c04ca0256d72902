"""JSON documents of a file, one after another: JSON Lines, one pretty object, several, an array.

Floor 2. Lines are streamed, decoded by msgspec, and by the standard library where that is stricter
than files in the wild (bare NaN, lone surrogates). A line or document that is broken is a problem
with its place; the rest is read.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.model import Json, Span
from sitegen.read.documents.json_text import scrub
from sitegen.read.files import Report
from sitegen.read.lines import has_more_values, iter_lines

_BETWEEN = b" \t\r,\x1e\x00"
_SEPARATORS = re.compile(r"[\s,\x1e\x00]*")
_NEXT_DOCUMENT = re.compile(r"^[ \t]*[{\[]", re.MULTILINE)
_LOOKED_AT = 2
_DECODER = msgspec.json.Decoder()
Shortcut = Callable[[bytes, int], list[Span] | None]
"""Takes a document and its line; the spans in it if it is canonical, else None."""


class Document(NamedTuple):
    """A document of a file."""

    line: int
    """Line where it starts."""
    value: Json
    """Its value, None if its spans are known."""
    spans: list[Span] | None
    """Its spans, where the shortcut could be taken."""


class _BadJsonError(ValueError):
    pass


def iter_documents(
    root: Path, path: str, limits: Limits, report: Report, shortcut: Shortcut
) -> Iterator[Document]:
    """Each JSON document of a text file with the line where it starts."""
    lines = iter_lines(root, path, limits, report)
    first = list(itertools.islice(lines, _LOOKED_AT))
    rest = itertools.chain(first, lines)
    if any(_is_document(line) for _, line in first):
        yield from _documents_by_line(rest, path, report, shortcut)
    else:
        yield from _documents_of_text(rest, path, limits, report, shortcut)


def _is_document(line: bytes) -> bool:
    try:
        return isinstance(decode(line.strip(_BETWEEN)), (dict, list))
    except _BadJsonError:
        return False


def _documents_by_line(
    lines: Iterable[tuple[int, bytes]], path: str, report: Report, shortcut: Shortcut
) -> Iterator[Document]:
    for number, line in lines:
        bare = line.strip(_BETWEEN)
        if bare in {b"", b"[", b"]"}:  # an array with one document a line
            continue
        spans = shortcut(bare, number)
        if spans is not None:
            yield Document(number, None, spans)
            continue
        try:
            yield Document(number, decode(bare), None)
        except _BadJsonError as error:
            report(_bad_line(path, number, line, str(error)))


def _bad_line(path: str, number: int, line: bytes, message: str) -> Problem:
    start = line[:60].decode("utf-8", "replace")
    return Problem(
        code="json-invalid",
        severity="error",
        path=path,
        line=number,
        message=f"the line is no JSON document: {message}; it starts {start!r}",
        hint="The line is left out; the rest of the file is read.",
    )


def decode(content: bytes) -> Json:
    """The JSON value in *content*; NaN, Infinity and lone surrogates are accepted.

    Raises:
        ValueError: if it is none.
    """
    try:
        return _DECODER.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # a second look by the laxer parser, which also has the better message
    try:
        return scrub(json.loads(content.decode("utf-8", "replace")))
    except json.JSONDecodeError as error:
        message = f"{error.msg[:1].lower()}{error.msg[1:]} at column {error.colno}"
        raise _BadJsonError(message) from error
    except (ValueError, RecursionError) as error:
        raise _BadJsonError(_other_message(error)) from error


def _other_message(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"a number in it is too long ({error})"


def _documents_of_text(
    lines: Iterable[tuple[int, bytes]],
    path: str,
    limits: Limits,
    report: Report,
    shortcut: Shortcut,
) -> Iterator[Document]:
    """The documents of a text that has line breaks inside of them; bounded by `json_bytes`."""
    content = _whole(lines, path, limits, report)
    if len(content) > 2 * limits.json_values and has_more_values(content, limits.json_values):
        report(_too_many(path, limits))
        return
    bare = content.lstrip(_BETWEEN + b"\n")
    first = content.count(b"\n", 0, len(content) - len(bare)) + 1
    spans = shortcut(bare, first)
    if spans is not None:
        yield Document(first, None, spans)
        return
    text = content.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    position = _skip_separators(text, 0)
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            report(_bad_document(path, text, position, error))
            following = _NEXT_DOCUMENT.search(
                text, max(_place(error), text.find("\n", position), position) + 1
            )
            position = following.start() if following else len(text)
            position = _skip_separators(text, position)
            continue
        yield Document(text.count("\n", 0, position) + 1, scrub(value), None)
        position = _skip_separators(text, end)


def _too_many(path: str, limits: Limits) -> Problem:
    return Problem(
        code="too-many-values",
        severity="error",
        path=path,
        message=f"the text holds more than the limit of {limits.json_values:,} values",
        hint="It is left out. Write JSON Lines, or raise json_values under [limits] in"
        " sitegen.toml.",
    )


def _skip_separators(text: str, position: int) -> int:
    match = _SEPARATORS.match(text, position)
    return match.end() if match else position


def _place(error: Exception) -> int:
    return error.pos if isinstance(error, json.JSONDecodeError) else -1


def _whole(lines: Iterable[tuple[int, bytes]], path: str, limits: Limits, report: Report) -> bytes:
    kept, last = bytearray(), 0
    for number, line in lines:
        blank = number - 1 - last
        if len(kept) + blank + len(line) + 1 > limits.json_bytes:
            report(
                Problem(
                    code="json-too-large",
                    severity="error",
                    path=path,
                    line=number,
                    message=f"the document passes the limit of {limits.json_bytes:,} bytes",
                    hint="What came before is read. Write JSON Lines, or raise json_bytes under "
                    "[limits] in sitegen.toml.",
                )
            )
            break
        kept += b"\n" * blank  # so that the numbers of lines stay right
        kept += line
        kept += b"\n"
        last = number
    return bytes(kept[:-1])


def _bad_document(path: str, text: str, start: int, error: Exception) -> Problem:
    place = max(start, _place(error))
    line = text.count("\n", 0, place) + 1
    column = place - (text.rfind("\n", 0, place) + 1) + 1
    if isinstance(error, json.JSONDecodeError):
        what = f"{error.msg[:1].lower()}{error.msg[1:]}"
    else:
        what = _other_message(error)
    found = text[place : place + 20] or "the end of the file"
    return Problem(
        code="json-invalid",
        severity="error",
        path=path,
        line=line,
        message=f"column {column}: {what}, found {found!r}",
        hint="The document is left out; the next that starts on a line of its own is read.",
    )
