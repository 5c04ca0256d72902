"""What a terminal would show of a log, as pieces with classes: no escape sequence gets through.

Floor 3. Of ECMA-48 only "select graphic rendition" has an effect; cursor movement, titles and
links (OSC 8) are dropped. A line that a progress bar wrote over is shown as it was left. The eight
colours and their bright forms are kept; of 256 and true colours the nearest of the eight stands in.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sitegen.derive.attachments.highlight import Piece
from sitegen.records import dataclass

_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-9;:]*)(?P<rest>[ -/<-?0-9;:]*)(?P<final>[@-~])"
    r"|(?:\x1b[\]PX^_]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]"
    r"|[\x1b\x9b]"
)
_STYLES = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 9: "strike"}
_ENDS = {21: {"bold"}, 22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"}, 27: {"inverse"}}
_ENDS[29] = {"strike"}
_BRIGHTEST, _DARKEST = 170, 60
_LEVELS = (0, 95, 135, 175, 215, 255)  # of xterm's 6 × 6 × 6 cube


@dataclass(frozen=True, slots=True)
class _Pen:
    """The state that escape sequences change."""

    ink: str = ""
    """Colour of the text."""
    paper: str = ""
    """Colour behind it."""
    styles: frozenset[str] = frozenset()
    """Bold, dim and so on."""

    def classes(self) -> str:
        names = [self.ink, f"on-{self.paper}" if self.paper else "", *sorted(self.styles)]
        return " ".join(f"sg-ansi--{name}" for name in names if name)


def terminal_pieces(text: str) -> tuple[Piece, ...]:
    """*text* as a terminal leaves it, in pieces of one look each."""
    text = "\n".join(map(_overwritten, text.split("\n")))
    if "\x1b" not in text and "\x9b" not in text:
        return (("", text),) if text else ()
    pieces: list[Piece] = []
    pen, position = _Pen(), 0
    for match in _ESCAPE.finditer(text):
        _add(pieces, pen, text[position : match.start()])
        position = match.end()
        if match["final"] == "m" and not match["rest"]:
            pen = _changed(pen, match["parameters"])
    _add(pieces, pen, text[position:])
    return tuple(pieces)


def _overwritten(line: str) -> str:
    """What stays of a line that carriage returns wrote over."""
    parts = [part for part in line.split("\r") if part]
    return parts[-1] if parts else ""


def _add(pieces: list[Piece], pen: _Pen, text: str) -> None:
    if not text:
        return
    classes = pen.classes()
    if pieces and pieces[-1][0] == classes:
        text = pieces.pop()[1] + text
    pieces.append((classes, text))


def _changed(pen: _Pen, parameters: str) -> _Pen:
    codes = [int(code[:6] or 0) for code in re.split("[;:]", parameters)]
    position = 0
    while position < len(codes):
        code = codes[position]
        position += 1
        if code in {38, 48}:
            colour, used = _extended(codes[position : position + 5])
            position += used
            pen = replace(pen, ink=colour) if code == 38 else replace(pen, paper=colour)
        else:
            pen = _simple(pen, code)
    return pen


def _simple(pen: _Pen, code: int) -> _Pen:
    if code == 0:
        return _Pen()
    if code in _STYLES:
        return replace(pen, styles=pen.styles | {_STYLES[code]})
    if code in _ENDS:
        return replace(pen, styles=pen.styles - _ENDS[code])
    if 30 <= code <= 37 or 90 <= code <= 97:
        return replace(pen, ink=_named(code % 10 + (8 if code >= 90 else 0)))
    if 40 <= code <= 47 or 100 <= code <= 107:
        return replace(pen, paper=_NAMES[code % 10])
    if code == 39:
        return replace(pen, ink="")
    return replace(pen, paper="") if code == 49 else pen


def _extended(codes: list[int]) -> tuple[str, int]:
    """The colour of `5;n` or `2;r;g;b`, and how many codes it took."""
    if codes[:1] == [5] and len(codes) > 1:
        return _of_256(codes[1]).removeprefix("bright-") or "white", 2
    if codes[:1] == [2] and len(codes) > 3:
        return _nearest(codes[1], codes[2], codes[3]), 4
    return "", len(codes)


def _named(number: int) -> str:
    return f"bright-{_NAMES[number - 8]}" if number >= 8 else _NAMES[number]


def _of_256(number: int) -> str:
    if number < 16:
        return _named(number)
    if number < 232:
        number -= 16
        return _nearest(*(_LEVELS[step] for step in (number // 36, number // 6 % 6, number % 6)))
    grey = 8 + 10 * min(number - 232, 23)
    return _nearest(grey, grey, grey)


def _nearest(red: int, green: int, blue: int) -> str:
    """The colour whose bits are on where the channel is at least half of the strongest."""
    strongest = max(red, green, blue)
    if strongest < _DARKEST:
        return "black"
    if min(red, green, blue) > _BRIGHTEST:
        return "white"
    bits = [channel * 2 > strongest for channel in (red, green, blue)]
    return _NAMES[bits[0] + 2 * bits[1] + 4 * bits[2]]
