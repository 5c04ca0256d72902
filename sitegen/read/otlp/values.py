"""Fields of OTLP as they stand in files: ids, times, enums, attribute values.

Floor 2. The specification (opentelemetry-proto, "JSON Protobuf Encoding") allows one form of each;
writers use many more: base64 ids from protobuf's own JSON, `{"type": "Buffer"}` from Node, Long
objects from protobuf.js, enum names, snake_case. Each function takes any of them and never raises.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Mapping

from sitegen.model import Json, SpanEvent
from sitegen.records import dataclass

TRACE_ID_DIGITS = 32
SPAN_ID_DIGITS = 16
MOST_DEPTH = 32
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_DECIMAL = re.compile(r"\s*[+-]?\d{1,25}\s*\Z", re.ASCII)
_LONGEST_ID = 128
_UINT64_END = 2**64


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """A log record about a span (`gen_ai.*` message events), to be joined to it."""

    trace_id: str
    """Trace id, lower-case hex."""
    span_id: str
    """Span id, lower-case hex."""
    event: SpanEvent
    """The record as an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSignal:
    """Telemetry that is no span, met in a traces file; not a fault, only counted."""

    name: str
    """`logs`, `metrics` or `profiles`."""
    count: int
    """Log records, metrics or profiles."""
    path: str
    """File, relative to the bundle."""


def read_id(raw: Json, digits: int) -> tuple[str, bool]:
    """Lower-case hex of *digits* digits and True, or the text found and False; "" for no id.

    Hex in any case, `0x…`, base64 (also url-safe or unpadded), byte lists, Node Buffers, and hex
    that protobuf's JSON parser took for base64 (48 or 24 hex digits) are understood.
    """
    if raw is None or raw == "":
        return "", True
    if isinstance(raw, Mapping):
        raw = raw.get("data")
    if isinstance(raw, (list, tuple)):
        raw = _bytes_text(raw)
    text = str(raw)[:_LONGEST_ID].strip()
    plain = _hex_of(text, digits)
    if plain is None:
        return text, False
    return ("" if not plain.strip("0") else plain), True


def _bytes_text(members: list[Json] | tuple[Json, ...]) -> str:
    numbers = [number for number in members if isinstance(number, int) and 0 <= number <= 255]
    return bytes(numbers).hex()


