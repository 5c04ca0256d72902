"""Annotations written by code: a sidecar each, as a person's would be."""

from __future__ import annotations

import os
import time
from typing import Any

from sitegen.bundle.sidecars import FOLDER, sidecar_text
from sitegen.sdk.faults import LogTypeError, LogValueError
from sitegen.sdk.values import found, name_of, text, whole
from sitegen.units import rfc3339

__all__ = ["FOLDER", "encode", "new_ulid", "sidecar", "target_of"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HEX = set("0123456789abcdef")


def new_ulid() -> str:
    """26 characters that sort by time (github.com/ulid/spec)."""
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))


def sidecar(
    *, target: dict[str, Any], name: object, value: object, kind: str | None,
    rationale: str | None, user: str | None,
) -> dict[str, Any]:  # fmt: skip
    """The document of a new sidecar, keys in the order of the format.

    Raises:
        LogTypeError: if *value* does not suit *kind*.
    """
    if not isinstance(value, bool | str | int):
        raise LogTypeError(
            f"annotation “{name}”: {found(value)} is not a boolean, string or integer"
        )
    kind = kind or ("feedback" if isinstance(value, bool) else "expectation")
    if kind not in {"feedback", "expectation"}:
        raise LogValueError(f"kind must be feedback or expectation, got {kind!r}")
    if kind == "feedback" and not isinstance(value, bool):
        raise LogTypeError(f"annotation “{name}”: feedback is True or False, got {found(value)}")
    now_ns = time.time_ns() // 1_000_000 * 1_000_000
    document = {
        "format": 1,
        "id": new_ulid(),
        "kind": kind,
        "target": target,
        "name": name_of("an annotation", name)[:200],
        "value": text("value", value) if isinstance(value, str) else value,
        "rationale": None if rationale is None else text("rationale", rationale),
        "user": None if user is None else text("user", user),
        "created_at": rfc3339(now_ns),
    }
    return {key: one for key, one in document.items() if one is not None}


def encode(document: dict[str, Any]) -> bytes:
    """The text of a sidecar."""
    return sidecar_text(document).encode()


def target_of(
    *, eval: str | None, sample_id: str | int | None, epoch: int, trace_id: str | None,
    span_id: str | None, metric: str | None, step: int | None,
) -> dict[str, Any]:  # fmt: skip
    """`target` of a sidecar: a sample, a span, a step of a metric, or else the run.

    Raises:
        LogValueError: if half of a target is given, or two.
    """
    pairs: dict[str, dict[str, Any]] = {
        "sample": {"eval": eval, "sample_id": sample_id},
        "span": {"trace_id": trace_id, "span_id": span_id},
        "metric": {"name": metric, "step": step},
    }
    given = {kind for kind, keys in pairs.items() if any(one is not None for one in keys.values())}
    if len(given) > 1:
        raise LogValueError(f"an annotation has one target, got {' and '.join(sorted(given))}")
    if not given:
        return {"type": "run"}
    (kind,) = given
    missing = [key for key, value in pairs[kind].items() if value is None]
    if missing:
        raise LogValueError(f"the target is a {kind}, but {missing[0]} is not given")
    if kind == "sample":
        id = sample_id if isinstance(sample_id, str) else whole("sample_id", sample_id)
        return {
            "type": kind,
            "eval": text("eval", eval),
            "sample_id": id,
            "epoch": whole("epoch", epoch),
        }
    if kind == "metric":
        return {"type": kind, "name": text("metric", metric), "step": whole("step", step)}
    return {"type": kind, "trace_id": _hex(trace_id, 32), "span_id": _hex(span_id, 16)}


def _hex(value: object, digits: int) -> str:
    """Hex digits of an id; OpenTelemetry has them as integers."""
    shown = f"{value:0{digits}x}" if isinstance(value, int) else str(value).lower()
    if len(shown) != digits or not set(shown) <= _HEX:
        raise LogValueError(f"{value!r} is not an id of {digits} hex digits")
    return shown
