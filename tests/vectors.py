"""Numbers that two programs must agree on, None and texts exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

TOLERANCE = 1e-9


def differing(found: Any, expected: Any, place: str = "") -> list[str]:
    """Where *found* is not *expected* to 1e-9, relative or absolute; empty if it is."""
    match expected:
        case Mapping():
            return [
                line
                for name, value in expected.items()
                for line in differing(found[name], value, f"{place}.{name}")
            ]
        case float() | int() if not isinstance(expected, bool) and found is not None:
            is_near = math.isclose(found, expected, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
            is_near = is_near or (math.isnan(found) and math.isnan(expected))
            return [] if is_near else [f"{place}: {found!r} is not {expected!r}"]
        case Sequence() if not isinstance(expected, str):
            if len(found) != len(expected):
                return [f"{place}: {len(found)} values are not {len(expected)}"]
            return [
                line
                for index, (one, other) in enumerate(zip(found, expected, strict=True))
                for line in differing(one, other, f"{place}[{index}]")
            ]
        case _:
            return [] if found == expected else [f"{place}: {found!r} is not {expected!r}"]