def _hex_of(text: str, digits: int) -> str | None:
    bare = text[2:] if text[:2] in {"0x", "0X"} else text
    if len(bare) == digits and _HEX.match(bare):
        return bare.lower()
    if len(text) == digits * 3 // 2 and _HEX.match(text):
        original = base64.b64encode(bytes.fromhex(text)).decode()
        return original.lower() if _HEX.match(original) else None
    content = _base64_bytes(text, digits // 2)
    return None if content is None else content.hex()


def _base64_bytes(text: str, size: int) -> bytes | None:
    bare = text.rstrip("=")
    if len(bare) != math.ceil(size * 4 / 3):
        return None
    try:
        content = base64.b64decode(
            bare.replace("-", "+").replace("_", "/") + "=" * (-len(bare) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        return None
    return content if len(content) == size else None


def read_int(raw: Json) -> int | None:
    """The integer in a number, a decimal text, an integral float or a Long object, else None."""
    match raw:
        case bool():
            return int(raw)
        case int():
            return raw
        case float():
            return int(raw) if math.isfinite(raw) else None
        case str():
            return _int_of_text(raw)
        case {"low": low, "high": high}:
            low, high = read_int(low), read_int(high)
            return None if low is None or high is None else high * 2**32 + (low & 0xFFFFFFFF)
    return None


def _int_of_text(text: str) -> int | None:
    if _DECIMAL.match(text):
        return int(text)
    try:
        return read_int(float(text))
    except ValueError:
        return None


def read_time_ns(raw: Json) -> tuple[int | None, bool]:
    """Nanoseconds since the epoch, None if not recorded; and False if it is no time."""
    if raw is None or raw == "":
        return None, True
    time_ns = read_int(raw)
    if time_ns is None or not 0 <= time_ns < _UINT64_END:
        return None, False
    return (time_ns or None), True


_KINDS = {
    "UNSPECIFIED": 0,
    "INTERNAL": 1,
    "SERVER": 2,
    "CLIENT": 3,
    "PRODUCER": 4,
    "CONSUMER": 5,
}
_STATUS_CODES = {"UNSET": 0, "OK": 1, "ERROR": 2}


def read_kind(raw: Json) -> int:
    """0–5 of an integer, `"3"`, `SPAN_KIND_CLIENT`, `CLIENT` or `SpanKind.CLIENT`; else 0."""
    return _enum(raw, _KINDS, "SPAN_KIND_", 5)


def read_status_code(raw: Json) -> int:
    """0–2 of an integer, `"2"`, `STATUS_CODE_ERROR` or `ERROR`; else 0."""
    return _enum(raw, _STATUS_CODES, "STATUS_CODE_", 2)


def _enum(raw: Json, numbers: Mapping[str, int], prefix: str, most: int) -> int:
    if isinstance(raw, str):
        name = raw.strip().upper().rpartition(".")[2].removeprefix(prefix)
        if name in numbers:
            return numbers[name]
    number = read_int(raw)
    return number if number is not None and 0 <= number <= most else 0


def read_attributes(raw: Json, depth: int = 0) -> dict[str, Json]:
    """Value by key of a list of `{"key", "value"}` or of a plain object; of equal keys the last."""
    if isinstance(raw, Mapping):
        members = raw.get("values")
        if isinstance(members, list) and len(raw) == 1:
            raw = members
        else:
            return {str(key): read_any_value(value, depth + 1) for key, value in raw.items()}
    if not isinstance(raw, list):
        return {}
    return {
        str(pair.get("key", "")): read_any_value(pair.get("value"), depth + 1)
        for pair in raw
        if isinstance(pair, Mapping)
    }


def read_any_value(raw: Json, depth: int = 0) -> Json:
    """The value inside an AnyValue; a value that is none is kept as it is.

    int64 are integers, doubles floats, bytes base64 text. Deeper than 32 levels a text says so.
    """
    if depth > MOST_DEPTH:
        return f"(nested deeper than {MOST_DEPTH} levels)"
    if isinstance(raw, Mapping):
        is_any_value = False
        for key, content in raw.items():
            reader = _READERS.get(key)
            if reader is not None:
                is_any_value = True
                if content is not None:  # null is the default of proto3 JSON: not this one
                    return reader(content, depth)
        return None if is_any_value or not raw else read_attributes(raw, depth)
    if isinstance(raw, list):
        return [read_any_value(member, depth + 1) for member in raw]
    return raw


def _array(content: Json, depth: int) -> Json:
    members = content.get("values") if isinstance(content, Mapping) else content
    if not isinstance(members, list):
        return []
    return [read_any_value(member, depth + 1) for member in members]


def _integer(content: Json, _: int) -> Json:
    number = read_int(content)
    return content if number is None and isinstance(content, str) else number


def _double(content: Json, _: int) -> Json:
    try:
        return float(content)
    except (TypeError, ValueError, OverflowError):
        return content if isinstance(content, str) else None


def _boolean(content: Json, _: int) -> Json:
    return content.strip().lower() == "true" if isinstance(content, str) else bool(content)


def _bytes(content: Json, _: int) -> Json:
    if isinstance(content, Mapping):
        content = content.get("data")
    if isinstance(content, list):
        return base64.b64encode(bytes.fromhex(_bytes_text(content))).decode()
    return content if isinstance(content, str) else None


def _text(content: Json, _: int) -> Json:
    return content if isinstance(content, str) or content is None else str(content)


_READERS: Mapping[str, Callable[[Json, int], Json]] = {
    "stringValue": _text,
    "string_value": _text,
    "intValue": _integer,
    "int_value": _integer,
    "doubleValue": _double,
    "double_value": _double,
    "boolValue": _boolean,
    "bool_value": _boolean,
    "arrayValue": _array,
    "array_value": _array,
    "kvlistValue": read_attributes,
    "kvlist_value": read_attributes,
    "bytesValue": _bytes,
    "bytes_value": _bytes,
}
