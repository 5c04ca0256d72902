"""Digests that tie an annotation to the content it judged.

Floor 3. The digest is `sha256:` and the first 32 hex digits of SHA-256 over RFC 8785 (JCS) JSON:
keys sorted by UTF-16 code units, numbers as ECMAScript writes them, no spaces, UTF-8.
"""

from __future__ import annotations

import hashlib
import json
import math
from json.encoder import encode_basestring

import msgspec

from sitegen.model import Json
from sitegen.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorFacts:
    """A thing that annotations may target, as it is now."""

    digest: str
    """Digest of its content."""
    label: str
    """What to call it: `span chat gpt-4o in trace 9c1e…51d2`; pages/links.py knows its address."""
    path: tuple[str, ...] = ()
    """Span names from the root; empty for others."""
    ordinal: int = 0
    """Index among spans of that path by (start, span id)."""
    input: str | None = None
    """Digest of a sample's input alone, by which what was expected of it holds for other runs."""
    answer: str | None = None
    """Of a sample `answer_digest` of the output, against which expectations are held."""


def content_digest(value: Json) -> str:
    """`sha256:` + 32 hex digits of the canonical JSON of *value*."""
    return f"sha256:{hashlib.sha256(canonical_json(value)).hexdigest()[:32]}"


def canonical_json(value: Json) -> bytes:
    """*value* as RFC 8785 has it; msgspec writes the same of all but some keys and numbers."""
    if _is_plain(value):
        try:
            return _encode(value)
        except UnicodeEncodeError:  # lone surrogates
            pass
    return _canonical(value).encode("utf-8", "replace")


_encode = msgspec.json.Encoder(order="sorted").encode


def _is_plain(value: object) -> bool:
    """Whether keys sort alike and numbers are written alike in Python and in ECMAScript."""
    if isinstance(value, str | bool) or value is None:
        return True
    if isinstance(value, dict):
        if not all(map(str.isascii, value)):
            return False
        return all(type(member) is str or _is_plain(member) for member in value.values())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, int):
        return -(2**53) <= value <= 2**53
    if isinstance(value, float):
        return 1e-3 <= abs(value) < 1e15 and not value.is_integer()
    return False


def answer_digest(value: Json) -> str | None:
    """16 hex digits of what an output says in one text, integer or boolean; None for others.

    Of messages it is the text of the last one. Spaces around it do not count.
    """
    if isinstance(value, list) and value and isinstance(value[-1], dict) and "role" in value[-1]:
        value = value[-1].get("content")
    if isinstance(value, bool):
        value = "true" if value else "false"
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, (str, int)):
        return None
    text = str(value).strip().encode("utf-8", "replace")
    return hashlib.sha256(text).hexdigest()[:16]


def _canonical(value: Json) -> str:
    match value:
        case str():
            return encode_basestring(value)
        case dict():
            keys = sorted(value, key=None if all(map(str.isascii, value)) else _utf16)
            members = [f"{encode_basestring(key)}:{_canonical(value[key])}" for key in keys]
            return f"{{{','.join(members)}}}"
        case list() | tuple():
            return f"[{','.join(map(_canonical, value))}]"
        case bool() | None:
            return json.dumps(value)
        case int() | float():
            return _ecmascript_number(value)
    raise TypeError(type(value))


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _ecmascript_number(value: float) -> str:
    """The number as ECMAScript's Number::toString; non-finite ones, which JSON lacks, as
    strings.
    """
    if isinstance(value, int) and abs(value) > 2**53:
        return f'"{value}"'  # beyond double precision RFC 8785 asks for strings
    if not math.isfinite(value):
        return f'"{"NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}"'
    if value == 0:
        return "0"
    number = float(value)
    digits, exponent = _shortest_digits(abs(number))
    sign = "-" if number < 0 else ""
    if 0 < exponent <= 21:
        if len(digits) <= exponent:
            return sign + digits + "0" * (exponent - len(digits))
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    if -6 < exponent <= 0:
        return f"{sign}0.{'0' * -exponent}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent - 1)}"


def _shortest_digits(number: float) -> tuple[str, int]:
    """Digits d and exponent n with number = 0.d × 10^n, the shortest that round-trip."""
    mantissa, _, exponent = f"{number!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = (
        len(whole) + int(exponent or 0)
        if whole.strip("0")
        else (int(exponent or 0) - (len(fraction) - len(fraction.lstrip("0"))))
    )
    return digits.rstrip("0"), point
