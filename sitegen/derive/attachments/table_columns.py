"""Types and statistics of the columns of an attached table.

Floor 3. Over all rows that were scanned, which the note says where it is not all of them. Numbers
are those that Python reads as such; what is empty or missing is counted and in no figure.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sitegen.derive.attachments.views import Column
from sitegen.read.documents.tables import ColumnScan
from sitegen.units import count_text, number_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BARS = 16
_INT = re.compile(r"[+-]?(?:0|[1-9]\d{0,18})")
_FLOAT = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?|nan", re.IGNORECASE
)
_BOOL = re.compile(r"true|false", re.IGNORECASE)
RIGHT = frozenset({"int", "float", "decimal", "bool", "bytes"})
"""Types whose cells are set right."""
_FEW = 4
_LONGEST_VALUE = 20


def column_of(name: str, stated: str | None, scan: ColumnScan) -> Column:
    """The column called *name*, of the type that the file states or that fits all its cells."""
    if scan.numbers is not None:
        kind = stated or "float"
        summary, bars = _of_numbers(scan.numbers, scan.missing)
        return Column(name=name, type=kind, is_right=kind in RIGHT, summary=summary, bars=bars)
    import numpy as np

    filled = [cell.strip() for cell in scan.texts if cell and cell.strip()]
    missing = scan.missing + len(scan.texts) - len(filled)
    kind = stated or type_of(filled)
    if kind in {"int", "float"}:
        numbers = np.array([_number(cell) for cell in filled], dtype=np.float64)
        summary, bars = _of_numbers(numbers, missing)
    else:
        summary, bars = _of_texts(filled, missing), ()
    return Column(name=name, type=kind, is_right=kind in RIGHT, summary=summary, bars=bars)


def type_of(cells: Sequence[str]) -> str:
    """The narrowest type that all *cells* have; ids such as `007` stay text."""
    if not cells:
        return "text"
    for name, pattern in (("int", _INT), ("float", _FLOAT), ("bool", _BOOL)):
        if all(pattern.fullmatch(cell) for cell in cells):
            has_code = any(len(cell) > 1 and cell[0] == "0" and cell.isdigit() for cell in cells)
            return "text" if has_code else name
    return "text"


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _of_numbers(values: NDArray[np.float64], missing: int) -> tuple[str, tuple[int, ...]]:
    """`0.41 to 0.99, mean 0.87, 3 missing`, and the histogram."""
    import numpy as np

    finite = values[np.isfinite(values)]
    parts = []
    bars: tuple[int, ...] = ()
    if len(finite):
        low, high = float(finite.min()), float(finite.max())
        # Scaled before it is summed: values near the largest float would overflow.
        scale = max(abs(low), abs(high)) or 1.0
        mean = float(f"{np.mean(finite / scale) * scale:.12g}")
        if low == high:
            parts.append(f"all {number_text(low)}")
        else:
            parts.append(f"{number_text(low)} to {number_text(high)}, mean {number_text(mean)}")
            bars = _bars(finite / scale)
    parts += _absences(len(values) - len(finite), missing)
    return ", ".join(parts), bars


def _bars(values: NDArray[np.float64]) -> tuple[int, ...]:
    import numpy as np

    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(high - low) and high > low) or len(values) < 2 * BARS:
        return ()
    places = np.minimum((values - low) / (high - low) * BARS, BARS - 1).astype(np.int64)
    counts = np.bincount(places, minlength=BARS)
    most = int(counts.max())
    # A bar that holds anything is seen.
    return tuple(int(-(-int(count) * 100 // most)) for count in counts)


def _of_texts(filled: list[str], missing: int) -> str:
    counts = Counter(filled)
    parts = []
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(counts) == 1 and len(filled) > 1 and len(filled[0]) <= _LONGEST_VALUE:
        parts.append(f"all {filled[0]}")
    elif 1 < len(counts) <= _FEW and all(len(text) <= _LONGEST_VALUE for text in counts):
        parts.append(" · ".join(f"{text} {count_text(count)}" for text, count in common))
    elif counts:
        all_differ = len(counts) == len(filled)
        parts.append("all different" if all_differ else f"{count_text(len(counts))} different")
    return ", ".join([*parts, *_absences(0, missing)])


def _absences(odd: int, missing: int) -> list[str]:
    parts = [f"{count_text(odd)} not finite"] if odd else []
    return [*parts, f"{count_text(missing)} missing"] if missing else parts
