"""Samples of evals: one line each, appended to `evals/<eval>.jsonl` by any process of the run.

All processes share one file, so each append is alone with it: a line that a killed process left
unfinished is taken back first, else it would spoil the next.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sitegen.bundle.paths import PathError, check_relative
from sitegen.sdk.faults import Faults, LogTypeError, LogValueError
from sitegen.sdk.values import (
    found,
    json_number,
    json_object,
    name_of,
    number,
    plain,
    tags,
    text,
    whole,
)

FOLDER = "evals"
_USAGE = {"input_tokens", "output_tokens", "cached_tokens", "cost_usd", "model"}
_TAIL_BYTES = 1 << 16


def eval_path(name: object) -> str:
    """`evals/<eval>.jsonl`; the name of an eval is the name of its file.

    Raises:
        LogValueError: if no file can be called so.
    """
    checked = name_of("an eval", name)
    path = f"{FOLDER}/{checked}.jsonl"
    try:
        check_relative(f"{checked}.jsonl")
    except PathError as error:
        raise LogValueError(f"{checked!r} cannot name the file of an eval") from error
    if "/" in checked or checked.startswith(".") or len(checked.encode()) > 200:
        raise LogValueError(
            f"{checked!r} cannot name the file of an eval: expected at most 200 bytes without / and"
            " without a dot at the beginning"
        )
    return path


def sample_line(sample: Mapping[str, Any]) -> bytes:
    """The line of a sample whose fields are as `Run.log_sample` takes them.

    Raises:
        LogTypeError: naming the field and what is accepted.
    """
    entry: dict[str, Any] = {"id": _sample_id(sample["id"])}
    epoch = whole("epoch", sample["epoch"])
    if epoch < 1:
        raise LogValueError(f"epoch must be 1 or more, got {epoch}")
    entry["epoch"] = epoch
    entry |= {
        key: plain(key, sample[key])
        for key in ("input", "output", "target")
        if sample[key] is not None
    }
    if sample["metadata"] is not None:
        entry["metadata"] = json_object("metadata", sample["metadata"])
    entry["scores"] = _scores(sample["scores"])
    if sample["error"] is not None:
        entry["error"] = _error_text(sample["error"])
    if sample["tags"] is not None:
        entry["tags"] = list(tags(sample["tags"]))
    if sample["trace_ids"] is not None:
        entry["trace_ids"] = _trace_ids(sample["trace_ids"])
    if sample["duration_s"] is not None:
        entry["duration_s"] = json_number(number("duration_s", sample["duration_s"]))
    if sample["usage"] is not None:
        entry["usage"] = _usage(sample["usage"])
    if sample["cluster"] is not None:
        entry["cluster"] = _sample_id(sample["cluster"])
    return f"{json.dumps(entry, ensure_ascii=False, allow_nan=False)}\n".encode()


def _sample_id(value: object) -> str | int:
    if isinstance(value, bool) or value is None or value == "":
        raise LogTypeError(f"the id of a sample must be a string or integer, got {found(value)}")
    return text("id", value) if isinstance(value, str) else whole("id", value)


def _scores(scores: object) -> dict[str, Any]:
    if not isinstance(scores, Mapping | None):
        raise LogTypeError(f"scores must be a mapping, got {found(scores)}")
    return {name_of("a scorer", name): _score(name, one) for name, one in (scores or {}).items()}


def _trace_ids(ids: object) -> list[str]:
    """Ids of traces; one alone and the integers of OpenTelemetry are taken, too."""
    given = [ids] if isinstance(ids, str | int) else ids
    if not isinstance(given, Iterable):
        raise LogTypeError(f"trace_ids must be a list of hex ids, got {found(ids)}")
    return [f"{one:032x}" if isinstance(one, int) else text("trace_ids", one) for one in given]


def _score(name: str, score: Any) -> Any:
    """A number, boolean, string or null, or an object with one of them as `value`."""
    if isinstance(score, Mapping):
        unknown = sorted(set(score) - {"value", "rationale", "error", "metadata"}, key=str)
        if unknown:
            raise LogTypeError(
                f"score “{name}”: {unknown[0]!r} is not one of value, rationale, error, metadata"
            )
        rest = {key: plain(f"{name}.{key}", score[key]) for key in score if key != "value"}
        return {"value": _score(name, score.get("value")), **rest}
    plain_score = plain(f"score {name}", score)
    if isinstance(plain_score, list | dict):
        raise LogTypeError(
            f"score “{name}” must be a number, boolean, string or None, got {found(score)}"
        )
    return plain_score


def _error_text(error: object) -> str:
    if isinstance(error, BaseException):
        return f"{type(error).__name__}: {error}"
    return text("error", error)


def _usage(usage: object) -> dict[str, Any]:
    if not isinstance(usage, Mapping) or not set(usage) <= _USAGE:
        raise LogTypeError(f"usage must be a mapping of {', '.join(sorted(_USAGE))}")
    return {
        key: text(key, value) if key == "model" else json_number(number(key, value))
        for key, value in usage.items()
        if value is not None
    }


def append_line(path: Path, line: bytes, faults: Faults) -> None:
    """*line* is the last of the file, whole, whatever other processes do."""
    with faults.guard(f"{path.parent.name}/{path.name}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o644)
        try:
            _lock(descriptor)
            end = _whole_end(descriptor)
            written = 0
            try:
                while written < len(line):
                    written += os.write(descriptor, line[written:])
            except OSError:
                os.ftruncate(descriptor, end)
                raise
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:  # a network disk without locks
        return


def _whole_end(descriptor: int) -> int:
    """Size of the file, cut after its last whole line."""
    end = size = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _TAIL_BYTES)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        end = start + newline + 1 if newline >= 0 else start
        if newline >= 0:
            break
    if end < size:
        os.ftruncate(descriptor, end)
    return end
