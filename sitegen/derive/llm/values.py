"""Values of attributes as instrumentations write them: numbers as texts, JSON inside of texts.

Floor 3.
"""

from __future__ import annotations

import json
import math

import msgspec

from sitegen.model import Json

_decode = msgspec.json.Decoder().decode


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
        return _decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # a second look by the laxer parser: bare NaN, lone surrogates
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
