"""What callers log becomes numbers and JSON; NumPy, torch and pandas are known without importing.

A wrong type raises `LogTypeError` with the key, what was found and what is accepted.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sitegen.sdk.faults import LogTypeError, LogValueError

if TYPE_CHECKING:
    from sitegen.model import Json

_NUMBERS = "a number: int, float, bool, or a scalar of NumPy, torch, JAX or pandas"
_JSON = (
    "None, bool, int, float, str, dates, paths, enums, dataclasses, arrays, and mappings and"
    " sequences of them"
)
_MOST_MEMBERS = 1_000_000
_DEEPEST = 60
_INT64 = 2**63
_SURROGATE = re.compile("[\ud800-\udfff]")


def number(key: str, value: object) -> float | int:
    """*value* as a Python number, of one of the plain types.

    Raises:
        LogTypeError: if it is none.
        LogValueError: if it does not fit a double.
    """
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return _fitting(key, value)
    if isinstance(value, Decimal | Fraction):
        return _fitting(key, value)
    scalar = _scalar(value)
    if scalar is value or isinstance(scalar, str | bytes | complex):
        raise LogTypeError(f"“{key}”: {found(value)} is not {_NUMBERS}")
    return number(key, scalar)


def _fitting(key: str, value: float | Decimal | Fraction) -> float | int:
    try:
        nearest = float(value)
    except OverflowError:
        raise LogValueError(f"“{key}”: the number is beyond the range of a double") from None
    except ValueError:
        raise LogValueError(f"“{key}”: a signaling NaN is no number") from None
    return int(value) if isinstance(value, int) and abs(value) < _INT64 else nearest


def _scalar(value: object) -> object:
    """The Python number in a NumPy, torch or JAX scalar or array of one element; else *value*."""
    unpack = getattr(value, "item", None)
    if unpack is None or isinstance(value, type | Mapping):
        return value
    try:
        return unpack()
    except (TypeError, ValueError, RuntimeError):  # RuntimeError: torch, of many elements
        return value


def whole(key: str, value: object) -> int:
    """*value* as an integer of 64 bits: a step, an epoch."""
    found_number = number(key, value)
    if not math.isfinite(found_number) or found_number != int(found_number):
        raise LogTypeError(f"“{key}”: {found(value)} is not a whole number")
    if abs(found_number) >= _INT64:
        raise LogValueError(f"“{key}”: {found_number} is beyond 64 bits")
    return int(found_number)


def time_us(key: str, value: object) -> int:
    """Microseconds since 1970 of a datetime (UTC if naive) or of seconds since 1970."""
    if isinstance(value, datetime):
        from datetime import UTC

        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1_000_000)
    seconds = number(key, value)
    if not abs(seconds) < 1e12:
        raise LogValueError(f"“{key}”: {found(value)} is not a time in seconds since 1970")
    return round(seconds * 1_000_000)


def text(key: str, value: object) -> str:
    """*value*, which is a string, without lone surrogates."""
    if not isinstance(value, str):
        raise LogTypeError(f"“{key}”: {found(value)} is not a string")
    return clean(value)


def clean(value: str) -> str:
    """The same text with U+FFFD for what UTF-8 cannot hold."""
    return value if value.isascii() else _SURROGATE.sub("\ufffd", value)


def name_of(what: str, value: object) -> str:
    """*value* as the name of *what*: a string that is not empty.

    Raises:
        LogTypeError: if it is no string.
        LogValueError: if nothing of it can be seen.
    """
    if not isinstance(value, str):
        raise LogTypeError(f"the name of {what} must be a string, got {found(value)}")
    if not value.strip():
        raise LogValueError(f"the name of {what} is empty")
    return clean(value)


def plain(key: str, value: object) -> Json:
    """*value* as JSON: NaN and infinities as strings, keys as strings, arrays as lists."""
    return _plain(key, value, 0)


def _plain(key: str, value: Any, depth: int) -> Json:
    if depth > _DEEPEST:
        raise LogValueError(f"“{key}” is nested more than {_DEEPEST} levels deep")
    match value:
        case None | bool():
            return value
        case Enum():
            return _plain(key, value.value, depth + 1)
        case str():
            return clean(str(value))
        case int():
            return int(value) if abs(value) < _INT64 else str(int(value))
        case float():
            return json_number(float(value))
        case Decimal() | Fraction():
            return json_number(_fitting(key, value))
        case datetime() | date() | time():
            return value.isoformat()
        case PurePath():
            return clean(value.as_posix())
        case Mapping():
            return _mapping(key, value, depth)
        case Sequence() | AbstractSet() if not isinstance(value, bytes | bytearray | memoryview):
            members = value if isinstance(value, Sequence) else sorted(value, key=repr)
            return _list(key, members, depth)
    return _other(key, value, depth)


def _other(key: str, value: Any, depth: int) -> Json:
    if isinstance(value, SimpleNamespace) or type(value).__name__ == "Namespace":
        return _mapping(key, vars(value), depth)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return _mapping(key, fields, depth)
    scalar = _scalar(value)
    if scalar is not value:
        return _plain(key, scalar, depth + 1)
    to_list = getattr(value, "tolist", None)
    if to_list is not None and not isinstance(value, type):
        return _plain(key, to_list(), depth + 1)
    raise LogTypeError(f"“{key}”: {found(value)} is not one of {_JSON}")


def _mapping(key: str, value: Mapping[Any, Any], depth: int) -> dict[str, Json]:
    plain_value: dict[str, Json] = {}
    for name, member in value.items():
        if not isinstance(name, str | int | float | Enum | PurePath):
            raise LogTypeError(f"“{key}”: the key {found(name)} is not a string")
        shown = clean(str(name.value if isinstance(name, Enum) else name))
        plain_value[shown] = _plain(f"{key}.{shown}" if key else shown, member, depth + 1)
    return plain_value


def _list(key: str, members: Sequence[Any], depth: int) -> list[Json]:
    if len(members) > _MOST_MEMBERS:
        raise LogValueError(f"“{key}” has more than {_MOST_MEMBERS:,} members")
    return [_plain(f"{key}[{index}]", member, depth + 1) for index, member in enumerate(members)]


def json_number(value: float) -> float | str:
    """The number, or the text that stands for it in files if it is not finite."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def found(value: object) -> str:
    """`"0.3" (str)`: a value as an error names it."""
    if value is None:
        return "None"
    shown = repr(value) if isinstance(value, str | bytes | int | float) else ""
    kind = type(value).__name__
    if not shown:
        shape = getattr(value, "shape", None)
        one = f"{'an' if kind[:1].lower() in 'aeiou' else 'a'} {kind}"
        return f"{one} of shape {tuple(shape)}" if isinstance(shape, tuple) else one
    return f"{shown[:80]} ({kind})"


def json_object(key: str, value: object) -> dict[str, Json]:
    """*value*, which is a mapping (or a namespace or dataclass), as a JSON object.

    Raises:
        LogTypeError: if it is none, or holds what JSON cannot.
    """
    if isinstance(value, Mapping):
        return _mapping("", value, 0)
    plain_value = None if isinstance(value, str) else plain(key, value)
    if not isinstance(plain_value, dict):
        raise LogTypeError(f"{key} must be a mapping, got {found(value)}")
    return plain_value


def tags(value: object) -> tuple[str, ...]:
    """Labels: strings, each once, in the order given."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise LogTypeError(f"tags must be a list of strings, got {found(value)}")
    return tuple(dict.fromkeys(name_of("a tag", one) for one in value))
