"""Lines of evals/<eval>.jsonl that are as the format says, decoded straight into `Sample`s.

Floor 2. The fast way of `read/evals.py`, ten times as fast as converting decoded JSON. It gives
up (None) on every block of lines, and then on every line, that is not quite as expected: unknown
or repeated keys, other types, numbers that JSON lacks, bad UTF-8. `read/samples.py` then reads that
line; where both can, the result is the same (a property test holds them together).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple

from sitegen.model import Json, Sample, Score, ScoreValue, Usage
from sitegen.read.jsonline import JsonLineError, decode_json_line
from sitegen.read.lines import count_byte
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


_decoder = msgspec.json.Decoder(_Line)
_FIELDS = len(_Line.__struct_fields__)
_USAGE_FIELDS = len(Usage.__struct_fields__)
_UNLIKELY = 1 << 40
_LEVELS_ABOVE = 4
"""Levels of a line above the metadata of a score."""
_LEVELS_OF_METADATA = 8
"""Deeper metadata of a score is left to the slow way."""


def samples_of_block(block: bytes, number: int, depth_limit: int) -> list[Sample] | None:
    """The samples on whole lines, the first of which has *number*; None if one needs another way.

    Decoded at once and counted at once, they take two thirds of what they take line by line.
    """
    try:
        lines = _decoder.decode_lines(block)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if len(lines) != count_byte(block, b"\n") + (block[-1:] != b"\n"):
        return None  # blank lines: which number a sample has is not known
    samples, strings = _taken(lines, number, depth_limit - _LEVELS_ABOVE)
    return samples if strings == _strings_in(block) else None


def sample_of_line(content: bytes, number: int, depth_limit: int) -> Sample | None:
    """The sample on line *number*; None if the line needs the slow way."""
    try:
        line = _decoder.decode(content)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    samples, strings = _taken((line,), number, depth_limit - _LEVELS_ABOVE)
    if strings != _strings_in(content) and not _is_sound(content, depth_limit):
        return None
    return samples[0]


def _strings_in(content: bytes) -> int:
    """Keys and texts in JSON. If as many were decoded, no key was lost to another of its name.

    Counting takes a twentieth of the time of collecting the keys. An escaped quote ends no string.
    """
    quotes = count_byte(content, b'"')
    if b"\\" in content:
        quotes -= content.replace(b"\\\\", b"").count(b'\\"')
    return quotes // 2


def _taken(lines: Sequence[_Line], number: int, levels: int) -> tuple[list[Sample], int]:
    """The samples of *lines*, and how many keys and texts they have; every step is counted in
    tenths of microseconds: a file may have 10^6 lines.
    """
    samples: list[Sample] = []
    strings = 0
    for at, line in enumerate(lines, number):
        fields, has_words = astuple(line), False
        (id, epoch, asked, output, target, scores, error, tags, metadata, trace_ids, trace_id,
         duration_s, usage, cluster) = fields  # fmt: skip
        strings += _FIELDS - fields.count(UNSET)
        for value in (id, asked, output, target, error, cluster):
            kind = value.__class__
            if kind is str:
                strings += 1
            elif kind is dict or kind is list:
                strings += _nested_strings(value, levels)
        if scores:
            strings += len(scores)
            for score in scores.values():
                kind = score.__class__
                if kind is float or kind is bool:
                    continue
                text = score
                if kind is Score:
                    strings += _strings_of_score(score)
                    text = score.value
                if text.__class__ is str:
                    strings += 1
                    has_words = has_words or text in NON_FINITE
        if metadata:
            strings += _nested_strings(metadata, levels)
        if usage:
            strings += _USAGE_FIELDS - astuple(usage).count(None) + (usage.model is not None)
        if tags:
            strings += len(tags)
        if trace_ids or trace_id:
            strings += len(trace_ids or ()) + bool(trace_id)
        samples.append(
            Sample(
                id=id if id.__class__ is str else str(id),
                epoch=1 if epoch is UNSET else epoch,
                input=None if asked is UNSET else asked,
                output=None if output is UNSET else output,
                target=None if target is UNSET else target,
                scores=_with_numbers(scores) if has_words else scores or {},
                error=None if error is UNSET else error,
                tags=tags or (),
                metadata=metadata or {},
                trace_ids=_trace_ids(trace_ids or (), trace_id) if trace_ids or trace_id else (),
                duration_s=None if duration_s is UNSET else duration_s,
                usage=usage or None,
                cluster=None if cluster is UNSET or cluster is None else str(cluster),
                line=at,
            )
        )
    return samples, strings


def _nested_strings(value: Mapping[str, Json] | list[Json], levels: int) -> int:
    """Keys and texts in *value*; an unlikely number if it is nested beyond *levels*."""
    if levels < 0:
        return _UNLIKELY
    is_list = value.__class__ is list
    members: Iterable[Json] = value if isinstance(value, list) else value.values()
    strings = 0 if is_list else len(value)
    for member in members:
        if member.__class__ is str:
            strings += 1
        elif member.__class__ is dict or member.__class__ is list:
            strings += _nested_strings(member, levels - 1)
    return strings


def _strings_of_score(score: Score) -> int:
    """Keys and texts of *score* but a text that is its value."""
    strings = 0 if score.value is None else 1
    if score.rationale is not None:
        strings += 2
    if score.error is not None:
        strings += 2
    if score.metadata:
        strings += 1 + _nested_strings(score.metadata, _LEVELS_OF_METADATA)
    return strings


def _with_numbers(scores: Mapping[str, Score | ScoreValue]) -> dict[str, Score | ScoreValue]:
    """The scores, a text such as `NaN` among them as a number."""
    return {name: _with_number(score) for name, score in scores.items()}


def _with_number(score: Score | ScoreValue) -> Score | ScoreValue:
    if isinstance(score, str):
        return NON_FINITE.get(score, score)
    if isinstance(score, Score) and isinstance(score.value, str):
        return msgspec.structs.replace(score, value=NON_FINITE.get(score.value, score.value))
    return score


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
