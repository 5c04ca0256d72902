"""One line of evals/<eval>.jsonl becomes a `Sample`, whatever is wrong with parts of it.

Floor 2. The format is `bundle/schema.py: SampleLine`, for example

    {"id": 7, "input": "2+2", "output": "4", "target": "4", "scores": {"correct": true}}

A line that fits is converted at once by msgspec. One that does not is converted field by field and
score by score, so that a fault costs only the field or the score it is in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from sitegen.bundle.schema import SampleLine, ScoreEntry, UsageEntry
from sitegen.errors import Problem
from sitegen.model import Json, Sample, Score, ScoreValue, Usage
from sitegen.read.files import Report

_FIELDS = {field.name: field for field in msgspec.structs.fields(SampleLine)}
_USAGE_FIELDS = {field.name: field for field in msgspec.structs.fields(UsageEntry)}
_SCORE_FIELDS = frozenset(field.name for field in msgspec.structs.fields(ScoreEntry))
NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_EXPECTED = {
    "id": "a string or an integer",
    "epoch": "an integer from 1",
    "scores": "an object of scores by scorer",
    "error": "a string",
    "tags": "a list of strings",
    "metadata": "an object",
    "trace_ids": "a list of hex strings",
    "trace_id": "a hex string",
    "duration_s": "a number of seconds",
    "usage": "an object",
    "cluster": "a string or an integer",
}
_LONGEST_FOUND = 60
MOST = 10**12
"""Largest epoch and token count taken at its word; sums of them stay exact in int64."""

Fault = Callable[[str, str, str], None]
"""Takes code, message and hint of a fault in the line at hand."""


def sample_of(fields: Mapping[str, Json], *, path: str, line: int, report: Report) -> Sample:
    """The sample that the decoded line *fields* holds; faults go to *report*."""

    def fault(code: str, message: str, hint: str) -> None:
        report(
            Problem(code=code, severity="warning", path=path, line=line, message=message, hint=hint)
        )

    try:
        entry = msgspec.convert(fields, SampleLine)
    except msgspec.ValidationError:
        entry = _convert_each(fields, line, fault)
    return Sample(
        id=str(entry.id),
        epoch=_whole(entry.epoch, "epoch", fault) or 1,
        input=entry.input,
        output=entry.output,
        target=entry.target,
        scores=_scores(entry, fields.get("scores")),
        error=entry.error,
        tags=tuple(entry.tags or ()),
        metadata=_metadata(entry, fields),
        trace_ids=_trace_ids(entry),
        duration_s=_finite(entry.duration_s, "duration_s", fault),
        usage=_usage(entry.usage, fault),
        cluster=None if entry.cluster is None else str(entry.cluster),
        line=line,
    )


def _convert_each(fields: Mapping[str, Json], line: int, fault: Fault) -> SampleLine:
    """The line with every field that does not fit left out and told."""
    good: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in _FIELDS:
            continue
        match name:
            case "scores" if isinstance(value, dict):
                good[name] = _convert_scores(value, fault)
            case "usage" if isinstance(value, dict):
                good[name] = _convert_usage(value, fault)
            case "error" if not isinstance(value, str):
                good[name] = _convert_error(value, fault)
            case "epoch" if isinstance(value, float) and value.is_integer() and value >= 1:
                good[name] = int(value)
            case "id":
                if isinstance(value, str | int) and not isinstance(value, bool):
                    good[name] = value
            case _:
                _convert_field(name, value, good, fault)
    if "id" not in good:
        good["id"] = f"line-{line}"
        message = "the sample has no id"
        if "id" in fields:
            message = f"id must be {_EXPECTED['id']}, found {found_text(fields['id'])}"
        fault(
            "sample-without-id",
            message,
            f"It is shown as line-{line}; annotations and comparisons need an id that stays.",
        )
    return SampleLine(**good)


def _convert_field(name: str, value: Json, good: dict[str, Any], fault: Fault) -> None:
    try:
        good[name] = msgspec.convert(value, _FIELDS[name].type)
    except msgspec.ValidationError:
        if value is not None:  # null where a field has a default says nothing more than no field
            _tell(name, value, _EXPECTED[name], fault)


def _convert_scores(scores: dict[str, Json], fault: Fault) -> dict[str, Any]:
    good: dict[str, Any] = {}
    for scorer, value in scores.items():
        try:
            good[scorer] = msgspec.convert(value, float | bool | str | ScoreEntry | None)
        except msgspec.ValidationError:
            good[scorer] = _convert_score(scorer, value, fault)
    return good


def _convert_score(scorer: str, value: Json, fault: Fault) -> ScoreEntry | None:
    """What fits of a score that does not fit as a whole."""
    name = f"score {scorer}"
    if not isinstance(value, dict):
        _tell(name, value, "a number, a boolean, a string or null", fault)
        return None
    good: dict[str, Any] = {}
    for field in msgspec.structs.fields(ScoreEntry):
        part = value.get(field.name)
        try:
            good[field.name] = msgspec.convert(part, field.type)
        except msgspec.ValidationError:
            expected = {
                "value": "a number, a boolean, a string or null",
                "metadata": "an object",
            }.get(field.name, "a string")
            _tell(f"{name}: {field.name}", part, expected, fault)
    return ScoreEntry(**good)


def _convert_usage(usage: dict[str, Json], fault: Fault) -> UsageEntry:
    good: dict[str, Any] = {}
    for name, field in _USAGE_FIELDS.items():
        value = usage.get(name)
        if isinstance(value, float) and value.is_integer() and name != "cost_usd":
            value = int(value)
        try:
            good[name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            expected = "a string" if name == "model" else "a number"
            _tell(f"usage.{name}", value, expected, fault)
    return UsageEntry(**good)


def _convert_error(value: Json, fault: Fault) -> str | None:
    """An error in another form is still an error: its JSON text."""
    if value is None or value is False:
        return None
    fault(
        "wrong-type",
        f"error must be {_EXPECTED['error']}, found {found_text(value)}",
        "The sample counts as errored; the error is shown as JSON.",
    )
    return json.dumps(value, ensure_ascii=False)


def _tell(name: str, value: Json, expected: str, fault: Fault) -> None:
    fault(
        "wrong-type",
        f"{name} must be {expected}, found {found_text(value)}",
        "It counts as missing; the rest of the sample is kept.",
    )


def found_text(value: Json) -> str:
    """What was found, short: its JSON if that fits on a line, else its kind and size."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_FOUND else f"{text[: _LONGEST_FOUND - 1]}…"


