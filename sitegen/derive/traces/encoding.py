"""JSON of spans as pages read it: integers and non-finite numbers exact, lone surrogates gone.

Floor 3. msgspec writes it in one pass, ten times as fast as the standard library; it would write
NaN as null, so that attributes go through `exact` first.
"""

from __future__ import annotations

import math

import msgspec

from sitegen.model import Json

_EXACT_INTEGER = 2**53
_encode = msgspec.json.Encoder(order="sorted").encode


def exact(value: Json) -> Json:
    """*value* with integers that a browser would round, NaN and infinities as texts."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if -_EXACT_INTEGER <= value <= _EXACT_INTEGER else str(value)
    if kind is float:
        return value if math.isfinite(value) else _non_finite(value)
    if kind is dict:
        return {key: exact(member) for key, member in value.items()}
    return [exact(member) for member in value]


def encoded(value: Json) -> bytes:
    """*value*, whose attributes are exact, as JSON with sorted keys."""
    try:
        return _encode(value)
    except (ValueError, OverflowError):  # lone surrogates, integers beyond 64 bits
        return _encode(_clean(exact(value)))


def _non_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _clean(value: Json) -> Json:
    """*value* with U+FFFD for lone surrogates, which UTF-8 cannot hold."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_clean(key): _clean(member) for key, member in value.items()}
        case list():
            return [_clean(member) for member in value]
    return value
