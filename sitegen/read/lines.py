"""The lines of a text file, one by one or as blocks of whole lines, within the limits.

Floor 2. Blocks are some 96 kB: what is read stays in the processor's cache until it is decoded.
With blocks of 1 MB, as `chunks` has them, JSON takes half as long again to decode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from sitegen.bundle.limits import Limits
from sitegen.errors import Problem
from sitegen.read.files import FileError, Report, chunks, open_decoded, unreadable

_BLOCK = 3 << 15
"""Of samples, blocks of 32 kB take a tenth more for each line, of 256 kB as much."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_WHOLE_STRINGS = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_COUNTED_AT_ONCE = 1 << 18


def iter_lines(
    root: Path, path: str, limits: Limits, report: Report
) -> Iterator[tuple[int, bytes]]:
    r"""Line number from 1 and content without its end, for each non-blank line of a text file.

    A byte order mark is dropped; `\n` and `\r\n` end a line. A line beyond `limits.line_bytes` or
    `limits.json_values` is skipped with a problem; a file that breaks off is read up to there.
    """
    for number, block in line_blocks(root, path, limits, report):
        yield from split_lines(block, number, path, limits, report)


def line_blocks(
    root: Path, path: str, limits: Limits, report: Report
) -> Iterator[tuple[int, bytes]]:
    """Number of the first line and the bytes of whole lines, for `split_lines`: about 96 kB, or
    one longer line. Blocks of nothing but space are left out.
    """
    pieces: list[bytes] = []  # of the line that is not yet whole
    held, number, is_skipping = 0, 1, False
    try:
        with open_decoded(root, path) as stream:
            for chunk in chunks(stream, path, limits, most_bytes=_BLOCK):
                cut = chunk.rfind(b"\n") + 1
                if cut:
                    block = b"".join((*pieces, chunk[:cut]))
                    if is_skipping:
                        block = block[block.index(b"\n") + 1 :]
                        number += 1
                        is_skipping = False
                    if block and not block.isspace():
                        yield number, block
                    number += count_byte(block, b"\n")
                    pieces, held = [chunk[cut:]], len(chunk) - cut
                elif not is_skipping:
                    pieces.append(chunk)
                    held += len(chunk)
                if held > limits.line_bytes:
                    if not is_skipping:
                        report(_too_long(path, number, limits))
                    pieces, held, is_skipping = [], 0, True
    except FileError as error:
        report(unreadable(path, error.message, hint="What came before was read."))
    if held and not is_skipping:
        yield number, b"".join(pieces)


def split_lines(
    block: bytes, number: int, path: str, limits: Limits, report: Report
) -> Iterator[tuple[int, bytes]]:
    """The non-blank lines of a block whose first line has *number*, as `iter_lines` tells."""
    most_values = limits.json_values
    for at, line in enumerate(block.split(b"\n"), number):
        if len(line) > 2 * most_values and has_more_values(line, most_values):
            report(_too_many(path, at, limits))
        elif at == 1 or line[-1:] == b"\r":
            content = line.removeprefix(_BYTE_ORDER_MARK) if at == 1 else line
            if content.strip():
                yield at, content.rstrip(b"\r")
        elif line and not line.isspace():  # nearly all lines: no copy
            yield at, line


def count_byte(content: bytes, byte: bytes) -> int:
    """How often *byte* stands in *content*; five times as fast as `bytes.count`."""
    import numpy as np  # heavy; whoever reads lines of data has it already

    return int(np.count_nonzero(np.frombuffer(content, dtype=np.uint8) == byte[0]))


def has_more_values(content: bytes, most: int) -> bool:
    """Whether JSON text holds more values than *most*: each takes some 60 bytes of memory, so that
    64 MB of `[],` are 1.5 GB.
    """
    if _values(content) <= most:  # also counts what stands in strings, so never too few
        return False
    found = start = 0
    while start < len(content) and found <= most:
        # In pieces: what the pattern leaves between the strings of 40 MB took 900.
        end = _WHOLE_STRINGS.match(content, start, start + _COUNTED_AT_ONCE).end()  # type: ignore[union-attr]  # it matches nothing, too
        if end == start:  # a string that is longer, or the last one, without an end
            long = _STRING.match(content, start)
            end = long.end() if long else len(content)
        found += _values(_STRING.sub(b"", content[start:end]))
        start = end
    return found > most


def _values(content: bytes) -> int:
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def _too_many(path: str, line: int, limits: Limits) -> Problem:
    return Problem(
        code="too-many-values",
        severity="error",
        path=path,
        line=line,
        message=f"the line holds more than the limit of {limits.json_values:,} values",
        hint="The line is left out; raise json_values under [limits] in sitegen.toml.",
    )


def _too_long(path: str, line: int, limits: Limits) -> Problem:
    return Problem(
        code="line-too-long",
        severity="error",
        path=path,
        line=line,
        message=f"the line is longer than the limit of {limits.line_bytes:,} bytes",
        hint="The line is left out; raise line_bytes under [limits] in sitegen.toml.",
    )