def _scores(entry: SampleLine, raw: Json) -> dict[str, Score | ScoreValue]:
    scores: dict[str, Score | ScoreValue] = {}
    for scorer, value in entry.scores.items():
        if isinstance(value, ScoreEntry):
            extra = dict(value.metadata or {})
            for key, part in raw[scorer].items():
                if key not in _SCORE_FIELDS:
                    extra.setdefault(key, part)
            scores[scorer] = Score(
                value=_score_value(value.value),
                rationale=value.rationale,
                error=value.error,
                metadata=extra,
            )
        else:
            scores[scorer] = _score_value(value)
    return scores


def _score_value(value: ScoreValue) -> ScoreValue:
    return NON_FINITE.get(value, value) if isinstance(value, str) else value


def _metadata(entry: SampleLine, fields: Mapping[str, Json]) -> dict[str, Json]:
    """The metadata, joined by keys of the line and of its usage that the format does not know."""
    metadata = dict(entry.metadata or {})
    for key, value in fields.items():
        if key not in _FIELDS:
            metadata[f"line.{key}" if key in metadata else key] = value
    usage = fields.get("usage")
    if isinstance(usage, dict):
        for key, value in usage.items():
            if key not in _USAGE_FIELDS:
                metadata.setdefault(f"usage.{key}", value)
    return metadata


def _trace_ids(entry: SampleLine) -> tuple[str, ...]:
    ids = [*(entry.trace_ids or ()), *((entry.trace_id,) if entry.trace_id else ())]
    return tuple(dict.fromkeys(text.strip().lower() for text in ids if text.strip()))


def _usage(entry: UsageEntry | None, fault: Fault) -> Usage | None:
    if entry is None:
        return None
    return Usage(
        input_tokens=_whole(entry.input_tokens, "usage.input_tokens", fault),
        output_tokens=_whole(entry.output_tokens, "usage.output_tokens", fault),
        cached_tokens=_whole(entry.cached_tokens, "usage.cached_tokens", fault),
        cost_usd=_finite(entry.cost_usd, "usage.cost_usd", fault),
        model=entry.model,
    )


def _finite(value: float | None, name: str, fault: Fault) -> float | None:
    if value is None or math.isfinite(value):
        return value
    _tell(name, value, "a finite number", fault)
    return None


def _whole(value: int | None, name: str, fault: Fault) -> int | None:
    if value is None or 0 <= value <= MOST:
        return value
    _tell(name, value, f"a whole number from 0 to {MOST:,}", fault)
    return None
