"""Writing JSON, Parquet and text so that the same input leaves the same bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def write_text(path: Path, text: str) -> None:
    """UTF-8, LF, one newline at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((text.rstrip("\n") + "\n").encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The content, in a directory made for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Keys as given, indented by two."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def json_lines(values: Iterable[Any]) -> str:
    """One compact JSON document a line."""
    return "".join(json.dumps(v, ensure_ascii=False, allow_nan=False) + "\n" for v in values)


def write_parquet(path: Path, columns: Mapping[str, pa.Array]) -> None:
    """One small Parquet file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path, compression="zstd")


def npz_bytes(arrays: Mapping[str, np.ndarray[Any, Any]]) -> bytes:
    """A compressed .npz; numpy dates its members 1980, so the bytes are stable."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
    return buffer.getvalue()


def zip_bytes(content_by_name: Mapping[str, bytes]) -> bytes:
    """A .zip whose members are all dated 1980, so that the bytes are stable."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in content_by_name.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def rounded(value: float, digits: int = 6) -> float:
    """The value to so many significant digits: processors differ in the last ones."""
    return float(f"{value:.{digits}g}")


def json_number(value: float) -> float | str:
    """The number, or the string DESIGN wants for one that is not finite."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return rounded(value)


def rfc3339(moment: datetime) -> str:
    """Milliseconds and Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def moment(text: str, *, plus_s: float = 0.0) -> datetime:
    """`2026-11-09 14:02:31` in UTC, and so many seconds later."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(seconds=plus_s)


def sha256_hex(content: bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def fake_commit(name: str) -> str:
    """Forty hex digits that stay the same for the same name."""
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def ulid(created: datetime, seed: str) -> str:
    """A ULID whose random half comes from a seed (https://github.com/ulid/spec)."""
    milliseconds = int(created.timestamp() * 1000)
    random = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:10], "big")
    number = (milliseconds << 80) | random
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def payload_digest(value: Any) -> str:
    """`sha256:` and the first 32 hex digits of SHA-256 over RFC 8785 JSON."""
    return "sha256:" + sha256_hex(canonical_json(value).encode())[:32]


def canonical_json(value: Any) -> str:
    """RFC 8785: keys by UTF-16 code units, numbers as ECMAScript prints them."""
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        return ecmascript_number(value)
    if isinstance(value, Mapping):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{canonical_json(k)}:{canonical_json(v)}" for k, v in pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(canonical_json(member) for member in value) + "]"
    raise TypeError(f"no JSON for {type(value).__name__}")


def ecmascript_number(value: float) -> str:
    """ECMA-262 Number::toString of a finite number."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        raise ValueError(f"no JSON number for {value}")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, exponent = _shortest(abs(value))
    point = exponent + len(digits)
    if 0 < point <= 21:
        whole = digits.ljust(point, "0")
        tail = whole[point:]
        return sign + whole[:point] + ("." + tail if tail else "")
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _shortest(value: float) -> tuple[str, int]:
    """Shortest round-trip digits without trailing zeros, and the power of ten of the last."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = whole + fraction
    power = int(exponent or 0) - len(fraction)
    stripped = digits.rstrip("0")
    power += len(digits) - len(stripped)
    return stripped.lstrip("0"), power


def base64_hex(text: str) -> str:
    """The hex id of a base64 id, as OTLP JSON wants it."""
    return base64.b64decode(text).hex()
