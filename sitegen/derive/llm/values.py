"""Values of attributes as instrumentations write them: numbers as texts, JSON inside of texts.

Floor 3.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from sitegen.model import Json


def first_text(attributes: Mapping[str, Json], keys: tuple[str, ...]) -> str | None:
    """The first non-empty text under *keys*; quotes that MLflow writes around texts are dropped."""
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, str) and value.strip('"'):
            return value.strip('"')
    return None


def number(value: Json) -> float | None:
    """A finite number, also written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def lenient_json(value: Json) -> Json:
    """The value that a text of JSON stands for; the text itself if it is none."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "[", '"'}:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
