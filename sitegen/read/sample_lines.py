"""A line of evals/<eval>.jsonl that is as the format says, decoded straight into a `Sample`.

Floor 2. The fast way of `read/evals.py`, eight times as fast as converting decoded JSON. It gives
up (None) on every line that is not quite as expected: unknown or repeated keys, other types,
numbers that JSON lacks, bad UTF-8. `read/samples.py` then reads that line; where both can, the
result is the same (a property test holds them together).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple

from sitegen.model import Json, Sample, Score, Usage
from sitegen.read.jsonline import JsonLineError, decode_json_line
from sitegen.read.samples import MOST, NON_FINITE


class _Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """`bundle/schema.py: SampleLine`, with what is not there told apart from null."""

    id: str | int
    epoch: Annotated[int, Meta(ge=1, le=MOST)] | UnsetType = UNSET
    input: Any = UNSET
    output: Any = UNSET
    target: Any = UNSET
    scores: dict[str, float | bool | str | Score | None] | UnsetType = UNSET
    error: str | UnsetType | None = UNSET
    tags: tuple[str, ...] | UnsetType | None = UNSET
    metadata: dict[str, Any] | UnsetType | None = UNSET
    trace_ids: list[str] | UnsetType | None = UNSET
    trace_id: str | UnsetType | None = UNSET
    duration_s: float | UnsetType | None = UNSET
    usage: Usage | UnsetType | None = UNSET
    cluster: str | int | UnsetType | None = UNSET


_decode = msgspec.json.Decoder(_Line).decode
_FIELDS = len(_Line.__struct_fields__)
_USAGE_FIELDS = len(Usage.__struct_fields__)
_PASSED, _FAILED, _NO_SCORE = (
    Score(value=value) for value in (True, False, None)
)  # most scores; frozen, so that samples may share them
_UNLIKELY = 1 << 40
_LEVELS_ABOVE = 4
"""Levels of a line above the metadata of a score."""


def sample_of_line(content: bytes, number: int, depth_limit: int) -> Sample | None:
    """The sample on line *number*; None if the line needs the slow way."""
    try:
        line = _decode(content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    scores: dict[str, Score] = {}
    strings = _take_scores(line.scores, scores) if line.scores else 0
    strings += _strings_of(line, depth_limit - _LEVELS_ABOVE)
    if not _has_strings(content, strings) and not _is_sound(content, depth_limit):
        return None
    ids = line.trace_ids
    return Sample(
        id=line.id if line.id.__class__ is str else str(line.id),
        epoch=line.epoch or 1,
        input=None if line.input is UNSET else line.input,
        output=None if line.output is UNSET else line.output,
        target=None if line.target is UNSET else line.target,
        scores=scores,
        error=None if line.error is UNSET else line.error,
        tags=line.tags or (),
        metadata=line.metadata or {},
        trace_ids=_trace_ids(ids or (), line.trace_id) if ids or line.trace_id else (),
        duration_s=None if line.duration_s is UNSET else line.duration_s,
        usage=line.usage or None,
        cluster=None if line.cluster is UNSET or line.cluster is None else str(line.cluster),
        line=number,
    )


def _has_strings(content: bytes, strings: int) -> bool:
    """Whether the line has just as many strings: then no key was lost to another of its name.

    It takes a tenth of the time of collecting the keys. An escaped quote ends no string; where a
    backslash is escaped it is not told from one, and the answer is no.
    """
    quotes = content.count(b'"')
    if b"\\" in content:
        if b"\\\\" in content:
            return False
        quotes -= content.count(b'\\"')
    return quotes == 2 * strings


def _take_scores(
    raw: Mapping[str, float | bool | str | Score | None], scores: dict[str, Score]
) -> int:
    """Adds the scores of *raw* to *scores*; the number of strings they take as JSON."""
    strings = len(raw)
    for name, value in raw.items():
        if isinstance(value, bool):
            scores[name] = _PASSED if value else _FAILED
        elif isinstance(value, float):
            scores[name] = Score(value=value)
        elif isinstance(value, Score):
            label = value.value.__class__ is str
            scores[name] = _with_number(value) if label else value
            strings += label + (value.value is not None)
            strings += 2 * ((value.rationale is not None) + (value.error is not None))
            if value.metadata:
                strings += 1 + _nested_strings(value.metadata, 8)
        elif isinstance(value, str):
            scores[name] = Score(value=NON_FINITE.get(value, value))
            strings += 1
        else:
            scores[name] = _NO_SCORE
    return strings


def _strings_of(line: _Line, levels: int) -> int:
    """Keys and texts of the line but those of its scores."""
    strings = _FIELDS - astuple(line).count(UNSET)
    for value in (line.id, line.input, line.output, line.target, line.error, line.cluster):
        if value.__class__ is str:
            strings += 1
        elif value.__class__ is dict or value.__class__ is list:
            strings += _nested_strings(value, levels)
    if line.metadata:
        strings += _nested_strings(line.metadata, levels)
    if line.usage:
        strings += _USAGE_FIELDS - astuple(line.usage).count(None) + (line.usage.model is not None)
    return strings + len(line.tags or ()) + len(line.trace_ids or ()) + bool(line.trace_id)


def _nested_strings(value: Mapping[str, Json] | list[Json], levels: int) -> int:
    """Keys and texts in *value*; an unlikely number if it is nested beyond *levels*."""
    if levels < 0:
        return _UNLIKELY
    members: Iterable[Json] = value if isinstance(value, list) else value.values()
    strings = 0 if members is value else len(value)
    for member in members:
        if member.__class__ is str:
            strings += 1
        elif member.__class__ is dict or member.__class__ is list:
            strings += _nested_strings(member, levels - 1)
    return strings


def _with_number(score: Score) -> Score:
    """The score, a text such as `NaN` in it as a number."""
    value = NON_FINITE.get(str(score.value))
    return score if value is None else msgspec.structs.replace(score, value=value)


def _is_sound(content: bytes, depth_limit: int) -> bool:
    """Whether the line is JSON without repeated keys, not too deep: found out by decoding it."""
    try:
        line = decode_json_line(content, depth_limit)
    except JsonLineError:
        return False
    return not line.duplicate_keys and not line.has_bad_bytes


def _trace_ids(ids: Sequence[str], id: str | UnsetType | None) -> tuple[str, ...]:
    if len(ids) == 1 and not id:
        text = ids[0].strip().lower()
        return (text,) if text else ()
    texts = (text.strip().lower() for text in (*ids, id or ""))
    return tuple(dict.fromkeys(text for text in texts if text))
