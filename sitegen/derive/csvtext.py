r"""Lines of CSV that a spreadsheet opens as data, never as formulas.

Floor 3. RFC 4180 quoting with `\n` line ends. Text that a spreadsheet would run (CWE-1236, OWASP
"CSV Injection") gets a leading apostrophe; numbers are untouched, so that `-1.5` stays a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from sitegen.model import Json
from sitegen.units import exact_text

_FORMULA = re.compile(r"[\s\x00-\x1f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[ \ufeff\xa0]*[\t\r]")
"""A formula, full-width twins included, after white space and the control characters that a
spreadsheet drops; matched at the start of the cell."""
_QUOTED = re.compile(r'[",\r\n]|^\s|\s$')


def csv_line(cells: Iterable[Json]) -> str:
    r"""One line with its `\n`: None is empty, lists and objects JSON, floats read back exactly."""
    return ",".join(_cell(cell) for cell in cells) + "\n"


def _cell(value: Json) -> str:
    match value:
        case None:
            return ""
        case bool() | int() | float():
            return exact_text(value)
        case str():
            return _text_cell(value)
        case _:
            return _text_cell(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _text_cell(text: str) -> str:
    if _FORMULA.match(text):
        text = f"'{text}"
    if _QUOTED.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text
